// Connections over TLS and WebSocket, both ends in one SocketNetwork: bytes, ends, back-pressure, refusals and limits.
#include "certificates.h"
#include "socket_world.h"

#include "core/net/tls_layer.h"

#include <QTcpServer>
#include <QTcpSocket>
#include <QTemporaryDir>

using namespace sessionscope;

namespace {

struct LayeredWorld : BasicSocketWorld<SocketNetwork>
{
    using BasicSocketWorld::BasicSocketWorld;

    /// Listens with the test's server certificate; open() connects as somebody who trusts its CA.
    bool listen(const char *url)
    {
        if (!BasicSocketWorld::listen(QLatin1String(url), serverTls()))
            return false;
        endpoint.tls = clientTls();
        return true;
    }
    bool pair() { return connectPair(client, server); }

    LinkId client;
    LinkId server;
};

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

    // ---- TLS ----

    void proves_the_server_data()
    {
        QTest::addColumn<QByteArray>("host");
        QTest::addColumn<TlsSettings>("tls");
        QTest::addColumn<QString>("failure");
        const QString untrusted = QStringLiteral("certificate is not trusted");
        QTest::newRow("address") << QByteArray("127.0.0.1") << clientTls() << QString();
        QTest::newRow("name") << QByteArray("localhost") << clientTls() << QString();
        TlsSettings tls = clientTls();
        tls.serverName = QStringLiteral("localhost");
        QTest::newRow("a name that is asked for") << QByteArray("127.0.0.1") << tls << QString();
        tls.serverName = QStringLiteral("elsewhere.example");
        QTest::newRow("the name of another")
            << QByteArray("127.0.0.1") << tls << QStringLiteral("is not for elsewhere.example");
        tls.insecure = true;
        QTest::newRow("anybody") << QByteArray("127.0.0.1") << tls << QString();
        QTest::newRow("an unknown CA") << QByteArray("localhost") << TlsSettings{.caFile = certificate("other-ca.pem")}
                                       << untrusted;
        QTest::newRow("the system's CAs") << QByteArray("localhost") << TlsSettings{} << untrusted;
    }
    void proves_the_server()
    {
        QFETCH(QByteArray, host);
        QFETCH(TlsSettings, tls);
        QFETCH(QString, failure);
        LayeredWorld world;
        QVERIFY(world.listen("mqtts://localhost:0"));
        world.endpoint.host = QString::fromLatin1(host);
        world.endpoint.tls = tls;
        const LinkId client = world.open();
        QVERIFY(world.waitFor([&] { return world.sink.count("opened") + world.sink.count("failed") == 1; }));
        QCOMPARE(world.sink.saw(client, "opened"), failure.isEmpty());
        QVERIFY2(world.sink.failure.contains(failure), qPrintable(world.sink.failure));
        QCOMPARE(world.sink.peer.contains(QStringLiteral("NOT trusted")), tls.insecure);
        if (failure.isEmpty())
            return;
        // The other end hears why, too.
        QVERIFY(world.waitFor([&] { return world.sink.count("closed by error") == 1; }));
        const QString told = world.sink.details[world.sink.accepted.first().value];
        QVERIFY2(told.startsWith(QStringLiteral("TLS: ")) && told.contains(QStringLiteral("alert")), qPrintable(told));
    }

    void demands_a_name_that_a_certificate_can_be_for_data()
    {
        QTest::addColumn<QString>("name");
        for (const char *name : {"two words", ".example.com", "localhost:8883"})
            QTest::newRow(name) << QString::fromLatin1(name);
    }
    void demands_a_name_that_a_certificate_can_be_for()
    {
        QFETCH(QString, name);
        LayeredWorld world;
        QVERIFY(world.listen("mqtts://localhost:0"));
        world.endpoint.tls = clientTls();
        world.endpoint.tls.serverName = name;
        const LinkId client = world.open();
        QVERIFY(world.waitFor([&] { return world.sink.count("opened") + world.sink.count("failed") == 1; }));
        QVERIFY(world.sink.saw(client, "failed"));
        QVERIFY2(world.sink.failure.contains(QStringLiteral("no host name")), qPrintable(world.sink.failure));
    }

    void answers_a_goodbye_of_tls_with_its_own()
    {
        const auto clients = TlsContext::make(LayerEnd::Client, clientTls());
        const auto servers = TlsContext::make(LayerEnd::Server, serverTls());
        QVERIFY(clients && servers);
        TlsLayer client(**clients, QStringLiteral("localhost"));
        TlsLayer server(**servers, {});
        server.start();
        client.start();
        for (int round = 0; round < 4; ++round) {
            server.receive(client.takeDown());
            client.receive(server.takeDown());
        }
        QCOMPARE(client.state(), Layer::State::Open);
        client.close(CloseHow::Close);
        server.receive(client.takeDown());
        QCOMPARE(server.state(), Layer::State::Ended);
        QVERIFY(!server.takeDown().isEmpty());
    }

    void demands_the_clients_certificate()
    {
        LayeredWorld world;
        TlsSettings demanding = serverTls();
        demanding.caFile = certificate("ca.pem");
        QVERIFY(world.BasicSocketWorld::listen(QStringLiteral("mqtts://127.0.0.1:0"), demanding));
        world.endpoint.tls = knownClientTls();
        QVERIFY(world.pair());
        world.sendNow(world.client, "hello");
        QVERIFY(world.waitFor([&] { return world.sink.bytes[world.server.value] == "hello"; }));

        world.endpoint.tls = clientTls();
        const LinkId stranger = world.open();
        // In TLS 1.3 a client's own handshake is done before the server looks at its certificate.
        QVERIFY(world.waitFor([&] { return world.sink.saw(stranger, "closed by error"); }));
        QVERIFY2(world.sink.details[stranger.value].contains(QStringLiteral("certificate required")),
                 qPrintable(world.sink.details[stranger.value]));
        const LinkId refused = world.sink.accepted.last();
        QVERIFY(world.waitFor([&] { return world.sink.saw(refused, "closed by error"); }));
        QVERIFY2(world.sink.details[refused.value].contains(QStringLiteral("peer did not return a certificate")),
                 qPrintable(world.sink.details[refused.value]));
    }

    void names_the_file_that_is_wrong_data()
    {
        QTest::addColumn<TlsSettings>("tls");
        QTest::addColumn<QString>("words");
        const auto row = [](const char *name, const TlsSettings &tls, const char *words) {
            QTest::newRow(name) << tls << QString::fromLatin1(words);
        };
        TlsSettings tls = knownClientTls();
        tls.caFile = QStringLiteral("/no/such/ca.pem");
        row("no CA", tls, "/no/such/ca.pem: No such file or directory");
        tls.caFile = certificate("make.sh");
        row("no PEM", tls, "make.sh: expected certificates of a CA in PEM");
        tls = knownClientTls();
        tls.keyFile = certificate("client-key-encrypted.pem");
        row("passphrase", tls, "client-key-encrypted.pem: the key has a passphrase");
        tls.keyFile = certificate("server-key.pem");
        row("another's key", tls, "server-key.pem: is not the key of the certificate");
        tls.keyFile = certificate("client.pem");
        row("no key", tls, "client.pem: expected a private key in PEM");
        tls.keyFile.clear();
        row("key missing", tls, "TLS needs the key of the certificate");
        tls = {.keyFile = certificate("client-key.pem")};
        row("certificate missing", tls, "TLS needs a certificate for the key");
        tls = {.certificateFile = certificate("server-key.pem"), .keyFile = certificate("client-key.pem")};
        row("no certificate", tls, "server-key.pem: expected a certificate in PEM");
    }
    void names_the_file_that_is_wrong()
    {
        QFETCH(TlsSettings, tls);
        QFETCH(QString, words);
        LayeredWorld world;
        Endpoint endpoint = *parseEndpoint(QStringLiteral("mqtts://127.0.0.1:0"));
        endpoint.tls = tls;
        const auto listening = world.network.listen(endpoint);
        QVERIFY(!listening);
        QVERIFY2(listening.error().contains(words), qPrintable(listening.error()));
        world.endpoint = endpoint;
        const LinkId client = world.open();
        QVERIFY(world.sink.events.isEmpty());
        QVERIFY(world.waitFor([&] { return world.sink.saw(client, "failed"); }));
        QVERIFY2(world.sink.failure.contains(words), qPrintable(world.sink.failure));
        const LinkId closed = world.open();
        world.network.close(closed, CloseHow::Close);
        QVERIFY(world.waitFor([&] { return world.sink.saw(closed, "closed by us"); }));
    }

    void listens_with_a_certificate_only()
    {
        LayeredWorld world;
        const auto listening = world.network.listen(*parseEndpoint(QStringLiteral("wss://127.0.0.1:0")));
        QVERIFY(!listening);
        QCOMPARE(listening.error(), QStringLiteral("TLS needs a certificate"));
    }

    void says_that_the_other_end_speaks_no_tls()
    {
        LayeredWorld world;
        QVERIFY(world.listen("mqtts://127.0.0.1:0"));
        QTcpSocket plain;
        plain.connectToHost(world.endpoint.host, world.endpoint.port);
        plain.write("\x10\x0c\x00\x04MQTT", 8);
        QVERIFY(world.waitFor([&] { return world.sink.count("closed by error") == 1; }));
        const QString told = world.sink.details[world.sink.accepted.first().value];
        QVERIFY2(told.contains(QStringLiteral("does not speak TLS")), qPrintable(told));
    }
};

QTEST_GUILESS_MAIN(TestLayeredNetwork)
#include "tst_layered_network.moc"
