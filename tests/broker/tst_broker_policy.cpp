// What a finding does: the broker answers as the standard demands, or notes it and goes on, for everybody or for one
// client.
#include "tests/broker/broker_world.h"

#include <QTest>

using namespace sessionscope;
using Log = QByteArrayList;

class BrokerPolicyTest : public QObject
{
    Q_OBJECT

private:
    static BrokerConfig noting()
    {
        BrokerConfig config;
        config.noteViolationsOnly = true;
        return config;
    }

private Q_SLOTS:
    void notes_what_it_would_close_for_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QByteArray>("strict");
        QTest::addColumn<QByteArrayList>("noted");
        const auto row = [](const char *name, const char *bytes, const char *strict, const Log &noted) {
            QTest::newRow(name) << QByteArray(bytes) << QByteArray(strict) << noted;
        };
        row("second CONNECT", "10100004 4d515454 05 02 0000 00 0003 414141", "DISCONNECT(82)", {});
        row("DUP at QoS 0", "38 05 0001 74 00 78", "DISCONNECT(81)", {"PUB(q0 t x)"});
        row("wildcard in a Topic Name", "30 05 0001 23 00 78", "DISCONNECT(90)", {});
        row("unset alias", "30 07 0000 03 23 0001 78", "DISCONNECT(82)", {});
        row("SUBSCRIBE without filter", "82 03 0009 00", "DISCONNECT(82)", {});
        row("PINGRESP from a client", "d0 00", "DISCONNECT(82)", {});
        row("unreadable property", "30 07 0001 74 02 7f 01 78", "DISCONNECT(81)", {});
    }
    // MQTT-4.13.1-1
    void notes_what_it_would_close_for()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QByteArray, strict);
        QFETCH(QByteArrayList, noted);
        const QByteArray hexBytes = QByteArray(bytes).replace(" ", "");
        BrokerWorld strictWorld;
        Peer closed = strictWorld.subscriber({.id = "S"});
        closed.sendBytes(hexBytes);
        QCOMPARE(closed.take(), (Log{strict, "EOF"}));

        BrokerWorld world(noting());
        Peer s = world.subscriber({.id = "S"});
        s.sendBytes(hexBytes);
        QVERIFY(s.isOpen());
        QCOMPARE(s.take(), noted);
        QVERIFY(!world.takeNotes().isEmpty());
        QCOMPARE(world.takeRefusals(), Log{});
        s.send(PingreqPacket{});
        QCOMPARE(s.take(), Log{"PINGRESP"});
    }

    void takes_more_messages_than_it_announced()
    {
        BrokerConfig config = noting();
        config.receiveMaximum = 1;
        BrokerWorld world(config);
        Peer p = world.publisher();
        p.publish({.qos = 2, .id = 1});
        p.publish({.qos = 2, .id = 2});
        p.publish({.qos = 1, .id = 3});
        QCOMPARE(p.take(), (Log{"PUBREC(#1 10)", "PUBREC(#2 10)", "PUBACK(#3 10)"}));
        QCOMPARE(world.takeNotes(), (Log{"MQTT-3.3.4-7 93", "MQTT-3.3.4-7 93"}));
    }

    void grants_what_it_said_is_not_available()
    {
        BrokerConfig config = noting();
        config.wildcardSubscriptionAvailable = false;
        config.maximumQos = Qos::AtMostOnce;
        BrokerWorld world(config);
        Peer p = world.publisher();
        p.subscribe(1, "a/#", 1);
        p.publish({.qos = 1, .id = 2, .topic = "a/b"});
        QCOMPARE(p.take(), (Log{"SUBACK(#1 A2)", "PUBACK(#2 10)"}));
        QCOMPARE(world.takeNotes(), (Log{"v5 §3.2.2.3.11 A2", "MQTT-3.2.2-11 9B"}));
    }

    void hands_nothing_illegal_on_to_others()
    {
        BrokerWorld world(noting());
        Peer s = world.subscriber({.id = "S"}, "#");
        s.takePackets();
        Peer p = world.publisher();
        p.publish({.topic = "a/+"});
        p.publish({.properties = {{PropertyId::ResponseTopic, QByteArray("a/#")}}});
        QCOMPARE(s.takePackets().size(), 1); // the world checks each packet against the rules
        QCOMPARE(world.takeNotes().size(), 2);
    }

    void notes_for_one_client_only()
    {
        BrokerConfig config;
        config.noteViolationsOf = {"A"};
        BrokerWorld world(config);
        Peer a = world.subscriber({.id = "A"});
        Peer b = world.subscriber({.id = "B"});
        for (Peer *peer : {&a, &b})
            peer->sendBytes("38050001740078");
        QVERIFY(a.isOpen());
        QVERIFY(!b.isOpen());
    }

    // MQTT-3.1.2-22, MQTT-3.1.0-1
    void closes_all_the_same_where_going_on_makes_no_sense()
    {
        BrokerWorld world(noting());
        Peer silent = world.connected({.id = "K", .ka = 10});
        world.runTo(15);
        QCOMPARE(silent.take(), (Log{"DISCONNECT(8D)", "EOF"}));
        Peer lost = world.connected({.id = "L"});
        world.event(BrokerMalformedArrived{lost.link(), {Malformed::Problem::BadLength, 1, "Remaining Length"}});
        QCOMPARE(lost.take(), (Log{"DISCONNECT(81)", "EOF"}));
        Peer stranger = world.open();
        stranger.send(PingreqPacket{});
        QCOMPARE(stranger.take(), Log{"EOF"});
    }
};

QTEST_GUILESS_MAIN(BrokerPolicyTest)
#include "tst_broker_policy.moc"
