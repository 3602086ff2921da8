// A client's messages of QoS 1 and 2 in both directions, and what a resume sends again.
#include "tests/session/client_world.h"

#include <QTest>

using namespace sessionscope;
using namespace std::chrono_literals;
using Lines = QByteArrayList;
using enum PacketType;

class ClientMessagesTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // QoS 1

    void S43_resends_an_open_publish_once_with_dup()
    {
        ClientWorld world = connectedWorld();
        world.publish(q1);
        QCOMPARE(world.take(), Lines({"token 1", "> PUBLISH q1 #1 t x"}));
        world.resume();
        QCOMPARE(world.take(), Lines({"> PUBLISH q1 #1 dup t x"}));
    }

    void S44_never_resends_on_a_live_connection()
    {
        ClientWorld world;
        world.connect({.keepAlive = 60});
        publishQuietly(world, {q1, q2});
        for (int i = 0; i < 360; ++i) {
            world.pass(10s);
            world.receive(PingrespPacket{});
        }
        auto lines = world.take();
        QVERIFY(lines.size() >= 60);
        lines.removeAll("> PINGREQ");
        QCOMPARE(lines, Lines());
    }

    void S45_a_qos1_repeat_is_a_new_message()
    {
        ClientWorld world = connectedWorld();
        world.receivePublish(q1, 1);
        world.receivePublish(q1, 1, "x", true);
        QCOMPARE(world.take(), Lines({"delivered t x", "> PUBACK #1", "delivered t x", "> PUBACK #1"}));
    }

    void S46_a_refused_message_is_reported_once_and_never_resent()
    {
        ClientWorld world = connectedWorld();
        publishQuietly(world, {q1});
        world.receiveAck(Puback, 1, ReasonCode::QuotaExceeded);
        QCOMPARE(world.take(), Lines({"completed 1 97"}));
        world.resume();
        QCOMPARE(world.take(), Lines());
        QVERIFY(!world.session.outbox.isInUse({1}));
    }

    void S47_nobody_subscribed_is_a_success()
    {
        ClientWorld world = connectedWorld();
        publishQuietly(world, {q1});
        world.receiveAck(Puback, 1, ReasonCode::NoMatchingSubscribers);
        QCOMPARE(world.take(), Lines({"completed 1 10"}));
    }

    void S48_counts_acknowledgements_of_nothing()
    {
        ClientWorld world = connectedWorld();
        world.receiveAck(Puback, 77);
        world.receiveAck(Pubcomp, 77);
        QCOMPARE(world.take(), Lines());
        QCOMPARE(world.session.unmatchedAcks, 2u);
    }

    void S50_resends_in_first_send_order_across_the_wrap()
    {
        ClientWorld world = connectedWorld();
        Outbox &outbox = world.session.outbox;
        while (outbox.nextId() != PacketId{65'534})
            outbox.acknowledge(Puback, outbox.open({std::make_shared<Message>(), q1, false, {}}, 0, {}).packetId, {});
        publishQuietly(world, {q1, q1, q1});
        world.resume();
        QCOMPARE(world.take(),
                 Lines({"> PUBLISH q1 #65534 dup t x", "> PUBLISH q1 #65535 dup t x", "> PUBLISH q1 #1 dup t x"}));
    }

    void S51_acknowledges_in_order_of_arrival()
    {
        ClientWorld world = connectedWorld();
        for (const quint16 id : {3, 1, 2})
            world.receivePublish(q1, id);
        auto lines = world.take();
        lines.removeAll("delivered t x");
        QCOMPARE(lines, Lines({"> PUBACK #3", "> PUBACK #1", "> PUBACK #2"}));
    }

    void S52_a_message_that_waited_for_the_connection_is_first_sent_without_dup()
    {
        ClientWorld world = connectedWorld();
        world.cut();
        world.publish(q1);
        QCOMPARE(world.take(), Lines({"token 1"}));
        world.resume();
        QCOMPARE(world.take(), Lines({"> PUBLISH q1 #1 t x"}));
        world.resume();
        QCOMPARE(world.take(), Lines({"> PUBLISH q1 #1 dup t x"}));
    }

    // Whether the link took the bytes is not known here: a PUBLISH handed over counts as sent.
    void S53_a_publish_that_was_handed_over_counts_as_sent()
    {
        ClientWorld world = connectedWorld();
        world.publish(q1);
        world.resume();
        QCOMPARE(world.take(), Lines({"> PUBLISH q1 #1 dup t x"}));
    }

    void S54_dup_of_the_server_is_handed_on_and_answered_like_any_other()
    {
        ClientWorld world = connectedWorld();
        world.receivePublish(q2, 4, "x", true);
        QCOMPARE(world.take(), Lines({"delivered t x", "> PUBREC #4"}));
    }

    void rejects_an_acknowledgement_of_the_wrong_type()
    {
        ClientWorld world = connectedWorld();
        publishQuietly(world, {q2});
        world.receiveAck(Puback, 1);
        QCOMPARE(world.take(), Lines({"violation MQTT-3.3.4-1", "> DISCONNECT 82", "close"}));
        QVERIFY(world.session.outbox.isInUse({1}));
    }

    // QoS 2

    void S55_resends_publish_before_pubrec()
    {
        ClientWorld world = connectedWorld();
        publishQuietly(world, {q2});
        world.resume();
        QCOMPARE(world.take(), Lines({"> PUBLISH q2 #1 dup t x"}));
    }

    void S56_S57_resends_only_pubrel_after_pubrec()
    {
        ClientWorld world = connectedWorld();
        publishQuietly(world, {q2});
        world.receiveAck(Pubrec, 1);
        QCOMPARE(world.take(), Lines({"> PUBREL #1"}));
        world.resume();
        QCOMPARE(world.take(), Lines({"> PUBREL #1"}));
        world.receiveAck(Pubcomp, 1, ReasonCode::PacketIdentifierNotFound);
        QCOMPARE(world.take(), Lines({"completed 1 00"}));
        QVERIFY(!world.session.outbox.isInUse({1}));
    }

    void S58_S59_S60_a_held_message_is_delivered_once()
    {
        ClientWorld world = connectedWorld();
        world.receivePublish(q2, 5);
        world.receivePublish(q2, 5, "y");
        world.resume();
        world.receivePublish(q2, 5, "x", true);
        QCOMPARE(world.take(), Lines({"> PUBREC #5"}));
        world.receiveAck(Pubrel, 5);
        world.receivePublish(q2, 5, "z");
        QCOMPARE(world.take(), Lines({"> PUBCOMP #5", "delivered t z", "> PUBREC #5"}));
    }

    void S61_S62_answers_a_release_of_nothing()
    {
        ClientWorld world = connectedWorld();
        world.receiveAck(Pubrel, 7);
        QCOMPARE(world.take(), Lines({"> PUBCOMP #7 92"}));
        ClientWorld old;
        old.connect({.version = Version::V311});
        old.receiveAck(Pubrel, 7);
        QCOMPARE(old.take(), Lines({"> PUBCOMP #7"}));
    }

    void S63_a_refusing_pubrec_ends_the_exchange()
    {
        ClientWorld world = connectedWorld(receiveMaximum(1));
        publishQuietly(world, {q2, q2});
        world.receiveAck(Pubrec, 1, ReasonCode::NotAuthorized);
        QCOMPARE(world.take(), Lines({"completed 1 87", "> PUBLISH q2 #2 t x"}));
        world.resume();
        QCOMPARE(world.take(), Lines({"> PUBLISH q2 #2 dup t x"}));
    }

    void S65_answers_pubrec_of_an_unknown_id()
    {
        ClientWorld world = connectedWorld();
        world.receiveAck(Pubrec, 9);
        QCOMPARE(world.take(), Lines({"> PUBREL #9 92"}));
        ClientWorld old;
        old.connect({.version = Version::V311});
        old.receiveAck(Pubrec, 9);
        QCOMPARE(old.take(), Lines({"> PUBREL #9"}));
    }

    void S66_answers_a_repeated_pubrec_again()
    {
        ClientWorld world = connectedWorld();
        publishQuietly(world, {q2});
        world.receiveAck(Pubrec, 1);
        world.receiveAck(Pubrec, 1);
        world.receiveAck(Pubcomp, 1);
        QCOMPARE(world.take(), Lines({"> PUBREL #1", "> PUBREL #1", "completed 1 00"}));
    }

    void S67_a_release_with_92_frees_the_id()
    {
        ClientWorld world = connectedWorld();
        world.receivePublish(q2, 5);
        world.take();
        world.receiveAck(Pubrel, 5, ReasonCode::PacketIdentifierNotFound);
        QCOMPARE(world.take(), Lines({"> PUBCOMP #5"}));
        QVERIFY(!world.session.inbox.isHeld({5}));
    }

    void S74_pubrels_follow_the_order_of_the_pubrecs()
    {
        ClientWorld world = connectedWorld();
        publishQuietly(world, {q2, q2});
        world.receiveAck(Pubrec, 2);
        world.receiveAck(Pubrec, 1);
        QCOMPARE(world.take(), Lines({"> PUBREL #2", "> PUBREL #1"}));
        world.resume();
        QCOMPARE(world.take(), Lines({"> PUBREL #2", "> PUBREL #1"}));
    }

    void S75_a_receiver_resends_nothing()
    {
        ClientWorld world = connectedWorld();
        world.receivePublish(q2, 9);
        world.resume();
        QCOMPARE(world.take(), Lines());
        world.receiveAck(Pubrel, 9);
        QCOMPARE(world.take(), Lines({"> PUBCOMP #9"}));
    }

    void S76_resends_everything_open_and_then_what_is_new()
    {
        ClientWorld world = connectedWorld();
        publishQuietly(world, {q1, q2, q2, q1});
        world.receiveAck(Pubrec, 2);
        world.cut();
        world.publish(q1, "t", "new");
        world.resume();
        QCOMPARE(world.take(), Lines({"> PUBLISH q1 #1 dup t x", "> PUBREL #2", "> PUBLISH q2 #3 dup t x",
                                      "> PUBLISH q1 #4 dup t x", "> PUBLISH q1 #5 t new"}));
    }
};

QTEST_APPLESS_MAIN(ClientMessagesTest)
#include "tst_client_messages.moc"
