// Our client engine against mosquitto in 5.0: what only this version has. Waits in real seconds are for the broker's
// own clocks (expiry, will delay) and run side by side.
#include "tests/interop/desk.h"
#include "tests/interop/foreign_broker.h"
#include "tests/interop/relay.h"

#include <QTest>

using namespace sessionscope;
using namespace sessionscope::interop;
using namespace Qt::StringLiterals;

class OurClientFeatures : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        if (const auto lack = ForeignBroker::missing(Maker::Mosquitto); !lack.isEmpty())
            QSKIP(qPrintable(lack));
        QVERIFY(m_broker.start(Maker::Mosquitto));
    }

    void ends_sessions_and_publishes_wills_in_time();
    void comes_back_before_its_delayed_will();
    void takes_the_identifier_that_the_server_assigns();
    void keeps_to_the_keep_alive_and_packet_size_of_the_server();
    void gets_no_packet_above_its_own_maximum();
    void gets_the_identifiers_of_its_subscriptions();
    void gets_retained_messages_as_its_subscription_asks();
    void gets_nothing_of_its_own_and_retain_as_published();
    void shares_a_subscription();
    void names_topics_by_alias();
    void has_no_more_open_than_receive_maximum();
    void sees_the_expiry_of_a_queued_message_count_down();
    void gets_the_response_to_its_request();
    void is_told_that_no_subscription_existed();
    void closes_over_a_server_that_exceeds_receive_maximum();

private:
    ClientKey connected(Desk &desk, const ConnectPacket &packet, const ClientPolicy &policy = {});
    ClientKey connected(Desk &desk, Session session = Session::EndsWithConnection)
    {
        return connected(desk, connectPacket(Version::V5, session, fresh("client")));
    }

    ForeignBroker m_broker;
};

/// A new client whose connection stands; the test has failed when it does not.
ClientKey OurClientFeatures::connected(Desk &desk, const ConnectPacket &packet, const ClientPolicy &policy)
{
    const auto client = desk.add("client", m_broker.endpoint(), policy);
    desk.tell(client, ConnectCommand{packet});
    if (!QTest::qWaitFor([&] { return desk.isConnected(client); }, int(patience.count())))
        QTest::qFail("no connection", __FILE__, __LINE__);
    return client;
}

static void subscribeAndWait(Desk &desk, ClientKey client, const SubscribeCommand &command)
{
    const int before = desk.answered(client);
    desk.tell(client, command);
    QTRY_COMPARE(desk.answered(client), before + 1);
}

static ConnectPacket withWill(const QByteArray &topic, const QByteArray &payload, quint32 delay, quint32 expiry)
{
    auto packet = connectPacket(Version::V5, Session::EndsWithConnection, fresh("mortal"));
    packet.properties.add(PropertyId::SessionExpiryInterval, expiry);
    packet.will = Will{.topic = topic,
                       .payload = payload,
                       .qos = Qos::AtLeastOnce,
                       .properties = {{PropertyId::WillDelayInterval, delay}}};
    return packet;
}

void OurClientFeatures::ends_sessions_and_publishes_wills_in_time()
{
    Desk desk;
    const auto topic = fresh("wills");
    const auto watcher = connected(desk);
    subscribeAndWait(desk, watcher, subscribe(topic));
    // A delay longer than the session: the will tells when the broker ended it.
    const auto expiring = connected(desk, withWill(topic, "session over", 100'000, 1));
    const auto shortened = connected(desk, withWill(topic, "shortened session over", 100'000, 300));
    const auto delayed = connected(desk, withWill(topic, "delay over", 1, 300));
    desk.cut(expiring);
    desk.cut(delayed);
    desk.tell(shortened, DisconnectCommand{ReasonCode::DisconnectWithWillMessage, 1});
    QTRY_VERIFY_WITH_TIMEOUT(desk.delivered(watcher, "session over") == 1 &&
                                 desk.delivered(watcher, "delay over") == 1 &&
                                 desk.delivered(watcher, "shortened session over") == 1,
                             int(patience.count()));
    for (const auto &[client, sessionPresent] : {std::pair{expiring, 0}, {shortened, 0}, {delayed, 1}}) {
        desk.tell(client, ReconnectCommand{});
        QTRY_COMPARE(desk.sessionPresent(client), sessionPresent);
    }
}

void OurClientFeatures::comes_back_before_its_delayed_will()
{
    Desk desk;
    const auto topic = fresh("wills");
    const auto watcher = connected(desk);
    subscribeAndWait(desk, watcher, subscribe(topic));
    const auto returning = connected(desk, withWill(topic, "must not come", 1, 300));
    const auto staying = connected(desk, withWill(topic, "came", 2, 300));
    desk.cut(returning);
    desk.cut(staying);
    QTRY_COMPARE(desk.connection(returning), ClientConnection::Closed);
    desk.tell(returning, ReconnectCommand{});
    QTRY_COMPARE(desk.sessionPresent(returning), 1);
    // A will that is due later than the one that was called off.
    QTRY_COMPARE_WITH_TIMEOUT(desk.delivered(watcher, "came"), 1, int(patience.count()));
    QCOMPARE(desk.delivered(watcher, "must not come"), 0);
}

void OurClientFeatures::takes_the_identifier_that_the_server_assigns()
{
    Desk desk;
    const auto client = connected(desk, connectPacket(Version::V5, Session::Kept, {}));
    const auto assigned = desk.client(client)->connack->properties.bytes(PropertyId::AssignedClientIdentifier);
    QVERIFY(assigned && !assigned->isEmpty());
    desk.cut(client);
    QTRY_COMPARE(desk.connection(client), ClientConnection::Closed);
    desk.tell(client, ReconnectCommand{});
    QTRY_COMPARE(desk.sessionPresent(client), 1);
    QCOMPARE(desk.client(client)->connect.clientId, *assigned);
}

void OurClientFeatures::keeps_to_the_keep_alive_and_packet_size_of_the_server()
{
    Desk desk;
    auto packet = connectPacket(Version::V5, Session::EndsWithConnection, fresh("client"));
    packet.keepAlive = ForeignBroker::longestKeepAlive + 1;
    const auto client = connected(desk, packet);
    const auto &properties = desk.client(client)->connack->properties;
    QCOMPARE(properties.integer(PropertyId::ServerKeepAlive), std::optional<quint32>(ForeignBroker::longestKeepAlive));
    QCOMPARE(properties.integer(PropertyId::MaximumPacketSize), std::optional(ForeignBroker::largestPacket));
    desk.tell(client, publish(fresh("large"), QByteArray(ForeignBroker::largestPacket, 'x'), Qos::AtLeastOnce));
    QTRY_COMPARE((desk.countNotes<CommandRefused>(client, [](const auto &) { return true; })), 1);
    QVERIFY(desk.isConnected(client));
}

void OurClientFeatures::gets_no_packet_above_its_own_maximum()
{
    Desk desk;
    const auto topic = fresh("sizes");
    auto packet = connectPacket(Version::V5, Session::EndsWithConnection, fresh("client"));
    packet.properties.add(PropertyId::MaximumPacketSize, 1000);
    const auto client = connected(desk, packet);
    subscribeAndWait(desk, client, subscribe(topic));
    desk.tell(client, publish(topic, QByteArray(1000, 'x'), Qos::AtLeastOnce));
    desk.tell(client, publish(topic, "small", Qos::AtLeastOnce));
    QTRY_COMPARE(desk.delivered(client, "small"), 1);
    QCOMPARE(int(desk.messages(client).size()), 1);
}

void OurClientFeatures::gets_the_identifiers_of_its_subscriptions()
{
    Desk desk;
    const auto topic = fresh("numbered");
    const auto client = connected(desk, Session::Kept);
    const auto other = connected(desk);
    subscribeAndWait(
        desk, client,
        subscribe(topic + "/+", {.maximumQos = Qos::ExactlyOnce}, {{PropertyId::SubscriptionIdentifier, quint32{7}}}));
    desk.tell(other, publish(topic + "/live", "live", Qos::AtLeastOnce));
    QTRY_COMPARE(desk.delivered(client, "live"), 1);
    desk.cut(client);
    QTRY_COMPARE(desk.connection(client), ClientConnection::Closed);
    desk.tell(other, publish(topic + "/queued", "queued", Qos::AtLeastOnce));
    QTRY_COMPARE(desk.completed(other), 2);
    desk.tell(client, ReconnectCommand{});
    QTRY_COMPARE(desk.delivered(client, "queued"), 1);
    for (const auto &message : desk.messages(client))
        QCOMPARE(message.properties.integer(PropertyId::SubscriptionIdentifier), std::optional<quint32>(7));
}

void OurClientFeatures::gets_retained_messages_as_its_subscription_asks()
{
    Desk desk;
    const auto topic = fresh("state");
    const auto client = connected(desk);
    auto kept = publish(topic, "on", Qos::AtLeastOnce);
    kept.message.retain = true;
    desk.tell(client, kept);
    QTRY_COMPARE(desk.completed(client), 1);
    // Of three SUBSCRIBEs to the same filter each: always, only the first, never.
    for (const auto &[handling, total] : {std::pair{RetainHandling::DoNotSend, 0},
                                          {RetainHandling::SendIfNew, 0},
                                          {RetainHandling::SendAtSubscribe, 1},
                                          {RetainHandling::SendIfNew, 1},
                                          {RetainHandling::SendAtSubscribe, 2}}) {
        subscribeAndWait(desk, client, subscribe(topic, {.maximumQos = Qos::AtLeastOnce, .retainHandling = handling}));
        QTRY_COMPARE(desk.delivered(client, "on"), total);
    }
    const auto second = connected(desk);
    subscribeAndWait(desk, second,
                     subscribe(topic, {.maximumQos = Qos::AtLeastOnce, .retainHandling = RetainHandling::SendIfNew}));
    QTRY_COMPARE(desk.delivered(second, "on"), 1);
    QCOMPARE(desk.delivered(client, "on"), 2);
}

void OurClientFeatures::gets_nothing_of_its_own_and_retain_as_published()
{
    Desk desk;
    const auto topic = fresh("topic");
    const auto client = connected(desk);
    const auto other = connected(desk);
    subscribeAndWait(desk, client,
                     subscribe(topic, {.maximumQos = Qos::AtLeastOnce, .noLocal = true, .retainAsPublished = true}));
    subscribeAndWait(desk, other, subscribe(topic));
    auto command = publish(topic, "own", Qos::AtLeastOnce);
    command.message.retain = true;
    desk.tell(client, command);
    QTRY_COMPARE(desk.delivered(other, "own"), 1);
    QVERIFY(!desk.messages(other).back().retain);
    command.message.payload = "foreign";
    desk.tell(other, command);
    QTRY_COMPARE(desk.delivered(client, "foreign"), 1);
    QVERIFY(desk.messages(client).back().retain);
    QCOMPARE(desk.delivered(client, "own"), 0);
}

void OurClientFeatures::shares_a_subscription()
{
    Desk desk;
    const auto topic = fresh("work");
    const auto publisher = connected(desk);
    const auto first = connected(desk);
    const auto second = connected(desk);
    for (auto worker : {first, second})
        subscribeAndWait(desk, worker, subscribe("$share/crew/" + topic));
    for (int number = 0; number < 10; ++number)
        desk.tell(publisher, publish(topic, QByteArray::number(number), Qos::ExactlyOnce));
    const auto total = [&] { return int(desk.messages(first).size() + desk.messages(second).size()); };
    QTRY_COMPARE(total(), 10);
    for (int number = 0; number < 10; ++number) {
        const auto payload = QByteArray::number(number);
        QCOMPARE(desk.delivered(first, payload) + desk.delivered(second, payload), 1);
    }
    // When one leaves, the other gets everything.
    desk.tell(first, DisconnectCommand{});
    QTRY_COMPARE(desk.connection(first), ClientConnection::Closed);
    const auto before = int(desk.messages(second).size());
    desk.tell(publisher, publish(topic, "last", Qos::ExactlyOnce));
    QTRY_COMPARE(desk.delivered(second, "last"), 1);
    QCOMPARE(int(desk.messages(second).size()), before + 1);
}

void OurClientFeatures::names_topics_by_alias()
{
    Relay relay(m_broker.endpoint());
    Desk desk;
    const auto topic = fresh("a long name that need not be sent twice");
    ClientPolicy policy;
    policy.useTopicAliases = true;
    const auto client = desk.add("client", relay.endpoint(), policy);
    auto packet = connectPacket(Version::V5, Session::EndsWithConnection, fresh("client"));
    packet.properties.add(PropertyId::TopicAliasMaximum, 10);
    desk.tell(client, ConnectCommand{packet});
    QTRY_VERIFY(desk.isConnected(client));
    subscribeAndWait(desk, client, subscribe(topic));
    for (const auto &payload : {"first"_ba, "second"_ba}) {
        desk.tell(client, publish(topic, payload, Qos::AtLeastOnce));
        QTRY_COMPARE(desk.delivered(client, payload), 1);
        QCOMPARE(desk.messages(client).back().topic, topic);
    }
    const auto sent = relay.packets(0, Sender::Client, PacketType::Publish);
    QCOMPARE(sent.size(), 2);
    QCOMPARE(sent[0].as<PublishPacket>()->topic, topic);
    QCOMPARE(sent[1].as<PublishPacket>()->topic, QByteArray());
    // mosquitto 2.0 gives its clients none, which it may (v5 3.1.2.11.5); when it learns to, this test says so.
    for (const auto &received : relay.packets(0, Sender::Server, PacketType::Publish))
        QVERIFY(!propertiesOf(received)->contains(PropertyId::TopicAlias));
}

void OurClientFeatures::has_no_more_open_than_receive_maximum()
{
    Desk desk;
    const auto topic = fresh("flow");
    const auto publisher = connected(desk);
    auto packet = connectPacket(Version::V5, Session::EndsWithConnection, fresh("client"));
    packet.properties.add(PropertyId::ReceiveMaximum, 2);
    const auto client = connected(desk, packet);
    subscribeAndWait(desk, client, subscribe(topic));
    desk.tell(client, HoldAcknowledgements{{PacketType::Puback}});
    for (const auto &payload : {"1"_ba, "2"_ba, "3"_ba, "4"_ba})
        desk.tell(publisher, publish(topic, payload, Qos::AtLeastOnce));
    QTRY_COMPARE(desk.completed(publisher), 4);
    QTRY_COMPARE(desk.client(client)->heldAcksTotal, 2);
    // QoS 0 passes by what waits for its turn, and shows that no third message was on its way.
    desk.tell(publisher, publish(topic, "0", Qos::AtMostOnce));
    QTRY_COMPARE(desk.delivered(client, "0"), 1);
    QCOMPARE(int(desk.messages(client).size()), 3);
    desk.tell(client, HoldAcknowledgements{});
    desk.tell(client, ReleaseAcknowledgements{});
    QTRY_COMPARE(desk.delivered(client, "4"), 1);
    // mosquitto's own maximum: more messages than it takes at once arrive all the same.
    const auto maximum = desk.client(publisher)->flow.sendMaximum;
    QVERIFY(maximum < 65'535);
    for (quint32 number = 0; number < 3 * maximum; ++number)
        desk.tell(publisher, publish(topic, "many", Qos::AtLeastOnce));
    QTRY_COMPARE(desk.delivered(client, "many"), int(3 * maximum));
}

// mosquitto 2.0.11 counts a QoS 2 message twice when it ends, at PUBREC and at PUBCOMP, and so sends more than it may,
// against v5:MQTT-3.3.4-9.
void OurClientFeatures::closes_over_a_server_that_exceeds_receive_maximum()
{
    Relay relay(m_broker.endpoint());
    Desk desk;
    const auto topic = fresh("flow");
    const auto publisher = connected(desk);
    auto packet = connectPacket(Version::V5, Session::EndsWithConnection, fresh("client"));
    packet.properties.add(PropertyId::ReceiveMaximum, 2);
    const auto client = desk.add("client", relay.endpoint());
    desk.tell(client, ConnectCommand{packet});
    QTRY_VERIFY(desk.isConnected(client));
    subscribeAndWait(desk, client, subscribe(topic));
    for (int number = 0; number < 10; ++number)
        desk.tell(publisher, publish(topic, "many", Qos::ExactlyOnce));
    QTRY_COMPARE(relay.packets(0, Sender::Client, PacketType::Disconnect).size(), 1);
    const auto farewell = relay.packets(0, Sender::Client, PacketType::Disconnect)[0];
    QCOMPARE(farewell.as<DisconnectPacket>()->reason, ReasonCode::ReceiveMaximumExceeded);
}

void OurClientFeatures::sees_the_expiry_of_a_queued_message_count_down()
{
    Desk desk;
    const auto topic = fresh("expiring");
    const auto publisher = connected(desk);
    const auto client = connected(desk, Session::Kept);
    subscribeAndWait(desk, client, subscribe(topic));
    desk.cut(client);
    QTRY_COMPARE(desk.connection(client), ClientConnection::Closed);
    const auto expiring = [&](const QByteArray &payload, quint32 seconds) {
        return publish(topic, payload, Qos::AtLeastOnce, {{PropertyId::MessageExpiryInterval, seconds}});
    };
    desk.tell(publisher, expiring("soon", 1));
    desk.tell(publisher, expiring("later", 100));
    // The broker's own clock has to pass the second: a will of one that expires later marks it.
    const auto clock = fresh("clock");
    subscribeAndWait(desk, publisher, subscribe(clock));
    const auto marker = connected(desk, withWill(clock, "two seconds later", 2, 300));
    desk.cut(marker);
    QTRY_COMPARE_WITH_TIMEOUT(desk.delivered(publisher, "two seconds later"), 1, int(patience.count()));
    desk.tell(client, ReconnectCommand{});
    QTRY_COMPARE(desk.delivered(client, "later"), 1);
    QCOMPARE(desk.delivered(client, "soon"), 0);
    const auto left = desk.messages(client).back().properties.integer(PropertyId::MessageExpiryInterval);
    QVERIFY(left && *left >= 90 && *left <= 99);
}

void OurClientFeatures::gets_the_response_to_its_request()
{
    Desk desk;
    const auto topic = fresh("service");
    const auto server = connected(desk);
    const auto client = connected(desk);
    subscribeAndWait(desk, server, subscribe(topic));
    desk.tell(client, RequestCommand{.message = publish(topic, "question", Qos::AtLeastOnce).message,
                                     .responseTopic = fresh("answers")});
    QTRY_COMPARE(desk.delivered(server, "question"), 1);
    desk.tell(server, RespondCommand{.request = desk.messages(server).back(), .payload = "answer"});
    QTRY_COMPARE(
        (desk.countNotes<ResponseArrived>(client, [](const auto &note) { return note.response.payload == "answer"; })),
        1);
    QCOMPARE(desk.client(client)->awaitedResponses, 0);
}

void OurClientFeatures::is_told_that_no_subscription_existed()
{
    Desk desk;
    const auto topic = fresh("topic");
    const auto client = connected(desk);
    subscribeAndWait(desk, client, subscribe(topic));
    desk.tell(client, UnsubscribeCommand{{topic, fresh("never")}, {}});
    const QList<ReasonCode> expected{ReasonCode::Success, ReasonCode::NoSubscriptionExisted};
    QTRY_COMPARE(
        (desk.countNotes<RequestCompleted>(client, [&](const auto &note) { return note.reasons == expected; })), 1);
}

QTEST_GUILESS_MAIN(OurClientFeatures)
#include "tst_our_client_features.moc"
