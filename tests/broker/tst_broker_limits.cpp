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
        const QList<Packet> packets = world.connect({.id = "T"}).takePackets();
        const auto *connack = packets.value(0).as<ConnackPacket>();
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
