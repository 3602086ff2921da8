// A recording that begins while clients are at work brings them there first, and plays again.
#include "tests/scenario/recorded_desk.h"

#include "core/scenario/read_scenario.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace sessionscope;
using namespace std::chrono_literals;

class RecorderStartTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void begins_with_what_brings_clients_there_data();
    void begins_with_what_brings_clients_there();
    void says_what_was_under_way_when_it_began();
    void keeps_the_certificates_of_its_clients();
    void keeps_the_authentication_of_clients_at_work();
};

using Arrange = void (*)(Desk &);

void RecorderStartTest::begins_with_what_brings_clients_there_data()
{
    QTest::addColumn<Arrange>("arrange");
    QTest::addColumn<QByteArray>("line");
    QTest::newRow("connected and subscribed") << Arrange([](Desk &desk) {
        desk.connect(door, "door", false, 3600);
        SubscribeCommand subscribe{{{"cmd/#", {.maximumQos = Qos::ExactlyOnce, .noLocal = true}}}, {}};
        subscribe.properties.add(PropertyId::SubscriptionIdentifier, quint32(7));
        desk.give(ClientDo{door, subscribe});
    }) << QByteArray("identifier: 7");
    QTest::newRow("resumed") << Arrange([](Desk &desk) {
        desk.connect(door, "door", false, 3600);
        desk.subscribe(door, "cmd/#", Qos::AtLeastOnce);
        desk.give(CutLink{door, CloseHow::Reset});
        desk.connect(door, "door", false, 3600);
    }) << QByteArray("subscribe:");
    QTest::newRow("away, with a session") << Arrange([](Desk &desk) {
        desk.connect(door, "door", false, 3600);
        desk.subscribe(door, "cmd/#", Qos::AtLeastOnce);
        desk.give(CutLink{door, CloseHow::Reset});
    }) << QByteArray("door: disconnect");
    QTest::newRow("away, and the broker has ended the session") << Arrange([](Desk &desk) {
        desk.connect(door, "door", false, 3600);
        desk.give(CutLink{door, CloseHow::Reset});
        desk.give(BrokerDo{EndSession{"door"}});
    }) << QByteArray("end_session: door");
    QTest::newRow("away, and has forgotten") << Arrange([](Desk &desk) {
        desk.connect(door, "door", false, 3600);
        desk.subscribe(door, "cmd/#", Qos::AtLeastOnce);
        desk.give(CutLink{door, CloseHow::Reset});
        desk.give(ClientDo{door, ForgetCommand{}});
    }) << QByteArray("store: lost");
    QTest::newRow("holds acknowledgements") << Arrange([](Desk &desk) {
        desk.connect(door, "door", false, 3600);
        desk.subscribe(door, "cmd/#", Qos::AtLeastOnce);
        desk.give(ClientDo{door, HoldAcknowledgements{{PacketType::Puback}}});
    }) << QByteArray("hold: [PUBACK]");
    QTest::newRow("is kept from the broker's acknowledgements") << Arrange([](Desk &desk) {
        desk.connect(door, "door", false, 3600);
        desk.subscribe(door, "cmd/#", Qos::AtLeastOnce);
        desk.give(HoldReceived{door, {PacketType::Puback}});
    }) << QByteArray("hold: {received: [PUBACK]}");
    QTest::newRow("never connected") << Arrange([](Desk &) {}) << QByteArray("clients:");
}

void RecorderStartTest::begins_with_what_brings_clients_there()
{
    QFETCH(Arrange, arrange);
    QFETCH(QByteArray, line);
    Desk desk(Desk::Begin::Later);
    desk.add(door, "door");
    desk.add(backend, "backend");
    arrange(desk);
    desk.pass(3s);
    desk.begin();
    desk.connect(backend, "backend");
    desk.publish(backend, "cmd/open", "go", Qos::AtLeastOnce);
    desk.pass(2s);
    desk.connect(door, "door", false, 3600);
    desk.pass(2s);
    const QByteArray file = desk.file();
    QVERIFY2(file.contains(line), file);
    const RunResult result = play(file);
    QVERIFY2(result.verdict == Verdict::Passed, whyNot(result) + file);
    QCOMPARE(desk.recorder().steps(), std::size_t(3));
}

void RecorderStartTest::says_what_was_under_way_when_it_began()
{
    Desk desk(Desk::Begin::Later);
    desk.add(door, "door");
    desk.add(backend, "backend");
    resume(desk);
    desk.connect(door, "door", false, 3600);
    desk.subscribe(door, "cmd/#", Qos::ExactlyOnce);
    desk.give(CutLink{door, CloseHow::Reset});
    desk.publish(backend, "cmd/open", "earlier", Qos::AtLeastOnce);
    desk.begin();
    desk.pass(1s);
    desk.connect(door, "door", false, 3600);
    desk.pass(1s);
    const QByteArray file = desk.file();
    QVERIFY2(file.contains("1 messages that were under way"), file);
    // It comes out of the broker's queue, and so it is published for the play.
    QVERIFY2(file.contains("payload: earlier"), file);
    const RunResult result = play(file);
    QVERIFY2(result.verdict == Verdict::Passed, whyNot(result) + file);
}

void RecorderStartTest::keeps_the_certificates_of_its_clients()
{
    LabView view;
    view.clients = {{.key = door, .name = "door", .broker = QStringLiteral("mqtts://a.example:8883")},
                    {.key = backend, .name = "backend", .broker = QStringLiteral("mqtts://b.example:8883")}};
    Recorder recorder(QStringLiteral("Recorded"));
    std::map<ClientKey, AddClient> added;
    added[door].broker.tls = {.caFile = QStringLiteral("/pki/a.pem")};
    added[backend].broker.tls = {.caFile = QStringLiteral("/pki/b.pem"), .insecure = true};
    recorder.beginFrom(view, added);
    const QByteArray file = recorder.file();
    const auto scenarios = readScenarios(file, QStringLiteral("recorded.yaml"));
    QVERIFY2(scenarios, file);
    const Scenario &scenario = scenarios->front();
    QVERIFY2(scenario.broker, file);
    QCOMPARE(scenario.clients.size(), std::size_t(2));
    for (const ScenarioClient &client : scenario.clients) {
        const bool isDoor = client.name == "door";
        const Endpoint endpoint = client.endpoint(*scenario.broker);
        QCOMPARE(endpoint.host, isDoor ? QStringLiteral("a.example") : QStringLiteral("b.example"));
        QCOMPARE(endpoint.tls.caFile, isDoor ? QStringLiteral("/pki/a.pem") : QStringLiteral("/pki/b.pem"));
        QCOMPARE(endpoint.tls.insecure, !isDoor);
    }
}

void RecorderStartTest::keeps_the_authentication_of_clients_at_work()
{
    Desk desk(Desk::Begin::Later);
    desk.addProving(door, "door", {.method = "riddle", .script = {"hush one", "hush two"}});
    desk.add(backend, "backend");
    desk.give(ConfigureClient{
        .key = backend,
        .authentication = Authentication{.method = "SCRAM-SHA-256", .userName = "plant", .password = "pencil"}});
    desk.connect(door, "door");
    desk.begin();
    const QByteArray file = desk.file();
    QVERIFY2(!file.contains("hush") && !file.contains("pencil"), file);
    QCOMPARE(desk.recorder().dataVariables(), (QStringList{u"DOOR_AUTH_1"_s, u"DOOR_AUTH_2"_s}));
    QCOMPARE(desk.recorder().passwordVariables(), QStringList{u"BACKEND_PASSWORD"_s});
    const auto scenarios =
        readScenarios(file, u"recorded.yaml"_s, {{u"DOOR_AUTH_1"_s, u"one"_s}, {u"DOOR_AUTH_2"_s, u"two"_s}});
    QVERIFY2(scenarios, file);
    const auto &clients = scenarios->front().clients;
    QVERIFY(clients[0].authentication == (Authentication{.method = "riddle", .script = {"one", "two"}}));
    QVERIFY(clients[1].authentication == (Authentication{.method = "SCRAM-SHA-256", .userName = "plant"}));
    QCOMPARE(clients[1].passwordFrom.name, u"BACKEND_PASSWORD"_s);

    // What is not known of a client any more is not told of the one that has its place.
    std::map<ClientKey, AddClient> added;
    Recorder::keepAdded(added, AddClient{door, "door", {}, {}, Authentication{.method = "riddle"}});
    Recorder::keepAdded(added, ConfigureClient{.key = door});
    QVERIFY(!added.at(door).authentication);
    Recorder::keepAdded(added, RemoveClient{door});
    QVERIFY(added.empty());
}

QTEST_GUILESS_MAIN(RecorderStartTest)
#include "tst_recorder_start.moc"
