// Seeded mutations of every vector against the fuzzer's invariants, so that a build without clang has them too.
// A failure prints seed and bytes.
#include "tests/vectors/invariants.h"
#include "tests/vectors/vectors.h"

#include <QRandomGenerator>
#include <QTest>

using namespace sessionscope;

namespace {

constexpr qsizetype longestMutated = 4096;
constexpr int mutationsOfEach = 15;

// The same body under a Remaining Length that fits it, so that mutations reach beyond the fixed header.
QByteArray withFittingLength(const QByteArray &frame)
{
    qsizetype body = 1;
    while (body < frame.size() && body < 5 && (quint8(frame[body]) & 0x80))
        ++body;
    body = qMin(body + 1, frame.size());
    QByteArray fitted = frame.left(1);
    qsizetype length = frame.size() - body;
    for (; length > 0x7F; length >>= 7)
        fitted += char(length | 0x80);
    return fitted + char(length) + frame.mid(body);
}

QByteArray mutated(QByteArray bytes, const QByteArray &other, QRandomGenerator &random)
{
    const auto place = [&random](const QByteArray &in) { return random.bounded(int(in.size()) + 1); };
    switch (random.bounded(6)) {
    case 0:
        if (!bytes.isEmpty())
            bytes[random.bounded(int(bytes.size()))] = char(random.bounded(256));
        break;
    case 1:
        bytes.insert(place(bytes), char(random.bounded(256)));
        break;
    case 2:
        bytes.remove(place(bytes), 1 + random.bounded(4));
        break;
    case 3:
        bytes.truncate(place(bytes));
        break;
    case 4:
        bytes = bytes.left(place(bytes)) + other.mid(place(other));
        break;
    default:
        bytes.insert(place(bytes), bytes.mid(place(bytes), 1 + random.bounded(16)));
        break;
    }
    return bytes.isEmpty() || random.bounded(3) == 0 ? bytes : withFittingLength(bytes);
}

} // namespace

class TestMutations : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void holds_for_every_vector();
    void holds_for_mutations_data();
    void holds_for_mutations();
    void holds_for_streams();

private:
    const QList<vectors::Vector> m_vectors = vectors::load(QStringLiteral(SESSIONSCOPE_SOURCE_DIR "/tests/vectors"));
};

void TestMutations::holds_for_every_vector()
{
    for (const auto &vector : m_vectors) {
        const auto broken = vectors::brokenInvariant(vector.bytes, vector.version, 1);
        QVERIFY2(broken.isEmpty(), broken + ", " + vector.name);
    }
}

void TestMutations::holds_for_mutations_data()
{
    QTest::addColumn<quint32>("seed");
    for (const quint32 seed : {1u, 2u, 3u, 4u})
        QTest::addRow("seed %u", seed) << seed;
}

void TestMutations::holds_for_mutations()
{
    QFETCH(quint32, seed);
    QRandomGenerator random(seed);
    int readable = 0;
    for (const auto &vector : m_vectors) {
        if (vector.bytes.size() > longestMutated)
            continue;
        auto bytes = vector.bytes;
        for (int i = 0; i < mutationsOfEach; ++i) {
            const auto &other = m_vectors[random.bounded(int(m_vectors.size()))].bytes;
            // Mutations pile up, and start afresh now and then.
            bytes = mutated(i % 5 == 0 ? vector.bytes : bytes, other.left(longestMutated), random);
            const auto broken = vectors::brokenInvariant(bytes, vector.version, seed);
            QVERIFY2(broken.isEmpty(), broken + ", " + vector.name + ": " + bytes.toHex(' '));
            readable += decode(bytes, vector.version).ok();
        }
    }
    // Mutations that never read would prove little about what reads.
    QVERIFY(readable > m_vectors.size());
}

void TestMutations::holds_for_streams()
{
    QRandomGenerator random(5);
    for (int i = 0; i < 300; ++i) {
        QByteArray stream;
        for (int count = random.bounded(12); count > 0; --count)
            stream += m_vectors[random.bounded(int(m_vectors.size()))].bytes.left(longestMutated);
        for (const auto version : {Version::V31, Version::V311, Version::V5}) {
            const auto broken = vectors::brokenInvariant(stream, version, quint32(i));
            QVERIFY2(broken.isEmpty(), broken + ": " + stream.toHex(' '));
        }
    }
}

QTEST_APPLESS_MAIN(TestMutations)
#include "tst_mutations.moc"
