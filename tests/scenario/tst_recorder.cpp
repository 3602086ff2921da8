// What is recorded plays again and passes, and fails when the broker does otherwise.
#include "tests/scenario/recorded_desk.h"

#include "core/scenario/read_scenario.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace sessionscope;
using namespace std::chrono_literals;

class RecorderTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void plays_again_what_was_recorded_data();
    void plays_again_what_was_recorded();
    void fails_when_the_session_is_not_there();
    void expects_both_ends_at_rest();
    void publishes_what_came_from_elsewhere();
    void has_no_password_in_it();
    void keeps_what_differs_between_connects();
    void leaves_out_what_was_refused_and_says_so();
    void keeps_a_removed_client_as_one_that_was_cut_off();
    void knows_the_bundled_broker_by_other_names();
    void keeps_authentication_without_its_data();
    void takes_authentication_that_is_given_later();
    void goes_on_behind_what_it_missed();
    void keeps_user_properties_that_come_again();
};

using Play = void (*)(Desk &);

static void heldAcknowledgements(Desk &desk)
{
    desk.add(door, "door");
    desk.connect(door, "door", false, 600);
    desk.subscribe(door, "a", Qos::AtLeastOnce);
    desk.give(ClientDo{door, HoldAcknowledgements{{PacketType::Puback}}});
    desk.publish(door, "a", "\x01\xFF", Qos::AtLeastOnce);
    desk.publish(door, "a", "number {n} for ${you}", Qos::AtMostOnce);
    desk.pass(3s);
    desk.give(ClientDo{door, HoldAcknowledgements{}});
    desk.give(ClientDo{door, ReleaseAcknowledgements{}});
    desk.give(ClientDo{door, UnsubscribeCommand{{"a", "b"}, {}}});
    desk.give(ClientDo{door, PingCommand{}});
    desk.give(ClientDo{door, DisconnectCommand{}});
    desk.pass(1s);
}

static void lostAndSentAgain(Desk &desk)
{
    desk.add(door, "door");
    desk.connect(door, "door", false, 600);
    desk.give(ArmFault{door, {.match = {.type = PacketType::Publish}, .kind = CutFault{}}});
    desk.publish(door, "a", "x", Qos::ExactlyOnce);
    desk.pass(10s);
    desk.give(ClientDo{door, ReconnectCommand{}});
    desk.pass(10s);
    desk.give(SilenceLink{door, LinkSide::Both, 5s});
    desk.publish(door, "a", "y", Qos::AtLeastOnce);
    desk.pass(20s);
}

static void everyFault(Desk &desk)
{
    desk.add(door, "door");
    desk.connect(door, "door", false, 600);
    desk.subscribe(door, "a", Qos::AtLeastOnce);
    const auto arm = [&desk](Direction direction, PacketType type, const FaultKind &kind) {
        desk.give(ArmFault{door, {.match = {.direction = direction, .type = type}, .kind = kind}});
    };
    const auto publish = [&desk](const QByteArray &payload) {
        desk.publish(door, "a", payload, Qos::AtLeastOnce);
        desk.pass(1s);
    };
    arm(Direction::Received, PacketType::Publish, DropFault{});
    publish("lost");
    arm(Direction::Received, PacketType::Publish, DuplicateFault{});
    publish("twice");
    arm(Direction::Received, PacketType::Publish, DelayFault{1500ms});
    publish("late");
    desk.pass(1s);
    arm(Direction::Received, PacketType::Publish, CorruptFault{.offset = 8, .mask = 1});
    publish("changed");
    arm(Direction::Sent, PacketType::Puback, AnswerFault{ReasonCode::QuotaExceeded});
    publish("refused");
    arm(Direction::Sent, PacketType::Pingreq, SilenceFault{.which = LinkSide::Received, .lasts = 2s});
    desk.give(SendRaw{door, QByteArray::fromHex("c000")});
    desk.give(ThrottleLink{door, 50});
    publish("slow");
    desk.pass(3s);
    desk.give(ThrottleLink{door, 0});
    desk.pass(1s);
}

/// What the first ones bring comes when the last one has been given.
static void inARush(Desk &desk)
{
    desk.add(door, "door");
    desk.add(backend, "backend");
    desk.connect(door, "door", false, 600);
    desk.subscribe(door, "a", Qos::ExactlyOnce);
    desk.connect(backend, "backend");
    desk.pass(1s);
    std::vector<LabCommand> publishes;
    for (const char *payload : {"1", "2", "3"})
        publishes.push_back(
            ClientDo{backend, PublishCommand{{.topic = "a", .payload = payload, .qos = Qos::ExactlyOnce}}});
    desk.rush(publishes);
    desk.pass(1s);
    desk.give(ClientDo{door, DisconnectCommand{}});
    desk.pass(1s);
}

static void willAndTakeover(Desk &desk)
{
    desk.add(door, "front/door");
    desk.add(backend, "front door");
    ConnectPacket packet;
    packet.clientId = "same";
    packet.will = Will{.topic = "state", .payload = "lost"};
    desk.give(ClientDo{door, ConnectCommand{packet}});
    desk.pass(1min);
    desk.connect(backend, "same");
    desk.pass(1min);
    desk.give(BrokerDo{KickClient{.clientId = "same"}});
    desk.pass(1s);
    desk.give(RestartBroker{BrokerRestart::Crash});
    desk.pass(1s);
    desk.give(BrokerDo{StoreChanged{StoreState::Failing}});
    desk.pass(1s);
    desk.give(BrokerDo{StoreChanged{StoreState::Working}});
    desk.pass(1s);
}

static void misbehaving(Desk &desk)
{
    desk.add(door, "door");
    desk.connect(door, "door", false, 600);
    desk.subscribe(door, "a", Qos::AtLeastOnce);
    ClientWays acksTwice;
    acksTwice.add(*misbehaviourOf<ClientMisbehaviour>(QStringLiteral("acks_twice")));
    desk.give(MisbehaveClient{door, acksTwice});
    desk.publish(door, "a", "x", Qos::AtLeastOnce);
    desk.give(MisbehaveClient{door, {}});
    desk.pass(1s);
}

static void topicThatIsNone(Desk &desk)
{
    desk.add(door, "door");
    desk.connect(door, "door", false, 600);
    desk.publish(door, "a/#", "x", Qos::AtLeastOnce);
    desk.pass(1s);
}

void RecorderTest::plays_again_what_was_recorded_data()
{
    QTest::addColumn<Play>("perform");
    QTest::newRow("resume") << Play(resume);
    QTest::newRow("held acknowledgements") << Play(heldAcknowledgements);
    QTest::newRow("lost and sent again") << Play(lostAndSentAgain);
    QTest::newRow("every fault") << Play(everyFault);
    QTest::newRow("in a rush") << Play(inARush);
    QTest::newRow("misbehaving") << Play(misbehaving);
    QTest::newRow("a topic that is none") << Play(topicThatIsNone);
    QTest::newRow("will and takeover") << Play(willAndTakeover);
}

void RecorderTest::plays_again_what_was_recorded()
{
    QFETCH(Play, perform);
    Desk desk;
    perform(desk);
    const RunResult result = play(desk.file());
    QVERIFY2(result.verdict == Verdict::Passed, whyNot(result) + desk.file());
    QVERIFY(result.stepsDone > 4);
}

void RecorderTest::fails_when_the_session_is_not_there()
{
    Desk desk;
    resume(desk);
    QByteArray file = desk.file();
    file.replace("clients:", "broker: { settings: { max_session_expiry: 1min } }\nclients:");
    const RunResult result = play(file);
    QVERIFY2(result.verdict == Verdict::Failed, whyNot(result) + file);
}

void RecorderTest::expects_both_ends_at_rest()
{
    Desk desk;
    resume(desk);
    const QByteArray file = desk.file();
    for (const char *line : {"session_present: true", "session_present: false", "wait: 20min", "mqueue: \"0\"",
                             "state: inactive", "state: none", "session_expiry: 1min", "times: 2"})
        QVERIFY2(file.contains(line) || file.contains(QByteArray(line).replace('"', "")), line + ("\n" + file));
}

void RecorderTest::publishes_what_came_from_elsewhere()
{
    Desk desk;
    desk.add(door, "door");
    desk.addUnrecorded(stranger);
    ConnectPacket packet;
    packet.clientId = "stranger";
    desk.unrecorded(ConnectCommand{packet});
    desk.unrecorded(PublishCommand{{.topic = "news", .payload = "kept", .retain = true}});
    desk.connect(door, "door", false, 600);
    desk.subscribe(door, "news", Qos::AtLeastOnce);
    desk.pass(5s);
    desk.unrecorded(PublishCommand{{.topic = "news", .payload = "live", .qos = Qos::AtLeastOnce}});
    desk.pass(5s);
    desk.give(CutLink{door, CloseHow::Close});
    desk.pass(5s);
    desk.unrecorded(PublishCommand{{.topic = "news", .payload = "missed", .qos = Qos::AtLeastOnce}});
    desk.pass(5s);
    desk.give(ClientDo{door, ReconnectCommand{}});
    desk.pass(1s);
    const QByteArray file = desk.file();
    const RunResult result = play(file);
    QVERIFY2(result.verdict == Verdict::Passed, whyNot(result) + file);
    QVERIFY(file.contains("others: {publish:"));
    QCOMPARE(file.count("{publish:"), 3);
}

void RecorderTest::has_no_password_in_it()
{
    Desk desk;
    desk.add(door, "front-door");
    ConnectPacket packet;
    packet.clientId = "front-door";
    packet.userName = "me";
    packet.password = "topsecret";
    desk.give(ClientDo{door, ConnectCommand{packet}});
    desk.give(SendRaw{door, "topsecret"});
    const QByteArray file = desk.file();
    QVERIFY(!file.contains("topsecret"));
    QVERIFY2(file.contains("FRONT_DOOR_PASSWORD"), file);
    QVERIFY(!file.contains(QByteArray("topsecret").toHex(' ')));
}

void RecorderTest::keeps_what_differs_between_connects()
{
    Desk desk;
    desk.add(door, "door");
    desk.connect(door, "door", true, 3600);
    desk.pass(1s);
    desk.give(CutLink{door, CloseHow::Reset});
    desk.connect(door, "door", false);
    desk.pass(1s);
    const QByteArray file = desk.file();
    const auto scenarios = readScenarios(file, QStringLiteral("recorded.yaml"));
    QVERIFY2(scenarios, file);
    std::vector<ConnectPacket> connects;
    for (const Step &step : scenarios->front().steps) {
        const auto *action = std::get_if<CommandAction>(&step.action);
        const auto *done = action ? std::get_if<ClientDo>(&action->command) : nullptr;
        if (const auto *connect = done ? std::get_if<ConnectCommand>(&done->command) : nullptr)
            connects.push_back(connect->packet);
    }
    QCOMPARE(connects.size(), std::size_t(2));
    QVERIFY(connects[0].cleanStart && !connects[1].cleanStart);
    QCOMPARE(connects[0].properties.integer(PropertyId::SessionExpiryInterval), std::optional<quint32>(3600));
    QVERIFY(!connects[1].properties.contains(PropertyId::SessionExpiryInterval));
    QVERIFY(play(file).verdict == Verdict::Passed);
}

void RecorderTest::leaves_out_what_was_refused_and_says_so()
{
    Desk desk;
    desk.add(door, "door");
    desk.subscribe(door, "a", Qos::AtMostOnce);
    desk.connect(door, "door");
    const QByteArray file = desk.file();
    QVERIFY2(file.contains("Left out: 1 commands"), file);
    QVERIFY(!file.contains("subscribe"));
    QVERIFY(play(file).verdict == Verdict::Passed);
}

void RecorderTest::keeps_a_removed_client_as_one_that_was_cut_off()
{
    Desk desk;
    desk.add(door, "door");
    desk.add(backend, "backend");
    desk.connect(backend, "backend");
    desk.subscribe(backend, "state", Qos::AtMostOnce);
    ConnectPacket packet;
    packet.clientId = "door";
    packet.will = Will{.topic = "state", .payload = "lost"};
    desk.give(ClientDo{door, ConnectCommand{packet}});
    desk.pass(1s);
    desk.give(RemoveClient{door});
    desk.pass(1s);
    const QByteArray file = desk.file();
    QVERIFY2(file.contains("door: {cut: reset}") || file.contains("cut: reset"), file);
    const RunResult result = play(file);
    QVERIFY2(result.verdict == Verdict::Passed, whyNot(result) + file);
}

void RecorderTest::knows_the_bundled_broker_by_other_names()
{
    const Endpoint bundled{Scheme::Tcp, QStringLiteral("127.0.0.1"), 2883, {}};
    Recorder recorder(QStringLiteral("Recorded"), bundled);
    for (const auto &[key, host, isIt] : {std::tuple(1, "localhost", true), std::tuple(2, "broker.example", false)}) {
        const AddClient added{ClientKey{quint32(key)}, "door", {Scheme::Tcp, QString::fromLatin1(host), 2883, {}}};
        recorder.submitted(added);
        TraceRecord record;
        record.what = CommandTrace{commandText(added)};
        recorder.look(record);
        QCOMPARE(recorder.isBundledOnly(), isIt);
    }
}

void RecorderTest::keeps_authentication_without_its_data()
{
    Desk desk;
    desk.addProving(door, "door", {.method = "riddle", .script = {"hush one", "hush two"}});
    desk.connect(door, "door");
    desk.addProving(backend, "backend", {.method = "SCRAM-SHA-256", .userName = "plant", .password = "pencil"});
    desk.connect(backend, "backend");
    const QByteArray file = desk.file();
    QVERIFY2(!file.contains("hush") && !file.contains("pencil"), file);
    const auto wrong = readScenarios(file, QStringLiteral("recorded.yaml"));
    QVERIFY(!wrong && wrong.error().front().what.contains(QStringLiteral("${DOOR_AUTH_1} has no value")));
    const auto scenarios = readScenarios(file, QStringLiteral("recorded.yaml"),
                                         {{Recorder::dataVariable(QStringLiteral("door"), 1), QStringLiteral("one")},
                                          {Recorder::dataVariable(QStringLiteral("door"), 2), QStringLiteral("two")}});
    QVERIFY2(scenarios, file);
    const auto &clients = scenarios->front().clients;
    QVERIFY(clients[0].authentication == (Authentication{.method = "riddle", .script = {"one", "two"}}));
    QVERIFY(clients[1].authentication == (Authentication{.method = "SCRAM-SHA-256", .userName = "plant"}));
    QCOMPARE(clients[1].passwordFrom.name, QStringLiteral("BACKEND_PASSWORD"));
}

void RecorderTest::takes_authentication_that_is_given_later()
{
    const Authentication scram{.method = "SCRAM-SHA-256", .userName = "plant", .password = "pencil"};
    Desk desk;
    desk.add(door, "door");
    desk.give(ConfigureClient{.key = door, .authentication = scram});
    desk.connect(door, "door");
    const QByteArray file = desk.file();
    QVERIFY2(!file.contains("pencil"), file);
    QCOMPARE(desk.recorder().passwordVariables(), QStringList(QStringLiteral("DOOR_PASSWORD")));
    QVERIFY(desk.recorder().dataVariables().isEmpty());
    const auto scenarios = readScenarios(file, QStringLiteral("recorded.yaml"));
    QVERIFY2(scenarios, file);
    const ScenarioClient &client = scenarios->front().clients.front();
    QVERIFY(client.authentication == (Authentication{.method = "SCRAM-SHA-256", .userName = "plant"}));
    desk.give(ConfigureClient{.key = door, .authentication = Authentication{.method = "riddle", .script = {"hush"}}});
    QCOMPARE(desk.recorder().dataVariables(), QStringList(QStringLiteral("DOOR_AUTH_1")));
}

void RecorderTest::goes_on_behind_what_it_missed()
{
    const Endpoint bundled{Scheme::Tcp, QStringLiteral("127.0.0.1"), 2883, {}};
    const auto publish = [](const QByteArray &payload) {
        return LabCommand{ClientDo{door, PublishCommand{{.topic = payload, .payload = payload}}}};
    };
    ConnectPacket packet;
    packet.clientId = "door";
    const std::vector<LabCommand> commands{AddClient{door, "door", bundled}, ClientDo{door, ConnectCommand{packet}},
                                           publish("lost"), publish("seen"), publish("last")};
    Recorder recorder(QStringLiteral("Recorded"), bundled);
    for (const LabCommand &command : commands)
        recorder.submitted(command);
    recorder.missed(7);
    for (std::size_t i = 3; i < commands.size(); ++i) {
        TraceRecord record;
        record.what = CommandTrace{commandText(commands[i])};
        recorder.look(record);
    }
    QCOMPARE(recorder.steps(), std::size_t(2));
    const QByteArray file = recorder.file();
    QVERIFY2(file.contains("payload: seen") && file.contains("payload: last") && !file.contains("payload: lost"), file);
    QVERIFY2(file.contains("Left out: 2 commands that came too fast"), file);
}

void RecorderTest::keeps_user_properties_that_come_again()
{
    Properties properties;
    for (const char *value : {"1", "2"}) {
        properties.addUserProperty("again", value);
        properties.addUserProperty("between", "x");
    }
    Desk desk;
    desk.add(door, "door");
    desk.connect(door, "door");
    desk.give(ClientDo{door, PublishCommand{{.topic = "a", .properties = properties}}});
    desk.give(ClientDo{door, UnsubscribeCommand{{"a"}, properties}});
    const auto scenarios = readScenarios(desk.file(), QStringLiteral("recorded.yaml"));
    QVERIFY2(scenarios, desk.file());
    const Steps &steps = scenarios->front().steps;
    QVERIFY2(steps.size() == 4, desk.file()); // behind the connect stands what both ends were like then
    const auto *publish = std::get_if<PublishAction>(&steps[2].action);
    const auto *command = std::get_if<CommandAction>(&steps[3].action);
    QVERIFY2(publish && command, desk.file());
    QCOMPARE(publish->message.properties, properties);
    const auto &unsubscribe = std::get<ClientDo>(command->command);
    QCOMPARE(std::get<UnsubscribeCommand>(unsubscribe.command).properties, properties);
}

QTEST_GUILESS_MAIN(RecorderTest)
#include "tst_recorder.moc"
