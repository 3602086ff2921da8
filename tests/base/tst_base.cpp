// Bytes in and out, shared slices, results and ids.
#include "core/base/byte_reader.h"
#include "core/base/byte_writer.h"
#include "core/base/result.h"
#include "core/base/shared_slice.h"
#include "core/base/strong_id.h"

#include <QTest>

using namespace sessionscope;

class TestBase : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void writes_what_it_reads();
    void writes_the_shortest_variable_byte_integer_data();
    void writes_the_shortest_variable_byte_integer();
    void refuses_a_fifth_length_byte();
    void stays_failed_after_running_out();
    void cuts_a_field_to_its_length_prefix();
    void shares_the_bytes_of_a_slice();
    void keeps_the_whole_alive_through_a_slice();
    void detaches_a_slice_that_is_written_to();
    void holds_a_value_or_an_error();
    void keeps_ids_of_different_kinds_apart();
};

void TestBase::writes_what_it_reads()
{
    QByteArray bytes;
    ByteWriter writer(bytes);
    writer.u8(0xFE);
    writer.u16(0x0102);
    writer.u32(0x03040506);
    writer.varInt(300);
    writer.field("field");
    writer.raw("raw");
    QCOMPARE(bytes.toHex(), QByteArray("fe010203040506ac02") + "0005" + QByteArray("fieldraw").toHex());

    ByteReader reader(bytes);
    QCOMPARE(reader.u8(), 0xFE);
    QCOMPARE(reader.u16(), 0x0102);
    QCOMPARE(reader.u32(), 0x03040506u);
    int length = 0;
    QCOMPARE(reader.varInt(&length), 300u);
    QCOMPARE(length, 2);
    QCOMPARE(reader.field().toByteArray(), QByteArray("field"));
    QCOMPARE(reader.take(3).toByteArray(), QByteArray("raw"));
    QVERIFY(reader.atEnd() && !reader.failed());
}

void TestBase::writes_the_shortest_variable_byte_integer_data()
{
    QTest::addColumn<quint32>("value");
    QTest::addColumn<QByteArray>("hex");

    QTest::newRow("0") << 0u << QByteArray("00");
    QTest::newRow("127") << 127u << QByteArray("7f");
    QTest::newRow("128") << 128u << QByteArray("8001");
    QTest::newRow("16383") << 16'383u << QByteArray("ff7f");
    QTest::newRow("16384") << 16'384u << QByteArray("808001");
    QTest::newRow("2097151") << 2'097'151u << QByteArray("ffff7f");
    QTest::newRow("2097152") << 2'097'152u << QByteArray("80808001");
    QTest::newRow("largest") << maxVarInt << QByteArray("ffffff7f");
}

void TestBase::writes_the_shortest_variable_byte_integer()
{
    QFETCH(quint32, value);
    QFETCH(QByteArray, hex);
    QByteArray bytes;
    ByteWriter(bytes).varInt(value);
    QCOMPARE(bytes.toHex(), hex);
    QCOMPARE(varIntSize(value), bytes.size());
    QCOMPARE(ByteReader(bytes).varInt(), value);
}

void TestBase::refuses_a_fifth_length_byte()
{
    const auto bytes = QByteArray::fromHex("ffffffff01");
    ByteReader reader(bytes);
    int length = -1;
    QCOMPARE(reader.varInt(&length), 0u);
    QVERIFY(reader.failed());
    QCOMPARE(length, 0);
}

void TestBase::stays_failed_after_running_out()
{
    const QByteArray bytes("abc");
    ByteReader reader(bytes);
    QCOMPARE(reader.u16(), 0x6162);
    QCOMPARE(reader.u16(), 0);
    QVERIFY(reader.failed());
    QCOMPARE(reader.offset(), 2);
    QCOMPARE(reader.u8(), 0);
    QVERIFY(reader.field().isEmpty());
}

void TestBase::cuts_a_field_to_its_length_prefix()
{
    QByteArray bytes;
    ByteWriter(bytes).field(QByteArray(70'000, 'x'));
    QCOMPARE(bytes.size(), 2 + 65'535);
    QCOMPARE(bytes.left(2).toHex(), QByteArray("ffff"));
}

void TestBase::shares_the_bytes_of_a_slice()
{
    const QByteArray whole("0123456789");
    const auto slice = sharedSlice(whole, 3, 4);
    QCOMPARE(slice, QByteArray("3456"));
    QVERIFY(slice.constData() == whole.constData() + 3);
    QVERIFY(sharedSlice(whole, 10, 0).isEmpty());
}

void TestBase::keeps_the_whole_alive_through_a_slice()
{
    QByteArray slice;
    {
        const QByteArray whole(100'000, 'w');
        slice = sharedSlice(whole, 99'990, 10);
    }
    QCOMPARE(slice, QByteArray(10, 'w'));
}

void TestBase::detaches_a_slice_that_is_written_to()
{
    const QByteArray whole("0123456789");
    auto slice = sharedSlice(whole, 3, 4);
    slice += "x";
    slice[0] = 'y';
    QCOMPARE(slice, QByteArray("y456x"));
    QCOMPARE(whole, QByteArray("0123456789"));
}

void TestBase::holds_a_value_or_an_error()
{
    enum class Problem
    {
        Small,
        Large
    };
    const auto half = [](int number) -> Result<int, Problem> {
        if (number % 2)
            return Problem::Small;
        return number / 2;
    };
    QVERIFY(half(4).ok());
    QCOMPARE(*half(4), 2);
    QVERIFY(!half(5));
    QVERIFY(half(5).error() == Problem::Small);
}

void TestBase::keeps_ids_of_different_kinds_apart()
{
    using PacketNumber = StrongId<struct PacketTag, quint16>;
    using LinkNumber = StrongId<struct LinkTag, quint16>;
    static_assert(!std::is_convertible_v<PacketNumber, LinkNumber>);
    static_assert(!std::is_convertible_v<int, PacketNumber>);
    QVERIFY(PacketNumber{1} < PacketNumber{2});
    QCOMPARE(qHash(PacketNumber{7}), qHash(quint16(7)));
}

QTEST_APPLESS_MAIN(TestBase)
#include "tst_base.moc"
