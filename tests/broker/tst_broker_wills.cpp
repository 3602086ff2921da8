// Scenarios G and H: wills, and the takeover of a connection by the same Client Identifier.
#include "tests/broker/broker_world.h"

#include <QTest>

using namespace sessionscope;
using Log = QByteArrayList;

class BrokerWillsTest : public QObject
{
    Q_OBJECT

private:
    static inline const Log gone{"PUB(q0 w gone)"};
    static inline const Log nothing{};

    struct Watched
    {
        BrokerWorld world;
        Peer w = world.subscriber({.id = "W"}, "w");
        Peer a;
        explicit Watched(const Hello &hello) : a(world.connected(hello)) {}
        Log at(double seconds)
        {
            world.runTo(seconds);
            return w.take();
        }
    };
    static Hello withWill(std::optional<quint32> delay, quint32 sei)
    {
        return {.id = "A", .sei = sei, .will = will(delay)};
    }

private Q_SLOTS:
    // ---- G. Will ----

    void S91_publishes_at_the_close()
    {
        Watched x(withWill({}, 60));
        x.a.cut();
        QCOMPARE(x.at(0), gone);
    }

    void S92_waits_for_the_delay()
    {
        Watched x(withWill(10, 60));
        x.a.cut();
        QCOMPARE(x.at(9.9), nothing);
        QCOMPARE(x.at(10), gone);
        QCOMPARE(x.at(59), nothing);
        QVERIFY(x.world.session("A"));
    }

    void S93_S104_publishes_once_with_the_sessions_end()
    {
        for (const quint32 delay : {60u, 10u}) {
            Watched x(withWill(delay, 10));
            x.a.cut();
            QCOMPARE(x.at(9.999), nothing);
            QCOMPARE(x.at(10), gone);
            QCOMPARE(x.at(100), nothing);
            QCOMPARE(x.world.connect({.id = "A", .cs = false}).take(), Log{"CONNACK(0,00)"});
        }
    }

    void S94_does_not_wait_when_the_session_ends()
    {
        Watched x(withWill(10, 0));
        x.a.cut();
        QCOMPARE(x.at(0), gone);
    }

    void S95_a_resume_cancels_the_will_for_good()
    {
        Watched x(withWill(10, 60));
        x.a.cut();
        x.world.runTo(5);
        Peer a = x.world.connected({.id = "A", .cs = false}, "CONNACK(1,00)");
        x.world.runTo(6);
        a.cut();
        QCOMPARE(x.at(500), nothing);
    }

    void S96_clean_start_publishes_the_pending_will()
    {
        Watched x(withWill(10, 60));
        x.a.cut();
        x.world.runTo(5);
        x.world.connected({.id = "A"}, "CONNACK(0,00)");
        QCOMPARE(x.at(5), gone);
        QCOMPARE(x.at(500), nothing);
    }

    void S97_a_refused_connect_does_not_touch_the_will()
    {
        Watched x(withWill(10, 60));
        x.a.cut();
        x.world.runTo(5);
        x.world.connect({.id = "A", .rm = 0});
        QCOMPARE(x.at(9.9), nothing);
        QCOMPARE(x.at(10), gone);
    }

    void S98_a_clean_disconnect_deletes_the_will()
    {
        Watched x(withWill(10, 60));
        x.a.sendBytes("e000");
        QCOMPARE(x.at(500), nothing);
    }

    void S99_disconnect_with_will_keeps_it()
    {
        Watched x(withWill(10, 60));
        x.a.sendBytes("e00104");
        QCOMPARE(x.at(9.9), nothing);
        QCOMPARE(x.at(10), gone);
    }

    void S100_disconnect_that_ends_the_session_publishes_at_once()
    {
        Watched x(withWill(10, 60));
        x.a.disconnect(4, 0);
        QCOMPARE(x.at(0), gone);
    }

    void S101_S102_S103_only_a_clean_disconnect_deletes_it_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QByteArrayList>("answer");
        QTest::newRow("reason that does not exist") << QByteArray("e001ff") << Log{"DISCONNECT(82)", "EOF"};
        QTest::newRow("reserved flags") << QByteArray("e100") << Log{"DISCONNECT(81)", "EOF"};
        QTest::newRow("client error") << QByteArray("e00180") << Log{"EOF"};
    }
    void S101_S102_S103_only_a_clean_disconnect_deletes_it()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QByteArrayList, answer);
        Watched x(withWill({}, 60));
        x.a.sendBytes(bytes);
        QCOMPARE(x.a.take(), answer);
        QCOMPARE(x.at(0), gone);
    }

    void S105_the_wills_expiry_counts_from_its_publication()
    {
        Watched x({.id = "A", .sei = 200, .will = will(100, true, 5)});
        x.a.cut();
        QCOMPARE(x.at(103), Log{"PUB(q0 w gone mei=5)"});
        Peer early = x.world.connected({.id = "E"});
        early.subscribe(1, "w", 0);
        QCOMPARE(early.take(), (Log{"SUBACK(#1 00)", "PUB(q0 retain w gone mei=2)"}));
        x.world.runTo(106);
        Peer late = x.world.connected({.id = "L"});
        late.subscribe(1, "w", 0);
        QCOMPARE(late.take(), Log{"SUBACK(#1 00)"});
    }

    void a_will_that_is_due_is_not_sent_over_the_connection_that_just_closed()
    {
        BrokerWorld world;
        Peer w = world.subscriber({.id = "W"}, "w");
        Will armed = will(5);
        armed.qos = Qos::AtLeastOnce;
        world.connected({.id = "A", .will = armed}).cut();
        world.jumpTo(10); // the timer is late: the close is what the broker hears of first
        w.cut();
        QCOMPARE(w.take(), nothing);
        w = world.connected({.id = "W", .cs = false}, "CONNACK(1,00)");
        QCOMPARE(w.take(), Log{"PUB(q1 #1 w gone)"});
    }

    void S107_each_connect_replaces_the_will()
    {
        Watched x(withWill({}, 60));
        Hello second{.id = "A", .cs = false, .will = will()};
        second.will->payload = "second";
        x.a.disconnect();
        x.world.connected(second, "CONNACK(1,00)").cut();
        QCOMPARE(x.at(0), Log{"PUB(q0 w second)"});
    }

    void S108_shutdown_tells_everybody_and_keeps_wills_armed()
    {
        BrokerWorld world;
        Peer a = world.connected(withWill({}, 60));
        Peer w = world.subscriber({.id = "W"}, "w", 1);
        Peer v3 = world.connected({.id = "Q", .version = Version::V311});
        Peer silent = world.open();
        world.event(ShutDown{});
        QCOMPARE(a.take(), (Log{"DISCONNECT(8B)", "EOF"}));
        QCOMPARE(w.take(), (Log{"DISCONNECT(8B)", "EOF"}));
        QCOMPARE(v3.take(), Log{"EOF"});
        QCOMPARE(silent.take(), Log{"EOF"});
        QVERIFY(world.broker.connections.empty());
        QVERIFY(world.session("A") && world.session("W"));
    }

    void S109_v3_will_goes_with_the_connection()
    {
        for (const bool clean : {true, false}) {
            Watched x({.id = "A", .cs = clean, .version = Version::V311, .will = will()});
            x.a.sendBytes("e000");
            QCOMPARE(x.at(0), nothing);
            Peer a = x.world.connect({.id = "A", .cs = clean, .version = Version::V311, .will = will()});
            a.cut();
            QCOMPARE(x.at(0), gone);
        }
    }

    // MQTT-3.1.2-15
    void a_retained_will_is_retained()
    {
        Watched x({.id = "A", .sei = 60, .will = will({}, true)});
        x.a.cut();
        QCOMPARE(x.at(0), gone);
        QCOMPARE(x.world.broker.retained.size(), 1);
    }

    // ---- H. Takeover ----

    // MQTT-3.1.4-4
    void S110_hands_the_session_over_and_publishes_the_will()
    {
        Watched x(withWill({}, 100));
        Peer again = x.world.connect({.id = "A", .cs = false});
        QCOMPARE(x.a.take(), (Log{"DISCONNECT(8E)", "EOF"}));
        QCOMPARE(x.w.take(), gone);
        QCOMPARE(again.take(), Log{"CONNACK(1,00)"});
    }

    void S111_a_delayed_will_is_dropped_by_a_takeover()
    {
        Watched x(withWill(30, 100));
        x.world.connected({.id = "A", .cs = false}, "CONNACK(1,00)");
        QCOMPARE(x.at(31), nothing);
    }

    // MQTT-3.1.4-4
    void S112_a_takeover_with_clean_start_publishes_it()
    {
        Watched x(withWill(30, 100));
        x.world.connected({.id = "A"}, "CONNACK(0,00)");
        QCOMPARE(x.w.take(), gone);
    }

    void S113_a_session_without_expiry_ends_with_the_takeover()
    {
        Watched x(withWill(30, 0));
        x.a.subscribe(1, "t", 1);
        Peer again = x.world.connected({.id = "A", .cs = false, .sei = 60}, "CONNACK(0,00)");
        QCOMPARE(x.w.take(), gone);
        x.world.publisher().publish({});
        QCOMPARE(again.take(), nothing);
    }

    void S114_a_takeover_resends_like_any_resume()
    {
        BrokerWorld world;
        Peer s = world.subscriber({.rm = 3});
        Peer p = world.publisher();
        p.publish({.qos = 1, .id = 1, .payload = "a"});
        p.publish({.qos = 2, .id = 2, .payload = "b"});
        p.publish({.qos = 2, .id = 3, .payload = "c"});
        s.pubrec(3);
        p.publish({.qos = 1, .id = 4, .payload = "d"});
        p.publish({.qos = 1, .id = 5, .payload = "e"});
        Peer again = world.connect({.cs = false});
        // What the old socket still holds arrives late and counts for nothing.
        const AckPacket late{PacketType::Puback, {1}, ReasonCode::Success, {}};
        world.event(BrokerPacketArrived{s.link(), {late, {}}, {}});
        QCOMPARE(again.take(), (Log{"CONNACK(1,00)", "PUB(q1 #1 dup t a)", "PUB(q2 #2 dup t b)", "PUBREL(#3)",
                                    "PUB(q1 #4 t d)", "PUB(q1 #5 t e)"}));
        QCOMPARE(world.session("S")->messagesOrNone().outbox.size(), 5);
    }

    void S115_held_ids_survive_a_takeover()
    {
        BrokerWorld world;
        Peer s = world.subscriber({}, "t", 0);
        world.publisher().publish({.qos = 2, .id = 9});
        Peer p = world.connected({.id = "P", .cs = false}, "CONNACK(1,00)");
        p.publish({.qos = 2, .id = 9, .dup = true});
        QCOMPARE(p.take(), Log{"PUBREC(#9)"});
        QCOMPARE(s.take(), Log{"PUB(q0 t x)"});
    }

    void S116_a_refused_connect_does_not_disturb_the_owner()
    {
        Watched x(withWill({}, 100));
        x.world.connect({.id = "A", .rm = 0});
        QVERIFY(x.a.isOpen());
        QCOMPARE(x.a.take(), nothing);
        QCOMPARE(x.w.take(), nothing);
        QCOMPARE(x.world.session("A")->link(), x.a.link());
    }

    void S117_many_connects_leave_one_connection_and_one_session()
    {
        BrokerWorld world;
        Peer first = world.subscriber({.id = "A"}, "t", 0);
        std::vector<Peer> peers{first};
        for (int i = 0; i < 50; ++i)
            peers.push_back(world.connected({.id = "A", .cs = false}, "CONNACK(1,00)"));
        for (std::size_t i = 0; i + 1 < peers.size(); ++i)
            QCOMPARE(peers[i].take(), (Log{"DISCONNECT(8E)", "EOF"}));
        world.publisher().publish({});
        QCOMPARE(peers.back().take(), Log{"PUB(q0 t x)"});
        QCOMPARE(world.broker.connections.size(), 2u);
        QCOMPARE(world.broker.connectedSessions, 2);
    }

    void S118_a_late_close_of_the_old_connection_touches_nothing()
    {
        Watched x(withWill({}, 100));
        Peer again = x.world.connected({.id = "A", .cs = false, .will = will(5)}, "CONNACK(1,00)");
        x.w.take();
        x.world.event(ConnectionClosed{x.a.link()});
        x.world.event(BrokerMalformedArrived{x.a.link(), {}});
        QVERIFY(again.isOpen());
        QVERIFY(x.world.session("A")->isConnected());
        QVERIFY(x.world.session("A")->will);
        QCOMPARE(x.at(1000), nothing);
    }

    void S119_v3_takeover_closes_without_a_packet()
    {
        Watched x({.id = "A", .cs = false, .version = Version::V311, .will = will()});
        Peer again = x.world.connect({.id = "A", .cs = false, .version = Version::V311});
        QCOMPARE(x.a.take(), Log{"EOF"});
        QCOMPARE(x.w.take(), gone);
        QCOMPARE(again.take(), Log{"CONNACK(1,00)"});
    }

    void S176_a_lost_resume_can_be_repeated()
    {
        BrokerWorld world;
        Peer s = world.subscriber({.rm = 1});
        Peer p = world.publisher();
        for (quint16 id = 1; id <= 3; ++id)
            p.publish({.qos = 1, .id = id, .payload = QByteArray::number(id)});
        s.cut();
        for (int i = 0; i < 3; ++i) {
            s = world.connect({.cs = false, .rm = 1});
            QCOMPARE(s.take(), (Log{"CONNACK(1,00)", "PUB(q1 #1 dup t 1)"}));
            s.cut();
        }
        s = world.connected({.cs = false}, "CONNACK(1,00)");
        QCOMPARE(s.take(), (Log{"PUB(q1 #1 dup t 1)", "PUB(q1 #2 t 2)", "PUB(q1 #3 t 3)"}));
    }
};

QTEST_APPLESS_MAIN(BrokerWillsTest)
#include "tst_broker_wills.moc"
