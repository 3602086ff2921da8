// Every vector of tests/vectors: read whole, byte by byte, with bytes behind it, written back and dissected.
#include "core/mqtt/dissect.h"
#include "core/mqtt/framer.h"
#include "tests/vectors/vectors.h"

#include <QTest>

using namespace sessionscope;
using vectors::describe;

namespace {

// What the framer makes of a stream, in words: a frame in hexadecimal, a malformed line, or nothing while it waits.
QByteArray nextOf(Framer &framer)
{
    const auto next = framer.next();
    if (const auto *frame = std::get_if<QByteArray>(&next))
        return frame->toHex();
    if (const auto *malformed = std::get_if<Malformed>(&next))
        return describe(*malformed);
    return {};
}

} // namespace

class TestVectors : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { m_vectors = vectors::load(QStringLiteral(SESSIONSCOPE_SOURCE_DIR "/tests/vectors")); }
    void reads_the_packet_data() { everyVector(); }
    void reads_the_packet();
    void writes_the_packet_back_data() { everyVector(); }
    void writes_the_packet_back();
    void frames_it_byte_by_byte_data() { everyVector(); }
    void frames_it_byte_by_byte();
    void frames_it_with_bytes_behind_data() { everyVector(); }
    void frames_it_with_bytes_behind();
    void refuses_a_byte_more_data() { everyVector(); }
    void refuses_a_byte_more();
    void dissects_every_byte_once_data() { everyVector(); }
    void dissects_every_byte_once();
    void covers_every_packet_type_in_every_version();

private:
    void everyVector() const
    {
        QTest::addColumn<int>("index");
        for (int i = 0; i < m_vectors.size(); ++i)
            QTest::newRow(m_vectors[i].name.constData()) << i;
    }
    const vectors::Vector &current() const
    {
        QFETCH(int, index);
        return m_vectors[index];
    }

    QList<vectors::Vector> m_vectors;
};

void TestVectors::reads_the_packet()
{
    const auto &vector = current();
    const auto result = decode(vector.bytes, vector.version);
    if (result)
        QCOMPARE(describe(*result), vector.reads);
    else
        QCOMPARE(describe(result.error()), vector.malformed);
}

void TestVectors::writes_the_packet_back()
{
    const auto &vector = current();
    const auto result = decode(vector.bytes, vector.version);
    if (!result)
        return;
    const auto written = encode(*result, vector.version);
    QCOMPARE(written.toHex(' '), vector.writes.toHex(' '));
    QCOMPARE(encodedSize(*result, vector.version), written.size());
    const auto again = decode(written, vector.version);
    QVERIFY(again.ok());
    QVERIFY(*again == *result);
}

void TestVectors::frames_it_byte_by_byte()
{
    const auto &vector = current();
    Framer whole;
    whole.append(vector.bytes);
    const auto expected = nextOf(whole);

    Framer piecemeal;
    QByteArray got;
    for (qsizetype at = 0; at < vector.bytes.size() && got.isEmpty();) {
        QCOMPARE(piecemeal.buffered(), at);
        // The middle of the largest in bigger bites: a test of each of two million bytes proves no more.
        const auto left = vector.bytes.size() - at;
        const auto piece = at > 100'000 && left > 100'000 ? 50'000 : 1;
        piecemeal.append(vector.bytes.mid(at, piece));
        at += piece;
        got = nextOf(piecemeal);
    }
    QCOMPARE(got, expected);
    const bool isWhole = vector.malformed.isEmpty() || !vector.malformed.endsWith("Remaining Length");
    if (isWhole)
        QCOMPARE(expected, vector.bytes.toHex());
}

void TestVectors::frames_it_with_bytes_behind()
{
    const auto &vector = current();
    if (vector.malformed.endsWith("Remaining Length") && !vector.malformed.startsWith("BadLength"))
        return; // what is behind would complete it
    const auto ping = QByteArray::fromHex("C000");
    Framer framer;
    framer.append(vector.bytes + ping);
    const auto first = nextOf(framer);
    if (first != vector.bytes.toHex()) {
        QCOMPARE(first, vector.malformed);
        QCOMPARE(nextOf(framer), vector.malformed);
        return;
    }
    QCOMPARE(framer.buffered(), ping.size());
    QCOMPARE(nextOf(framer), ping.toHex());
    QCOMPARE(nextOf(framer), QByteArray());
}

void TestVectors::refuses_a_byte_more()
{
    const auto &vector = current();
    if (vector.reads.isEmpty())
        return;
    const auto result = decode(vector.bytes + '\0', vector.version);
    QVERIFY(!result.ok());
    QCOMPARE(result.error().problem, Malformed::Problem::BytesLeftOver);
    QCOMPARE(result.error().offset, vector.bytes.size());
}

void TestVectors::dissects_every_byte_once()
{
    const auto &vector = current();
    const auto spans = dissect(vector.bytes, vector.version);
    QVERIFY(!spans.isEmpty());
    qsizetype end = 0;
    for (const auto &span : spans) {
        QVERIFY2(!span.name.isEmpty() && span.offset >= 0 && span.length >= 0, span.name);
        QVERIFY2(span.offset + span.length <= vector.bytes.size(), span.name);
        if (span.depth == 0) {
            QVERIFY2(span.offset == end, span.name);
            end = span.offset + span.length;
        } else {
            QVERIFY2(span.offset + span.length <= end, span.name);
        }
    }
    QCOMPARE(end, vector.bytes.size());
    QCOMPARE(spans.last().name == "Malformed", !vector.malformed.isEmpty());
}

void TestVectors::covers_every_packet_type_in_every_version()
{
    for (const auto version : {Version::V31, Version::V311, Version::V5}) {
        quint32 seen = 0;
        for (const auto &vector : m_vectors) {
            if (vector.version == version && !vector.reads.isEmpty())
                seen |= 1u << (quint8(vector.bytes[0]) >> 4);
        }
        const quint32 every = version == Version::V5 ? 0xFFFE : 0x7FFE;
        QCOMPARE(seen, every);
    }
}

QTEST_APPLESS_MAIN(TestVectors)
#include "tst_vectors.moc"
