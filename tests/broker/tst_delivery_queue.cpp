// The queue of one session, against a plain list that does the same slowly; and the heap of deadlines, likewise.
#include "core/broker/deadline_heap.h"
#include "core/broker/delivery_queue.h"

#include <QTest>

#include <random>

using namespace sessionscope;

namespace {

constexpr Instant start{};

QueuedDelivery entry(int number, Qos qos, std::optional<Instant> expiresAt = {})
{
    QueuedDelivery made;
    made.message =
        std::make_shared<Message>(Message{"t", QByteArray::number(number), Qos::ExactlyOnce, false, {}, expiresAt});
    made.qos = qos;
    return made;
}

int numberOf(const QueuedDelivery &queued)
{
    return queued.message->payload.toInt();
}

QList<int> numbers(const DeliveryQueue &queue)
{
    QList<int> list;
    queue.visit([&list](const QueuedDelivery &queued) {
        list.append(numberOf(queued));
        return true;
    });
    return list;
}

struct Owner
{
    int name = 0;
    Instant at;
    quint32 deadlineSlot = notArmed;
};

} // namespace

class DeliveryQueueTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void keeps_arrival_order_and_counts()
    {
        DeliveryQueue queue;
        queue.append(entry(1, Qos::AtLeastOnce));
        queue.append(entry(2, Qos::AtMostOnce));
        queue.append(entry(30, Qos::ExactlyOnce));
        QCOMPARE(queue.size(), 3);
        QCOMPARE(queue.bytes(), 3 * (messageOverhead + copyOverhead) + 3 + 4);
        QCOMPARE(queue.count(Qos::AtMostOnce), 1);
        QCOMPARE(numberOf(queue.takeFront()), 1);
        QCOMPARE(numberOf(*queue.evictQos0()), 2);
        QVERIFY(!queue.evictQos0());
        QCOMPARE(numberOf(queue.front()), 30);
        QCOMPARE(queue.takeAll().size(), 1u);
        QVERIFY(queue.isEmpty());
        QCOMPARE(queue.bytes(), 0);
    }

    void agrees_with_a_plain_list()
    {
        std::mt19937 random(7);
        DeliveryQueue queue;
        QList<std::pair<int, Qos>> list;
        for (int i = 0; i < 20'000; ++i) {
            switch (random() % 5) {
            case 0:
                if (!list.isEmpty())
                    QCOMPARE(numberOf(queue.takeFront()), list.takeFirst().first);
                break;
            case 1: {
                const auto found =
                    std::find_if(list.begin(), list.end(), [](const auto &e) { return e.second == Qos::AtMostOnce; });
                const auto evicted = queue.evictQos0();
                QCOMPARE(evicted.has_value(), found != list.end());
                if (evicted) {
                    QCOMPARE(numberOf(*evicted), found->first);
                    list.erase(found);
                }
                break;
            }
            default: {
                const Qos qos = Qos(random() % 3);
                queue.append(entry(i, qos));
                list.append({i, qos});
                if (list.size() > 100) {
                    queue.takeAll();
                    list.clear();
                }
            }
            }
            QCOMPARE(queue.size(), list.size());
            if (!list.isEmpty())
                QCOMPARE(numberOf(queue.front()), list.front().first);
        }
    }

    void takes_out_what_expired()
    {
        DeliveryQueue queue;
        for (int i = 0; i < 6; ++i)
            queue.append(entry(i, Qos::AtLeastOnce, start + std::chrono::seconds(i % 2 ? 5 : 50)));
        QVERIFY(queue.takeExpired(start + std::chrono::seconds(4)).empty());
        QCOMPARE(queue.takeExpired(start + std::chrono::seconds(5)).size(), 3u);
        QCOMPARE(numbers(queue), (QList<int>{0, 2, 4}));
        QCOMPARE(numberOf(queue.takeFront()), 0);
        QCOMPARE(numberOf(queue.takeFront()), 2);
    }

    void looks_behind_what_expired_in_front_only_when_it_has_to_and_not_too_often()
    {
        using namespace std::chrono_literals;
        DeliveryQueue queue;
        for (const auto expiresAt : {5s, 6s, 50s, 7s, 8s, 9s})
            queue.append(entry(int(expiresAt.count()), Qos::AtLeastOnce, start + expiresAt));
        QCOMPARE(queue.takeExpired(start + 7s).size(), 2u);
        QCOMPARE(numbers(queue), (QList<int>{50, 7, 8, 9}));
        QCOMPARE(queue.takeExpired(start + 7s).size(), 1u); // nothing in front: a search
        QCOMPARE(queue.takeExpired(start + 7999ms).size(), 0u);
        queue.append(entry(1, Qos::AtLeastOnce, start + 1s));
        QCOMPARE(queue.takeExpired(start + 7s + expirySearchInterval - 1us).size(), 0u);
        QCOMPARE(queue.takeExpired(start + 7s + expirySearchInterval).size(), 2u);
        QCOMPARE(numbers(queue), (QList<int>{50, 9}));
    }

    // Each call would be a search of its own otherwise.
    void searches_a_queue_that_stays_full_once_a_second()
    {
        using namespace std::chrono_literals;
        DeliveryQueue queue;
        queue.append(entry(0, Qos::AtLeastOnce));
        for (int i = 1; i <= 1000; ++i)
            queue.append(entry(i, Qos::AtLeastOnce, start + i * 1ms));
        int searches = 0;
        for (Duration since{}; since < 3s; since += 1ms)
            searches += queue.takeExpired(start + since).empty() ? 0 : 1;
        QCOMPARE(searches, 2); // at 1 ms, and a second later
        QCOMPARE(queue.size(), 1);
    }

    void counts_what_an_entry_takes_beside_its_message()
    {
        DeliveryQueue queue;
        QueuedDelivery identified = entry(1, Qos::AtMostOnce);
        identified.subscriptionIdentifiers = std::make_unique<const QList<quint32>>(QList<quint32>{1, 2, 3});
        queue.append(std::move(identified));
        QCOMPARE(queue.bytes(), messageOverhead + 2 + copyOverhead + 3 * qsizetype(sizeof(quint32)));
        queue.evictQos0();
        QCOMPARE(queue.bytes(), 0);
    }

    void gives_deadlines_in_order_after_any_changes()
    {
        std::mt19937 random(11);
        std::vector<Owner> owners(200);
        DeadlineHeap<Owner> heap;
        QVERIFY(!heap.next());
        for (int i = 0; i < 5000; ++i) {
            Owner &owner = owners[random() % owners.size()];
            if (random() % 3 == 0) {
                heap.disarm(owner);
            } else {
                owner.at = start + std::chrono::microseconds(random() % 1000);
                heap.arm(owner, owner.at);
            }
            std::optional<Instant> earliest;
            qsizetype armed = 0;
            for (const Owner &candidate : owners) {
                if (candidate.deadlineSlot == notArmed)
                    continue;
                ++armed;
                earliest = earliest ? std::min(*earliest, candidate.at) : candidate.at;
            }
            QCOMPARE(heap.size(), armed);
            QCOMPARE(heap.next(), earliest);
        }
        Instant last = start;
        while (Owner *owner = heap.due(Instant::max())) {
            QVERIFY(owner->at >= last);
            last = owner->at;
            heap.disarm(*owner);
        }
        QVERIFY(heap.isEmpty());
    }

    void says_nothing_is_due_before_its_instant()
    {
        Owner owner;
        DeadlineHeap<Owner> heap;
        heap.arm(owner, start + std::chrono::seconds(1));
        QVERIFY(!heap.due(start + std::chrono::microseconds(999'999)));
        QCOMPARE(heap.due(start + std::chrono::seconds(1)), &owner);
    }
};

QTEST_APPLESS_MAIN(DeliveryQueueTest)
#include "tst_delivery_queue.moc"
