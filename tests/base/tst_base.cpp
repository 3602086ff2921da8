// Shared slices, results, ids and the sizes of integers.
#include "core/base/instant.h"
#include "core/base/result.h"
#include "core/base/shared_slice.h"
#include "core/base/strong_id.h"
#include "core/base/var_int.h"

#include <QTest>

using namespace sessionscope;
using namespace std::chrono_literals;

class TestBase : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void measures_a_variable_byte_integer_data();
    void measures_a_variable_byte_integer();
    void shares_the_bytes_of_a_slice();
    void keeps_the_whole_alive_through_a_slice();
    void detaches_a_slice_that_is_written_to();
    void holds_a_value_or_an_error();
    void keeps_ids_of_different_kinds_apart();
    void holds_an_instant_or_none();
};

void TestBase::measures_a_variable_byte_integer_data()
{
    QTest::addColumn<quint32>("value");
    QTest::addColumn<int>("size");

    QTest::newRow("0") << 0u << 1;
    QTest::newRow("127") << 127u << 1;
    QTest::newRow("128") << 128u << 2;
    QTest::newRow("16383") << 16'383u << 2;
    QTest::newRow("16384") << 16'384u << 3;
    QTest::newRow("2097151") << 2'097'151u << 3;
    QTest::newRow("2097152") << 2'097'152u << 4;
    QTest::newRow("largest") << maxVarInt << 4;
}

void TestBase::measures_a_variable_byte_integer()
{
    QFETCH(quint32, value);
    QFETCH(int, size);
    QCOMPARE(varIntSize(value), size);
}

void TestBase::holds_an_instant_or_none()
{
    OptionalInstant instant;
    QVERIFY(!instant);
    QVERIFY(instant == std::nullopt);
    QVERIFY(!std::optional<Instant>(instant));
    instant = Instant(7s);
    QVERIFY(instant);
    QCOMPARE(*instant, Instant(7s));
    QVERIFY(std::optional<Instant>(instant) == Instant(7s));
    instant = std::optional<Instant>();
    QVERIFY(!instant);
    instant = Instant();
    QVERIFY2(instant, "the epoch is an instant, too");
    instant.reset();
    QVERIFY(instant == OptionalInstant());
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
