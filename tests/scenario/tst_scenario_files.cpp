// Scenario files: what a good one becomes, and every mistake of a bad one with its place and the name that was meant.
#include "core/scenario/grammar.h"
#include "core/scenario/read_scenario.h"
#include "core/scenario/verbs.h"

#include <QJsonDocument>
#include <QTest>

using namespace sessionscope;
using namespace std::chrono_literals;

namespace {

/// A scenario with these steps, one client "door" and one "backend".
QByteArray withSteps(const QByteArray &steps)
{
    return "scenario: S\nclients: { door: { clean_start: false, session_expiry: 1h }, backend: }\nsteps:\n" + steps;
}

QStringList problemsOf(const QByteArray &text, const Variables &variables = {}, const LoadFile &load = {})
{
    const auto scenarios = readScenarios(text, QStringLiteral("f.yaml"), variables, load);
    QStringList lines;
    if (!scenarios) {
        for (const Problem &problem : scenarios.error())
            lines << problemText(problem);
    }
    return lines;
}

Scenario scenarioOf(const QByteArray &text, const Variables &variables = {})
{
    const auto scenarios = readScenarios(text, QStringLiteral("f.yaml"), variables);
    return scenarios && !scenarios->empty() ? scenarios->front() : Scenario{};
}

/// A folder of profiles.
Result<LoadedFile, QString> loadProfiles(const QString &path, const QString &, LoadKind kind)
{
    static const std::map<QString, QByteArray> files{
        {QStringLiteral("plant"),
         "profile: plant\nbroker: mqtts://plant.example\nsession_expiry: 1h\nclean_start: true\n"
         "username: me\npassword: { file: door.secret }\nsubscribe: [cmd/#]\n"},
        {QStringLiteral("staging"), "profile: staging\nbroker: mqtt://staging.example\nusername: tester\n"
                                    "password: { env: STAGING_PASSWORD }\nkeep_alive: 5s\n"},
        {QStringLiteral("scram"),
         "profile: scram\nusername: me\npassword: { ask: true }\nauth_method: SCRAM-SHA-256\n"},
        {QStringLiteral("bad"), "profile: bad\nkeepalive: 5s\n"},
    };
    const auto found = files.find(path);
    if (kind != LoadKind::Profile || found == files.end())
        return QStringLiteral("there is no profile");
    return LoadedFile{QStringLiteral("profiles/%1.yaml").arg(path), found->second};
}

template<class Command> Command commandOf(const QByteArray &step)
{
    const Scenario scenario = scenarioOf(withSteps(step));
    if (scenario.steps.size() != 1)
        return {};
    const auto *action = std::get_if<CommandAction>(&scenario.steps.front().action);
    const auto *command = action ? std::get_if<Command>(&action->command) : nullptr;
    return command ? *command : Command{};
}

template<class Command> Command clientCommandOf(const QByteArray &step)
{
    const ClientDo done = commandOf<ClientDo>(step);
    const auto *command = std::get_if<Command>(&done.command);
    return command ? *command : Command{};
}

} // namespace

class ScenarioFilesTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void points_at_every_mistake_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QStringList>("problems");
        const auto row = [](const char *name, const QByteArray &text, const QStringList &problems) {
            QTest::newRow(name) << text << problems;
        };
        row("not YAML", "scenario: [", {QStringLiteral("f.yaml:1:1: not YAML: end of sequence flow not found")});
        row("empty", "", {QStringLiteral("f.yaml:1:1: nothing is not a key of a scenario")});
        row("a key twice", "scenario: a\nscenario: b\nclients: {}\nsteps: []\n",
            {QStringLiteral("f.yaml:2:1: \"scenario\" stands here twice: expected it once")});
        row("missing keys", "scenario: a\n",
            {QStringLiteral("f.yaml:1:1: \"clients\" is missing: expected names of clients, each with its fields"),
             QStringLiteral("f.yaml:1:1: \"steps\" is missing: expected a list of steps")});
        row("misspelt key", "scenario: a\nclients: { door: { session_expirey: 1h } }\nsteps: []\n",
            {QStringLiteral("f.yaml:2:20: unknown key \"session_expirey\": expected fields of a client. Did you mean "
                            "\"session_expiry\"?")});
        row("two at once", withSteps("  - dor: connect\n  - door: { publsh: { topic: a } }\n"),
            {QStringLiteral("f.yaml:4:5: \"dor\" is no client of this scenario: expected door, backend. Did you mean "
                            "\"door\"?"),
             QStringLiteral("f.yaml:5:13: unknown key \"publsh\": expected a verb of a client. Did you mean "
                            "\"publish\"?")});
        row("no unit", withSteps("  - wait: 20\n"),
            {QStringLiteral("f.yaml:4:11: \"20\" is not a duration: expected a number with its unit, such as 250ms, "
                            "2s, 5min or 1h30min")});
        row("out of range", withSteps("  - door: { publish: { topic: a, qos: 3 } }\n"),
            {QStringLiteral("f.yaml:4:39: \"3\" is not a number from 0 to 2")});
        row("no topic", withSteps("  - door: { publish: { topic: a/# } }\n"),
            {QStringLiteral("f.yaml:4:31: \"a/#\" is not a topic: expected a name without + and #, or illegal: true "
                            "beside it")});
        row("no filter", withSteps("  - door: { subscribe: a/#/b }\n"),
            {QStringLiteral("f.yaml:4:24: \"a/#/b\" is not a topic filter")});
        row("a reason that is none", withSteps("  - door: connect\n    expect: { connack: { reason: sucess } }\n"),
            {QStringLiteral("f.yaml:5:34: \"sucess\" is not a reason code: expected a name of the standard such as "
                            "not_authorized, or a number such as 0x87. Did you mean \"success\"?")});
        row("nobody's", withSteps("  - expect: { connack: { session_present: true } }\n"),
            {QStringLiteral(
                "f.yaml:4:15: whose connack? Expected CLIENT.connack, or a client's verb in the same step")});
        row("two things", withSteps("  - door: connect\n    wait: 1s\n"),
            {QStringLiteral("f.yaml:5:5: \"wait\" is a second thing to do: expected it in a step of its own")});
        row("nothing to do", withSteps("  - limit: 1s\n"),
            {QStringLiteral("f.yaml:4:5: a step that does nothing: expected a client with its verb, wait, expect …")});
        row("a variable without value", withSteps("  - door: { publish: { topic: \"${long}\" } }\n"),
            {QStringLiteral("f.yaml:4:31: ${long} has no value: expected it under variables, in a row of with, or by "
                            "--set long=VALUE."),
             QStringLiteral("f.yaml:4:31: \"\" is not a topic: expected a name without + and #, or illegal: true "
                            "beside it")});
        row("properties of another version",
            "scenario: a\nclients: { door: { version: 3.1.1, session_expiry: 1h } }\nsteps: []\n",
            {QStringLiteral("f.yaml:2:12: door has properties, which MQTT 5 brought: expected version: 5, or no "
                            "session_expiry, receive_maximum and the like")});
        row("another broker in virtual time",
            "scenario: a\nbroker: { url: mqtt://h }\nclock: virtual\nclients: {}\nsteps: []\n",
            {QStringLiteral("f.yaml:3:8: another broker lives in real time: expected clock: real")});
        row("a Keep Alive that its field cannot hold",
            "scenario: a\nclients: { door: { keep_alive: 1d } }\nsteps: []\n",
            {QStringLiteral("f.yaml:2:32: \"1d\" is not within 0 to 65535 seconds")});
        row("no moment", withSteps("  - door: { cut: { when: { bytes: 3 } } }\n"),
            {QStringLiteral("f.yaml:4:26: 0 moments: expected one of before_sending, after_sending, before_receiving "
                            "and after_receiving")});
        row("a moment that only a cut has, and a part of a packet",
            withSteps("  - door: { drop: { when: { after_sending: PUBLISH } } }\n"
                      "  - door: { silence: { when: { before_sending: PUBLISH, bytes: 3 } } }\n"),
            {QStringLiteral("f.yaml:4:44: after_sending: bytes and after_… are for cut"),
             QStringLiteral("f.yaml:5:64: bytes: bytes and after_… are for cut")});
        row("two answers", withSteps("  - door: { answer_with: { PUBACK: 0x97, PUBREC: 0x97 } }\n"),
            {QStringLiteral("f.yaml:4:26: expected one acknowledgement with its reason code")});
        row("a field that CONNECT has not", withSteps("  - door: { connect: { tls: { insecure: true } } }\n"),
            {QStringLiteral("f.yaml:4:24: unknown key \"tls\": expected fields of CONNECT.")});
        row("a misspelt key of a step, and of an expectation",
            withSteps("  - paralel: []\n  - expect: { door.recieved: none }\n"),
            {QStringLiteral("f.yaml:4:5: \"paralel\" is no client of this scenario: expected door, backend. Did you "
                            "mean \"parallel\"?"),
             QStringLiteral("f.yaml:4:14: a list is not a verb, such as connect or { subscribe: … }"),
             QStringLiteral("f.yaml:5:15: unknown key \"door.recieved\": expected a subject: connack, received, "
                            "packets, closed, client, session, at_cut, findings, broker, CLIENT.received, "
                            "broker.sessions.CLIENT. Did you mean \"door.received\"?")});
        row("one branch", withSteps("  - parallel: [ [ { wait: 1s } ] ]\n"),
            {QStringLiteral("f.yaml:4:15: nothing goes on beside it: expected two branches or more")});
        row("a mistake in a branch",
            withSteps("  - parallel:\n"
                      "      - - wait: 1s\n"
                      "      - { branch: b, stps: [] }\n"),
            {QStringLiteral("f.yaml:6:9: \"steps\" is missing: expected a list of steps"),
             QStringLiteral("f.yaml:6:22: unknown key \"stps\": expected branch, steps. Did you mean \"steps\"?")});
        row("two branches of one name",
            withSteps("  - parallel:\n"
                      "      - { branch: b, steps: [ { wait: 1s } ] }\n"
                      "      - { branch: b, steps: [ { wait: 1s } ] }\n"),
            {QStringLiteral("f.yaml:6:19: a second branch \"b\": expected a name of its own")});
        row("what repeat does not wait for",
            withSteps("  - repeat: { times: 2, steps: [ { wait: 1s } ] }\n"
                      "    expect: { findings: none }\n"),
            {QStringLiteral("f.yaml:4:5: repeat does not wait: expected expect and never in the steps that it repeats, "
                            "or in a step of their own")});
        row("a limit that repeat does not have",
            withSteps("  - repeat: { times: 2, steps: [ { wait: 1s } ] }\n    limit: 1s\n"),
            {QStringLiteral("f.yaml:4:5: repeat does not wait: expected limit in the steps that it repeats")});
        row("nothing that is expected",
            withSteps("  - expect: { door.received: [] }\n"
                      "  - expect: { door.at_cut: {} }\n"
                      "  - until: { minus: 1s }\n"
                      "  - never: {}\n"),
            {QStringLiteral("f.yaml:4:30: no pattern holds of everything: expected at least one, or none"),
             QStringLiteral("f.yaml:5:28: nothing is expected: expected client or session"),
             QStringLiteral("f.yaml:6:21: \"minus\" of what? Expected expiry beside it"),
             QStringLiteral("f.yaml:7:12: nothing is expected")});
        row("more than an expiry", withSteps("  - until: { expiry: door, door.received: { topic: a } }\n"),
            {QStringLiteral("f.yaml:4:28: \"door.received\" is not waited for beside expiry: expected it in a step of "
                            "its own")});
        row("several requests", withSteps("  - door: { request: { topic: a, response_topic: r, count: 3 } }\n"),
            {QStringLiteral("f.yaml:4:60: a request is one: expected no count")});
        row("somebody whom the broker does not know",
            withSteps("  - broker: { kick: dor }\n  - door: { connect: { client_id: other } }\n"
                      "  - broker: { end_session: other }\n"),
            {QStringLiteral("f.yaml:4:5: \"dor\" is neither a client of this scenario nor a Client Identifier that one "
                            "connects with: expected door, backend. Did you mean \"door\"?")});
        row("a series without an end", withSteps("  - expect: { door.received: { series: { from: 5, to: 2 } } }\n"),
            {QStringLiteral("f.yaml:4:40: a series from 5 to 2: expected one of 1 to 1000 numbers")});
        row("an include without files", withSteps("  - include: other.yaml\n"),
            {QStringLiteral("f.yaml:4:14: no other file can be read from here")});
        row("a number out of a setting's range",
            "scenario: a\nbroker: { settings: { max_inflight: 0 } }\nclients: {}\nsteps: []\n",
            {QStringLiteral("f.yaml:2:37: \"0\" is not a number from 1 to 65535")});
        const auto withMethod = [](const QByteArray &method) {
            return "scenario: a\nbroker: { authentication: [ " + method + " ] }\nclients: {}\nsteps: []\n";
        };
        row("a method without its ways", withMethod("{ method: SCRAM-SHA-256 }"),
            {QStringLiteral("f.yaml:2:29: a method is played from exchanges or has users: expected one of the two")});
        row("a method with both", withMethod("{ method: SCRAM-SHA-1, exchanges: [], users: {} }"),
            {QStringLiteral("f.yaml:2:29: a method is played from exchanges or has users: expected one of the two")});
        row("users of another method", withMethod("{ method: riddle, users: { me: { ask: true } } }"),
            {QStringLiteral("f.yaml:2:54: users prove their passwords by SCRAM-SHA-256 or SCRAM-SHA-1: expected one of "
                            "these methods, or exchanges")});
        row("a user's password in the file", withMethod("{ method: SCRAM-SHA-1, users: { me: hunter2 } }"),
            {QStringLiteral("f.yaml:2:65: a password does not stand in a file: expected { env: NAME }, { file: PATH }, "
                            "{ keyring: SERVICE/KEY } or { ask: true }")});
    }
    void points_at_every_mistake()
    {
        QFETCH(QByteArray, text);
        QFETCH(QStringList, problems);
        const QStringList found = problemsOf(text);
        QCOMPARE(found, problems);
    }

    void takes_user_properties_in_their_order_and_more_than_once()
    {
        const auto publish = [](const QByteArray &properties) {
            const Scenario scenario =
                scenarioOf(withSteps("  - door: { publish: { topic: a, user_properties: " + properties + " } }\n"));
            return std::get<PublishAction>(scenario.steps.at(0).action).message.properties;
        };
        Properties wanted;
        wanted.addUserProperty("a", "1");
        wanted.addUserProperty("b", "2");
        QCOMPARE(publish("{ a: 1, b: 2 }"), wanted);
        wanted.addUserProperty("a", "3");
        QCOMPARE(publish("[ { a: 1, b: 2 }, { a: 3 } ]"), wanted);
    }

    void forces_fields_that_a_client_would_not_send()
    {
        const auto raw = commandOf<SendRaw>(
            "  - door: { publish: { topic: \"\", topic_alias: 0, subscription_identifier: 7, payload: x } }\n");
        const auto packet = decode(raw.bytes, Version::V5);
        const auto *publish = packet ? packet->as<PublishPacket>() : nullptr;
        QVERIFY(publish);
        QCOMPARE(publish->topic, QByteArray());
        QCOMPARE(publish->properties.integer(PropertyId::TopicAlias), std::optional<quint32>(0));
        QCOMPARE(publish->properties.integer(PropertyId::SubscriptionIdentifier), std::optional<quint32>(7));
    }

    void bounds_what_a_file_can_cost()
    {
        QByteArray deep = "scenario: ";
        for (int i = 0; i < 200; ++i)
            deep += '[';
        for (int i = 0; i < 200; ++i)
            deep += ']';
        QVERIFY(problemsOf(deep).join(u'\n').contains(QStringLiteral("levels deep")));
        // Nine levels of nine aliases each would be 387 million nodes.
        QByteArray bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
        for (int i = 1; i < 9; ++i) {
            const QByteArray previous = "*a" + QByteArray::number(i - 1);
            bomb += "a" + QByteArray::number(i) + ": &a" + QByteArray::number(i) + " [" + previous;
            for (int n = 0; n < 8; ++n)
                bomb += ", " + previous;
            bomb += "]\n";
        }
        QVERIFY(problemsOf(bomb).join(u'\n').contains(QStringLiteral("too much in one file")));
        QVERIFY(problemsOf(QByteArray(documentBytesLimit + 1, ' '))
                    .join(u'\n')
                    .contains(QStringLiteral("expected at most")));
    }

    void reads_the_clients()
    {
        const Scenario scenario = scenarioOf(R"(
scenario: S
clients:
  door:
    version: 3.1
    clean_start: false
    keep_alive: 1min
    username: u
    password: { env: DOOR_PASSWORD }
    auto_reconnect: { first_wait: 2s, attempts: 3 }
    will: { topic: w, payload: { hex: "00 ff" }, qos: 2, retain: true }
  backend: { client_id: b7, session_expiry: never, receive_maximum: 3, user_properties: { a: b } }
steps: []
)");
        QCOMPARE(scenario.clients.size(), std::size_t(2));
        const ScenarioClient &door = scenario.clients[0];
        QCOMPARE(door.connect.protocolName, QByteArray("MQIsdp"));
        QCOMPARE(door.connect.clientId, QByteArray("door"));
        QCOMPARE(door.connect.cleanStart, false);
        QCOMPARE(door.connect.keepAlive, quint16(60));
        QCOMPARE(door.connect.userName.value(), QByteArray("u"));
        QVERIFY(!door.connect.password);
        QCOMPARE(door.passwordFrom.source, SecretSource::Environment);
        QCOMPARE(door.passwordFrom.name, QStringLiteral("DOOR_PASSWORD"));
        QVERIFY(door.policy.reconnect.automatic);
        QVERIFY(door.policy.reconnect.firstWait == 2s);
        QCOMPARE(door.policy.reconnect.maximumAttempts, 3u);
        QCOMPARE(door.connect.will->payload, QByteArray("\0\xff", 2));
        QCOMPARE(door.connect.will->qos, Qos::ExactlyOnce);
        const ScenarioClient &backend = scenario.clients[1];
        QCOMPARE(backend.connect.clientId, QByteArray("b7"));
        QCOMPARE(*backend.connect.properties.integer(PropertyId::SessionExpiryInterval), sessionNeverExpires);
        QCOMPARE(*backend.connect.properties.integer(PropertyId::ReceiveMaximum), 3u);
    }

    void reads_the_verbs()
    {
        const auto connect =
            clientCommandOf<ConnectCommand>("  - door: { connect: { clean_start: true, keep_alive: 5s } }\n");
        QVERIFY(connect.packet.cleanStart);
        QCOMPARE(connect.packet.keepAlive, quint16(5));
        QCOMPARE(*connect.packet.properties.integer(PropertyId::SessionExpiryInterval), 3600u);
        const auto leave =
            clientCommandOf<DisconnectCommand>("  - door: { disconnect: { reason: 0x04, session_expiry: 10s } }\n");
        QCOMPARE(leave.reason, ReasonCode::DisconnectWithWillMessage);
        QCOMPARE(leave.sessionExpiryInterval.value(), 10u);
        const auto subscribe =
            clientCommandOf<SubscribeCommand>("  - door: { subscribe: [ a, { filter: b/#, qos: 2, no_local: true, "
                                              "retain_handling: 2, identifier: 7 } ] }\n");
        QCOMPARE(subscribe.entries.size(), 2);
        QCOMPARE(subscribe.entries[1].options.retainHandling, RetainHandling::DoNotSend);
        QCOMPARE(*subscribe.properties.integer(PropertyId::SubscriptionIdentifier), 7u);
        const auto hold = clientCommandOf<HoldAcknowledgements>("  - door: { hold: [PUBACK, PUBREC] }\n");
        QCOMPARE(hold.types.size(), std::size_t(2));
        const auto cut = commandOf<ArmFault>("  - door: { cut: { when: { before_receiving: { packet: PUBLISH, qos: 2, "
                                             "nth: 2 } }, how: close } }\n");
        QCOMPARE(cut.fault.match.direction, Direction::Received);
        QCOMPARE(cut.fault.match.nth, 2u);
        QCOMPARE(cut.fault.match.qos.value(), Qos::ExactlyOnce);
        const auto *kind = std::get_if<CutFault>(&cut.fault.kind);
        QVERIFY(kind && kind->moment == Moment::Before && kind->how == CloseHow::Close);
        QCOMPARE(commandOf<CutLink>("  - door: { cut: tls_without_close_notify }\n").how, CloseHow::WithoutCloseNotify);
        QCOMPARE(commandOf<CutLink>("  - door: { cut: { how: { websocket_close: 1001 } } }\n").how,
                 CloseHow::webSocket(1001));
        const auto frame = commandOf<ArmFault>(
            "  - door: { cut: { when: { after_sending: PUBREC }, how: { websocket_close: 4000 } } }\n");
        QCOMPARE(std::get<CutFault>(frame.fault.kind).how, CloseHow::webSocket(4000));
        QCOMPARE(commandOf<SendRaw>("  - door: { send_raw: \"c0 00\" }\n").bytes, QByteArray("\xc0\0", 2));
        QCOMPARE(commandOf<RestartBroker>("  - broker: { restart: crash_losing_store }\n").how,
                 BrokerRestart::CrashLosingStore);
        QCOMPARE(std::get<StoreChanged>(commandOf<BrokerDo>("  - broker: { store: failing }\n").command).state,
                 StoreState::Failing);
        QCOMPARE(std::get<StoreChanged>(commandOf<BrokerDo>("  - broker: { store: working }\n").command).state,
                 StoreState::Working);
        QCOMPARE(std::get<KickClient>(
                     commandOf<BrokerDo>("  - broker: { kick: { client: door, reason: not_authorized } }\n").command)
                     .reason,
                 ReasonCode::NotAuthorized);
    }

    void every_verb_stands_alone_or_says_what_it_needs()
    {
        for (const Verb &verb : clientVerbs()) {
            const QStringList problems = problemsOf(withSteps("  - door: " + verb.name.toUtf8() + "\n"));
            QVERIFY2(problems.isEmpty() == verb.standsAlone, qPrintable(verb.name + problems.join(u'\n')));
        }
    }

    void replaces_variables_and_runs_a_row_of_the_table_each()
    {
        const QByteArray text = R"(
scenario: S
variables: { pause: 1s, topic: a }
with:
  - { qos: 1 }
  - { qos: 2, pause: 2s }
clients: { door: }
steps:
  - door: { publish: { topic: "${topic}/$${x}", qos: "${qos}" } }
  - wait: ${pause}
)";
        const auto scenarios =
            readScenarios(text, QStringLiteral("f.yaml"), {{QStringLiteral("topic"), QStringLiteral("t")}});
        QVERIFY(scenarios.ok());
        QCOMPARE(scenarios->size(), std::size_t(2));
        const auto &second = (*scenarios)[1];
        QCOMPARE(second.name, QStringLiteral("S [qos=2, pause=2s]"));
        const auto &publish = std::get<PublishAction>(second.steps[0].action);
        QCOMPARE(publish.message.topic, QByteArray("t/${x}"));
        QCOMPARE(publish.message.qos, Qos::ExactlyOnce);
        QVERIFY(std::get<WaitAction>(second.steps[1].action).duration == 2s);
        QVERIFY(std::get<WaitAction>((*scenarios)[0].steps[1].action).duration == 1s);
    }

    void takes_in_the_steps_of_other_files()
    {
        const LoadFile load = [](const QString &path, const QString &from, LoadKind) -> Result<LoadedFile, QString> {
            if (from == u"f.yaml" && path == u"a.yaml")
                return LoadedFile{QStringLiteral("a.yaml"), "- include: b.yaml\n- wait: 2s\n"};
            if (path == u"b.yaml")
                return LoadedFile{QStringLiteral("b.yaml"), "steps:\n  - wait: 1s\n"};
            if (path == u"bad.yaml")
                return LoadedFile{QStringLiteral("bad.yaml"), "- wait: soon\n"};
            if (path == u"self.yaml")
                return LoadedFile{QStringLiteral("self.yaml"), "- include: self.yaml\n"};
            return QStringLiteral("cannot be read");
        };
        const auto scenarios = readScenarios(withSteps("  - include: a.yaml\n"), QStringLiteral("f.yaml"), {}, load);
        QVERIFY(scenarios.ok());
        QCOMPARE(scenarios->front().steps.size(), std::size_t(2));
        QCOMPARE(placeText(scenarios->front().steps[0].place), QStringLiteral("b.yaml:2:5"));
        const QStringList bad = problemsOf(withSteps("  - include: bad.yaml\n"), {}, load);
        QVERIFY2(bad.value(0).startsWith(u"bad.yaml:1:9: \"soon\" is not a duration"), qPrintable(bad.join(u'\n')));
        QVERIFY(problemsOf(withSteps("  - include: none.yaml\n"), {}, load)
                    .value(0)
                    .startsWith(u"f.yaml:4:14: cannot be read"));
        QVERIFY(problemsOf(withSteps("  - include: self.yaml\n"), {}, load)
                    .value(0)
                    .contains(u"include each other more than 16 deep"));
    }

    void begins_a_client_with_a_profile()
    {
        const auto scenarios = readScenarios("scenario: S\n"
                                             "broker: { profile: '${where}' }\n"
                                             "with: [ { where: staging } ]\n"
                                             "clients:\n"
                                             "  door: { profile: plant, clean_start: false, username: other }\n"
                                             "  backend: { client_id: b }\n"
                                             "steps: []\n",
                                             QStringLiteral("f.yaml"), {}, loadProfiles);
        QVERIFY(scenarios.ok());
        const Scenario &scenario = scenarios->front();
        QCOMPARE(toUrl(*scenario.broker), QStringLiteral("mqtt://staging.example:1883"));
        QCOMPARE(*scenario.login->userName, QByteArray("tester"));
        QCOMPARE(scenario.login->passwordFrom.name, QStringLiteral("STAGING_PASSWORD"));
        const ScenarioClient &door = scenario.clients[0];
        QCOMPARE(door.connect.cleanStart, false);
        QCOMPARE(*door.connect.properties.integer(PropertyId::SessionExpiryInterval), 3600u);
        QCOMPARE(door.connect.userName.value(), QByteArray("other"));
        QCOMPARE(door.passwordFrom,
                 (SecretReference{SecretSource::File, QStringLiteral("door.secret"), QStringLiteral("profiles/")}));
        // What a scenario says itself: where its clients connect, what they subscribe to, and their names.
        QVERIFY(!door.broker);
        QCOMPARE(door.connect.clientId, QByteArray("door"));
        QVERIFY(scenario.clients[1].passwordFrom.isNone());
    }

    void points_at_mistakes_in_a_profile_and_around_it()
    {
        const auto told = [](const QByteArray &client, const QByteArray &broker = "bundled") {
            return problemsOf("scenario: S\nbroker: " + broker + "\nclients: { door: " + client + " }\nsteps: []\n", {},
                              loadProfiles);
        };
        QCOMPARE(
            told("{ profile: bad }"),
            QStringList(QStringLiteral("profiles/bad.yaml:2:1: unknown key \"keepalive\": expected a key of a profile. "
                                       "Did you mean \"keep_alive\"?")));
        QCOMPARE(told("{ profile: none }"), QStringList(QStringLiteral("f.yaml:3:29: there is no profile")));
        QCOMPARE(told("{ profile: plant, version: 3.1.1 }"),
                 QStringList(
                     QStringLiteral("f.yaml:3:12: door has properties, which MQTT 5 brought: expected version: 5, or "
                                    "no session_expiry, receive_maximum and the like")));
        QCOMPARE(told("{ profile: scram }"), QStringList());
        QCOMPARE(told("{ profile: [a] }"),
                 QStringList(QStringLiteral("f.yaml:3:29: a list is not the name of a profile")));
        QCOMPARE(told("{}", "{ profile: bad }").size(), 1);
        QCOMPARE(
            told("{}", "{ profile: scram }"),
            QStringList(QStringLiteral("profiles/scram.yaml:1:1: \"broker\" is missing: expected the URL of a broker, "
                                       "which the scenario is to be played against")));
        QCOMPARE(
            told("{}", "{ profile: staging, url: 'mqtt://h' }"),
            QStringList(QStringLiteral("f.yaml:2:34: the profile names the broker: expected either url or profile")));
        QCOMPARE(problemsOf("scenario: S\nclients: { door: { profile: plant } }\nsteps: []\n"),
                 QStringList(QStringLiteral("f.yaml:2:29: no other file can be read from here")));
        QCOMPARE(told("{ password: correct-horse }"),
                 QStringList(QStringLiteral("f.yaml:3:30: a password does not stand in a file: expected { env: NAME }, "
                                            "{ file: PATH }, { keyring: SERVICE/KEY } or { ask: true }")));
    }

    void schema_and_help_know_every_verb_and_key()
    {
        const QJsonObject schema = scenarioSchema();
        const QByteArray text = QJsonDocument(schema).toJson();
        const QString help = scenarioHelp();
        const auto check = [&](const QString &name) {
            QVERIFY2(text.contains('"' + name.toUtf8() + '"'), qPrintable(name));
            QVERIFY2(help.contains(u' ' + name + u' '), qPrintable(name));
        };
        for (const Verb &verb : clientVerbs())
            check(verb.name);
        for (const Verb &verb : brokerVerbs())
            check(verb.name);
        for (const Field &field : scenarioShape().fields)
            check(field.name);
        for (const auto &row : serverFacts())
            check(row.name);
        // Every reference has its definition.
        const QJsonObject definitions = schema.value(QStringLiteral("$defs")).toObject();
        for (qsizetype at = text.indexOf("#/$defs/"); at >= 0; at = text.indexOf("#/$defs/", at + 1)) {
            const QByteArray name = text.mid(at + 8, text.indexOf('"', at) - at - 8);
            QVERIFY2(definitions.contains(QString::fromLatin1(name)), name.constData());
        }
    }
};

QTEST_APPLESS_MAIN(ScenarioFilesTest)
#include "tst_scenario_files.moc"
