// The framer beyond single packets: many in one read, one in many, limits and memory.
#include "core/mqtt/framer.h"

#include <QRandomGenerator>
#include <QTest>

using namespace sessionscope;

namespace {

QByteArray packetOf(qsizetype payload)
{
    return encode({PublishPacket{.topic = "t", .payload = QByteArray(payload, 'x')}}, Version::V311);
}

QList<QByteArray> drain(Framer &framer)
{
    QList<QByteArray> frames;
    for (;;) {
        auto next = framer.next();
        auto *frame = std::get_if<QByteArray>(&next);
        if (!frame)
            return frames;
        frames.append(std::move(*frame));
    }
}

bool sharesStorage(const QByteArray &part, const QByteArray &whole)
{
    return part.constData() >= whole.constData() && part.constData() < whole.constData() + whole.size();
}

} // namespace

class TestFramer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void cuts_many_packets_out_of_one_read_without_copying();
    void gives_the_same_frames_however_they_are_cut_data();
    void gives_the_same_frames_however_they_are_cut();
    void keeps_frames_that_wait_while_more_arrives();
    void copies_what_does_not_own_its_bytes();
    void counts_the_whole_packet_against_the_limit();
    void refuses_a_packet_over_the_limit_before_its_body_arrives();
    void keeps_saying_why_it_is_broken();
    void allocates_for_what_arrived_and_not_for_what_is_claimed();
    void keeps_no_storage_when_nothing_is_held();
    void completes_large_frames_in_the_room_it_offers_data();
    void completes_large_frames_in_the_room_it_offers();
    void offers_room_for_the_last_bytes_of_a_large_frame_only();
    void offers_no_more_room_than_arrived_or_one_read_takes();
    void offers_no_room_for_what_is_over_the_limit();
};

void TestFramer::cuts_many_packets_out_of_one_read_without_copying()
{
    QByteArray read;
    for (int i = 0; i < 1000; ++i)
        read += packetOf(i % 50);
    Framer framer;
    framer.append(read);
    const auto frames = drain(framer);
    QCOMPARE(frames.size(), 1000);
    for (const auto &frame : frames)
        QVERIFY(sharesStorage(frame, read));
}

void TestFramer::gives_the_same_frames_however_they_are_cut_data()
{
    QTest::addColumn<int>("longestPiece");
    for (const int longest : {1, 2, 3, 7, 100, 5000, 100'000})
        QTest::addRow("pieces up to %d", longest) << longest;
}

void TestFramer::gives_the_same_frames_however_they_are_cut()
{
    QFETCH(int, longestPiece);

    QList<QByteArray> expected;
    QByteArray stream;
    for (const int payload : {0, 1, 120, 121, 122, 5, 16'378, 16'379, 16'380, 3, 70'000, 0, 0}) {
        expected.append(packetOf(payload));
        stream += expected.last();
    }
    QRandomGenerator random{quint32(longestPiece)};
    Framer framer;
    QList<QByteArray> frames;
    for (qsizetype at = 0; at < stream.size();) {
        const auto size = qMin<qsizetype>(1 + random.bounded(longestPiece), stream.size() - at);
        framer.append(stream.mid(at, size));
        at += size;
        // Not drained after every piece, so that pieces queue up behind each other too.
        if (random.bounded(3) == 0)
            frames += drain(framer);
    }
    frames += drain(framer);
    QCOMPARE(frames, expected);
    QCOMPARE(framer.buffered(), 0);
}

void TestFramer::keeps_frames_that_wait_while_more_arrives()
{
    const auto packet = packetOf(10);
    Framer framer;
    constexpr int count = 100'000;
    for (int i = 0; i < count; ++i) {
        framer.append(packet);
        if (i % 2 == 0)
            QVERIFY(std::holds_alternative<QByteArray>(framer.next()));
    }
    QCOMPARE(framer.buffered(), count / 2 * packet.size());
    QCOMPARE(drain(framer).size(), count / 2);
}

void TestFramer::copies_what_does_not_own_its_bytes()
{
    Framer framer;
    char buffer[] = "\xC0\x00\xD0\x00";
    framer.append(QByteArray::fromRawData(buffer, 4));
    std::fill(std::begin(buffer), std::end(buffer), 'x');
    QCOMPARE(drain(framer), (QList<QByteArray>{QByteArray::fromHex("C000"), QByteArray::fromHex("D000")}));
}

void TestFramer::counts_the_whole_packet_against_the_limit()
{
    const auto packet = packetOf(95);
    QCOMPARE(packet.size(), 100);
    Framer exact(100);
    exact.append(packet);
    QCOMPARE(drain(exact).size(), 1);

    Framer tight(99);
    tight.append(packet);
    const auto next = tight.next();
    const auto *malformed = std::get_if<Malformed>(&next);
    QVERIFY(malformed);
    QCOMPARE(malformed->problem, Malformed::Problem::TooLarge);
    QCOMPARE(malformed->reason, ReasonCode::PacketTooLarge);
}

void TestFramer::refuses_a_packet_over_the_limit_before_its_body_arrives()
{
    Framer framer(1000);
    framer.append(QByteArray::fromHex("30FF"));
    QVERIFY(std::holds_alternative<Framer::NeedMore>(framer.next()));
    framer.append(QByteArray::fromHex("7F"));
    QVERIFY(std::holds_alternative<Malformed>(framer.next()));
}

void TestFramer::keeps_saying_why_it_is_broken()
{
    Framer framer;
    framer.append(QByteArray::fromHex("C000 30FFFFFFFF01 C000"));
    QVERIFY(std::holds_alternative<QByteArray>(framer.next()));
    for (int i = 0; i < 3; ++i) {
        const auto next = framer.next();
        const auto *malformed = std::get_if<Malformed>(&next);
        QVERIFY(malformed);
        QCOMPARE(malformed->problem, Malformed::Problem::BadLength);
        framer.append(QByteArray::fromHex("C000"));
    }
}

void TestFramer::allocates_for_what_arrived_and_not_for_what_is_claimed()
{
    Framer framer;
    framer.append(QByteArray::fromHex("30FFFFFF7F"));
    for (int i = 0; i < 1000; ++i) {
        QVERIFY(std::holds_alternative<Framer::NeedMore>(framer.next()));
        framer.append(QByteArray(10, 'x'));
    }
    QVERIFY(std::holds_alternative<Framer::NeedMore>(framer.next()));
    QCOMPARE(framer.buffered(), 10'005);
    QVERIFY2(framer.allocated() < 4 * 10'005, "grows with the claim");
}

void TestFramer::keeps_no_storage_when_nothing_is_held()
{
    Framer framer;
    framer.append(packetOf(1000));
    framer.append(packetOf(1000));
    QCOMPARE(drain(framer).size(), 2);
    QCOMPARE(framer.allocated(), 0);
}

void TestFramer::completes_large_frames_in_the_room_it_offers_data()
{
    QTest::addColumn<int>("longestPiece");
    for (const int longest : {5, 100, 4096, 65'536})
        QTest::addRow("pieces up to %d", longest) << longest;
}

void TestFramer::completes_large_frames_in_the_room_it_offers()
{
    QFETCH(int, longestPiece);

    QList<QByteArray> expected;
    QByteArray stream;
    for (const int payload : {3, 65'536, 65'536, 10, 200'000, 20'000, 0, 65'536}) {
        PublishPacket publish{.topic = "t", .payload = QByteArray(payload, char('a' + expected.size()))};
        expected.append(encode({publish}, Version::V311));
        stream += expected.last();
    }
    Framer framer;
    QList<QByteArray> frames;
    qsizetype intoRoom = 0;
    for (qsizetype at = 0; at < stream.size();) {
        const auto room = framer.room();
        qsizetype count = qMin<qsizetype>(longestPiece, stream.size() - at);
        if (room.empty()) {
            framer.append(stream.sliced(at, count));
        } else {
            count = qMin(count, qsizetype(room.size()));
            std::copy_n(stream.constData() + at, count, room.data());
            framer.fill(count);
            intoRoom += count;
        }
        at += count;
        frames += drain(framer);
    }
    QCOMPARE(frames, expected);
    QVERIFY(intoRoom > 50'000);
    QCOMPARE(framer.allocated(), 0);
}

// Read together with what follows they would have the whole next frame copied, and every one behind it.
void TestFramer::offers_room_for_the_last_bytes_of_a_large_frame_only()
{
    const QByteArray large = packetOf(Framer::largeFrame);
    Framer framer;
    framer.append(large.first(large.size() - 3));
    QVERIFY(drain(framer).isEmpty());
    QCOMPARE(qsizetype(framer.room().size()), 3);
    framer.append(large.last(3));
    QCOMPARE(drain(framer), QList<QByteArray>{large});
    QVERIFY(framer.room().empty());

    framer.append(packetOf(Framer::largeFrame - 100).first(5));
    QVERIFY(drain(framer).isEmpty());
    QVERIFY(framer.room().empty());
}

void TestFramer::offers_no_more_room_than_arrived_or_one_read_takes()
{
    Framer framer;
    framer.append(QByteArray::fromHex("30FFFFFF7F"));
    QVERIFY(drain(framer).isEmpty());
    QCOMPARE(qsizetype(framer.room().size()), Framer::longestRoom);
    framer.fill(Framer::longestRoom);
    QVERIFY(drain(framer).isEmpty());
    framer.append(QByteArray(Framer::longestRoom, 'x'));
    QVERIFY(drain(framer).isEmpty());
    const qsizetype arrived = 2 * Framer::longestRoom + 5;
    QCOMPARE(qsizetype(framer.room().size()), arrived);
    QVERIFY(framer.allocated() < 3 * arrived);
}

void TestFramer::offers_no_room_for_what_is_over_the_limit()
{
    Framer framer(100'000);
    framer.append(packetOf(200'000).first(10));
    QVERIFY(framer.room().empty());
    QVERIFY(drain(framer).isEmpty());
    QVERIFY(framer.room().empty());
}

QTEST_APPLESS_MAIN(TestFramer)
#include "tst_framer.moc"
