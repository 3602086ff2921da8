// Real sockets of 127.0.0.1 and Unix sockets: bytes both ways, as the sink is told of them.
#include "socket_world.h"

#include <QTemporaryDir>

using namespace sessionscope;

namespace {

// A sink that wants the first bytes of every link in a place of its own.
class SinkWithRoom : public RecordingSink
{
public:
    std::function<void(LinkId)> onFilled;
    QMap<quint32, qsizetype> filled; ///< by link

    std::span<char> room(LinkId link) override
    {
        return {m_place.data(), std::size_t(m_place.size() - filled[link.value])};
    }
    void roomFilled(LinkId link, qsizetype count) override
    {
        filled[link.value] += count;
        bytes[link.value] += m_place.first(count);
        if (onFilled)
            onFilled(link);
    }

private:
    QByteArray m_place = QByteArray(50'000, '-');
};

// A sink for large packets, one behind the other: its room is empty again as soon as it was filled.
class SinkOfLargePackets : public RecordingSink
{
public:
    static constexpr qsizetype packetSize = 10'000;
    std::function<void(LinkId)> onFilled;
    qsizetype sinceTurn = 0; ///< bytes
    qsizetype mostInTurn = 0;
    qsizetype total = 0;

    std::span<char> room(LinkId) override { return {m_place.data(), std::size_t(m_place.size())}; }
    void roomFilled(LinkId link, qsizetype count) override
    {
        total += count;
        sinceTurn += count;
        if (onFilled)
            onFilled(link);
    }
    void turnEnded() override
    {
        mostInTurn = std::max(mostInTurn, std::exchange(sinceTurn, 0));
        RecordingSink::turnEnded();
    }

private:
    QByteArray m_place = QByteArray(packetSize, '-');
};

/// A connection to itself, opening.
template<class Sink> struct OneConnection
{
    Sink sink;
    TcpNetwork network;
    LinkId link{1};

    OneConnection()
    {
        network.setSink(&sink);
        network.open(link, *network.listen(*parseEndpoint(QStringLiteral("127.0.0.1:0"))));
    }
    void sendNow(const QByteArray &bytes)
    {
        network.send(link, bytes);
        network.flush();
    }
};

} // namespace

class TestTcpNetwork : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void reads_into_the_room_that_the_sink_offers()
    {
        OneConnection<SinkWithRoom> ends;
        auto &sink = ends.sink;
        QByteArray sent;
        for (int i = 0; sent.size() < 120'000; ++i)
            sent += QByteArray::number(i);
        ends.sendNow(sent);
        QVERIFY(SocketWorld::waitFor(
            [&] { return !sink.accepted.isEmpty() && sink.bytes[sink.accepted.first().value].size() == sent.size(); }));
        QCOMPARE(sink.bytes[sink.accepted.first().value], sent);
        QCOMPARE(sink.filled[sink.accepted.first().value], 50'000);
    }

    void hands_over_nothing_behind_the_room_when_the_sink_closes_there()
    {
        OneConnection<SinkWithRoom> ends;
        auto &sink = ends.sink;
        sink.onFilled = [&ends](LinkId filled) { ends.network.close(filled, CloseHow::Reset); };
        ends.sendNow(QByteArray(60'000, 'x'));
        QVERIFY(SocketWorld::waitFor(
            [&] { return !sink.accepted.isEmpty() && sink.saw(sink.accepted.first(), "closed by us"); }));
        QVERIFY(sink.filled[sink.accepted.first().value] > 0);
        QCOMPARE(sink.arrivals, 0);
    }

    // So that what they bring leaves with one write.
    void reads_several_large_packets_in_a_turn()
    {
        OneConnection<SinkOfLargePackets> ends;
        auto &sink = ends.sink;
        QVERIFY(SocketWorld::waitFor([&] { return !sink.accepted.isEmpty(); }));
        ends.sendNow(QByteArray(5 * sink.packetSize, 'x'));
        QVERIFY(SocketWorld::waitFor([&] { return sink.total > 3 * sink.packetSize; }));
        QVERIFY2(sink.mostInTurn > sink.packetSize, QByteArray::number(sink.mostInTurn));
        QVERIFY(sink.mostInTurn <= TcpNetwork::readAgainBytes + sink.packetSize);
    }

    void reads_no_further_packet_when_the_sink_has_enough()
    {
        OneConnection<SinkOfLargePackets> ends;
        auto &sink = ends.sink;
        sink.onFilled = [&ends](LinkId filled) { ends.network.setReading(filled, false); };
        ends.sendNow(QByteArray(5 * sink.packetSize, 'x'));
        QVERIFY(SocketWorld::waitFor([&] { return sink.mostInTurn > 0; }));
        QVERIFY(sink.mostInTurn <= sink.packetSize);
        QCOMPARE(sink.total, sink.mostInTurn);
    }

    void carries_bytes_both_ways_data()
    {
        QTest::addColumn<QString>("url");
        QTest::newRow("IPv4") << QStringLiteral("127.0.0.1:0");
        QTest::newRow("name") << QStringLiteral("localhost:0");
        QTest::newRow("Unix socket") << QString(QStringLiteral("unix://") +
                                                m_folder.filePath(QStringLiteral("a.sock")));
        QTest::newRow("IPv6") << QStringLiteral("[::1]:0");
    }

    // MQTT-4.2.0-1, v3:MQTT-7.1.1-1, v3:MQTT-7.1.2-1
    void carries_bytes_both_ways()
    {
        QFETCH(QString, url);
        SocketWorld world;
        if (url.contains(QStringLiteral("::1")) && !world.network.listen(*parseEndpoint(url)))
            QSKIP("this machine has no IPv6");
        QVERIFY(world.listen(url));
        LinkId client;
        LinkId server;
        QVERIFY(world.connectPair(client, server));
        world.sink.onBytes = [&](LinkId link, const QByteArray &bytes) {
            if (link == server)
                world.network.send(server, "echo ", bytes);
        };
        const QByteArray large(100'000, 'L');
        world.sendNow(client, "small ", large);
        QVERIFY(world.waitFor([&] { return world.sink.bytes[client.value].count('L') == large.size(); }));
        QCOMPARE(world.sink.bytes[server.value], QByteArray("small " + large));
        QCOMPARE(world.sink.bytes[client.value].replace("echo ", ""), QByteArray("small " + large));
        QCOMPARE(world.network.unsentBytes(client), 0);
        QCOMPARE(world.network.chunksInUse(), 0);
    }

    void calls_the_sink_only_from_its_own_turn()
    {
        SocketWorld world;
        QVERIFY(world.listen());
        LinkId client;
        LinkId server;
        QVERIFY(world.connectPair(client, server));
        const auto before = world.sink.events;
        const LinkId other = world.open();
        world.network.close(client, CloseHow::Reset);
        world.network.open(LinkId{77}, *parseEndpoint(QStringLiteral("ws://127.0.0.1")));
        QCOMPARE(world.sink.events, before);
        QVERIFY(world.waitFor([&] {
            return world.sink.saw(client, "closed by us") && world.sink.saw(other, "opened") &&
                   world.sink.saw(LinkId{77}, "failed");
        }));
    }

    void keeps_bytes_until_they_are_flushed()
    {
        SocketWorld world;
        world.sink.onTurnEnd = nullptr;
        QVERIFY(world.listen());
        LinkId client;
        LinkId server;
        QVERIFY(world.connectPair(client, server));
        world.network.send(client, "wait");
        LinkId second;
        LinkId secondServer;
        QVERIFY(world.connectPair(second, secondServer)); // turns go by
        QCOMPARE(world.network.unsentBytes(client), 4);
        QVERIFY(!world.sink.bytes.contains(server.value));
        world.network.flush();
        QVERIFY(world.waitFor([&] { return world.sink.bytes[server.value] == "wait"; }));
    }

    void sends_what_was_queued_while_connecting_data()
    {
        QTest::addColumn<QString>("url");
        QTest::newRow("TCP") << QStringLiteral("127.0.0.1:0");
        QTest::newRow("TCP by name") << QStringLiteral("localhost:0");
        QTest::newRow("Unix socket") << QString(QStringLiteral("unix://") +
                                                m_folder.filePath(QStringLiteral("b.sock")));
    }

    void sends_what_was_queued_while_connecting()
    {
        QFETCH(QString, url);
        SocketWorld world;
        world.sink.onTurnEnd = nullptr;
        QVERIFY(world.listen(url));
        const LinkId client = world.open();
        world.sendNow(client, "early");
        QVERIFY(world.waitFor([&] { return !world.sink.bytes.isEmpty() && world.sink.bytes.first() == "early"; }));
    }

    void slows_the_sender_when_the_receiver_does_not_read()
    {
        SocketWorld world;
        QVERIFY(world.listen());
        LinkId client;
        LinkId server;
        QVERIFY(world.connectPair(client, server));
        world.network.setReading(server, false);
        qsizetype sent = 0;
        const QByteArray piece(512 * 1024, 'p');
        // The system's own buffers fill first.
        QVERIFY(world.waitFor([&] {
            world.sendNow(client, "h", piece);
            sent += 1 + piece.size();
            return world.network.unsentBytes(client) > Network::highWaterMark;
        }));
        QVERIFY(world.sink.drained.isEmpty());
        world.network.setReading(server, true);
        QVERIFY(world.waitFor([&] { return world.sink.bytes[server.value].size() == sent; }));
        QCOMPARE(world.sink.drained, QList<LinkId>{client});
        QCOMPARE(world.network.unsentBytes(client), 0);
        QCOMPARE(world.network.chunksInUse(), 0);
    }

    void hands_out_read_buffers_that_may_be_kept()
    {
        SocketWorld world;
        QVERIFY(world.listen());
        LinkId client;
        LinkId server;
        QVERIFY(world.connectPair(client, server));
        QByteArrayList kept;
        world.sink.onBytes = [&](LinkId, const QByteArray &bytes) { kept.append(bytes); };
        QByteArray sent;
        for (int i = 0; i < 40; ++i)
            sent += QByteArray(20'000, char('A' + i % 26));
        world.sendNow(client, sent);
        QVERIFY(world.waitFor([&] { return world.sink.bytes[server.value].size() == sent.size(); }));
        QVERIFY(kept.join() == sent);
    }

    void does_not_pin_a_read_buffer_for_a_short_read()
    {
        SocketWorld world;
        QVERIFY(world.listen());
        LinkId client;
        LinkId server;
        QVERIFY(world.connectPair(client, server));
        qsizetype capacity = -1;
        world.sink.onBytes = [&](LinkId, const QByteArray &bytes) { capacity = bytes.capacity(); };
        world.sendNow(client, "short");
        QVERIFY(world.waitFor([&] { return capacity >= 0; }));
        QVERIFY(capacity < 100);
    }

    void ignores_unknown_links()
    {
        SocketWorld world;
        const LinkId stranger{77};
        world.network.send(stranger, "x");
        world.network.close(stranger, CloseHow::Reset);
        world.network.setReading(stranger, false);
        world.network.flush();
        QCOMPARE(world.network.unsentBytes(stranger), 0);
        QCOMPARE(world.network.slotCount(), 0);
    }

    // The way through the event loop costs as much as a read, but it has its turn.
    void lets_the_event_loop_have_its_turn_while_there_is_more_to_read_data()
    {
        QTest::addColumn<int>("turnsInRow");
        QTest::addColumn<bool>("readsAll");
        QTest::newRow("at once") << 0 << false;
        QTest::newRow("after an hour") << 3'600'000 << true;
    }
    void lets_the_event_loop_have_its_turn_while_there_is_more_to_read()
    {
        QFETCH(int, turnsInRow);
        QFETCH(bool, readsAll);
        SocketLimits limits;
        limits.turnsInRow = std::chrono::milliseconds(turnsInRow);
        SocketWorld world(limits);
        QVERIFY(world.listen(QStringLiteral("unix://") + m_folder.filePath(QStringLiteral("turns.sock"))));
        LinkId client;
        LinkId server;
        QVERIFY(world.connectPair(client, server));
        // Three reads, which the system holds.
        const QByteArray sent(2 * TcpNetwork::readSize + 1000, 't');
        world.network.setReading(server, false);
        world.sendNow(client, sent);
        QCOMPARE(world.network.unsentBytes(client), 0);
        qsizetype readByThen = 0;
        bool isAsked = false;
        world.sink.onBytes = [&](LinkId, const QByteArray &) {
            if (!std::exchange(isAsked, true))
                QMetaObject::invokeMethod(
                    this, [&] { readByThen = world.sink.bytes[server.value].size(); }, Qt::QueuedConnection);
        };
        world.network.setReading(server, true);
        QVERIFY(world.waitFor([&] { return world.sink.bytes[server.value].size() == sent.size(); }));
        QVERIFY(world.waitFor([&] { return readByThen > 0; }));
        QCOMPARE(readByThen == sent.size(), readsAll);
    }

private:
    QTemporaryDir m_folder;
};

QTEST_GUILESS_MAIN(TestTcpNetwork)
#include "tst_tcp_network.moc"
