// Who may connect, and what they may do: user names and passwords, sessions that belong to a user, the access list.
#include "core/broker/access_text.h"
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

} // namespace

class BrokerAccessTest : public QObject
{
    Q_OBJECT

private:
    /// Passwords stand for their own hashes.
    static BrokerAccess accounts(const std::map<QByteArray, QByteArray> &passwords)
    {
        BrokerAccess access;
        access.anonymous = Anonymous::Refused;
        access.passwordCheck = [](const PasswordHash &hash, const QByteArray &password) {
            return hash.hash == password;
        };
        access.accounts.emplace();
        for (const auto &[user, password] : passwords)
            (*access.accounts)[user].hash = password;
        return access;
    }
    static void giveAccounts(BrokerWorld &world) { world.broker.access = accounts({{"u1", "one"}, {"u2", "two"}}); }
    static std::shared_ptr<const AccessList> list(const QByteArray &text)
    {
        auto parsed = parseAccessList(text);
        [&] { QVERIFY(parsed.ok()); }();
        return std::make_shared<AccessList>(*parsed);
    }
    static Peer connectAs(BrokerWorld &world, const Hello &hello, const QByteArray &user, const QByteArray &password)
    {
        Peer peer = world.open(hello.version);
        peer.send(withAccount(hello, user, password));
        return peer;
    }

private Q_SLOTS:
    // MQTT-3.1.4-2, MQTT-3.2.2-6, MQTT-3.2.2-7
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
        QCOMPARE(world.connect({.id = "A"}).take(), (Log{"CONNACK(0,87)", "EOF"}));
        QCOMPARE(connectAs(world, {.id = "A", .cs = false}, "u1", "one").take(),
                 (Log{"CONNACK(1,00)", "PUB(q1 #1 t x)"}));
    }

    void refuses_a_wrong_password_with_the_return_code_of_3_1_1()
    {
        BrokerWorld world;
        giveAccounts(world);
        QCOMPARE(connectAs(world, {.id = "A", .version = Version::V311}, "u1", "no").take(),
                 (Log{"CONNACK(0,04)", "EOF"}));
        QCOMPARE(world.connect({.id = "A", .version = Version::V311}).take(), (Log{"CONNACK(0,05)", "EOF"}));
        QCOMPARE(connectAs(world, {.id = "A", .version = Version::V311}, "nobody", "one").take(),
                 (Log{"CONNACK(0,04)", "EOF"}));
    }

    void anonymous_clients_may_come_beside_users_where_allowed()
    {
        BrokerWorld world;
        giveAccounts(world);
        world.broker.access.anonymous = Anonymous::Allowed;
        QCOMPARE(world.connect({.id = "A"}).take(), Log{"CONNACK(0,00)"});
        QCOMPARE(connectAs(world, {.id = "B"}, "u1", "wrong").take(), (Log{"CONNACK(0,86)", "EOF"}));
        QCOMPARE(connectAs(world, {.id = "A"}, "u1", "one").take(), (Log{"CONNACK(0,87)", "EOF"}));
    }

    // ---- The access list ----

    void a_publish_that_is_not_allowed_reaches_nobody_data()
    {
        QTest::addColumn<Version>("version");
        QTest::addColumn<int>("qos");
        QTest::addColumn<QByteArrayList>("answer");
        const Version v5 = Version::V5;
        const Version v3 = Version::V311;
        QTest::newRow("5, QoS 0") << v5 << 0 << Log{};
        QTest::newRow("5, QoS 1") << v5 << 1 << Log{"PUBACK(#1 87)"};
        QTest::newRow("5, QoS 2") << v5 << 2 << Log{"PUBREC(#1 87)"};
        QTest::newRow("3.1.1, QoS 0") << v3 << 0 << Log{};
        QTest::newRow("3.1.1, QoS 1") << v3 << 1 << Log{"PUBACK(#1)"};
        QTest::newRow("3.1.1, QoS 2") << v3 << 2 << Log{"PUBREC(#1)"};
    }
    // v3:MQTT-3.3.5-2
    void a_publish_that_is_not_allowed_reaches_nobody()
    {
        QFETCH(Version, version);
        QFETCH(int, qos);
        QFETCH(QByteArrayList, answer);
        BrokerWorld world;
        world.broker.access.list = list("topic read #\ntopic write open\n");
        Peer s = world.subscriber({.id = "S"}, "#");
        Peer p = world.connected({.id = "P", .version = version});
        p.publish({.qos = qos, .id = quint16(qos ? 1 : 0), .topic = "shut", .retain = true});
        QCOMPARE(p.take(), answer);
        QCOMPARE(s.take(), Log{});
        QCOMPARE(world.takeRefusals(), Log{version == Version::V5 ? "v5 §5.4.2 87" : "v3:MQTT-3.3.5-2 87"});
        QVERIFY(world.broker.retained.isEmpty());
        p.publish({.topic = "open"});
        QCOMPARE(s.take(), Log{"PUB(q0 open x)"});
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

    void a_subscription_is_granted_and_only_what_may_be_read_is_delivered()
    {
        BrokerWorld world;
        world.broker.access.list = list("topic write #\nuser u1\ntopic read a/#\ntopic deny a/secret\n");
        Peer s = connectAs(world, {.id = "S"}, "u1", "");
        s.subscribe(1, "#", 1);
        QCOMPARE(s.take(), (Log{"CONNACK(0,00)", "SUBACK(#1 01)"}));
        Peer p = world.publisher();
        for (const char *topic : {"a/b", "b", "a/secret"})
            p.publish({.topic = topic});
        QCOMPARE(s.take(), Log{"PUB(q0 a/b x)"});
        QCOMPARE(world.takeDrops(), (Log{"S b NotAuthorized", "S a/secret NotAuthorized"}));
        QCOMPARE(world.broker.counters.droppedByCause[std::size_t(DropCause::NotAuthorized)], quint64(2));
    }

    void retained_messages_are_replayed_to_those_who_may_read_them()
    {
        BrokerWorld world;
        world.broker.access.list = list("topic write #\nuser u1\ntopic read a\n");
        Peer p = world.publisher();
        p.publish({.topic = "a", .retain = true});
        p.publish({.topic = "b", .retain = true});
        Peer s = connectAs(world, {.id = "S"}, "u1", "");
        s.subscribe(1, "#", 0);
        QCOMPARE(s.take(), (Log{"CONNACK(0,00)", "SUBACK(#1 00)", "PUB(q0 retain a x)"}));
    }

    void retained_messages_that_have_to_wait_are_judged_like_others()
    {
        BrokerConfig config;
        config.maximumQueuedBytes = 280; // the first takes more, and one like the second fits
        BrokerWorld world(config);
        world.broker.access.list = list("topic write #\nuser u1\ntopic read a/#\n");
        Peer p = world.publisher();
        p.publish({.topic = "a/1", .payload = QByteArray(300, 'x'), .retain = true});
        p.publish({.topic = "a/2", .retain = true});
        p.publish({.topic = "b", .retain = true});
        Peer s = connectAs(world, {.id = "S"}, "u1", "");
        s.take();
        s.subscribe(1, "#", 0);
        QCOMPARE(s.take().size(), 2);
        world.runTo(0);
        QCOMPARE(s.take(), Log{"PUB(q0 retain a/2 x)"});
        QCOMPARE(world.takeDrops(), Log{"S b NotAuthorized"});
    }

    void a_group_passes_over_a_member_that_may_not_read()
    {
        BrokerWorld world;
        world.broker.access.list = list("topic write #\nuser u1\ntopic read t\n");
        Peer u1 = connectAs(world, {.id = "A"}, "u1", "");
        Peer u2 = connectAs(world, {.id = "B"}, "u2", "");
        u1.subscribe(1, "$share/g/t", 0);
        u2.subscribe(1, "$share/g/t", 0);
        u1.take();
        Peer p = world.publisher();
        for (int i = 0; i < 4; ++i)
            p.publish({});
        QCOMPARE(u1.take().size(), 4);
        QCOMPARE(world.takeDrops(), Log{});
    }

    void a_will_needs_the_right_to_write_at_connect_and_when_it_goes_out()
    {
        BrokerWorld world;
        world.broker.access.list = list("topic read #\ntopic write v\n");
        QCOMPARE(world.connect({.id = "A", .will = will()}).take(), (Log{"CONNACK(0,87)", "EOF"}));
        world.broker.access.list = list("topic readwrite #\n");
        Peer w = world.subscriber({.id = "W"}, "w");
        Peer a = world.connected({.id = "A", .sei = 60, .will = will(10)});
        a.cut();
        BrokerAccess changed;
        changed.list = list("topic read #\n");
        world.event(ChangeAccess{changed});
        world.takeRefusals();
        world.runTo(20);
        QCOMPARE(w.take(), Log{});
        QCOMPARE(world.takeRefusals(), Log{"v5 §5.4.2 87"});
    }

    void new_rights_hold_at_once_and_sessions_stay()
    {
        BrokerWorld world;
        giveAccounts(world);
        Peer one = connectAs(world, {.id = "1", .sei = 60}, "u1", "one");
        Peer two = connectAs(world, {.id = "2", .sei = 60}, "u2", "two");
        one.subscribe(1, "t", 1);
        one.take();
        two.take();
        BrokerAccess changed = accounts({{"u1", "another"}});
        changed.list = list("user u1\ntopic write t\n");
        world.event(ChangeAccess{changed});
        QCOMPARE(two.take(), (Log{"DISCONNECT(87)", "EOF"}));
        QVERIFY(world.session("2"));
        QVERIFY(one.isOpen());
        one.publish({.topic = "t"});
        QCOMPARE(one.take(), Log{});
        QCOMPARE(world.takeDrops(), Log{"1 t NotAuthorized"});
        world.event(ChangeAccess{accounts({{"u1", "one"}})});
        one.publish({.topic = "t"});
        QCOMPARE(one.take(), Log{"PUB(q0 t x)"});
    }
};

QTEST_GUILESS_MAIN(BrokerAccessTest)
#include "tst_broker_access.moc"
