// Scenarios D, E and F: QoS 1, QoS 2, flow control and identifiers, with the broker as the one under test.
#include "tests/broker/broker_world.h"

#include <QTest>

using namespace sessionscope;
using Log = QByteArrayList;

class BrokerQosTest : public QObject
{
    Q_OBJECT

private:
    static void publishEach(Peer &peer, int qos, quint16 firstId, const QByteArrayList &payloads)
    {
        for (const auto &payload : payloads)
            peer.publish({.qos = qos, .id = qos ? firstId++ : quint16(0), .payload = payload});
        if (qos == 2) {
            for (qsizetype i = 0; i < payloads.size(); ++i)
                peer.pubrel(--firstId);
        }
    }

private Q_SLOTS:
    // ---- D. QoS 1 ----

    void S45_an_id_used_again_is_a_new_message()
    {
        BrokerWorld world;
        Peer s = world.subscriber({}, "t", 0);
        Peer p = world.publisher();
        p.publish({.qos = 1, .id = 1});
        p.publish({.qos = 1, .id = 1, .dup = true});
        QCOMPARE(p.take(), (Log{"PUBACK(#1)", "PUBACK(#1)"}));
        QCOMPARE(s.take(), (Log{"PUB(q0 t x)", "PUB(q0 t x)"}));
    }

    void S48_ignores_an_acknowledgement_of_nothing()
    {
        BrokerWorld world;
        Peer s = world.connected({});
        s.puback(77);
        s.pubcomp(78);
        s.pubrec(79, 0x80);
        QVERIFY(s.isOpen());
        QCOMPARE(s.take(), Log{});
    }

    void S49_resends_what_is_open_in_order_and_then_goes_on()
    {
        BrokerWorld world;
        Peer s = world.subscriber({});
        Peer p = world.publisher();
        publishEach(p, 1, 1, {"a", "b", "c"});
        s.puback(2);
        s.cut();
        s = world.connected({.cs = false}, "CONNACK(1,00)");
        publishEach(p, 1, 4, {"d"});
        QCOMPARE(s.take(), (Log{"PUB(q1 #1 dup t a)", "PUB(q1 #3 dup t c)", "PUB(q1 #4 t d)"}));
    }

    void S52_sets_dup_only_on_a_resend()
    {
        BrokerWorld world;
        world.subscriber({}).cut();
        Peer p = world.publisher();
        publishEach(p, 1, 1, {"a"});
        Peer s = world.connected({.cs = false}, "CONNACK(1,00)");
        QCOMPARE(s.take(), Log{"PUB(q1 #1 t a)"});
        s.cut();
        s = world.connected({.cs = false}, "CONNACK(1,00)");
        QCOMPARE(s.take(), Log{"PUB(q1 #1 dup t a)"});
    }

    void S54_does_not_forward_dup()
    {
        BrokerWorld world;
        Peer s = world.subscriber({});
        world.publisher().publish({.qos = 1, .id = 1, .dup = true});
        QCOMPARE(s.take(), Log{"PUB(q1 #1 t x)"});
    }

    void tells_a_publisher_that_nobody_listens()
    {
        BrokerWorld world;
        Peer p = world.publisher();
        p.publish({.qos = 1, .id = 1});
        p.publish({.qos = 2, .id = 2});
        QCOMPARE(p.take(), (Log{"PUBACK(#1 10)", "PUBREC(#2 10)"}));
    }

    // ---- E. QoS 2 ----

    void S58_delivers_a_resent_message_once()
    {
        BrokerWorld world;
        Peer s = world.subscriber({}, "t", 0);
        Peer p = world.publisher();
        p.publish({.qos = 2, .id = 5});
        p.cut();
        p = world.connected({.id = "P", .cs = false}, "CONNACK(1,00)");
        p.publish({.qos = 2, .id = 5, .dup = true});
        p.pubrel(5);
        QCOMPARE(p.take(), (Log{"PUBREC(#5)", "PUBCOMP(#5)"}));
        QCOMPARE(s.take(), Log{"PUB(q0 t x)"});
    }

    void S59_S60_answers_repeats_of_a_held_id_without_delivery()
    {
        BrokerWorld world;
        Peer s = world.subscriber({}, "t", 0);
        Peer p = world.publisher();
        p.publish({.qos = 2, .id = 5});
        for (int i = 0; i < 5; ++i)
            p.publish({.qos = 2, .id = 5, .payload = "y"});
        QCOMPARE(p.take(), Log(6, "PUBREC(#5)"));
        QCOMPARE(s.take(), Log{"PUB(q0 t x)"});
    }

    void S61_answers_an_unknown_release()
    {
        BrokerWorld world;
        Peer p = world.publisher();
        p.sendBytes("62020007");
        QCOMPARE(p.bytes().toHex(), "7003000792");
        QVERIFY(p.isOpen());
    }

    void S62_answers_an_unknown_release_of_v3_without_a_reason()
    {
        BrokerWorld world;
        Peer p = world.connected({.id = "P", .version = Version::V311});
        p.sendBytes("62020007");
        QCOMPARE(p.bytes().toHex(), "70020007");
    }

    void S64_a_refused_id_is_free()
    {
        BrokerWorld world;
        Peer s = world.subscriber({}, "t", 0);
        Peer p = world.publisher();
        p.publish({.qos = 2, .id = 1, .topic = "$SYS/denied"});
        p.publish({.qos = 2, .id = 1});
        QCOMPARE(p.take(), (Log{"PUBREC(#1 87)", "PUBREC(#1)"}));
        QCOMPARE(s.take(), Log{"PUB(q0 t x)"});
    }

    void S65_releases_what_it_does_not_know()
    {
        BrokerWorld world;
        Peer s = world.connected({});
        s.pubrec(9);
        QCOMPARE(s.take(), Log{"PUBREL(#9 92)"});
    }

    void S67_takes_a_release_with_a_failure_reason()
    {
        BrokerWorld world;
        Peer p = world.publisher();
        p.publish({.qos = 2, .id = 5});
        p.take();
        p.pubrel(5, 0x92);
        QCOMPARE(p.take(), Log{"PUBCOMP(#5)"});
        QCOMPARE(world.session("P")->messagesOrNone().inbox.heldCount(), 0);
    }

    void S68_S69_owes_the_release_after_a_resume()
    {
        BrokerWorld world;
        Peer s = world.subscriber({});
        Peer p = world.publisher();
        publishEach(p, 2, 1, {"a"});
        s.pubrec(1);
        QCOMPARE(s.take(), (Log{"PUB(q2 #1 t a)", "PUBREL(#1)"}));
        s.cut();
        world.runTo(10);
        s = world.connected({.cs = false}, "CONNACK(1,00)");
        QCOMPARE(s.take(), Log{"PUBREL(#1)"});
        s.pubcomp(1, 0x92);
        QVERIFY(s.isOpen());
        QVERIFY(world.session("S")->messagesOrNone().outbox.isEmpty());
    }

    void S70_a_completed_id_starts_anew()
    {
        BrokerWorld world;
        Peer s = world.subscriber({}, "t", 0);
        Peer p = world.publisher();
        p.publish({.qos = 2, .id = 5});
        p.pubrel(5);
        p.publish({.qos = 2, .id = 5, .payload = "z"});
        QCOMPARE(s.take(), (Log{"PUB(q0 t x)", "PUB(q0 t z)"}));
    }

    void S71_a_wrong_acknowledgement_closes_and_leaves_the_message_open()
    {
        BrokerWorld world;
        Peer s = world.subscriber({});
        world.publisher().publish({.qos = 2, .id = 1});
        s.take();
        s.puback(1);
        QCOMPARE(s.take(), (Log{"DISCONNECT(82)", "EOF"}));
        QCOMPARE(world.connect({.cs = false}).take(), (Log{"CONNACK(1,00)", "PUB(q2 #1 dup t x)"}));
    }

    void S72_an_open_message_does_not_expire()
    {
        BrokerWorld world;
        Peer s = world.subscriber({});
        world.publisher().publish({.qos = 2, .id = 1, .mei = 5});
        world.runTo(1);
        s.cut();
        world.runTo(20);
        s = world.connected({.cs = false}, "CONNACK(1,00)");
        QCOMPARE(s.take(), Log{"PUB(q2 #1 dup t x mei=0)"});
        s.pubrec(1);
        s.pubcomp(1);
        QCOMPARE(s.take(), Log{"PUBREL(#1)"});
    }

    void S73_finishes_a_handshake_after_the_expiry()
    {
        BrokerWorld world;
        Peer p = world.publisher();
        p.publish({.qos = 2, .id = 5, .mei = 1});
        p.take();
        world.runTo(10);
        p.pubrel(5);
        QCOMPARE(p.take(), Log{"PUBCOMP(#5)"});
    }

    void S74_releases_in_the_order_of_the_answers()
    {
        BrokerWorld world;
        Peer s = world.subscriber({});
        Peer p = world.publisher();
        publishEach(p, 2, 1, {"a", "b"});
        s.take();
        s.pubrec(2);
        s.pubrec(1);
        QCOMPARE(s.take(), (Log{"PUBREL(#2)", "PUBREL(#1)"}));
    }

    void S76_resumes_mixed_exchanges_in_first_send_order()
    {
        BrokerWorld world;
        Peer s = world.subscriber({});
        Peer p = world.publisher();
        p.publish({.qos = 1, .id = 1, .payload = "a"});
        p.publish({.qos = 2, .id = 2, .payload = "b"});
        p.publish({.qos = 2, .id = 3, .payload = "c"});
        p.publish({.qos = 1, .id = 4, .payload = "d"});
        s.pubrec(2);
        s.cut();
        p.publish({.qos = 1, .id = 5, .payload = "e"});
        QCOMPARE(world.connect({.cs = false}).take(),
                 (Log{"CONNACK(1,00)", "PUB(q1 #1 dup t a)", "PUBREL(#2)", "PUB(q2 #3 dup t c)", "PUB(q1 #4 dup t d)",
                      "PUB(q1 #5 t e)"}));
    }

    // ---- F. Flow control ----

    void S77_respects_the_receive_maximum()
    {
        BrokerWorld world;
        Peer s = world.subscriber({.rm = 2});
        Peer p = world.publisher();
        publishEach(p, 1, 1, {"a", "b", "c", "d", "e"});
        QCOMPARE(s.take(), (Log{"PUB(q1 #1 t a)", "PUB(q1 #2 t b)"}));
        s.puback(1);
        QCOMPARE(s.take(), Log{"PUB(q1 #3 t c)"});
    }

    // MQTT-3.3.4-10
    void S78_everything_else_flows_without_quota()
    {
        BrokerWorld world;
        Peer s = world.subscriber({.rm = 1});
        Peer p = world.publisher();
        publishEach(p, 1, 1, {"a", "b"});
        s.take();
        s.send(PingreqPacket{});
        s.subscribe(9, "u", 1);
        s.publish({.qos = 2, .id = 1, .topic = "v"});
        s.pubrel(1);
        p.publish({.payload = "c"});
        QCOMPARE(s.take(), (Log{"PINGRESP", "SUBACK(#9 01)", "PUBREC(#1 10)", "PUBCOMP(#1)", "PUB(q0 t c)"}));
    }

    void S79_resends_as_a_smaller_quota_allows()
    {
        BrokerWorld world;
        Peer s = world.subscriber({.rm = 10});
        Peer p = world.publisher();
        publishEach(p, 1, 1, {"a", "b", "c", "d", "e"});
        s.cut();
        publishEach(p, 1, 6, {"f"});
        s = world.connected({.cs = false, .rm = 2}, "CONNACK(1,00)");
        QCOMPARE(s.take(), (Log{"PUB(q1 #1 dup t a)", "PUB(q1 #2 dup t b)"}));
        const Log following{"PUB(q1 #3 dup t c)", "PUB(q1 #4 dup t d)", "PUB(q1 #5 dup t e)", "PUB(q1 #6 t f)"};
        for (quint16 id = 1; id <= 4; ++id) {
            s.puback(id);
            QCOMPARE(s.take(), Log{following[id - 1]});
        }
    }

    void S80_uses_a_larger_quota_at_once()
    {
        BrokerWorld world;
        Peer s = world.subscriber({.rm = 1});
        Peer p = world.publisher();
        publishEach(p, 1, 1, {"a"});
        s.cut();
        publishEach(p, 1, 2, {"b", "c", "d", "e"});
        QCOMPARE(world.connect({.cs = false, .rm = 4}).take(),
                 (Log{"CONNACK(1,00)", "PUB(q1 #1 dup t a)", "PUB(q1 #2 t b)", "PUB(q1 #3 t c)", "PUB(q1 #4 t d)"}));
    }

    void S81_qos2_holds_its_quota_until_pubcomp()
    {
        BrokerWorld world;
        Peer s = world.subscriber({.rm = 1});
        Peer p = world.publisher();
        publishEach(p, 2, 1, {"a", "b"});
        s.take();
        s.pubrec(1);
        QCOMPARE(s.take(), Log{"PUBREL(#1)"});
        s.pubcomp(1);
        QCOMPARE(s.take(), Log{"PUB(q2 #2 t b)"});
    }

    void S82_an_owed_release_gives_no_quota_back()
    {
        BrokerWorld world;
        Peer s = world.subscriber({});
        Peer p = world.publisher();
        publishEach(p, 2, 1, {"a"});
        s.pubrec(1);
        s.cut();
        publishEach(p, 1, 2, {"b", "c"});
        s = world.connected({.cs = false, .rm = 1}, "CONNACK(1,00)");
        QCOMPARE(s.take(), (Log{"PUBREL(#1)", "PUB(q1 #2 t b)"}));
        s.pubcomp(1);
        QCOMPARE(s.take(), Log{});
        s.puback(2);
        QCOMPARE(s.take(), Log{"PUB(q1 #3 t c)"});
    }

    void S83_S84_S85_enforces_its_own_receive_maximum()
    {
        BrokerWorld world({.receiveMaximum = 2});
        world.subscriber({.id = "W"}, "t", 0);
        Peer p = world.publisher();
        p.publish({.qos = 2, .id = 1});
        p.publish({.qos = 2, .id = 2});
        p.publish({.qos = 2, .id = 2, .dup = true});
        QCOMPARE(p.take(), (Log{"PUBREC(#1)", "PUBREC(#2)", "PUBREC(#2)"}));
        p.publish({.qos = 2, .id = 3});
        QCOMPARE(p.take(), (Log{"DISCONNECT(93)", "EOF"}));
        QCOMPARE(world.session("P")->messagesOrNone().inbox.heldCount(), 2);
        p = world.connected({.id = "P", .cs = false}, "CONNACK(1,00)");
        p.publish({.qos = 2, .id = 3});
        p.publish({.qos = 2, .id = 4});
        QCOMPARE(p.take(), (Log{"PUBREC(#3)", "PUBREC(#4)"}));
    }

    void S86_refuses_a_receive_maximum_of_0()
    {
        BrokerWorld world;
        QCOMPARE(world.connect({.rm = 0}).take(), (Log{"CONNACK(0,82)", "EOF"}));
    }

    void limits_what_is_open_towards_v3()
    {
        BrokerWorld world({.receiveMaximum = 2});
        Peer s = world.subscriber({.version = Version::V311});
        Peer p = world.publisher();
        publishEach(p, 1, 1, {"a", "b", "c"});
        QCOMPARE(s.take(), (Log{"PUB(q1 #1 t a)", "PUB(q1 #2 t b)"}));
        s.puback(2);
        QCOMPARE(s.take(), Log{"PUB(q1 #3 t c)"});
    }

    void counts_a_message_the_receiver_refused()
    {
        BrokerWorld world;
        Peer s = world.subscriber({.rm = 1});
        Peer p = world.publisher();
        publishEach(p, 2, 1, {"a", "b"});
        s.take();
        s.pubrec(1, 0x97);
        QCOMPARE(s.take(), Log{"PUB(q2 #2 t b)"});
        QCOMPARE(world.takeDrops(), Log{"S t RefusedByReceiver"});
    }

    // ---- limits of the publisher ----

    void refuses_what_it_said_it_does_not_support_data()
    {
        QTest::addColumn<int>("qos");
        QTest::addColumn<bool>("retain");
        QTest::addColumn<QByteArray>("answer");
        QTest::newRow("QoS above the maximum") << 2 << false << QByteArray("DISCONNECT(9B)");
        QTest::newRow("retain") << 1 << true << QByteArray("DISCONNECT(9A)");
    }
    // MQTT-3.2.2-11, -14
    void refuses_what_it_said_it_does_not_support()
    {
        QFETCH(int, qos);
        QFETCH(bool, retain);
        QFETCH(QByteArray, answer);
        BrokerWorld world({.maximumQos = Qos::AtLeastOnce, .retainAvailable = false});
        Peer p = world.publisher();
        p.publish({.qos = qos, .id = 1, .retain = retain});
        QCOMPARE(p.take(), (Log{answer, "EOF"}));
    }

    // v3:MQTT-3.3.5-2
    void never_lets_a_client_publish_to_the_servers_topics()
    {
        BrokerWorld world({.systemInterval = std::chrono::seconds(0)});
        Peer w = world.subscriber({.id = "W"}, "$SYS/#");
        Peer v3 = world.connected({.id = "Q", .version = Version::V311});
        Peer p = world.publisher();
        p.publish({.topic = "$SYS/x"});
        p.publish({.qos = 1, .id = 1, .topic = "$SYS/x", .retain = true});
        v3.publish({.qos = 1, .id = 1, .topic = "$SYS/x"});
        QCOMPARE(p.take(), Log{"PUBACK(#1 87)"});
        QCOMPARE(v3.take(), Log{"PUBACK(#1)"});
        QCOMPARE(w.take(), Log{});
        QVERIFY(world.broker.retained.isEmpty());
        Hello hello{.id = "X", .will = will()};
        hello.will->topic = "$SYS/x";
        QCOMPARE(world.connect(hello).take(), (Log{"CONNACK(0,87)", "EOF"}));
    }

    void refuses_a_payload_that_is_not_what_it_says()
    {
        BrokerWorld world;
        Peer s = world.subscriber({});
        Peer p = world.publisher();
        const Properties text{{PropertyId::PayloadFormatIndicator, 1u}};
        p.publish({.qos = 1, .id = 1, .payload = "\xff", .properties = text});
        p.publish({.qos = 1, .id = 2, .payload = "fine", .properties = text});
        QCOMPARE(p.take(), (Log{"PUBACK(#1 99)", "PUBACK(#2)"}));
        QCOMPARE(s.take(), Log{"PUB(q1 #1 t fine)"});
    }

    // MQTT-4.13.1-1, v3:MQTT-4.8.0-1
    void answers_a_malformed_packet()
    {
        BrokerWorld world;
        Peer v5 = world.connected({.id = "A"});
        v5.sendBytes("3200");
        QCOMPARE(v5.take(), (Log{"DISCONNECT(81)", "EOF"}));
        Peer v3 = world.connected({.id = "B", .version = Version::V311});
        v3.sendBytes("3200");
        QCOMPARE(v3.take(), Log{"EOF"});
    }
};

QTEST_APPLESS_MAIN(BrokerQosTest)
#include "tst_broker_qos.moc"
