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
        QCOMPARE(world.broker.retained.bytes(), retainedBytes("a", messageOverhead + 6));
        p.publish({.topic = "a", .payload = "", .retain = true});
        QCOMPARE(world.broker.retained.bytes(), 0);
    }

    void one_subscribe_brings_no_more_retained_bytes_than_a_queue_holds_beside_them()
    {
        BrokerConfig config;
        config.maximumQueuedBytes = 2000;
        BrokerWorld world(config);
        Peer p = world.publisher();
        for (const char *topic : {"a/b/c", "a/b/d"})
            p.publish({.topic = topic, .payload = QByteArray(500, 'x'), .retain = true});
        Peer s = world.connected({.id = "S"});
        SubscribePacket subscribe{PacketId{1}, {}, {}};
        for (const char *filter : {"#", "+/#", "a/#", "a/+/#", "+/b/#", "a/b/#", "+/+/+", "a/+/+", "+/b/+", "a/b/+"})
            subscribe.entries.append(SubscribePacket::Entry{filter, {}});
        s.send(subscribe);
        // Four go at once, and what the queue takes goes behind them.
        QCOMPARE(s.take().size(), 1 + 4);
        world.runTo(0);
        const auto arrived = 4 + s.take().size();
        QVERIFY2(arrived >= 4 && arrived < 10, QByteArray::number(arrived));
        QCOMPARE(qsizetype(world.takeDrops().size()), 20 - arrived);
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

    void limits_the_bytes_of_filters()
    {
        BrokerWorld world({.maximumSubscriptionBytes = 10 + 2 * levelOverhead,
                           .maximumSubscriptionBytesInAll = 15 + 2 * levelOverhead});
        Peer a = world.connected({.id = "A"});
        a.subscribe(1, "12345678", 0);
        a.subscribe(2, "123", 0);
        a.subscribe(3, "12345678", 1); // the same again takes no more
        a.subscribe(4, "12", 0);
        QCOMPARE(a.take(), (Log{"SUBACK(#1 00)", "SUBACK(#2 97)", "SUBACK(#3 01)", "SUBACK(#4 00)"}));
        Peer b = world.connected({.id = "B"});
        b.subscribe(1, "123456", 0);
        a.unsubscribe(5, "12");
        b.subscribe(2, "123456", 0);
        QCOMPARE(b.take(), (Log{"SUBACK(#1 97)", "SUBACK(#2 00)"}));
        QCOMPARE(world.broker.subscriptionBytes, 14 + 2 * levelOverhead);
        a.disconnect(0, 0);
        b.disconnect(0, 0);
        QCOMPARE(world.broker.subscriptionBytes, 0);
    }

    // A filter of 128 levels has 127 nodes of its own for 255 bytes of text.
    void counts_each_level_of_filters_and_retained_topics()
    {
        constexpr int levels = 128;
        constexpr int count = 100;
        const auto deep = [](int number) { return QByteArray::number(number) + QByteArray("/x").repeated(levels - 1); };
        constexpr qsizetype limit = 10 * levels * levelOverhead;
        BrokerWorld world({.maximumSubscriptionBytes = limit, .maximumRetainedBytes = limit});
        Peer a = world.connected({.id = "A"});
        for (int i = 0; i < count; ++i) {
            a.subscribe(1, deep(i), 0);
            a.publish({.topic = "r" + deep(i), .retain = true});
        }
        QVERIFY(world.broker.subscriptions.size() > 5 && world.broker.subscriptions.size() < 10);
        QVERIFY(world.broker.subscriptions.nodeCount() <= 10 * levels);
        QVERIFY(world.broker.retained.size() > 5 && world.broker.retained.size() < 10);
    }

    // MQTT-3.2.2-19, MQTT-3.14.2-3
    void says_why_in_words_where_they_fit()
    {
        const auto reasonOf = [](const Packet &packet) {
            const auto *connack = packet.as<ConnackPacket>();
            const auto *disconnect = packet.as<DisconnectPacket>();
            const Properties properties = connack      ? connack->properties
                                          : disconnect ? disconnect->properties
                                                       : Properties();
            return properties.bytes(PropertyId::ReasonString).value_or("none");
        };
        for (const quint32 limit : {20u, 300u}) {
            const bool fits = limit == 300;
            BrokerWorld world({.maximumConnections = 1});
            const Properties small{{PropertyId::MaximumPacketSize, limit}};
            Peer a = world.connect({.id = "A", .properties = small});
            a.takePackets();
            a.publish({.topic = "", .payload = "x"});
            const Packet farewell = a.takePackets().value(0);
            QVERIFY(farewell.as<DisconnectPacket>());
            QCOMPARE(reasonOf(farewell) != "none", fits);
            world.connected({.id = "B"});
            const Packet refusal = world.connect({.id = "C", .properties = small}).takePackets().value(0);
            QCOMPARE(reasonOf(refusal),
                     fits ? QByteArray("the limit of connected clients is reached") : QByteArray("none"));
        }
    }

    // MQTT-3.2.2-11 and MQTT-4.4.0-1 against each other [D-19]
    void S139_what_was_taken_before_the_limit_was_lowered_is_completed_data()
    {
        QTest::addColumn<int>("version");
        QTest::newRow("5.0") << int(Version::V5);
        QTest::newRow("3.1.1") << int(Version::V311);
    }

    void S139_what_was_taken_before_the_limit_was_lowered_is_completed()
    {
        QFETCH(int, version);
        BrokerWorld world;
        Peer s = world.subscriber({});
        Peer p = world.connected({.id = "P", .cs = false, .version = Version(version)});
        p.publish({.qos = 2, .id = 1, .retain = true});
        p.publish({.qos = 2, .id = 2});
        p.cut();
        s.take();
        world.broker.config.maximumQos = Qos::AtLeastOnce;
        world.broker.config.retainAvailable = false;
        p = world.connected({.id = "P", .cs = false, .version = Version(version)}, "CONNACK(1,00)");
        p.publish({.qos = 2, .id = 1, .dup = true, .retain = true});
        p.pubrel(1);
        p.pubrel(2);
        QCOMPARE(p.take(), (Log{"PUBREC(#1)", "PUBCOMP(#1)", "PUBCOMP(#2)"}));
        // What was sent at QoS 2, and what was granted, stay what they are: the limit is one of publishers.
        QCOMPARE(s.take(), Log{});
        s.pubrec(1);
        QCOMPARE(s.take(), Log{"PUBREL(#1)"});
        p.publish({.qos = 2, .id = 1});
        QCOMPARE(p.take(), version == int(Version::V5) ? (Log{"DISCONNECT(9B)", "EOF"}) : Log{"EOF"});
    }

    // [D-22]
    void closes_an_older_publisher_that_is_refused_when_told_to()
    {
        for (const bool closes : {false, true}) {
            BrokerWorld world({.closesRefusedPublishers = closes});
            Peer v3 = world.connected({.id = "V", .version = Version::V311});
            v3.publish({.qos = 2, .id = 1, .topic = "$SYS/x"});
            QCOMPARE(v3.take(), closes ? Log{"EOF"} : Log{"PUBREC(#1)"});
            Peer v5 = world.publisher();
            v5.publish({.qos = 1, .id = 1, .topic = "$SYS/x"});
            QCOMPARE(v5.take(), Log{"PUBACK(#1 87)"});
        }
    }

    // [D-22]: what was not taken is not held, and comes again as what it is, a new message.
    void what_an_older_publisher_was_closed_for_is_no_repeat_when_it_comes_again()
    {
        BrokerWorld world({.closesRefusedPublishers = true, .maximumRetained = 1});
        Peer s = world.subscriber({});
        Peer keeper = world.publisher();
        keeper.publish({.topic = "other", .retain = true});
        Peer v3 = world.connected({.id = "V", .cs = false, .version = Version::V311});
        v3.publish({.qos = 2, .id = 1, .retain = true});
        QCOMPARE(v3.take(), Log{"EOF"});
        QCOMPARE(world.session("V")->messagesOrNone().inbox.heldCount(), 0);
        keeper.publish({.topic = "other", .payload = "", .retain = true});
        v3 = world.connected({.id = "V", .cs = false, .version = Version::V311}, "CONNACK(1,00)");
        v3.publish({.qos = 2, .id = 1, .dup = true, .retain = true});
        QCOMPARE(v3.take(), Log{"PUBREC(#1)"});
        QCOMPARE(s.take(), Log{"PUB(q2 #1 t x)"});
    }

    void an_older_client_cannot_hold_messages_without_end_either()
    {
        BrokerWorld world({.receiveMaximum = 2, .maximumHeldMessages = 3});
        const Hello hello{.id = "A", .cs = false, .version = Version::V311};
        Peer first = world.connected(hello);
        first.publish({.qos = 2, .id = 1});
        first.publish({.qos = 2, .id = 2});
        first.cut();
        Peer again = world.connected(hello, "CONNACK(1,00)");
        again.publish({.qos = 2, .id = 3});
        again.publish({.qos = 2, .id = 4});
        QCOMPARE(again.take(), (Log{"PUBREC(#3)", "EOF"}));
        QCOMPARE(world.takeRefusals(), Log{"v5 §4.13.2 97"});
        again = world.connected(hello, "CONNACK(1,00)");
        again.publish({.qos = 2, .id = 1, .dup = true});
        again.pubrel(1);
        again.publish({.qos = 2, .id = 4, .dup = true});
        QCOMPARE(again.take(), (Log{"PUBREC(#1)", "PUBCOMP(#1)", "PUBREC(#4)"}));
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
