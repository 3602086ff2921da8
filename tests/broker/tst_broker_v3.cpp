// The broker towards 3.1.1: what its statements demand and no scenario plays. Before 5.0 an acknowledgement says
// nothing, a refusal after CONNACK is a close, and Clean Session is the whole life of a session.
#include "tests/broker/broker_world.h"

#include <QTest>

using namespace sessionscope;
using Log = QByteArrayList;

class BrokerV3Test : public QObject
{
    Q_OBJECT

private:
    static inline const Log nothing{};

    static Hello v3(const QByteArray &id, bool cleanSession = true)
    {
        return {.id = id, .cs = cleanSession, .version = Version::V311};
    }
    static Log retainedFor(BrokerWorld &world, const QByteArray &filter)
    {
        Peer late = world.connected(v3("late"));
        late.subscribe(1, filter, 2);
        return late.take().mid(1);
    }

private Q_SLOTS:
    // ---- CONNECT ----

    // v3:MQTT-3.1.2-1, -2, -3, v3:MQTT-3.1.4-1, v3:MQTT-3.2.2-5, -6
    void answers_a_bad_connect_with_a_return_code_or_not_at_all_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QByteArray>("answer");
        QTest::newRow("another protocol") << QByteArray("100d00044d5154580402003c000161") << QByteArray();
        QTest::newRow("unknown level") << QByteArray("100d00044d5154540202003c000161") << QByteArray("20020001");
        QTest::newRow("reserved flag") << QByteArray("100d00044d5154540403003c000161") << QByteArray();
        QTest::newRow("no client identifier") << QByteArray("100a00044d5154540402003c") << QByteArray();
        QTest::newRow("will flag without a will") << QByteArray("100d00044d5154540406003c000161") << QByteArray();
        QTest::newRow("will QoS 3") << QByteArray("101200044d515454041e003c0001610001770000") << QByteArray();
        QTest::newRow("password without user name")
            << QByteArray("101000044d5154540442003c000161000170") << QByteArray();
        QTest::newRow("a field too many") << QByteArray("101000044d5154540402003c000161000175") << QByteArray();
        QTest::newRow("identifier is no UTF-8") << QByteArray("100d00044d5154540402003c0001ff") << QByteArray();
    }
    void answers_a_bad_connect_with_a_return_code_or_not_at_all()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QByteArray, answer);
        BrokerWorld world;
        Peer a = world.open(Version::V311);
        a.sendBytes(bytes);
        QCOMPARE(a.bytes().toHex(), answer);
        QCOMPARE(a.take().last(), "EOF");
        QVERIFY(world.broker.sessions.empty());
    }

    // v3:MQTT-3.1.3-9
    void refuses_an_identifier_above_its_limit()
    {
        BrokerWorld world({.maximumClientIdSize = 8});
        Peer a = world.connect(v3("123456789"));
        QCOMPARE(a.bytes().toHex(), "20020002");
        QVERIFY(!a.isOpen());
    }

    // v3:MQTT-3.1.3-2, -5
    void takes_identifiers_of_23_letters_and_digits_and_keeps_them_apart()
    {
        BrokerWorld world;
        Peer first = world.connect(v3("0123456789abcdefghijklm", false));
        Peer second = world.connect(v3("NOPQRSTUVWXYZnopqrstuvw", false));
        QCOMPARE(first.bytes().toHex(), "20020000");
        QCOMPARE(second.bytes().toHex(), "20020000");
        first.subscribe(1, "t", 0);
        first.take();
        second.take();
        world.publisher().publish({});
        QCOMPARE(first.take(), Log{"PUB(q0 t x)"});
        QCOMPARE(second.take(), nothing);
    }

    // v3:MQTT-3.1.0-2
    void a_second_connect_closes_and_fires_the_will()
    {
        BrokerWorld world;
        Peer w = world.subscriber({.id = "W"}, "w");
        Hello hello = v3("A");
        hello.will = will();
        Peer a = world.connected(hello);
        a.send(BrokerWorld::packetOf(hello));
        QCOMPARE(a.take(), Log{"EOF"});
        QCOMPARE(w.take(), Log{"PUB(q0 w gone)"});
    }

    // v3:MQTT-3.1.4-5
    void hears_nothing_after_a_refused_connect()
    {
        BrokerWorld world({.maximumClientIdSize = 1});
        Peer w = world.subscriber({.id = "W"}, "t");
        Peer a = world.connect(v3("long"));
        world.event(BrokerPacketArrived{a.link(), {PublishPacket{.topic = "t", .payload = "x"}}, {}});
        QCOMPARE(w.take(), nothing);
    }

    // v3:MQTT-3.1.4-3, v3:MQTT-3.1.2-4, -6, v3:MQTT-3.2.2-1, -2
    void a_takeover_follows_clean_session()
    {
        for (const bool clean : {false, true}) {
            BrokerWorld world;
            Peer old = world.connected(v3("A", false));
            old.subscribe(1, "t", 1);
            old.take();
            Peer again = world.connect(v3("A", clean));
            QCOMPARE(again.bytes().toHex(), clean ? "20020000" : "20020100");
            QCOMPARE(old.take(), Log{"EOF"});
            again.take();
            world.publisher().publish({});
            QCOMPARE(again.take(), clean ? nothing : Log{"PUB(q0 t x)"});
        }
    }

    // v3:MQTT-4.1.0-1, -2
    void keeps_a_session_over_years_and_reconnects()
    {
        BrokerWorld world;
        Peer a = world.connected(v3("A", false));
        a.subscribe(1, "t", 1);
        world.runTo(1e9);
        for (int i = 0; i < 3; ++i) {
            a.cut();
            world.runTo(2e9 + i * 1e9);
            a = world.connected(v3("A", false), "CONNACK(1,00)");
        }
        world.publisher().publish({.qos = 1, .id = 1});
        QCOMPARE(a.take(), Log{"PUB(q1 #1 t x)"});
    }

    // v3:MQTT-3.1.2-24
    void closes_after_one_and_a_half_times_the_keep_alive()
    {
        BrokerWorld world;
        Peer w = world.subscriber({.id = "W"}, "w");
        Hello hello = v3("A");
        hello.ka = 10;
        hello.will = will();
        Peer a = world.connected(hello);
        world.runTo(14.9);
        QVERIFY(a.isOpen());
        world.runTo(15);
        QCOMPARE(a.take(), Log{"EOF"});
        QCOMPARE(w.take(), Log{"PUB(q0 w gone)"});
    }

    // v3:MQTT-3.12.4-1
    void answers_a_ping()
    {
        BrokerWorld world;
        Peer a = world.connected(v3("A"));
        a.sendBytes("c000");
        QCOMPARE(a.bytes().toHex(), "d000");
    }

    // ---- wills ----

    // v3:MQTT-3.1.2-8, -10, -12, -16, -17
    void publishes_a_will_once_and_retained_as_it_says()
    {
        for (const bool retain : {false, true}) {
            BrokerWorld world;
            Peer w = world.subscriber({.id = "W"}, "w");
            Hello hello = v3("A", false);
            hello.will = will({}, retain);
            world.connected(hello).cut();
            QCOMPARE(w.take(), Log{"PUB(q0 w gone)"});
            hello.will.reset();
            world.connected(hello, "CONNACK(1,00)").cut();
            world.runTo(1e6);
            QCOMPARE(w.take(), nothing);
            QCOMPARE(retainedFor(world, "w"), retain ? Log{"PUB(q0 retain w gone)"} : nothing);
        }
    }

    // ---- retained messages ----

    // v3:MQTT-3.1.2-7, v3:MQTT-3.3.1-5, -6, -8
    void retains_what_is_to_be_retained_beyond_its_session()
    {
        BrokerWorld world;
        Peer p = world.connected(v3("P"));
        p.publish({.qos = 2, .id = 1, .topic = "a/1", .retain = true});
        p.publish({.topic = "a/2", .payload = "y", .retain = true});
        p.publish({.topic = "b", .retain = true});
        p.cut();
        QCOMPARE(retainedFor(world, "a/#"), (Log{"PUB(q2 #1 retain a/1 x)", "PUB(q0 retain a/2 y)"}));
    }

    // v3:MQTT-3.3.1-7, -12
    void a_retained_message_of_qos0_replaces_and_a_plain_one_does_not()
    {
        BrokerWorld world;
        Peer p = world.connected(v3("P"));
        p.publish({.qos = 1, .id = 1, .payload = "one", .retain = true});
        p.publish({.payload = "two", .retain = true});
        p.publish({.qos = 1, .id = 2, .payload = "three"});
        QCOMPARE(retainedFor(world, "t"), Log{"PUB(q0 retain t two)"});
    }

    // v3:MQTT-3.3.1-9, -10, -11
    void forwards_without_retain_and_clears_by_an_empty_message()
    {
        BrokerWorld world;
        Peer live = world.connected(v3("L"));
        live.subscribe(1, "#", 0);
        live.take();
        Peer p = world.connected(v3("P"));
        p.publish({.topic = "fresh", .payload = "", .retain = true});
        p.publish({.topic = "t", .payload = "x", .retain = true});
        p.publish({.topic = "t", .payload = "", .retain = true});
        QCOMPARE(live.take(), (Log{"PUB(q0 fresh)", "PUB(q0 t x)", "PUB(q0 t)"}));
        QCOMPARE(retainedFor(world, "#"), nothing);
    }

    // ---- requests ----

    // v3:MQTT-3.8.4-1, -4, -5, v3:MQTT-3.9.3-1, -2, v3:MQTT-3.10.4-6
    void answers_filters_in_their_order_with_one_packet()
    {
        BrokerWorld world({.maximumSubscriptions = 2});
        Peer s = world.connected(v3("S"));
        s.send(SubscribePacket{
            {0xABCD}, {}, {{"a", {Qos::AtLeastOnce}}, {"a", {Qos::AtMostOnce}}, {"b", {Qos::ExactlyOnce}}, {"c", {}}}});
        s.send(UnsubscribePacket{{2}, {}, {"b", "c"}});
        QCOMPARE(s.bytes().toHex(), "9006abcd01000280"
                                    "b0020002");
        s.take();
        world.publisher().publish({.qos = 1, .id = 1, .topic = "a"});
        QCOMPARE(s.take(), Log{"PUB(q0 a x)"});
    }

    // v3:MQTT-3.8.3-2
    void refuses_wildcards_that_it_does_not_support()
    {
        BrokerWorld world({.wildcardSubscriptionAvailable = false});
        Peer s = world.connected(v3("S"));
        s.subscribe(1, "a/#", 1);
        s.subscribe(2, "a/b", 1);
        QCOMPARE(s.bytes().toHex(), "9003000180"
                                    "9003000201");
    }

    // v3:MQTT-3.10.4-1, -2
    void unsubscribes_the_equal_filter_and_no_other()
    {
        BrokerWorld world;
        Peer s = world.connected(v3("S"));
        s.subscribe(1, "a/+", 0);
        s.unsubscribe(2, "a/b");
        Peer p = world.publisher();
        p.publish({.topic = "a/b"});
        s.unsubscribe(3, "a/+");
        p.publish({.topic = "a/b"});
        QCOMPARE(s.take(), (Log{"SUBACK(#1 00)", "UNSUBACK(#2)", "PUB(q0 a/b x)", "UNSUBACK(#3)"}));
    }

    // v3:MQTT-3.10.4-3
    void finishes_a_delivery_after_unsubscribe()
    {
        BrokerWorld world;
        Peer s = world.connected(v3("S"));
        s.subscribe(1, "t", 2);
        world.publisher().publish({.qos = 2, .id = 1});
        s.take();
        s.unsubscribe(2, "t");
        s.pubrec(1);
        QCOMPARE(s.take(), (Log{"UNSUBACK(#2)", "PUBREL(#1)"}));
    }

    // v3:MQTT-3.3.5-1, v3:MQTT-3.8.4-6
    void delivers_overlapping_subscriptions_at_their_highest_qos()
    {
        BrokerWorld world;
        Peer s = world.connected(v3("S"));
        s.subscribe(1, "a/#", 1);
        s.subscribe(2, "a/b", 2);
        s.subscribe(3, "+/b", 0);
        s.take();
        Peer p = world.publisher();
        p.publish({.qos = 2, .id = 1, .topic = "a/b"});
        p.publish({.qos = 2, .id = 2, .topic = "a/c"});
        p.publish({.qos = 2, .id = 3, .topic = "c/b"});
        QCOMPARE(s.take(), (Log{"PUB(q2 #1 a/b x)", "PUB(q1 #2 a/c x)", "PUB(q0 c/b x)"}));
    }

    // ---- messages ----

    // v3:MQTT-2.3.1-6, v3:MQTT-3.3.4-1, v3:MQTT-4.3.1-1, v3:MQTT-4.3.2-2, v3:MQTT-4.3.3-2
    void acknowledges_by_the_messages_qos()
    {
        BrokerWorld world;
        Peer s = world.subscriber({.id = "S"}, "t", 0);
        Peer p = world.connected(v3("P"));
        p.publish({.payload = "0"});
        QCOMPARE(p.bytes(), QByteArray());
        p.publish({.qos = 1, .id = 0x1234, .payload = "1"});
        p.publish({.qos = 1, .id = 0x1234, .payload = "1", .dup = true});
        p.publish({.qos = 2, .id = 5, .payload = "2"});
        p.publish({.qos = 2, .id = 5, .payload = "2", .dup = true});
        p.pubrel(5);
        p.publish({.qos = 2, .id = 5, .payload = "3"});
        QCOMPARE(p.bytes().toHex(), "40021234"
                                    "40021234"
                                    "50020005"
                                    "50020005"
                                    "70020005"
                                    "50020005");
        QCOMPARE(s.take(), (Log{"PUB(q0 t 0)", "PUB(q0 t 1)", "PUB(q0 t 1)", "PUB(q0 t 2)", "PUB(q0 t 3)"}));
    }

    // v3:MQTT-3.3.1-3
    void does_not_forward_dup()
    {
        BrokerWorld world;
        Peer s = world.connected(v3("S"));
        s.subscribe(1, "t", 1);
        s.take();
        world.connected(v3("P")).publish({.qos = 1, .id = 1, .dup = true});
        QCOMPARE(s.take(), Log{"PUB(q1 #1 t x)"});
    }

    // v3:MQTT-4.5.0-1
    void adds_a_message_to_every_session_that_subscribes()
    {
        BrokerWorld world;
        std::vector<Peer> peers;
        for (const char *id : {"A", "B", "C"}) {
            peers.push_back(world.connected(v3(id, false)));
            peers.back().subscribe(1, "t", 1);
            peers.back().take();
        }
        peers[1].cut();
        peers[2].cut();
        world.publisher().publish({.qos = 1, .id = 1});
        QCOMPARE(peers[0].take(), Log{"PUB(q1 #1 t x)"});
        for (const char *id : {"B", "C"})
            QCOMPARE(world.connect(v3(id, false)).take(), (Log{"CONNACK(1,00)", "PUB(q1 #1 t x)"}));
    }

    // v3:MQTT-2.2.2-2, v3:MQTT-4.8.0-1
    void closes_over_whatever_is_wrong_and_disturbs_nobody_else_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("flags of PUBACK") << QByteArray("42020001");
        QTest::newRow("flags of SUBSCRIBE") << QByteArray("8006000100016100");
        QTest::newRow("flags of PINGREQ") << QByteArray("c100");
        QTest::newRow("QoS 3") << QByteArray("360600016100 0178");
        QTest::newRow("topic is no UTF-8") << QByteArray("30050003eda080");
        QTest::newRow("options of 5.0") << QByteArray("8206000100016104");
        QTest::newRow("AUTH") << QByteArray("f000");
        QTest::newRow("packet of a server") << QByteArray("d000");
    }
    void closes_over_whatever_is_wrong_and_disturbs_nobody_else()
    {
        QFETCH(QByteArray, bytes);
        BrokerWorld world;
        Peer w = world.subscriber({.id = "W"}, "w");
        Hello hello = v3("A");
        hello.will = will();
        Peer a = world.connected(hello);
        a.sendBytes(bytes);
        QCOMPARE(a.bytes(), QByteArray());
        QCOMPARE(a.take(), Log{"EOF"});
        QCOMPARE(w.take(), Log{"PUB(q0 w gone)"});
    }
};

QTEST_APPLESS_MAIN(BrokerV3Test)
#include "tst_broker_v3.moc"
