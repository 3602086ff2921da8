// A broker that is down for a while and keeps its state, as a value that nobody steps meanwhile: the clock goes on, no
// timer runs, and what became due is settled by the first event afterwards. That the state outlives the process is the
// store's to show.
#include "tests/broker/broker_world.h"

#include <QTest>

using namespace sessionscope;
using Log = QByteArrayList;

class BrokerRestartsTest : public QObject
{
    Q_OBJECT

private:
    // Down from one instant to another; then it starts, and looks at what is due.
    static void beDown(BrokerWorld &world, double from, double to)
    {
        world.runTo(from);
        world.jumpTo(to);
        world.event(Tick{});
    }

private Q_SLOTS:
    void S106_a_will_waits_for_its_instant_or_the_start_data()
    {
        QTest::addColumn<double>("upAgainAt");
        QTest::addColumn<double>("publishedAt");
        QTest::newRow("up before it is due") << 50.0 << 100.0;
        QTest::newRow("up after it was due") << 150.0 << 150.0;
    }
    void S106_a_will_waits_for_its_instant_or_the_start()
    {
        QFETCH(double, upAgainAt);
        QFETCH(double, publishedAt);
        BrokerWorld world;
        Peer w = world.subscriber({.id = "W"}, "w");
        Peer a = world.connected({.id = "A", .sei = 200, .will = will(100)});
        a.cut();
        beDown(world, 10, upAgainAt);
        if (publishedAt > upAgainAt) {
            world.runTo(publishedAt - 0.001);
            QCOMPARE(w.take(), Log{});
            world.runTo(publishedAt);
        }
        QCOMPARE(w.take(), Log{"PUB(q0 w gone)"});
        world.runTo(1000);
        QCOMPARE(w.take(), Log{});
    }

    void S148_time_goes_on_for_a_message_while_the_broker_is_down()
    {
        BrokerWorld world;
        world.subscriber({}).cut();
        world.publisher().publish({.qos = 1, .id = 1, .mei = 60});
        beDown(world, 10, 30);
        world.runTo(40);
        QCOMPARE(world.connect({.cs = false}).take(), (Log{"CONNACK(1,00)", "PUB(q1 #1 t x mei=20)"}));
    }

    void S161_a_clean_restart_continues_every_exchange()
    {
        BrokerWorld world;
        Peer w = world.subscriber({.id = "W"}, "u", 0);
        Peer s = world.subscriber({}, "t", 2, {}, 7);
        Peer p = world.publisher();
        p.publish({.qos = 1, .id = 1, .payload = "a"});
        p.publish({.qos = 2, .id = 2, .payload = "b"});
        s.pubrec(2);
        s.publish({.qos = 2, .id = 9, .topic = "u"});
        s.cut();
        p.publish({.qos = 1, .id = 3, .payload = "c"});
        p.publish({.qos = 1, .id = 4, .payload = "d"});
        world.event(ShutDown{});
        QCOMPARE(w.take(), (Log{"PUB(q0 u x)", "DISCONNECT(8B)", "EOF"}));
        beDown(world, 1, 60);
        w = world.connected({.id = "W", .cs = false}, "CONNACK(1,00)");
        s = world.connect({.cs = false});
        QCOMPARE(s.take(), (Log{"CONNACK(1,00)", "PUB(q1 #1 dup t a subid=7)", "PUBREL(#2)", "PUB(q1 #3 t c subid=7)",
                                "PUB(q1 #4 t d subid=7)"}));
        s.publish({.qos = 2, .id = 9, .topic = "u", .dup = true});
        QCOMPARE(s.take(), Log{"PUBREC(#9)"});
        QCOMPARE(w.take(), Log{});
    }

    void S164_downtime_counts_for_the_expiry()
    {
        BrokerWorld world;
        world.connected({.id = "A", .sei = 60}).cut();
        world.runTo(10);
        world.jumpTo(101);
        QCOMPARE(world.connect({.id = "A", .cs = false}).take(), Log{"CONNACK(0,00)"});
    }

    void S178_bytes_behind_its_disconnect_are_not_processed()
    {
        BrokerWorld world;
        Peer p = world.publisher();
        const PublishPacket late{
            .topic = "t", .payload = "x", .packetId = {1}, .qos = Qos::AtLeastOnce, .retain = true};
        world.event(ShutDown{});
        world.event(BrokerPacketArrived{p.link(), {late, {}}, {}});
        QCOMPARE(p.take(), (Log{"DISCONNECT(8B)", "EOF"}));
        QVERIFY(world.broker.retained.isEmpty());
        p = world.connected({.id = "P", .cs = false}, "CONNACK(1,00)");
        p.publish({.qos = 1, .id = 1, .dup = true, .retain = true});
        QCOMPARE(p.take(), Log{"PUBACK(#1 10)"});
        QCOMPARE(world.broker.retained.size(), 1);
    }
};

QTEST_APPLESS_MAIN(BrokerRestartsTest)
#include "tst_broker_restarts.moc"
