// What the broker does not offer, and what it has only so much of: how it says so in CONNACK, how it answers who asks
// for it all the same, and that reaching a limit is seen.
#include "tests/broker/broker_world.h"

#include <QTest>

using namespace sessionscope;
using Log = QByteArrayList;

class BrokerLimitsTest : public QObject
{
    Q_OBJECT

private:
    static Log told(BrokerWorld &world, PropertyId id)
    {
        const Packet answer = world.connect({.id = "T"}).takePackets().value(0);
        const auto *connack = answer.as<ConnackPacket>();
        if (!connack)
            return {"no CONNACK"};
        const auto value = connack->properties.integer(id);
        return value ? Log{QByteArray::number(*value)} : Log{};
    }

private Q_SLOTS:
    void what_is_not_available_is_said_and_refused_data()
    {
        QTest::addColumn<BrokerConfig>("config");
        QTest::addColumn<PropertyId>("property");
        QTest::addColumn<QByteArray>("filter");
        QTest::addColumn<quint32>("identifier");
        QTest::addColumn<QByteArray>("v5");
        QTest::addColumn<QByteArray>("v3");
        BrokerConfig noWildcard;
        noWildcard.wildcardSubscriptionAvailable = false;
        BrokerConfig noShared;
        noShared.sharedSubscriptionAvailable = false;
        BrokerConfig noIdentifier;
        noIdentifier.subscriptionIdentifierAvailable = false;
        const QByteArray refused = "SUBACK(#1 80)";
        QTest::newRow("+") << noWildcard << PropertyId::WildcardSubscriptionAvailable << QByteArray("a/+") << 0u
                           << QByteArray("DISCONNECT(A2)") << refused;
        QTest::newRow("#") << noWildcard << PropertyId::WildcardSubscriptionAvailable << QByteArray("#") << 0u
                           << QByteArray("DISCONNECT(A2)") << refused;
        QTest::newRow("shared") << noShared << PropertyId::SharedSubscriptionAvailable << QByteArray("$share/g/t") << 0u
                                << QByteArray("DISCONNECT(9E)") << refused;
        QTest::newRow("identifier") << noIdentifier << PropertyId::SubscriptionIdentifierAvailable << QByteArray("t")
                                    << 7u << QByteArray("DISCONNECT(A1)") << QByteArray("SUBACK(#1 01)");
    }
    // v3:MQTT-3.8.3-2
    void what_is_not_available_is_said_and_refused()
    {
        QFETCH(BrokerConfig, config);
        QFETCH(PropertyId, property);
        QFETCH(QByteArray, filter);
        QFETCH(quint32, identifier);
        QFETCH(QByteArray, v5);
        QFETCH(QByteArray, v3);
        BrokerWorld world(config);
        QCOMPARE(told(world, property), Log{"0"});
        Peer plain = world.subscriber({.id = "A"}, "plain", 1);
        Peer a = world.connected({.id = "A5"});
        a.subscribe(1, filter, 1, {}, identifier ? std::optional(identifier) : std::nullopt);
        QCOMPARE(a.take(), (Log{v5, "EOF"}));
        Peer b = world.connected({.id = "A3", .version = Version::V311});
        b.subscribe(1, filter, 1);
        QCOMPARE(b.take(), Log{v3});
        QVERIFY(plain.isOpen());
    }

    void what_is_available_is_not_mentioned_data()
    {
        QTest::addColumn<PropertyId>("property");
        QTest::newRow("wildcard") << PropertyId::WildcardSubscriptionAvailable;
        QTest::newRow("shared") << PropertyId::SharedSubscriptionAvailable;
        QTest::newRow("identifier") << PropertyId::SubscriptionIdentifierAvailable;
    }
    void what_is_available_is_not_mentioned()
    {
        QFETCH(PropertyId, property);
        BrokerWorld world;
        QCOMPARE(told(world, property), Log{});
    }

    // MQTT-3.2.2-7, v3:MQTT-3.2.2-5
    void refuses_clients_above_the_limit_of_connections()
    {
        BrokerConfig config;
        config.maximumConnections = 2;
        BrokerWorld world(config);
        Peer a = world.connected({.id = "A"});
        Peer b = world.connected({.id = "B"});
        QCOMPARE(world.connect({.id = "C"}).take(), (Log{"CONNACK(0,97)", "EOF"}));
        QCOMPARE(world.connect({.id = "C", .version = Version::V311}).take(), (Log{"CONNACK(0,03)", "EOF"}));
        QCOMPARE(world.takeRefusals(), (Log{"v5 §4.13.2 97", "v5 §4.13.2 97"}));
        // Taking over an own connection needs no other one.
        QCOMPARE(world.connect({.id = "A", .cs = false}).take(), Log{"CONNACK(1,00)"});
        QVERIFY(!a.isOpen());
        b.cut();
        QCOMPARE(world.connect({.id = "C"}).take(), Log{"CONNACK(0,00)"});
    }

    void closes_connections_above_the_limit_of_those_without_connect()
    {
        BrokerConfig config;
        config.maximumPendingConnections = 2;
        BrokerWorld world(config);
        Peer first = world.open();
        Peer second = world.open();
        Peer third = world.open();
        QCOMPARE(third.take(), Log{"EOF"});
        QCOMPARE(world.takeRefusals(), Log{"v5 §4.13.2 97"});
        first.send(BrokerWorld::packetOf({.id = "A"}));
        QCOMPARE(first.take(), Log{"CONNACK(0,00)"});
        Peer fourth = world.open();
        QVERIFY(fourth.isOpen());
        QVERIFY(second.isOpen());
    }

    void limits_the_bytes_of_retained_messages_properties_included()
    {
        BrokerConfig config;
        config.maximumRetainedBytes = 1000;
        BrokerWorld world(config);
        Peer p = world.publisher();
        p.publish({.qos = 1, .id = 1, .topic = "a", .payload = QByteArray(600, 'x'), .retain = true});
        p.publish({.qos = 1, .id = 2, .topic = "b", .payload = QByteArray(600, 'x'), .retain = true});
        QCOMPARE(p.take(), (Log{"PUBACK(#1 10)", "PUBACK(#2 97)"}));
        p.publish({.qos = 1, .id = 3, .topic = "a", .payload = "small", .retain = true});
        Pub many{.qos = 1, .id = 4, .topic = "c", .payload = "y", .retain = true};
        for (int i = 0; i < 20; ++i)
            many.properties.addUserProperty("", "");
        p.publish(many);
        QCOMPARE(p.take(), (Log{"PUBACK(#3 10)", "PUBACK(#4 97)"}));
        QCOMPARE(world.broker.retained.bytes(), 6);
        p.publish({.topic = "a", .payload = "", .retain = true});
        QCOMPARE(world.broker.retained.bytes(), 0);
    }

    void limits_the_subscriptions_of_all_sessions()
    {
        BrokerConfig config;
        config.maximumSubscriptionsInAll = 2;
        BrokerWorld world(config);
        Peer a = world.subscriber({.id = "A"}, "a");
        Peer b = world.subscriber({.id = "B"}, "b");
        b.subscribe(2, "c", 0);
        b.subscribe(3, "b", 1);
        QCOMPARE(b.take(), (Log{"SUBACK(#2 97)", "SUBACK(#3 01)"}));
        a.unsubscribe(2, "a");
        b.subscribe(4, "c", 0);
        QCOMPARE(b.take(), Log{"SUBACK(#4 00)"});
    }

    void limits_the_bytes_that_wait_for_all_sessions()
    {
        BrokerConfig config;
        config.maximumQueuedBytesInAll = 25;
        BrokerWorld world(config);
        for (const char *id : {"A", "B", "C"})
            world.subscriber({.id = id}, "t", 1).cut();
        world.publisher().publish({.qos = 1, .id = 1, .payload = "123456789"});
        QCOMPARE(world.takeDrops(), Log{"C t QueueFull"});
        QCOMPARE(world.broker.queuedBytes, 20);
        world.connected({.id = "A", .cs = false}, "CONNACK(1,00)");
        QCOMPARE(world.broker.queuedBytes, 10);
        world.connected({.id = "B", .cs = true});
        QCOMPARE(world.broker.queuedBytes, 0);
        QCOMPARE(world.broker.queuedMessages, 0);
    }

    void a_client_that_never_acknowledges_holds_only_so_many_bytes()
    {
        BrokerConfig config;
        config.maximumQueuedBytes = 20;
        BrokerWorld world(config);
        Peer s = world.subscriber({.id = "S"}, "t", 1);
        Peer p = world.publisher();
        for (quint16 id = 1; id <= 6; ++id)
            p.publish({.qos = 1, .id = id, .payload = "123456789"});
        // Two exchanges reach the limit, two copies wait, the rest finds the queue full.
        QCOMPARE(s.take().size(), 2);
        QCOMPARE(world.takeDrops(), (Log{"S t QueueFull", "S t QueueFull"}));
        s.puback(1);
        QCOMPARE(s.take(), Log{"PUB(q1 #3 t 123456789)"});
    }

    void a_client_cannot_hold_messages_without_end()
    {
        BrokerConfig config;
        config.receiveMaximum = 2;
        config.maximumHeldMessages = 3;
        BrokerWorld world(config);
        Peer first = world.connected({.id = "A"});
        first.publish({.qos = 2, .id = 1});
        first.publish({.qos = 2, .id = 2});
        first.cut();
        Peer again = world.connected({.id = "A", .cs = false}, "CONNACK(1,00)");
        again.publish({.qos = 2, .id = 3});
        again.publish({.qos = 2, .id = 4});
        QCOMPARE(again.take(), (Log{"PUBREC(#3 10)", "PUBREC(#4 97)"}));
        again.publish({.qos = 2, .id = 1, .dup = true});
        again.pubrel(1);
        again.pubrel(3);
        again.publish({.qos = 2, .id = 4});
        QCOMPARE(again.take(), (Log{"PUBREC(#1)", "PUBCOMP(#1)", "PUBCOMP(#3)", "PUBREC(#4 10)"}));
    }

    // MQTT-3.1.0-1, v3:MQTT-3.1.0-1
    void does_not_wait_for_the_rest_of_another_first_packet()
    {
        BrokerWorld world;
        Peer a = world.open();
        world.event(ConnectMissing{a.link()});
        QCOMPARE(a.take(), Log{"EOF"});
        QCOMPARE(world.takeRefusals(), Log{"MQTT-3.1.0-1 82"});
    }

    void refuses_a_retained_will_on_too_many_levels()
    {
        BrokerConfig config;
        config.maximumTopicLevels = 3;
        BrokerWorld world(config);
        Will deep = will({}, true);
        deep.topic = "a/b/c/d";
        QCOMPARE(world.connect({.id = "A", .will = deep}).take(), (Log{"CONNACK(0,97)", "EOF"}));
        deep.retain = false;
        QCOMPARE(world.connect({.id = "A", .will = deep}).take(), Log{"CONNACK(0,00)"});
    }

    void publishes_a_will_that_finds_no_room_among_the_retained_messages()
    {
        BrokerConfig config;
        config.maximumRetained = 1;
        BrokerWorld world(config);
        world.publisher().publish({.topic = "other", .retain = true});
        Peer w = world.subscriber({.id = "W"}, "w");
        world.connected({.id = "A", .sei = 0, .will = will({}, true)}).cut();
        QCOMPARE(w.take(), Log{"PUB(q0 w gone)"});
        QCOMPARE(world.takeRefusals(), Log{"v5 §4.13.2 97"});
        QCOMPARE(world.broker.retained.size(), 1);
    }
};

QTEST_GUILESS_MAIN(BrokerLimitsTest)
#include "tst_broker_limits.moc"
