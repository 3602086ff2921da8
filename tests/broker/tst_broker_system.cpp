// The $SYS topics: who gets them and when, what they say, and that a broker whom nobody asks has nothing to do.
#include "tests/broker/broker_world.h"

#include <QTest>

using namespace sessionscope;
using Log = QByteArrayList;

class BrokerSystemTest : public QObject
{
    Q_OBJECT

private:
    static QByteArray figure(const BrokerWorld &world, const QByteArray &topic)
    {
        const MessagePtr message = world.broker.retained.find("$SYS/broker/" + topic, Instant());
        return message ? message->payload : QByteArray("absent");
    }

private Q_SLOTS:
    void nobody_subscribes_nothing_is_due()
    {
        BrokerWorld world;
        Peer s = world.subscriber({.id = "S"}, "#");
        QVERIFY(!nextDeadline(world.broker));
        world.runTo(100);
        QCOMPARE(s.take(), Log{});
        QVERIFY(world.broker.retained.isEmpty());
    }

    // MQTT-4.7.2-1, v3:MQTT-4.7.2-1
    void only_who_names_them_gets_them()
    {
        BrokerWorld world;
        Peer all = world.subscriber({.id = "A"}, "#");
        Peer level = world.subscriber({.id = "L"}, "+/broker/uptime");
        Peer named = world.connected({.id = "N"});
        named.subscribe(1, "$SYS/broker/uptime", 2);
        QCOMPARE(named.take(), (Log{"SUBACK(#1 02)", "PUB(q0 retain $SYS/broker/uptime 0 seconds)"}));
        world.runTo(25);
        QCOMPARE(named.take(), (Log{"PUB(q0 $SYS/broker/uptime 10 seconds)", "PUB(q0 $SYS/broker/uptime 20 seconds)"}));
        QCOMPARE(all.take(), Log{});
        QCOMPARE(level.take(), Log{});
    }

    void a_round_says_what_changed()
    {
        BrokerWorld world;
        Peer s = world.subscriber({.id = "S"}, "$SYS/broker/clients/#");
        s.take();
        world.runTo(10);
        QCOMPARE(s.take(), Log{});
        Peer other = world.connected({.id = "O"});
        world.runTo(20);
        QCOMPARE(s.take(), (Log{"PUB(q0 $SYS/broker/clients/total 2)", "PUB(q0 $SYS/broker/clients/connected 2)",
                                "PUB(q0 $SYS/broker/clients/maximum 2)"}));
        other.cut();
        world.runTo(30);
        QCOMPARE(s.take(),
                 (Log{"PUB(q0 $SYS/broker/clients/connected 1)", "PUB(q0 $SYS/broker/clients/disconnected 1)"}));
    }

    void tells_what_happened()
    {
        BrokerWorld world;
        world.publisher().publish({.topic = "kept", .payload = "12345", .retain = true});
        world.connected({.id = "Z", .sei = 5}).cut();
        world.subscriber({.id = "Q", .sei = 1000}, "q", 1).cut();
        Peer p = world.connected({.id = "P"});
        p.subscribe(1, "$share/g/open", 1);
        p.publish({.qos = 1, .id = 2, .topic = "open", .payload = "x"});
        p.publish({.qos = 1, .id = 1, .topic = "q", .payload = "abcd"});
        p.publish({.topic = "q", .payload = "abcd"});
        world.runTo(7);
        world.subscriber({.id = "S"}, "$SYS/#");
        const qsizetype queued = copyBytes(messageOverhead + 5, 0);
        const qsizetype kept = messageOverhead + 9 + levelOverhead;
        const std::map<QByteArray, QByteArray> expected{
            {"version", "sessionscope version " SESSIONSCOPE_VERSION},
            {"uptime", "7 seconds"},
            {"clients/total", "3"},
            {"clients/connected", "2"},
            {"clients/disconnected", "1"},
            {"clients/maximum", "2"},
            {"clients/expired", "1"},
            {"connections/accepted", "5"},
            {"connections/refused", "0"},
            {"subscriptions/count", "2"},
            {"shared_subscriptions/count", "1"},
            {"messages/inflight", "1"},
            {"messages/stored", "2"},
            {"retained messages/count", "1"},
            {"store/messages/count", "2"},
            {"store/messages/bytes", QByteArray::number(queued + kept)},
            {"queued/messages/count", "1"},
            {"queued/messages/bytes", QByteArray::number(queued)},
            {"publish/messages/received", "4"},
            {"publish/messages/sent", "1"},
            {"publish/bytes/received", "14"},
            {"publish/bytes/sent", "1"},
            {"publish/messages/dropped", "1"},
            {"publish/messages/dropped/QoS 0 offline", "1"},
            {"publish/messages/dropped/queue full", "0"},
        };
        for (const auto &[topic, value] : expected)
            QVERIFY2(figure(world, topic) == value, topic + ": " + figure(world, topic) + " is not " + value);
    }

    void tells_the_load_on_average()
    {
        BrokerWorld world;
        Peer s = world.subscriber({.id = "S"}, "$SYS/broker/load/publish/+/+");
        Peer p = world.publisher();
        QCOMPARE(figure(world, "load/publish/received/1min"), QByteArray("0.00"));
        for (int minute = 0; minute < 60; ++minute) {
            for (int second = 0; second < 60; second += 10) {
                world.runTo(minute * 60 + second);
                p.publish({.topic = "t"});
            }
        }
        // Six a minute for an hour.
        for (const char *window : {"1min", "5min"})
            QCOMPARE(figure(world, QByteArray("load/publish/received/") + window), QByteArray("6.00"));
        const double longest = figure(world, "load/publish/received/15min").toDouble();
        QVERIFY2(longest > 5.8 && longest < 6, QByteArray::number(longest));
        QCOMPARE(figure(world, "load/publish/dropped/1min"), QByteArray("0.00"));
        // Silence: a minute later a third of it is left, in the longest window nearly all.
        world.runTo(3600 + 60);
        const double left = figure(world, "load/publish/received/1min").toDouble();
        QVERIFY2(left > 2 && left < 3, QByteArray::number(left));
        QVERIFY(figure(world, "load/publish/received/15min").toDouble() > 5.4);
        // Nobody asks, and then somebody does: it begins anew.
        s.unsubscribe(2, "$SYS/broker/load/publish/+/+");
        p.publish({.topic = "t"});
        s.subscribe(3, "$SYS/broker/load/#", 0);
        QCOMPARE(figure(world, "load/publish/received/1min"), QByteArray("0.00"));
    }

    void counts_shared_subscriptions_once_each()
    {
        BrokerWorld world;
        Peer a = world.connected({.id = "A", .sei = 0});
        Peer b = world.connected({.id = "B"});
        for (Peer *each : {&a, &b}) {
            each->subscribe(1, "$share/g/t", 0);
            each->subscribe(2, "$share/g/t", 1);
            each->subscribe(3, "$share/h/t", 1);
            each->subscribe(4, "t", 1);
        }
        QCOMPARE(world.broker.sharedSubscriptions, 4);
        b.unsubscribe(5, "$share/g/t");
        QCOMPARE(world.broker.sharedSubscriptions, 3);
        a.cut(); // and its session ends
        QCOMPARE(world.broker.sharedSubscriptions, 1);
    }

    void the_last_subscriber_takes_them_along_data()
    {
        QTest::addColumn<QByteArray>("filter");
        QTest::newRow("plain") << QByteArray("$SYS/#");
        QTest::newRow("shared") << QByteArray("$share/g/$SYS/broker/uptime");
    }
    void the_last_subscriber_takes_them_along()
    {
        QFETCH(QByteArray, filter);
        BrokerWorld world;
        Peer a = world.subscriber({.id = "A", .sei = 0}, filter);
        Peer b = world.subscriber({.id = "B"}, filter);
        QVERIFY(nextDeadline(world.broker));
        a.cut();
        QVERIFY(nextDeadline(world.broker));
        b.unsubscribe(2, filter);
        QVERIFY(!nextDeadline(world.broker));
        QVERIFY(world.broker.retained.isEmpty());
        QCOMPARE(world.broker.systemSubscriptions, 0);
    }

    void the_figures_do_not_count_themselves()
    {
        BrokerWorld world;
        world.subscriber({.id = "S"}, "$SYS/broker/+/messages/+");
        world.runTo(20);
        for (const char *topic : {"store/messages/count", "store/messages/bytes", "retained messages/count"})
            QCOMPARE(figure(world, topic), QByteArray("0"));
    }

    void a_subscription_that_is_not_granted_starts_nothing()
    {
        BrokerConfig config;
        config.maximumSubscriptions = 0;
        BrokerWorld world(config);
        Peer s = world.connected({.id = "S"});
        s.subscribe(1, "$SYS/#", 0);
        QCOMPARE(s.take(), Log{"SUBACK(#1 97)"});
        QVERIFY(!nextDeadline(world.broker));
        QVERIFY(world.broker.retained.isEmpty());
    }

    void an_interval_of_0_turns_them_off()
    {
        BrokerConfig config;
        config.systemInterval = {};
        BrokerWorld world(config);
        Peer s = world.connected({.id = "S"});
        s.subscribe(1, "$SYS/#", 0);
        QCOMPARE(s.take(), Log{"SUBACK(#1 00)"});
        QVERIFY(!nextDeadline(world.broker));
    }

    void nothing_piles_up_for_a_subscriber_who_is_away()
    {
        BrokerWorld world;
        world.subscriber({.id = "S", .sei = 1000}, "$SYS/#", 2).cut();
        world.runTo(500);
        QCOMPARE(world.broker.queuedMessages, 0);
    }
};

QTEST_GUILESS_MAIN(BrokerSystemTest)
#include "tst_broker_system.moc"
