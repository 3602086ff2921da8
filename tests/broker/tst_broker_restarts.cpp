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

    void S162_what_was_acknowledged_outlives_a_crash_data()
    {
        QTest::addColumn<bool>("losesStore");
        QTest::addColumn<QByteArrayList>("subscriberGets");
        QTest::newRow("store kept") << false << Log{"CONNACK(1,00)", "PUB(q1 #1 t x)"};
        // That the message comes is the store's doing, and nothing else's.
        QTest::newRow("store lost") << true << Log{"CONNACK(0,00)"};
    }
    // MQTT-4.3.2-4
    void S162_what_was_acknowledged_outlives_a_crash()
    {
        QFETCH(bool, losesStore);
        QFETCH(QByteArrayList, subscriberGets);
        BrokerWorld world;
        world.subscriber({}).cut();
        Peer p = world.publisher();
        world.dieSending("PUBACK(#1)");
        if (losesStore)
            world.loseStore();
        p.publish({.qos = 1, .id = 1});
        QCOMPARE(p.take(), Log{"PUBACK(#1)"});
        QVERIFY(!p.isOpen());
        QCOMPARE(world.connect({.cs = false}).take(), subscriberGets);
    }

    // What was written to a subscriber in the step of the acknowledgement may or may not have left.
    void S162_a_connected_subscriber_gets_it_again()
    {
        BrokerWorld world;
        Peer s = world.subscriber({});
        Peer p = world.publisher();
        world.dieSending("PUBACK(#1)");
        p.publish({.qos = 1, .id = 1});
        s.take();
        QCOMPARE(world.connect({.cs = false}).take(), (Log{"CONNACK(1,00)", "PUB(q1 #1 dup t x)"}));
    }

    void S163_a_message_is_kept_with_its_identifier_data()
    {
        QTest::addColumn<bool>("repeats");
        QTest::newRow("the publisher resends PUBLISH") << true;
        QTest::newRow("the publisher resends PUBREL") << false;
    }
    // MQTT-4.3.3-8, MQTT-4.3.3-10
    void S163_a_message_is_kept_with_its_identifier()
    {
        QFETCH(bool, repeats);
        BrokerWorld world;
        world.subscriber({}).cut();
        Peer p = world.publisher();
        world.dieSending("PUBREC(#1)");
        p.publish({.qos = 2, .id = 1});
        QCOMPARE(p.take(), Log{"PUBREC(#1)"});
        p = world.connected({.id = "P", .cs = false}, "CONNACK(1,00)");
        if (repeats) {
            p.publish({.qos = 2, .id = 1, .dup = true});
            QCOMPARE(p.take(), Log{"PUBREC(#1)"});
        }
        p.pubrel(1);
        QCOMPARE(p.take(), Log{"PUBCOMP(#1)"});
        QCOMPARE(world.connect({.cs = false}).take(), (Log{"CONNACK(1,00)", "PUB(q2 #1 t x)"}));
    }

    // Without its store the same ends otherwise: Session Present 0 tells the publisher, who begins anew.
    void S163_without_its_store_it_is_lost_with_its_identifier()
    {
        BrokerWorld world;
        world.subscriber({}).cut();
        Peer p = world.publisher();
        world.dieSending("PUBREC(#1)");
        world.loseStore();
        p.publish({.qos = 2, .id = 1});
        p = world.connected({.id = "P", .cs = false}, "CONNACK(0,00)");
        p.pubrel(1);
        QCOMPARE(p.take(), Log{"PUBCOMP(#1 92)"});
        QCOMPARE(world.connect({.cs = false}).take(), Log{"CONNACK(0,00)"});
    }

    void S164_downtime_counts_for_the_expiry()
    {
        BrokerWorld world;
        world.connected({.id = "A", .sei = 60}).cut();
        world.runTo(10);
        world.jumpTo(101);
        QCOMPARE(world.connect({.id = "A", .cs = false}).take(), Log{"CONNACK(0,00)"});
    }

    // MQTT-4.3.2-4, MQTT-4.3.3-8 [D-41]
    void S172_nothing_is_acknowledged_that_the_store_cannot_keep()
    {
        BrokerWorld world;
        Peer s = world.subscriber({});
        Peer p = world.publisher();
        p.publish({.qos = 2, .id = 1});
        world.event(StoreChanged{StoreState::Failing});
        QCOMPARE(world.takeRefusals(), Log{"v5 §4.13.2 80"});
        s.take();
        p.take();
        p.publish({.qos = 1, .id = 2, .retain = true});
        p.publish({.qos = 2, .id = 3});
        p.publish({.qos = 2, .id = 1, .dup = true}); // kept before
        p.publish({.payload = "q0"});
        QCOMPARE(p.take(), (Log{"PUBACK(#2 80)", "PUBREC(#3 80)", "PUBREC(#1)"}));
        QCOMPARE(s.take(), Log{"PUB(q0 t q0)"});
        QVERIFY(world.broker.retained.isEmpty());
        QCOMPARE(world.takeRefusals(), Log(2, "v5 §4.13.2 80"));

        world.event(StoreChanged{StoreState::Working});
        p.publish({.qos = 2, .id = 3});
        QCOMPARE(p.take(), Log{"PUBREC(#3)"});
        QCOMPARE(s.take(), Log{"PUB(q2 #2 t x)"});
    }

    // v3:MQTT-4.8.0-2
    void S172_an_older_client_is_closed_and_sends_again_later()
    {
        BrokerWorld world;
        Peer s = world.subscriber({});
        Peer p = world.connected({.id = "P", .cs = false, .version = Version::V311});
        world.event(StoreChanged{StoreState::Failing});
        p.publish({.qos = 1, .id = 1});
        QCOMPARE(p.take(), Log{"EOF"});
        QCOMPARE(world.connect({.id = "P", .cs = false, .version = Version::V311}).take(),
                 (Log{"CONNACK(0,03)", "EOF"}));
        world.event(StoreChanged{StoreState::Working});
        p = world.connected({.id = "P", .cs = false, .version = Version::V311}, "CONNACK(1,00)");
        p.publish({.qos = 1, .id = 1, .dup = true});
        QCOMPARE(p.take(), Log{"PUBACK(#1)"});
        QCOMPARE(s.take(), Log{"PUB(q1 #1 t x)"});
    }

    void S172_a_connect_that_needs_the_store_is_refused_data()
    {
        QTest::addColumn<bool>("cleanStart");
        QTest::addColumn<quint32>("sei");
        QTest::addColumn<bool>("hasWill");
        QTest::addColumn<QByteArray>("id");
        QTest::addColumn<QByteArray>("answer");
        QTest::newRow("to begin a session") << true << 300u << false << QByteArray("A") << QByteArray("CONNACK(0,88)");
        QTest::newRow("to resume one") << false << 300u << false << QByteArray("S") << QByteArray("CONNACK(0,88)");
        QTest::newRow("to end one") << true << 0u << false << QByteArray("S") << QByteArray("CONNACK(0,88)");
        QTest::newRow("with a will") << true << 0u << true << QByteArray("A") << QByteArray("CONNACK(0,88)");
        QTest::newRow("for now only") << true << 0u << false << QByteArray("A") << QByteArray("CONNACK(0,00)");
    }
    // MQTT-3.1.4-2
    void S172_a_connect_that_needs_the_store_is_refused()
    {
        QFETCH(bool, cleanStart);
        QFETCH(quint32, sei);
        QFETCH(bool, hasWill);
        QFETCH(QByteArray, id);
        QFETCH(QByteArray, answer);
        BrokerWorld world;
        world.subscriber({}).cut();
        world.event(StoreChanged{StoreState::Failing});
        const Hello hello{
            .id = id, .cs = cleanStart, .sei = sei, .will = hasWill ? std::optional(will()) : std::nullopt};
        QCOMPARE(world.connect(hello).take().value(0), answer);
        world.event(StoreChanged{StoreState::Working});
        QCOMPARE(world.connect({.cs = false}).take(), Log{"CONNACK(1,00)"});
    }

    void S172_subscriptions_change_only_where_they_can_be_kept()
    {
        BrokerWorld world;
        Peer s = world.subscriber({});
        Peer v3 = world.subscriber({.id = "V", .cs = false, .version = Version::V311});
        Peer oldest = world.connected({.id = "O", .cs = false, .version = Version::V31});
        Peer passing = world.connected({.id = "Q", .sei = 0});
        world.event(StoreChanged{StoreState::Failing});
        s.subscribe(2, "u", 1);
        s.unsubscribe(3, "t");
        QCOMPARE(s.take(), (Log{"SUBACK(#2 80)", "UNSUBACK(#3 80)"}));
        v3.subscribe(2, "u", 1);
        v3.unsubscribe(3, "t"); // its UNSUBACK cannot say no
        QCOMPARE(v3.take(), (Log{"SUBACK(#2 80)", "EOF"}));
        oldest.subscribe(2, "u", 1); // neither can its SUBACK
        QCOMPARE(oldest.take(), Log{"EOF"});
        passing.subscribe(2, "u", 1);
        passing.unsubscribe(3, "u");
        QCOMPARE(passing.take(), (Log{"SUBACK(#2 01)", "UNSUBACK(#3 00)"}));
        QCOMPARE(world.session("S")->subscriptions.size(), 1u);
        QCOMPARE(world.session("V")->subscriptions.size(), 1u);
    }

    // MQTT-4.3.3-5, -12: a crash would bring the PUBLISH back behind a PUBREL, or the identifier behind a PUBCOMP.
    void S172_pubrel_and_pubcomp_wait_for_the_store()
    {
        BrokerWorld world;
        Peer s = world.subscriber({});
        Peer p = world.publisher();
        for (quint16 id = 1; id <= 3; ++id)
            p.publish({.qos = 2, .id = id});
        s.take();
        p.take();
        world.event(StoreChanged{StoreState::Failing});
        s.pubrec(2);
        s.pubrec(1);
        s.pubrec(3, 0x80);
        p.pubrel(1);
        p.pubrel(9);
        QCOMPARE(s.take(), Log{});
        QCOMPARE(p.take(), Log{});
        world.event(StoreChanged{StoreState::Working});
        QCOMPARE(s.take(), (Log{"PUBREL(#2)", "PUBREL(#1)"}));
        QCOMPARE(p.take(), (Log{"PUBCOMP(#1)", "PUBCOMP(#9 92)"}));
        s.pubcomp(2);
        s.pubcomp(1);
        p.publish({.qos = 2, .id = 1});
        QCOMPARE(s.take(), Log{"PUB(q2 #4 t x)"});
        world.event(StoreChanged{StoreState::Failing});
        p.pubrel(1);
        p.cut();
        world.event(StoreChanged{StoreState::Working}); // the connection that waited is gone
        p = world.connected({.id = "P", .cs = false}, "CONNACK(1,00)");
        p.pubrel(1);
        QCOMPARE(p.take(), Log{"PUBCOMP(#1 92)"});
    }

    void S172_a_stranger_cannot_make_what_waits_for_the_store_grow()
    {
        BrokerWorld world({.maximumHeldMessages = 2});
        Peer p = world.publisher();
        world.event(StoreChanged{StoreState::Failing});
        for (quint16 id = 1; id <= 3; ++id)
            p.pubrel(id);
        QCOMPARE(p.take(), (Log{"DISCONNECT(80)", "EOF"}));
        world.event(StoreChanged{StoreState::Working}); // nothing waits for the connection that is gone
        QCOMPARE(p.take(), Log{});
    }

    // MQTT-3.1.2-8
    void S172_a_will_is_published_when_it_is_due_and_waits_where_it_would_have_to_be_kept()
    {
        BrokerWorld world;
        Peer atOnce = world.subscriber({.id = "Q", .sei = 0}, "w", 1);
        Peer later = world.subscriber({}, "w", 1);
        Will last = will(5);
        last.qos = Qos::AtLeastOnce;
        Peer a = world.connected({.id = "A", .will = last});
        world.event(StoreChanged{StoreState::Failing});
        a.cut();
        world.runTo(5);
        QCOMPARE(atOnce.take(), Log{"PUB(q1 #1 w gone)"}); // its session ends with the connection
        QCOMPARE(later.take(), Log{});
        QCOMPARE(world.session("S")->messagesOrNone().queue.size(), 1);
        world.event(StoreChanged{StoreState::Working});
        QCOMPARE(later.take(), Log{"PUB(q1 #1 w gone)"});
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
