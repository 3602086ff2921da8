// Scenarios I: shared subscriptions, who of a group gets what, and what becomes of it when a member goes.
#include "tests/broker/broker_world.h"

#include <QTest>

using namespace sessionscope;
using Log = QByteArrayList;

class BrokerSharesTest : public QObject
{
    Q_OBJECT

private:
    static inline const Log nothing{};

    static Peer member(BrokerWorld &world, const QByteArray &id, quint32 sei = 300)
    {
        return world.subscriber({.id = id, .sei = sei}, "$share/g/t");
    }

private Q_SLOTS:
    void gives_each_message_of_a_group_to_one_connected_member()
    {
        BrokerWorld world;
        Peer a = member(world, "A");
        Peer b = member(world, "B");
        Peer whole = world.subscriber({.id = "W"});
        Peer p = world.publisher();
        for (const char *payload : {"1", "2", "3", "4"})
            p.publish({.payload = payload});
        QCOMPARE(a.take().size(), 2);
        QCOMPARE(b.take().size(), 2);
        QCOMPARE(whole.take().size(), 4);
        a.cut();
        p.publish({.payload = "5"});
        p.publish({.payload = "6"});
        QCOMPARE(b.take(), (Log{"PUB(q0 t 5)", "PUB(q0 t 6)"}));
    }

    void a_group_passes_over_a_member_that_does_not_read()
    {
        BrokerWorld world;
        Peer a = member(world, "A");
        Peer b = member(world, "B");
        Peer p = world.publisher();
        world.event(ConnectionBlocked{a.link()});
        for (const char *payload : {"1", "2", "3", "4"})
            p.publish({.payload = payload});
        QCOMPARE(b.take().size(), 4);
        world.event(ConnectionBlocked{b.link()});
        p.publish({.qos = 1, .id = 1, .payload = "5"});
        QCOMPARE(world.broker.queuedMessages, 1);
        world.event(ConnectionDrained{a.link()});
        world.event(ConnectionDrained{b.link()});
        QCOMPARE(a.take().size() + b.take().size(), 1);
    }

    void S122_gives_a_sent_qos1_message_to_another_member_at_session_end()
    {
        BrokerWorld world;
        Peer a = member(world, "A", 5);
        world.publisher().publish({.qos = 1, .id = 1});
        QCOMPARE(a.take(), Log{"PUB(q1 #1 t x)"});
        Peer b = member(world, "B");
        world.publisher();
        a.cut();
        world.runTo(4.9);
        QCOMPARE(b.take(), nothing);
        world.runTo(5);
        QCOMPARE(b.take(), Log{"PUB(q1 #1 t x)"});
        b.puback(1);
        world.runTo(1000);
        QCOMPARE(b.take(), nothing);
    }

    void S123_S124_never_gives_a_sent_qos2_message_to_another_member()
    {
        for (const bool resumes : {false, true}) {
            BrokerWorld world;
            Peer a = member(world, "A", 5);
            world.publisher().publish({.qos = 2, .id = 1});
            Peer b = member(world, "B");
            a.cut();
            world.runTo(3);
            if (resumes)
                QCOMPARE(world.connect({.id = "A", .cs = false}).take(), (Log{"CONNACK(1,00)", "PUB(q2 #1 dup t x)"}));
            world.runTo(100);
            QCOMPARE(b.take(), nothing);
        }
    }

    void S125_a_refused_message_is_gone_for_the_group()
    {
        BrokerWorld world;
        Peer a = member(world, "A", 5);
        world.publisher().publish({.qos = 1, .id = 1});
        Peer b = member(world, "B");
        a.puback(1, 0x80);
        a.cut();
        world.runTo(10);
        QCOMPARE(b.take(), nothing);
    }

    void S126_gives_queued_messages_to_another_member_at_session_end()
    {
        BrokerWorld world;
        Peer a = member(world, "A", 5);
        a.cut();
        Peer p = world.publisher();
        for (quint16 id = 1; id <= 3; ++id)
            p.publish({.qos = 1, .id = id, .payload = QByteArray::number(id)});
        Peer b = member(world, "B");
        world.runTo(5);
        QCOMPARE(b.take(), (Log{"PUB(q1 #1 t 1)", "PUB(q1 #2 t 2)", "PUB(q1 #3 t 3)"}));
        QCOMPARE(world.broker.queuedMessages, 0);
    }

    void gives_no_expired_message_to_another_member()
    {
        BrokerWorld world;
        Peer a = member(world, "A", 5);
        a.cut();
        world.publisher().publish({.qos = 1, .id = 1, .mei = 3});
        Peer b = member(world, "B");
        world.runTo(5);
        QCOMPARE(b.take(), nothing);
        QCOMPARE(world.takeDrops(), Log{"B t Expired"});
    }

    void S127_a_group_without_members_keeps_nothing()
    {
        BrokerWorld world;
        member(world, "A", 5).cut();
        world.publisher().publish({.qos = 1, .id = 1, .retain = true});
        world.runTo(5);
        Peer b = member(world, "B");
        QCOMPARE(b.take(), nothing);
        world.publisher().publish({.qos = 1, .id = 1, .payload = "new"});
        QCOMPARE(b.take(), Log{"PUB(q1 #1 t new)"});
    }

    void S128_subscribing_twice_is_one_membership()
    {
        BrokerWorld world;
        Peer a = member(world, "A");
        a.subscribe(2, "$share/g/t", 1);
        a.unsubscribe(3, "$share/g/t");
        QCOMPARE(a.take(), (Log{"SUBACK(#2 01)", "UNSUBACK(#3 00)"}));
        world.publisher().publish({});
        QCOMPARE(a.take(), nothing);
        QCOMPARE(world.session("A")->sharedSubscriptions, 0u);
    }

    void v3_may_share_too()
    {
        BrokerWorld world;
        Peer s = world.subscriber({.version = Version::V311}, "$share/g/t", 1);
        world.publisher().publish({.qos = 1, .id = 1});
        QCOMPARE(s.take(), Log{"PUB(q1 #1 t x)"});
    }

    void a_full_member_of_a_share_group_is_passed_over()
    {
        BrokerWorld world({.overflow = Overflow::RefusePublisher, .maximumQueuedMessages = 1});
        world.subscriber({.id = "A"}, "$share/g/t").cut();
        world.subscriber({.id = "B"}, "$share/g/t").cut();
        Peer p = world.publisher();
        for (quint16 id = 1; id <= 3; ++id)
            p.publish({.qos = 1, .id = id});
        QCOMPARE(p.take(), (Log{"PUBACK(#1)", "PUBACK(#2)", "PUBACK(#3 97)"}));
        QCOMPARE(world.session("A")->messagesOrNone().queue.size(), 1);
        QCOMPARE(world.session("B")->messagesOrNone().queue.size(), 1);
    }

    // [D-23]
    void shares_with_older_clients_unless_told_not_to()
    {
        for (const bool refuses : {false, true}) {
            BrokerWorld world({.sharesWithV5Only = refuses});
            Peer v3 = world.connected({.id = "V", .version = Version::V311});
            v3.subscribe(1, "$share/g/t", 1);
            QCOMPARE(v3.take(), Log{refuses ? "SUBACK(#1 80)" : "SUBACK(#1 01)"});
            Peer v5 = world.publisher();
            v5.subscribe(1, "$share/g/t", 1);
            QCOMPARE(v5.take(), Log{"SUBACK(#1 01)"});
        }
    }
};

QTEST_APPLESS_MAIN(BrokerSharesTest)
#include "tst_broker_shares.moc"
