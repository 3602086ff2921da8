// What waits for a session: how much of it there may be, what has to go when there is more, and in which order it
// leaves.
#include "core/base/shared_slice.h"
#include "tests/broker/broker_world.h"

#include <QTest>

using namespace sessionscope;
using Log = QByteArrayList;

class BrokerQueuesTest : public QObject
{
    Q_OBJECT

private:
    static inline const Log nothing{};

    /// Of a copy on topic "t" without Subscription Identifier.
    static constexpr qsizetype bytesWith(qsizetype payload) { return messageOverhead + 1 + payload + copyOverhead; }

private Q_SLOTS:
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
        BrokerWorld world({.maximumQueuedBytes = 2 * bytesWith(40) + bytesWith(39)});
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

    void large_messages_go_out_in_portions()
    {
        constexpr int count = 10;
        BrokerWorld world;
        world.subscriber({}).cut();
        Peer p = world.publisher();
        const QByteArray payload(1024 * 1024, 'x');
        for (int i = 0; i < count; ++i)
            p.publish({.qos = 1, .id = quint16(i + 1), .payload = payload});
        Peer s = world.connect({.cs = false});
        const qsizetype atOnce = qsizetype(deliveredBytesAtOnce) / payload.size();
        QCOMPARE(s.take().size(), 1 + atOnce);
        QCOMPARE(world.broker.queuedMessages, count - atOnce);
        world.runTo(0);
        QCOMPARE(s.take().size(), count - atOnce);
        QCOMPARE(world.broker.queuedMessages, 0);
    }

    void a_message_that_waits_does_not_keep_the_buffer_that_it_came_in()
    {
        BrokerWorld world;
        Peer s = world.subscriber({});
        Peer p = world.publisher();
        world.event(ConnectionBlocked{s.link()});
        const QByteArray read(64 * 1024, 'x');
        const PublishPacket publish{.topic = "t", .payload = sharedSlice(read, 0, 10)};
        world.event(BrokerPacketArrived{p.link(), Packet{publish, {}}, {}});
        const SessionMessages &messages = world.session("S")->messagesOrNone();
        QCOMPARE(messages.queue.size(), 1);
        const QByteArray &payload = messages.queue.front().message->payload;
        QCOMPARE(payload, QByteArray(10, 'x'));
        QVERIFY2(payload.capacity() < 1024, QByteArray::number(payload.capacity()));
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
        config.maximumBlockedBytes = 2 * bytesWith(9) + bytesWith(7);
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

    void limits_the_bytes_that_wait_for_all_sessions()
    {
        BrokerConfig config;
        config.maximumQueuedBytesInAll = 2 * bytesWith(9) + bytesWith(8);
        BrokerWorld world(config);
        for (const char *id : {"A", "B", "C"})
            world.subscriber({.id = id}, "t", 1).cut();
        world.publisher().publish({.qos = 1, .id = 1, .payload = "123456789"});
        QCOMPARE(world.takeDrops(), Log{"C t QueueFull"});
        QCOMPARE(world.broker.queuedBytes, 2 * bytesWith(9));
        world.connected({.id = "A", .cs = false}, "CONNACK(1,00)");
        QCOMPARE(world.broker.queuedBytes, bytesWith(9));
        world.connected({.id = "B", .cs = true});
        QCOMPARE(world.broker.queuedBytes, 0);
        QCOMPARE(world.broker.queuedMessages, 0);
    }

    // [D-15]
    void S141_a_full_queue_does_as_it_is_told_data()
    {
        QTest::addColumn<int>("overflow");
        QTest::addColumn<QByteArrayList>("publisher");
        QTest::addColumn<QByteArrayList>("drops");
        QTest::addColumn<QByteArrayList>("subscriber");
        const Log success{"PUBACK(#1)", "PUBACK(#2)", "PUBACK(#3)", "PUBACK(#4)", "PUBACK(#5)"};
        const Log full(2, "S t QueueFull");
        QTest::newRow("drop the newest") << int(Overflow::DropNewest) << success << full
                                         << Log{"CONNACK(1,00)", "PUB(q1 #1 t 1)", "PUB(q1 #2 t 2)", "PUB(q1 #3 t 3)"};
        QTest::newRow("drop the oldest") << int(Overflow::DropOldest) << success << full
                                         << Log{"CONNACK(1,00)", "PUB(q1 #1 t 3)", "PUB(q1 #2 t 4)", "PUB(q1 #3 t 5)"};
        QTest::newRow("refuse the publisher")
            << int(Overflow::RefusePublisher)
            << Log{"PUBACK(#1)", "PUBACK(#2)", "PUBACK(#3)", "PUBACK(#4 97)", "PUBACK(#5 97)"} << Log{}
            << Log{"CONNACK(1,00)", "PUB(q1 #1 t 1)", "PUB(q1 #2 t 2)", "PUB(q1 #3 t 3)"};
        // The session has ended when the fifth comes, and nobody is there to get it.
        QTest::newRow("end the session") << int(Overflow::EndSession)
                                         << Log{"PUBACK(#1)", "PUBACK(#2)", "PUBACK(#3)", "PUBACK(#4)", "PUBACK(#5 10)"}
                                         << Log{"S t QueueFull"} << Log{"CONNACK(0,00)"};
    }

    void S141_a_full_queue_does_as_it_is_told()
    {
        QFETCH(int, overflow);
        QFETCH(QByteArrayList, publisher);
        QFETCH(QByteArrayList, drops);
        QFETCH(QByteArrayList, subscriber);
        BrokerWorld world({.overflow = Overflow(overflow), .maximumQueuedMessages = 3});
        world.subscriber({}).cut();
        Peer p = world.publisher();
        for (quint16 id = 1; id <= 5; ++id)
            p.publish({.qos = 1, .id = id, .payload = QByteArray::number(id)});
        QCOMPARE(p.take(), publisher);
        QCOMPARE(world.takeDrops(), drops);
        QCOMPARE(world.connect({.cs = false}).take(), subscriber);
    }

    void ends_the_session_of_a_connected_client_and_says_why()
    {
        BrokerWorld world({.overflow = Overflow::EndSession, .maximumQueuedMessages = 1});
        Peer w = world.subscriber({.id = "W"}, "w");
        Peer s = world.subscriber({.rm = 1, .will = will(60)});
        Peer p = world.publisher();
        for (quint16 id = 1; id <= 4; ++id)
            p.publish({.qos = 1, .id = id, .payload = QByteArray::number(id)});
        QCOMPARE(s.take(), (Log{"PUB(q1 #1 t 1)", "DISCONNECT(97)", "EOF"}));
        QCOMPARE(w.take(), Log{"PUB(q0 w gone)"}); // its delay ends with the session
        QCOMPARE(world.takeEnds(), Log{"S"});
        QCOMPARE(world.broker.queuedMessages, 0);
        QVERIFY(p.isOpen());
    }

    // A will that finds another queue full ends that session, too.
    void ends_every_session_that_the_end_of_one_makes_overflow()
    {
        BrokerWorld world({.overflow = Overflow::EndSession, .maximumQueuedMessages = 1});
        Will last = will(60);
        last.qos = Qos::AtLeastOnce;
        world.subscriber({.id = "W"}, "w").cut();
        world.subscriber({.id = "A", .will = last}).cut();
        world.subscriber({.id = "B", .will = last}).cut();
        Peer p = world.publisher();
        p.publish({.qos = 1, .id = 1});
        p.publish({.qos = 1, .id = 2}); // ends A and B, and the second will ends W
        QCOMPARE(world.takeEnds().size(), 3);
        QCOMPARE(world.broker.queuedMessages, 0);
        QCOMPARE(world.broker.subscriptions.size(), 0);
    }

    void refuses_the_publisher_for_nobody_else_to_get_it()
    {
        BrokerWorld world({.overflow = Overflow::RefusePublisher, .maximumQueuedMessages = 1});
        Peer online = world.subscriber({.id = "O"});
        world.subscriber({}).cut();
        Peer p = world.publisher();
        p.publish({.qos = 1, .id = 1, .payload = "1"});
        p.publish({.qos = 2, .id = 2, .payload = "2", .retain = true});
        p.publish({.payload = "3"}); // QoS 0 asks for no answer and waits for nobody
        QCOMPARE(p.take(), (Log{"PUBACK(#1)", "PUBREC(#2 97)"}));
        QCOMPARE(online.take(), (Log{"PUB(q1 #1 t 1)", "PUB(q0 t 3)"}));
        QVERIFY(world.broker.retained.isEmpty());
        // One that cannot be told no gets its yes, and what has no room is dropped.
        Peer v3 = world.connected({.id = "V", .version = Version::V311});
        v3.publish({.qos = 1, .id = 1, .payload = "4"});
        QCOMPARE(v3.take(), Log{"PUBACK(#1)"});
        QCOMPARE(online.take(), Log{"PUB(q1 #2 t 4)"});
        QCOMPARE(world.takeDrops(), (Log{"S t QosZeroOffline", "S t QueueFull"}));
    }

    void the_oldest_stays_when_the_new_message_alone_is_too_large()
    {
        BrokerWorld world({.overflow = Overflow::DropOldest, .maximumQueuedBytes = bytesWith(100)});
        world.subscriber({}).cut();
        Peer p = world.publisher();
        p.publish({.qos = 1, .id = 1, .payload = QByteArray(60, 'x')});
        p.publish({.qos = 1, .id = 2, .payload = QByteArray(200, 'x')});
        QCOMPARE(world.session("S")->messagesOrNone().queue.size(), 1);
        p.publish({.qos = 1, .id = 3, .payload = QByteArray(61, 'y')});
        QCOMPARE(world.connect({.cs = false}).take(),
                 (Log{"CONNACK(1,00)", "PUB(q1 #1 t " + QByteArray(61, 'y') + ')'}));
    }

    void a_client_that_never_acknowledges_holds_only_so_many_bytes()
    {
        BrokerConfig config;
        config.maximumQueuedBytes = 2 * bytesWith(9);
        BrokerWorld world(config);
        Peer s = world.subscriber({.id = "S"}, "t", 1);
        Peer p = world.publisher();
        for (quint16 id = 1; id <= 6; ++id)
            p.publish({.qos = 1, .id = id, .payload = "123456789"});
        // Two exchanges reach the limit, two copies wait, the rest finds the queue full.
        QCOMPARE(s.take().size(), 2);
        QCOMPARE(world.takeDrops(), (Log{"S t QueueFull", "S t QueueFull"}));
        s.puback(1);
        QCOMPARE(s.take(), Log{"PUB(q1 #3 t 123456789)"});
    }

    void small_messages_fill_a_queue_with_what_they_cost()
    {
        constexpr qsizetype limit = 10'000;
        BrokerWorld world({.maximumQueuedBytes = limit});
        world.subscriber({}).cut();
        Peer p = world.publisher();
        for (quint16 id = 1; id <= 1000; ++id)
            p.publish({.qos = 1, .id = id});
        QCOMPARE(world.session("S")->messagesOrNone().queue.size(), limit / bytesWith(1));
    }

    void what_nobody_acknowledges_has_a_limit_over_all_sessions()
    {
        BrokerWorld world({.maximumQueuedBytesInAll = 4 * bytesWith(1)});
        std::vector<Peer> peers;
        for (const char *id : {"A", "B", "C", "D", "E"})
            peers.push_back(world.subscriber({.id = id}, "t", 1));
        Peer p = world.publisher();
        p.publish({.qos = 1, .id = 1, .payload = "1"});
        for (Peer &peer : peers) // one may always go
            QCOMPARE(peer.take(), Log{"PUB(q1 #1 t 1)"});
        QCOMPARE(world.broker.openBytes, 5 * bytesWith(1));
        p.publish({.qos = 1, .id = 2, .payload = "2"});
        for (Peer &peer : peers)
            QCOMPARE(peer.take(), nothing);
        QCOMPARE(world.takeDrops(), Log{"E t QueueFull"});
        // Nobody waits for the others: with nothing open, the next one goes.
        peers[3].puback(1);
        QCOMPARE(peers[3].take(), Log{"PUB(q1 #2 t 2)"});
        // What the others leave is there for those who wait.
        peers[4].puback(1);
        QCOMPARE(peers[0].take(), nothing);
        peers[3].puback(2);
        QCOMPARE(peers[0].take(), Log{"PUB(q1 #2 t 2)"});
        QCOMPARE(peers[1].take(), nothing);
        peers[3].disconnect(0, 0);
        peers[0].cut();
        world.event(EndSession{"A"});
        QCOMPARE(peers[1].take(), Log{"PUB(q1 #2 t 2)"});
        QCOMPARE(peers[2].take(), Log{"PUB(q1 #2 t 2)"});
        QCOMPARE(world.broker.openBytes, 4 * bytesWith(1));
        for (Peer *peer : {&peers[1], &peers[2]}) {
            peer->puback(1);
            peer->puback(2);
        }
        QCOMPARE(world.broker.openBytes, 0);
        QVERIFY(world.broker.waitingForRoom.empty());
    }

    void what_waits_for_room_goes_with_its_connection()
    {
        const QByteArray big(100, 'x');
        BrokerWorld world({.maximumQueuedBytesInAll = bytesWith(100)});
        Peer a = world.subscriber({.id = "A"}, "t", 1);
        Peer p = world.publisher();
        p.publish({.qos = 1, .id = 1, .payload = big});
        p.publish({.qos = 1, .id = 2, .payload = big});
        QCOMPARE(world.broker.waitingForRoom.size(), 1u);
        a.cut();
        QVERIFY(world.broker.waitingForRoom.empty());
        QCOMPARE(world.connect({.id = "A", .cs = false}).take(),
                 (Log{"CONNACK(1,00)", "PUB(q1 #1 dup t " + big + ')'}));
        QCOMPARE(world.broker.openBytes, bytesWith(100));
        Hello tight{.id = "A", .cs = false};
        tight.properties.add(PropertyId::MaximumPacketSize, 60u);
        world.event(KickClient{"A"});
        world.connect(tight);
        QCOMPARE(world.broker.openBytes, 0);
    }
};

QTEST_APPLESS_MAIN(BrokerQueuesTest)
#include "tst_broker_queues.moc"
