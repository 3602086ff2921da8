// The fuzzers' plays on a fixed number of seeds, in every build and without clang. A seed that fails is printed;
// SESSIONSCOPE_PLAYS=N plays more of them.
#include "tests/fuzz/plays.h"
#include "tests/simulation/chance.h"

#include <QElapsedTimer>
#include <QTest>

#include <cstdio>

using namespace sessionscope;

namespace {

constexpr int playsInCi = 1500;
constexpr quint32 longestInput = 600;

QByteArray inputOf(quint64 seed)
{
    Chance chance(seed);
    QByteArray input(qsizetype(1 + chance.below(longestInput)), Qt::Uninitialized);
    for (char &byte : input)
        byte = char(chance.next());
    return input;
}

} // namespace

class TestPlays : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void reads_any_packets() { play(fuzz::playPackets); }
    void serves_strangers() { play(fuzz::playBroker); }
    void bears_a_strange_server() { play(fuzz::playClient); }

private:
    static void play(QByteArray (*one)(QByteArrayView))
    {
        const int asked = qEnvironmentVariableIntValue("SESSIONSCOPE_PLAYS");
        const int plays = asked > 0 ? asked : playsInCi;
        QElapsedTimer timer;
        timer.start();
        for (int seed = 1; seed <= plays; ++seed) {
            const QByteArray broken = one(inputOf(quint64(seed)));
            if (!broken.isEmpty()) // whole: QtTest would cut it
                std::fprintf(stderr, "seed %d: %s\n", seed, broken.constData());
            QVERIFY2(broken.isEmpty(), broken.left(broken.indexOf('\n')).constData());
        }
        qInfo("%d plays, %.0f a second", plays, plays * 1000.0 / double(std::max<qint64>(timer.elapsed(), 1)));
    }
};

QTEST_APPLESS_MAIN(TestPlays)
#include "tst_plays.moc"
