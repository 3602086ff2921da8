// How connections of real sockets end, at both ends: FIN, reset, and what is sent and read before.
#include "socket_world.h"

#include <QTemporaryDir>

#include <unistd.h>

using namespace sessionscope;

class TestTcpNetworkEnds : public QObject
{
    Q_OBJECT

private Q_SLOTS:
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

private:
    QTemporaryDir m_folder;
};

QTEST_GUILESS_MAIN(TestTcpNetworkEnds)
#include "tst_tcp_network_ends.moc"
