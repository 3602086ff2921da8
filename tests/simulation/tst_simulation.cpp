// Thousands of seeds, each a run of its own. A seed that fails is printed with what it broke, the records before, and
// the command that plays it again. SESSIONSCOPE_SEEDS=N plays N seeds, SESSIONSCOPE_SEED=S only the one, with its whole
// trace when it fails.
#include "tests/simulation/simulation.h"

#include <QElapsedTimer>
#include <QTest>

#include <cstdio>

using namespace sessionscope;

namespace {

constexpr quint64 seedsInCi = 2500;
constexpr qsizetype linesShown = 60;
constexpr qsizetype allLines = 1'000'000;

/// What a failing seed has to say for itself, whole: QtTest would cut it.
void print(quint64 seed, const Simulation &simulation, qsizetype lines)
{
    const QString text =
        QStringLiteral("seed %1 broke:\n%2\n\nThe records up to there:\n%3\n\n"
                       "Again, with all records: SESSIONSCOPE_SEED=%1 tst_simulation\n")
            .arg(seed)
            .arg(simulation.failures().join(QLatin1Char('\n')), simulation.traceText(simulation.failedAt(), lines));
    std::fputs(qPrintable(text), stderr);
}

/// Plays one seed; false after printing what it broke.
bool holds(quint64 seed, Simulation &simulation, qsizetype lines)
{
    simulation.run();
    if (simulation.failures().isEmpty())
        return true;
    print(seed, simulation, lines);
    return false;
}

} // namespace

class TestSimulation : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void S173_keeps_every_promise_whatever_the_network_does()
    {
        if (qEnvironmentVariableIsSet("SESSIONSCOPE_SEED")) {
            const quint64 seed = qEnvironmentVariable("SESSIONSCOPE_SEED").toULongLong();
            Simulation simulation(seed);
            QVERIFY2(holds(seed, simulation, allLines), qPrintable(simulation.failures().value(0)));
            return;
        }
        const quint64 seeds = qEnvironmentVariableIsSet("SESSIONSCOPE_SEEDS")
                                  ? qEnvironmentVariable("SESSIONSCOPE_SEEDS").toULongLong()
                                  : seedsInCi;
        QElapsedTimer timer;
        timer.start();
        quint64 records = 0;
        quint64 delivered = 0;
        quint64 doubts = 0;
        quint64 faults = 0;
        for (quint64 seed = 1; seed <= seeds; ++seed) {
            Simulation simulation(seed);
            QVERIFY2(holds(seed, simulation, linesShown), qPrintable(simulation.failures().value(0)));
            records += simulation.recordsSeen();
            delivered += simulation.delivered();
            doubts += simulation.doubts();
            faults += simulation.faultsActed();
        }
        const double seconds = double(timer.elapsed()) / 1000;
        qInfo("%llu seeds, %.0f a second; %llu records, %llu messages delivered, %llu faults acted, %llu sessions in "
              "doubt",
              seeds, double(seeds) / std::max(seconds, 0.001), records, delivered, faults, doubts);
    }

    void plays_the_same_seed_the_same_way()
    {
        Simulation first(7);
        Simulation second(7);
        first.run();
        second.run();
        QCOMPARE(first.traceText(first.failedAt(), allLines), second.traceText(second.failedAt(), allLines));
        QVERIFY(first.delivered() > 0);
    }
};

QTEST_APPLESS_MAIN(TestSimulation)
#include "tst_simulation.moc"
