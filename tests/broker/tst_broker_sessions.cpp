// Scenarios A and B: create, resume, expire; Session Expiry on DISCONNECT.
#include "tests/broker/broker_world.h"

#include <QTest>

using namespace sessionscope;
using Log = QByteArrayList;

class BrokerSessionsTest : public QObject
{
    Q_OBJECT

private:
    // Ends the connection of A (sei=300, by DISCONNECT) and says whether A still exists at an instant.
    static QByteArray presenceAt(BrokerWorld &world, double seconds)
    {
        world.runTo(seconds);
        return world.connect({.id = "A", .cs = false}).take().value(0);
    }
    static inline const QByteArray resumed = "CONNACK(1,00)";
    static inline const QByteArray fresh = "CONNACK(0,00)";

private Q_SLOTS:
    void S01_ends_a_session_without_expiry_with_its_connection()
    {
        BrokerWorld world;
        Peer a = world.subscriber({.id = "A", .sei = 0});
        world.runTo(10);
        a.cut();
        world.runTo(11);
        Peer again = world.connected({.id = "A", .cs = false, .sei = 0}, fresh);
        world.publisher().publish({});
        QCOMPARE(again.take(), Log{});
    }

    void S02_keeps_subscriptions_and_queues_while_detached()
    {
        BrokerWorld world;
        Peer a = world.subscriber({.id = "A", .sei = 100}, "t", 1);
        world.runTo(10);
        a.cut();
        world.runTo(20);
        world.publisher().publish({.qos = 1, .id = 1});
        world.runTo(50);
        QCOMPARE(world.connect({.id = "A", .cs = false}).take(), (Log{"CONNACK(1,00)", "PUB(q1 #1 t x)"}));
    }

    void S03_creates_when_there_is_nothing_to_resume()
    {
        BrokerWorld world;
        Peer a = world.connected({.id = "A", .cs = false, .sei = 100}, fresh);
        a.cut();
        QCOMPARE(presenceAt(world, 99), resumed);
    }

    void S04_clean_start_forgets_everything()
    {
        BrokerWorld world;
        Peer a = world.subscriber({.id = "A", .sei = 100});
        a.subscribe(2, "u", 1);
        Peer p = world.publisher();
        p.publish({.qos = 2, .id = 1});
        a.cut();
        for (quint16 id = 2; id < 5; ++id)
            p.publish({.qos = 1, .id = id});
        Peer again = world.connect({.id = "A", .cs = true, .sei = 100});
        p.publish({.topic = "t"});
        p.publish({.topic = "u"});
        QCOMPARE(again.take(), Log{fresh});
        QCOMPARE(world.broker.queuedMessages, 0);
    }

    void S05_keeps_the_session_until_just_before_its_end()
    {
        BrokerWorld world;
        Peer a = world.connected({.id = "A", .sei = 10});
        world.runTo(100);
        a.cut();
        QCOMPARE(presenceAt(world, 109.999), resumed);
    }

    void S06_ends_the_session_exactly_at_its_end()
    {
        BrokerWorld world;
        Peer a = world.connected({.id = "A", .sei = 10});
        world.runTo(100);
        a.cut();
        QCOMPARE(presenceAt(world, 110), fresh);
    }

    void S07_does_not_wait_for_a_late_timer()
    {
        BrokerWorld world;
        Peer a = world.connected({.id = "A", .sei = 10});
        world.runTo(100);
        a.cut();
        world.jumpTo(110.001);
        Peer again = world.subscriber({.id = "A", .cs = false});
        world.event(Tick{});
        QVERIFY(again.isOpen());
        QVERIFY(world.session("A"));
        world.publisher().publish({});
        QCOMPARE(again.take(), Log{"PUB(q0 t x)"});
    }

    void S08_never_ends_a_session_that_never_expires()
    {
        BrokerWorld world;
        world.connected({.id = "A", .sei = sessionNeverExpires}).cut();
        QCOMPARE(presenceAt(world, 6.3e9), resumed);
    }

    void S09_does_not_wrap_at_32_bits()
    {
        for (const auto &[seconds, expected] : {std::pair(4294967298.0, resumed), std::pair(4294967299.0, fresh)}) {
            BrokerWorld world;
            Peer a = world.connected({.id = "A", .sei = 0xFFFFFFFE});
            world.runTo(5);
            a.cut();
            QCOMPARE(presenceAt(world, seconds), expected);
        }
    }

    void S10_takes_an_absent_expiry_for_0()
    {
        BrokerWorld world;
        world.subscriber({.id = "A", .cs = false, .sei = {}}).cut();
        QCOMPARE(presenceAt(world, 1), fresh);
    }

    void S11_forgets_the_expiry_of_the_connection_before()
    {
        BrokerWorld world;
        world.connected({.id = "A", .sei = 300}).cut();
        world.connected({.id = "A", .cs = false, .sei = 0}, resumed).cut();
        QCOMPARE(presenceAt(world, 1), fresh);
    }

    void S12_starts_the_clock_at_the_close()
    {
        BrokerWorld world;
        Peer a = world.connected({.id = "A", .sei = 100});
        world.runTo(500);
        a.cut();
        QCOMPARE(presenceAt(world, 599), resumed);
    }

    void S13_closes_a_silent_client_and_starts_the_clock_then()
    {
        for (const auto &[seconds, expected] : {std::pair(34.9, resumed), std::pair(35.0, fresh)}) {
            BrokerWorld world;
            Peer a = world.connected({.id = "A", .sei = 20, .ka = 10});
            world.runTo(14.999);
            QVERIFY(a.isOpen());
            world.runTo(15);
            QCOMPARE(a.take(), (Log{"DISCONNECT(8D)", "EOF"}));
            QCOMPARE(presenceAt(world, seconds), expected);
        }
    }

    void S14_caps_the_expiry_and_says_so()
    {
        for (const auto &[seconds, expected] : {std::pair(3599.0, resumed), std::pair(3600.0, fresh)}) {
            BrokerWorld world({.maximumSessionExpiry = 3600});
            Peer a = world.connect({.id = "A", .sei = 86400});
            QVERIFY(a.bytes().contains(QByteArray::fromHex("1100000e10")));
            a.cut();
            QCOMPARE(presenceAt(world, seconds), expected);
        }
    }

    void S15_says_nothing_about_an_expiry_it_accepts()
    {
        BrokerWorld world({.maximumSessionExpiry = 3600});
        Peer a = world.connect({.id = "A", .sei = 60});
        const auto connack = decode(a.bytes(), Version::V5);
        QVERIFY(!propertiesOf(*connack)->contains(PropertyId::SessionExpiryInterval));
    }

    // MQTT-4.12.0-1, MQTT-3.1.4-2
    void a_refused_connect_leaves_the_session_alone()
    {
        BrokerWorld world;
        world.subscriber({.id = "A", .sei = 60}, "t", 1).cut();
        world.publisher().publish({.qos = 1, .id = 1});
        Hello refused{.id = "A"};
        refused.properties.add(PropertyId::AuthenticationMethod, "SCRAM-SHA-256");
        QCOMPARE(world.connect(refused).take(), (Log{"CONNACK(0,8C)", "EOF"}));
        QCOMPARE(world.connect({.id = "A", .cs = false}).take(), (Log{"CONNACK(1,00)", "PUB(q1 #1 t x)"}));
    }

    void S17_a_malformed_connect_leaves_the_session_alone()
    {
        BrokerWorld world;
        world.connected({.id = "A"}).cut();
        ConnectPacket packet = BrokerWorld::packetOf({.id = "A"});
        packet.strayFlags = 1;
        Peer peer = world.open();
        peer.send(packet);
        QCOMPARE(peer.take(), (Log{"CONNACK(0,81)", "EOF"}));
        QCOMPARE(presenceAt(world, 1), resumed);
    }

    void closes_when_the_client_cannot_take_its_connack()
    {
        BrokerWorld world;
        Hello tight{.id = "A"};
        tight.properties.add(PropertyId::MaximumPacketSize, 5u);
        Peer a = world.connect(tight);
        QCOMPARE(a.take(), Log{"EOF"});
        QVERIFY(!world.session("A")->isConnected());
    }

    // MQTT-3.1.4-5
    void S19_serves_what_was_written_behind_the_connect()
    {
        BrokerWorld world;
        Peer a = world.connect({.id = "A"});
        a.subscribe(1, "t", 1);
        a.publish({.qos = 1, .id = 2});
        QCOMPARE(a.take(), (Log{"CONNACK(0,00)", "SUBACK(#1 01)", "PUB(q1 #1 t x)", "PUBACK(#2)"}));
    }

    void S20_a_second_connect_closes_and_fires_the_will()
    {
        BrokerWorld world;
        Peer w = world.subscriber({.id = "W"}, "w");
        Peer a = world.connected({.id = "A", .sei = 300, .will = will()});
        a.send(BrokerWorld::packetOf({.id = "A"}));
        QCOMPARE(a.take(), (Log{"DISCONNECT(82)", "EOF"}));
        QCOMPARE(w.take(), Log{"PUB(q0 w gone)"});
        QCOMPARE(presenceAt(world, 299), resumed);
    }

    void S21_disconnect_replaces_the_expiry()
    {
        for (const auto &[seconds, expected] : {std::pair(9.9, resumed), std::pair(10.0, fresh)}) {
            BrokerWorld world;
            Peer a = world.connected({.id = "A"});
            a.sendBytes("e00700051100 00000a");
            QCOMPARE(a.take(), Log{"EOF"});
            QCOMPARE(presenceAt(world, seconds), expected);
        }
    }

    void S22_disconnect_can_end_the_session_at_once()
    {
        BrokerWorld world;
        Peer a = world.subscriber({.id = "A"}, "$share/g/t");
        a.disconnect(0, 0);
        QCOMPARE(world.takeEnds(), Log{"A"});
        QCOMPARE(world.broker.subscriptions.nodeCount(), 0);
        QCOMPARE(presenceAt(world, 0), fresh);
    }

    void S23_plain_disconnect_keeps_the_expiry()
    {
        BrokerWorld world;
        world.connected({.id = "A"}).sendBytes("e000");
        QCOMPARE(presenceAt(world, 299.9), resumed);
    }

    void S24_S25_refuses_to_raise_an_expiry_of_0()
    {
        for (const std::optional<quint32> sei : {std::optional<quint32>(0), std::optional<quint32>()}) {
            BrokerWorld world;
            Peer w = world.subscriber({.id = "W"}, "w");
            Peer a = world.connected({.id = "A", .sei = sei, .will = will(30)});
            a.disconnect(0, 60);
            QCOMPARE(a.take(), (Log{"DISCONNECT(82)", "EOF"}));
            QCOMPARE(w.take(), Log{"PUB(q0 w gone)"});
            QCOMPARE(presenceAt(world, 0), fresh);
        }
    }

    void S26_accepts_0_after_0()
    {
        BrokerWorld world;
        Peer a = world.connected({.id = "A", .sei = 0});
        a.disconnect(0, 0);
        QCOMPARE(a.take(), Log{"EOF"});
    }

    void S27_disconnect_can_make_a_session_permanent()
    {
        BrokerWorld world;
        world.connected({.id = "A"}).disconnect(0, sessionNeverExpires);
        QCOMPARE(presenceAt(world, 1e9), resumed);
    }

    void S28_the_cap_wins_over_disconnect()
    {
        BrokerWorld world({.maximumSessionExpiry = 0});
        Peer a = world.connected({.id = "A", .sei = 300});
        a.disconnect(0, 60);
        QCOMPARE(a.take(), Log{"EOF"});
        QCOMPARE(presenceAt(world, 0), fresh);
    }

    void S29_the_rule_looks_at_the_value_of_the_connect()
    {
        BrokerWorld world({.minimumSessionExpiry = 300});
        Peer a = world.connect({.id = "A", .sei = 0});
        QVERIFY(a.bytes().contains(QByteArray::fromHex("110000012c")));
        a.take();
        a.disconnect(0, 60);
        QCOMPARE(a.take(), (Log{"DISCONNECT(82)", "EOF"}));
    }

    void S30_a_repeated_expiry_is_no_clean_disconnect()
    {
        BrokerWorld world;
        Peer w = world.subscriber({.id = "W"}, "w");
        Peer a = world.connected({.id = "A", .sei = 300, .will = will()});
        a.sendBytes("e00c000a110000000a1100000014");
        QCOMPARE(a.take(), (Log{"DISCONNECT(82)", "EOF"}));
        QCOMPARE(w.take(), Log{"PUB(q0 w gone)"});
        QCOMPARE(presenceAt(world, 299), resumed);
    }

    // MQTT-3.1.0-1, v3:MQTT-3.1.0-1
    void closes_what_sends_anything_before_connect()
    {
        BrokerWorld world;
        Peer a = world.open();
        a.send(PingreqPacket{});
        QCOMPARE(a.take(), Log{"EOF"});
        QCOMPARE(world.broker.counters.connectionsRefused, 1u);
    }

    void closes_what_never_connects()
    {
        BrokerWorld world;
        Peer a = world.open();
        world.runTo(9.9);
        QVERIFY(a.isOpen());
        world.runTo(10);
        QCOMPARE(a.take(), Log{"EOF"});
        QVERIFY(world.broker.connections.empty());
        QVERIFY(!nextDeadline(world.broker));
    }

    // MQTT-3.1.2-2
    void answers_an_unknown_protocol_level()
    {
        BrokerWorld world;
        Peer a = world.open();
        a.sendBytes("100e00044d5154540602003c0000 0161");
        QCOMPARE(a.take(), (Log{"CONNACK(0,84)", "EOF"}));
    }

    void refuses_sessions_above_the_limit_but_resumes_old_ones()
    {
        BrokerWorld world({.maximumSessions = 1});
        world.connected({.id = "A"}).cut();
        QCOMPARE(world.connect({.id = "B"}).take(), (Log{"CONNACK(0,97)", "EOF"}));
        QCOMPARE(presenceAt(world, 1), resumed);
    }

    // MQTT-3.2.2-9
    void announces_its_limits()
    {
        BrokerWorld world({.receiveMaximum = 7,
                           .maximumPacketSize = 4096,
                           .topicAliasMaximum = 3,
                           .maximumQos = Qos::AtLeastOnce,
                           .retainAvailable = false,
                           .maximumKeepAlive = 30});
        const auto connack = decode(world.connect({.ka = 60}).bytes(), Version::V5);
        const Properties &told = *propertiesOf(*connack);
        QCOMPARE(told.integer(PropertyId::ReceiveMaximum), 7u);
        QCOMPARE(told.integer(PropertyId::MaximumPacketSize), 4096u);
        QCOMPARE(told.integer(PropertyId::TopicAliasMaximum), 3u);
        QCOMPARE(told.integer(PropertyId::MaximumQos), 1u);
        QCOMPARE(told.integer(PropertyId::RetainAvailable), 0u);
        QCOMPARE(told.integer(PropertyId::ServerKeepAlive), 30u);
    }

    void kicks_a_client_and_keeps_its_session()
    {
        BrokerWorld world;
        Peer a = world.connected({.id = "A"});
        world.event(KickClient{"A"});
        QCOMPARE(a.take(), (Log{"DISCONNECT(98)", "EOF"}));
        world.event(KickClient{"A"});
        world.event(KickClient{"nobody"});
        QCOMPARE(presenceAt(world, 1), resumed);
    }

    void ends_a_session_on_command_and_publishes_its_will()
    {
        BrokerWorld world;
        Peer w = world.subscriber({.id = "W"}, "w");
        Peer a = world.connected({.id = "A", .will = will(100)});
        world.event(EndSession{"A"});
        QCOMPARE(a.take(), (Log{"DISCONNECT(98)", "EOF"}));
        QCOMPARE(w.take(), Log{"PUB(q0 w gone)"});
        QCOMPARE(presenceAt(world, 0), fresh);
    }
};

QTEST_APPLESS_MAIN(BrokerSessionsTest)
#include "tst_broker_sessions.moc"
