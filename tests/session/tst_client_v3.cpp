// A client towards a 3.1.1 server: the statements of 3.1.1 that bind it. The exchanges are those of 5.0 without reasons
// and properties; a refusal is a close.
#include "tests/session/client_world.h"

#include <QTest>

using namespace sessionscope;
using namespace std::chrono_literals;
using Lines = QByteArrayList;
using PacketType::Puback;
using PacketType::Pubcomp;
using PacketType::Pubrec;
using PacketType::Pubrel;

class ClientV3Test : public QObject
{
    Q_OBJECT

private:
    static ClientWorld connectedV3(bool cleanSession = false, quint16 keepAlive = 0)
    {
        ClientWorld world;
        world.connect({.cleanStart = cleanSession, .keepAlive = keepAlive, .version = Version::V311});
        return world;
    }

private Q_SLOTS:
    // v3:MQTT-3.1.0-1
    void begins_with_connect_and_nothing_else()
    {
        ClientWorld world;
        world.publish(q1);
        world.run(Connect{.version = Version::V311});
        world.run(SubscribeCommand{{{"t", {}}}, {}});
        world.open();
        QCOMPARE(world.take(), Lines({"token 1", "open", "no: not connected", "> CONNECT A cs=1"}));
        world.publish(q1);
        QCOMPARE(world.take(), Lines({"token 2"}));
        world.receive(Connack{});
        QCOMPARE(world.take(), Lines({"accepted", "> PUBLISH q1 #1 t x", "> PUBLISH q1 #2 t x"}));
    }

    // v3:MQTT-3.1.3-7
    void refuses_to_keep_a_session_without_an_identifier()
    {
        ClientWorld world;
        world.run(Connect{.clientId = "", .cleanStart = false, .version = Version::V311});
        QCOMPARE(world.take(), Lines({"no: before 5.0 an empty Client Identifier needs Clean Session 1"}));
        QCOMPARE(world.session.connection, ClientConnection::Closed);
        world.run(Connect{.clientId = "", .cleanStart = true, .version = Version::V311});
        world.open();
        QCOMPARE(world.take(), Lines({"open", "> CONNECT  cs=1"}));
    }

    // v3:MQTT-3.1.2-23
    void pings_before_the_keep_alive_is_over()
    {
        ClientWorld world = connectedV3(false, 10);
        const Instant start = world.now;
        world.pass(*nextDeadline(world.session) - world.now);
        QCOMPARE(world.take(), Lines({"> PINGREQ"}));
        QVERIFY(world.now - start <= 10s);
        world.receive(PingrespPacket{});
        const Instant again = world.now;
        world.pass(*nextDeadline(world.session) - world.now);
        QCOMPARE(world.take(), Lines({"> PINGREQ"}));
        QVERIFY(world.now - again <= 10s);
    }

    // v3:MQTT-2.3.1-2, -3, v3:MQTT-4.3.2-1
    void an_id_is_free_when_its_exchange_is_over_data()
    {
        QTest::addColumn<Qos>("qos");
        QTest::addColumn<QList<PacketType>>("answers");
        QTest::newRow("QoS 1") << q1 << QList<PacketType>{Puback};
        QTest::newRow("QoS 2") << q2 << QList<PacketType>{Pubrec, Pubcomp};
    }
    void an_id_is_free_when_its_exchange_is_over()
    {
        QFETCH(Qos, qos);
        QFETCH(QList<PacketType>, answers);
        ClientWorld world = connectedV3();
        world.publish(qos);
        world.run(SubscribeCommand{{{"t", {}}}, {}});
        world.publish(qos);
        const Outbox &outbox = world.session.outbox;
        QVERIFY(outbox.isInUse({1}) && outbox.isInUse({2}) && outbox.isInUse({3}));
        for (const PacketType answer : answers) {
            QVERIFY(outbox.isInUse({1}));
            world.receiveAck(answer, 1);
        }
        QVERIFY(!outbox.isInUse({1}));
        world.receive(SubackPacket{{2}, {}, {ReasonCode::Success}});
        QVERIFY(!outbox.isInUse({2}) && outbox.isInUse({3}));
    }

    // v3:MQTT-3.3.1-1, v3:MQTT-4.3.2-1, v3:MQTT-4.3.3-1, v3:MQTT-4.4.0-1
    void resends_what_each_gap_left_open()
    {
        ClientWorld world = connectedV3();
        publishQuietly(world, {q1, q2, q2, q2, q1});
        world.receiveAck(Pubrec, 3);
        world.receiveAck(Pubrec, 4);
        world.receiveAck(Pubcomp, 4);
        world.receiveAck(Puback, 5);
        QCOMPARE(world.take(), Lines({"> PUBREL #3", "> PUBREL #4", "completed 4 00", "completed 5 00"}));
        world.resume();
        QCOMPARE(world.take(), Lines({"> PUBLISH q1 #1 dup t x", "> PUBLISH q2 #2 dup t x", "> PUBREL #3"}));
        world.receiveAck(Pubrec, 2);
        world.resume();
        QCOMPARE(world.take(), Lines({"> PUBLISH q1 #1 dup t x", "> PUBREL #3", "> PUBREL #2"}));
    }

    // v3:MQTT-2.3.1-3, v3:MQTT-4.6.0-1
    void resends_in_first_send_order_with_the_same_ids()
    {
        ClientWorld world = connectedV3();
        Outbox &outbox = world.session.outbox;
        while (outbox.nextId() != PacketId{65'534})
            outbox.acknowledge(Puback, outbox.open({std::make_shared<Message>(), q1, false, {}}, 0, {}).packetId, {});
        publishQuietly(world, {q1, q1, q1});
        world.resume();
        QCOMPARE(world.take(),
                 Lines({"> PUBLISH q1 #65534 dup t x", "> PUBLISH q1 #65535 dup t x", "> PUBLISH q1 #1 dup t x"}));
    }

    // v3:MQTT-4.5.0-2, v3:MQTT-4.6.0-2, -3
    void acknowledges_in_order_of_arrival_what_it_never_asked_for()
    {
        for (const Qos qos : {q1, q2}) {
            ClientWorld world = connectedV3();
            QVERIFY(world.session.subscriptions.empty());
            for (const quint16 id : {3, 1, 2})
                world.receivePublish(qos, id);
            auto lines = world.take();
            lines.removeAll("delivered t x");
            const QByteArray name = qos == q1 ? "> PUBACK #" : "> PUBREC #";
            QCOMPARE(lines, Lines({name + '3', name + '1', name + '2'}));
        }
    }

    // v3:MQTT-4.6.0-4
    void releases_in_the_order_of_the_pubrecs()
    {
        ClientWorld world = connectedV3();
        publishQuietly(world, {q2, q2});
        world.receiveAck(Pubrec, 2);
        world.receiveAck(Pubrec, 1);
        QCOMPARE(world.take(), Lines({"> PUBREL #2", "> PUBREL #1"}));
    }

    // v3:MQTT-4.3.3-2
    void delivers_a_repeated_qos2_message_once()
    {
        ClientWorld world = connectedV3();
        world.receivePublish(q2, 5);
        world.receivePublish(q2, 5, "x", true);
        world.resume();
        world.receivePublish(q2, 5, "x", true);
        world.receiveAck(Pubrel, 5);
        QCOMPARE(world.take(), Lines({"> PUBREC #5", "> PUBCOMP #5"}));
        world.receivePublish(q2, 5, "new");
        QCOMPARE(world.take(), Lines({"delivered t new", "> PUBREC #5"}));
    }

    // v3:MQTT-3.1.2-4, -6, v3:MQTT-4.1.0-1, -2
    void clean_session_says_how_long_its_own_part_lives()
    {
        for (const bool clean : {false, true}) {
            ClientWorld world = connectedV3(clean);
            publishQuietly(world, {q1});
            world.pass(24h * 365);
            QVERIFY(world.session.outbox.isInUse({1}));
            world.cut();
            world.pass(24h * 365);
            QCOMPARE(world.session.outbox.isInUse({1}), !clean);
            QCOMPARE(world.session.record.has_value(), !clean);
        }
    }

    // v3:MQTT-4.8.0-1, v3:MQTT-2.2.2-2
    void closes_without_a_packet_over_what_is_wrong_data()
    {
        QTest::addColumn<QByteArray>("hex");
        QTest::newRow("flags of SUBACK") << QByteArray("9103000100");
        QTest::newRow("topic is no UTF-8") << QByteArray("30050003eda080");
        QTest::newRow("packet of a client") << QByteArray("c000");
        QTest::newRow("DISCONNECT") << QByteArray("e000");
        QTest::newRow("a byte too many") << QByteArray("d00100");
    }
    void closes_without_a_packet_over_what_is_wrong()
    {
        QFETCH(QByteArray, hex);
        ClientWorld world = connectedV3();
        world.take();
        world.receiveHex(hex.constData());
        const auto lines = world.take();
        QCOMPARE(lines.last(), "close");
        for (const auto &line : lines)
            QVERIFY2(!line.startsWith("> "), line.constData());
    }
};

QTEST_APPLESS_MAIN(ClientV3Test)
#include "tst_client_v3.moc"
