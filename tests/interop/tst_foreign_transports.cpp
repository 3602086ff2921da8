// Other people's programs over TLS and WebSocket: MQTT.js and mosquitto's command line against the bundled broker, our
// client against mosquitto. A session is resumed over each of them.
#include "tests/interop/desk.h"
#include "tests/interop/foreign_broker.h"
#include "tests/interop/peer.h"
#include "tests/net/certificates.h"

using namespace sessionscope;
using namespace sessionscope::interop;
using namespace Qt::StringLiterals;

class ForeignTransports : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        const TlsSettings tls = serverTls();
        QVERIFY(m_broker.start({u"--listen"_s, u"mqtts://127.0.0.1:0"_s, u"--listen"_s, u"ws://127.0.0.1:0"_s,
                                u"--listen"_s, u"wss://127.0.0.1:0"_s, u"--tls-cert"_s, tls.certificateFile,
                                u"--tls-key"_s, tls.keyFile}));
    }

    void serves_mqttjs_data();
    void serves_mqttjs();
    void serves_mosquitto_sub_with_its_certificate();
    void resumes_at_mosquitto_data();
    void resumes_at_mosquitto();

private:
    BundledBroker m_broker;
    std::unique_ptr<ForeignBroker> m_mosquitto; ///< once a test needs it
};

void ForeignTransports::serves_mqttjs_data()
{
    QTest::addColumn<QString>("protocol");
    QTest::addColumn<int>("version");
    for (const char *protocol : {"mqtts", "ws", "wss"}) {
        for (const int version : {4, 5})
            QTest::addRow("%s, level %d", protocol, version) << QString::fromLatin1(protocol) << version;
    }
}

// MQTT-6.0.0-2, v3:MQTT-6.0.0-2
void ForeignTransports::serves_mqttjs()
{
    if (const auto lack = Peer::missing(Library::MqttJs); !lack.isEmpty())
        QSKIP(qPrintable(lack));
    QFETCH(QString, protocol);
    QFETCH(int, version);
    const QString topic = u"t/"_s + QString::fromLatin1(QTest::currentDataTag());
    Peer peer(Library::MqttJs, version);
    QVERIFY(peer.start());
    const auto connectPeer = [&](bool clean) {
        peer.connectTo(m_broker.portOf(qPrintable(protocol)), topic, clean,
                       {{u"protocol"_s, protocol}, {u"ca"_s, certificate("ca.pem")}, {u"expiry"_s, 60}});
        return peer.expect(u"connack"_s);
    };
    QCOMPARE(connectPeer(true).value(u"reason"_s).toInt(-1), 0);
    peer.tell({{u"do"_s, u"subscribe"_s}, {u"topic"_s, topic}, {u"qos"_s, 2}});
    QVERIFY(!peer.expect(u"suback"_s).isEmpty());
    // Larger than a frame or record of any of them.
    const QString large(200'000, u'x');
    peer.tell({{u"do"_s, u"publish"_s}, {u"topic"_s, topic}, {u"payload"_s, large}, {u"qos"_s, 2}});
    QVERIFY(!peer.expect(u"message"_s, {{u"payload"_s, large}}).isEmpty());
    if (version == 4) // its first session was a clean one
        return;
    peer.tell({{u"do"_s, u"cut"_s}});
    QVERIFY(!peer.expect(u"closed"_s).isEmpty());
    QCOMPARE(connectPeer(false).value(u"sessionPresent"_s).toInt(), 1);
}

void ForeignTransports::serves_mosquitto_sub_with_its_certificate()
{
    const QString program = QStandardPaths::findExecutable(u"mosquitto_sub"_s);
    if (program.isEmpty())
        QSKIP("mosquitto_sub is not installed");
    const QStringList where{u"-h"_s, u"localhost"_s, u"-p"_s, QString::number(m_broker.portOf("mqtts"))};
    LineProcess subscriber;
    QVERIFY(
        subscriber.start(program, where + QStringList{u"--cafile"_s, certificate("ca.pem"), u"-t"_s,
                                                      u"$SYS/broker/version"_s, u"-C"_s, u"1"_s, u"-W"_s, u"10"_s}));
    QVERIFY(subscriber.waitForEnd());
    QCOMPARE(subscriber.exitCode(), 0);
    QVERIFY(subscriber.seen().join().contains("sessionscope"));
    LineProcess distrustful(StandardError::Read);
    QVERIFY(distrustful.start(
        program, where + QStringList{u"--cafile"_s, certificate("other-ca.pem"), u"-t"_s, u"a"_s, u"-W"_s, u"10"_s}));
    QVERIFY(distrustful.waitForEnd());
    QVERIFY(distrustful.exitCode() != 0);
}

void ForeignTransports::resumes_at_mosquitto_data()
{
    QTest::addColumn<Scheme>("scheme");
    QTest::addColumn<CloseHow>("how");
    QTest::newRow("TLS, reset") << Scheme::Tls << CloseHow(CloseHow::Reset);
    QTest::newRow("TLS, close") << Scheme::Tls << CloseHow(CloseHow::Close);
    QTest::newRow("TLS, without close_notify") << Scheme::Tls << CloseHow(CloseHow::WithoutCloseNotify);
    QTest::newRow("WebSocket, close") << Scheme::WebSocket << CloseHow(CloseHow::Close);
    QTest::newRow("WebSocket, 1001") << Scheme::WebSocket << CloseHow::webSocket(1001);
}

// MQTT-6.0.0-2, MQTT-6.0.0-3, MQTT-6.0.0-4, v3:MQTT-6.0.0-2, v3:MQTT-6.0.0-3, v3:MQTT-6.0.0-4
void ForeignTransports::resumes_at_mosquitto()
{
    if (const auto lack = ForeignBroker::missing(Maker::Mosquitto); !lack.isEmpty())
        QSKIP(qPrintable(lack));
    QFETCH(Scheme, scheme);
    QFETCH(CloseHow, how);
    if (!m_mosquitto) {
        auto started = std::make_unique<ForeignBroker>();
        QVERIFY(started->startWithTransports());
        m_mosquitto = std::move(started);
    }
    const ForeignBroker &broker = *m_mosquitto;
    Desk desk;
    const auto topic = fresh("offline");
    const auto device = desk.add("device", broker.endpoint(scheme));
    const auto backend = desk.add("backend", broker.endpoint());
    desk.tell(device, ConnectCommand{connectPacket(Version::V5, Session::Kept, fresh("device"))});
    QTRY_COMPARE(desk.sessionPresent(device), 0);
    desk.tell(device, subscribe(topic));
    QTRY_COMPARE(desk.answered(device), 1);
    desk.cut(device, how);
    QTRY_COMPARE(desk.connection(device), ClientConnection::Closed);
    desk.tell(backend, ConnectCommand{connectPacket(Version::V5, Session::EndsWithConnection, fresh("backend"))});
    QTRY_COMPARE(desk.sessionPresent(backend), 0);
    desk.tell(backend, publish(topic, "waited", Qos::ExactlyOnce));
    QTRY_COMPARE(desk.completed(backend), 1);
    desk.tell(device, ReconnectCommand{});
    QTRY_COMPARE(desk.sessionPresent(device), 1);
    QTRY_COMPARE(desk.delivered(device, "waited"), 1);
}

QTEST_GUILESS_MAIN(ForeignTransports)
#include "tst_foreign_transports.moc"
