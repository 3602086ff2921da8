// Our client engine against other people's brokers, version by version: QoS both ways, resume with Session Present 1
// and what waited, takeover, the will, and the end of a session. What a cut leaves open is tst_our_client_cuts; what
// only 5.0 has is tst_our_client_features.
#include "tests/interop/desk.h"
#include "tests/interop/foreign_broker.h"

#include <QTest>

using namespace sessionscope;
using namespace sessionscope::interop;
using namespace Qt::StringLiterals;

class OurClient : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void exchanges_messages_at_every_qos_data() { ForeignBrokers::addRows(); }
    void exchanges_messages_at_every_qos();
    void resumes_with_session_present_and_gets_what_waited_data() { ForeignBrokers::addRows(); }
    void resumes_with_session_present_and_gets_what_waited();
    void finds_no_session_after_a_clean_start_data() { ForeignBrokers::addRows(Version::V311); }
    void finds_no_session_after_a_clean_start();
    void resumes_a_session_without_subscriptions_data() { ForeignBrokers::addRows(Version::V311); }
    void resumes_a_session_without_subscriptions();
    void leaves_no_session_behind_when_it_was_to_end_with_the_connection_data() { ForeignBrokers::addRows(); }
    void leaves_no_session_behind_when_it_was_to_end_with_the_connection();
    void gets_nothing_after_it_unsubscribed_data() { ForeignBrokers::addRows(); }
    void gets_nothing_after_it_unsubscribed();
    void gets_the_retained_message_with_each_subscribe_data() { ForeignBrokers::addRows(); }
    void gets_the_retained_message_with_each_subscribe();
    void is_replaced_by_a_second_connection_data() { ForeignBrokers::addRows(); }
    void is_replaced_by_a_second_connection();
    void has_its_will_published_after_a_cut_only_data() { ForeignBrokers::addRows(); }
    void has_its_will_published_after_a_cut_only();

private:
    ForeignBrokers m_brokers;
};

// Fetches the row and skips or fails it when its broker is not there.
#define WITH_BROKER()                                                                                                  \
    QFETCH(Maker, maker);                                                                                              \
    QFETCH(Version, version);                                                                                          \
    if (const auto lack = ForeignBroker::missing(maker); !lack.isEmpty())                                              \
        QSKIP(qPrintable(lack));                                                                                       \
    const auto *broker = m_brokers.get(maker);                                                                         \
    QVERIFY(broker)

/// Connects, and waits until that is done. A version that cannot say Session Present counts as 0.
static void connectAndWait(Desk &desk, ClientKey client, const ConnectPacket &packet)
{
    desk.tell(client, ConnectCommand{packet});
    QTRY_COMPARE(desk.sessionPresent(client), 0);
}

static void subscribeAndWait(Desk &desk, ClientKey client, const QByteArray &filter)
{
    const int before = desk.answered(client);
    desk.tell(client, subscribe(filter));
    QTRY_COMPARE(desk.answered(client), before + 1);
}

// v3:MQTT-7.0.0-2
void OurClient::exchanges_messages_at_every_qos()
{
    WITH_BROKER();
    Desk desk;
    const auto topic = fresh("echo");
    const auto client = desk.add("client", broker->endpoint());
    connectAndWait(desk, client, connectPacket(version, Session::EndsWithConnection, fresh("both")));
    subscribeAndWait(desk, client, topic);
    for (auto qos : {Qos::AtMostOnce, Qos::AtLeastOnce, Qos::ExactlyOnce}) {
        const auto payload = "qos " + QByteArray::number(int(qos));
        desk.tell(client, publish(topic, payload, qos));
        QTRY_COMPARE(desk.delivered(client, payload), 1);
        QCOMPARE(desk.messages(client).back().qos, qos);
    }
    QTRY_COMPARE(desk.open(client), 0);
}

void OurClient::resumes_with_session_present_and_gets_what_waited()
{
    WITH_BROKER();
    Desk desk;
    const auto topic = fresh("offline");
    const auto device = desk.add("device", broker->endpoint());
    const auto backend = desk.add("backend", broker->endpoint());
    connectAndWait(desk, device, connectPacket(version, Session::Kept, fresh("device")));
    subscribeAndWait(desk, device, topic);
    desk.cut(device);
    QTRY_COMPARE(desk.connection(device), ClientConnection::Closed);

    connectAndWait(desk, backend, connectPacket(version, Session::EndsWithConnection, fresh("backend")));
    desk.tell(backend, publish(topic, "waited 1", Qos::AtLeastOnce));
    desk.tell(backend, publish(topic, "waited 2", Qos::ExactlyOnce));
    QTRY_COMPARE(desk.completed(backend), 2);

    desk.tell(device, ReconnectCommand{});
    // 3.1 has no Session Present, and the engine goes by its own record there. aedes sets the bit, which is reserved in
    // a CONNACK of 3.1 and was left aside.
    QTRY_COMPARE(desk.sessionPresent(device), version == Version::V31 && maker == Maker::Mosquitto ? 0 : 1);
    QTRY_COMPARE(desk.delivered(device, "waited 1"), 1);
    QTRY_COMPARE(desk.delivered(device, "waited 2"), 1);
    // The subscription is still there, without another SUBSCRIBE.
    desk.tell(backend, publish(topic, "live", Qos::ExactlyOnce));
    QTRY_COMPARE(desk.delivered(device, "live"), 1);
    QCOMPARE(int(desk.messages(device).size()), 3);
}

void OurClient::finds_no_session_after_a_clean_start()
{
    WITH_BROKER();
    Desk desk;
    const auto topic = fresh("dropped");
    const auto device = desk.add("device", broker->endpoint());
    auto packet = connectPacket(version, Session::Kept, fresh("device"));
    connectAndWait(desk, device, packet);
    subscribeAndWait(desk, device, topic);
    desk.tell(device, DisconnectCommand{});
    QTRY_COMPARE(desk.connection(device), ClientConnection::Closed);
    packet.cleanStart = true;
    connectAndWait(desk, device, packet);
    desk.tell(device, publish(topic, "for nobody", Qos::AtLeastOnce));
    QTRY_COMPARE(desk.completed(device), 1);
    // What is subscribed to now brings its answer behind anything the old subscription would have brought.
    const auto marker = fresh("marker");
    subscribeAndWait(desk, device, marker);
    desk.tell(device, publish(marker, "marker", Qos::AtLeastOnce));
    QTRY_COMPARE(desk.delivered(device, "marker"), 1);
    QCOMPARE(desk.delivered(device, "for nobody"), 0);
}

void OurClient::resumes_a_session_without_subscriptions()
{
    WITH_BROKER();
    Desk desk;
    const auto device = desk.add("device", broker->endpoint());
    connectAndWait(desk, device, connectPacket(version, Session::Kept, fresh("device")));
    desk.cut(device);
    QTRY_COMPARE(desk.connection(device), ClientConnection::Closed);
    desk.tell(device, ReconnectCommand{});
    // aedes knows a session by its subscriptions only and says 0 without one, against v3:MQTT-3.2.2-2.
    QTRY_COMPARE(desk.sessionPresent(device), maker == Maker::Aedes ? 0 : 1);
}

void OurClient::leaves_no_session_behind_when_it_was_to_end_with_the_connection()
{
    WITH_BROKER();
    Desk desk;
    const auto device = desk.add("device", broker->endpoint());
    connectAndWait(desk, device, connectPacket(version, Session::EndsWithConnection, fresh("short-lived")));
    subscribeAndWait(desk, device, fresh("short-lived"));
    desk.tell(device, DisconnectCommand{});
    QTRY_COMPARE(desk.connection(device), ClientConnection::Closed);
    QVERIFY(!desk.client(device)->record);
    desk.tell(device, ReconnectCommand{});
    QTRY_COMPARE(desk.sessionPresent(device), 0);
}

void OurClient::gets_nothing_after_it_unsubscribed()
{
    WITH_BROKER();
    Desk desk;
    const auto topic = fresh("topic");
    const auto other = fresh("other");
    const auto client = desk.add("client", broker->endpoint());
    connectAndWait(desk, client, connectPacket(version, Session::Kept, fresh("client")));
    subscribeAndWait(desk, client, topic);
    subscribeAndWait(desk, client, other);
    desk.tell(client, UnsubscribeCommand{{topic}, {}});
    QTRY_COMPARE(desk.answered(client), 3);
    desk.tell(client, publish(topic, "unwanted", Qos::AtLeastOnce));
    desk.tell(client, publish(other, "wanted", Qos::AtLeastOnce));
    QTRY_COMPARE(desk.delivered(client, "wanted"), 1);
    QCOMPARE(desk.delivered(client, "unwanted"), 0);
}

void OurClient::gets_the_retained_message_with_each_subscribe()
{
    WITH_BROKER();
    Desk desk;
    const auto topic = fresh("state");
    const auto client = desk.add("client", broker->endpoint());
    connectAndWait(desk, client, connectPacket(version, Session::EndsWithConnection, fresh("client")));
    auto kept = publish(topic, "on", Qos::AtLeastOnce);
    kept.message.retain = true;
    desk.tell(client, kept);
    QTRY_COMPARE(desk.completed(client), 1);
    for (int time : {1, 2}) {
        subscribeAndWait(desk, client, topic);
        QTRY_COMPARE(desk.delivered(client, "on"), time);
        QVERIFY(desk.messages(client).back().retain);
    }
}

void OurClient::is_replaced_by_a_second_connection()
{
    WITH_BROKER();
    Desk desk;
    const auto packet = connectPacket(version, Session::EndsWithConnection, fresh("device"));
    const auto first = desk.add("first", broker->endpoint());
    const auto second = desk.add("second", broker->endpoint());
    connectAndWait(desk, first, packet);
    connectAndWait(desk, second, packet);
    QTRY_COMPARE(desk.connection(first), ClientConnection::Closed);
    // mosquitto 2.0.11 says nothing, against v5:MQTT-3.1.4-3; before 5.0 a server has no DISCONNECT.
    QVERIFY(!desk.sentAway(first));
    QVERIFY(desk.isConnected(second));
}

void OurClient::has_its_will_published_after_a_cut_only()
{
    WITH_BROKER();
    Desk desk;
    const auto topic = fresh("will");
    const auto watcher = desk.add("watcher", broker->endpoint());
    connectAndWait(desk, watcher, connectPacket(version, Session::EndsWithConnection, fresh("watcher")));
    subscribeAndWait(desk, watcher, topic);
    const auto device = desk.add("device", broker->endpoint());
    auto packet = connectPacket(version, Session::EndsWithConnection, fresh("mortal"));
    packet.will = Will{.topic = topic, .payload = "must not come", .qos = Qos::AtLeastOnce, .properties = {}};
    connectAndWait(desk, device, packet);
    desk.tell(device, DisconnectCommand{});
    QTRY_COMPARE(desk.connection(device), ClientConnection::Closed);
    packet.will->payload = "gone";
    connectAndWait(desk, device, packet);
    desk.cut(device);
    QTRY_COMPARE(desk.delivered(watcher, "gone"), 1);
    QCOMPARE(desk.delivered(watcher, "must not come"), 0);
}

QTEST_GUILESS_MAIN(OurClient)
#include "tst_our_client.moc"
