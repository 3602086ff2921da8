// A connection as the client lives it: broken statements, keep alive, commands at the wrong moment, authentication.
#include "tests/session/client_world.h"

#include <QTest>

using namespace sessionscope;
using namespace std::chrono_literals;
using Lines = QByteArrayList;

class ClientConnectionTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void answers_what_cannot_be_read()
    {
        ClientWorld world;
        world.connect();
        world.receiveHex("3003000a61");
        QCOMPARE(world.take(), Lines({"violation MQTT-3.3.2-1", "> DISCONNECT 81", "close"}));

        ClientWorld old;
        old.connect({.version = Version::V311});
        old.receiveHex("3003000a61");
        QCOMPARE(old.take(), Lines({"violation v3:MQTT-3.3.2-1", "close"}));
    }

    void only_notes_violations_when_told_to()
    {
        ClientWorld world;
        world.session.policy.noteViolationsOnly = true;
        world.run(Connect{});
        world.open();
        world.take();
        world.receive(Connack{.sessionPresent = true});
        world.receiveHex("3003000a61");
        world.receive(Connack{});
        QCOMPARE(world.take(),
                 Lines({"violation MQTT-3.2.2-2", "accepted", "violation MQTT-3.3.2-1", "violation MQTT-3.2.0-2"}));
        QCOMPARE(world.session.connection, ClientConnection::Connected);
    }

    void hears_nothing_after_it_closed()
    {
        ClientWorld world;
        world.connect();
        world.run(DisconnectCommand{});
        world.take();
        world.receivePublish(q0, 0);
        QCOMPARE(world.take(), Lines());
    }

    void forgets_everything_as_a_device_without_its_store()
    {
        ClientWorld world;
        world.connect({}, {.properties = {{PropertyId::ReceiveMaximum, 1u}}});
        world.publish(q1);
        world.publish(q1);
        world.take();
        world.run(ForgetCommand{});
        QCOMPARE(world.take(), Lines({"close", "lost 2", "ended: forgotten", "lost 1"}));
        world.cut();
        world.run(Connect{.cleanStart = false});
        world.open();
        QCOMPARE(world.take(), Lines({"open", "> CONNECT A cs=1"}));
    }

    // MQTT-4.12.0-7
    void refuses_commands_that_cannot_work_now()
    {
        ClientWorld world;
        world.run(PingCommand{});
        world.run(DisconnectCommand{});
        world.run(AuthenticateCommand{});
        QCOMPARE(world.take(), Lines({"no: not connected", "no: not connected", "no: not connected"}));
        world.connect();
        world.run(Connect{});
        world.run(AuthenticateCommand{});
        QCOMPARE(world.take(),
                 Lines({"no: already connected or on the way", "no: the CONNECT named no Authentication Method"}));
    }

    void authenticates_as_the_application_says()
    {
        const Properties method{{PropertyId::AuthenticationMethod, QByteArray("M")}};
        ClientWorld world;
        world.run(Connect{.more = method});
        world.open();
        world.take();
        world.receive(AuthPacket{ReasonCode::ContinueAuthentication, method});
        world.run(AuthenticateCommand{{ReasonCode::ContinueAuthentication, method}});
        world.receive(Connack{.properties = method});
        QCOMPARE(world.take(), Lines({"authentication: challenge", "> AUTH 18", "accepted"}));
    }

    void rejects_an_auth_nobody_asked_for()
    {
        ClientWorld world;
        world.connect();
        world.receive(
            AuthPacket{ReasonCode::ContinueAuthentication, {{PropertyId::AuthenticationMethod, QByteArray("M")}}});
        QCOMPARE(world.take(), Lines({"violation MQTT-4.12.0-6", "> DISCONNECT 82", "close"}));
    }

    // MQTT-3.1.2-20, -21
    void S170_pings_within_the_server_keep_alive()
    {
        ClientWorld world;
        world.connect({.keepAlive = 60}, {.properties = {{PropertyId::ServerKeepAlive, 10u}}});
        const Instant start = world.now;
        world.pass(*nextDeadline(world.session) - world.now);
        QCOMPARE(world.take(), Lines({"> PINGREQ"}));
        QVERIFY(world.now - start > 8s && world.now - start <= 10s);
    }

    // MQTT-3.1.2-20
    void what_is_received_does_not_put_off_a_ping()
    {
        ClientWorld world;
        world.connect({.keepAlive = 10});
        const auto due = nextDeadline(world.session);
        world.now += 5s;
        world.receivePublish(q0, 0);
        QVERIFY(nextDeadline(world.session) == due);
        world.publish(q0);
        QVERIFY(nextDeadline(world.session) == *due + 5s);
    }

    // MQTT-3.1.2-21
    void a_server_keep_alive_of_0_stops_the_pings()
    {
        ClientWorld world;
        world.connect({.keepAlive = 60}, {.properties = {{PropertyId::ServerKeepAlive, 0u}}});
        QVERIFY(!nextDeadline(world.session));
    }

    void closes_a_connection_whose_ping_stays_unanswered()
    {
        ClientWorld world;
        world.connect({.keepAlive = 10});
        world.pass(60s);
        QCOMPARE(world.take(), Lines({"> PINGREQ", "> PINGREQ", "overdue PINGRESP", "close"}));
        world.cut();
        QVERIFY(world.session.record);
    }

    void closes_a_connection_without_connack()
    {
        ClientWorld world;
        world.run(Connect{});
        world.open();
        world.take();
        world.pass(29s);
        QCOMPARE(world.take(), Lines());
        world.pass(1s);
        QCOMPARE(world.take(), Lines({"overdue CONNACK", "close"}));
    }

    void waits_for_ever_when_told_to()
    {
        ClientWorld world;
        world.session.policy.answerWait = {};
        world.run(Connect{});
        world.open();
        QVERIFY(!nextDeadline(world.session));
        world.receive(Connack{});
        world.run(PingCommand{});
        QVERIFY(!nextDeadline(world.session));
    }
};

QTEST_APPLESS_MAIN(ClientConnectionTest)
#include "tst_client_connection.moc"
