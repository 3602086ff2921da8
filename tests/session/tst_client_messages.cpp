// A client's messages of QoS 1 and 2 in both directions, what a resume sends again, and what the server's limits allow.
#include "tests/session/client_world.h"

#include <QTest>

using namespace sessionscope;
using namespace std::chrono_literals;
using Lines = QByteArrayList;
using enum PacketType;

namespace {

constexpr auto q0 = Qos::AtMostOnce;
constexpr auto q1 = Qos::AtLeastOnce;
constexpr auto q2 = Qos::ExactlyOnce;

Properties receiveMaximum(quint32 count)
{
    return {{PropertyId::ReceiveMaximum, count}};
}

/// Publishes and forgets what was said about it.
void publishQuietly(ClientWorld &world, std::initializer_list<Qos> list)
{
    for (const Qos qos : list)
        world.publish(qos);
    world.take();
}

ClientWorld connectedWorld(Properties answered = {})
{
    ClientWorld world;
    world.connect({}, {.properties = std::move(answered)});
    return world;
}

} // namespace

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

    // Flow control and identifiers

    void S77_S81_sends_as_the_quota_comes_back()
    {
        ClientWorld world = connectedWorld(receiveMaximum(2));
        publishQuietly(world, {q1, q2, q1});
        world.receiveAck(Pubrec, 2);
        QCOMPARE(world.take(), Lines({"> PUBREL #2"}));
        world.receiveAck(Pubcomp, 2);
        QCOMPARE(world.take(), Lines({"completed 2 00", "> PUBLISH q1 #3 t x"}));
    }

    void S78_everything_else_flows_without_quota()
    {
        ClientWorld world = connectedWorld(receiveMaximum(1));
        publishQuietly(world, {q1, q1});
        world.run(SubscribeCommand{{{"u", {}}}, {}});
        world.run(PingCommand{});
        world.publish(q0);
        world.receivePublish(q2, 1);
        QCOMPARE(world.take(), Lines({"> SUBSCRIBE #2 u", "> PINGREQ", "token 3", "> PUBLISH q0 t x", "delivered t x",
                                      "> PUBREC #1"}));
    }

    void S79_resends_wait_for_quota_in_front_of_what_is_new()
    {
        ClientWorld world = connectedWorld();
        publishQuietly(world, {q1, q1, q1});
        world.cut();
        world.publish(q1, "t", "new");
        world.resume({.sessionPresent = true, .properties = receiveMaximum(2)});
        world.receiveAck(Puback, 1);
        world.receiveAck(Puback, 2);
        QCOMPARE(world.take(), Lines({"> PUBLISH q1 #1 dup t x", "> PUBLISH q1 #2 dup t x", "completed 1 00",
                                      "> PUBLISH q1 #3 dup t x", "completed 2 00", "> PUBLISH q1 #4 t new"}));
    }

    void S83_closes_over_more_messages_than_announced()
    {
        ClientWorld world;
        world.connect({.more = receiveMaximum(2)});
        for (const quint16 id : {1, 2, 3})
            world.receivePublish(q2, id);
        QCOMPARE(world.take().mid(4), Lines({"violation MQTT-3.3.4-9", "> DISCONNECT 93", "close"}));
        QCOMPARE(world.session.inbox.heldCount(), 2);
    }

    void takes_more_than_announced_when_it_only_notes()
    {
        ClientWorld world;
        world.session.policy.noteViolationsOnly = true;
        world.connect({.more = receiveMaximum(1)});
        world.receivePublish(q2, 1);
        world.take();
        world.receivePublish(q2, 2);
        world.receivePublish(q2, 2);
        world.receiveAck(Pubrel, 2);
        QCOMPARE(world.take(),
                 Lines({"violation MQTT-3.3.4-9", "delivered t x", "> PUBREC #2", "> PUBREC #2", "> PUBCOMP #2"}));
    }

    void S87_a_subscribe_finds_an_id_beside_65000_open_messages()
    {
        ClientWorld world = connectedWorld();
        for (int i = 0; i < 65'535; ++i)
            world.publish(q1);
        QCOMPARE(world.session.outbox.size(), maximumInFlight);
        QCOMPARE(world.session.neverSent.size(), 535u);
        world.take();
        world.run(SubscribeCommand{{{"u", {}}}, {}});
        world.receiveAck(Puback, 42);
        QCOMPARE(world.take(), Lines({"> SUBSCRIBE #65001 u", "completed 42 00", "> PUBLISH q1 #65002 t x"}));
    }

    void S88_a_publish_does_not_take_the_id_of_a_subscribe()
    {
        ClientWorld world = connectedWorld();
        world.run(SubscribeCommand{{{"u", {}}}, {}});
        world.publish(q1);
        QCOMPARE(world.take(), Lines({"> SUBSCRIBE #1 u", "token 1", "> PUBLISH q1 #2 t x"}));
    }

    void S90_the_quota_of_an_earlier_connection_is_forgotten()
    {
        ClientWorld world = connectedWorld(receiveMaximum(65'535));
        publishQuietly(world, {q1, q1, q1});
        world.resume({.sessionPresent = true, .properties = receiveMaximum(1)});
        QCOMPARE(world.take(), Lines({"> PUBLISH q1 #1 dup t x"}));
    }

    void a_311_server_gets_as_many_at_once_as_the_policy_says()
    {
        ClientWorld world;
        world.session.policy.v3SendMaximum = 2;
        world.connect({.version = Version::V311});
        publishQuietly(world, {q1, q1, q1});
        QCOMPARE(world.session.neverSent.size(), 1u);
        world.receiveAck(Puback, 1);
        QCOMPARE(world.take(), Lines({"completed 1 00", "> PUBLISH q1 #3 t x"}));
    }

    // Limits of the server, topic aliases, refusals

    void S135_an_inbound_alias_dies_with_its_connection()
    {
        const Properties alias{{PropertyId::TopicAlias, 1u}};
        ClientWorld world;
        world.connect({.more = {{PropertyId::TopicAliasMaximum, 10u}}});
        world.receive(PublishPacket{.topic = "long/topic", .payload = "x", .properties = alias});
        world.receive(PublishPacket{.payload = "y", .properties = alias});
        QCOMPARE(world.take(), Lines({"delivered long/topic x", "delivered long/topic y"}));
        world.resume();
        world.receive(PublishPacket{.payload = "z", .properties = alias});
        QCOMPARE(world.take(), Lines({"violation v5 §3.3.2.3.4", "> DISCONNECT 82", "close"}));
    }

    void rejects_an_alias_above_the_announced_maximum()
    {
        ClientWorld world = connectedWorld();
        world.receive(PublishPacket{.topic = "t", .payload = "x", .properties = {{PropertyId::TopicAlias, 1u}}});
        QCOMPARE(world.take(), Lines({"violation MQTT-3.3.2-11", "> DISCONNECT 94", "close"}));
    }

    void S136_S137_a_resend_names_its_topic_and_aliases_follow_the_connack()
    {
        ClientWorld world;
        world.session.policy.useTopicAliases = true;
        world.connect({}, {.properties = {{PropertyId::TopicAliasMaximum, 1u}}});
        world.publish(q1, "first/topic");
        world.publish(q1, "first/topic");
        world.publish(q0, "other/topic");
        QCOMPARE(world.take(), Lines({"token 1", "> PUBLISH q1 #1 first/topic alias=1 x", "token 2",
                                      "> PUBLISH q1 #2 - alias=1 x", "token 3", "> PUBLISH q0 other/topic x"}));
        world.resume();
        world.publish(q0, "first/topic");
        QCOMPARE(world.take(), Lines({"> PUBLISH q1 #1 dup first/topic x", "> PUBLISH q1 #2 dup first/topic x",
                                      "token 4", "> PUBLISH q0 first/topic x"}));
    }

    void S139_what_the_new_connack_forbids_is_not_resent_data()
    {
        QTest::addColumn<Property>("limit");
        QTest::addColumn<QByteArray>("outcome");
        QTest::newRow("Maximum QoS") << Property{PropertyId::MaximumQos, 1u} << QByteArray("9B");
        QTest::newRow("Retain Available") << Property{PropertyId::RetainAvailable, 0u} << QByteArray("9A");
        QTest::newRow("Maximum Packet Size") << Property{PropertyId::MaximumPacketSize, 12u} << QByteArray("95");
    }
    void S139_what_the_new_connack_forbids_is_not_resent()
    {
        QFETCH(Property, limit);
        QFETCH(QByteArray, outcome);
        ClientWorld world = connectedWorld();
        world.publish(q2, "t", "large enough", true);
        world.publish(q1, "t", "x");
        world.cut();
        world.publish(q2, "t", "large enough", true);
        Properties answered = receiveMaximum(1);
        answered.append(limit);
        world.resume({.sessionPresent = true, .properties = answered});
        QCOMPARE(world.take(), Lines({"completed 1 " + outcome, "> PUBLISH q1 #2 dup t x"}));
        QVERIFY(!world.session.outbox.isInUse({1}));
        world.receiveAck(Puback, 2);
        QCOMPARE(world.take(), Lines({"completed 2 00", "completed 3 " + outcome}));

        world.publish(q2, "t", "large enough", true);
        QVERIFY(world.take().constFirst().startsWith("no: "));
    }

    void a_packet_of_just_the_maximum_size_is_sent()
    {
        const PublishPacket publish{.topic = "t", .payload = "x", .packetId = {1}, .qos = q1};
        const auto size = quint32(encodedSize({publish, {}}, Version::V5));
        ClientWorld world = connectedWorld({{PropertyId::MaximumPacketSize, size}});
        world.publish(q1);
        world.publish(q1, "t", "xy");
        QCOMPARE(world.take(),
                 Lines({"token 1", "> PUBLISH q1 #1 t x", "no: larger than the server's Maximum Packet Size"}));
    }

    void refuses_what_cannot_wait()
    {
        ClientWorld world;
        world.publish(q0);
        world.publish(Qos::Reserved);
        QCOMPARE(world.take(), Lines({"no: a QoS 0 message needs a connection", "no: there is no QoS 3"}));
        world.session.neverSent.resize(maximumNeverSent);
        world.publish(q1);
        QCOMPARE(world.take(), Lines({"no: too many messages wait to be sent"}));
    }

    void answers_a_payload_that_is_not_what_it_says_with_the_reason()
    {
        const Properties text{{PropertyId::PayloadFormatIndicator, 1u}};
        ClientWorld world = connectedWorld();
        const auto publish = [&](Qos qos) {
            world.receive(
                PublishPacket{.topic = "t", .payload = "\xFF", .packetId = {3}, .qos = qos, .properties = text});
            return world.take();
        };
        QCOMPARE(publish(q1), Lines({"violation v5 §3.3.2.3.2", "> PUBACK #3 99"}));
        QCOMPARE(publish(q2), Lines({"violation v5 §3.3.2.3.2", "> PUBREC #3 99"}));
        QVERIFY(!world.session.inbox.isHeld({3}));
        QCOMPARE(publish(q0), Lines({"violation v5 §3.3.2.3.2", "delivered t \xFF"}));
    }

    void survives_a_packet_identifier_of_0_when_it_only_notes()
    {
        ClientWorld world = connectedWorld();
        world.session.policy.noteViolationsOnly = true;
        world.receivePublish(q2, 0);
        QCOMPARE(world.take(), Lines({"violation MQTT-2.2.1-4", "delivered t x", "> PUBREC #0"}));
        QCOMPARE(world.session.inbox.openOnConnection(), 0u);
    }
};

QTEST_APPLESS_MAIN(ClientMessagesTest)
#include "tst_client_messages.moc"
