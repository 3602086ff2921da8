// SUBSCRIBE and UNSUBSCRIBE of a client: their answers, what is lost with a connection, and subscribing again.
#include "tests/session/client_world.h"

#include <QTest>

using namespace sessionscope;
using Lines = QByteArrayList;

namespace {

SubscribeCommand subscribe(std::initializer_list<QByteArray> filters, quint32 identifier = 0)
{
    SubscribeCommand command;
    for (const QByteArray &filter : filters)
        command.entries.append({filter, {.maximumQos = Qos::AtLeastOnce}});
    if (identifier != 0)
        command.properties.add(PropertyId::SubscriptionIdentifier, identifier);
    return command;
}

QByteArrayList remembered(const ClientWorld &world)
{
    QByteArrayList filters;
    for (const auto &[filter, options] : world.session.subscriptions)
        filters.append(filter);
    return filters;
}

} // namespace

class ClientRequestsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void remembers_what_was_granted()
    {
        ClientWorld world;
        world.connect();
        world.run(subscribe({"a", "b"}, 7));
        world.receive(SubackPacket{{1}, {}, {ReasonCode::GrantedQos1, ReasonCode::NotAuthorized}});
        QCOMPARE(world.take(), Lines({"> SUBSCRIBE #1 a b subid=7", "SUBSCRIBE answered a b 01 87"}));
        QCOMPARE(remembered(world), Lines({"a"}));
        world.run(UnsubscribeCommand{{"a", "c"}, {}});
        world.receive(UnsubackPacket{{2}, {}, {ReasonCode::Success, ReasonCode::NoSubscriptionExisted}});
        QCOMPARE(world.take(), Lines({"> UNSUBSCRIBE #2 a c", "UNSUBSCRIBE answered a c 00 11"}));
        QCOMPARE(remembered(world), Lines());
        QVERIFY(world.session.subscriptionIdentifiers.empty());
        QVERIFY(!world.session.outbox.isInUse({1}) && !world.session.outbox.isInUse({2}));
    }

    void does_not_ask_for_what_the_server_does_not_have_data()
    {
        QTest::addColumn<PropertyId>("lacking");
        QTest::addColumn<QByteArray>("filter");
        QTest::addColumn<quint32>("identifier");
        QTest::addColumn<QByteArray>("why");
        using enum PropertyId;
        QTest::newRow("wildcards") << WildcardSubscriptionAvailable << QByteArray("a/+") << 0U
                                   << QByteArray("no: the server has no wildcard subscriptions");
        QTest::newRow("shared") << SharedSubscriptionAvailable << QByteArray("$share/g/a") << 0U
                                << QByteArray("no: the server has no shared subscriptions");
        QTest::newRow("identifiers") << SubscriptionIdentifierAvailable << QByteArray("a") << 5U
                                     << QByteArray("no: the server has no subscription identifiers");
    }

    void does_not_ask_for_what_the_server_does_not_have()
    {
        QFETCH(PropertyId, lacking);
        QFETCH(QByteArray, filter);
        QFETCH(quint32, identifier);
        QFETCH(QByteArray, why);
        ClientWorld world = connectedWorld({{lacking, 0U}});
        world.run(subscribe({filter}, identifier));
        QCOMPARE(world.take(), Lines({why}));
        world.run(subscribe({"plain"}));
        QCOMPARE(world.take(), Lines({"> SUBSCRIBE #1 plain"}));
        world.session.policy.ignoreServerLimits = true;
        world.run(subscribe({filter}, identifier));
        QVERIFY(world.take().first().startsWith("> SUBSCRIBE #2 " + filter));
    }

    void a_refused_unsubscribe_leaves_the_subscription()
    {
        ClientWorld world;
        world.connect();
        world.run(subscribe({"a"}));
        world.receive(SubackPacket{{1}, {}, {ReasonCode::GrantedQos1}});
        world.run(UnsubscribeCommand{{"a"}, {}});
        world.receive(UnsubackPacket{{2}, {}, {ReasonCode::NotAuthorized}});
        QCOMPARE(remembered(world), Lines({"a"}));
    }

    void a_311_unsuback_has_no_reasons()
    {
        ClientWorld world;
        world.connect({.version = Version::V311});
        world.run(subscribe({"a"}));
        world.receive(SubackPacket{{1}, {}, {ReasonCode::GrantedQos1}});
        world.run(UnsubscribeCommand{{"a"}, {}});
        world.take();
        world.receive(UnsubackPacket{{2}, {}, {}});
        QCOMPARE(world.take(), Lines({"UNSUBSCRIBE answered a"}));
        QCOMPARE(remembered(world), Lines());
    }

    void rejects_answers_that_do_not_belong_to_a_request_data()
    {
        QTest::addColumn<PacketBody>("answer");
        QTest::addColumn<QByteArray>("statement");
        const QList<ReasonCode> one{ReasonCode::GrantedQos1};
        QTest::newRow("unknown id") << PacketBody(SubackPacket{{9}, {}, one}) << QByteArray("MQTT-2.2.1-6");
        QTest::newRow("other type") << PacketBody(UnsubackPacket{{1}, {}, {ReasonCode::Success}})
                                    << QByteArray("MQTT-2.2.1-6");
        QTest::newRow("too few codes") << PacketBody(SubackPacket{{1}, {}, one}) << QByteArray("MQTT-3.8.4-6");
        QTest::newRow("ack of a PUBLISH")
            << PacketBody(AckPacket{PacketType::Puback, {1}, ReasonCode::Success, {}}) << QByteArray("MQTT-3.3.4-1");
    }
    void rejects_answers_that_do_not_belong_to_a_request()
    {
        QFETCH(PacketBody, answer);
        QFETCH(QByteArray, statement);
        ClientWorld world;
        world.connect();
        world.run(subscribe({"a", "b"}));
        world.take();
        world.receive(answer);
        QCOMPARE(world.take(), Lines({"violation " + statement, "> DISCONNECT 82", "close"}));
        world.cut();
        QCOMPARE(world.take(), Lines({"SUBSCRIBE unanswered a b"}));
    }

    void S89_an_unanswered_request_is_told_and_not_resent()
    {
        ClientWorld world;
        world.connect();
        world.run(subscribe({"a"}));
        world.take();
        world.cut();
        QCOMPARE(world.take(), Lines({"SUBSCRIBE unanswered a"}));
        world.run(ReconnectCommand{});
        world.open();
        world.take();
        world.receive(Connack{.sessionPresent = true});
        QCOMPARE(world.take(), Lines({"resumed"}));
        QVERIFY(!world.session.outbox.isInUse({1}));
    }

    void S41_subscribes_again_only_in_a_fresh_session()
    {
        ClientWorld world;
        world.session.policy.resubscribeWhenFresh = true;
        world.connect();
        world.run(subscribe({"a", "b"}));
        world.receive(SubackPacket{{1}, {}, {ReasonCode::GrantedQos1, ReasonCode::GrantedQos1}});
        world.run(subscribe({"c"}, 7));
        world.receive(SubackPacket{{2}, {}, {ReasonCode::GrantedQos1}});
        world.resume();
        QCOMPARE(world.take(), Lines());
        world.resume({.sessionPresent = false});
        QCOMPARE(world.take(),
                 Lines({"ended: not present", "accepted", "> SUBSCRIBE #1 a b", "> SUBSCRIBE #2 c subid=7"}));
        world.cut();
        QCOMPARE(remembered(world), Lines({"a", "b", "c"}));
    }

    void asks_for_its_subscriptions_until_they_are_answered()
    {
        ClientWorld world;
        world.session.policy.resubscribeWhenFresh = true;
        world.connect();
        world.run(subscribe({"a"}));
        world.receive(SubackPacket{{1}, {}, {ReasonCode::GrantedQos1}});
        world.resume({.sessionPresent = false}); // the SUBSCRIBE that follows is lost with its connection
        world.resume();
        QCOMPARE(world.take(), Lines({"> SUBSCRIBE #2 a"}));
        world.receive(SubackPacket{{2}, {}, {ReasonCode::GrantedQos1}});
        world.resume();
        QCOMPARE(world.take(), Lines());
    }

    void S177_doubts_a_session_resumed_after_an_unanswered_attempt()
    {
        ClientWorld world;
        world.session.policy.resubscribeWhenFresh = true;
        world.connect();
        world.run(subscribe({"a"}));
        world.receive(SubackPacket{{1}, {}, {ReasonCode::GrantedQos1}});
        world.publish(Qos::ExactlyOnce);
        world.cut();
        world.run(ReconnectCommand{});
        world.open(); // the server begins anew, and its CONNACK is lost
        world.take();
        world.resume();
        QCOMPARE(world.take(), Lines({"> SUBSCRIBE #3 a", "> PUBLISH q2 #2 dup t x"}));
        QVERIFY(world.session.record->inDoubt);
        QCOMPARE(world.session.openRequests.at({3}).entries.constFirst().options.retainHandling,
                 RetainHandling::SendIfNew);
        world.resume();
        QVERIFY(!world.session.record->inDoubt);
    }

    void S177_starts_clean_instead_when_told_to()
    {
        ClientWorld world;
        world.session.policy.cleanAfterUnansweredResume = true;
        world.connect();
        world.cut();
        world.run(ReconnectCommand{});
        world.open();
        world.cut();
        world.take();
        world.run(ReconnectCommand{});
        world.open();
        QCOMPARE(world.take(), Lines({"open", "ended: clean start", "> CONNECT A cs=1"}));
    }

    void a_refused_resume_leaves_no_doubt()
    {
        ClientWorld world;
        world.connect();
        world.resume({.reason = 0x88});
        world.resume();
        QVERIFY(!world.session.record->inDoubt);
    }

    void forgets_subscriptions_that_the_server_lost()
    {
        ClientWorld world;
        world.connect();
        world.run(subscribe({"a"}));
        world.receive(SubackPacket{{1}, {}, {ReasonCode::GrantedQos1}});
        world.resume();
        QCOMPARE(remembered(world), Lines({"a"}));
        world.resume({.sessionPresent = false});
        QCOMPARE(remembered(world), Lines());
    }

    void refuses_what_cannot_be_sent_now()
    {
        ClientWorld world;
        world.run(subscribe({"a"}));
        world.run(UnsubscribeCommand{{"a"}, {}});
        QCOMPARE(world.take(), Lines({"no: not connected", "no: not connected"}));
        world.connect({}, {.properties = {{PropertyId::MaximumPacketSize, 10u}}});
        world.run(subscribe({"a/rather/long/filter"}));
        QCOMPARE(world.take(), Lines({"no: larger than the server's Maximum Packet Size"}));
    }
};

QTEST_APPLESS_MAIN(ClientRequestsTest)
#include "tst_client_requests.moc"
