// What a scenario can send that does not stand in it byte by byte, packets forced past the client's engine, client ids
// of a run's own, and names that variables make.
#include "core/scenario/own_ids.h"
#include "core/scenario/read_scenario.h"
#include "core/scenario/virtual_run.h"

#include <QTest>

using namespace sessionscope;

namespace {

using Read = Result<std::vector<Scenario>, Problems>;

Read read(const QByteArray &clients, const QByteArray &steps)
{
    const LoadFile load = [](const QString &path, const QString &, LoadKind kind) -> Result<LoadedFile, QString> {
        if (path != u"data.bin" || kind != LoadKind::Payload)
            return QStringLiteral("there is no %1").arg(path);
        return LoadedFile{path, "from a file"};
    };
    return readScenarios("scenario: S\nvariables: { who: door, file: data.bin }\nclients:\n" + clients + "steps:\n" +
                             steps + "invariants: off\n",
                         QStringLiteral("s.yaml"), {}, load);
}

QString outcome(const Read &scenarios)
{
    if (!scenarios)
        return problemText(scenarios.error().front());
    RunOptions options;
    const RunResult run = runVirtually(scenarios->front(), options);
    if (run.failures.empty())
        return QString::fromLatin1(verdictText(run.verdict));
    return run.failures.front().waitedFor + QStringLiteral(" / ") + run.failures.front().closest;
}

} // namespace

class ScenarioPayloadsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void plays_data()
    {
        QTest::addColumn<QByteArray>("clients");
        QTest::addColumn<QByteArray>("steps");
        QTest::addColumn<QString>("result");
        const QString passed = QStringLiteral("passed");
        const QByteArray door = "  door: { on_violation: note }\n";
        const QByteArray begin = "  - door: connect\n  - door: { subscribe: { filter: '#', qos: 1 } }\n";
        QTest::newRow("payload from a file")
            << door
            << begin + "  - door: { publish: { topic: a, payload: { file: '${file}' } } }\n"
                       "    expect: { door.packets: [ { received: PUBLISH, payload: from a file } ] }\n"
            << passed;
        QTest::newRow("a file that is not there")
            << door << begin + "  - door: { publish: { topic: a, payload: { file: none } } }\n"
            << QStringLiteral("s.yaml:8:51: there is no none");
        QTest::newRow("payload as JSON")
            << door
            << begin + "  - door: { publish: { topic: a, payload: { json: { z: 1, a: [true, \"2\", x, ], n: } } } }\n"
                       "    expect: { door.received: { payload: '{\"z\":1,\"a\":[true,\"2\",\"x\"],\"n\":null}' } }\n"
            << passed;
        QTest::newRow("forced DUP and packet id")
            << door
            << begin + "  - door: { publish: { topic: a, qos: 1, dup: true, packet_id: 77 } }\n"
                       "    expect: { door.packets: [ { received: PUBACK, packet_id: 77 } ] }\n"
            << passed;
        QTest::newRow("forced packet id 0 is found")
            << door
            << begin + "  - door: { publish: { topic: a, qos: 1, packet_id: 0 } }\n"
                       "    expect: { closed: { by: server, times: 1 } }\n"
            << passed;
        QTest::newRow("dup without a packet id")
            << door << begin + "  - door: { publish: { topic: a, qos: 1, dup: true } }\n"
            << QStringLiteral("s.yaml:8:22: dup is forced: expected packet_id beside it, as QoS is above 0");
        QTest::newRow("AUTH out of turn")
            << door
            << begin + "  - door: { auth: { reason: continue_authentication, method: X, data: y } }\n"
                       "    expect: { closed: { by: server } }\n"
            << passed;
        QTest::newRow("a method by its script")
            << QByteArray("  door: { authentication: { method: X, script: [a, b] } }\n")
            << QByteArray(
                   "  - door: connect\n    expect:\n      connack: { reason: bad_authentication_method, times: 1 }\n")
            << passed;
        QTest::newRow("a method that is not known")
            << QByteArray("  door: { authentication: { method: X } }\n") << QByteArray("  - door: connect\n")
            << QStringLiteral(
                   "s.yaml:4:27: \"X\" is not known here: expected SCRAM-SHA-256 or SCRAM-SHA-1, or a script "
                   "with the data to send");
        QTest::newRow("reconnect may come first") << door
                                                  << QByteArray("  - door: reconnect\n    expect: { packets: [ { sent: "
                                                                "CONNECT, client_id: door, times: 1 } ] }\n")
                                                  << passed;
        QTest::newRow("a variable in a key") << door << QByteArray("  - '${who}': connect\n") << passed;
        QTest::newRow("an unknown variable in a key")
            << door << QByteArray("  - '${nobody}': connect\n")
            << QStringLiteral(
                   "s.yaml:6:5: ${nobody} has no value: expected it under variables, in a row of with, or by "
                   "--set nobody=VALUE.");
        QTest::newRow("times for CONNACK") << door << begin + "  - expect: { door.connack: { times: 2 } }\n"
                                           << QStringLiteral("door connack: times: 2 / 1 of these");
        QTest::newRow("a failure names its subject")
            << door
            << begin + "  - expect: { door.connack: { session_present: false }, door.received: { payload: z }, "
                       "door.closed: none }\n"
            << QStringLiteral("door received: payload: \"z\" / none");
    }
    void plays()
    {
        QFETCH(QByteArray, clients);
        QFETCH(QByteArray, steps);
        QTEST(outcome(read(clients, steps)), "result");
    }

    void ids_of_a_runs_own_leave_given_ones_alone()
    {
        auto scenarios =
            read("  door:\n  phone: { client_id: fixed }\n",
                 "  - repeat: { times: 1, steps: [ { door: connect }, { phone: connect } ] }\n"
                 "  - expect: { broker.sessions.door: { state: active }, broker.sessions.phone: { state: active } }\n"
                 "  - broker: { kick: door }\n"
                 "    expect: { door.closed: { by: server } }\n");
        QVERIFY(scenarios.ok());
        Scenario scenario = scenarios->front();
        QCOMPARE(giveOwnIds(scenario, "-1"), QStringList(QStringLiteral("door: door-1")));
        QCOMPARE(scenario.clients[0].connect.clientId, "door-1");
        QCOMPARE(scenario.clients[1].connect.clientId, "fixed");
        const auto &repeat = std::get<RepeatAction>(scenario.steps[0].action);
        const auto &connect = std::get<ClientDo>(std::get<CommandAction>((*repeat.steps)[0].action).command);
        QCOMPARE(std::get<ConnectCommand>(connect.command).packet.clientId, "door-1");
        RunOptions options;
        QCOMPARE(runVirtually(scenario, options).verdict, Verdict::Passed);
    }
};

QTEST_APPLESS_MAIN(ScenarioPayloadsTest)
#include "tst_scenario_payloads.moc"
