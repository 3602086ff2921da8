// What is recorded plays again and passes, and fails when the broker does otherwise.
#include "core/scenario/read_scenario.h"
#include "core/scenario/recorder.h"
#include "core/scenario/virtual_run.h"

#include "core/lab/virtual_driver.h"

#include <QTest>

using namespace sessionscope;
using namespace std::chrono_literals;

namespace {

constexpr ClientKey door{1};
constexpr ClientKey backend{2};
constexpr ClientKey stranger{3};

/// A lab on the virtual clock that is recorded.
class Desk
{
public:
    Desk() : m_endpoint(*m_driver.listen()), m_recorder(QStringLiteral("Recorded"), m_endpoint) {}

    void add(ClientKey key, const QByteArray &name, const ClientPolicy &policy = {})
    {
        give(AddClient{key, name, m_endpoint, policy});
    }
    /// The client of another program, as far as the recording goes.
    void addUnrecorded(ClientKey key)
    {
        m_driver.submit(AddClient{key, "stranger", m_endpoint});
        look();
    }
    void give(const LabCommand &command)
    {
        m_recorder.submitted(command);
        m_driver.submit(command);
        look();
    }
    void unrecorded(const ClientCommand &command)
    {
        m_driver.submit(ClientDo{stranger, command});
        look();
    }
    void pass(Duration duration)
    {
        m_driver.advance(duration);
        look();
    }
    void connect(ClientKey key, const QByteArray &clientId, bool cleanStart = true, quint32 expiry = 0)
    {
        ConnectPacket packet;
        packet.clientId = clientId;
        packet.cleanStart = cleanStart;
        if (expiry)
            packet.properties.add(PropertyId::SessionExpiryInterval, expiry);
        give(ClientDo{key, ConnectCommand{packet}});
    }
    void subscribe(ClientKey key, const QByteArray &filter, Qos qos)
    {
        give(ClientDo{key, SubscribeCommand{{{filter, {.maximumQos = qos}}}, {}}});
    }
    void publish(ClientKey key, const QByteArray &topic, const QByteArray &payload, Qos qos)
    {
        give(ClientDo{key, PublishCommand{{.topic = topic, .payload = payload, .qos = qos}}});
    }
    QByteArray file() const { return m_recorder.file(); }

private:
    void look()
    {
        QVERIFY(m_driver.runUntilQuiet());
        for (; m_seen < m_driver.lab().trace.last();)
            m_recorder.look(*m_driver.lab().trace.record(m_seen = TraceSeq{m_seen.value + 1}));
        m_recorder.look(m_driver.view());
    }

    VirtualDriver m_driver;
    Endpoint m_endpoint;
    Recorder m_recorder;
    TraceSeq m_seen;
};

/// The results of the file's one run, as text where it failed.
RunResult play(const QByteArray &file, const RunOptions &options = {})
{
    const auto scenarios = readScenarios(file, QStringLiteral("recorded.yaml"));
    if (!scenarios) {
        RunResult wrong{.verdict = Verdict::Error};
        for (const Problem &problem : scenarios.error())
            wrong.trace << problemText(problem);
        return wrong;
    }
    return runVirtually(scenarios->front(), options);
}

QByteArray whyNot(const RunResult &result)
{
    QString text = QString::fromLatin1(verdictText(result.verdict));
    for (const Failure &failure : result.failures)
        text += QStringLiteral("\n%1 waited for %2, got %3").arg(failure.step, failure.waitedFor, failure.closest);
    for (const Breach &breach : result.breaches)
        text += QStringLiteral("\n") + breachText(breach);
    return (text + u'\n' + result.trace.join(u'\n')).toUtf8();
}

} // namespace

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
};

using Play = void (*)(Desk &);

/// Away for 20 minutes; what was published meanwhile comes at the resume.
static void resume(Desk &desk)
{
    desk.add(door, "door");
    desk.add(backend, "backend");
    desk.connect(door, "door", false, 3600);
    desk.subscribe(door, "cmd/#", Qos::ExactlyOnce);
    desk.give(CutLink{door, CloseHow::Reset});
    desk.pass(100ms);
    desk.connect(backend, "backend");
    desk.publish(backend, "cmd/open", "go", Qos::ExactlyOnce);
    desk.publish(backend, "cmd/open", "go", Qos::AtLeastOnce);
    desk.pass(20min);
    desk.connect(door, "door", false, 3600);
    desk.pass(1s);
    desk.give(ClientDo{door, DisconnectCommand{.sessionExpiryInterval = 60}});
    desk.pass(61s);
}

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

void RecorderTest::plays_again_what_was_recorded_data()
{
    QTest::addColumn<Play>("perform");
    QTest::newRow("resume") << Play(resume);
    QTest::newRow("held acknowledgements") << Play(heldAcknowledgements);
    QTest::newRow("lost and sent again") << Play(lostAndSentAgain);
    QTest::newRow("misbehaving") << Play(misbehaving);
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

QTEST_GUILESS_MAIN(RecorderTest)
#include "tst_recorder.moc"
