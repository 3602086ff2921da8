// Our client engine against Debian's mosquitto, version by version: QoS both ways, resume with Session Present 1 and
// what waited, an exchange that a cut left open, expiry and the will.
#include "core/engine/engine.h"
#include "core/net/tcp_network.h"
#include "tests/interop/process.h"

#include <QTcpServer>
#include <QTemporaryDir>
#include <QTest>

using namespace sessionscope;
using namespace sessionscope::interop;
using namespace Qt::StringLiterals;

/// Debian's broker on a port of its own, with a configuration of its own.
class Mosquitto
{
public:
    /// Debian keeps it where an ordinary user's PATH may not look.
    static QString program()
    {
        return QStandardPaths::findExecutable(u"mosquitto"_s, {u"/usr/sbin"_s, u"/usr/bin"_s, u"/usr/local/sbin"_s});
    }

    bool start()
    {
        {
            QTcpServer probe;
            if (!probe.listen(QHostAddress::LocalHost))
                return false;
            m_port = probe.serverPort();
        }
        QFile config(m_folder.filePath(u"mosquitto.conf"_s));
        if (!config.open(QIODevice::WriteOnly))
            return false;
        // user root: as root it would otherwise drop to an account that cannot read the test's folder
        config.write("listener " + QByteArray::number(m_port) + " 127.0.0.1\nallow_anonymous true\nuser root\n");
        config.close();
        m_process.setProcessChannelMode(QProcess::MergedChannels);
        m_process.start(program(), {u"-v"_s, u"-c"_s, config.fileName()});
        while (m_process.waitForReadyRead(int(patience.count()))) {
            if (m_process.readAll().contains("running"))
                return true;
        }
        return false;
    }
    ~Mosquitto()
    {
        m_process.terminate();
        m_process.waitForFinished(int(patience.count()));
    }
    Endpoint endpoint() const { return {.host = u"127.0.0.1"_s, .port = m_port, .path = {}}; }

private:
    QTemporaryDir m_folder;
    QProcess m_process;
    quint16 m_port = 0;
};

/// An engine and everything it has told so far.
class Desk
{
public:
    Desk()
    {
        QObject::connect(&m_engine, &Engine::batchReady, &m_engine, [this] {
            auto batch = m_engine.takeBatch();
            m_view = batch.view;
            for (auto &record : batch.records)
                m_records.push_back(std::move(record));
        });
    }

    ClientKey add(const QByteArray &name, const Endpoint &broker)
    {
        const auto key = m_engine.newClientKey();
        m_engine.submit(AddClient{.key = key, .name = name, .broker = broker, .policy = {}});
        return key;
    }
    void tell(ClientKey key, ClientCommand command) { m_engine.submit(ClientDo{key, std::move(command)}); }
    void cut(ClientKey key) { m_engine.submit(CutLink{key, CloseHow::Reset}); }

    const ClientView *client(ClientKey key) const
    {
        const auto found = std::find_if(m_view.clients.begin(), m_view.clients.end(),
                                        [&](const auto &each) { return each.key == key; });
        return found == m_view.clients.end() ? nullptr : &*found;
    }
    ClientConnection connection(ClientKey key) const
    {
        return client(key) ? client(key)->connection : ClientConnection::Closed;
    }
    bool isConnected(ClientKey key) const { return connection(key) == ClientConnection::Connected; }
    /// Of the newest CONNACK; -1 when there was none since the last connect.
    int sessionPresent(ClientKey key) const
    {
        return isConnected(key) && client(key)->connack ? int(client(key)->connack->sessionPresent) : -1;
    }
    qsizetype open(ClientKey key) const { return client(key) ? client(key)->sentTotal : -1; }

    template<class Note, class Test> int countNotes(ClientKey key, Test test) const
    {
        return int(std::count_if(m_records.begin(), m_records.end(), [&](const TraceRecord &record) {
            const auto *note = std::get_if<ClientNote>(&record.what);
            const auto *effect = note ? std::get_if<Note>(&note->effect) : nullptr;
            return record.client == key && effect && test(*effect);
        }));
    }
    int delivered(ClientKey key, const QByteArray &payload) const
    {
        return countNotes<MessageDelivered>(key, [&](const auto &note) { return note.publish.payload == payload; });
    }
    int subscribed(ClientKey key) const
    {
        return countNotes<RequestCompleted>(key, [](const auto &note) { return !isFailure(note.reasons.value(0)); });
    }

private:
    Engine m_engine{[] { return std::make_unique<TcpNetwork>(); }};
    LabView m_view;
    std::vector<TraceRecord> m_records;
};

class OurClient : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        if (Mosquitto::program().isEmpty())
            QSKIP("mosquitto is not installed");
        QVERIFY(m_mosquitto.start());
    }

    void exchanges_messages_at_every_qos_data() { versions(); }
    void exchanges_messages_at_every_qos();
    void resumes_with_session_present_and_gets_what_waited_data() { versions(); }
    void resumes_with_session_present_and_gets_what_waited();
    void completes_a_qos2_publish_that_a_cut_left_open_data() { versionsWithSessionPresent(); }
    void completes_a_qos2_publish_that_a_cut_left_open();
    void leaves_no_session_behind_when_it_was_to_end_with_the_connection_data() { versions(); }
    void leaves_no_session_behind_when_it_was_to_end_with_the_connection();
    void has_its_will_published_after_a_cut_data() { versions(); }
    void has_its_will_published_after_a_cut();
    void finds_no_session_after_its_expiry();

private:
    static void versions()
    {
        QTest::addColumn<Version>("version");
        QTest::newRow("3.1") << Version::V31;
        addVersionsWithSessionPresent();
    }
    /// 3.1 cannot tell a resumed session from a new one.
    static void versionsWithSessionPresent()
    {
        QTest::addColumn<Version>("version");
        addVersionsWithSessionPresent();
    }
    static void addVersionsWithSessionPresent()
    {
        QTest::newRow("3.1.1") << Version::V311;
        QTest::newRow("5.0") << Version::V5;
    }
    static QByteArray own(const char *name) { return QByteArray(QTest::currentDataTag()) + '-' + name; }

    /// A client that wants its session kept (or not), as each version says it.
    static ConnectPacket connectPacket(Version version, const QByteArray &clientId, bool kept)
    {
        ConnectPacket packet;
        packet.protocolName = version == Version::V31 ? "MQIsdp" : "MQTT";
        packet.protocolLevel = quint8(version);
        packet.clientId = clientId;
        packet.cleanStart = !kept || version == Version::V5;
        packet.keepAlive = 60;
        if (version == Version::V5 && kept)
            packet.properties.add(PropertyId::SessionExpiryInterval, 300);
        return packet;
    }
    static PublishCommand publish(const QByteArray &topic, const QByteArray &payload, Qos qos)
    {
        return {{.topic = topic, .payload = payload, .qos = qos, .properties = {}, .expiresAt = {}}};
    }
    static SubscribeCommand subscribe(const QByteArray &filter)
    {
        return {{{filter, {.maximumQos = Qos::ExactlyOnce}}}, {}};
    }

    Mosquitto m_mosquitto;
};

// v3:MQTT-7.0.0-2
void OurClient::exchanges_messages_at_every_qos()
{
    QFETCH(Version, version);
    Desk desk;
    const auto client = desk.add("client", m_mosquitto.endpoint());
    desk.tell(client, ConnectCommand{connectPacket(version, own("both"), false)});
    QTRY_COMPARE(desk.sessionPresent(client), 0);
    desk.tell(client, subscribe(own("echo")));
    QTRY_COMPARE(desk.subscribed(client), 1);
    for (auto qos : {Qos::AtMostOnce, Qos::AtLeastOnce, Qos::ExactlyOnce}) {
        const auto payload = "qos " + QByteArray::number(int(qos));
        desk.tell(client, publish(own("echo"), payload, qos));
        QTRY_COMPARE(desk.delivered(client, payload), 1);
    }
    QTRY_COMPARE(desk.open(client), 0);
}

void OurClient::resumes_with_session_present_and_gets_what_waited()
{
    QFETCH(Version, version);
    Desk desk;
    const auto device = desk.add("device", m_mosquitto.endpoint());
    const auto backend = desk.add("backend", m_mosquitto.endpoint());
    desk.tell(device, ConnectCommand{connectPacket(version, own("device"), true)});
    QTRY_COMPARE(desk.sessionPresent(device), 0);
    desk.tell(device, subscribe(own("offline")));
    QTRY_COMPARE(desk.subscribed(device), 1);
    desk.cut(device);
    QTRY_COMPARE(desk.connection(device), ClientConnection::Closed);

    desk.tell(backend, ConnectCommand{connectPacket(version, own("backend"), false)});
    QTRY_VERIFY(desk.isConnected(backend));
    desk.tell(backend, publish(own("offline"), "waited 1", Qos::AtLeastOnce));
    desk.tell(backend, publish(own("offline"), "waited 2", Qos::ExactlyOnce));
    QTRY_COMPARE((desk.countNotes<PublishCompleted>(backend, [](const auto &) { return true; })), 2);

    desk.tell(device, ReconnectCommand{});
    // 3.1 has no Session Present: the engine goes by its own record there.
    QTRY_COMPARE(desk.sessionPresent(device), version == Version::V31 ? 0 : 1);
    QTRY_COMPARE(desk.delivered(device, "waited 1"), 1);
    QTRY_COMPARE(desk.delivered(device, "waited 2"), 1);
}

void OurClient::completes_a_qos2_publish_that_a_cut_left_open()
{
    QFETCH(Version, version);
    Desk desk;
    const auto device = desk.add("device", m_mosquitto.endpoint());
    const auto watcher = desk.add("watcher", m_mosquitto.endpoint());
    desk.tell(watcher, ConnectCommand{connectPacket(version, own("watcher"), false)});
    QTRY_VERIFY(desk.isConnected(watcher));
    desk.tell(watcher, subscribe(own("open")));
    QTRY_COMPARE(desk.subscribed(watcher), 1);
    desk.tell(device, ConnectCommand{connectPacket(version, own("publisher"), true)});
    QTRY_COMPARE(desk.sessionPresent(device), 0);

    desk.tell(device, publish(own("open"), "once", Qos::ExactlyOnce));
    desk.cut(device);
    QTRY_COMPARE(desk.connection(device), ClientConnection::Closed);
    QCOMPARE(desk.open(device), 1);
    desk.tell(device, ReconnectCommand{});
    QTRY_COMPARE(desk.sessionPresent(device), 1);
    QTRY_COMPARE(desk.open(device), 0);
    // What follows on the same topic comes after it: nothing can arrive late unseen.
    desk.tell(device, publish(own("open"), "after", Qos::ExactlyOnce));
    QTRY_COMPARE(desk.delivered(watcher, "after"), 1);
    QCOMPARE(desk.delivered(watcher, "once"), 1);
}

void OurClient::leaves_no_session_behind_when_it_was_to_end_with_the_connection()
{
    QFETCH(Version, version);
    Desk desk;
    const auto device = desk.add("device", m_mosquitto.endpoint());
    desk.tell(device, ConnectCommand{connectPacket(version, own("short-lived"), false)});
    QTRY_COMPARE(desk.sessionPresent(device), 0);
    desk.tell(device, DisconnectCommand{});
    QTRY_COMPARE(desk.connection(device), ClientConnection::Closed);
    QVERIFY(!desk.client(device)->record);
    desk.tell(device, ReconnectCommand{});
    QTRY_COMPARE(desk.sessionPresent(device), 0);
}

void OurClient::has_its_will_published_after_a_cut()
{
    QFETCH(Version, version);
    Desk desk;
    const auto device = desk.add("device", m_mosquitto.endpoint());
    const auto watcher = desk.add("watcher", m_mosquitto.endpoint());
    desk.tell(watcher, ConnectCommand{connectPacket(version, own("watcher"), false)});
    QTRY_VERIFY(desk.isConnected(watcher));
    desk.tell(watcher, subscribe(own("will")));
    QTRY_COMPARE(desk.subscribed(watcher), 1);
    auto packet = connectPacket(version, own("mortal"), false);
    packet.will = Will{.topic = own("will"), .payload = "gone", .qos = Qos::AtLeastOnce, .properties = {}};
    desk.tell(device, ConnectCommand{packet});
    QTRY_VERIFY(desk.isConnected(device));
    desk.cut(device);
    QTRY_COMPARE(desk.delivered(watcher, "gone"), 1);
}

void OurClient::finds_no_session_after_its_expiry()
{
    Desk desk;
    const auto device = desk.add("device", m_mosquitto.endpoint());
    const auto watcher = desk.add("watcher", m_mosquitto.endpoint());
    desk.tell(watcher, ConnectCommand{connectPacket(Version::V5, "expiry-watcher", false)});
    QTRY_VERIFY(desk.isConnected(watcher));
    desk.tell(watcher, subscribe("expired"));
    QTRY_COMPARE(desk.subscribed(watcher), 1);
    // The will's delay is longer than the session, so the will tells when the broker ended it.
    auto packet = connectPacket(Version::V5, "expiring", false);
    packet.properties.add(PropertyId::SessionExpiryInterval, 1);
    packet.will = Will{.topic = "expired",
                       .payload = "session over",
                       .qos = Qos::AtLeastOnce,
                       .properties = {{PropertyId::WillDelayInterval, quint32{100'000}}}};
    desk.tell(device, ConnectCommand{packet});
    QTRY_COMPARE(desk.sessionPresent(device), 0);
    desk.cut(device);
    QTRY_COMPARE_WITH_TIMEOUT(desk.delivered(watcher, "session over"), 1, 10'000);
    QTRY_VERIFY(!desk.client(device)->record);
    desk.tell(device, ReconnectCommand{});
    QTRY_COMPARE(desk.sessionPresent(device), 0);
}

QTEST_GUILESS_MAIN(OurClient)
#include "tst_our_client.moc"
