// Scenarios I and J: shared subscriptions, retained messages, overlapping filters and options, aliases and limits
// across a resume.
#include "tests/broker/broker_world.h"

#include <QTest>

using namespace sessionscope;
using Log = QByteArrayList;

class BrokerSubscriptionsTest : public QObject
{
    Q_OBJECT

private:
    static inline const Log nothing{};

    static Peer member(BrokerWorld &world, const QByteArray &id, quint32 sei = 300)
    {
        return world.subscriber({.id = id, .sei = sei}, "$share/g/t");
    }
    static void retain(BrokerWorld &world, const QByteArray &topic, const QByteArray &payload, int qos = 0,
                       std::optional<quint32> mei = {})
    {
        Peer p = world.publisher();
        p.publish(
            {.qos = qos, .id = quint16(qos ? 1 : 0), .topic = topic, .payload = payload, .retain = true, .mei = mei});
    }

private Q_SLOTS:
    // ---- I. Shared subscriptions ----

    void gives_each_message_of_a_group_to_one_connected_member()
    {
        BrokerWorld world;
        Peer a = member(world, "A");
        Peer b = member(world, "B");
        Peer whole = world.subscriber({.id = "W"});
        Peer p = world.publisher();
        for (const char *payload : {"1", "2", "3", "4"})
            p.publish({.payload = payload});
        QCOMPARE(a.take().size(), 2);
        QCOMPARE(b.take().size(), 2);
        QCOMPARE(whole.take().size(), 4);
        a.cut();
        p.publish({.payload = "5"});
        p.publish({.payload = "6"});
        QCOMPARE(b.take(), (Log{"PUB(q0 t 5)", "PUB(q0 t 6)"}));
    }

    void a_group_passes_over_a_member_that_does_not_read()
    {
        BrokerWorld world;
        Peer a = member(world, "A");
        Peer b = member(world, "B");
        Peer p = world.publisher();
        world.event(ConnectionBlocked{a.link()});
        for (const char *payload : {"1", "2", "3", "4"})
            p.publish({.payload = payload});
        QCOMPARE(b.take().size(), 4);
        world.event(ConnectionBlocked{b.link()});
        p.publish({.qos = 1, .id = 1, .payload = "5"});
        QCOMPARE(world.broker.queuedMessages, 1);
        world.event(ConnectionDrained{a.link()});
        world.event(ConnectionDrained{b.link()});
        QCOMPARE(a.take().size() + b.take().size(), 1);
    }

    void S122_gives_a_sent_qos1_message_to_another_member_at_session_end()
    {
        BrokerWorld world;
        Peer a = member(world, "A", 5);
        world.publisher().publish({.qos = 1, .id = 1});
        QCOMPARE(a.take(), Log{"PUB(q1 #1 t x)"});
        Peer b = member(world, "B");
        world.publisher();
        a.cut();
        world.runTo(4.9);
        QCOMPARE(b.take(), nothing);
        world.runTo(5);
        QCOMPARE(b.take(), Log{"PUB(q1 #1 t x)"});
        b.puback(1);
        world.runTo(1000);
        QCOMPARE(b.take(), nothing);
    }

    void S123_S124_never_gives_a_sent_qos2_message_to_another_member()
    {
        for (const bool resumes : {false, true}) {
            BrokerWorld world;
            Peer a = member(world, "A", 5);
            world.publisher().publish({.qos = 2, .id = 1});
            Peer b = member(world, "B");
            a.cut();
            world.runTo(3);
            if (resumes)
                QCOMPARE(world.connect({.id = "A", .cs = false}).take(), (Log{"CONNACK(1,00)", "PUB(q2 #1 dup t x)"}));
            world.runTo(100);
            QCOMPARE(b.take(), nothing);
        }
    }

    void S125_a_refused_message_is_gone_for_the_group()
    {
        BrokerWorld world;
        Peer a = member(world, "A", 5);
        world.publisher().publish({.qos = 1, .id = 1});
        Peer b = member(world, "B");
        a.puback(1, 0x80);
        a.cut();
        world.runTo(10);
        QCOMPARE(b.take(), nothing);
    }

    void S126_gives_queued_messages_to_another_member_at_session_end()
    {
        BrokerWorld world;
        Peer a = member(world, "A", 5);
        a.cut();
        Peer p = world.publisher();
        for (quint16 id = 1; id <= 3; ++id)
            p.publish({.qos = 1, .id = id, .payload = QByteArray::number(id)});
        Peer b = member(world, "B");
        world.runTo(5);
        QCOMPARE(b.take(), (Log{"PUB(q1 #1 t 1)", "PUB(q1 #2 t 2)", "PUB(q1 #3 t 3)"}));
        QCOMPARE(world.broker.queuedMessages, 0);
    }

    void gives_no_expired_message_to_another_member()
    {
        BrokerWorld world;
        Peer a = member(world, "A", 5);
        a.cut();
        world.publisher().publish({.qos = 1, .id = 1, .mei = 3});
        Peer b = member(world, "B");
        world.runTo(5);
        QCOMPARE(b.take(), nothing);
        QCOMPARE(world.takeDrops(), Log{"B t Expired"});
    }

    void S127_a_group_without_members_keeps_nothing()
    {
        BrokerWorld world;
        member(world, "A", 5).cut();
        world.publisher().publish({.qos = 1, .id = 1, .retain = true});
        world.runTo(5);
        Peer b = member(world, "B");
        QCOMPARE(b.take(), nothing);
        world.publisher().publish({.qos = 1, .id = 1, .payload = "new"});
        QCOMPARE(b.take(), Log{"PUB(q1 #1 t new)"});
    }

    void S128_subscribing_twice_is_one_membership()
    {
        BrokerWorld world;
        Peer a = member(world, "A");
        a.subscribe(2, "$share/g/t", 1);
        a.unsubscribe(3, "$share/g/t");
        QCOMPARE(a.take(), (Log{"SUBACK(#2 01)", "UNSUBACK(#3 00)"}));
        world.publisher().publish({});
        QCOMPARE(a.take(), nothing);
        QCOMPARE(world.session("A")->sharedSubscriptions, 0u);
    }

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
        BrokerWorld world({.maximumSubscriptions = 2, .maximumSubscriptionBytes = 20});
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

    void v3_may_share_too()
    {
        BrokerWorld world;
        Peer s = world.subscriber({.version = Version::V311}, "$share/g/t", 1);
        world.publisher().publish({.qos = 1, .id = 1});
        QCOMPARE(s.take(), Log{"PUB(q1 #1 t x)"});
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

    void S138_skips_what_is_larger_than_the_receiver_takes()
    {
        BrokerWorld world;
        Peer s = world.subscriber({.rm = 1});
        Peer p = world.publisher();
        const QByteArray big(900, 'b');
        p.publish({.qos = 1, .id = 1, .payload = big});
        s.cut();
        p.publish({.qos = 1, .id = 2, .payload = big});
        p.publish({.qos = 1, .id = 3, .payload = "small"});
        Hello tight{.cs = false};
        tight.properties.add(PropertyId::MaximumPacketSize, 100u);
        s = world.connected(tight, "CONNACK(1,00)");
        QCOMPARE(s.take(), Log{"PUB(q1 #2 t small)"});
        QCOMPARE(world.takeDrops(), Log(2, "S t TooLargeForReceiver"));
        QVERIFY(!world.session("S")->messagesOrNone().outbox.isInUse({1}));
        p.publish({.payload = big});
        QCOMPARE(s.take(), nothing);
    }

    // MQTT-3.1.2-24
    void S138_the_limit_is_exact()
    {
        BrokerWorld world;
        // 1 + 1 + (2 + 1) + 2 + 1 + payload at QoS 1 with a topic of one byte.
        Hello tight{};
        tight.properties.add(PropertyId::MaximumPacketSize, 60u);
        Peer s = world.subscriber(tight);
        Peer p = world.publisher();
        p.publish({.qos = 1, .id = 1, .payload = QByteArray(52, 'x')});
        QCOMPARE(s.bytes().size(), 60);
        p.publish({.qos = 1, .id = 2, .payload = QByteArray(53, 'x')});
        QCOMPARE(s.take().size(), 1);
    }

    void S140_queues_qos0_only_when_asked_to()
    {
        for (const bool queues : {false, true}) {
            BrokerWorld world({.queueQos0Offline = queues});
            world.subscriber({}).cut();
            Peer p = world.publisher();
            p.publish({.payload = "a"});
            p.publish({.qos = 1, .id = 1, .payload = "b"});
            const Log expected =
                queues ? Log{"CONNACK(1,00)", "PUB(q0 t a)", "PUB(q1 #1 t b)"} : Log{"CONNACK(1,00)", "PUB(q1 #1 t b)"};
            QCOMPARE(world.connect({.cs = false}).take(), expected);
            QCOMPARE(world.takeDrops(), queues ? Log{} : Log{"S t QosZeroOffline"});
        }
    }

    void S141_a_full_queue_refuses_the_newest()
    {
        BrokerWorld world({.maximumQueuedMessages = 3});
        world.subscriber({}).cut();
        Peer p = world.publisher();
        for (quint16 id = 1; id <= 5; ++id)
            p.publish({.qos = 1, .id = id, .payload = QByteArray::number(id)});
        QCOMPARE(p.take(), (Log{"PUBACK(#1)", "PUBACK(#2)", "PUBACK(#3)", "PUBACK(#4)", "PUBACK(#5)"}));
        QCOMPARE(world.takeDrops(), Log(2, "S t QueueFull"));
        QCOMPARE(world.session("S")->dropped, 2u);
        QCOMPARE(world.broker.counters.messagesDropped, 2u);
        QCOMPARE(world.connect({.cs = false}).take(),
                 (Log{"CONNACK(1,00)", "PUB(q1 #1 t 1)", "PUB(q1 #2 t 2)", "PUB(q1 #3 t 3)"}));
    }

    void S141_bytes_are_limited_too()
    {
        BrokerWorld world({.maximumQueuedBytes = 100});
        world.subscriber({}).cut();
        Peer p = world.publisher();
        for (quint16 id = 1; id <= 3; ++id)
            p.publish({.qos = 1, .id = id, .payload = QByteArray(40, 'x')});
        QCOMPARE(world.session("S")->messagesOrNone().queue.size(), 2);
    }

    void S142_evicts_qos0_first()
    {
        BrokerWorld world({.queueQos0Offline = true, .maximumQueuedMessages = 2});
        world.subscriber({}).cut();
        Peer p = world.publisher();
        p.publish({.payload = "a"});
        p.publish({.payload = "b"});
        p.publish({.qos = 1, .id = 1, .payload = "c"});
        QCOMPARE(world.connect({.cs = false}).take(), (Log{"CONNACK(1,00)", "PUB(q0 t b)", "PUB(q1 #1 t c)"}));
    }

    void a_full_queue_forgets_what_expired_before_it_refuses()
    {
        BrokerWorld world({.maximumQueuedMessages = 2});
        world.subscriber({}).cut();
        Peer p = world.publisher();
        p.publish({.qos = 1, .id = 1, .payload = "a", .mei = 5});
        p.publish({.qos = 1, .id = 2, .payload = "b"});
        world.runTo(5);
        p.publish({.qos = 1, .id = 3, .payload = "c"});
        QCOMPARE(world.takeDrops(), Log{"S t Expired"});
        QCOMPARE(world.connect({.cs = false}).take(), (Log{"CONNACK(1,00)", "PUB(q1 #1 t b)", "PUB(q1 #2 t c)"}));
    }

    void a_long_queue_goes_out_in_portions_and_in_order()
    {
        constexpr int count = 2 * deliveriesAtOnce + 500;
        BrokerWorld world;
        Peer p = world.publisher();
        for (int i = 0; i < count; ++i)
            p.publish({.topic = "many/" + QByteArray::number(100'000 + i), .retain = true});
        Peer s = world.connected({});
        s.subscribe(1, "many/#", 0);
        p.publish({.topic = "many/100000", .payload = "live"});
        QCOMPARE(s.take().size(), 1 + deliveriesAtOnce);
        QCOMPARE(world.broker.queuedMessages, count - deliveriesAtOnce + 1);
        world.runTo(0);
        const Log rest = s.take();
        QCOMPARE(rest.size(), count - deliveriesAtOnce + 1);
        QCOMPARE(rest.last(), "PUB(q0 many/100000 live)");
        QCOMPARE(world.broker.queuedMessages, 0);
        world.runTo(1000);
        QVERIFY(s.isOpen());
    }

    void a_blocked_link_gets_nothing_until_it_drained()
    {
        BrokerWorld world;
        Peer s = world.subscriber({});
        Peer p = world.publisher();
        world.event(ConnectionBlocked{s.link()});
        p.publish({.payload = "a"});
        p.publish({.qos = 1, .id = 1, .payload = "b"});
        p.publish({.qos = 2, .id = 2, .payload = "c"});
        QCOMPARE(s.take(), nothing);
        world.event(ConnectionDrained{s.link()});
        p.publish({.payload = "d"});
        QCOMPARE(s.take(), (Log{"PUB(q0 t a)", "PUB(q1 #1 t b)", "PUB(q2 #2 t c)", "PUB(q0 t d)"}));
        QCOMPARE(world.takeDrops(), nothing);
    }

    void a_blocked_link_loses_qos0_when_too_much_waits()
    {
        BrokerConfig config;
        config.maximumBlockedBytes = 25;
        BrokerWorld world(config);
        Peer s = world.subscriber({});
        Peer p = world.publisher();
        world.event(ConnectionBlocked{s.link()});
        for (const char *payload : {"123456789", "abcdefghi", "too much"})
            p.publish({.payload = payload});
        p.publish({.qos = 1, .id = 1, .payload = "kept however much"});
        QCOMPARE(world.takeDrops(), Log{"S t QosZeroBlocked"});
        world.event(ConnectionDrained{s.link()});
        QCOMPARE(s.take(), (Log{"PUB(q0 t 123456789)", "PUB(q0 t abcdefghi)", "PUB(q1 #1 t kept however much)"}));
    }

    void what_waited_for_a_connection_at_qos0_goes_with_it()
    {
        BrokerWorld world;
        Peer s = world.subscriber({.sei = 60});
        Peer p = world.publisher();
        world.event(ConnectionBlocked{s.link()});
        p.publish({.payload = "a"});
        p.publish({.qos = 1, .id = 1, .payload = "b"});
        s.cut();
        QCOMPARE(world.takeDrops(), Log{"S t QosZeroOffline"});
        Peer again = world.connect({.cs = false});
        QCOMPARE(again.take(), (Log{"CONNACK(1,00)", "PUB(q1 #1 t b)"}));
    }

    // MQTT-3.3.4-9, MQTT-4.9.0-2
    void qos0_passes_what_waits_for_the_quota()
    {
        BrokerWorld world;
        Peer s = world.subscriber({.rm = 1});
        Peer p = world.publisher();
        world.event(ConnectionBlocked{s.link()});
        p.publish({.qos = 1, .id = 1, .payload = "a"});
        p.publish({.qos = 1, .id = 2, .payload = "b"});
        p.publish({.payload = "c"});
        world.event(ConnectionDrained{s.link()});
        QCOMPARE(s.take(), (Log{"PUB(q1 #1 t a)", "PUB(q0 t c)"}));
        s.puback(1);
        QCOMPARE(s.take(), Log{"PUB(q1 #2 t b)"});
    }
};

QTEST_APPLESS_MAIN(BrokerSubscriptionsTest)
#include "tst_broker_subscriptions.moc"
