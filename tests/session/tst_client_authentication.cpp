// Enhanced authentication from the client's side, with the test as the authenticator.
#include "tests/session/client_world.h"

#include <QTest>

using namespace sessionscope;
using namespace std::chrono_literals;
using Lines = QByteArrayList;

namespace {

Properties methodWith(const QByteArray &data)
{
    return {{PropertyId::AuthenticationMethod, QByteArray("M")}, {PropertyId::AuthenticationData, data}};
}

AuthenticateCommand answer(const QByteArray &data)
{
    return {{ReasonCode::ContinueAuthentication, methodWith(data)}};
}

/// The transport is open, and the CONNECT waits for its data.
ClientWorld askedWorld()
{
    ClientWorld world;
    world.session.policy.authenticatorAnswers = true;
    world.run(Connect{.more = {{PropertyId::AuthenticationMethod, QByteArray("M")}}});
    world.open();
    return world;
}

ClientWorld authenticatedWorld()
{
    ClientWorld world = askedWorld();
    world.run(answer("first"));
    world.receive(Connack{.properties = methodWith("proof")});
    world.run(TrustServer{});
    world.take();
    return world;
}

} // namespace

class ClientAuthenticationTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // MQTT-4.12.0-3
    void asks_for_data_at_each_step()
    {
        ClientWorld world = askedWorld();
        QCOMPARE(world.take(), Lines({"open", "authentication: begin"}));
        world.run(answer("first"));
        QCOMPARE(world.take(), Lines({"> CONNECT A cs=1"}));
        QCOMPARE(world.session.connect.properties.bytes(PropertyId::AuthenticationData), QByteArray("first"));
        world.receive(AuthPacket{ReasonCode::ContinueAuthentication, methodWith("nonce")});
        world.run(answer("second"));
        QCOMPARE(world.take(), Lines({"authentication: challenge nonce", "> AUTH 18"}));
        world.receive(Connack{.properties = methodWith("proof")});
        QCOMPARE(world.take(), Lines({"authentication: proof proof"}));
        world.run(TrustServer{});
        QCOMPARE(world.take(), Lines({"accepted"}));
    }

    void sends_nothing_to_a_server_that_is_not_believed_yet()
    {
        ClientWorld world = askedWorld();
        world.publish(q1);
        world.run(answer("first"));
        world.take();
        world.receive(Connack{.properties = methodWith("proof")});
        world.receivePublish(q1, 5, "early");
        QCOMPARE(world.take(), Lines({"authentication: proof proof"}));
        world.run(TrustServer{});
        QCOMPARE(world.take(), Lines({"accepted", "> PUBLISH q1 #1 t x", "delivered t early", "> PUBACK #5"}));
    }

    void closes_on_a_server_that_is_not_believed()
    {
        ClientWorld world = askedWorld();
        world.run(answer("first"));
        world.receive(Connack{.properties = methodWith("forged")});
        world.take();
        world.run(AbandonAuthentication{"wrong signature"});
        QCOMPARE(world.take(), Lines({"> DISCONNECT 80", "close"}));
        world.cut();
        QVERIFY(!world.session.record);
        QCOMPARE(world.take(), Lines());
    }

    void closes_without_a_word_before_its_connect()
    {
        ClientWorld world = askedWorld();
        world.take();
        world.run(AbandonAuthentication{"no such method"});
        QCOMPARE(world.take(), Lines({"close"}));
    }

    // MQTT-4.12.1-1
    void authenticates_again_on_the_same_connection()
    {
        ClientWorld world = authenticatedWorld();
        world.run(ReauthenticateCommand{});
        world.run(ReauthenticateCommand{});
        QCOMPARE(world.take(), Lines({"authentication: begin again", "no: an authentication is under way"}));
        world.run(AuthenticateCommand{{ReasonCode::ReAuthenticate, methodWith("first")}});
        world.publish(q0); // other packets go on meanwhile
        world.receive(AuthPacket{ReasonCode::Success, methodWith("proof")});
        world.run(TrustServer{});
        QCOMPARE(world.take(), Lines({"> AUTH 19", "token 1", "> PUBLISH q0 t x", "authentication: proof proof"}));
        world.run(ReauthenticateCommand{});
        QCOMPARE(world.take(), Lines({"authentication: begin again"}));
    }

    // MQTT-4.12.0-7
    void does_not_authenticate_when_the_connect_named_no_method()
    {
        ClientWorld world = connectedWorld();
        world.run(ReauthenticateCommand{});
        QCOMPARE(world.take(), Lines({"no: the CONNECT named no Authentication Method"}));
    }

    void limits_what_comes_before_the_server_is_believed()
    {
        ClientWorld world = askedWorld();
        world.run(answer("first"));
        world.receive(Connack{.properties = methodWith("proof")});
        world.take();
        for (std::size_t i = 0; i <= maximumUnread; ++i)
            world.receivePublish(q0, 0);
        QCOMPARE(world.take(), Lines({"close"}));
    }
};

QTEST_APPLESS_MAIN(ClientAuthenticationTest)
#include "tst_client_authentication.moc"
