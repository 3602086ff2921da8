// What 5.0 demands of a client and no scenario plays: silence after DISCONNECT, aliases it announced, the order of its
// acknowledgements, identifiers, and what it notices in a server's CONNACK.
#include "tests/session/client_world.h"

#include <QSet>
#include <QTest>

#include <random>

using namespace sessionscope;
using Lines = QByteArrayList;
using PacketType::Pubrel;

class ClientDutiesTest : public QObject
{
    Q_OBJECT

private:
    static void versions()
    {
        QTest::addColumn<Version>("version");
        QTest::newRow("5.0") << Version::V5;
        QTest::newRow("3.1.1") << Version::V311;
    }
    /// Connected in the version of the row, with a session that outlasts the connection.
    static ClientWorld worldOfVersion()
    {
        QFETCH(Version, version);
        ClientWorld world;
        world.connect({.cleanStart = version == Version::V5, .version = version});
        return world;
    }

private Q_SLOTS:
    // MQTT-3.1.0-1
    void begins_with_connect_and_nothing_else()
    {
        ClientWorld world;
        world.run(Connect{});
        world.open();
        world.publish(q0);
        world.publish(q1);
        world.run(PingCommand{});
        QCOMPARE(world.take(), Lines({"open", "> CONNECT A cs=1", "no: a QoS 0 message needs a connection", "token 1",
                                      "no: not connected"}));
    }

    void sends_nothing_after_disconnect_and_closes_data() { versions(); }
    // MQTT-3.14.4-1, -2, v3:MQTT-3.14.4-1, -2
    void sends_nothing_after_disconnect_and_closes()
    {
        ClientWorld world = worldOfVersion();
        world.run(DisconnectCommand{});
        QCOMPARE(world.take(), Lines({"> DISCONNECT 00", "close"}));
        world.publish(q1);
        world.publish(q0);
        world.run(PingCommand{});
        world.run(SubscribeCommand{{{"t", {}}}, {}});
        world.receivePublish(q1, 1);
        world.receiveAck(Pubrel, 1);
        for (const auto &line : world.take())
            QVERIFY2(!line.startsWith("> "), line.constData());
    }

    void sends_qos0_without_dup_and_once_data() { versions(); }
    // MQTT-4.3.1-1, v3:MQTT-4.3.1-1
    void sends_qos0_without_dup_and_once()
    {
        ClientWorld world = worldOfVersion();
        world.publish(q0);
        QCOMPARE(world.take(), Lines({"token 1", "> PUBLISH q0 t x"}));
        world.resume();
        QCOMPARE(world.take(), Lines());
    }

    // MQTT-3.3.2-10
    void takes_every_alias_up_to_what_it_announced()
    {
        ClientWorld world;
        world.connect({.more = {{PropertyId::TopicAliasMaximum, 3u}}});
        for (quint32 alias = 1; alias <= 3; ++alias)
            world.receive(PublishPacket{.topic = "t" + QByteArray::number(alias),
                                        .payload = "x",
                                        .properties = {{PropertyId::TopicAlias, alias}}});
        for (quint32 alias = 3; alias >= 1; --alias)
            world.receive(PublishPacket{.payload = "y", .properties = {{PropertyId::TopicAlias, alias}}});
        QCOMPARE(world.take(), Lines({"delivered t1 x", "delivered t2 x", "delivered t3 x", "delivered t3 y",
                                      "delivered t2 y", "delivered t1 y"}));
    }

    // MQTT-3.1.2-26, -27, MQTT-3.3.2-11
    void closes_over_an_alias_beyond_what_it_announced()
    {
        for (const quint32 announced : {0u, 2u}) {
            ClientWorld world;
            world.connect({.more = {{PropertyId::TopicAliasMaximum, announced}}});
            world.receive(
                PublishPacket{.topic = "t", .payload = "x", .properties = {{PropertyId::TopicAlias, announced + 1}}});
            QCOMPARE(world.take(), Lines({"violation MQTT-3.3.2-11", "> DISCONNECT 94", "close"}));
        }
    }

    // MQTT-3.1.2-28
    void closes_over_response_information_it_did_not_ask_for()
    {
        const Properties told{{PropertyId::ResponseInformation, QByteArray("r")}};
        for (const bool asks : {false, true}) {
            ClientWorld world;
            const Properties asked{{PropertyId::RequestResponseInformation, 1u}};
            world.run(Connect{.more = asks ? asked : Properties()});
            world.open();
            world.take();
            world.receive(Connack{.properties = told});
            QCOMPARE(world.take(),
                     asks ? Lines({"accepted"}) : Lines({"violation MQTT-3.1.2-28", "> DISCONNECT 82", "close"}));
        }
    }

    // MQTT-4.5.0-2, MQTT-4.6.0-2, -3, MQTT-4.3.3-8, MQTT-4.3.2-4
    void acknowledges_in_order_of_arrival_what_it_never_asked_for()
    {
        for (const Qos qos : {q1, q2}) {
            ClientWorld world = connectedWorld();
            for (const quint16 id : {3, 1, 2})
                world.receivePublish(qos, id);
            const QByteArray name = qos == q1 ? "> PUBACK #" : "> PUBREC #";
            QCOMPARE(world.take(),
                     Lines({"delivered t x", name + '3', "delivered t x", name + '1', "delivered t x", name + '2'}));
        }
    }

    // MQTT-2.2.1-3, MQTT-4.3.2-1, -2, MQTT-4.3.3-1, -2
    void never_gives_an_id_out_twice()
    {
        std::mt19937 random(5);
        Outbox outbox;
        outbox.connected(65'535);
        QSet<quint16> open;
        QList<PacketId> requests;
        for (int i = 0; i < 30'000; ++i) {
            const auto dice = random() % 10;
            if (dice < 5 && outbox.canSend()) {
                const Qos qos = dice % 2 ? q1 : q2;
                const PacketId id = outbox.open({std::make_shared<Message>(), qos, false, {}}, 0, {}).packetId;
                QVERIFY(id.value != 0 && !open.contains(id.value));
                open.insert(id.value);
            } else if (dice == 5) {
                const auto id = outbox.openRequest();
                QVERIFY(id && id->value != 0 && !open.contains(id->value));
                open.insert(id->value);
                requests.append(*id);
            } else if (dice == 6 && !requests.isEmpty()) {
                const PacketId id = requests.takeAt(qsizetype(random() % unsigned(requests.size())));
                QVERIFY(outbox.closeRequest(id));
                open.remove(id.value);
            } else if (const PacketId id{quint16(1 + random() % 65'535)}; outbox.find(id)) {
                outbox.drop(id);
                open.remove(id.value);
            }
        }
        QVERIFY(open.size() > 1'000);
    }

    // MQTT-3.15.2-2, -3
    void an_auth_too_large_for_the_server_loses_its_explanations()
    {
        const Properties method{{PropertyId::AuthenticationMethod, QByteArray("M")}};
        Properties answered = method;
        answered.add(PropertyId::MaximumPacketSize, 20u);
        ClientWorld world;
        world.connect({.more = method}, {.properties = answered});
        AuthPacket auth{ReasonCode::ReAuthenticate, method};
        auth.properties.add(PropertyId::ReasonString, QByteArray(30, 'r'));
        auth.properties.addUserProperty("key", "value");
        ClientEffects effects;
        step(world.session, ClientCommand{AuthenticateCommand{auth}}, world.now, effects);
        const auto *sent = std::get_if<SendPacket>(&effects.at(0));
        QVERIFY(sent);
        QCOMPARE(sent->packet.as<AuthPacket>()->properties, method);
    }
};

QTEST_APPLESS_MAIN(ClientDutiesTest)
#include "tst_client_duties.moc"
