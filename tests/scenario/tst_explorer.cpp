// The fault explorer: what it tries, what it finds when there is something to find, and that what it did can be played
// as a scenario.
#include "core/scenario/distant_reduction.h"
#include "core/scenario/read_scenario.h"
#include "core/scenario/virtual_run.h"

#include <QTest>

using namespace sessionscope;

namespace {

const QByteArray clients = "scenario: S\n"
                           "clients:\n"
                           "  door: { clean_start: false, session_expiry: 5min, keep_alive: 60s }\n"
                           "  backend: { clean_start: false, session_expiry: 5min }\n"
                           "steps:\n"
                           "  - door: connect\n"
                           "  - door: { subscribe: { filter: d/#, qos: 2 } }\n"
                           "  - backend: connect\n";
const QByteArray publishes = "  - backend: { publish: { topic: d/1, qos: 1, payload: one } }\n"
                             "  - backend: { publish: { topic: d/2, qos: 2, payload: two } }\n"
                             "    expect: { door.received: [ { payload: two, times: 1 } ] }\n";

Scenario read(const QByteArray &text)
{
    auto scenarios = readScenarios(text, QStringLiteral("f.yaml"));
    if (!scenarios)
        qFatal("%s", qPrintable(problemText(scenarios.error().front())));
    return std::move(scenarios).value().front();
}

QString told(const Exploration &exploration)
{
    QString text;
    for (const ExploreCell &cell : exploration.cells) {
        for (const Breach &breach : cell.breaches)
            text += cellText(exploration, cell) + QStringLiteral(": ") + breachText(breach) + u'\n';
        if (cell.outcome == CellOutcome::NotReached)
            text += cellText(exploration, cell) + QStringLiteral(": not reached\n");
    }
    return text;
}

} // namespace

class ExplorerTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void learns_every_packet_in_both_directions()
    {
        const Exploration exploration = explore(read(clients + publishes), {.faults = {ExploreFault::CutAfter}});
        // CONNECT, CONNACK, SUBSCRIBE, SUBACK; CONNECT, CONNACK; 2 of QoS 1 and 4 of QoS 2 at each client.
        QCOMPARE(exploration.packets.size(), std::size_t(4 + 2 + 2 * (2 + 4)));
        QCOMPARE(exploration.cells.size(), exploration.packets.size() * recoveryCount);
        QVERIFY(exploration.packets.front().text.startsWith(QStringLiteral("door sends CONNECT")));
    }

    void the_bundled_broker_and_our_clients_hold_data()
    {
        QTest::addColumn<QByteArray>("steps");
        QTest::newRow("QoS 1 and 2") << publishes;
        QTest::newRow("a queue") << "  - door: { cut: reset }\n" + publishes.left(publishes.indexOf("    expect")) +
                                        "  - wait: 4min\n"
                                        "  - door: connect\n";
        QTest::newRow("acknowledgements held") << "  - door: { hold: [PUBREC, PUBACK] }\n" +
                                                      publishes.left(publishes.indexOf("    expect")) +
                                                      "  - door: { release: all }\n";
        QTest::newRow("a will") << QByteArray("  - backend: { cut: reset }\n"
                                              "  - backend: { connect: { will: { topic: d/w, qos: 2, delay: 10s } } }\n"
                                              "  - wait: 5s\n");
        QTest::newRow("side by side") << QByteArray(
            "  - parallel:\n"
            "      - - backend: { publish: { topic: d/1, qos: 2, payload: \"m{n}\", count: 3, every: 1s } }\n"
            "      - branch: the link breaks\n"
            "        steps:\n"
            "          - wait: 1500ms\n"
            "          - door: { cut: reset }\n"
            "          - wait: 1s\n"
            "          - door: connect\n"
            "            expect: { connack: { session_present: true } }\n");
        QTest::newRow("answers of the broker held") << "  - door: { hold: { received: [SUBACK] } }\n"
                                                       "  - backend: { hold: { received: [PUBREC, PUBACK] } }\n"
                                                       "  - door: { subscribe: e }\n"
                                                       "    expect: { client: { held_acks: 1 } }\n" +
                                                           publishes.left(publishes.indexOf("    expect")) +
                                                           "  - backend: { release: { received: true } }\n"
                                                           "  - door: { release: { received: true } }\n";
        QTest::newRow("slow") << "  - backend: { throttle: { rate: 100, direction: sent, lasts: 1s } }\n" + publishes;
        QTest::newRow("leaving") << publishes + "  - door: { disconnect: normal_disconnection }\n";
    }
    void the_bundled_broker_and_our_clients_hold()
    {
        QFETCH(QByteArray, steps);
        const Exploration exploration = explore(read(clients + steps), {});
        QCOMPARE(exploration.cells.size(), exploration.packets.size() * exploreFaultCount * recoveryCount);
        QVERIFY2(countOf(exploration, CellOutcome::Breach) == 0, qPrintable(told(exploration)));
        QVERIFY2(countOf(exploration, CellOutcome::NotReached) == 0, qPrintable(told(exploration)));
        QVERIFY(exploration.counterexamples.empty());
    }

    /// A PUBREL that gets lost when it is sent again, which only a fault at the first one brings about: TCP cannot do
    /// that, so it is as good as a fault of an end.
    void finds_what_only_a_fault_brings_about()
    {
        const Scenario scenario = read(
            clients + "  - backend: { drop: { when: { before_sending: { packet: PUBREL, nth: 2 } } } }\n" + publishes);
        QVERIFY(whyNotExplorable(scenario).has_value());
        const RunResult plain = runVirtually(scenario);
        QCOMPARE(plain.verdict, Verdict::Passed);
        const Exploration exploration =
            explore(scenario, {.faults = {ExploreFault::CutBefore, ExploreFault::CutAfter}});
        QVERIFY2(countOf(exploration, CellOutcome::Breach) > 0, qPrintable(told(exploration)));
        for (const ExploreCell &cell : exploration.cells) {
            const bool isOfRelease = exploration.packets[cell.packet].text.contains(QStringLiteral("PUBREL"));
            if (cell.outcome == CellOutcome::Breach)
                QVERIFY2(cell.recovery == Recovery::Resume, qPrintable(cellText(exploration, cell)));
            if (isOfRelease && exploration.packets[cell.packet].match.direction == Direction::Sent &&
                cell.recovery == Recovery::Resume)
                QCOMPARE(cell.outcome, CellOutcome::Breach);
        }
        QVERIFY(!exploration.counterexamples.empty());
        const Counterexample &example = exploration.counterexamples.front();
        QVERIFY(example.file.contains("drop"));
        // The QoS 1 publish has nothing to do with it.
        QVERIFY2(!example.file.contains("one"), example.file.constData());
        QVERIFY(example.file.contains("two"));
        QVERIFY(readScenarios(example.file, QStringLiteral("f.yaml")));
    }

    void finds_how_an_end_misbehaves_data()
    {
        QTest::addColumn<QByteArray>("behave");
        QTest::addColumn<Invariant>("broken");
        const auto row = [](const char *behave, Invariant broken) {
            QTest::newRow(behave) << QByteArray("  - ") + behave + '\n' << broken;
        };
        row("broker: { behave: resend_without_dup }", Invariant::DupAndOriginalId);
        row("broker: { behave: forgets_inflight }", Invariant::AtLeastOnce);
        row("broker: { behave: session_present_false }", Invariant::SessionPresent);
        row("backend: { behave: resend_with_new_packet_id }", Invariant::DupAndOriginalId);
        row("backend: { behave: forgets_inflight }", Invariant::AtLeastOnce);
    }
    /// What passes as long as nothing goes wrong.
    void finds_how_an_end_misbehaves()
    {
        QFETCH(QByteArray, behave);
        QFETCH(Invariant, broken);
        const Scenario scenario = read(clients + behave + publishes);
        QVERIFY(!whyNotExplorable(scenario));
        QCOMPARE(runVirtually(scenario).verdict, Verdict::Passed);
        const Exploration exploration =
            explore(scenario, {.faults = {ExploreFault::CutBefore, ExploreFault::CutAfter}});
        const auto isOfIt = [broken](const Counterexample &example) { return example.breach.invariant == broken; };
        const auto found = std::ranges::find_if(exploration.counterexamples, isOfIt);
        QVERIFY2(found != exploration.counterexamples.end(), qPrintable(told(exploration)));
        QVERIFY(found->isReproduced);
        QVERIFY2(found->file.contains("behave"), found->file.constData());
    }

    /// A broker over sockets is the bundled one here, which takes a QoS 2 message that is sent again for a new one.
    void makes_what_it_finds_at_another_broker_smaller()
    {
        const Scenario scenario =
            read(clients + publishes + "  - backend: { publish: { topic: d/3, payload: three } }\n  - wait: 1s\n");
        const ExplorePlan plan{.faults = {ExploreFault::CutAfter}};
        const DistantPlan distant{.broker = {.host = QStringLiteral("broker.example")}, .tag = "tag"};
        DistantRuns all = distantRuns(scenario, plan, distant);
        const auto play = [](QByteArray file) {
            file.replace("broker:\n  url: mqtt://broker.example:1883\n", "");
            file.replace("steps:\n", "steps:\n  - broker: { behave: qos2_taken_again }\n");
            return runVirtually(read(file));
        };
        for (const DistantRun &run : all.runs)
            takeResult(all, run, play(run.file));
        QVERIFY(!all.exploration.counterexamples.empty());
        QCOMPARE(all.exampleCells.size(), all.exploration.counterexamples.size());
        const QByteArray whole = all.exploration.counterexamples.front().file;
        QVERIFY2(whole.contains("three") && whole.contains("tag-"), whole);

        DistantReduction reduction(scenario, plan, distant, all, 0);
        for (auto files = reduction.next(); !files.empty(); files = reduction.next()) {
            std::vector<RunResult> results;
            for (const QByteArray &file : files)
                results.push_back(play(file));
            reduction.take(results);
        }
        const Counterexample &least = reduction.result();
        QVERIFY(least.isReproduced);
        QVERIFY(reduction.runs() > 0 && reduction.runs() < DistantReduction::runLimit);
        QVERIFY2(!least.file.contains("three") && !least.file.contains("payload: one"), least.file);
        QVERIFY2(!least.file.contains("tag"), least.file);
        QVERIFY2(least.file.contains("broker.example"), least.file);
    }

    void what_a_run_did_is_a_scenario_that_passes_data()
    {
        QTest::addColumn<ExploreFault>("fault");
        for (std::size_t i = 0; i < exploreFaultCount; ++i)
            QTest::newRow(exploreFaultName(ExploreFault(i))) << ExploreFault(i);
    }
    /// Else a counterexample would fail over something else than its breach.
    void what_a_run_did_is_a_scenario_that_passes()
    {
        QFETCH(ExploreFault, fault);
        const Scenario scenario = read(clients + publishes + "  - door: { unsubscribe: d/# }\n");
        const ExploreScript script = learnScript(scenario, {});
        for (const ScriptPacket &packet : script.packets) {
            for (std::size_t recovery = 0; recovery < recoveryCount; ++recovery) {
                const std::vector<FaultPoint> points{{packet.client, packet.match, packet.size, fault, packet.others}};
                const FaultRunResult result = runWithFaults(scenario, {}, script, points, Recovery(recovery));
                QVERIFY(result.wasReached);
                Node root = *scenario.source;
                setEntry(root, QStringLiteral("steps"), listNode(result.steps));
                const QByteArray file = writeDocument(root);
                const RunResult played = runVirtually(read(file));
                QVERIFY2(played.verdict == Verdict::Passed, file.constData());
            }
        }
    }

    void two_faults_in_a_run_hold()
    {
        const ExplorePlan plan{
            .faults = {ExploreFault::CutAfter, ExploreFault::BrokerCrash}, .perRun = FaultsPerRun::Two, .sample = 300};
        const Exploration exploration = explore(read(clients + publishes), plan);
        QCOMPARE(exploration.cells.size(), std::size_t(300));
        QVERIFY2(countOf(exploration, CellOutcome::Ok) == 300, qPrintable(told(exploration)));
    }

    void the_same_seed_draws_the_same_runs()
    {
        const Scenario scenario = read(clients + publishes);
        const auto drawn = [&scenario](quint64 seed) { return explore(scenario, {.sample = 40, .seed = seed}); };
        const Exploration first = drawn(1);
        QCOMPARE(first.cells.size(), std::size_t(40));
        QCOMPARE(gridText(drawn(1)), gridText(first));
        QVERIFY(gridText(drawn(2)) != gridText(first));
    }

    void tells_why_a_scenario_is_not_explored()
    {
        QVERIFY(!whyNotExplorable(read(clients)));
        QVERIFY(whyNotExplorable(read("scenario: S\nbroker: { url: mqtt://h }\nclients: { a: }\nsteps: []\n")));
        QVERIFY(whyNotExplorable(read("scenario: S\nclock: real\nclients: { a: }\nsteps: []\n")));
        QVERIFY(whyNotExplorable(read(clients + "  - door: { send_raw: \"c0 00\" }\n")));
        QVERIFY(whyNotExplorable(read(clients + "  - door: { release: { packet_ids: [2, 1] } }\n")));
        QVERIFY(!whyNotExplorable(read(clients + "  - parallel: [ [ { wait: 1s } ], [ { door: ping } ] ]\n")));
    }
};

QTEST_APPLESS_MAIN(ExplorerTest)
#include "tst_explorer.moc"
