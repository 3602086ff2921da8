// Paho for Python and MQTT.js against the bundled broker when it comes to sessions: every packet of an exchange lost
// once, and what 5.0 adds. Each library runs in a few programs that all tests share, since starting one costs most.
#include "tests/interop/peer.h"
#include "tests/interop/relay.h"

#include <QJsonArray>
#include <QTest>

#include <map>

using namespace sessionscope;
using namespace sessionscope::interop;
using namespace Qt::StringLiterals;

namespace {

QJsonObject subscribe(const QString &topic, const QJsonObject &options = {}, const QJsonObject &properties = {})
{
    QJsonObject command{{u"do"_s, u"subscribe"_s}, {u"topic"_s, topic}, {u"qos"_s, 2}};
    if (!options.isEmpty())
        command.insert(u"options"_s, options);
    if (!properties.isEmpty())
        command.insert(u"properties"_s, properties);
    return command;
}

QJsonObject publish(const QString &topic, const QString &payload, int qos, const QJsonObject &properties = {})
{
    QJsonObject command{{u"do"_s, u"publish"_s}, {u"topic"_s, topic}, {u"payload"_s, payload}, {u"qos"_s, qos}};
    if (!properties.isEmpty())
        command.insert(u"properties"_s, properties);
    return command;
}

QJsonObject retained(QJsonObject command)
{
    command.insert(u"retain"_s, true);
    return command;
}

const QJsonObject cut{{u"do"_s, u"cut"_s}};

QJsonObject message(const QString &payload)
{
    return {{u"payload"_s, payload}};
}

QJsonObject will(const QString &topic, const QString &payload, int delay)
{
    return {{u"expiry"_s, 300},
            {u"will"_s, QJsonObject{{u"topic"_s, topic}, {u"payload"_s, payload}, {u"qos"_s, 1}, {u"delay"_s, delay}}}};
}

QJsonObject properties(const QJsonObject &list)
{
    return {{u"properties"_s, list}};
}

/// A client id, topic or payload that no other test uses.
QString fresh(const char *name)
{
    static int last = 0;
    return u"%1-%2"_s.arg(QLatin1String(name)).arg(++last);
}

} // namespace

class ForeignSessions : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QVERIFY(m_broker.start({u"--max-keep-alive"_s, u"120s"_s})); }

    void completes_what_it_published_data() { lostPackets(Sender::Client); }
    void completes_what_it_published();
    void completes_what_it_received_data() { lostPackets(Sender::Server); }
    void completes_what_it_received();
    void is_told_of_its_takeover_data() { versionFive(); }
    void is_told_of_its_takeover();
    void has_its_delayed_will_and_its_expiring_messages_in_time_data() { versionFive(); }
    void has_its_delayed_will_and_its_expiring_messages_in_time();
    void gets_what_its_subscription_asks_for_data() { versionFive(); }
    void gets_what_its_subscription_asks_for();
    void shares_a_subscription_data() { versionFive(); }
    void shares_a_subscription();
    void keeps_to_what_the_server_says_data() { versionFive(); }
    void keeps_to_what_the_server_says();
    void names_a_topic_by_alias_data() { versionFive(); }
    void names_a_topic_by_alias();
    void answers_a_request_data() { versionFive(); }
    void answers_a_request();

private:
    static void versionFive()
    {
        QTest::addColumn<int>("library");
        QTest::newRow("paho 5.0") << int(Library::Paho);
        QTest::newRow("mqtt.js 5.0") << int(Library::MqttJs);
    }
    static void lostPackets(Sender publisher);

    /// One of the programs, without a session; number tells those of one test apart.
    Peer &peer(int library, int version, int number);
    static bool connect(Peer &peer, quint16 port, const QString &clientId, const QJsonObject &more = {},
                        int sessionPresent = 0);
    static bool subscribed(Peer &peer, const QJsonObject &command)
    {
        peer.tell(command);
        return !peer.expect(u"suback"_s).isEmpty();
    }

    BundledBroker m_broker;
    std::map<std::tuple<int, int, int>, std::unique_ptr<Peer>> m_peers;
};

#define NEEDS(library)                                                                                                 \
    if (const auto lack = Peer::missing(Library(library)); !lack.isEmpty())                                            \
    QSKIP(qPrintable(lack))

Peer &ForeignSessions::peer(int library, int version, int number)
{
    auto &peer = m_peers[{library, version, number}];
    if (!peer) {
        peer = std::make_unique<Peer>(Library(library), version);
        if (!peer->start())
            QTest::qFail("the program did not start", __FILE__, __LINE__);
    }
    peer->forget();
    return *peer;
}

/// Clean Start (or Session) as a first connection and a resumed one need it.
bool ForeignSessions::connect(Peer &peer, quint16 port, const QString &clientId, const QJsonObject &more,
                              int sessionPresent)
{
    auto all = more;
    if (!all.contains(u"expiry"_s))
        all.insert(u"expiry"_s, 300);
    peer.connectTo(port, clientId, sessionPresent == 0 && peer.version() == 5, all);
    return peer.expect(u"connack"_s).value(u"sessionPresent"_s).toInt(-1) == sessionPresent;
}

void ForeignSessions::lostPackets(Sender publisher)
{
    QTest::addColumn<int>("library");
    QTest::addColumn<int>("version");
    QTest::addColumn<int>("qos");
    QTest::addColumn<Sender>("from");
    QTest::addColumn<PacketType>("lost");
    for (const auto &[name, library, version] : {std::tuple{"paho 3.1.1", Library::Paho, 4},
                                                 {"paho 5.0", Library::Paho, 5},
                                                 {"mqtt.js 3.1.1", Library::MqttJs, 4},
                                                 {"mqtt.js 5.0", Library::MqttJs, 5}}) {
        for (const auto &[qos, byPublisher, lost] : {std::tuple{1, true, PacketType::Publish},
                                                     {1, false, PacketType::Puback},
                                                     {2, true, PacketType::Publish},
                                                     {2, false, PacketType::Pubrec},
                                                     {2, true, PacketType::Pubrel},
                                                     {2, false, PacketType::Pubcomp}}) {
            QTest::addRow("%s, QoS %d, %s", name, qos, packetTypeName(lost))
                << int(library) << version << qos << (byPublisher ? publisher : other(publisher)) << lost;
        }
    }
}

/// The packet with which an exchange goes on after this one was lost: PUBLISH before PUBREC arrived, PUBREL from then
/// on.
static PacketType resentAfter(PacketType lost)
{
    return lost == PacketType::Pubrel || lost == PacketType::Pubcomp ? PacketType::Pubrel : PacketType::Publish;
}

void ForeignSessions::completes_what_it_published()
{
    QFETCH(int, library);
    QFETCH(int, version);
    QFETCH(int, qos);
    QFETCH(Sender, from);
    QFETCH(PacketType, lost);
    NEEDS(library);
    Relay relay({.host = u"127.0.0.1"_s, .port = m_broker.port(), .path = {}});
    auto &watcher = peer(library, version, 0);
    auto &device = peer(library, version, 1);
    const auto topic = fresh("open");
    const auto clientId = fresh("device");
    const auto once = fresh("once");
    QVERIFY(connect(watcher, m_broker.port(), fresh("watcher")));
    QVERIFY(subscribed(watcher, subscribe(topic)));
    QVERIFY(connect(device, relay.port(), clientId));
    relay.cutAt(from, lost);
    device.tell(publish(topic, once, qos));
    QVERIFY(!device.expect(u"closed"_s).isEmpty());
    QVERIFY(relay.hasCut());
    QVERIFY(connect(device, relay.port(), clientId, {}, 1));
    const auto last = qos == 2 ? PacketType::Pubcomp : PacketType::Puback;
    QTRY_COMPARE(relay.packets(1, Sender::Server, last).size(), 1);

    const auto first = relay.packets(0, Sender::Client, PacketType::Publish).value(0);
    const auto resent = relay.packets(1, Sender::Client, resentAfter(lost));
    QCOMPARE(resent.size(), 1);
    QCOMPARE(packetIdOf(resent[0]), packetIdOf(first));
    // MQTT.js never sets DUP, against MQTT-3.3.1-1 of both versions.
    if (const auto *again = resent[0].as<PublishPacket>())
        QCOMPARE(again->dup, Library(library) == Library::Paho);
    const auto after = fresh("after");
    device.tell(publish(topic, after, qos));
    QVERIFY(!watcher.expect(u"message"_s, message(after)).isEmpty());
    QCOMPARE(watcher.count(once), lost == PacketType::Puback ? 2 : 1);
}

void ForeignSessions::completes_what_it_received()
{
    QFETCH(int, library);
    QFETCH(int, version);
    QFETCH(int, qos);
    QFETCH(Sender, from);
    QFETCH(PacketType, lost);
    NEEDS(library);
    Relay relay({.host = u"127.0.0.1"_s, .port = m_broker.port(), .path = {}});
    auto &backend = peer(library, version, 0);
    auto &device = peer(library, version, 1);
    const auto topic = fresh("open");
    const auto clientId = fresh("device");
    const auto once = fresh("once");
    QVERIFY(connect(backend, m_broker.port(), fresh("backend")));
    QVERIFY(connect(device, relay.port(), clientId));
    QVERIFY(subscribed(device, subscribe(topic)));
    relay.cutAt(from, lost);
    backend.tell(publish(topic, once, qos));
    QVERIFY(!device.expect(u"closed"_s).isEmpty());
    QVERIFY(relay.hasCut());
    QVERIFY(connect(device, relay.port(), clientId, {}, 1));
    const auto last = qos == 2 ? PacketType::Pubcomp : PacketType::Puback;
    QTRY_COMPARE(relay.packets(1, Sender::Client, last).size(), 1);

    const auto first = relay.packets(0, Sender::Server, PacketType::Publish).value(0);
    const auto resent = relay.packets(1, Sender::Server, resentAfter(lost));
    QCOMPARE(resent.size(), 1);
    QCOMPARE(packetIdOf(resent[0]), packetIdOf(first));
    if (const auto *again = resent[0].as<PublishPacket>())
        QVERIFY(again->dup);
    const auto after = fresh("after");
    backend.tell(publish(topic, after, qos));
    QVERIFY(!device.expect(u"message"_s, message(after)).isEmpty());
    QCOMPARE(device.count(once), lost == PacketType::Puback ? 2 : 1);
}

void ForeignSessions::is_told_of_its_takeover()
{
    QFETCH(int, library);
    NEEDS(library);
    Relay relay({.host = u"127.0.0.1"_s, .port = m_broker.port(), .path = {}});
    auto &first = peer(library, 5, 0);
    auto &second = peer(library, 5, 1);
    const auto clientId = fresh("device");
    QVERIFY(connect(first, relay.port(), clientId));
    QVERIFY(connect(second, m_broker.port(), clientId, {}, 1));
    // paho 1.6 reads no reason of a DISCONNECT without a Property Length, which v5 3.14.2.2.1 allows, and takes the
    // connection for lost.
    const int lost = 7;
    const int told = Library(library) == Library::Paho ? lost : int(ReasonCode::SessionTakenOver);
    QCOMPARE(first.expect(u"closed"_s).value(u"reason"_s).toInt(), told);
    const auto farewell = relay.packets(0, Sender::Server, PacketType::Disconnect).value(0);
    QVERIFY(farewell.as<DisconnectPacket>());
    QCOMPARE(farewell.as<DisconnectPacket>()->reason, ReasonCode::SessionTakenOver);
}

void ForeignSessions::has_its_delayed_will_and_its_expiring_messages_in_time()
{
    QFETCH(int, library);
    NEEDS(library);
    auto &watcher = peer(library, 5, 0);
    auto &returning = peer(library, 5, 1);
    auto &staying = peer(library, 5, 2);
    const auto topic = fresh("wills");
    const auto clientId = fresh("returning");
    const auto called = fresh("called off");
    const auto came = fresh("came");
    const auto soon = fresh("soon");
    const auto later = fresh("later");
    QVERIFY(connect(watcher, m_broker.port(), fresh("watcher")));
    QVERIFY(subscribed(watcher, subscribe(topic)));
    QVERIFY(connect(returning, m_broker.port(), clientId, will(topic, called, 1)));
    const auto stayingId = fresh("staying");
    QVERIFY(connect(staying, m_broker.port(), stayingId, will(topic, came, 2)));
    QVERIFY(subscribed(staying, subscribe(topic + u"/queue"_s)));
    for (auto *leaving : {&returning, &staying}) {
        leaving->tell(cut);
        QVERIFY(!leaving->expect(u"closed"_s).isEmpty());
    }
    watcher.tell(publish(topic + u"/queue"_s, soon, 1, {{u"messageExpiryInterval"_s, 1}}));
    watcher.tell(publish(topic + u"/queue"_s, later, 1, {{u"messageExpiryInterval"_s, 100}}));
    QVERIFY(connect(returning, m_broker.port(), clientId, {}, 1));
    QVERIFY(!watcher.expect(u"message"_s, message(came)).isEmpty());
    QCOMPARE(watcher.count(called), 0);
    QVERIFY(connect(staying, m_broker.port(), stayingId, {}, 1));
    const auto left = staying.expect(u"message"_s, message(later))
                          .value(u"properties"_s)
                          .toObject()
                          .value(u"messageExpiryInterval"_s)
                          .toInt(-1);
    QVERIFY2(left >= 90 && left < 100, qPrintable(QString::number(left)));
    QCOMPARE(staying.count(soon), 0);
}

void ForeignSessions::gets_what_its_subscription_asks_for()
{
    QFETCH(int, library);
    NEEDS(library);
    auto &client = peer(library, 5, 0);
    auto &other = peer(library, 5, 1);
    const auto topic = fresh("topic");
    const auto kept = fresh("kept");
    const auto own = fresh("own");
    const auto foreign = fresh("foreign");
    const auto end = fresh("end");
    QVERIFY(connect(client, m_broker.port(), fresh("client")));
    QVERIFY(connect(other, m_broker.port(), fresh("other")));
    other.tell(retained(publish(topic, kept, 1)));
    QVERIFY(!other.expect(u"published"_s).isEmpty());
    // Retain Handling 1 brings the retained message with the first SUBSCRIBE, and 2 never.
    const QJsonObject number{{u"subscriptionIdentifier"_s, 7}};
    for (int handling : {2, 1, 0, 1})
        QVERIFY(subscribed(client, subscribe(topic, {{u"rh"_s, handling}, {u"nl"_s, true}, {u"rap"_s, true}}, number)));
    client.tell(publish(topic, own, 1));
    QVERIFY(!client.expect(u"published"_s).isEmpty());
    other.tell(retained(publish(topic, foreign, 1)));
    const auto event = client.expect(u"message"_s, message(foreign));
    QVERIFY(event.value(u"retain"_s).toVariant().toBool());
    QCOMPARE(event.value(u"properties"_s).toObject().value(u"subscriptionIdentifier"_s).toInt(), 7);
    QCOMPARE(client.count(own), 0);
    QCOMPARE(client.count(kept), 1);

    const auto rest = topic + u"/rest"_s;
    QVERIFY(subscribed(client, subscribe(rest)));
    client.tell({{u"do"_s, u"unsubscribe"_s}, {u"topic"_s, topic}});
    QVERIFY(!client.expect(u"unsuback"_s).isEmpty());
    const auto unwanted = fresh("unwanted");
    other.tell(publish(topic, unwanted, 1));
    other.tell(publish(rest, end, 1));
    QVERIFY(!client.expect(u"message"_s, message(end)).isEmpty());
    QCOMPARE(client.count(unwanted), 0);
}

void ForeignSessions::shares_a_subscription()
{
    QFETCH(int, library);
    NEEDS(library);
    auto &first = peer(library, 5, 0);
    auto &second = peer(library, 5, 1);
    const auto topic = fresh("work");
    for (auto *worker : {&first, &second}) {
        QVERIFY(connect(*worker, m_broker.port(), fresh("worker")));
        QVERIFY(subscribed(*worker, subscribe(u"$share/crew/"_s + topic)));
        QVERIFY(subscribed(*worker, subscribe(topic + u"/end"_s)));
    }
    QStringList payloads;
    for (int number = 0; number < 10; ++number) {
        payloads.append(fresh("piece"));
        first.tell(publish(topic, payloads.back(), 1));
    }
    const auto end = fresh("end");
    first.tell(publish(topic + u"/end"_s, end, 1));
    QVERIFY(!first.expect(u"message"_s, message(end)).isEmpty());
    QVERIFY(!second.expect(u"message"_s, message(end)).isEmpty());
    int bySecond = 0;
    for (const auto &payload : payloads) {
        QCOMPARE(first.count(payload) + second.count(payload), 1);
        bySecond += second.count(payload);
    }
    QVERIFY(bySecond > 0 && bySecond < payloads.size());
}

void ForeignSessions::keeps_to_what_the_server_says()
{
    QFETCH(int, library);
    NEEDS(library);
    auto &client = peer(library, 5, 0);
    const auto topic = fresh("sizes");
    client.connectTo(m_broker.port(), {}, true,
                     {{u"keepAlive"_s, 600}, {u"properties"_s, QJsonObject{{u"maximumPacketSize"_s, 1000}}}});
    const auto told = client.expect(u"connack"_s).value(u"properties"_s).toObject();
    QVERIFY(!told.value(u"assignedClientIdentifier"_s).toString().isEmpty());
    QCOMPARE(told.value(u"serverKeepAlive"_s).toInt(), 120);
    QVERIFY(subscribed(client, subscribe(topic)));
    const QString large(1000, u'x');
    client.tell(publish(topic, large, 1));
    const auto small = fresh("small");
    client.tell(publish(topic, small, 1));
    QVERIFY(!client.expect(u"message"_s, message(small)).isEmpty());
    QCOMPARE(client.count(large), 0);
}

void ForeignSessions::names_a_topic_by_alias()
{
    QFETCH(int, library);
    NEEDS(library);
    Relay relay({.host = u"127.0.0.1"_s, .port = m_broker.port(), .path = {}});
    auto &client = peer(library, 5, 0);
    const auto topic = fresh("long/topic/name");
    QVERIFY(connect(client, relay.port(), fresh("client"), properties({{u"topicAliasMaximum"_s, 10}})));
    QVERIFY(subscribed(client, subscribe(topic)));
    const QJsonObject alias{{u"topicAlias"_s, 1}};
    const auto first = fresh("first");
    const auto second = fresh("second");
    client.tell(publish(topic, first, 0, alias));
    client.tell(publish({}, second, 0, alias));
    for (const auto &payload : {first, second})
        QCOMPARE(client.expect(u"message"_s, message(payload)).value(u"topic"_s).toString(), topic);
    const auto sent = relay.packets(0, Sender::Client, PacketType::Publish);
    QCOMPARE(sent.size(), 2);
    QCOMPARE(sent[1].as<PublishPacket>()->topic, QByteArray());
}

void ForeignSessions::answers_a_request()
{
    QFETCH(int, library);
    NEEDS(library);
    auto &server = peer(library, 5, 0);
    auto &client = peer(library, 5, 1);
    const auto topic = fresh("service");
    const auto answers = fresh("answers");
    QVERIFY(connect(server, m_broker.port(), fresh("server")));
    QVERIFY(connect(client, m_broker.port(), fresh("client")));
    QVERIFY(subscribed(server, subscribe(topic)));
    QVERIFY(subscribed(client, subscribe(answers)));
    const auto question = fresh("question");
    client.tell(publish(topic, question, 1, {{u"responseTopic"_s, answers}, {u"correlationData"_s, u"17"_s}}));
    const auto asked = server.expect(u"message"_s, message(question)).value(u"properties"_s).toObject();
    const auto answer = fresh("answer");
    server.tell(publish(asked.value(u"responseTopic"_s).toString(), answer, 1,
                        {{u"correlationData"_s, asked.value(u"correlationData"_s)}}));
    const auto got = client.expect(u"message"_s, message(answer)).value(u"properties"_s).toObject();
    QCOMPARE(got.value(u"correlationData"_s).toString(), u"17"_s);
}

QTEST_GUILESS_MAIN(ForeignSessions)
#include "tst_foreign_sessions.moc"
