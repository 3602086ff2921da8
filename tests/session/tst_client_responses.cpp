// Requests and their responses (v5 §4.10), and messages that are published again after their session was lost.
#include "tests/session/client_world.h"

#include <QTest>

using namespace sessionscope;
using namespace std::chrono_literals;
using Lines = QByteArrayList;
using enum PacketType;

namespace {

PublishPacket lastPublish(const ClientEffects &effects)
{
    PublishPacket last;
    for (const ClientEffect &effect : effects) {
        const auto *sent = std::get_if<SendPacket>(&effect);
        if (const auto *publish = sent ? sent->packet.as<PublishPacket>() : nullptr)
            last = *publish;
    }
    return last;
}

/// Asks, and returns the request as it went out.
PublishPacket ask(ClientWorld &world, const QByteArray &responseTopic = {})
{
    ClientEffects effects;
    const Message question{.topic = "ask", .payload = "q", .qos = q1};
    step(world.session, ClientCommand(RequestCommand{question, responseTopic, 10s}), world.now, effects);
    return lastPublish(effects);
}

PublishPacket responseTo(const PublishPacket &request, const QByteArray &payload)
{
    PublishPacket response{.topic = request.properties.bytes(PropertyId::ResponseTopic).value_or("")};
    response.payload = payload;
    response.properties.add(PropertyId::CorrelationData,
                            request.properties.bytes(PropertyId::CorrelationData).value_or(""));
    return response;
}

} // namespace

class ClientResponsesTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void subscribes_first_then_asks()
    {
        ClientWorld world = connectedWorld();
        world.run(RequestCommand{{.topic = "ask", .payload = "q", .qos = q1}, "answers/A", 10s});
        QCOMPARE(world.take(), Lines({"> SUBSCRIBE #1 answers/A", "token 1", "> PUBLISH q1 #2 ask q"}));
        world.receive(SubackPacket{PacketId{1}, {}, {ReasonCode::GrantedQos1}});
        world.take();
        world.run(RequestCommand{{.topic = "ask", .payload = "q", .qos = q1}, "answers/A", 10s});
        QCOMPARE(world.take(), Lines({"token 2", "> PUBLISH q1 #3 ask q"}));
    }

    void knows_each_response_by_its_correlation_data()
    {
        ClientWorld world = connectedWorld();
        const PublishPacket first = ask(world);
        const PublishPacket second = ask(world);
        QVERIFY(first.properties.bytes(PropertyId::CorrelationData) !=
                second.properties.bytes(PropertyId::CorrelationData));
        world.pass(20ms);
        world.receive(responseTo(second, "two"));
        world.receive(responseTo(first, "one"));
        QCOMPARE(world.take(), Lines({"delivered response/A two", "response to 2 after 20 ms: two",
                                      "delivered response/A one", "response to 1 after 20 ms: one"}));
        world.receive(responseTo(first, "again"));
        QCOMPARE(world.take(), Lines({"delivered response/A again"}));
    }

    // MQTT-3.1.2-28
    void builds_the_response_topic_of_the_response_information()
    {
        ClientWorld world;
        world.connect({.more = {{PropertyId::RequestResponseInformation, 1u}}},
                      {.properties = {{PropertyId::ResponseInformation, QByteArray("replies/tenant-4")}}});
        QCOMPARE(ask(world).properties.bytes(PropertyId::ResponseTopic), QByteArray("replies/tenant-4/A"));
    }

    void does_not_take_another_topic_for_a_response()
    {
        ClientWorld world = connectedWorld();
        PublishPacket forged = responseTo(ask(world), "x");
        forged.topic = "elsewhere";
        world.receive(forged);
        QCOMPARE(world.take(), Lines({"delivered elsewhere x"}));
    }

    void tells_when_no_response_came()
    {
        ClientWorld world = connectedWorld();
        const PublishPacket request = ask(world);
        world.pass(10s - 1us);
        QCOMPARE(world.take(), Lines());
        world.pass(1us);
        QCOMPARE(world.take(), Lines({"no response to 1"}));
        world.receive(responseTo(request, "late"));
        QCOMPARE(world.take(), Lines({"delivered response/A late"}));
    }

    void awaits_a_response_across_connections()
    {
        ClientWorld world = connectedWorld();
        const PublishPacket request = ask(world);
        world.resume();
        world.take();
        world.receive(responseTo(request, "x"));
        QVERIFY(world.take().contains("response to 1 after 0 ms: x"));
    }

    void a_device_without_its_store_awaits_no_response()
    {
        ClientWorld world = connectedWorld();
        ask(world);
        world.run(ForgetCommand{});
        world.cut();
        world.take();
        world.pass(1h);
        QCOMPARE(world.take(), Lines());
    }

    // MQTT-3.3.2-14
    void refuses_requests_that_cannot_be_answered()
    {
        ClientWorld world;
        world.run(RequestCommand{{.topic = "ask"}, {}, 10s});
        QCOMPARE(world.take(), Lines({"no: not connected"}));
        world.connect({.version = Version::V311});
        world.run(RequestCommand{{.topic = "ask"}, {}, 10s});
        QCOMPARE(world.take(), Lines({"no: requests with a Response Topic need MQTT 5.0"}));
        world = connectedWorld();
        world.run(RequestCommand{{.topic = "ask"}, "a/#", 10s});
        QCOMPARE(world.take(), Lines({"no: a Response Topic has no wildcards"}));
        QVERIFY(world.session.awaitedResponses.empty());
    }

    void responds_where_the_request_says()
    {
        ClientWorld world = connectedWorld();
        PublishPacket request{.topic = "ask", .qos = q1};
        request.properties = {{PropertyId::ResponseTopic, QByteArray("back")},
                              {PropertyId::CorrelationData, QByteArray("7")}};
        ClientEffects effects;
        step(world.session, ClientCommand(RespondCommand{request, "fine"}), world.now, effects);
        const PublishPacket response = lastPublish(effects);
        QCOMPARE(response.topic, "back");
        QCOMPARE(response.qos, q1);
        QCOMPARE(response.properties, Properties({{PropertyId::CorrelationData, QByteArray("7")}}));
        world.run(RespondCommand{PublishPacket{.topic = "ask"}, "fine"});
        QCOMPARE(world.take(), Lines({"no: the message names no Response Topic"}));
    }

    // [D-34]
    void publishes_again_what_a_lost_session_left_unknown()
    {
        ClientWorld world = connectedWorld();
        world.session.policy.republishLost = true;
        world.publish(q2, "t", "arrived");
        world.receiveAck(Pubrec, 1);
        world.publish(q1, "t", "one");
        world.publish(q2, "t", "two");
        world.take();
        world.resume({.sessionPresent = false});
        QCOMPARE(world.take(), Lines({"ended: not present", "again 2", "again 3", "lost 1", "accepted",
                                      "> PUBLISH q1 #1 t one", "> PUBLISH q2 #2 t two"}));
        world.receiveAck(Puback, 1);
        QCOMPARE(world.take(), Lines({"completed 2 00"}));
    }
};

QTEST_APPLESS_MAIN(ClientResponsesTest)
#include "tst_client_responses.moc"
