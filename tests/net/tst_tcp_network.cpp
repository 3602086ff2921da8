// Real sockets of 127.0.0.1 and Unix sockets: bytes, ends and errors, as the sink is told of them.
#include "socket_world.h"

#include <QTemporaryDir>

#include <sys/stat.h>
#include <unistd.h>

using namespace sessionscope;

namespace {

// A listener of the system that takes no connection: its backlog is full from the start.
class DeafListener
{
public:
    bool open()
    {
        SocketAddress address = *numericAddress(QStringLiteral("127.0.0.1"), 0);
        m_listener = openSocket(AF_INET);
        if (bind(m_listener, address.get(), address.length) != 0 || ::listen(m_listener, 0) != 0)
            return false;
        port = localPort(m_listener);
        address = withPort(address, port);
        for (int &each : m_fillers) {
            each = openSocket(AF_INET);
            ::connect(each, address.get(), address.length);
        }
        return true;
    }
    ~DeafListener()
    {
        for (const int each : m_fillers)
            ::close(each);
        ::close(m_listener);
    }

    quint16 port = 0;

private:
    int m_listener = -1;
    std::array<int, 4> m_fillers{-1, -1, -1, -1};
};

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

} // namespace

class TestTcpNetwork : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void reads_into_the_room_that_the_sink_offers()
    {
        SinkWithRoom sink;
        TcpNetwork network;
        network.setSink(&sink);
        const auto endpoint = network.listen(*parseEndpoint(QStringLiteral("127.0.0.1:0")));
        QVERIFY(endpoint);
        network.open(LinkId{1}, *endpoint);
        QByteArray sent;
        for (int i = 0; sent.size() < 120'000; ++i)
            sent += QByteArray::number(i);
        network.send(LinkId{1}, sent);
        network.flush();
        QVERIFY(SocketWorld::waitFor(
            [&] { return !sink.accepted.isEmpty() && sink.bytes[sink.accepted.first().value].size() == sent.size(); }));
        QCOMPARE(sink.bytes[sink.accepted.first().value], sent);
        QCOMPARE(sink.filled[sink.accepted.first().value], 50'000);
    }

    void hands_over_nothing_behind_the_room_when_the_sink_closes_there()
    {
        SinkWithRoom sink;
        TcpNetwork network;
        network.setSink(&sink);
        const auto endpoint = network.listen(*parseEndpoint(QStringLiteral("127.0.0.1:0")));
        QVERIFY(endpoint);
        sink.onFilled = [&network](LinkId link) { network.close(link, CloseHow::Reset); };
        network.open(LinkId{1}, *endpoint);
        network.send(LinkId{1}, QByteArray(60'000, 'x'));
        network.flush();
        QVERIFY(SocketWorld::waitFor(
            [&] { return !sink.accepted.isEmpty() && sink.saw(sink.accepted.first(), "closed by us"); }));
        QVERIFY(sink.filled[sink.accepted.first().value] > 0);
        QCOMPARE(sink.arrivals, 0);
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

    void shows_fin_as_peer_after_all_bytes()
    {
        SocketWorld world;
        QVERIFY(world.listen());
        LinkId client;
        LinkId server;
        QVERIFY(world.connectPair(client, server));
        const QByteArray much(3'000'000, 'm');
        world.network.send(client, much);
        world.network.close(client, CloseHow::Close);
        world.network.send(client, "too late");
        QVERIFY(world.waitFor([&] { return world.sink.count("closed") == 2; }));
        QVERIFY(world.sink.saw(server, "closed by peer"));
        QVERIFY(world.sink.saw(client, "closed by us"));
        QVERIFY(world.sink.bytes[server.value] == much);
        QVERIFY(world.waitFor([&] { return world.network.slotCount() == 0; }));
    }

    // A reset that answers unread bytes would overtake the last packet.
    void delivers_the_last_bytes_to_a_peer_that_sent_more_than_was_read()
    {
        SocketWorld world;
        QVERIFY(world.listen());
        LinkId client;
        LinkId server;
        QVERIFY(world.connectPair(client, server));
        world.network.setReading(server, false);
        world.sendNow(client, QByteArray(200'000, 'u'));
        world.network.send(server, "goodbye");
        world.network.close(server, CloseHow::Close);
        QVERIFY(world.waitFor([&] { return world.sink.saw(client, "closed by peer"); }));
        QCOMPARE(world.sink.bytes[client.value], QByteArray("goodbye"));
    }

    void answers_a_peer_that_only_stopped_sending()
    {
        SocketWorld world;
        QVERIFY(world.listen());
        const SocketAddress address = *numericAddress(QStringLiteral("127.0.0.1"), world.endpoint.port);
        const int raw = openSocket(AF_INET);
        ::connect(raw, address.get(), address.length);
        QVERIFY(world.waitFor([&] { return !world.sink.accepted.isEmpty(); }));
        const QByteArray answer(5'000'000, 'a');
        world.sink.onBytes = [&](LinkId link, const QByteArray &) { world.network.send(link, answer); };
        QCOMPARE(::write(raw, "ask", 3), 3);
        shutdown(raw, SHUT_WR);
        qsizetype received = 0;
        bool ended = false;
        QVERIFY(world.waitFor([&] {
            std::array<char, 65536> buffer;
            ssize_t count = 0;
            while ((count = ::read(raw, buffer.data(), buffer.size())) > 0)
                received += count;
            ended = count == 0;
            return ended;
        }));
        ::close(raw);
        QCOMPARE(received, answer.size());
        QVERIFY(world.sink.saw(world.sink.accepted.first(), "closed by peer"));
        QVERIFY(world.waitFor([&] { return world.network.slotCount() == 0; }));
    }

    void shows_a_reset_to_the_peer()
    {
        SocketWorld world;
        QVERIFY(world.listen());
        LinkId client;
        LinkId server;
        QVERIFY(world.connectPair(client, server));
        world.network.send(client, "never flushed");
        world.network.close(client, CloseHow::Reset);
        QVERIFY(world.waitFor([&] { return world.sink.count("closed") == 2; }));
        QVERIFY(world.sink.saw(server, "closed by reset"));
        QVERIFY(world.sink.bytes.isEmpty());
        QCOMPARE(world.network.slotCount(), 0);
    }

    void resets_when_the_peer_has_everything()
    {
        SocketWorld world;
        QVERIFY(world.listen());
        LinkId client;
        LinkId server;
        QVERIFY(world.connectPair(client, server));
        // More than the socket takes at once, so that most of it is still queued here.
        const QByteArray large(8 * 1024 * 1024, 'x');
        world.network.send(client, "first ", large);
        world.network.close(client, CloseHow::ResetWhenSent);
        world.sendNow(server, "nobody reads this");
        QVERIFY(world.waitFor([&] { return world.sink.count("closed") == 2; }));
        QVERIFY(world.sink.saw(server, "closed by reset"));
        QCOMPARE(world.sink.bytes[server.value].size(), large.size() + 6);
        QVERIFY(!world.sink.bytes.contains(client.value));
        QVERIFY(world.waitFor([&] { return world.network.slotCount() == 0; }));
        QCOMPARE(world.network.chunksInUse(), 0);
    }

    void resets_after_the_linger_limit_a_peer_that_reads_nothing()
    {
        SocketLimits limits;
        limits.linger = std::chrono::milliseconds(50);
        SocketWorld world(limits);
        QVERIFY(world.listen());
        LinkId client;
        LinkId server;
        QVERIFY(world.connectPair(client, server));
        world.network.setReading(server, false);
        world.network.send(client, QByteArray(32 * 1024 * 1024, 'x'));
        world.network.close(client, CloseHow::ResetWhenSent);
        QVERIFY(world.waitFor([&] { return world.sink.saw(server, "closed by reset"); }));
        QVERIFY(world.waitFor([&] { return world.network.slotCount() == 0; }));
    }

    void shows_a_reset_while_reading_is_off()
    {
        SocketWorld world;
        QVERIFY(world.listen());
        LinkId client;
        LinkId server;
        QVERIFY(world.connectPair(client, server));
        world.network.setReading(server, false);
        world.network.close(client, CloseHow::Reset);
        QVERIFY(world.waitFor([&] { return world.sink.saw(server, "closed by reset"); }));
    }

    void keeps_bytes_and_fin_while_reading_is_off_data()
    {
        QTest::addColumn<QString>("url");
        QTest::newRow("TCP") << QStringLiteral("127.0.0.1:0");
        QTest::newRow("Unix socket") << QString(QStringLiteral("unix://") +
                                                m_folder.filePath(QStringLiteral("c.sock")));
    }

    void keeps_bytes_and_fin_while_reading_is_off()
    {
        QFETCH(QString, url);
        SocketWorld world;
        QVERIFY(world.listen(url));
        LinkId client;
        LinkId server;
        QVERIFY(world.connectPair(client, server));
        world.network.setReading(server, false);
        world.network.send(client, "held");
        world.network.close(client, CloseHow::Close);
        LinkId second;
        LinkId secondServer;
        QVERIFY(world.connectPair(second, secondServer)); // turns go by
        QVERIFY(!world.sink.bytes.contains(server.value));
        QVERIFY(!world.sink.saw(server, "closed by peer"));
        // A hang-up that nobody takes must not keep the loop busy.
        const int turns = world.sink.turns;
        for (int i = 0; i < 100; ++i)
            QCoreApplication::processEvents();
        QVERIFY2(world.sink.turns - turns < 10, qPrintable(QString::number(world.sink.turns - turns)));
        world.network.setReading(server, true);
        QVERIFY(world.waitFor([&] { return world.sink.saw(server, "closed by peer"); }));
        QCOMPARE(world.sink.bytes[server.value], QByteArray("held"));
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

    void lets_go_of_a_peer_that_never_reads()
    {
        SocketLimits limits;
        limits.linger = std::chrono::milliseconds(200);
        SocketWorld world(limits);
        QVERIFY(world.listen());
        LinkId client;
        LinkId server;
        QVERIFY(world.connectPair(client, server));
        world.network.setReading(client, false);
        QVERIFY(world.waitFor([&] {
            world.sendNow(server, QByteArray(1'000'000, 'x'));
            return world.network.unsentBytes(server) > Network::highWaterMark;
        }));
        world.network.close(server, CloseHow::Close);
        QVERIFY(world.waitFor([&] { return world.sink.saw(server, "closed by us"); }));
        QVERIFY(world.waitFor([&] { return world.sink.saw(client, "closed by reset"); }));
        QCOMPARE(world.network.slotCount(), 0);
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

    void fails_with_the_systems_words_when_refused()
    {
        SocketWorld world;
        QVERIFY(world.listen());
        world.network.stopListening();
        const LinkId client = world.open();
        QVERIFY(world.waitFor([&] { return world.sink.saw(client, "failed"); }));
        QVERIFY2(world.sink.failure.contains(QStringLiteral("Connection refused")), qPrintable(world.sink.failure));
        QVERIFY(world.sink.failure.contains(QString::number(world.endpoint.port)));
        QCOMPARE(world.network.slotCount(), 0);
    }

    void fails_to_open_an_unresolvable_name()
    {
        SocketWorld world;
        world.endpoint = *parseEndpoint(QStringLiteral("no-such-host.invalid"));
        const LinkId client = world.open();
        QVERIFY(world.waitFor([&] { return world.sink.saw(client, "failed"); }));
        QVERIFY2(world.sink.failure.contains(QStringLiteral("no-such-host.invalid")), qPrintable(world.sink.failure));
        QCOMPARE(world.network.slotCount(), 0);
    }

    void gives_up_when_nobody_answers()
    {
        DeafListener deaf;
        QVERIFY(deaf.open());
        SocketLimits limits;
        limits.connect = std::chrono::milliseconds(300);
        SocketWorld world(limits);
        world.endpoint.port = deaf.port;
        const LinkId client = world.open();
        QVERIFY(world.waitFor([&] { return world.sink.saw(client, "failed"); }));
        QVERIFY2(world.sink.failure.contains(QStringLiteral("no answer within 0.3 s")), qPrintable(world.sink.failure));
        QCOMPARE(world.network.slotCount(), 0);
    }

    void closes_while_connecting()
    {
        DeafListener deaf;
        QVERIFY(deaf.open());
        SocketWorld world;
        world.endpoint.port = deaf.port;
        const LinkId numeric = world.open();
        world.endpoint.host = QStringLiteral("localhost");
        const LinkId named = world.open();
        world.network.close(numeric, CloseHow::Close);
        world.network.close(named, CloseHow::Reset);
        QVERIFY(world.waitFor([&] { return world.sink.count("closed by us") == 2; }));
        QCOMPARE(world.sink.count("failed"), 0);
        QCOMPARE(world.network.slotCount(), 0);
    }

    void refuses_what_needs_layers()
    {
        SocketWorld world;
        for (const char *url : {"mqtts://127.0.0.1:1", "ws://127.0.0.1:1", "wss://127.0.0.1:1"}) {
            world.endpoint = *parseEndpoint(QLatin1String(url));
            const auto listening = world.network.listen(world.endpoint);
            QVERIFY(!listening.ok());
            QVERIFY(listening.error().contains(QLatin1String(url)));
            const LinkId client = world.open();
            QVERIFY(world.waitFor([&] { return world.sink.saw(client, "failed"); }));
            QVERIFY(world.sink.failure.contains(QStringLiteral("mqtt:// and unix:// only")));
        }
    }

    void refuses_to_listen_with_the_systems_words_data()
    {
        QTest::addColumn<QString>("url");
        QTest::addColumn<QString>("words");
        QTest::newRow("not here") << QStringLiteral("192.0.2.1:0") << QStringLiteral("Cannot assign requested address");
        QTest::newRow("no folder") << QStringLiteral("unix:///no/such/folder/a.sock")
                                   << QStringLiteral("No such file or directory");
        QTest::newRow("long path") << QString(QStringLiteral("unix:///") + QString(200, u'x'))
                                   << QStringLiteral("at most 107 bytes");
        QTest::newRow("no such name") << QStringLiteral("no-such-host.invalid:0")
                                      << QStringLiteral("no-such-host.invalid");
    }

    void refuses_to_listen_with_the_systems_words()
    {
        QFETCH(QString, url);
        QFETCH(QString, words);
        SocketWorld world;
        const auto listening = world.network.listen(*parseEndpoint(url));
        QVERIFY(!listening.ok());
        QVERIFY2(listening.error().contains(words), qPrintable(listening.error()));
    }

    void refuses_an_address_in_use()
    {
        SocketWorld first;
        QVERIFY(first.listen());
        SocketWorld second;
        const auto listening = second.network.listen(first.endpoint);
        QVERIFY(!listening.ok());
        QVERIFY2(listening.error().contains(QStringLiteral("in use")), qPrintable(listening.error()));
    }

    void takes_over_a_stale_socket_file_but_not_a_living_one()
    {
        const QString path = m_folder.filePath(QStringLiteral("stale.sock"));
        const SocketAddress address = *unixAddress(path);
        const int dead = openSocket(AF_UNIX);
        QCOMPARE(bind(dead, address.get(), address.length), 0);
        ::close(dead);
        QVERIFY(QFile::exists(path));
        SocketWorld world;
        QVERIFY(world.listen(QStringLiteral("unix://") + path));
        SocketWorld second;
        QVERIFY(!second.network.listen(world.endpoint).ok());
        QVERIFY(QFile::exists(path));
        world.network.stopListening();
        QVERIFY(!QFile::exists(path));
    }

    void does_not_touch_a_file_that_is_no_socket()
    {
        const QString path = m_folder.filePath(QStringLiteral("notes.txt"));
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.close();
        SocketWorld world;
        QVERIFY(!world.network.listen(*parseEndpoint(QStringLiteral("unix://") + path)).ok());
        QVERIFY(QFile::exists(path));
    }

    void may_close_and_open_from_inside_any_call()
    {
        SocketWorld world;
        QVERIFY(world.listen());
        LinkId client;
        LinkId server;
        QVERIFY(world.connectPair(client, server));
        world.sink.onBytes = [&](LinkId, const QByteArray &) {
            world.network.close(server, CloseHow::Reset);
            world.network.close(client, CloseHow::Reset);
            world.open();
        };
        world.sink.onAccepted = [&](LinkId) { world.network.stopListening(); };
        world.sendNow(client, "go");
        world.sendNow(server, "go");
        QVERIFY(world.waitFor([&] { return world.sink.count("closed by us") == 2; }));
        QCOMPARE(world.sink.arrivals, 1);
        QVERIFY(world.waitFor([&] { return world.sink.accepted.size() == 2; }));
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

private:
    QTemporaryDir m_folder;
};

QTEST_GUILESS_MAIN(TestTcpNetwork)
#include "tst_tcp_network.moc"
