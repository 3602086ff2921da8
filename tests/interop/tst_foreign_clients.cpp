// Paho for Python, MQTT.js and mosquitto's command line against the bundled broker, version by version: QoS both ways,
// what waits while offline, Session Present, expiry and the will. Real time, so the end of a session is awaited through
// the will that it publishes.
#include "tests/interop/peer.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace sessionscope::interop;
using namespace Qt::StringLiterals;

class ForeignClients : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QVERIFY(m_broker.start()); }

    void exchanges_messages_at_every_qos_data() { peers(); }
    void exchanges_messages_at_every_qos();
    void delivers_what_waited_while_offline_data() { peers(); }
    void delivers_what_waited_while_offline();
    void forgets_a_session_that_ends_with_its_connection_data() { peers(); }
    void forgets_a_session_that_ends_with_its_connection();
    void publishes_the_will_after_a_cut_only_data() { peers(); }
    void publishes_the_will_after_a_cut_only();
    void ends_a_session_when_its_expiry_is_over_data() { versionFivePeers(); }
    void ends_a_session_when_its_expiry_is_over();
    void takes_a_new_expiry_from_disconnect_data() { versionFivePeers(); }
    void takes_a_new_expiry_from_disconnect();
    void serves_mosquitto_pub_and_sub_data();
    void serves_mosquitto_pub_and_sub();
    void queues_for_mosquitto_sub_while_it_is_away_data() { serves_mosquitto_pub_and_sub_data(); }
    void queues_for_mosquitto_sub_while_it_is_away();
    void tells_mosquitto_sub_its_figures();
    void judges_by_the_files_that_mosquitto_reads_data() { serves_mosquitto_pub_and_sub_data(); }
    void judges_by_the_files_that_mosquitto_reads();

private:
    static void peers()
    {
        QTest::addColumn<int>("library");
        QTest::addColumn<int>("version");
        QTest::newRow("paho 3.1.1") << int(Library::Paho) << 4;
        QTest::newRow("paho 5.0") << int(Library::Paho) << 5;
        QTest::newRow("mqtt.js 3.1.1") << int(Library::MqttJs) << 4;
        QTest::newRow("mqtt.js 5.0") << int(Library::MqttJs) << 5;
    }
    static void versionFivePeers()
    {
        QTest::addColumn<int>("library");
        QTest::addColumn<int>("version");
        QTest::newRow("paho 5.0") << int(Library::Paho) << 5;
        QTest::newRow("mqtt.js 5.0") << int(Library::MqttJs) << 5;
    }
    /// A topic and client id of this row's own.
    static QString own(const char *name)
    {
        return u"%1/%2"_s.arg(QString::fromLatin1(QTest::currentDataTag()), QLatin1String(name));
    }
    static QString mosquitto(const QString &tool) { return QStandardPaths::findExecutable(tool); }

    BundledBroker m_broker;
};

#define NEEDS(library)                                                                                                 \
    if (const auto lack = Peer::missing(library); !lack.isEmpty())                                                     \
    QSKIP(qPrintable(lack))

static QJsonObject subscribe(const QString &topic, int qos)
{
    return {{u"do"_s, u"subscribe"_s}, {u"topic"_s, topic}, {u"qos"_s, qos}};
}

static QJsonObject publish(const QString &topic, const QString &payload, int qos)
{
    return {{u"do"_s, u"publish"_s}, {u"topic"_s, topic}, {u"payload"_s, payload}, {u"qos"_s, qos}};
}

/// Kept after the connection: an expiry in 5.0, Clean Session 0 alone in 3.1.1.
static QJsonObject lasting(int version)
{
    return version == 5 ? QJsonObject{{u"expiry"_s, 300}} : QJsonObject{};
}

// v3:MQTT-7.0.0-2
void ForeignClients::exchanges_messages_at_every_qos()
{
    QFETCH(int, library);
    QFETCH(int, version);
    NEEDS(Library(library));
    Peer peer{Library(library), version};
    QVERIFY(peer.start());
    peer.connectTo(m_broker.port(), own("both"), true);
    QCOMPARE(peer.expect(u"connack"_s).value(u"sessionPresent"_s).toInt(-1), 0);
    const auto topic = own("echo");
    peer.tell(subscribe(topic, 2));
    QVERIFY(!peer.expect(u"suback"_s).isEmpty());
    for (int qos : {0, 1, 2}) {
        const auto payload = u"qos %1"_s.arg(qos);
        peer.tell(publish(topic, payload, qos));
        QVERIFY2(!peer.expect(u"published"_s).isEmpty(), qPrintable(payload));
        QCOMPARE(peer.expect(u"message"_s, {{u"payload"_s, payload}}).value(u"qos"_s).toInt(-1), qos);
        QCOMPARE(peer.count(payload), 1);
    }
}

void ForeignClients::delivers_what_waited_while_offline()
{
    QFETCH(int, library);
    QFETCH(int, version);
    NEEDS(Library(library));
    Peer device{Library(library), version};
    Peer backend{Library(library), version};
    QVERIFY(device.start() && backend.start());
    const auto topic = own("offline");
    device.connectTo(m_broker.port(), own("device"), version == 5, lasting(version));
    QCOMPARE(device.expect(u"connack"_s).value(u"sessionPresent"_s).toInt(-1), 0);
    device.tell(subscribe(topic, 2));
    QVERIFY(!device.expect(u"suback"_s).isEmpty());
    device.tell({{u"do"_s, u"cut"_s}});
    QVERIFY(!device.expect(u"closed"_s).isEmpty());

    backend.connectTo(m_broker.port(), own("backend"), true);
    QVERIFY(!backend.expect(u"connack"_s).isEmpty());
    for (int qos : {1, 2}) {
        backend.tell(publish(topic, u"waited %1"_s.arg(qos), qos));
        QVERIFY(!backend.expect(u"published"_s).isEmpty());
    }

    device.connectTo(m_broker.port(), own("device"), false, lasting(version));
    QCOMPARE(device.expect(u"connack"_s).value(u"sessionPresent"_s).toInt(-1), 1);
    for (int qos : {1, 2}) {
        const auto payload = u"waited %1"_s.arg(qos);
        QCOMPARE(device.expect(u"message"_s, {{u"payload"_s, payload}}).value(u"qos"_s).toInt(-1), qos);
        QCOMPARE(device.count(payload), 1);
    }
}

void ForeignClients::forgets_a_session_that_ends_with_its_connection()
{
    QFETCH(int, library);
    QFETCH(int, version);
    NEEDS(Library(library));
    Peer device{Library(library), version};
    QVERIFY(device.start());
    device.connectTo(m_broker.port(), own("short-lived"), true);
    QVERIFY(!device.expect(u"connack"_s).isEmpty());
    device.tell({{u"do"_s, u"cut"_s}});
    QVERIFY(!device.expect(u"closed"_s).isEmpty());
    Peer again{Library(library), version};
    QVERIFY(again.start());
    again.connectTo(m_broker.port(), own("short-lived"), false);
    QCOMPARE(again.expect(u"connack"_s).value(u"sessionPresent"_s).toInt(-1), 0);
}

void ForeignClients::publishes_the_will_after_a_cut_only()
{
    QFETCH(int, library);
    QFETCH(int, version);
    NEEDS(Library(library));
    Peer watcher{Library(library), version};
    QVERIFY(watcher.start());
    watcher.connectTo(m_broker.port(), own("watcher"), true);
    QVERIFY(!watcher.expect(u"connack"_s).isEmpty());
    const auto topic = own("will");
    watcher.tell(subscribe(topic, 1));
    QVERIFY(!watcher.expect(u"suback"_s).isEmpty());

    for (const auto &[leaving, payload] :
         {std::pair{u"disconnect"_s, u"must not come"_s}, std::pair{u"cut"_s, u"gone"_s}}) {
        Peer device{Library(library), version};
        QVERIFY(device.start());
        device.connectTo(m_broker.port(), own("mortal"), true,
                         {{u"will"_s, QJsonObject{{u"topic"_s, topic}, {u"payload"_s, payload}, {u"qos"_s, 1}}}});
        QVERIFY(!device.expect(u"connack"_s).isEmpty());
        device.tell({{u"do"_s, leaving}});
        QVERIFY(!device.expect(u"closed"_s).isEmpty());
    }
    QVERIFY(!watcher.expect(u"message"_s, {{u"payload"_s, u"gone"_s}}).isEmpty());
    QCOMPARE(watcher.count(u"must not come"_s), 0);
}

/// Connects with a will that the session's end publishes, leaves by how, waits for that will, and comes back.
/// The delay is far longer than the session, so the will marks the session's end and nothing else.
static void comes_back_after_the_session_ended(quint16 port, Library library, const QString &prefix, int expiry,
                                               const QJsonObject &leave)
{
    Peer watcher{library, 5};
    Peer device{library, 5};
    QVERIFY(watcher.start() && device.start());
    watcher.connectTo(port, prefix + u"-watcher"_s, true);
    QVERIFY(!watcher.expect(u"connack"_s).isEmpty());
    watcher.tell(subscribe(prefix, 1));
    QVERIFY(!watcher.expect(u"suback"_s).isEmpty());
    device.connectTo(
        port, prefix + u"-device"_s, true,
        {{u"expiry"_s, expiry},
         {u"will"_s,
          QJsonObject{{u"topic"_s, prefix}, {u"payload"_s, u"session over"_s}, {u"qos"_s, 1}, {u"delay"_s, 100'000}}}});
    QVERIFY(!device.expect(u"connack"_s).isEmpty());
    device.tell(leave);
    QVERIFY(!device.expect(u"closed"_s).isEmpty());
    QVERIFY(!watcher.expect(u"message"_s, {{u"payload"_s, u"session over"_s}}).isEmpty());
    device.connectTo(port, prefix + u"-device"_s, false, {{u"expiry"_s, expiry}});
    QCOMPARE(device.expect(u"connack"_s).value(u"sessionPresent"_s).toInt(-1), 0);
}

void ForeignClients::ends_a_session_when_its_expiry_is_over()
{
    QFETCH(int, library);
    NEEDS(Library(library));
    comes_back_after_the_session_ended(m_broker.port(), Library(library), own("expiry"), 1, {{u"do"_s, u"cut"_s}});
}

void ForeignClients::takes_a_new_expiry_from_disconnect()
{
    QFETCH(int, library);
    NEEDS(Library(library));
    comes_back_after_the_session_ended(m_broker.port(), Library(library), own("disconnect"), 300,
                                       {{u"do"_s, u"disconnect"_s}, {u"reason"_s, 4}, {u"expiry"_s, 1}});
}

void ForeignClients::serves_mosquitto_pub_and_sub_data()
{
    QTest::addColumn<QString>("version");
    QTest::newRow("mosquitto 3.1") << u"mqttv31"_s;
    QTest::newRow("mosquitto 3.1.1") << u"mqttv311"_s;
    QTest::newRow("mosquitto 5.0") << u"mqttv5"_s;
}

void ForeignClients::serves_mosquitto_pub_and_sub()
{
    QFETCH(QString, version);
    if (mosquitto(u"mosquitto_pub"_s).isEmpty())
        QSKIP("mosquitto-clients is not installed");
    const auto topic = own("tools");
    const QStringList where{u"-h"_s, u"127.0.0.1"_s, u"-p"_s, QString::number(m_broker.port()),
                            u"-V"_s, version,        u"-t"_s, topic};
    for (const auto &qos : {u"0"_s, u"1"_s, u"2"_s}) {
        // The retained message is there before the subscriber, so nobody has to know when it is ready.
        LineProcess publisher;
        QVERIFY(publisher.start(mosquitto(u"mosquitto_pub"_s),
                                where + QStringList{u"-q"_s, qos, u"-r"_s, u"-m"_s, u"at qos "_s + qos}));
        QVERIFY(publisher.waitForEnd());
        QCOMPARE(publisher.exitCode(), 0);
        LineProcess subscriber;
        QVERIFY(subscriber.start(mosquitto(u"mosquitto_sub"_s),
                                 where + QStringList{u"-q"_s, qos, u"-C"_s, u"1"_s, u"-W"_s, u"10"_s}));
        QVERIFY(subscriber.waitForEnd());
        QCOMPARE(subscriber.exitCode(), 0);
        QVERIFY(subscriber.seen().contains("at qos " + qos.toLatin1()));
    }
}

void ForeignClients::queues_for_mosquitto_sub_while_it_is_away()
{
    QFETCH(QString, version);
    if (mosquitto(u"mosquitto_sub"_s).isEmpty())
        QSKIP("mosquitto-clients is not installed");
    const auto topic = own("away");
    const QStringList where{u"-h"_s, u"127.0.0.1"_s, u"-p"_s, QString::number(m_broker.port()),
                            u"-V"_s, version,        u"-t"_s, topic,
                            u"-q"_s, u"2"_s};
    QStringList lasting{u"-c"_s, u"-i"_s, u"away-"_s + version};
    if (version == u"mqttv5")
        lasting += {u"-x"_s, u"300"_s};
    LineProcess first;
    // -E: leave as soon as the subscription is acknowledged.
    QVERIFY(first.start(mosquitto(u"mosquitto_sub"_s), where + lasting + QStringList{u"-E"_s}));
    QVERIFY(first.waitForEnd());
    QCOMPARE(first.exitCode(), 0);
    LineProcess publisher;
    QVERIFY(publisher.start(mosquitto(u"mosquitto_pub"_s), where + QStringList{u"-m"_s, u"while away"_s}));
    QVERIFY(publisher.waitForEnd());
    LineProcess second;
    QVERIFY(
        second.start(mosquitto(u"mosquitto_sub"_s), where + lasting + QStringList{u"-C"_s, u"1"_s, u"-W"_s, u"10"_s}));
    QVERIFY(second.waitForEnd());
    QCOMPARE(second.exitCode(), 0);
    QVERIFY(second.seen().contains("while away"));
}

void ForeignClients::tells_mosquitto_sub_its_figures()
{
    if (mosquitto(u"mosquitto_sub"_s).isEmpty())
        QSKIP("mosquitto-clients is not installed");
    LineProcess subscriber;
    QVERIFY(subscriber.start(mosquitto(u"mosquitto_sub"_s),
                             {u"-h"_s, u"127.0.0.1"_s, u"-p"_s, QString::number(m_broker.port()), u"-v"_s, u"-t"_s,
                              u"$SYS/broker/clients/#"_s, u"-C"_s, u"5"_s, u"-W"_s, u"10"_s}));
    QVERIFY(subscriber.waitForEnd());
    QCOMPARE(subscriber.exitCode(), 0);
    QVERIFY(subscriber.seen().contains("$SYS/broker/clients/connected 1"));
}

void ForeignClients::judges_by_the_files_that_mosquitto_reads()
{
    QFETCH(QString, version);
    const QString passwordTool = mosquitto(u"mosquitto_passwd"_s);
    if (passwordTool.isEmpty() || mosquitto(u"mosquitto_pub"_s).isEmpty())
        QSKIP("mosquitto_passwd or mosquitto-clients is not installed");
    QTemporaryDir folder;
    const QString passwords = folder.filePath(u"passwords"_s);
    LineProcess tool;
    QVERIFY(tool.start(passwordTool, {u"-c"_s, u"-b"_s, passwords, u"ann"_s, u"sesame"_s}));
    QVERIFY(tool.waitForEnd());
    QFile list(folder.filePath(u"acl"_s));
    QVERIFY(list.open(QIODevice::WriteOnly));
    list.write("user ann\ntopic read #\npattern write from/%u/%c\n");
    list.close();
    BundledBroker broker;
    QVERIFY(broker.start({u"--password-file"_s, passwords, u"--acl-file"_s, list.fileName(), u"--no-anonymous"_s}));

    const QStringList where{u"-h"_s, u"127.0.0.1"_s, u"-p"_s, QString::number(broker.port()),
                            u"-V"_s, version,        u"-i"_s, u"c"_s};
    const auto publish = [&](const QStringList &account, const QString &topic) {
        LineProcess publisher;
        const QStringList what{u"-r"_s, u"-q"_s, u"1"_s, u"-m"_s, u"x"_s, u"-t"_s, topic};
        if (!publisher.start(mosquitto(u"mosquitto_pub"_s), where + account + what) || !publisher.waitForEnd())
            return -1;
        return publisher.exitCode();
    };
    const QStringList ann{u"-u"_s, u"ann"_s, u"-P"_s, u"sesame"_s};
    QVERIFY(publish({}, u"t"_s) > 0);
    QVERIFY(publish({u"-u"_s, u"ann"_s, u"-P"_s, u"wrong"_s}, u"t"_s) > 0);
    publish(ann, u"from/ann/a"_s); // its exit code tells nothing about a refused PUBLISH
    QCOMPARE(publish(ann, u"from/ann/c"_s), 0);
    LineProcess subscriber;
    QVERIFY(subscriber.start(mosquitto(u"mosquitto_sub"_s),
                             where + ann + QStringList{u"-v"_s, u"-t"_s, u"#"_s, u"-C"_s, u"1"_s, u"-W"_s, u"10"_s}));
    QVERIFY(subscriber.waitForEnd());
    QVERIFY(subscriber.seen().contains("from/ann/c x"));
    QVERIFY(!subscriber.seen().contains("from/ann/a x"));
}

QTEST_GUILESS_MAIN(ForeignClients)
#include "tst_foreign_clients.moc"
