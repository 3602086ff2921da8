// Who may connect: user names and passwords, sessions that belong to a user, and enhanced authentication.
#include "tests/broker/broker_world.h"

#include <QTest>

using namespace sessionscope;

using Log = QByteArrayList;

namespace {

ConnectPacket withAccount(const Hello &hello, const QByteArray &user, const QByteArray &password)
{
    ConnectPacket packet = BrokerWorld::packetOf(hello);
    packet.userName = user;
    packet.password = password;
    return packet;
}

Hello withMethod(Hello hello, const QByteArray &method = "riddle")
{
    hello.properties.add(PropertyId::AuthenticationMethod, method);
    return hello;
}

AuthPacket auth(ReasonCode reason, const QByteArray &data, const QByteArray &method = "riddle")
{
    AuthPacket packet{reason, {{PropertyId::AuthenticationMethod, method}}};
    if (!data.isEmpty())
        packet.properties.add(PropertyId::AuthenticationData, data);
    return packet;
}

AuthPacket answer(const QByteArray &data, const QByteArray &method = "riddle")
{
    return auth(ReasonCode::ContinueAuthentication, data, method);
}

const Log challenge{"AUTH(18)"};

} // namespace

class BrokerAccessTest : public QObject
{
    Q_OBJECT

private:
    static void giveAccounts(BrokerWorld &world) { world.broker.access.passwords = {{"u1", "one"}, {"u2", "two"}}; }
    static void giveRiddle(BrokerWorld &world)
    {
        world.broker.access.authentications = {{"riddle", {{"first?", "1"}, {"second?", "2"}}}};
    }
    static Peer connectAs(BrokerWorld &world, const Hello &hello, const QByteArray &user, const QByteArray &password)
    {
        Peer peer = world.open(hello.version);
        peer.send(withAccount(hello, user, password));
        return peer;
    }

private Q_SLOTS:
    void S16_a_wrong_password_leaves_the_session_alone()
    {
        BrokerWorld world;
        giveAccounts(world);
        Peer a = connectAs(world, {.id = "A", .sei = 60}, "u1", "one");
        a.subscribe(1, "t", 1);
        a.cut();
        Peer p = connectAs(world, {.id = "P"}, "u2", "two");
        p.publish({.qos = 1, .id = 1});
        QCOMPARE(connectAs(world, {.id = "A"}, "u1", "two").take(), (Log{"CONNACK(0,86)", "EOF"}));
        QCOMPARE(world.connect({.id = "A"}).take(), (Log{"CONNACK(0,86)", "EOF"}));
        QCOMPARE(connectAs(world, {.id = "A", .cs = false}, "u1", "one").take(),
                 (Log{"CONNACK(1,00)", "PUB(q1 #1 t x)"}));
    }

    void refuses_a_wrong_password_with_the_return_code_of_3_1_1()
    {
        BrokerWorld world;
        giveAccounts(world);
        QCOMPARE(connectAs(world, {.id = "A", .version = Version::V311}, "u1", "no").take(),
                 (Log{"CONNACK(0,04)", "EOF"}));
    }

    void S120_a_session_is_its_users()
    {
        BrokerWorld world;
        giveAccounts(world);
        Peer a = connectAs(world, {.id = "A"}, "u1", "one");
        QCOMPARE(a.take(), Log{"CONNACK(0,00)"});
        QCOMPARE(connectAs(world, {.id = "A"}, "u2", "two").take(), (Log{"CONNACK(0,87)", "EOF"}));
        QVERIFY(a.isOpen());
        QCOMPARE(a.take(), Log{});
    }

    void S18_judges_the_session_when_the_authentication_is_over_data()
    {
        QTest::addColumn<double>("lastAnswer");
        QTest::addColumn<QByteArray>("connack");
        QTest::newRow("before the session's end") << 9.9 << QByteArray("CONNACK(1,00)");
        QTest::newRow("after it") << 10.5 << QByteArray("CONNACK(0,00)");
    }
    void S18_judges_the_session_when_the_authentication_is_over()
    {
        QFETCH(double, lastAnswer);
        QFETCH(QByteArray, connack);
        BrokerWorld world;
        giveRiddle(world);
        world.connected({.id = "A", .sei = 10}).cut();
        world.runTo(9.5);
        Peer a = world.connect(withMethod({.id = "A", .cs = false}));
        QCOMPARE(a.take(), challenge);
        a.send(answer("1"));
        QCOMPARE(a.take(), challenge);
        world.runTo(lastAnswer);
        a.send(answer("2"));
        QCOMPARE(a.take(), Log{connack});
    }

    void takes_over_only_after_the_last_response()
    {
        BrokerWorld world;
        giveRiddle(world);
        Peer old = world.connected({.id = "A"});
        Peer a = world.connect(withMethod({.id = "A", .cs = false}));
        a.send(answer("1"));
        QVERIFY(old.isOpen());
        a.send(answer("2"));
        QCOMPARE(old.take(), (Log{"DISCONNECT(8E)", "EOF"}));
        QCOMPARE(a.take(), (Log{"AUTH(18)", "AUTH(18)", "CONNACK(1,00)"}));
    }

    void refuses_what_does_not_answer_the_challenge_data()
    {
        QTest::addColumn<PacketBody>("sent");
        QTest::addColumn<QByteArray>("connack");
        QTest::newRow("wrong response") << PacketBody(answer("7")) << QByteArray("CONNACK(0,87)");
        QTest::newRow("no response") << PacketBody(answer("")) << QByteArray("CONNACK(0,87)");
        QTest::newRow("another method") << PacketBody(answer("1", "other")) << QByteArray("CONNACK(0,82)");
        QTest::newRow("re-authentication")
            << PacketBody(auth(ReasonCode::ReAuthenticate, "1")) << QByteArray("CONNACK(0,82)");
        QTest::newRow("a publish") << PacketBody(PublishPacket{.topic = "t", .payload = "x"})
                                   << QByteArray("CONNACK(0,82)");
        QTest::newRow("a second connect")
            << PacketBody(BrokerWorld::packetOf({.id = "B"})) << QByteArray("CONNACK(0,82)");
    }
    void refuses_what_does_not_answer_the_challenge()
    {
        QFETCH(PacketBody, sent);
        QFETCH(QByteArray, connack);
        BrokerWorld world;
        giveRiddle(world);
        Peer a = world.connect(withMethod({.id = "A"}));
        QCOMPARE(a.take(), challenge);
        a.send(sent);
        QCOMPARE(a.take(), (Log{connack, "EOF"}));
        QVERIFY(!world.session("A"));
    }

    void refuses_an_unknown_method()
    {
        BrokerWorld world;
        giveRiddle(world);
        QCOMPARE(world.connect(withMethod({.id = "A"}, "SCRAM-SHA-256")).take(), (Log{"CONNACK(0,8C)", "EOF"}));
    }

    void gives_up_a_client_that_never_answers()
    {
        BrokerWorld world;
        giveRiddle(world);
        Peer a = world.connect(withMethod({.id = "A"}));
        world.runTo(double(world.broker.config.connectTimeout.count()));
        QVERIFY(!a.isOpen());
    }

    void authenticates_again_while_connected()
    {
        BrokerWorld world;
        giveRiddle(world);
        Peer a = world.connect(withMethod({.id = "A"}));
        a.send(answer("1"));
        a.send(answer("2"));
        a.take();
        a.send(auth(ReasonCode::ReAuthenticate, ""));
        a.send(answer("1"));
        a.send(answer("2"));
        QCOMPARE(a.take(), (Log{"AUTH(18)", "AUTH(18)", "AUTH(00)"}));
        a.send(auth(ReasonCode::ReAuthenticate, ""));
        a.send(answer("wrong"));
        QCOMPARE(a.take(), (Log{"AUTH(18)", "DISCONNECT(87)", "EOF"}));
    }

    void closes_over_auth_that_nothing_asked_for()
    {
        BrokerWorld world;
        giveRiddle(world);
        Peer a = world.connected({.id = "A"});
        a.send(answer("1"));
        QCOMPARE(a.take(), (Log{"DISCONNECT(82)", "EOF"}));
    }
};

QTEST_GUILESS_MAIN(BrokerAccessTest)
#include "tst_broker_access.moc"
