// Verbs and subjects of the language, played: acknowledgements of either end that are held, both ends at a cut, fields
// of packets that a client would not send, parts of packets, and words that are nearly right.
#include "core/scenario/read_scenario.h"
#include "core/scenario/run_commands.h"
#include "core/scenario/virtual_run.h"
#include "core/scenario/write_command.h"

#include <QTest>

#include <set>

using namespace sessionscope;

namespace {

const QByteArray clients = "scenario: S\n"
                           "broker: { authentication: [ { method: riddle, exchanges: [ { challenge: what, response: "
                           "that } ] } ] }\n"
                           "clients:\n"
                           "  door: { clean_start: false, session_expiry: 1h }\n"
                           "  backend:\n"
                           "steps:\n"
                           "  - door: connect\n"
                           "  - door: { subscribe: { filter: a, qos: 2 } }\n"
                           "  - backend: connect\n";

QString told(const Result<std::vector<Scenario>, Problems> &scenarios)
{
    QStringList lines;
    for (const Problem &problem : scenarios ? Problems() : scenarios.error())
        lines << problemText(problem);
    return lines.join(u'\n');
}

QString played(const QByteArray &text, const RunOptions &options = {})
{
    const auto scenarios = readScenarios(text, QStringLiteral("f.yaml"));
    if (!scenarios)
        return told(scenarios);
    const RunResult result = runVirtually(scenarios->front(), options);
    QStringList lines{QLatin1String(verdictText(result.verdict))};
    for (const Failure &failure : result.failures)
        lines << failure.step + QStringLiteral(" | ") + failure.waitedFor + QStringLiteral(" | ") + failure.closest;
    for (const Breach &breach : result.breaches)
        lines << breachText(breach);
    return lines.join(u'\n');
}

/// The verb of the only step behind the usual ones.
const CommandAction *commandOf(const std::vector<Scenario> &scenarios)
{
    return std::get_if<CommandAction>(&scenarios.front().steps.back().action);
}

} // namespace

class ScenarioVerbsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void passes_or_fails_data()
    {
        QTest::addColumn<QByteArray>("steps");
        QTest::addColumn<QString>("expected");
        const auto passes = [](const char *name, const QByteArray &steps) {
            QTest::newRow(name) << steps << QStringLiteral("passed");
        };
        const auto fails = [](const char *name, const QByteArray &steps, const char *how) {
            QTest::newRow(name) << steps << QStringLiteral("failed\n") + QString::fromUtf8(how);
        };
        passes("SUBACK held",
               "  - door: { hold: [SUBACK] }\n"
               "  - door: { subscribe: b }\n"
               "    expect: { client: { held_acks: 1, subscriptions: 1 }, session: { subscriptions: 2 } }\n"
               "  - backend: { publish: { topic: b, payload: early } }\n"
               "  - expect: { door.received: { payload: early, times: 1 }, door.client: { subscriptions: 1 } }\n"
               "  - door: release\n"
               "    expect: { packets: { received: SUBACK, times: 1 }, client: { held_acks: 0, subscriptions: 2 } }\n");
        passes("SUBACK and PUBREC held, and released by their Packet Identifiers",
               "  - door: { hold: [PUBREC, SUBACK] }\n"
               "  - backend: { publish: { topic: a, qos: 2 } }\n"
               "  - door: { subscribe: b }\n"
               "    expect: { client: { held_acks: 2 } }\n"
               "  - door: { release: { packet_id: 2 } }\n"
               "    expect: { client: { held_acks: 1, subscriptions: 2 } }\n"
               "  - door: { release: { packet_id: 1 } }\n"
               "    expect: { session: { inflight_out: 0 } }\n");
        passes("SUBACK answered otherwise, for each filter",
               "  - door: { answer_with: { SUBACK: 0x87 } }\n"
               "  - door: { subscribe: [ b, c ] }\n"
               "    expect:\n"
               "      packets: { received: SUBACK, reasons: [ \"0x87\", \"0x87\" ] }\n"
               "      client: { subscriptions: 1 }\n"
               "      session: { subscriptions: 3 }\n");
        passes(
            "UNSUBACK answered otherwise",
            "  - door: { answer_with: { UNSUBACK: 0x87 } }\n"
            "  - door: { unsubscribe: a }\n"
            "    expect: { packets: { received: UNSUBACK, reasons: [ \"0x87\" ] }, session: { subscriptions: 0 } }\n");
        passes(
            "acknowledgements of the broker held, and released in their order",
            "  - door: { hold: { received: [PUBACK] } }\n"
            "  - door: { publish: { topic: b, qos: 1, count: 3 } }\n"
            "  - expect: { door.client: { inflight_out: 3, held_acks: 3 }, broker: { received: 3 } }\n"
            "  - door: { release: { packet_id: 3, received: true } }\n"
            "    never: { packets: { received: PUBACK } }\n"
            "    for: 1s\n"
            "  - door: { release: { packet_id: 2, received: true } }\n"
            "    expect:\n"
            "      packets: { in_order: [ { received: PUBACK, packet_id: 2 }, { received: PUBACK, packet_id: 3 } ] }\n"
            "      client: { inflight_out: 1 }\n"
            "  - door: { hold: { received: [] } }\n"
            "  - door: { release: { received: true } }\n"
            "    expect: { client: { inflight_out: 0 } }\n");
        passes("QoS 2 held at each step, over a reconnect", "  - door: { hold: { received: [PUBREC, PUBCOMP] } }\n"
                                                            "  - door: { publish: { topic: b, qos: 2 } }\n"
                                                            "  - door: { cut: reset }\n"
                                                            "  - door: connect\n"
                                                            "  - door: { release: { received: true } }\n"
                                                            "  - expect: { door.client: { inflight_out: 1, held_acks: "
                                                            "1 }, broker.sessions.door: { awaiting_rel: 0 } }\n"
                                                            "  - door: { release: { received: true } }\n"
                                                            "    expect: { client: { inflight_out: 0 } }\n");
        passes("acknowledgements of the broker in an order of its own",
               "  - door: { hold: { received: [PUBACK] } }\n"
               "  - door: { publish: { topic: b, qos: 1, count: 3 } }\n"
               "  - door: { release: { packet_ids: [4, 2, 3], received: true } }\n"
               "    expect:\n"
               "      packets: { in_order: [ { received: PUBACK, packet_id: 4 }, { received: PUBACK, packet_id: 2 }, "
               "{ received: PUBACK, packet_id: 3 } ] }\n");
        passes("an acknowledgement of the broker answered otherwise",
               "  - door: { answer_with: { received: { PUBACK: 0x97 } } }\n"
               "  - door: { publish: { topic: b, qos: 1 } }\n"
               "    expect: { packets: { received: PUBACK, reason: 0x97 } }\n");
        fails("a release of what is not held", "  - door: { release: { received: true } }\n",
              "door: release | that it can be done | no such acknowledgement is held");

        const QByteArray cutAtPubrec = "  - door: { cut: { when: { after_sending: PUBREC } } }\n"
                                       "  - backend: { publish: { topic: a, qos: 2, payload: x } }\n"
                                       "  - wait: 10min\n"
                                       "  - door: connect\n"
                                       "  - expect: { door.client: { awaiting_rel: 0 } }\n";
        passes("both ends at a cut",
               cutAtPubrec +
                   "  - expect:\n"
                   "      door.at_cut:\n"
                   "        client: { connection: closed, awaiting_rel: 1, expires_in: 1h }\n"
                   "        session: { state: inactive, inflight_out: 1, inflight_ids: [\"1\"], expires_in: 1h }\n");
        passes("the latest cut counts, and beside an action only one behind it",
               cutAtPubrec + "  - door: { cut: close }\n"
                             "    expect: { at_cut: { client: { awaiting_rel: 0 }, session: { inflight_out: 0 } } }\n"
                             "  - expect: { door.at_cut: { session: { inflight_out: 0 } } }\n");
        passes("the end of a connection that was left",
               "  - door: { disconnect: { session_expiry: 10s } }\n"
               "    expect: { at_cut: { session: { expires_in: 10s }, client: { expiry: 10s } } }\n");
        fails("an end that was otherwise",
              cutAtPubrec + "  - expect: { door.at_cut: { session: { inflight_out: 2 } } }\n",
              "expect | door session at the broker at the cut: inflight_out: 2 | inflight_out: 1");
        fails("no cut at all", "  - expect: { door.at_cut: { client: { session: true } } }\n",
              "expect | door at a cut: session: true | no connection of it has ended");

        passes("every field of DISCONNECT, the illegal ones too",
               "  - door: { disconnect: { reason: 0x8b, reason_string: tired, server_reference: \"b:1\", "
               "user_properties: { k: v } } }\n"
               "    expect:\n"
               "      packets: { sent: DISCONNECT, reason: 0x8b, reason_string: tired, server_reference: \"b:1\", "
               "user_property: [ k=v ] }\n");
        passes("a kick with its reason in words",
               "  - broker: { kick: { client: door, reason: use_another_server, server_reference: \"b:1\", "
               "reason_string: moved } }\n"
               "  - expect: { door.packets: { received: DISCONNECT, reason: use_another_server, reason_string: moved, "
               "server_reference: \"b:1\" } }\n");
        passes("an authentication step by step",
               "  - door: { disconnect: normal_disconnection }\n"
               "  - door: { connect: { authentication: { method: riddle, data: hello } } }\n"
               "    expect:\n"
               "      packets: [ { sent: CONNECT, authentication_method: riddle, authentication_data: hello }, "
               "{ received: AUTH, authentication_data: what } ]\n"
               "  - door: { auth: { method: riddle, data: that, reason_string: here } }\n"
               "    expect: { connack: { reason: success } }\n");
        passes("what a will was",
               "  - backend: { disconnect: normal_disconnection }\n"
               "  - backend: { connect: { will: { topic: w, payload: gone, qos: 1, retain: true } } }\n"
               "  - backend: { cut: reset }\n"
               "  - expect: { broker.wills: { topic: w, payload: gone, qos: 1, retain: true, times: 1 } }\n"
               "  - expect: { broker.wills: { payload: back, times: 0 } }\n");
        fails("what a will was not",
              "  - backend: { disconnect: normal_disconnection }\n"
              "  - backend: { connect: { will: { topic: w, payload: gone } } }\n"
              "  - backend: { cut: reset }\n"
              "  - expect: { broker.wills: { payload: back, qos: 2 } }\n",
              "expect | wills: payload: \"back\", qos: 2 | payload: \"gone\", qos: 0");

        passes("the rest of a packet late",
               "  - door: { delay: { by: 10s, offset: 3, when: { before_receiving: PUBLISH } } }\n"
               "  - backend: { publish: { topic: a } }\n"
               "    never: { door.received: { topic: a } }\n"
               "    for: 9s\n"
               "  - wait: 1s\n"
               "  - expect: { door.received: { topic: a, times: 1 } }\n");
        passes("a byte that is lost makes of two packets what it likes",
               "  - door: { drop: { offset: 6, bytes: 1, when: { before_receiving: PUBLISH } } }\n"
               "  - backend: { publish: { topic: a, payload: abcd } }\n"
               "  - backend: { publish: { topic: a, payload: efgh } }\n"
               "  - expect: { door.received: { payload: bcd0 }, door.closed: { by: client } }\n");
        passes("bytes that come twice",
               "  - door: { duplicate: { offset: 6, bytes: 2, when: { before_receiving: PUBLISH } } }\n"
               "  - backend: { publish: { topic: a, payload: abcd } }\n"
               "  - expect: { door.received: { payload: abab } }\n");
        passes("slow in one direction, for a time",
               "  - door: { throttle: { rate: 100, direction: received, lasts: 10s } }\n"
               "  - backend: { publish: { topic: a, payload: \"" +
                   QByteArray(1993, 'x') +
                   "\" } }\n"
                   "    never: { door.received: { topic: a } }\n"
                   "    for: 9s\n"
                   "  - wait: 1s\n"
                   "  - expect: { door.received: { topic: a, times: 1 } }\n");
        passes("slow from a packet on",
               "  - door: { throttle: { rate: 10, when: { before_receiving: { packet: PUBLISH, nth: 2 } } } }\n"
               "  - backend: { publish: { topic: a, payload: one } }\n"
               "  - expect: { door.received: { payload: one } }\n"
               "  - backend: { publish: { topic: a, payload: two and a half } }\n"
               "    never: { door.received: { payload: two and a half } }\n"
               "    for: 1s\n"
               "  - door: { throttle: 0 }\n"
               "    expect: { received: { payload: two and a half } }\n");
        passes("limits are settings", "  - broker: { limits: { max_queued: 2 } }\n"
                                      "  - door: { cut: reset }\n"
                                      "  - backend: { publish: { topic: a, qos: 1, count: 5 } }\n"
                                      "  - expect: { broker.sessions.door: { mqueue: 2, dropped: 3 } }\n");
    }
    void passes_or_fails()
    {
        QFETCH(QByteArray, steps);
        QFETCH(QString, expected);
        const QString result = played(clients + steps);
        QVERIFY2(result == expected, qPrintable(result));
    }

    void points_at_every_mistake_data()
    {
        QTest::addColumn<QByteArray>("step");
        QTest::addColumn<QString>("problem");
        const auto row = [](const char *name, const char *step, const char *problem) {
            QTest::newRow(name) << QByteArray(step) << QString::fromUtf8(problem);
        };
        row("no acknowledgement", "door: { hold: [PINGRESP] }",
            "\"PINGRESP\" is not an acknowledgement: expected PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK, UNSUBACK.");
        row("two ways to release", "door: { release: { packet_ids: [1], packet_id: 2 } }",
            "packet_ids say which and in which order: expected neither packet_id nor at_once beside them");
        row("nothing to release", "door: { release: { packet_ids: [] } }", "no packet_ids: expected at least one");
        row("two answers", "door: { answer_with: { PUBACK: 0x97, received: { PUBACK: 0x97 } } }",
            "expected one acknowledgement with its reason code");
        row("another end at a cut", "expect: { door.at_cut: { sesion: { state: none } } }",
            "unknown key \"sesion\": expected client, session. Did you mean \"session\"?");
        row("findings by another name", "expect: { no_findings: true }", "Did you mean \"findings: none\"?");
        row("limits by MQTT's names", "broker: { limits: { receive_maximum: 1 } }",
            "unknown key \"receive_maximum\": expected a setting of the broker. Did you mean \"max_inflight\"?");
        row("a method for a client that has one", "scram: { connect: { authentication: { method: riddle } } }",
            "the client has an authentication of its own: expected one of the two");
        row("authentication before 5.0", "old: { connect: { authentication: { method: riddle } } }",
            "MQTT 5 brought enhanced authentication: expected version: 5");
        row("DISCONNECT before 5.0", "old: { disconnect: { reason_string: tired } }",
            "MQTT 5 brought the properties of DISCONNECT: expected version: 5");
        row("a password in plain text", "door: { connect: { password: secret } }",
            "a password does not stand in a file");
    }
    void points_at_every_mistake()
    {
        QFETCH(QByteArray, step);
        QFETCH(QString, problem);
        QByteArray text = clients;
        text.replace("  backend:\n", "  backend:\n  old: { version: 3.1.1 }\n"
                                     "  scram: { authentication: { method: riddle, script: [ x ] } }\n");
        const QString problems = told(readScenarios(text + "  - " + step + '\n', QStringLiteral("f.yaml")));
        QVERIFY2(problems.contains(problem), qPrintable(problems));
    }

    void limits_stand_at_the_top_too_and_once()
    {
        const QByteArray rest = "\nclients: { door: }\nsteps: []\n";
        const auto limited =
            readScenarios("scenario: S\nbroker: { limits: { max_queued: 7 } }" + rest, QStringLiteral("f.yaml"));
        QVERIFY2(limited, qPrintable(told(limited)));
        QCOMPARE(limited->front().config.maximumQueuedMessages, 7u);
        QVERIFY(limited->front().hasSettings);
        const auto twice = readScenarios("scenario: S\nbroker: { limits: { max_queued: 7 }, settings: {} }" + rest,
                                         QStringLiteral("f.yaml"));
        QVERIFY2(told(twice).contains(QStringLiteral("another word for settings")), qPrintable(told(twice)));
    }

    void a_connect_has_a_password_of_its_own()
    {
        const auto scenarios =
            readScenarios("scenario: S\nclients: { door: { username: u, password: { env: MINE } } }\nsteps:\n"
                          "  - door: connect\n"
                          "  - repeat: { times: 1, steps: [ { door: { connect: { password: { env: WRONG } } } } ] }\n"
                          "  - door: { connect: { password: { env: WRONG }, username: v } }\n",
                          QStringLiteral("f.yaml"));
        QVERIFY2(scenarios, qPrintable(told(scenarios)));
        const Scenario &scenario = scenarios->front();
        const SecretReference mine{SecretSource::Environment, QStringLiteral("MINE")};
        const SecretReference wrong{SecretSource::Environment, QStringLiteral("WRONG")};
        std::set<SecretReference> referred;
        for (const auto &[from, whose] : secretsOf(scenario))
            referred.insert(from);
        QCOMPARE(referred, (std::set<SecretReference>{mine, wrong}));
        const RunOptions options{.secrets = {{mine, "m"}, {wrong, "w"}}};
        const auto passwordOf = [&](const Step &step) {
            const auto &action = std::get<CommandAction>(step.action);
            const LabCommand sent = completed(action.command, scenario, options, Lab(), action.passwordFrom);
            return std::get<ConnectCommand>(std::get<ClientDo>(sent).command).packet.password;
        };
        QVERIFY(passwordOf(scenario.steps.front()) == QByteArray("m"));
        QVERIFY(passwordOf(scenario.steps.back()) == QByteArray("w"));
    }

    void says_again_what_it_read_data()
    {
        QTest::addColumn<QByteArray>("step");
        for (const char *step :
             {"hold: [PUBACK, SUBACK, UNSUBACK]", "hold: { received: [PUBREC, SUBACK] }", "hold: { received: [] }",
              "release: { packet_id: 3 }", "release: { received: true }",
              "release: { packet_id: 3, at_once: true, received: true }", "answer_with: { SUBACK: 0x87 }",
              "answer_with: { PUBREC: 0x97 }", "answer_with: { received: { PUBREC: 0x97 } }",
              "drop: { offset: 2, bytes: 3, when: { before_sending: PUBLISH } }",
              "drop: { offset: 2, when: { before_sending: PUBLISH } }",
              "duplicate: { bytes: 3, when: { before_receiving: PUBLISH }, times: 2 }",
              "delay: { by: 1s, offset: 3, when: { before_receiving: PUBLISH } }", "throttle: 100",
              "throttle: { rate: 100, direction: sent, lasts: 2s }",
              "throttle: { rate: 100, lasts: 2s, when: { before_sending: { packet: PUBLISH, nth: 2 } } }",
              "disconnect: { reason: 0x8b, session_expiry: 5s, reason_string: r, server_reference: s, "
              "user_properties: { a: b } }"})
            QTest::newRow(step) << QByteArray(step);
        QTest::newRow("kick") << QByteArray("kick: { client: door, reason: 0x9c, reason_string: r, "
                                            "server_reference: s }");
    }
    /// As a recording and the explorer do it.
    void says_again_what_it_read()
    {
        QFETCH(QByteArray, step);
        const QByteArray who = step.startsWith("kick") ? "  - broker: { " : "  - door: { ";
        const auto scenarios = readScenarios(clients + who + step + " }\n", QStringLiteral("f.yaml"));
        QVERIFY2(scenarios, qPrintable(told(scenarios)));
        const CommandAction *read = commandOf(*scenarios);
        QVERIFY(read);
        const auto verb = verbOf(read->command);
        QVERIFY(verb);
        QByteArray written = writeDocument(listNode({mapNode(QString::fromLatin1(who.mid(4, who.size() - 8)), *verb)}));
        written.replace("\n", "\n  ");
        const auto again = readScenarios(clients + "  " + written.trimmed() + '\n', QStringLiteral("f.yaml"));
        QVERIFY2(again, qPrintable(told(again) + QString::fromUtf8(written)));
        QCOMPARE(commandText(commandOf(*again)->command), commandText(read->command));
    }
};

QTEST_APPLESS_MAIN(ScenarioVerbsTest)
#include "tst_scenario_verbs.moc"
