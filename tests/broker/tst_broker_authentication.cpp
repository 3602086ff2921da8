// Enhanced authentication at the broker: a method that is played from a script, and one that proves user names, which
// decide from then on.
#include "core/broker/access_text.h"
#include "tests/broker/broker_world.h"

#include <QTest>

#include <set>

using namespace sessionscope;

using Log = QByteArrayList;

namespace {

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

/// Believes each of its users who answers "NAME!" to "NAME?".
class NamingMethod final : public AuthenticationMethod
{
public:
    explicit NamingMethod(std::set<QByteArray> users) : m_users(std::move(users)) {}

    std::unique_ptr<AuthenticationExchange> begin() const override { return std::make_unique<Exchange>(m_users); }
    bool admits(const QByteArray &userName) const override { return m_users.contains(userName); }

private:
    class Exchange final : public AuthenticationExchange
    {
    public:
        explicit Exchange(std::set<QByteArray> users) : m_users(std::move(users)) {}

        AuthenticationAnswer answer(const QByteArray &data) override
        {
            using enum AuthenticationAnswer::Verdict;
            if (m_name.isEmpty()) {
                m_name = data;
                return {.verdict = Continue, .data = m_name + '?'};
            }
            if (data != m_name + '!' || !m_users.contains(m_name))
                return {.verdict = Refuse};
            return {.verdict = Accept, .data = "welcome " + m_name, .userName = m_name};
        }

    private:
        const std::set<QByteArray> m_users;
        QByteArray m_name;
    };
    const std::set<QByteArray> m_users;
};

const QByteArray naming = "naming";

BrokerAccess accessOf(const std::set<QByteArray> &users)
{
    BrokerAccess access;
    access.accounts.emplace();
    access.authentications[naming] = std::make_shared<NamingMethod>(users);
    return access;
}

std::shared_ptr<const AccessList> list(const QByteArray &text)
{
    const auto parsed = parseAccessList(text);
    [&] { QVERIFY(parsed.ok()); }();
    return std::make_shared<AccessList>(*parsed);
}

/// A CONNECT that names a user to the naming method.
ConnectPacket connectOf(const Hello &hello, const QByteArray &user)
{
    ConnectPacket packet = BrokerWorld::packetOf(withMethod(hello, naming));
    packet.properties.add(PropertyId::AuthenticationData, user);
    return packet;
}

/// The whole exchange. The answers of the broker wait to be taken.
Peer connectAs(BrokerWorld &world, const ConnectPacket &connect, const QByteArray &proof)
{
    Peer peer = world.open();
    peer.send(connect);
    peer.send(answer(proof, naming));
    return peer;
}

Peer connectAs(BrokerWorld &world, const Hello &hello, const QByteArray &user)
{
    return connectAs(world, connectOf(hello, user), user + '!');
}

const Log accepted{"AUTH(18)", "CONNACK(0,00)"};
const Log resumed{"AUTH(18)", "CONNACK(1,00)"};
const Log refused{"AUTH(18)", "CONNACK(0,87)", "EOF"};

} // namespace

class BrokerAuthenticationTest : public QObject
{
    Q_OBJECT

private:
    static void giveRiddle(BrokerWorld &world)
    {
        world.broker.access.authentications = {{"riddle", scriptedMethod({{"first?", "1"}, {"second?", "2"}})}};
    }

private Q_SLOTS:
    // ---- A script ----

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
    // MQTT-3.1.2-30, MQTT-4.12.0-3, -4, -5
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

    // MQTT-4.12.0-6
    void says_nothing_of_authentication_to_who_asked_for_none()
    {
        BrokerWorld world;
        giveRiddle(world);
        Peer peer = world.connect({.id = "A"});
        const QList<Packet> packets = peer.takePackets();
        QCOMPARE(packets.size(), 1);
        const auto *connack = packets.first().as<ConnackPacket>();
        QVERIFY(connack && connack->reason == 0);
        QVERIFY(!connack->properties.contains(PropertyId::AuthenticationMethod));
        QVERIFY(!connack->properties.contains(PropertyId::AuthenticationData));
    }

    // MQTT-4.12.0-1
    void refuses_an_unknown_method()
    {
        BrokerWorld world;
        giveRiddle(world);
        QCOMPARE(world.connect(withMethod({.id = "A"}, "SCRAM-SHA-256")).take(), (Log{"CONNACK(0,8C)", "EOF"}));
    }

    // MQTT-3.1.2-24
    void lets_a_client_go_that_takes_no_challenge_of_this_size()
    {
        BrokerWorld world;
        giveRiddle(world);
        Hello small = withMethod({.id = "A"});
        small.properties.add(PropertyId::MaximumPacketSize, 20u);
        Peer a = world.connect(small);
        QCOMPARE(a.take(), Log{"EOF"});
    }

    void gives_up_a_client_that_never_answers()
    {
        BrokerWorld world;
        giveRiddle(world);
        Peer a = world.connect(withMethod({.id = "A"}));
        world.runTo(double(world.broker.config.connectTimeout.count()));
        QVERIFY(!a.isOpen());
    }

    // MQTT-4.12.0-2, MQTT-4.12.1-2
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

    // MQTT-4.12.0-5, MQTT-4.12.1-1
    void authenticates_again_by_the_same_method_only()
    {
        BrokerWorld world;
        giveRiddle(world);
        Peer a = world.connect(withMethod({.id = "A"}));
        a.send(answer("1"));
        a.send(answer("2"));
        a.take();
        a.send(auth(ReasonCode::ReAuthenticate, "", "other"));
        QCOMPARE(a.take(), (Log{"DISCONNECT(82)", "EOF"}));
    }

    // MQTT-4.12.0-7
    void closes_over_auth_that_nothing_asked_for()
    {
        BrokerWorld world;
        giveRiddle(world);
        Peer a = world.connected({.id = "A"});
        a.send(answer("1"));
        QCOMPARE(a.take(), (Log{"DISCONNECT(82)", "EOF"}));
    }

    // ---- A method that proves names ----

    // MQTT-4.12.0-2, MQTT-4.12.0-5
    void tells_the_servers_last_word_with_the_connack()
    {
        BrokerWorld world;
        world.broker.access = accessOf({"ann"});
        Peer ann = connectAs(world, {.id = "A"}, "ann");
        const QList<Packet> packets = ann.takePackets();
        QCOMPARE(packets.size(), 2);
        const auto *challenged = packets.first().as<AuthPacket>();
        QVERIFY(challenged);
        QCOMPARE(challenged->properties.bytes(PropertyId::AuthenticationData), QByteArray("ann?"));
        const auto *connack = packets.last().as<ConnackPacket>();
        QVERIFY(connack);
        QCOMPARE(connack->properties.bytes(PropertyId::AuthenticationMethod), naming);
        QCOMPARE(connack->properties.bytes(PropertyId::AuthenticationData), QByteArray("welcome ann"));
        QCOMPARE(world.session("A")->userName, QByteArray("ann"));
    }

    // MQTT-4.12.0-4
    void leaves_the_session_alone_of_whom_somebody_pretends_to_be()
    {
        BrokerWorld world;
        world.broker.access = accessOf({"ann", "bob"});
        Peer ann = connectAs(world, {.id = "A"}, "ann");
        QCOMPARE(ann.take(), accepted);
        QCOMPARE(connectAs(world, connectOf({.id = "A"}, "ann"), "guess").take(), refused);
        QCOMPARE(world.takeRefusals(), Log{"MQTT-4.12.0-4 87"});
        // [D-20]
        QCOMPARE(connectAs(world, {.id = "A", .cs = false}, "bob").take(), refused);
        QCOMPARE(world.takeRefusals(), Log{"MQTT-3.1.4-2 87"});
        QCOMPARE(world.connect({.id = "A"}).take(), (Log{"CONNACK(0,87)", "EOF"}));
        QVERIFY(ann.isOpen());
        QCOMPARE(ann.take(), Log{});
        QCOMPARE(connectAs(world, {.id = "A", .cs = false}, "ann").take(), resumed);
    }

    void a_session_is_its_users_without_accounts_too()
    {
        BrokerWorld world;
        world.broker.access.authentications[naming] =
            std::make_shared<NamingMethod>(std::set<QByteArray>{"ann", "bob"});
        QCOMPARE(connectAs(world, {.id = "A"}, "ann").take(), accepted);
        QCOMPARE(connectAs(world, {.id = "A", .cs = false}, "bob").take(), refused);
    }

    // [D-44]
    void a_user_name_beside_the_proof_is_that_of_the_proof()
    {
        BrokerWorld world;
        world.broker.access = accessOf({"ann", "bob"});
        ConnectPacket connect = connectOf({.id = "A"}, "ann");
        connect.userName = "bob";
        QCOMPARE(connectAs(world, connect, "ann!").take(), refused);
        connect.userName = "ann";
        connect.password = "whatever";
        QCOMPARE(connectAs(world, connect, "ann!").take(), accepted);
    }

    void believes_no_name_that_is_not_proved()
    {
        BrokerWorld world;
        world.broker.access = accessOf({"ann"});
        ConnectPacket connect = BrokerWorld::packetOf({.id = "A"});
        connect.userName = "ann";
        Peer claims = world.open();
        claims.send(connect);
        QCOMPARE(claims.take(), (Log{"CONNACK(0,86)", "EOF"}));
        QCOMPARE(world.connect({.id = "B"}).take(), Log{"CONNACK(0,00)"});
        world.broker.access.anonymous = Anonymous::Refused;
        QCOMPARE(world.connect({.id = "C"}).take(), (Log{"CONNACK(0,87)", "EOF"}));
        QCOMPARE(connectAs(world, {.id = "D"}, "ann").take(), accepted);
    }

    void the_proved_name_has_the_rights()
    {
        BrokerWorld world;
        world.broker.access = accessOf({"ann", "bob"});
        world.broker.access.list = list("topic read #\nuser ann\ntopic write w\n");
        Peer s = world.subscriber({.id = "S"}, "#", 0);
        QCOMPARE(connectAs(world, {.id = "B", .will = will()}, "bob").take(), refused);
        QVERIFY(!world.session("B"));
        Peer ann = connectAs(world, {.id = "A", .will = will()}, "ann");
        QCOMPARE(ann.take(), accepted);
        ann.publish({.qos = 1, .id = 1, .topic = "w"});
        ann.publish({.qos = 1, .id = 2, .topic = "v"});
        QCOMPARE(ann.take(), (Log{"PUBACK(#1)", "PUBACK(#2 87)"}));
        QCOMPARE(s.take(), Log{"PUB(q0 w x)"});
    }

    // MQTT-4.12.1-1, MQTT-4.12.0-5
    void authenticates_the_same_user_again()
    {
        BrokerWorld world;
        world.broker.access = accessOf({"ann", "bob"});
        Peer ann = connectAs(world, {.id = "A"}, "ann");
        ann.takePackets();
        ann.send(auth(ReasonCode::ReAuthenticate, "ann", naming));
        ann.send(answer("ann!", naming));
        const QList<Packet> packets = ann.takePackets();
        QCOMPARE(packets.size(), 2);
        const auto *success = packets.last().as<AuthPacket>();
        QVERIFY(success && success->reason == ReasonCode::Success);
        QCOMPARE(success->properties.bytes(PropertyId::AuthenticationMethod), naming);
        QCOMPARE(success->properties.bytes(PropertyId::AuthenticationData), QByteArray("welcome ann"));
        // The exchange is over.
        ann.take();
        ann.send(answer("ann!", naming));
        QCOMPARE(ann.take(), (Log{"DISCONNECT(82)", "EOF"}));
    }

    void refuses_a_reauthentication_data()
    {
        QTest::addColumn<QByteArray>("user");
        QTest::addColumn<QByteArray>("proof");
        QTest::newRow("that fails") << QByteArray("ann") << QByteArray("guess");
        QTest::newRow("as another user") << QByteArray("bob") << QByteArray("bob!"); // [D-43]
    }
    // MQTT-4.12.1-2
    void refuses_a_reauthentication()
    {
        QFETCH(QByteArray, user);
        QFETCH(QByteArray, proof);
        BrokerWorld world;
        world.broker.access = accessOf({"ann", "bob"});
        // What is forgiven otherwise.
        world.broker.config.noteViolationsOnly = true;
        Peer ann = connectAs(world, {.id = "A"}, "ann");
        ann.take();
        ann.send(auth(ReasonCode::ReAuthenticate, user, naming));
        ann.send(answer(proof, naming));
        QCOMPARE(ann.take(), (Log{"AUTH(18)", "DISCONNECT(87)", "EOF"}));
        QCOMPARE(world.takeRefusals(), Log{"MQTT-4.12.1-2 87"});
        QCOMPARE(world.session("A")->userName, QByteArray("ann"));
    }

    void who_is_known_no_more_is_let_go()
    {
        BrokerWorld world;
        world.broker.access = accessOf({"ann", "bob"});
        Peer ann = connectAs(world, {.id = "A"}, "ann");
        Peer bob = connectAs(world, {.id = "B"}, "bob");
        ann.take();
        bob.take();
        world.event(ChangeAccess{accessOf({"ann"})});
        QCOMPARE(bob.take(), (Log{"DISCONNECT(87)", "EOF"}));
        QVERIFY(ann.isOpen());
        world.event(ChangeAccess{BrokerAccess()});
        QCOMPARE(ann.take(), (Log{"DISCONNECT(87)", "EOF"}));
        QVERIFY(world.session("A") && world.session("B"));
    }

    void who_is_known_no_more_when_the_proof_comes_is_refused_data()
    {
        QTest::addColumn<bool>("keepsMethod");
        QTest::addColumn<QByteArray>("connack");
        QTest::newRow("the user is gone") << true << QByteArray("CONNACK(0,87)");
        QTest::newRow("the method is gone") << false << QByteArray("CONNACK(0,8C)");
    }
    void who_is_known_no_more_when_the_proof_comes_is_refused()
    {
        QFETCH(bool, keepsMethod);
        QFETCH(QByteArray, connack);
        BrokerWorld world;
        world.broker.access = accessOf({"ann"});
        Peer ann = world.open();
        ann.send(connectOf({.id = "A"}, "ann"));
        world.event(ChangeAccess{keepsMethod ? accessOf({}) : BrokerAccess()});
        ann.send(answer("ann!", naming));
        QCOMPARE(ann.take(), (Log{"AUTH(18)", connack, "EOF"}));
        QVERIFY(!world.session("A"));
    }

    // MQTT-3.1.2-24
    void lets_a_client_go_that_takes_no_last_word_of_this_size()
    {
        BrokerWorld world;
        world.broker.access = accessOf({"ann"});
        Hello small{.id = "A"};
        small.properties.add(PropertyId::MaximumPacketSize, 30u);
        QCOMPARE(connectAs(world, small, "ann").take(), (Log{"AUTH(18)", "EOF"}));
    }
};

QTEST_GUILESS_MAIN(BrokerAuthenticationTest)
#include "tst_broker_authentication.moc"
