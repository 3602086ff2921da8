// TLS as either end: whom it believes and why not, the files it reads, its goodbyes.
#include "layered_world.h"

#include "core/net/tls_layer.h"

#include <QTcpSocket>

using namespace sessionscope;

class TestLayeredTls : public QObject
{
    Q_OBJECT

private Q_SLOTS:
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
        server.send("an answer");
        server.close(CloseHow::Close);
        client.receive(server.takeDown());
        QCOMPARE(client.takeUp(), QByteArray("an answer"));
        QCOMPARE(client.state(), Layer::State::Ended);
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

QTEST_GUILESS_MAIN(TestLayeredTls)
#include "tst_layered_tls.moc"
