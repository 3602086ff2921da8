// WebSocket and TLS with Qt's own implementation at the other end.
#include "certificates.h"
#include "socket_world.h"

#include <QSignalSpy>
#include <QSslConfiguration>
#include <QSslKey>
#include <QWebSocket>
#include <QWebSocketHandshakeOptions>
#include <QWebSocketServer>

using namespace sessionscope;

namespace {

// A WebSocket of Qt's that connects to us.
struct QtClient
{
    QWebSocket socket;
    QByteArray received;
    qsizetype frames = 0;

    QtClient()
    {
        QObject::connect(&socket, &QWebSocket::binaryMessageReceived, &socket, [this](const QByteArray &message) {
            received += message;
            ++frames;
        });
    }
    void open(const Endpoint &endpoint, const QStringList &subprotocols = {QStringLiteral("mqtt")})
    {
        QWebSocketHandshakeOptions options;
        options.setSubprotocols(subprotocols);
        socket.open(QUrl(toUrl(endpoint)), options);
    }
    bool isOpen() const { return socket.state() == QAbstractSocket::ConnectedState; }
};

using World = BasicSocketWorld<SocketNetwork>;

} // namespace

class TestWebSocket : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // MQTT-6.0.0-2, v3:MQTT-6.0.0-2
    void serves_another_client()
    {
        World world;
        QVERIFY(world.listen(QStringLiteral("ws://127.0.0.1:0")));
        QtClient client;
        client.open(world.endpoint);
        QVERIFY(world.waitFor([&] { return client.isOpen(); }));
        QCOMPARE(client.socket.subprotocol(), QStringLiteral("mqtt"));
        // One message in many frames, many messages in a row.
        const QByteArray large(300'000, 'x');
        client.socket.setOutgoingFrameSize(1000);
        client.socket.sendBinaryMessage(large);
        for (const char *piece : {"a", "b", "c"})
            client.socket.sendBinaryMessage(piece);
        client.socket.ping("still there?");
        QSignalSpy pongs(&client.socket, &QWebSocket::pong);
        const LinkId server = world.sink.accepted.first();
        QVERIFY(world.waitFor([&] { return world.sink.bytes[server.value] == large + "abc"; }));
        QVERIFY(world.waitFor([&] { return pongs.size() == 1; }));
        QCOMPARE(pongs.first().at(1).toByteArray(), QByteArray("still there?"));
        // What leaves in one flush is one frame.
        world.network.send(server, "d", large);
        world.network.send(server, "e");
        world.network.flush();
        QVERIFY(world.waitFor([&] { return client.received == "d" + large + "e"; }));
        QCOMPARE(client.frames, 1);
    }

    // MQTT-6.0.0-1, v3:MQTT-6.0.0-1
    void closes_at_a_text_frame()
    {
        World world;
        QVERIFY(world.listen(QStringLiteral("ws://127.0.0.1:0")));
        QtClient client;
        client.open(world.endpoint);
        QVERIFY(world.waitFor([&] { return client.isOpen(); }));
        client.socket.sendTextMessage(QStringLiteral("CONNECT"));
        QVERIFY(world.waitFor([&] { return world.sink.count("closed by error") == 1 && !client.isOpen(); }));
        QCOMPARE(int(client.socket.closeCode()), int(QWebSocketProtocol::CloseCodeDatatypeNotSupported));
        QVERIFY(world.sink.details.first().contains(QStringLiteral("MQTT-6.0.0-1")));
        QVERIFY(world.sink.bytes.isEmpty());
    }

    // MQTT-6.0.0-3, v3:MQTT-6.0.0-3
    void refuses_a_client_that_does_not_offer_mqtt()
    {
        World world;
        QVERIFY(world.listen(QStringLiteral("ws://127.0.0.1:0")));
        QtClient client;
        client.open(world.endpoint, {QStringLiteral("chat")});
        QVERIFY(world.waitFor([&] { return world.sink.count("closed by error") == 1; }));
        QVERIFY(world.waitFor([&] { return client.socket.state() == QAbstractSocket::UnconnectedState; }));
        QVERIFY(world.sink.details.first().contains(QStringLiteral("MQTT-6.0.0-3")));
    }

    void shows_the_status_to_the_peer_data()
    {
        QTest::addColumn<int>("status");
        for (const int status : {1000, 1001, 1011, 4321})
            QTest::addRow("%d", status) << status;
    }
    void shows_the_status_to_the_peer()
    {
        QFETCH(int, status);
        World world;
        QVERIFY(world.listen(QStringLiteral("ws://127.0.0.1:0")));
        QtClient client;
        client.open(world.endpoint);
        QVERIFY(world.waitFor([&] { return client.isOpen(); }));
        const LinkId server = world.sink.accepted.first();
        world.network.close(server, status == 1000 ? CloseHow() : CloseHow::webSocket(quint16(status)));
        QVERIFY(world.waitFor([&] { return client.socket.state() == QAbstractSocket::UnconnectedState; }));
        QCOMPARE(int(client.socket.closeCode()), status);
        QVERIFY(world.sink.saw(server, "closed by us"));
    }

    void hears_the_peers_status()
    {
        World world;
        QVERIFY(world.listen(QStringLiteral("ws://127.0.0.1:0")));
        QtClient client;
        client.open(world.endpoint);
        QVERIFY(world.waitFor([&] { return client.isOpen(); }));
        client.socket.sendBinaryMessage("last");
        client.socket.close(QWebSocketProtocol::CloseCodePolicyViolated, QStringLiteral("enough"));
        QVERIFY(world.waitFor([&] { return world.sink.count("closed by peer") == 1; }));
        QCOMPARE(world.sink.bytes.first(), QByteArray("last"));
        QCOMPARE(world.sink.details.first(), QStringLiteral("WebSocket close 1008 (policy violation): enough"));
    }

    void meets_another_server_data()
    {
        QTest::addColumn<bool>("secure");
        QTest::newRow("ws") << false;
        QTest::newRow("wss") << true;
    }
    // MQTT-6.0.0-2, v3:MQTT-6.0.0-2
    void meets_another_server()
    {
        QFETCH(bool, secure);
        QWebSocketServer server(QString(), secure ? QWebSocketServer::SecureMode : QWebSocketServer::NonSecureMode);
        server.setSupportedSubprotocols({QStringLiteral("mqtt")});
        if (secure)
            server.setSslConfiguration(qtServerTls());
        QVERIFY(server.listen(QHostAddress::LocalHost));
        World world;
        world.endpoint = *parseEndpoint(server.serverUrl().toString() + QStringLiteral("/mqtt"));
        world.endpoint.tls = clientTls();
        const LinkId client = world.open();
        QVERIFY(world.waitFor([&] { return world.sink.saw(client, "opened") && server.hasPendingConnections(); }));
        const std::unique_ptr<QWebSocket> peer(server.nextPendingConnection());
        QSignalSpy messages(peer.get(), &QWebSocket::binaryMessageReceived);
        world.sendNow(client, "ask");
        QVERIFY(world.waitFor([&] { return messages.size() == 1; }));
        const QByteArray large(200'000, 'y');
        peer->setOutgoingFrameSize(777);
        peer->sendBinaryMessage("answer ");
        peer->sendBinaryMessage(large);
        QVERIFY(world.waitFor([&] { return world.sink.bytes[client.value] == "answer " + large; }));
        world.network.close(client, CloseHow::webSocket(1001));
        QVERIFY(world.waitFor([&] { return peer->state() == QAbstractSocket::UnconnectedState; }));
        QCOMPARE(int(peer->closeCode()), int(QWebSocketProtocol::CloseCodeGoingAway));
    }

    // MQTT-6.0.0-4, v3:MQTT-6.0.0-4
    void leaves_a_server_that_does_not_choose_mqtt()
    {
        QWebSocketServer server(QString(), QWebSocketServer::NonSecureMode);
        QVERIFY(server.listen(QHostAddress::LocalHost));
        World world;
        world.endpoint = *parseEndpoint(server.serverUrl().toString());
        const LinkId client = world.open();
        QVERIFY(world.waitFor([&] { return world.sink.saw(client, "failed"); }));
        QVERIFY2(world.sink.failure.contains(QStringLiteral("MQTT-6.0.0-4")), qPrintable(world.sink.failure));
    }

    void shows_truncated_tls_to_another_client()
    {
        World world;
        QVERIFY(world.listen(QStringLiteral("mqtts://127.0.0.1:0"), serverTls()));
        for (const CloseHow how : {CloseHow::Close, CloseHow::WithoutCloseNotify}) {
            const auto before = world.sink.accepted.size();
            QSslSocket client;
            QSslConfiguration configuration;
            configuration.setCaCertificates(QSslCertificate::fromPath(certificate("ca.pem")));
            client.setSslConfiguration(configuration);
            client.connectToHostEncrypted(QStringLiteral("127.0.0.1"), world.endpoint.port);
            client.write("hello");
            QVERIFY(world.waitFor([&] { return world.sink.bytes.size() == before + 1; }));
            QSignalSpy alerts(&client, &QSslSocket::alertReceived);
            QByteArray received;
            connect(&client, &QSslSocket::readyRead, &client, [&] { received += client.readAll(); });
            world.sendNow(world.sink.accepted.last(), "last");
            world.network.close(world.sink.accepted.last(), how);
            QVERIFY(world.waitFor([&] { return client.state() == QAbstractSocket::UnconnectedState; }));
            QCOMPARE(received, QByteArray("last"));
            QCOMPARE(alerts.size(), how == CloseHow::Close ? 1 : 0);
        }
    }

private:
    static QSslConfiguration qtServerTls()
    {
        QFile file(certificate("server-key.pem"));
        if (!file.open(QIODevice::ReadOnly))
            return {};
        QSslConfiguration configuration;
        configuration.setLocalCertificate(QSslCertificate::fromPath(certificate("server.pem")).value(0));
        configuration.setPrivateKey(QSslKey(&file, QSsl::Ec));
        return configuration;
    }
};

QTEST_GUILESS_MAIN(TestWebSocket)
#include "tst_web_socket.moc"
