// One message a topic, found by filter, gone when it expired.
#include "core/broker/retained_store.h"
#include "core/mqtt/topic.h"

#include <QTest>

using namespace sessionscope;

namespace {

constexpr Instant start{};

Instant at(int seconds)
{
    return start + std::chrono::seconds(seconds);
}

MessagePtr message(const QByteArray &topic, const QByteArray &payload = "x", std::optional<Instant> expiresAt = {})
{
    return std::make_shared<Message>(Message{topic, payload, Qos::AtLeastOnce, true, {}, expiresAt});
}

QByteArrayList topics(RetainedStore &store, const QByteArray &filter, Instant now = start)
{
    std::vector<MessagePtr> found;
    store.match(filter, now, found);
    QByteArrayList list;
    for (const auto &m : found)
        list.append(m->topic);
    return list;
}

} // namespace

class RetainedStoreTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void keeps_the_last_message_of_a_topic()
    {
        RetainedStore store;
        store.set(message("t", "old"));
        store.set(message("t", "new"));
        QCOMPARE(store.size(), 1);
        QCOMPARE(store.find("t", start)->payload, "new");
        QVERIFY(!store.find("t/u", start));
        QVERIFY(!store.find("", start));
    }

    void removes_a_topic_and_nothing_else()
    {
        RetainedStore store;
        for (const char *topic : {"a", "a/b", "a/b/c"})
            store.set(message(topic));
        QVERIFY(store.remove("a/b"));
        QVERIFY(!store.remove("a/b"));
        QVERIFY(!store.remove("z"));
        QVERIFY(!store.remove("a/b/c/d"));
        QCOMPARE(topics(store, "#"), (QByteArrayList{"a", "a/b/c"}));
        QVERIFY(store.remove("a/b/c"));
        QVERIFY(store.remove("a"));
        QVERIFY(store.isEmpty());
        QVERIFY(topics(store, "#").isEmpty());
    }

    void matches_as_filters_do_data()
    {
        QTest::addColumn<QByteArray>("filter");
        for (const char *filter : {"#", "+", "+/+", "/+", "a/#", "a/+", "a/b", "+/b", "a//b", "a/+/b", "$SYS/#",
                                   "$SYS/+", "+/up", "/", "a/b/#", "nothing/#"})
            QTest::newRow(filter) << QByteArray(filter);
    }
    void matches_as_filters_do()
    {
        QFETCH(QByteArray, filter);
        const QByteArrayList all{"/",     "/x",    "a",    "a/",      "a/b",      "a//b",
                                 "a/b/c", "a/x/b", "$SYS", "$SYS/up", "$SYS/a/b", "b/b"};
        RetainedStore store;
        QByteArrayList expected;
        for (const auto &topic : all) {
            store.set(message(topic));
            if (filterMatches(filter, topic))
                expected.append(topic);
        }
        auto found = topics(store, filter);
        std::sort(found.begin(), found.end());
        std::sort(expected.begin(), expected.end());
        QCOMPARE(found, expected);
    }

    void counts_a_node_for_each_level()
    {
        RetainedStore store;
        store.set(message("a/b//c", "12345"));
        QCOMPARE(store.bytes(), messageOverhead + 6 + 5 + 4 * levelOverhead);
        store.set(message("a/b//c", "1"));
        store.set(message("a", "1"));
        QCOMPARE(store.bytes(), 2 * messageOverhead + 7 + 5 * levelOverhead + 2);
        store.remove("a");
        store.remove("a/b//c");
        QCOMPARE(store.bytes(), 0);
    }

    void drops_an_expired_message_when_it_meets_it()
    {
        RetainedStore store;
        store.set(message("a/short", "x", at(5)));
        store.set(message("a/long", "x", at(50)));
        QVERIFY(store.find("a/short", at(4)));
        QVERIFY(!store.find("a/short", at(5)));
        QCOMPARE(store.size(), 2);
        QCOMPARE(topics(store, "a/+", at(5)), QByteArrayList{"a/long"});
        QCOMPARE(store.size(), 1);
        QCOMPARE(store.removeExpired(at(50)), 1);
        QVERIFY(store.isEmpty());
    }
};

QTEST_APPLESS_MAIN(RetainedStoreTest)
#include "tst_retained_store.moc"
