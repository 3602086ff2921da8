// Scenarios that are played on the virtual clock: what passes, what fails and how that is told, what cannot be judged.
#include "core/scenario/read_scenario.h"
#include "core/scenario/run_commands.h"
#include "core/scenario/virtual_run.h"

#include <QTest>

using namespace sessionscope;
using namespace std::chrono_literals;

namespace {

const QByteArray clients = "scenario: S\n"
                           "clients:\n"
                           "  door: { clean_start: false, session_expiry: 1h }\n"
                           "  backend:\n"
                           "steps:\n"
                           "  - door: connect\n"
                           "  - door: { subscribe: { filter: a, qos: 2 } }\n"
                           "  - backend: connect\n";

RunResult play(const QByteArray &text, const RunOptions &options = {})
{
    const auto scenarios = readScenarios(text, QStringLiteral("f.yaml"));
    if (scenarios)
        return runVirtually(scenarios->front(), options);
    RunResult result;
    result.verdict = Verdict::Error;
    for (const Problem &problem : scenarios.error())
        result.failures.push_back({problem.place, {}, problem.what, {}, {}});
    return result;
}

QString told(const RunResult &result)
{
    QStringList lines{QLatin1String(verdictText(result.verdict))};
    for (const Failure &failure : result.failures)
        lines << placeText(failure.place) + u' ' + failure.step + QStringLiteral(" | ") + failure.waitedFor +
                     QStringLiteral(" | ") + failure.closest;
    for (const Breach &breach : result.breaches)
        lines << breachText(breach);
    return lines.join(u'\n');
}

} // namespace

class ScenarioRunsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void says_which_cuts_the_bundled_broker_in_memory_has_not_data()
    {
        QTest::addColumn<QByteArray>("step");
        QTest::addColumn<QString>("reason");
        QTest::newRow("now") << QByteArray("  - door: { cut: tls_without_close_notify }\n")
                             << QStringLiteral("not over TLS");
        QTest::newRow("armed") << QByteArray(
                                      "  - door: { cut: { when: { after_sending: PUBREC }, how: { websocket_close: "
                                      "1001 } } }\n")
                               << QStringLiteral("not over WebSocket");
    }
    void says_which_cuts_the_bundled_broker_in_memory_has_not()
    {
        QFETCH(QByteArray, step);
        QFETCH(QString, reason);
        const RunResult result = play(clients + step);
        QCOMPARE(result.verdict, Verdict::Unsupported);
        QCOMPARE(result.failures.size(), std::size_t(1));
        QCOMPARE(result.failures[0].place.line, 9);
        QVERIFY2(result.failures[0].closest.contains(reason), qPrintable(told(result)));
    }

    void passes_or_fails_data()
    {
        QTest::addColumn<QByteArray>("steps");
        QTest::addColumn<QString>("expected"); // of the first line "verdict", or the failure
        const auto passes = [](const char *name, const QByteArray &steps) {
            QTest::newRow(name) << steps << QStringLiteral("passed");
        };
        const auto fails = [](const char *name, const QByteArray &steps, const char *how) {
            QTest::newRow(name) << steps << QStringLiteral("failed\nf.yaml:") + QString::fromUtf8(how);
        };
        passes("nothing more", "");
        passes("delivers", "  - backend: { publish: { topic: a, qos: 2, payload: x } }\n"
                           "  - expect: { door.received: [ { payload: x, qos: 2, times: 1 } ] }\n");
        fails("not delivered", "  - expect: { door.received: [ { payload: x } ] }\n",
              "9:15 expect | door received: payload: \"x\" | none");
        fails("delivered too often",
              "  - backend: { publish: { topic: a, count: 3, payload: \"{n}\" } }\n"
              "  - expect: { door.received: { topic: a, times: 2 } }\n",
              "10:15 expect | door received: topic: \"a\", times: 2 | 3 of these");
        passes("numbers payloads",
               "  - backend: { publish: { topic: a, count: 3, payload: \"p{n}\" } }\n"
               "  - expect: { door.received: { in_order: [ { payload: p1 }, { payload: p2 }, { payload: p3 } ] } }\n");
        fails("not in this order",
              "  - backend: { publish: { topic: a, count: 2, payload: \"p{n}\" } }\n"
              "  - expect: { door.received: { in_order: [ { payload: p2 }, { payload: p1 } ] } }\n",
              "10:15 expect | door received: payload: \"p1\" | 1 of these");
        fails("wrong Session Present",
              "  - door: { cut: reset }\n"
              "  - door: connect\n"
              "    expect: { connack: { session_present: false } }\n",
              "11:15 door: connect | door connack: session_present: false | session_present: true");
        passes("state of both ends",
               "  - door: { cut: reset }\n"
               "  - backend: { publish: { topic: a, qos: 1 } }\n"
               "  - wait: 10min\n"
               "  - expect:\n"
               "      broker.sessions.door: { state: inactive, mqueue: 1, expires_in: 50min, filters: [a] }\n"
               "      door.client: { session: true, connection: closed, expires_in: { at_most: 1h } }\n"
               "      broker: { sessions: 2, connected: 1 }\n");
        fails("state of one end", "  - expect: { broker.sessions.door: { mqueue: 1 } }\n",
              "9:15 expect | door session at the broker: mqueue: 1 | mqueue: 0");
        passes("until the session ends", "  - door: { cut: reset }\n"
                                         "  - until: { expiry: door, minus: 1ms }\n"
                                         "  - expect: { broker.sessions.door: { state: inactive } }\n"
                                         "  - wait: 1ms\n"
                                         "  - expect: { broker.sessions.door: { state: none } }\n");
        fails("no end to wait for", "  - until: { expiry: door }\n",
              "9:5 until | the end of the session of door | it is connected, or never expires");
        passes("a cut at a packet",
               "  - door: { cut: { when: { after_sending: PUBREC } } }\n"
               "  - backend: { publish: { topic: a, qos: 2, payload: x } }\n"
               "  - expect: { door.closed: { by: cut }, broker.sessions.door: { inflight_out: 1 } }\n"
               "  - door: connect\n"
               "    expect: { packets: { in_order: [ { received: CONNACK }, { received: PUBREL, packet_id: 1 } ] } }\n"
               "  - expect: { door.received: { payload: x, times: 1 } }\n");
        passes("acknowledgements held",
               "  - door: { hold: [PUBREC] }\n"
               "  - backend: { publish: { topic: a, qos: 2 } }\n"
               "  - expect: { door.client: { held_acks: 1 }, broker.sessions.door: { inflight_out: 1 } }\n"
               "  - door: release\n"
               "  - expect: { broker.sessions.door: { inflight_out: 0 } }\n");
        passes("a PUBREL held over a reconnect is not overtaken",
               "  - door: { hold: [PUBREL] }\n"
               "  - door: { publish: { topic: b, qos: 2, payload: x } }\n"
               "  - door: { cut: reset }\n"
               "  - door: connect\n"
               "  - door: { publish: { topic: b, qos: 1, payload: y } }\n"
               "  - door: release\n"
               "  - expect: { broker.sessions.door: { awaiting_rel: 0 } }\n");
        passes("a packet cut before it was sent is not sent",
               "  - door: { cut: { when: { before_sending: PUBLISH } } }\n"
               "  - door: { publish: { topic: b, qos: 1, count: 2 } }\n"
               "  - never: { door.packets: [ { sent: PUBLISH } ] }\n");
        passes("what is answered behind a cut is not sent",
               "  - door: { cut: { when: { after_receiving: PUBLISH } } }\n"
               "  - backend: { publish: { topic: a, qos: 1 } }\n"
               "  - never: { door.packets: [ { sent: PUBACK } ] }\n");
        passes("a dropped packet is not sent", "  - door: { drop: { when: { before_sending: PUBLISH } } }\n"
                                               "  - door: { publish: { topic: b, qos: 1, count: 2 } }\n"
                                               "  - expect: { door.packets: { sent: PUBLISH, times: 1 } }\n");
        passes("an answer has the reason that left",
               "  - door: { answer_with: { PUBREC: 0x97 } }\n"
               "  - backend: { publish: { topic: a, qos: 2 } }\n"
               "  - expect: { door.packets: { sent: PUBREC, reason: 0x97, times: 1 } }\n"
               "  - never: { door.packets: [ { sent: PUBREC, reason: success } ] }\n");
        fails("refused", "  - door: connect\n", "9:5 door: connect | that it can be done | ");
        fails("impossible beside an expectation", "  - door: connect\n    expect: { door.received: none }\n",
              "9:5 door: connect | that it can be done | ");
        fails("totals of the broker", "  - expect: { broker: { received: 7 } }\n",
              "9:15 expect | broker: received: 7 | received: 0");
        passes("refused as expected", "  - door: { send_raw: \"00 00\" }\n"
                                      "    expect: { closed: { by: server, reason: protocol_error } }\n");
        passes("never", "  - never: { door.received: [ { topic: a } ] }\n    for: 1h\n");
        fails("never, but it comes",
              "  - backend: { publish: { topic: a } }\n"
              "    never: { door.received: [ { topic: a } ] }\n"
              "    for: 1h\n",
              "10:14 backend: publish | never: door topic: \"a\" | it came");
        fails("never, and one of several comes",
              "  - backend: { publish: { topic: a } }\n"
              "    never: { door.received: [ { topic: a, payload: x }, { topic: a } ] }\n",
              "10:14 backend: publish | never: door topic: \"a\" | it came");
        passes("repeats", "  - repeat:\n"
                          "      times: 3\n"
                          "      steps:\n"
                          "        - backend: { publish: { topic: a, qos: 1 } }\n"
                          "        - wait: 1min\n"
                          "  - expect: { door.received: { topic: a, times: 3 } }\n");
        passes("messages with time between", "  - backend: { publish: { topic: a, count: 3, every: 10s } }\n"
                                             "  - expect: { door.received: { times: 3 } }\n");
        passes("branches side by side",
               "  - parallel:\n"
               "      - - backend: { publish: { topic: a, qos: 1, payload: \"m{n}\", count: 5, every: 1s } }\n"
               "      - - wait: 2500ms\n"
               "        - door: { cut: reset }\n"
               "        - wait: 1s\n"
               "        - door: connect\n"
               "          expect: { connack: { session_present: true }, received: { payload: m4, times: 1 } }\n"
               "    expect: { door.received: { series: { payload: \"m{n}\", to: 5, times: 1 } } }\n");
        passes("branches within branches, and again",
               "  - repeat:\n"
               "      times: 2\n"
               "      steps:\n"
               "        - parallel:\n"
               "            - - parallel: [ [ { wait: 1s } ], [ { backend: { publish: { topic: a } } } ] ]\n"
               "            - - wait: 2s\n"
               "  - expect: { door.received: { topic: a, times: 2 } }\n");
        passes("acknowledgements in an order of its own",
               "  - door: { hold: [PUBACK] }\n"
               "  - backend: { publish: { topic: a, qos: 1, count: 3 } }\n"
               "  - door: { release: { packet_ids: [3, 1, 2] } }\n"
               "    expect:\n"
               "      packets: { in_order: [ { sent: PUBACK, packet_id: 3 }, { sent: PUBACK, packet_id: 1 }, "
               "{ sent: PUBACK, packet_id: 2 } ] }\n");
        passes("a branch with nothing to do",
               "  - parallel: [ [ { repeat: { times: 0, steps: [ { wait: 1s } ] } } ], [ { wait: 10min } ] ]\n");
        fails("in a branch",
              "  - parallel:\n"
              "      - - wait: 1s\n"
              "      - - wait: 1s\n"
              "        - expect: { door.received: { topic: a } }\n",
              "12:21 branch 2: expect | door received: topic: \"a\" | none");
        fails("in a branch of a branch",
              "  - parallel:\n"
              "      - - wait: 1s\n"
              "      - branch: outer\n"
              "        steps:\n"
              "          - parallel:\n"
              "              - branch: inner\n"
              "                steps: [ { door: release } ]\n"
              "              - - wait: 1s\n",
              "15:26 outer, inner: door: release | that it can be done | no such acknowledgement is held");
        fails("a branch that is not over in time",
              "  - parallel:\n"
              "      - - wait: 1s\n"
              "      - branch: the long one\n"
              "        steps: [ { wait: 1h } ]\n"
              "    limit: 10s\n",
              "9:5 parallel | that all branches are over within 10s | the long one: wait: 1h");
        fails("a number that is missing",
              "  - backend: { publish: { topic: a, payload: \"m{n}\", count: 3 } }\n"
              "  - expect: { door.received: { series: { payload: \"m{n}\", to: 4 } } }\n",
              "10:15 expect | door received: payload: \"m4\" | payload: \"m3\"");
        fails("never, where nobody would hear it",
              "  - never: { door.received: [ { topic: b } ] }\n"
              "    for: 1s\n",
              "9:14 never | never: door topic: \"b\" | it could not have come: door has never subscribed to anything "
              "that matches \"b\"");
        fails("never, without a connection",
              "  - door: { cut: reset }\n"
              "  - backend: { publish: { topic: a } }\n"
              "    never: { door.received: [ { topic: a } ] }\n"
              "    for: 1s\n",
              "11:14 backend: publish | never: door topic: \"a\" | it could not have come: door was not connected "
              "meanwhile");
        passes("settings", "  - broker: { settings: { max_queued: 2 } }\n"
                           "  - door: { cut: reset }\n"
                           "  - backend: { publish: { topic: a, qos: 1, count: 5 } }\n"
                           "  - expect: { broker.sessions.door: { mqueue: 2, dropped: 3 }, broker: { dropped: 3 } }\n");
        passes("a broker that loses its store", "  - broker: { restart: crash_losing_store }\n"
                                                "  - door: connect\n"
                                                "    expect: { connack: { session_present: false } }\n");
        passes("findings", "  - expect: { findings: none }\n"
                           "  - door: { send_raw: \"62 02 00 00\" }\n"
                           "    expect: { findings: [MQTT-2.2.1-5] }\n");
        passes("wills", "  - door: { disconnect: normal_disconnection }\n"
                        "  - door: { connect: { will: { topic: w, delay: 10s } } }\n"
                        "  - door: { cut: reset }\n"
                        "  - never: { broker.wills: { client: door } }\n"
                        "    for: 9s\n"
                        "  - wait: 2s\n"
                        "  - expect: { broker.wills: { client: door, topic: w, times: 1, after: 10s } }\n");
    }
    void passes_or_fails()
    {
        QFETCH(QByteArray, steps);
        QFETCH(QString, expected);
        const RunResult result = play(clients + steps);
        QVERIFY2(told(result).startsWith(expected), qPrintable(told(result)));
        QCOMPARE(result.trace.isEmpty(), result.verdict == Verdict::Passed);
    }

    void what_goes_on_side_by_side_takes_as_long_as_the_longest()
    {
        const RunResult result = play(clients + "  - parallel:\n"
                                                "      - - wait: 10s\n"
                                                "        - wait: 20s\n"
                                                "      - - wait: 1min\n"
                                                "      - - repeat: { times: 3, steps: [ { wait: 5s } ] }\n");
        QCOMPARE(told(result), QStringLiteral("passed"));
        QCOMPARE(result.span, Duration(1min));
    }

    // MQTT-3.1.4-3
    void S117_connects_at_once_leave_one_connection_and_one_session()
    {
        constexpr int count = 50;
        QByteArray text = "scenario: S\nclients:\n  a: { client_id: A, clean_start: false, session_expiry: 1h }\n";
        QByteArray branches;
        QByteArray closed;
        for (int i = 1; i <= count; ++i) {
            const QByteArray name = "a" + QByteArray::number(i);
            text += "  " + name +
                    ": { client_id: A, clean_start: false, session_expiry: 1h, "
                    "adopt_unknown_session: true }\n";
            branches += "      - - " + name + ": connect\n";
            if (i < count)
                closed += "      " + name + ".closed: { by: server, reason: session_taken_over, times: 1 }\n";
        }
        text += "steps:\n  - a: connect\n  - a: { subscribe: { filter: t, qos: 1 } }\n  - a: { cut: reset }\n"
                "  - parallel:\n" +
                branches +
                "finally:\n  - expect:\n      broker: { sessions: 1, connected: 1 }\n"
                "      broker.sessions.a: { state: active, subscriptions: 1 }\n      a50.closed: none\n" +
                closed;
        QCOMPARE(told(play(text)), QStringLiteral("passed"));
    }

    void judges_an_authentication_by_what_comes_behind_it_data()
    {
        QTest::addColumn<QByteArray>("steps");
        QTest::newRow("messages right behind the CONNACK, before the client trusts it")
            << QByteArray("  - backend: connect\n"
                          "  - door: { cut: { when: { after_sending: PUBREC }, how: reset } }\n"
                          "  - backend: { publish: { topic: a, qos: 2, payload: 1 } }\n"
                          "    expect: { door.closed: { times: 1 } }\n"
                          "  - backend: { publish: { topic: a, qos: 2, payload: 2 } }\n"
                          "  - backend: { publish: { topic: a, qos: 1, payload: 3 } }\n"
                          "  - door: connect\n"
                          "finally:\n"
                          "  - expect: { door.received: { series: { payload: '{n}', to: 3 } } }\n");
        QTest::newRow("Clean Start, for which the last AUTH ends the session")
            << QByteArray("  - door: { cut: reset }\n"
                          "  - door: { connect: { clean_start: true } }\n"
                          "    expect: { connack: { session_present: false } }\n");
    }
    void judges_an_authentication_by_what_comes_behind_it()
    {
        QFETCH(QByteArray, steps);
        const RunResult result = play(
            "scenario: S\n"
            "broker: { authentication: [ { method: riddle, exchanges: [ { challenge: what, response: that } ] } ] }\n"
            "clients:\n"
            "  door: { clean_start: false, session_expiry: 1h, authentication: { method: riddle, script: [ hello, that "
            "] "
            "} }\n"
            "  backend:\n"
            "steps:\n"
            "  - door: connect\n"
            "  - door: { subscribe: { filter: a, qos: 2 } }\n" +
            steps);
        QVERIFY2(result.verdict == Verdict::Passed, qPrintable(told(result)));
    }

    void is_inconclusive_when_the_control_fails()
    {
        const QByteArray control = "control:\n"
                                   "  - door: connect\n"
                                   "  - expect: { door.received: { topic: a } }\n";
        const RunResult result = play(clients + control);
        QCOMPARE(result.verdict, Verdict::Inconclusive);
        QCOMPARE(result.failures.size(), std::size_t(1));
    }

    void what_changes_packets_on_their_way_switches_the_invariants_off()
    {
        const RunResult tampered = play(clients + "  - door: { drop: { when: { before_receiving: PUBLISH } } }\n"
                                                  "  - backend: { publish: { topic: a, qos: 1 } }\n");
        QCOMPARE(tampered.verdict, Verdict::Passed);
        QVERIFY(!tampered.invariantsChecked);
        QVERIFY(play(clients).invariantsChecked);
    }

    void expects_of_a_misbehaving_end_what_it_breaks_and_nothing_else_data()
    {
        QTest::addColumn<QByteArray>("breaks");
        QTest::addColumn<QString>("expected");
        QTest::newRow("as said") << QByteArray("[dup_and_original_identifier]") << QStringLiteral("passed");
        QTest::newRow("more was said") << QByteArray("[dup_and_original_identifier, order]")
                                       << QStringLiteral("failed\nf.yaml:1:1  | a breach: order");
        QTest::newRow("less was said") << QByteArray("[]") << QStringLiteral("failed\nDUP and original identifier");
    }
    void expects_of_a_misbehaving_end_what_it_breaks_and_nothing_else()
    {
        QFETCH(QByteArray, breaks);
        QFETCH(QString, expected);
        QByteArray text = clients;
        text.replace("clients:\n", "breaks: " + breaks + "\nclients:\n");
        const RunResult result = play(text + "  - broker: { behave: { client: door, with: dup_on_first_send } }\n"
                                             "  - backend: { publish: { topic: a, qos: 1 } }\n"
                                             "  - broker: { behave: { client: door, with: none } }\n"
                                             "  - backend: { publish: { topic: a, qos: 1, payload: x } }\n");
        QVERIFY2(told(result).startsWith(expected), qPrintable(told(result)));
        QVERIFY2(told(result).count(QStringLiteral("DUP")) <= 3, qPrintable(told(result)));
    }

    void the_same_seed_gives_the_same_run()
    {
        const QByteArray steps = "  - backend: { publish: { topic: a, qos: 2, count: 3 } }\n"
                                 "  - expect: { door.received: { times: 4 } }\n";
        const RunResult first = play(clients + steps, {.secrets = {}, .seed = 5});
        const RunResult second = play(clients + steps, {.secrets = {}, .seed = 5});
        QCOMPARE(first.verdict, Verdict::Failed);
        QCOMPARE(first.trace, second.trace);
        QVERIFY(first.trace.size() > 20);
    }

    void gives_passwords_to_clients_and_to_no_report()
    {
        const SecretReference from{SecretSource::Environment, QStringLiteral("SECRET")};
        const QByteArray text = "scenario: S\n"
                                "clients: { door: { username: u, password: { env: SECRET } } }\n"
                                "steps:\n"
                                "  - door: connect\n"
                                "  - expect: { door.received: { topic: never } }\n";
        const RunResult result = play(text, {.secrets = {{from, "very-secret"}}});
        QCOMPARE(result.verdict, Verdict::Failed);
        QVERIFY(!result.trace.join(u'\n').contains(QStringLiteral("very-secret")));
    }

    void logs_in_at_the_broker_whoever_has_no_login_of_its_own()
    {
        const auto scenarios = readScenarios("scenario: S\n"
                                             "broker: { url: mqtt://h, username: tester, password: { env: BROKER } }\n"
                                             "clients:\n"
                                             "  plain:\n"
                                             "  named: { username: me, password: { env: MINE } }\n"
                                             "  nobody: { username: '' }\n"
                                             "steps: []\n",
                                             QStringLiteral("f.yaml"));
        QVERIFY(scenarios.ok());
        const RunOptions options{.secrets = {{{SecretSource::Environment, QStringLiteral("BROKER")}, "b"},
                                             {{SecretSource::Environment, QStringLiteral("MINE")}, "m"}}};
        const auto loginOf = [&](quint32 client) {
            const ConnectPacket packet = scenarios->front().clients.at(client - 1).connect;
            const LabCommand sent =
                completed(ClientDo{ClientKey{client}, ConnectCommand{packet}}, scenarios->front(), options, Lab());
            const ConnectPacket &as = std::get<ConnectCommand>(std::get<ClientDo>(sent).command).packet;
            return std::pair(as.userName, as.password);
        };
        using Login = std::pair<std::optional<QByteArray>, std::optional<QByteArray>>;
        QVERIFY(loginOf(1) == Login("tester", "b"));
        QVERIFY(loginOf(2) == Login("me", "m"));
        QVERIFY(loginOf(3) == Login("", std::nullopt));
    }
};

QTEST_APPLESS_MAIN(ScenarioRunsTest)
#include "tst_scenario_runs.moc"
