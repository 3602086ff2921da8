// The matching table of the standard, pruning, and the members of share groups.
#include "core/broker/server_session.h"
#include "core/broker/subscription_tree.h"
#include "core/mqtt/topic.h"

#include <QTest>

#include <random>

using namespace sessionscope;
using Presence = SubscriptionTree::Presence;

namespace {

/// A tree with the subscriptions it points to.
struct Wood
{
    SubscriptionTree tree;
    std::vector<std::unique_ptr<Subscription>> subscriptions;

    Subscription &add(const QByteArray &filter, Presence presence = Presence::Connected)
    {
        auto &subscription = *subscriptions.emplace_back(std::make_unique<Subscription>());
        subscription.filter = filter;
        tree.add(subscription, presence);
        return subscription;
    }
    QList<QByteArray> matching(const QByteArray &topic) const
    {
        SubscriptionTree::Matches nodes;
        tree.match(topic, nodes);
        QList<QByteArray> filters;
        for (const FilterNode *node : nodes) {
            for (const Subscription *subscription : node->subscribers)
                filters.append(subscription->filter);
            for (std::size_t i = 0; node->groups && i < node->groups->size(); ++i)
                filters.append((*node->groups)[i]->choose().filter);
        }
        std::sort(filters.begin(), filters.end());
        return filters;
    }
};

} // namespace

class SubscriptionTreeTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void matches_what_the_standard_says_data()
    {
        QTest::addColumn<QByteArray>("filter");
        QTest::addColumn<QByteArrayList>("matching");
        QTest::addColumn<QByteArrayList>("others");
        const auto row = [](const char *filter, QByteArrayList matching, QByteArrayList others) {
            QTest::newRow(filter) << QByteArray(filter) << matching << others;
        };
        row("sensors/+/temp", {"sensors/a/temp", "sensors//temp"}, {"sensors/temp", "sensors/a/b/temp"});
        row("sensors/#", {"sensors", "sensors/", "sensors/a/b"}, {"sensorsx", "sensor"});
        row("+", {"x", ""}, {"/x", "x/", "$x"});
        row("+/+", {"/x", "x/", "/", "a/b"}, {"x", "$a/b", "a/b/c"});
        row("/+", {"/x", "/"}, {"x", "/x/y"});
        row("#", {"a", "a/b", "/", "a/$b"}, {"$SYS/up", "$"});
        row("$SYS/#", {"$SYS", "$SYS/up"}, {"SYS/up", "$SYSx"});
        row("$SYS/+", {"$SYS/up", "$SYS/$x"}, {"$SYS", "$SYS/a/b"});
        row("+/SYS/#", {"a/SYS", "a/SYS/b"}, {"$x/SYS"});
        row("a//b", {"a//b"}, {"a/b", "a/x/b"});
        row("/", {"/"}, {"", "//", "a"});
        row("A/b", {"A/b"}, {"a/b", "A/b/", "A"});
        row("$share/g//x", {"/x"}, {"x", "$share/g//x"});
        row("$share/g/#", {"a/b", "a"}, {"$SYS/up"});
    }
    void matches_what_the_standard_says()
    {
        QFETCH(QByteArray, filter);
        QFETCH(QByteArrayList, matching);
        QFETCH(QByteArrayList, others);
        Wood wood;
        wood.add(filter);
        for (const auto &topic : matching)
            QCOMPARE(wood.matching(topic), QList<QByteArray>{filter});
        for (const auto &topic : others)
            QVERIFY2(wood.matching(topic).isEmpty(), topic.constData());
    }

    void finds_every_matching_filter_once()
    {
        Wood wood;
        for (const char *filter : {"a/b", "a/+", "+/b", "+/+", "#", "a/#", "a/b/#", "a/b/c", "b/b", "+"})
            wood.add(filter);
        QCOMPARE(wood.matching("a/b"), (QList<QByteArray>{"#", "+/+", "+/b", "a/#", "a/+", "a/b", "a/b/#"}));
    }

    void agrees_with_filterMatches_on_random_filters_and_topics()
    {
        std::mt19937 random(42);
        const auto text = [&random](const QByteArrayList &levels) {
            QByteArrayList parts;
            for (unsigned i = 0, n = 1 + random() % 4; i < n; ++i)
                parts.append(levels.at(int(random() % unsigned(levels.size()))));
            return parts.join('/');
        };
        Wood wood;
        for (int i = 0; i < 300; ++i) {
            const QByteArray filter = text({"a", "b", "", "+", "$s"}) + (random() % 4 ? "" : "/#");
            wood.add(filter);
        }
        for (int i = 0; i < 300; ++i) {
            const QByteArray topic = text({"a", "b", "", "$s"});
            QList<QByteArray> expected;
            for (const auto &subscription : wood.subscriptions) {
                if (filterMatches(subscription->filter, topic))
                    expected.append(subscription->filter);
            }
            std::sort(expected.begin(), expected.end());
            QCOMPARE(wood.matching(topic), expected);
        }
    }

    void keeps_nothing_of_subscriptions_that_left()
    {
        Wood wood;
        for (int i = 0; i < 2000; ++i)
            wood.add("busy/topic/" + QByteArray::number(i % 7));
        wood.add("busy/+/#");
        wood.add("$share/g/busy/topic/0");
        QCOMPARE(wood.tree.nodeCount(), 2 + 7 + 2);
        for (const auto &subscription : wood.subscriptions)
            wood.tree.remove(*subscription);
        QCOMPARE(wood.tree.nodeCount(), 0);
        QCOMPARE(wood.tree.size(), 0);
        wood.subscriptions.clear();
        QVERIFY(wood.matching("busy/topic/0").isEmpty());
        wood.add("busy/topic/0");
        QCOMPARE(wood.matching("busy/topic/0").size(), 1);
    }

    void keeps_a_node_while_something_stands_below_it()
    {
        Wood wood;
        Subscription &upper = wood.add("a");
        wood.add("a/b/c");
        wood.tree.remove(upper);
        QCOMPARE(wood.tree.nodeCount(), 3);
        QVERIFY(wood.matching("a").isEmpty());
        QCOMPARE(wood.matching("a/b/c").size(), 1);
    }

    void removes_from_the_middle_of_a_long_list()
    {
        Wood wood;
        for (int i = 0; i < 10; ++i)
            wood.add("t").identifier = quint32(i + 1);
        for (const int i : {3, 0, 9, 5})
            wood.tree.remove(*wood.subscriptions[std::size_t(i)]);
        SubscriptionTree::Matches nodes;
        wood.tree.match("t", nodes);
        QCOMPARE(nodes.size(), 1u);
        QList<quint32> left;
        for (const Subscription *subscription : nodes.front()->subscribers)
            left.append(subscription->identifier);
        std::sort(left.begin(), left.end());
        QCOMPARE(left, (QList<quint32>{2, 3, 5, 7, 8, 9}));
    }

    void takes_share_members_in_turn()
    {
        Wood wood;
        Subscription &a = wood.add("$share/g/t");
        Subscription &b = wood.add("$share/g/t");
        ShareGroup &group = *a.group;
        QCOMPARE(b.group, &group);
        Subscription *first = &group.choose();
        Subscription *second = &group.choose();
        QVERIFY(first != second);
        QCOMPARE(&group.choose(), first);
    }

    void prefers_connected_share_members()
    {
        Wood wood;
        wood.add("$share/g/t", Presence::Detached);
        Subscription &b = wood.add("$share/g/t", Presence::Connected);
        Subscription &c = wood.add("$share/g/t", Presence::Detached);
        ShareGroup &group = *b.group;
        for (int i = 0; i < 5; ++i)
            QCOMPARE(&group.choose(), &b);
        wood.tree.setPresence(c, Presence::Connected);
        wood.tree.setPresence(b, Presence::Detached);
        for (int i = 0; i < 5; ++i)
            QCOMPARE(&group.choose(), &c);
        wood.tree.setPresence(c, Presence::Detached);
        QSet<Subscription *> chosen;
        for (int i = 0; i < 3; ++i)
            chosen.insert(&group.choose());
        QCOMPARE(chosen.size(), 3);
    }

    void forgets_a_share_group_with_its_last_member()
    {
        Wood wood;
        Subscription &a = wood.add("$share/g/t");
        Subscription &other = wood.add("$share/h/t");
        const ShareKey key = a.group->key;
        QVERIFY(key != other.group->key);
        QCOMPARE(wood.tree.group(key), a.group);
        wood.tree.remove(a);
        QVERIFY(!wood.tree.group(key));
        QCOMPARE(wood.matching("t"), QList<QByteArray>{"$share/h/t"});
    }

    // v5 §4.8.2
    void a_name_is_a_group_of_its_own_on_each_filter()
    {
        Wood wood;
        Subscription &a = wood.add("$share/g/t");
        Subscription &b = wood.add("$share/g/u");
        QVERIFY(a.group != b.group);
        QCOMPARE(wood.add("$share/g/t").group, a.group);
        QCOMPARE(wood.add("$share/g/u").group, b.group);
    }

    void a_group_that_ends_moves_one_other_at_most()
    {
        constexpr std::size_t count = 1000;
        Wood wood;
        for (std::size_t i = 0; i < count; ++i)
            wood.add("$share/g" + QByteArray::number(i) + "/t");
        const auto order = [&wood] {
            std::vector<const ShareGroup *> groups;
            for (const auto &group : *wood.subscriptions.back()->node->groups)
                groups.push_back(group.get());
            return groups;
        };
        for (const std::size_t first : {0u, 500u, 100u}) {
            const auto before = order();
            wood.tree.remove(*wood.subscriptions[first]);
            const auto after = order();
            QCOMPARE(after.size(), before.size() - 1);
            qsizetype moved = 0;
            for (std::size_t i = 0; i < after.size(); ++i)
                moved += after[i] != before[i] ? 1 : 0;
            QCOMPARE(moved, 1);
        }
        QCOMPARE(wood.matching("t").size(), qsizetype(count) - 3);
    }

    // To compare each with those before it would be 2 * 10^10 comparisons, which no timeout leaves time for.
    void takes_and_forgets_two_hundred_thousand_groups_on_one_filter()
    {
        constexpr int count = 200'000;
        Wood wood;
        for (int i = 0; i < count; ++i)
            wood.add("$share/g" + QByteArray::number(i) + "/t");
        QCOMPARE(wood.add("$share/g777/t").group, wood.subscriptions[777]->group);
        QCOMPARE(wood.subscriptions.front()->node->groups->size(), std::size_t(count));
        std::shuffle(wood.subscriptions.begin(), wood.subscriptions.end(), std::mt19937(5));
        for (const auto &subscription : wood.subscriptions)
            wood.tree.remove(*subscription);
        QCOMPARE(wood.tree.nodeCount(), 0);
    }
};

QTEST_APPLESS_MAIN(SubscriptionTreeTest)
#include "tst_subscription_tree.moc"
