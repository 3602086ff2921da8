// Scenarios K, L, M and N: message expiry, Client Identifiers, 3.1.1 and mixed versions, keep alive.
#include "tests/broker/broker_world.h"

#include <QTest>

using namespace sessionscope;
using Log = QByteArrayList;

class BrokerVersionsTest : public QObject
{
    Q_OBJECT

private:
    static inline const Hello v3Durable{.cs = false, .version = Version::V311};
    static inline const Hello v3Clean{.cs = true, .version = Version::V311};

private Q_SLOTS:
    // ---- K. Message expiry ----

    void S143_S144_forwards_what_is_left_rounded_up_data()
    {
        QTest::addColumn<quint32>("mei");
        QTest::addColumn<double>("resumedAt");
        QTest::addColumn<QByteArrayList>("got");
        QTest::newRow("whole seconds") << 10u << 4.0 << Log{"PUB(q1 #1 t x mei=6)"};
        QTest::newRow("rounded up") << 10u << 4.2 << Log{"PUB(q1 #1 t x mei=6)"};
        QTest::newRow("just alive") << 5u << 4.999 << Log{"PUB(q1 #1 t x mei=1)"};
        QTest::newRow("over") << 5u << 5.0 << Log{};
    }
    void S143_S144_forwards_what_is_left_rounded_up()
    {
        QFETCH(quint32, mei);
        QFETCH(double, resumedAt);
        QFETCH(QByteArrayList, got);
        BrokerWorld world;
        world.subscriber({}).cut();
        world.publisher().publish({.qos = 1, .id = 1, .mei = mei});
        world.runTo(resumedAt);
        QCOMPARE(world.connect({.cs = false}).take(), Log{"CONNACK(1,00)"} + got);
        QCOMPARE(world.takeDrops(), got.isEmpty() ? Log{"S t Expired"} : Log{});
        QCOMPARE(world.broker.queuedMessages, 0);
    }

    void S145_resends_an_open_message_after_its_expiry()
    {
        BrokerWorld world;
        Peer s = world.subscriber({});
        world.publisher().publish({.qos = 1, .id = 1, .mei = 5});
        world.runTo(1);
        s.cut();
        world.runTo(20);
        QCOMPARE(world.connect({.cs = false}).take(), (Log{"CONNACK(1,00)", "PUB(q1 #1 dup t x mei=0)"}));
    }

    void S146_a_message_expires_while_it_waits_for_quota()
    {
        BrokerWorld world;
        Peer s = world.subscriber({.rm = 1});
        Peer p = world.publisher();
        p.publish({.qos = 1, .id = 1, .payload = "a"});
        p.publish({.qos = 1, .id = 2, .payload = "b", .mei = 3});
        p.publish({.qos = 1, .id = 3, .payload = "c"});
        world.runTo(4);
        s.puback(1);
        QCOMPARE(s.take(), (Log{"PUB(q1 #1 t a)", "PUB(q1 #2 t c)"}));
    }

    void S147_an_expiry_of_0_is_for_those_who_are_there()
    {
        BrokerWorld world;
        Peer s = world.subscriber({.id = "S1"});
        world.subscriber({.id = "S2"}).cut();
        Peer p = world.publisher();
        p.publish({.qos = 1, .id = 1, .payload = "old", .retain = true});
        p.publish({.qos = 1, .id = 2, .retain = true, .mei = 0});
        QCOMPARE(p.take(), (Log{"PUBACK(#1)", "PUBACK(#2)"}));
        QCOMPARE(s.take(), (Log{"PUB(q1 #1 t old)", "PUB(q1 #2 t x mei=0)"}));
        QCOMPARE(world.connect({.id = "S2", .cs = false}).take(), (Log{"CONNACK(1,00)", "PUB(q1 #1 t old)"}));
        QVERIFY(world.broker.retained.isEmpty());
    }

    // MQTT-3.3.2-4, -15, -16, -17, -18, -20
    void forwards_the_other_properties_unaltered()
    {
        BrokerWorld world;
        Peer s = world.subscriber({});
        const Properties kept{{PropertyId::PayloadFormatIndicator, 1u},
                              {PropertyId::ContentType, QByteArray("text/plain")},
                              {PropertyId::ResponseTopic, QByteArray("answers")},
                              {PropertyId::CorrelationData, QByteArray("\x00\x01", 2)},
                              {PropertyId::UserProperty, StringPair{"a", "1"}},
                              {PropertyId::UserProperty, StringPair{"a", "2"}}};
        Properties sent = kept;
        sent.add(PropertyId::TopicAlias, 3u);
        world.publisher().publish({.properties = sent});
        const auto got = decode(s.bytes(), Version::V5);
        QCOMPARE(got->as<PublishPacket>()->properties, kept);
    }

    // ---- L. Client Identifier ----

    void S149_assigns_an_identifier_that_can_be_resumed()
    {
        BrokerWorld world;
        Peer a = world.connect({.id = "", .cs = false, .sei = 60});
        const auto connack = decode(a.bytes(), Version::V5);
        const auto id = propertiesOf(*connack)->bytes(PropertyId::AssignedClientIdentifier);
        QVERIFY(id && !id->isEmpty());
        a.cut();
        QCOMPARE(world.connect({.id = *id, .cs = false}).take(), Log{"CONNACK(1,00)"});
    }

    // v3:MQTT-3.2.2-5
    void S150_v3_refuses_an_empty_identifier_without_clean_session()
    {
        BrokerWorld world;
        Peer a = world.open(Version::V311);
        a.sendBytes("100c00044d51545404 00003c0000");
        QCOMPARE(a.bytes().toHex(), "20020002");
        QCOMPARE(a.take(), (Log{"CONNACK(0,02)", "EOF"}));
        QVERIFY(world.broker.sessions.empty());
    }

    // v3:MQTT-3.1.4-4
    void S151_v3_empty_identifiers_are_different_clients()
    {
        BrokerWorld world;
        Hello anonymous = v3Clean;
        anonymous.id = "";
        Peer a = world.connect(anonymous);
        Peer b = world.connect(anonymous);
        QCOMPARE(a.bytes().toHex(), "20020000");
        QCOMPARE(b.bytes().toHex(), "20020000");
        QVERIFY(a.isOpen() && b.isOpen());
    }

    // MQTT-3.1.3-6
    void S153_never_assigns_an_identifier_in_use()
    {
        BrokerWorld first({.seed = 7});
        first.connect({.id = ""});
        const QByteArray id = (*first.broker.sessions.begin())->clientId;
        BrokerWorld second({.seed = 7});
        second.connected({.id = id}).cut();
        QCOMPARE(second.connect({.id = ""}).take(), Log{"CONNACK(0,00)"});
        QCOMPARE(second.broker.sessions.size(), 2u);
    }

    // ---- M. v3 and mixed versions ----

    // v3:MQTT-3.2.0-1, v3:MQTT-3.2.2-2, v3:MQTT-3.8.4-6
    void S154_v3_durable_session_queues_in_order()
    {
        BrokerWorld world;
        Peer s = world.connected(v3Durable);
        s.subscribe(1, "t", 1);
        s.cut();
        Peer p = world.publisher();
        p.publish({.payload = "a"});
        p.publish({.qos = 1, .id = 1, .payload = "b"});
        p.publish({.qos = 2, .id = 2, .payload = "c"});
        s = world.connect(v3Durable);
        QVERIFY(s.bytes().startsWith(QByteArray::fromHex("20020100")));
        QCOMPARE(s.take(), (Log{"CONNACK(1,00)", "PUB(q1 #1 t b)", "PUB(q1 #2 t c)"}));
    }

    // v3:MQTT-3.2.2-1, -3
    void S155_S156_v3_clean_sessions_leave_nothing()
    {
        BrokerWorld world;
        Peer s = world.connected(v3Clean);
        s.subscribe(1, "t", 1);
        s.cut();
        s = world.connected(v3Durable, "CONNACK(0,00)");
        world.publisher().publish({});
        QCOMPARE(s.take(), Log{});
        s.cut();
        world.connected(v3Clean, "CONNACK(0,00)").cut();
        world.connected(v3Durable, "CONNACK(0,00)");
    }

    // v3:MQTT-3.3.1-1, v3:MQTT-2.3.1-4
    void S157_S158_v3_resends_with_dup_and_owed_releases()
    {
        BrokerWorld world;
        Peer s = world.connected(v3Durable);
        s.subscribe(1, "t", 2);
        Peer p = world.publisher();
        p.publish({.qos = 1, .id = 1, .payload = "a"});
        p.publish({.qos = 1, .id = 2, .payload = "b"});
        p.publish({.qos = 2, .id = 3, .payload = "c"});
        s.pubrec(3);
        s.cut();
        s = world.connect(v3Durable);
        QCOMPARE(s.bytes().toHex(), "20020100"
                                    "3a06000174000161"
                                    "3a06000174000262"
                                    "62020003");
        s.take();
        p.publish({.qos = 1, .id = 4, .payload = "d"});
        QCOMPARE(s.take(), Log{"PUB(q1 #4 t d)"}); // no identifier that is in use
    }

    void S159_a_v3_session_resumes_as_v5()
    {
        BrokerWorld world;
        Peer s = world.connected(v3Durable);
        s.subscribe(1, "t", 1);
        s.cut();
        world.publisher().publish({.qos = 1, .id = 1});
        s = world.connect({.cs = false, .sei = 30});
        QCOMPARE(s.take(), (Log{"CONNACK(1,00)", "PUB(q1 #1 t x)"}));
        s.cut();
        world.runTo(29.9);
        QVERIFY(world.session("S"));
        world.runTo(30);
        QVERIFY(!world.session("S"));
        QCOMPARE(world.broker.counters.sessionsExpired, 1u);
    }

    void S160_a_v5_session_resumes_as_v3()
    {
        BrokerWorld world;
        world.subscriber({}, "t", 1, {}, 7).cut();
        Peer p = world.publisher();
        p.publish({.qos = 1, .id = 1, .payload = "a", .mei = 5});
        p.publish({.qos = 1, .id = 2, .payload = "b", .mei = 50});
        world.runTo(5);
        Peer s = world.connect(v3Durable);
        QCOMPARE(s.bytes().toHex(), "20020100"
                                    "3206000174000162");
    }

    void v31_clients_are_served_too()
    {
        BrokerWorld world;
        Peer s = world.connected({.version = Version::V31});
        s.subscribe(1, "t", 1);
        world.publisher().publish({.qos = 1, .id = 1});
        QCOMPARE(s.take(), (Log{"SUBACK(#1 01)", "PUB(q1 #1 t x)"}));
    }

    void v31_has_no_session_present_and_resumes_all_the_same()
    {
        BrokerWorld world;
        Peer s = world.connected({.cs = false, .version = Version::V31});
        s.subscribe(1, "t", 1);
        s.cut();
        world.publisher().publish({.qos = 1, .id = 1});
        QCOMPARE(world.connect({.cs = false, .version = Version::V31}).take(),
                 (Log{"CONNACK(0,00)", "PUB(q1 #1 t x)"}));
    }

    // ---- N. Keep alive ----

    void S171_traffic_to_the_client_does_not_count()
    {
        BrokerWorld world;
        Peer s = world.connected({.ka = 10});
        s.subscribe(1, "t", 0);
        Peer p = world.publisher();
        for (int second = 1; second < 15; ++second) {
            world.runTo(second);
            p.publish({});
        }
        QVERIFY(s.isOpen());
        world.runTo(15);
        QCOMPARE(s.take().mid(15), (Log{"DISCONNECT(8D)", "EOF"}));
    }

    // MQTT-3.2.2-22, MQTT-3.12.4-1
    void any_packet_from_the_client_counts()
    {
        BrokerWorld world;
        Peer s = world.connected({.ka = 10});
        world.runTo(14);
        s.send(PingreqPacket{});
        QCOMPARE(s.take(), Log{"PINGRESP"});
        world.runTo(28.9);
        QVERIFY(s.isOpen());
        world.runTo(29);
        QVERIFY(!s.isOpen());
    }

    void a_keep_alive_of_0_never_closes()
    {
        BrokerWorld world;
        Peer s = world.connected({.ka = 0});
        world.runTo(1e6);
        QVERIFY(s.isOpen());
    }

    void authentication_packets_are_refused()
    {
        BrokerWorld world;
        Peer s = world.connected({});
        AuthPacket packet{ReasonCode::ReAuthenticate, {}};
        packet.properties.add(PropertyId::AuthenticationMethod, QByteArray("x"));
        s.send(packet);
        QCOMPARE(s.take(), (Log{"DISCONNECT(82)", "EOF"}));
    }
};

QTEST_APPLESS_MAIN(BrokerVersionsTest)
#include "tst_broker_versions.moc"
