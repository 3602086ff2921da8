// What a socket still has to send: order, sharing, and no memory when empty.
#include "core/net/out_queue.h"

#include <QTest>

#include <array>

using namespace sessionscope;

namespace {

// The queue's bytes, as a gathered write of at most entries pieces would see them.
QByteArray gathered(const OutQueue &queue, int entries)
{
    std::array<iovec, 256> pieces;
    const int count = queue.gather(pieces.data(), entries);
    QByteArray bytes;
    for (int i = 0; i < count; ++i)
        bytes.append(static_cast<const char *>(pieces[size_t(i)].iov_base), qsizetype(pieces[size_t(i)].iov_len));
    return bytes;
}

QByteArray pattern(qsizetype size, int start)
{
    QByteArray bytes(size, Qt::Uninitialized);
    for (qsizetype i = 0; i < size; ++i)
        bytes[i] = char((start + i) % 251);
    return bytes;
}

} // namespace

class TestOutQueue : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void keeps_the_order_of_small_and_large_pieces()
    {
        ChunkPool pool;
        OutQueue queue;
        QByteArray expected;
        for (int i = 0; i < 200; ++i) {
            const QByteArray piece = pattern(i % 7 == 0 ? OutQueue::referenceFrom + i : i, i);
            queue.append(pool, piece);
            expected += piece;
        }
        QCOMPARE(queue.size(), expected.size());
        QCOMPARE(gathered(queue, 256), expected);
        QVERIFY(expected.startsWith(gathered(queue, 3)));
        queue.clear(pool);
        QCOMPARE(pool.inUse(), 0);
    }

    void forgets_exactly_what_was_written_data()
    {
        QTest::addColumn<int>("step");
        for (const int step : {1, 7, 1023, 1024, 1025, 16384, 20000})
            QTest::addRow("%d bytes at a time", step) << step;
    }

    void forgets_exactly_what_was_written()
    {
        QFETCH(int, step);
        ChunkPool pool;
        OutQueue queue;
        QByteArray expected;
        for (int i = 0; i < 60; ++i) {
            const QByteArray piece = pattern(i % 5 == 0 ? 3000 : 300, i);
            queue.append(pool, piece);
            expected += piece;
        }
        while (!queue.isEmpty()) {
            const auto count = qMin(qsizetype(step), queue.size());
            queue.consume(pool, count);
            expected.remove(0, count);
            QCOMPARE(queue.size(), expected.size());
            QVERIFY(gathered(queue, 256) == expected);
        }
        QCOMPARE(pool.inUse(), 0);
    }

    void references_large_pieces_and_lets_go_of_them()
    {
        ChunkPool pool;
        OutQueue queue;
        const QByteArray large(OutQueue::referenceFrom, 'x');
        queue.append(pool, large);
        iovec piece{};
        QCOMPARE(queue.gather(&piece, 1), 1);
        QCOMPARE(static_cast<const char *>(piece.iov_base), large.constData());
        QVERIFY(!large.isDetached());
        queue.clear(pool);
        QVERIFY(large.isDetached());
    }

    void copies_small_pieces()
    {
        ChunkPool pool;
        OutQueue queue;
        const QByteArray small(OutQueue::referenceFrom - 1, 'x');
        queue.append(pool, small);
        QVERIFY(small.isDetached());
        queue.clear(pool);
    }

    void begins_small_and_fills_chunks_before_taking_more()
    {
        ChunkPool pool;
        OutQueue queue;
        queue.append(pool, QByteArray(20, 'x'));
        QCOMPARE(pool.inUse(), 1);
        while (queue.size() < ChunkPool::smallChunk + ChunkPool::largeChunk)
            queue.append(pool, "x");
        QCOMPARE(pool.inUse(), 2);
        queue.append(pool, "x");
        QCOMPARE(pool.inUse(), 3);
        queue.clear(pool);
    }

    void goes_on_after_being_emptied()
    {
        ChunkPool pool;
        OutQueue queue;
        queue.append(pool, "first");
        queue.consume(pool, 5);
        queue.append(pool, QByteArray());
        QVERIFY(queue.isEmpty());
        QCOMPARE(queue.gather(nullptr, 0), 0);
        queue.append(pool, "second");
        QCOMPARE(gathered(queue, 4), QByteArray("second"));
        queue.clear(pool);
    }
};

QTEST_APPLESS_MAIN(TestOutQueue)
#include "tst_out_queue.moc"
