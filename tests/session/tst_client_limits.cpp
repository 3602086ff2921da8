// What limits a client's messages: quota and identifiers, the server's CONNACK, topic aliases, refusals.
#include "tests/session/client_world.h"

#include <QTest>

using namespace sessionscope;
using Lines = QByteArrayList;
using enum PacketType;

class ClientLimitsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // MQTT-3.3.4-7
    void S77_S81_sends_as_the_quota_comes_back()
    {
        ClientWorld world = connectedWorld(receiveMaximum(2));
        publishQuietly(world, {q1, q2, q1});
        world.receiveAck(Pubrec, 2);
        QCOMPARE(world.take(), Lines({"> PUBREL #2"}));
        world.receiveAck(Pubcomp, 2);
        QCOMPARE(world.take(), Lines({"completed 2 00", "> PUBLISH q1 #3 t x"}));
    }

    // MQTT-3.3.4-8
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

    // MQTT-3.2.2-17, -18
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
    // MQTT-3.2.2-11, -14, -15
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

    // The limit is one of PUBLISH: what the server has taken is released all the same (MQTT-4.3.3-6) [D-19]
    void S139_an_owed_pubrel_is_sent_whatever_the_new_limit()
    {
        ClientWorld world = connectedWorld();
        world.publish(q2, "t", "x", true);
        world.receiveAck(Pubrec, 1);
        world.cut();
        world.take();
        Properties answered;
        answered.append({PropertyId::MaximumQos, 1u});
        answered.append({PropertyId::RetainAvailable, 0u});
        answered.append({PropertyId::MaximumPacketSize, 12u});
        world.resume({.sessionPresent = true, .properties = answered});
        QCOMPARE(world.take(), Lines({"> PUBREL #1"}));
        world.receiveAck(Pubcomp, 1);
        QCOMPARE(world.take(), Lines({"completed 1 00"}));
    }

    // What it holds of the server's is not the limit's affair either.
    void S139_a_held_message_is_completed_whatever_the_new_limit()
    {
        ClientWorld world = connectedWorld();
        world.receivePublish(q2, 9);
        world.cut();
        world.take();
        Properties answered;
        answered.append({PropertyId::MaximumQos, 0u});
        world.resume({.sessionPresent = true, .properties = answered});
        world.take();
        world.receivePublish(q2, 9, "x", true);
        world.receiveAck(Pubrel, 9);
        QCOMPARE(world.take(), Lines({"> PUBREC #9", "> PUBCOMP #9"}));
    }

    // MQTT-3.2.2-15
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

    void messages_wait_in_order_while_the_link_takes_no_more()
    {
        ClientWorld world = connectedWorld(receiveMaximum(1));
        world.block();
        world.publish(q0, "t", "a");
        world.publish(q1, "t", "b");
        world.publish(q1, "t", "c");
        world.publish(q0, "t", "d");
        world.receivePublish(q1, 9);
        QCOMPARE(world.take(), Lines({"token 1", "token 2", "token 3", "token 4", "delivered t x", "> PUBACK #9"}));
        world.drain();
        QCOMPARE(world.take(), Lines({"> PUBLISH q0 t a", "> PUBLISH q1 #1 t b"}));
        world.publish(q0, "t", "e");
        QCOMPARE(world.take(), Lines({"token 5"}));
        world.receiveAck(Puback, 1);
        QCOMPARE(world.take(),
                 Lines({"completed 2 00", "> PUBLISH q1 #2 t c", "> PUBLISH q0 t d", "> PUBLISH q0 t e"}));
        world.publish(q0, "t", "f");
        QCOMPARE(world.take(), Lines({"token 6", "> PUBLISH q0 t f"}));
    }

    void a_new_connection_is_not_blocked()
    {
        ClientWorld world = connectedWorld();
        world.block();
        world.publish(q1);
        world.resume({.sessionPresent = true});
        QCOMPARE(world.take(), Lines({"> PUBLISH q1 #1 t x"}));
    }

    void sends_what_the_server_forbids_when_told_to()
    {
        ClientWorld world = connectedWorld({{PropertyId::MaximumQos, 0U}});
        world.publish(q1);
        QCOMPARE(world.take(), Lines({"no: above the server's Maximum QoS"}));
        world.session.policy.ignoreServerLimits = true;
        world.publish(q1);
        QCOMPARE(world.take(), Lines({"token 1", "> PUBLISH q1 #1 t x"}));
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

QTEST_APPLESS_MAIN(ClientLimitsTest)
#include "tst_client_limits.moc"
