// Broker addresses: every way to write one, the canonical way to show it, and what is said about wrong ones.
#include "core/link/network.h"

#include <QTest>

using namespace sessionscope;

class TestEndpoint : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void parses_every_form_to_one_canonical_url_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("url");
        const auto row = [](const char *text, const char *url) {
            QTest::newRow(text) << QString::fromUtf8(text) << QString::fromUtf8(url);
        };
        row("mqtt://broker.example:1884", "mqtt://broker.example:1884");
        row("MQTT://Broker.Example", "mqtt://broker.example:1883");
        row("tcp://10.0.0.1/", "mqtt://10.0.0.1:1883");
        row("mqtts://h", "mqtts://h:8883");
        row("ssl://h:1", "mqtts://h:1");
        row("localhost", "mqtt://localhost:1883");
        row("localhost:0", "mqtt://localhost:0");
        row("  localhost:65535\n", "mqtt://localhost:65535");
        row("b\xC3\xBC"
            "cher.example",
            "mqtt://b\xC3\xBC"
            "cher.example:1883");
        row("[::1]:1885", "mqtt://[::1]:1885");
        row("mqtt://[FE80::1%eth0]", "mqtt://[fe80::1%eth0]:1883");
        row("[::ffff:127.0.0.1]", "mqtt://[::ffff:127.0.0.1]:1883");
        row("ws://h", "ws://h:80/mqtt");
        row("ws://h/", "ws://h:80/");
        row("ws://h:8080/a/b?c=d@e", "ws://h:8080/a/b?c=d@e");
        row("wss://h?x", "wss://h:443/?x");
        row("unix:///run/my broker@1.sock", "unix:///run/my broker@1.sock");
    }

    void parses_every_form_to_one_canonical_url()
    {
        QFETCH(QString, text);
        QFETCH(QString, url);
        const auto endpoint = parseEndpoint(text);
        QVERIFY2(endpoint.ok(), qPrintable(endpoint.ok() ? QString() : endpoint.error()));
        QCOMPARE(toUrl(*endpoint), url);
        const auto again = parseEndpoint(url);
        QVERIFY(again.ok());
        QCOMPARE(*again, *endpoint);
    }

    void keeps_the_parts_apart()
    {
        QCOMPARE(*parseEndpoint(QStringLiteral("wss://[::1]:9001/x")),
                 (Endpoint{Scheme::SecureWebSocket, QStringLiteral("::1"), 9001, QStringLiteral("/x")}));
        QCOMPARE(*parseEndpoint(QStringLiteral("unix:///run/b.sock")),
                 (Endpoint{Scheme::UnixSocket, QString(), 0, QStringLiteral("/run/b.sock")}));
    }

    void rejects_with_the_place_and_the_reason_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("error");
        const auto row = [](const char *text, const char *error) {
            QTest::newRow(text) << QString::fromUtf8(text) << QString::fromUtf8(error);
        };
        row("", "empty");
        row("   ", "empty");
        row("http://h", "at character 1: unknown scheme");
        row("://h", "at character 1: unknown scheme");
        row("/run/broker.sock", "at character 1: a path needs a scheme");
        row("mqtt://", "at character 8: the host name is missing");
        row("mqtt://:1883", "at character 8: the host name is missing");
        row("mqtt://h:", "at character 10: the port is missing");
        row("mqtt://h:x", "at character 10: the port must be a number");
        row("mqtt://h:-1", "at character 10: the port must be a number");
        row("mqtt://h:65536", "at character 10: the port must be a number from 0 to 65535");
        row("mqtt://h:99999999999999999999", "at character 10: the port must be a number from 0 to 65535");
        row("  h:70000", "at character 5: the port");
        row("::1", "at character 1: more than one colon; write an IPv6 address in brackets");
        row("mqtt://[::1", "at character 8: the [ of the IPv6 address is not closed");
        row("mqtt://[h]:1", "at character 9: expected an IPv6 address");
        row("mqtt://[]:1", "at character 9: expected an IPv6 address");
        row("mqtt://[::1%]:1", "at character 9: expected an IPv6 address");
        row("mqtt://[::1]1883", "at character 13: expected a colon and a port");
        row("mqtt://my host", "at character 10: spaces");
        row("mqtt://h\x01", "at character 9: spaces and control characters");
        row("mqtt://h!", "at character 9: this character cannot be part of a host name");
        row("mqtt://h/path", "at character 9: only ws, wss and unix addresses have a path");
        row("ws://h/#f", "at character 8: a WebSocket address has no #fragment");
        row("unix://run/b.sock", "at character 8: expected an absolute path");
        row("unix:///", "at character 8: expected an absolute path");
    }

    void rejects_with_the_place_and_the_reason()
    {
        QFETCH(QString, text);
        QFETCH(QString, error);
        const auto endpoint = parseEndpoint(text);
        QVERIFY(!endpoint.ok());
        QVERIFY2(endpoint.error().contains(error), qPrintable(endpoint.error()));
    }

    void keeps_the_certificates_when_a_server_points_elsewhere()
    {
        Endpoint from = *parseEndpoint(QStringLiteral("wss://a/m"));
        from.tls = {.caFile = QStringLiteral("ca.pem"), .serverName = QStringLiteral("a"), .insecure = true};
        const Endpoint to = *parseServerReference("b:444", from);
        QCOMPARE(toUrl(to), QStringLiteral("wss://b:444/m"));
        // Its name is that of one server.
        QCOMPARE(to.tls, (TlsSettings{.caFile = QStringLiteral("ca.pem"), .insecure = true}));
        QCOMPARE(parseServerReference("mqtts://b", from)->tls.caFile, QStringLiteral("ca.pem"));
    }

    void follows_no_server_out_of_tls()
    {
        const Endpoint from = *parseEndpoint(QStringLiteral("mqtts://a"));
        for (const char *reference : {"mqtt://b", "ws://b/mqtt"})
            QVERIFY(parseServerReference(reference, from).error().contains(QStringLiteral("leaves TLS")));
        QVERIFY(parseServerReference("mqtts://b", *parseEndpoint(QStringLiteral("mqtt://a"))).ok());
    }

    void says_how_each_transport_can_be_closed()
    {
        using Way = CloseHow::Way;
        for (const Scheme scheme :
             {Scheme::Tcp, Scheme::UnixSocket, Scheme::Tls, Scheme::WebSocket, Scheme::SecureWebSocket}) {
            QVERIFY(canClose(scheme, Way::Close) && canClose(scheme, Way::Reset) &&
                    canClose(scheme, Way::ResetWhenSent));
            QCOMPARE(canClose(scheme, Way::WithoutCloseNotify), usesTls(scheme));
            QCOMPARE(canClose(scheme, CloseHow::webSocket(1001)), usesWebSocket(scheme));
        }
        QVERIFY(CloseHow::webSocket(1001) != CloseHow::webSocket(1002));
    }

    void rejects_credentials_without_repeating_them_data()
    {
        QTest::addColumn<QString>("text");
        for (const char *text : {"mqtt://alice:s3cret@h", "alice:s3cret@h:1883", "mqtt://alice:s3cret/x@h",
                                 "mqtt://s3cret@h", "ws://alice:s3cret@h/mqtt", "mqtt://alice:s3cret:s3cret@h"})
            QTest::newRow(text) << QString::fromUtf8(text);
    }

    void rejects_credentials_without_repeating_them()
    {
        QFETCH(QString, text);
        const auto endpoint = parseEndpoint(text);
        QVERIFY(!endpoint.ok());
        QVERIFY2(endpoint.error().contains(QStringLiteral("password")), qPrintable(endpoint.error()));
        QVERIFY(!endpoint.error().contains(QStringLiteral("s3cret")));
        QVERIFY(!endpoint.error().contains(QStringLiteral("alice")));
    }

    void knows_one_listener_by_its_names_data()
    {
        QTest::addColumn<QString>("one");
        QTest::addColumn<QString>("other");
        QTest::addColumn<bool>("isSame");
        const auto row = [](const char *one, const char *other, bool isSame) {
            QTest::addRow("%s and %s", one, other) << QString::fromLatin1(one) << QString::fromLatin1(other) << isSame;
        };
        row("mqtt://127.0.0.1:1883", "mqtt://localhost", true);
        row("mqtt://[::1]:1883", "mqtt://0.0.0.0:1883", true);
        row("mqtt://localhost:1883", "mqtt://localhost:1884", false);
        row("mqtt://localhost:1883", "ws://localhost:1883", false);
        row("mqtt://broker.example", "mqtt://broker.example:1883", true);
        row("mqtt://broker.example", "mqtt://localhost", false);
    }

    void knows_one_listener_by_its_names()
    {
        QFETCH(QString, one);
        QFETCH(QString, other);
        QFETCH(bool, isSame);
        QCOMPARE(isSameListener(*parseEndpoint(one), *parseEndpoint(other)), isSame);
        QCOMPARE(isSameListener(*parseEndpoint(other), *parseEndpoint(one)), isSame);
    }
};

QTEST_APPLESS_MAIN(TestEndpoint)
#include "tst_endpoint.moc"
