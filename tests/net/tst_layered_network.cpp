// Connections over TLS and WebSocket, both ends in one SocketNetwork: bytes, ends, back-pressure, refusals and limits.
#include "layered_world.h"

#include "core/net/tls_layer.h"
#include "core/net/web_socket_layer.h"

#include <QTcpServer>
#include <QTcpSocket>

using namespace sessionscope;

namespace {

void addUrls()
{
    QTest::addColumn<QByteArray>("url");
    QTest::newRow("mqtts") << QByteArray("mqtts://127.0.0.1:0");
    QTest::newRow("ws") << QByteArray("ws://127.0.0.1:0");
    QTest::newRow("wss") << QByteArray("wss://127.0.0.1:0/mqtt");
}

} // namespace

class TestLayeredNetwork : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void carries_bytes_both_ways_data() { addUrls(); }
    // MQTT-4.2.0-1, v3:MQTT-7.1.1-1, v3:MQTT-7.1.2-1
    void carries_bytes_both_ways()
    {
        QFETCH(QByteArray, url);
        LayeredWorld world;
        QVERIFY(world.listen(url));
        QVERIFY(world.pair());
        world.sink.onBytes = [&](LinkId link, const QByteArray &bytes) {
            if (link == world.server)
                world.network.send(world.server, bytes);
        };
        const QByteArray large(300'000, 'L');
        world.sendNow(world.client, "small ", large);
        QVERIFY(world.waitFor([&] { return world.sink.bytes[world.client.value].size() == large.size() + 6; }));
        QCOMPARE(world.sink.bytes[world.server.value], QByteArray("small " + large));
        QCOMPARE(world.sink.bytes[world.client.value], QByteArray("small " + large));
        QCOMPARE(world.network.unsentBytes(world.client), 0);
        QCOMPARE(world.sink.peer.contains(QStringLiteral("TLSv1.3")), !url.startsWith("ws:"));
    }

    void serves_every_scheme_at_once()
    {
        LayeredWorld world;
        QList<Endpoint> endpoints;
        for (const char *url : {"mqtts://127.0.0.1:0", "mqtt://127.0.0.1:0", "wss://127.0.0.1:0", "ws://127.0.0.1:0"}) {
            QVERIFY(world.listen(url));
            endpoints << world.endpoint;
        }
        for (const Endpoint &each : endpoints) {
            world.endpoint = each;
            QVERIFY(world.pair());
            world.sendNow(world.client, toUrl(each).toLatin1());
            QVERIFY(world.waitFor([&] { return world.sink.bytes[world.server.value] == toUrl(each).toLatin1(); }));
        }
        world.network.stopListening();
        for (const Endpoint &each : endpoints) {
            world.endpoint = each;
            const LinkId late = world.open();
            QVERIFY(world.waitFor([&] { return world.sink.saw(late, "failed"); }));
        }
    }

    void sends_what_was_queued_while_connecting_data() { addUrls(); }
    void sends_what_was_queued_while_connecting()
    {
        QFETCH(QByteArray, url);
        LayeredWorld world;
        world.sink.onTurnEnd = nullptr;
        QVERIFY(world.listen(url));
        world.sendNow(world.open(), "early");
        QVERIFY(world.waitFor([&] { return !world.sink.bytes.isEmpty() && world.sink.bytes.first() == "early"; }));
    }

    void ends_in_order_behind_all_bytes_data() { addUrls(); }
    void ends_in_order_behind_all_bytes()
    {
        QFETCH(QByteArray, url);
        LayeredWorld world;
        QVERIFY(world.listen(url));
        QVERIFY(world.pair());
        const QByteArray much(3'000'000, 'm');
        world.network.send(world.client, much);
        world.network.close(world.client, CloseHow::Close);
        world.network.send(world.client, "too late");
        QVERIFY(world.waitFor([&] { return world.sink.count("closed") == 2; }));
        QVERIFY(world.sink.saw(world.server, "closed by peer"));
        QVERIFY(world.sink.saw(world.client, "closed by us"));
        QVERIFY(world.sink.bytes[world.server.value] == much);
        QCOMPARE(world.sink.details[world.server.value], QString());
    }

    void answers_a_peer_that_says_goodbye_behind_its_last_bytes_data() { addUrls(); }
    void answers_a_peer_that_says_goodbye_behind_its_last_bytes()
    {
        QFETCH(QByteArray, url);
        LayeredWorld world;
        QVERIFY(world.listen(url));
        const QByteArray answer(5'000'000, 'a');
        world.sink.onBytes = [&](LinkId link, const QByteArray &) { world.network.send(link, answer); };
        LayerStack asker;
        const auto context = TlsContext::make(LayerEnd::Client, clientTls());
        QVERIFY(context);
        if (usesTls(world.endpoint.scheme))
            asker.add(std::make_unique<TlsLayer>(**context, QStringLiteral("127.0.0.1")));
        if (usesWebSocket(world.endpoint.scheme))
            asker.add(std::make_unique<WebSocketLayer>(LayerEnd::Client, world.endpoint));
        QTcpSocket socket;
        connect(&socket, &QTcpSocket::connected, &socket, [&] {
            asker.start();
            socket.write(asker.takeDown());
        });
        QByteArray received;
        connect(&socket, &QTcpSocket::readyRead, &socket, [&] {
            asker.receive(socket.readAll());
            socket.write(asker.takeDown());
            received += asker.takeUp();
        });
        socket.connectToHost(world.endpoint.host, world.endpoint.port);
        QVERIFY(world.waitFor([&] { return asker.state() == Layer::State::Open; }));
        asker.send("ask");
        asker.close(CloseHow::Close);
        socket.write(asker.takeDown()); // the question and all goodbyes, in one piece
        QVERIFY(world.waitFor([&] { return asker.state() == Layer::State::Ended; }));
        QCOMPARE(received.size(), answer.size());
        const LinkId server = world.sink.accepted.first();
        QVERIFY(world.sink.saw(server, "closed by peer"));
        QCOMPARE(world.sink.bytes[server.value], QByteArray("ask"));
        QCOMPARE(world.sink.details[server.value], QString());
    }

    void shows_a_reset_data() { addUrls(); }
    void shows_a_reset()
    {
        QFETCH(QByteArray, url);
        LayeredWorld world;
        QVERIFY(world.listen(url));
        QVERIFY(world.pair());
        world.network.send(world.client, "never flushed");
        world.network.close(world.client, CloseHow::Reset);
        QVERIFY(world.waitFor([&] { return world.sink.saw(world.server, "closed by reset"); }));
        QVERIFY(world.waitFor([&] { return world.sink.saw(world.client, "closed by us"); }));
        QVERIFY(!world.sink.bytes.contains(world.server.value));
    }

    void resets_when_the_peer_has_everything_data() { addUrls(); }
    void resets_when_the_peer_has_everything()
    {
        QFETCH(QByteArray, url);
        LayeredWorld world;
        QVERIFY(world.listen(url));
        QVERIFY(world.pair());
        world.network.send(world.client, "last");
        world.network.close(world.client, CloseHow::ResetWhenSent);
        QVERIFY(world.waitFor([&] { return world.sink.saw(world.server, "closed by reset"); }));
        QCOMPARE(world.sink.bytes[world.server.value], QByteArray("last"));
    }

    void cuts_tls_short_data()
    {
        QTest::addColumn<QByteArray>("url");
        QTest::newRow("mqtts") << QByteArray("mqtts://127.0.0.1:0");
        QTest::newRow("wss") << QByteArray("wss://127.0.0.1:0");
    }
    void cuts_tls_short()
    {
        QFETCH(QByteArray, url);
        LayeredWorld world;
        QVERIFY(world.listen(url));
        QVERIFY(world.pair());
        world.network.send(world.client, "last");
        world.network.close(world.client, CloseHow::WithoutCloseNotify);
        QVERIFY(world.waitFor([&] { return world.sink.saw(world.server, "closed by peer"); }));
        QCOMPARE(world.sink.bytes[world.server.value], QByteArray("last"));
        QCOMPARE(world.sink.details[world.server.value], url.startsWith("wss")
                                                             ? QStringLiteral("without a WebSocket close frame")
                                                             : QStringLiteral("without close_notify"));
    }

    void closes_a_web_socket_with_a_status_data()
    {
        QTest::addColumn<QByteArray>("url");
        QTest::newRow("ws") << QByteArray("ws://127.0.0.1:0");
        QTest::newRow("wss") << QByteArray("wss://127.0.0.1:0");
    }
    void closes_a_web_socket_with_a_status()
    {
        QFETCH(QByteArray, url);
        LayeredWorld world;
        QVERIFY(world.listen(url));
        QVERIFY(world.pair());
        world.network.send(world.server, "last");
        world.network.close(world.server, CloseHow::webSocket(1001));
        QVERIFY(world.waitFor([&] { return world.sink.saw(world.client, "closed by peer"); }));
        QCOMPARE(world.sink.bytes[world.client.value], QByteArray("last"));
        QCOMPARE(world.sink.details[world.client.value], QStringLiteral("WebSocket close 1001 (going away)"));
    }

    void slows_the_sender_when_the_receiver_does_not_read_data() { addUrls(); }
    void slows_the_sender_when_the_receiver_does_not_read()
    {
        QFETCH(QByteArray, url);
        LayeredWorld world;
        QVERIFY(world.listen(url));
        QVERIFY(world.pair());
        world.network.setReading(world.server, false);
        qsizetype sent = 0;
        const QByteArray piece(512 * 1024, 'p');
        // The system's own buffers fill first.
        QVERIFY(world.waitFor([&] {
            world.sendNow(world.client, "h", piece);
            sent += 1 + piece.size();
            return world.network.unsentBytes(world.client) > Network::highWaterMark;
        }));
        QVERIFY(world.sink.drained.isEmpty());
        const auto unread = world.sink.bytes[world.server.value].size();
        QVERIFY2(unread < sent, qPrintable(QString::number(unread)));
        world.network.setReading(world.server, true);
        QVERIFY(world.waitFor([&] { return world.sink.bytes[world.server.value].size() == sent; }));
        QCOMPARE(world.sink.drained, QList<LinkId>{world.client});
        QCOMPARE(world.network.unsentBytes(world.client), 0);
    }

    void closes_while_connecting_data() { addUrls(); }
    void closes_while_connecting()
    {
        QFETCH(QByteArray, url);
        LayeredWorld world;
        QVERIFY(world.listen(url));
        const LinkId early = world.open();
        world.network.close(early, CloseHow::Close);
        QVERIFY(world.waitFor([&] { return world.sink.saw(early, "closed by us"); }));
        QCOMPARE(world.sink.count("opened"), 0);
        QCOMPARE(world.sink.count("failed"), 0);
    }

    void may_close_from_inside_any_call_data() { addUrls(); }
    void may_close_from_inside_any_call()
    {
        QFETCH(QByteArray, url);
        LayeredWorld world;
        QVERIFY(world.listen(url));
        QVERIFY(world.pair());
        world.sink.onBytes = [&](LinkId, const QByteArray &) {
            world.network.close(world.server, CloseHow::Close);
            world.network.close(world.client, CloseHow::Reset);
        };
        world.sendNow(world.client, "go");
        QVERIFY(world.waitFor([&] { return world.sink.count("closed by us") == 2; }));
        QCOMPARE(world.sink.arrivals, 1);
    }

    void gives_up_handshakes_that_never_end_data() { addUrls(); }
    void gives_up_handshakes_that_never_end()
    {
        QFETCH(QByteArray, url);
        SocketLimits limits;
        limits.handshake = std::chrono::milliseconds(200);
        LayeredWorld world(limits);
        QVERIFY(world.listen(url));
        QTcpSocket mute;
        mute.connectToHost(world.endpoint.host, world.endpoint.port);
        QVERIFY(world.waitFor([&] { return world.sink.count("closed by error") == 1; }));
        const QString told = world.sink.details[world.sink.accepted.first().value];
        QVERIFY2(told.contains(QStringLiteral("handshake within 0.2 s")), qPrintable(told));

        QTcpServer deaf;
        QVERIFY(deaf.listen(QHostAddress::LocalHost));
        world.endpoint.port = deaf.serverPort();
        const LinkId client = world.open();
        QVERIFY(world.waitFor([&] { return world.sink.saw(client, "failed"); }));
        QVERIFY2(world.sink.failure.contains(QStringLiteral("handshake within 0.2 s")), qPrintable(world.sink.failure));
    }

    void tells_of_an_end_within_the_handshake()
    {
        QTcpServer rude;
        QVERIFY(rude.listen(QHostAddress::LocalHost));
        connect(&rude, &QTcpServer::newConnection, &rude,
                [&rude] { rude.nextPendingConnection()->disconnectFromHost(); });
        LayeredWorld world;
        world.endpoint = *parseEndpoint(QStringLiteral("ws://127.0.0.1:%1").arg(rude.serverPort()));
        const LinkId client = world.open();
        QVERIFY(world.waitFor([&] { return world.sink.saw(client, "failed"); }));
        QVERIFY2(world.sink.failure.endsWith(QStringLiteral("within the WebSocket handshake")),
                 qPrintable(world.sink.failure));
    }
};

QTEST_GUILESS_MAIN(TestLayeredNetwork)
#include "tst_layered_network.moc"
