// Scenarios J: retained messages, overlapping filters and options, aliases across a resume.
#include "tests/broker/broker_world.h"

#include <QTest>

using namespace sessionscope;
using Log = QByteArrayList;

class BrokerSubscriptionsTest : public QObject
{
    Q_OBJECT

private:
    static inline const Log nothing{};

    static void retain(BrokerWorld &world, const QByteArray &topic, const QByteArray &payload, int qos = 0,
                       std::optional<quint32> mei = {})
    {
        Peer p = world.publisher();
        p.publish(
            {.qos = qos, .id = quint16(qos ? 1 : 0), .topic = topic, .payload = payload, .retain = true, .mei = mei});
    }

private Q_SLOTS:
    // ---- overlapping filters, options ----

    // MQTT-3.3.4-2, -4
    void merges_overlapping_subscriptions_into_one_copy()
    {
        BrokerWorld world;
        Peer s = world.connected({});
        s.subscribe(1, "a/b", 0, {}, 7);
        s.subscribe(2, "a/+", 2, {.retainAsPublished = true}, 8);
        s.subscribe(3, "a/#", 1);
        s.take();
        Peer other = world.subscriber({.id = "O"}, "a/#", 0);
        world.publisher().publish({.qos = 1, .id = 1, .topic = "a/b", .retain = true});
        const Log log = s.take();
        QCOMPARE(log.size(), 1);
        QVERIFY2(log[0].startsWith("PUB(q1 #1 retain a/b x"), log[0].constData());
        QVERIFY(log[0].contains("subid=7") && log[0].contains("subid=8"));
        QCOMPARE(other.take(), Log{"PUB(q0 a/b x)"});
    }

    // MQTT-3.8.3-3
    void no_local_and_retain_as_published_do_what_they_say()
    {
        BrokerWorld world;
        Peer a = world.subscriber({.id = "A"}, "t", 0, {.noLocal = true});
        Peer b = world.subscriber({.id = "B"}, "t", 0, {.noLocal = true, .retainAsPublished = true});
        a.publish({.retain = true});
        QCOMPARE(a.take(), nothing);
        QCOMPARE(b.take(), Log{"PUB(q0 retain t x)"});
        a.subscribe(2, "+", 0);
        a.take();
        a.publish({});
        QCOMPARE(a.take(), Log{"PUB(q0 t x)"});
    }

    // MQTT-3.10.4-2
    void what_was_found_for_a_topic_is_forgotten_with_the_subscriptions()
    {
        BrokerWorld world;
        Peer p = world.publisher();
        Peer a = world.subscriber({.id = "A"}, "t", 0);
        p.publish({.payload = "1"});
        Peer b = world.subscriber({.id = "B"}, "+", 0);
        p.publish({.payload = "2"});
        p.publish({.topic = "u", .payload = "3"});
        a.unsubscribe(2, "t");
        p.publish({.payload = "4"});
        b.disconnect(0, 0);
        p.publish({.payload = "5"});
        QCOMPARE(a.take(), (Log{"PUB(q0 t 1)", "PUB(q0 t 2)", "UNSUBACK(#2 00)"}));
        QCOMPARE(b.take(), (Log{"PUB(q0 t 2)", "PUB(q0 u 3)", "PUB(q0 t 4)", "EOF"}));
    }

    // MQTT-3.8.4-1, -5, -6, -7, MQTT-3.9.3-1, MQTT-3.10.4-6, MQTT-3.11.3-1
    void answers_each_filter_for_itself()
    {
        BrokerWorld world({.maximumSubscriptions = 3, .maximumTopicLevels = 3});
        Peer s = world.connected({});
        s.send(SubscribePacket{{1},
                               {},
                               {{"a/#/b", {}},
                                {"ok", {Qos::ExactlyOnce}},
                                {"$share//x", {}},
                                {"a/b/c/d", {}},
                                {"a/b/c", {}},
                                {"third", {}},
                                {"fourth", {}},
                                {"ok", {Qos::AtLeastOnce}}}});
        QCOMPARE(s.take(), Log{"SUBACK(#1 8F 02 8F 97 00 00 97 01)"});
        s.send(UnsubscribePacket{{2}, {}, {"ok", "ok", "+x"}});
        QCOMPARE(s.take(), Log{"UNSUBACK(#2 00 11 8F)"});
        QCOMPARE(world.session("S")->subscriptions.size(), 2u);
    }

    // v3:MQTT-2.3.1-7, v3:MQTT-3.8.4-1, -2, v3:MQTT-3.9.3-2, v3:MQTT-3.10.4-4, -5, v3:MQTT-4.7.1-2
    void v3_gets_failure_codes_it_knows_and_a_close_for_a_bad_filter()
    {
        BrokerWorld world({.maximumSubscriptions = 1});
        Peer s = world.connected({.version = Version::V311});
        s.subscribe(1, "a", 2);
        s.subscribe(2, "b", 2);
        s.unsubscribe(3, "nothing");
        QCOMPARE(s.bytes().toHex(), "9003000102"
                                    "9003000280"
                                    "b0020003");
        s.take();
        s.subscribe(4, "a/#/b", 0);
        QCOMPARE(s.take(), Log{"EOF"});
    }

    // [D-42]
    void v31_has_no_failure_code_and_is_closed_before_anything_is_done()
    {
        BrokerWorld world({.maximumSubscriptions = 2, .maximumSubscriptionBytes = subscriptionBytes("t") + 20});
        for (const QList<SubscribePacket::Entry> &tooMuch :
             {QList<SubscribePacket::Entry>{{"a", {}}, {"b", {}}}, {{"a-filter-of-20-bytes", {}}}}) {
            Peer s = world.connected({.cs = false, .version = Version::V31});
            s.subscribe(1, "t", 2);
            s.subscribe(2, "t", 1); // the one that it has
            QCOMPARE(s.take(), (Log{"SUBACK(#1 02)", "SUBACK(#2 01)"}));
            s.send(SubscribePacket{{3}, {}, tooMuch});
            QCOMPARE(s.take(), Log{"EOF"});
            QCOMPARE(world.takeRefusals(), Log{"v5 §4.13.2 97"});
            QCOMPARE(world.session("S")->subscriptions.size(), 1u);
        }
    }

    void v31_counts_a_filter_that_comes_twice_once()
    {
        BrokerWorld world({.maximumSubscriptions = 1});
        Peer s = world.connected({.cs = false, .version = Version::V31});
        s.send(SubscribePacket{{1}, {}, {{"a", {}}, {"a", {.maximumQos = Qos::AtLeastOnce}}}});
        QCOMPARE(s.take(), Log{"SUBACK(#1 00 01)"});
        QCOMPARE(world.session("S")->subscriptions.size(), 1u);
    }

    void an_id_that_is_held_for_qos2_cannot_subscribe()
    {
        BrokerWorld world;
        Peer s = world.connected({});
        s.publish({.qos = 2, .id = 5});
        s.take();
        s.subscribe(5, "t", 0);
        s.unsubscribe(5, "t");
        QCOMPARE(s.take(), (Log{"SUBACK(#5 91)", "UNSUBACK(#5 91)"}));
    }

    // ---- J. Retained, aliases, limits across a resume ----

    // MQTT-3.3.1-6, -9
    void replays_retained_messages_by_topic_and_removes_them()
    {
        BrokerWorld world;
        retain(world, "a/1", "one", 1);
        retain(world, "a/2", "two");
        retain(world, "b/1", "other");
        Peer s = world.connected({});
        s.subscribe(1, "a/#", 2, {}, 9);
        QCOMPARE(s.take(),
                 (Log{"SUBACK(#1 02)", "PUB(q1 #1 retain a/1 one subid=9)", "PUB(q0 retain a/2 two subid=9)"}));
        retain(world, "a/1", "");
        QCOMPARE(s.take(), Log{"PUB(q0 a/1 subid=9)"});
        QCOMPARE(world.broker.retained.size(), 2);
    }

    void searches_the_retained_messages_for_no_more_filters_than_it_should()
    {
        BrokerWorld world;
        constexpr int topics = 1000;
        for (int i = 0; i < topics; ++i)
            retain(world, "many/" + QByteArray::number(i), "x");
        Peer s = world.connected({});
        SubscribePacket packet{PacketId{1}, {}, {}};
        constexpr int filters = 200;
        for (int i = 0; i < filters; ++i)
            packet.entries.append(SubscribePacket::Entry{i % 2 ? "many/+" : "#", {}});
        s.send(packet);
        const qsizetype sent = s.take().size() - 1;
        QCOMPARE(sent, qsizetype(deliveriesAtOnce));
        const qsizetype found = sent + world.broker.queuedMessages + world.takeDrops().size();
        QVERIFY2(found <= retainedLooksAtOnce + topics, QByteArray::number(found));
        QCOMPARE(world.takeRefusals(), Log{"v5 §4.13.2 97"});
        QVERIFY(s.isOpen());
    }

    // MQTT-3.3.1-11
    void S129_S130_replays_at_subscribe_only()
    {
        BrokerWorld world;
        retain(world, "t", "kept");
        Peer s = world.connected({});
        s.subscribe(1, "t", 0);
        QCOMPARE(s.take(), (Log{"SUBACK(#1 00)", "PUB(q0 retain t kept)"}));
        s.cut();
        s = world.connected({.cs = false}, "CONNACK(1,00)");
        QCOMPARE(s.take(), nothing);
        s.subscribe(2, "t", 0, {.retainHandling = RetainHandling::SendIfNew});
        QCOMPARE(s.take(), Log{"SUBACK(#2 00)"});
        s.subscribe(3, "t", 0);
        QCOMPARE(s.take(), (Log{"SUBACK(#3 00)", "PUB(q0 retain t kept)"}));
        s.cut();
        s = world.connected({.cs = true});
        s.subscribe(4, "t", 0, {.retainHandling = RetainHandling::SendIfNew});
        QCOMPARE(s.take(), (Log{"SUBACK(#4 00)", "PUB(q0 retain t kept)"}));
        s.subscribe(5, "t/#", 0, {.retainHandling = RetainHandling::DoNotSend});
        QCOMPARE(s.take(), Log{"SUBACK(#5 00)"});
    }

    void S131_retained_messages_outlive_their_publisher()
    {
        BrokerWorld world;
        Peer p = world.connected({.id = "P", .sei = 0});
        p.publish({.retain = true});
        p.cut();
        Peer s = world.connected({});
        s.subscribe(1, "t", 0);
        QCOMPARE(s.take(), (Log{"SUBACK(#1 00)", "PUB(q0 retain t x)"}));
    }

    void limits_retained_messages_but_not_their_replacement()
    {
        BrokerWorld world({.maximumTopicLevels = 3, .maximumRetained = 1});
        Peer p = world.publisher();
        p.publish({.qos = 1, .id = 1, .topic = "a", .retain = true});
        p.publish({.qos = 1, .id = 2, .topic = "b", .retain = true});
        p.publish({.qos = 1, .id = 3, .topic = "a", .payload = "y", .retain = true});
        p.publish({.qos = 1, .id = 4, .topic = "a", .payload = "", .retain = true});
        p.publish({.qos = 1, .id = 5, .topic = "a/b/c/d", .retain = true});
        QCOMPARE(p.take(), (Log{"PUBACK(#1 10)", "PUBACK(#2 97)", "PUBACK(#3 10)", "PUBACK(#4 10)", "PUBACK(#5 97)"}));
        QVERIFY(world.broker.retained.isEmpty());
    }

    void expired_retained_messages_make_room()
    {
        BrokerWorld world({.maximumRetained = 1});
        Peer p = world.publisher();
        p.publish({.qos = 1, .id = 1, .topic = "a", .retain = true, .mei = 5});
        p.publish({.qos = 1, .id = 2, .topic = "b", .retain = true});
        world.runTo(11);
        p.publish({.qos = 1, .id = 3, .topic = "b", .retain = true});
        QCOMPARE(p.take(), (Log{"PUBACK(#1 10)", "PUBACK(#2 97)", "PUBACK(#3 10)"}));
        QCOMPARE(world.broker.retained.size(), 1);
    }

    void S132_new_options_count_for_later_messages_only()
    {
        BrokerWorld world;
        Peer s = world.subscriber({}, "t", 2, {}, 7);
        Peer p = world.publisher();
        p.publish({.qos = 2, .id = 1, .payload = "a"});
        s.subscribe(4, "t", 0, {}, 8);
        p.publish({.qos = 2, .id = 2, .payload = "b"});
        QCOMPARE(s.take(), (Log{"PUB(q2 #1 t a subid=7)", "SUBACK(#4 00)", "PUB(q0 t b subid=8)"}));
        s.cut();
        s = world.connected({.cs = false}, "CONNACK(1,00)");
        QCOMPARE(s.take(), Log{"PUB(q2 #1 dup t a subid=7)"});
    }

    void S133_unsubscribe_does_not_end_an_open_exchange()
    {
        BrokerWorld world;
        Peer s = world.subscriber({});
        Peer p = world.publisher();
        p.publish({.qos = 2, .id = 1});
        s.pubrec(1);
        s.unsubscribe(4, "t");
        s.cut();
        p.publish({.qos = 1, .id = 2});
        QCOMPARE(world.connect({.cs = false}).take(), (Log{"CONNACK(1,00)", "PUBREL(#1)"}));
    }

    void S134_a_queued_copy_keeps_its_identifier()
    {
        BrokerWorld world;
        world.subscriber({}, "t", 2, {}, 7).cut();
        world.publisher().publish({.qos = 1, .id = 1});
        QCOMPARE(world.connect({.cs = false}).take(), (Log{"CONNACK(1,00)", "PUB(q1 #1 t x subid=7)"}));
    }

    void S135_aliases_live_as_long_as_the_connection()
    {
        BrokerWorld world;
        Peer s = world.subscriber({});
        Peer p = world.publisher();
        const Properties alias{{PropertyId::TopicAlias, 1u}};
        p.publish({.properties = alias});
        p.publish({.topic = "", .payload = "y", .properties = alias});
        QCOMPARE(s.take(), (Log{"PUB(q0 t x)", "PUB(q0 t y)"}));
        p.cut();
        p = world.connected({.id = "P", .cs = false}, "CONNACK(1,00)");
        p.publish({.topic = "", .properties = alias});
        QCOMPARE(p.take(), (Log{"DISCONNECT(82)", "EOF"}));
    }

    // MQTT-3.3.2-8, -9
    void refuses_an_alias_above_its_maximum()
    {
        for (const quint32 alias : {0u, 11u}) {
            BrokerWorld world;
            Peer p = world.publisher();
            p.publish({.properties = {{PropertyId::TopicAlias, alias}}});
            QCOMPARE(p.take(), (Log{"DISCONNECT(94)", "EOF"}));
        }
    }
};

QTEST_APPLESS_MAIN(BrokerSubscriptionsTest)
#include "tst_broker_subscriptions.moc"
