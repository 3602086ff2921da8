// What 5.0 demands of a server and no scenario plays: limits it announces, retained messages and their flags, wills,
// identifiers, aliases, and the answers to requests. The statements stand above each test.
#include "tests/broker/broker_world.h"

#include <QSet>
#include <QTest>

using namespace sessionscope;
using Log = QByteArrayList;

class BrokerDutiesTest : public QObject
{
    Q_OBJECT

private:
    static inline const Log nothing{};

    static Properties toldTo(BrokerWorld &world, const Hello &hello)
    {
        const auto connack = decode(world.connect(hello).bytes(), Version::V5);
        return connack ? *propertiesOf(*connack) : Properties();
    }
    // What a client gets that subscribes to filter now.
    static Log retainedFor(BrokerWorld &world, const QByteArray &filter)
    {
        Peer late = world.connected({.id = "late"});
        late.subscribe(1, filter, 2);
        return late.take().mid(1);
    }

private Q_SLOTS:
    // ---- CONNECT and CONNACK ----

    // MQTT-3.1.2-1
    void closes_without_an_answer_on_another_protocol()
    {
        BrokerWorld world;
        Peer a = world.open();
        a.sendBytes("100e00044d5154580502003c0000 0161");
        QCOMPARE(a.take(), Log{"EOF"});
        QVERIFY(world.broker.sessions.empty());
    }

    // MQTT-3.1.4-1, MQTT-3.1.3-3, MQTT-3.2.2-7
    void answers_a_connect_that_cannot_be_read_and_closes_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("no client identifier") << QByteArray("100b00044d5154540502003c00");
        QTest::newRow("will flag without a will") << QByteArray("100e00044d5154540506003c000001 61");
        QTest::newRow("a field too many") << QByteArray("101100044d5154540502003c0000016100 0175");
    }
    void answers_a_connect_that_cannot_be_read_and_closes()
    {
        QFETCH(QByteArray, bytes);
        BrokerWorld world;
        Peer a = world.open();
        a.sendBytes(bytes);
        QCOMPARE(a.take(), (Log{"CONNACK(0,81)", "EOF"}));
        QVERIFY(world.broker.sessions.empty());
    }

    // MQTT-3.1.4-6, MQTT-3.2.2-7
    void hears_nothing_after_a_refused_connect()
    {
        BrokerWorld world;
        Peer w = world.subscriber({.id = "W"}, "t");
        Peer a = world.connect({.id = "A", .rm = 0});
        QCOMPARE(a.take(), (Log{"CONNACK(0,82)", "EOF"}));
        world.event(BrokerPacketArrived{a.link(), {PublishPacket{.topic = "t", .payload = "x", .retain = true}}, {}});
        QCOMPARE(w.take(), nothing);
        QVERIFY(world.broker.retained.isEmpty());
    }

    // MQTT-3.1.3-2, MQTT-3.1.3-5
    void takes_identifiers_of_23_letters_and_digits_and_keeps_them_apart()
    {
        BrokerWorld world;
        const QByteArray first = "0123456789abcdefghijklm";
        const QByteArray second = "NOPQRSTUVWXYZnopqrstuvw";
        QCOMPARE(first.size(), 23);
        world.subscriber({.id = first}, "t", 1).cut();
        world.connected({.id = second});
        world.publisher().publish({.qos = 1, .id = 1});
        QCOMPARE(world.connect({.id = second, .cs = false}).take(), Log{"CONNACK(1,00)"});
        QCOMPARE(world.connect({.id = first, .cs = false}).take(), (Log{"CONNACK(1,00)", "PUB(q1 #1 t x)"}));
    }

    // MQTT-3.1.3-8
    void refuses_an_identifier_above_its_limit()
    {
        BrokerWorld world({.maximumClientIdSize = 8});
        QCOMPARE(world.connect({.id = "12345678"}).take(), Log{"CONNACK(0,00)"});
        QCOMPARE(world.connect({.id = "123456789"}).take(), (Log{"CONNACK(0,85)", "EOF"}));
        QCOMPARE(world.broker.sessions.size(), 1u);
    }

    // MQTT-3.1.3-6, MQTT-3.1.3-7
    void gives_two_clients_without_identifier_two_of_them()
    {
        BrokerWorld world;
        const auto one = toldTo(world, {.id = ""}).bytes(PropertyId::AssignedClientIdentifier);
        const auto two = toldTo(world, {.id = ""}).bytes(PropertyId::AssignedClientIdentifier);
        QVERIFY(one && two && *one != *two);
        QVERIFY(world.session(*one)->isConnected() && world.session(*two)->isConnected());
    }

    // MQTT-3.2.2-3
    void says_session_present_exactly_when_there_is_one()
    {
        BrokerWorld world;
        QCOMPARE(world.connect({.id = "A", .cs = false}).take(), Log{"CONNACK(0,00)"});
        QCOMPARE(world.connect({.id = "A", .cs = false}).take(), Log{"CONNACK(1,00)"});
        QCOMPARE(world.connect({.id = "B", .cs = false}).take(), Log{"CONNACK(0,00)"});
    }

    // MQTT-3.1.2-28
    void keeps_response_information_to_itself()
    {
        for (const quint32 asked : {0u, 1u}) {
            BrokerWorld world;
            Hello hello{};
            hello.properties.add(PropertyId::RequestResponseInformation, asked);
            QVERIFY(!toldTo(world, hello).contains(PropertyId::ResponseInformation));
        }
    }

    // MQTT-3.2.2-9, -10, -11
    void announces_a_maximum_qos_and_grants_no_more()
    {
        for (const Qos maximum : {Qos::AtMostOnce, Qos::AtLeastOnce, Qos::ExactlyOnce}) {
            BrokerWorld world({.maximumQos = maximum});
            const auto told = toldTo(world, {.id = "A"}).integer(PropertyId::MaximumQos);
            QCOMPARE(told.value_or(2), quint32(maximum));
            QCOMPARE(told.has_value(), maximum != Qos::ExactlyOnce);
            Peer s = world.connected({});
            s.subscribe(1, "t", 2);
            QCOMPARE(s.take(), Log{"SUBACK(#1 0" + QByteArray::number(int(maximum)) + ")"});
        }
    }

    // MQTT-3.2.2-12, -13
    void refuses_a_will_that_it_could_not_publish()
    {
        BrokerWorld world({.maximumQos = Qos::AtMostOnce, .retainAvailable = false});
        Hello tooHigh{.id = "A", .will = will()};
        tooHigh.will->qos = Qos::AtLeastOnce;
        QCOMPARE(world.connect(tooHigh).take(), (Log{"CONNACK(0,9B)", "EOF"}));
        QCOMPARE(world.connect({.id = "B", .will = will({}, true)}).take(), (Log{"CONNACK(0,9A)", "EOF"}));
        QCOMPARE(world.connect({.id = "C", .will = will()}).take(), Log{"CONNACK(0,00)"});
    }

    // MQTT-4.13.2-1, MQTT-3.14.0-1
    void a_code_of_80_and_more_ends_in_a_close_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QByteArray>("last");
        QTest::newRow("second CONNECT") << QByteArray("100e00044d5154540502003c0000 0161")
                                        << QByteArray("DISCONNECT(82)");
        QTest::newRow("reserved flags") << QByteArray("c100") << QByteArray("DISCONNECT(81)");
        QTest::newRow("packet of a server") << QByteArray("d000") << QByteArray("DISCONNECT(82)");
        QTest::newRow("QoS 3") << QByteArray("36070001610001 0078") << QByteArray("DISCONNECT(81)");
        QTest::newRow("wildcard in a topic") << QByteArray("3006000361 2f2300") << QByteArray("DISCONNECT(90)");
        QTest::newRow("unknown property") << QByteArray("3006000161027f00") << QByteArray("DISCONNECT(81)");
    }
    void a_code_of_80_and_more_ends_in_a_close()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QByteArray, last);
        BrokerWorld world;
        Peer other = world.subscriber({.id = "O"});
        Peer a = world.connected({.id = "A"});
        a.sendBytes(bytes);
        QCOMPARE(a.take(), (Log{last, "EOF"}));
        QVERIFY(other.isOpen());
    }

    // MQTT-3.14.4-1
    void hears_nothing_after_a_disconnect()
    {
        BrokerWorld world;
        Peer w = world.subscriber({.id = "W"});
        Peer a = world.connected({.id = "A"});
        a.disconnect();
        QCOMPARE(a.take(), Log{"EOF"});
        world.event(BrokerPacketArrived{a.link(), {PublishPacket{.topic = "t", .payload = "x"}}, {}});
        QCOMPARE(w.take(), nothing);
    }

    // ---- wills ----

    // MQTT-3.1.2-14, -15
    void retains_a_will_only_when_it_says_so()
    {
        for (const bool retain : {false, true}) {
            BrokerWorld world;
            world.connected({.id = "A", .will = will({}, retain)}).cut();
            QCOMPARE(retainedFor(world, "w"), retain ? Log{"PUB(q0 retain w gone)"} : nothing);
        }
    }

    // MQTT-3.1.3-10
    void keeps_the_order_of_a_wills_user_properties()
    {
        BrokerWorld world;
        Peer w = world.subscriber({.id = "W"}, "w");
        Hello hello{.id = "A", .will = will()};
        const Properties pairs{{PropertyId::UserProperty, StringPair{"b", "1"}},
                               {PropertyId::UserProperty, StringPair{"a", "2"}},
                               {PropertyId::UserProperty, StringPair{"b", "0"}}};
        hello.will->properties = pairs;
        world.connected(hello).cut();
        const auto got = w.takePackets();
        QCOMPARE(got.last().as<PublishPacket>()->properties, pairs);
    }

    // ---- retained messages ----

    // MQTT-3.3.1-5, -8
    void keeps_the_last_retained_message_over_one_that_is_not()
    {
        BrokerWorld world;
        Peer p = world.publisher();
        p.publish({.payload = "one", .retain = true});
        p.publish({.payload = "two", .retain = true});
        p.publish({.payload = "three"});
        p.publish({.payload = ""});
        QCOMPARE(retainedFor(world, "t"), Log{"PUB(q0 retain t two)"});
    }

    // MQTT-3.3.1-6, -7
    void an_empty_retained_message_clears_and_is_not_kept()
    {
        BrokerWorld world;
        Peer live = world.subscriber({.id = "live"}, "#");
        Peer p = world.publisher();
        p.publish({.topic = "fresh", .payload = "", .retain = true});
        p.publish({.topic = "t", .payload = "x", .retain = true});
        p.publish({.topic = "t", .payload = "", .retain = true});
        QCOMPARE(live.take(), (Log{"PUB(q0 fresh)", "PUB(q0 t x)", "PUB(q0 t)"}));
        QCOMPARE(retainedFor(world, "#"), nothing);
        QVERIFY(world.broker.retained.isEmpty());
    }

    // MQTT-3.3.1-12, -13
    void forwards_retain_as_the_subscription_asks()
    {
        BrokerWorld world;
        Peer plain = world.subscriber({.id = "A"}, "t", 0);
        Peer asPublished = world.subscriber({.id = "B"}, "t", 0, {.retainAsPublished = true});
        Peer p = world.publisher();
        p.publish({.payload = "r", .retain = true});
        p.publish({.payload = "n"});
        QCOMPARE(plain.take(), (Log{"PUB(q0 t r)", "PUB(q0 t n)"}));
        QCOMPARE(asPublished.take(), (Log{"PUB(q0 retain t r)", "PUB(q0 t n)"}));
    }

    void sends_retained_messages_again_and_loses_none_while_a_subscription_is_replaced_data()
    {
        QTest::addColumn<Version>("version");
        QTest::newRow("5.0") << Version::V5;
        QTest::newRow("3.1.1") << Version::V311;
    }
    // MQTT-3.8.4-3, -4, v3:MQTT-3.8.4-3
    void sends_retained_messages_again_and_loses_none_while_a_subscription_is_replaced()
    {
        QFETCH(Version, version);
        BrokerWorld world;
        Peer p = world.publisher();
        p.publish({.payload = "kept", .retain = true});
        Peer s = world.connected({.version = version});
        s.subscribe(1, "t", 1);
        p.publish({.qos = 1, .id = 1, .payload = "1"});
        s.subscribe(2, "t", 0);
        p.publish({.qos = 1, .id = 2, .payload = "2"});
        QCOMPARE(s.take(), (Log{"SUBACK(#1 01)", "PUB(q0 retain t kept)", "PUB(q1 #1 t 1)", "SUBACK(#2 00)",
                                "PUB(q0 retain t kept)", "PUB(q0 t 2)"}));
    }

    // ---- aliases ----

    // MQTT-3.1.2-26, -27
    void never_names_a_topic_by_alias()
    {
        for (const bool accepts : {false, true}) {
            BrokerWorld world;
            Hello hello{};
            if (accepts)
                hello.properties.add(PropertyId::TopicAliasMaximum, 2u);
            Peer s = world.subscriber(hello, "#");
            Peer p = world.publisher();
            for (quint16 id = 1; id <= 6; ++id)
                p.publish({.qos = 1, .id = id, .topic = "topic/" + QByteArray::number(id % 3)});
            const auto got = s.takePackets();
            QCOMPARE(got.size(), 8);
            for (const Packet &packet : got.mid(2))
                QVERIFY(!packet.as<PublishPacket>()->properties.contains(PropertyId::TopicAlias));
        }
    }

    // MQTT-3.3.2-12
    void takes_every_alias_up_to_its_maximum()
    {
        BrokerWorld world({.topicAliasMaximum = 3});
        Peer s = world.subscriber({.id = "S"}, "#", 0);
        Peer p = world.publisher();
        for (quint32 alias = 1; alias <= 3; ++alias)
            p.publish({.topic = "t" + QByteArray::number(alias), .properties = {{PropertyId::TopicAlias, alias}}});
        for (quint32 alias = 3; alias >= 1; --alias)
            p.publish({.topic = "", .payload = "y", .properties = {{PropertyId::TopicAlias, alias}}});
        QCOMPARE(s.take(),
                 (Log{"PUB(q0 t1 x)", "PUB(q0 t2 x)", "PUB(q0 t3 x)", "PUB(q0 t3 y)", "PUB(q0 t2 y)", "PUB(q0 t1 y)"}));
        QVERIFY(p.isOpen());
    }

    // ---- requests ----

    // MQTT-2.2.1-6, MQTT-3.8.4-1, -2, MQTT-3.10.4-4, -5
    void answers_each_request_under_its_own_id()
    {
        BrokerWorld world;
        Peer s = world.connected({});
        s.subscribe(0xABCD, "a", 0);
        s.subscribe(7, "b", 1);
        s.unsubscribe(0x1234, "a");
        s.subscribe(8, "c", 2);
        s.unsubscribe(9, "unknown");
        QCOMPARE(s.bytes().toHex(), "9004abcd0000"
                                    "900400070001"
                                    "b004123400"
                                    "00"
                                    "900400080002"
                                    "b004000900"
                                    "11");
    }

    // MQTT-3.10.4-1, -2
    void unsubscribes_the_equal_filter_and_no_other()
    {
        BrokerWorld world;
        Peer s = world.subscriber({}, "a/+", 0);
        s.unsubscribe(2, "a/b");
        s.unsubscribe(3, "a/#");
        Peer p = world.publisher();
        p.publish({.topic = "a/b"});
        s.unsubscribe(4, "a/+");
        p.publish({.topic = "a/b"});
        QCOMPARE(s.take(), (Log{"UNSUBACK(#2 11)", "UNSUBACK(#3 11)", "PUB(q0 a/b x)", "UNSUBACK(#4 00)"}));
    }

    // MQTT-3.8.4-8
    void delivers_at_the_lower_of_published_and_granted_qos()
    {
        for (const int granted : {0, 1, 2}) {
            for (const int published : {0, 1, 2}) {
                BrokerWorld world;
                Peer s = world.subscriber({}, "t", granted);
                world.publisher().publish({.qos = published, .id = quint16(published ? 1 : 0)});
                const int expected = std::min(granted, published);
                QCOMPARE(s.take(), Log{expected ? "PUB(q" + QByteArray::number(expected) + " #1 t x)" : "PUB(q0 t x)"});
            }
        }
    }

    // MQTT-3.3.4-3, -5
    void a_shared_copy_carries_its_own_identifier()
    {
        BrokerWorld world;
        Peer s = world.connected({});
        s.subscribe(1, "t", 0, {}, 7);
        s.subscribe(2, "$share/g/t", 0, {}, 8);
        s.take();
        world.publisher().publish({});
        QCOMPARE(s.take(), (Log{"PUB(q0 t x subid=7)", "PUB(q0 t x subid=8)"}));
    }

    // MQTT-4.8.2-3
    void serves_each_shared_member_at_its_own_qos()
    {
        BrokerWorld world;
        Peer low = world.subscriber({.id = "A"}, "$share/g/t", 0);
        Peer high = world.subscriber({.id = "B"}, "$share/g/t", 2);
        Peer p = world.publisher();
        for (quint16 id = 1; id <= 4; ++id)
            p.publish({.qos = 2, .id = id});
        QCOMPARE(low.take(), Log(2, "PUB(q0 t x)"));
        QCOMPARE(high.take(), (Log{"PUB(q2 #1 t x)", "PUB(q2 #2 t x)"}));
    }

    // ---- messages ----

    // MQTT-3.3.4-1, MQTT-4.3.1-1, MQTT-4.3.2-4, MQTT-4.3.3-8, MQTT-4.3.3-11
    void takes_a_message_over_before_it_acknowledges()
    {
        BrokerWorld world;
        Peer s = world.subscriber({.id = "S"}, "t", 0);
        s.publish({.payload = "0"});
        s.publish({.qos = 1, .id = 1, .payload = "1"});
        s.publish({.qos = 2, .id = 0x1234, .payload = "2"});
        s.pubrel(0x1234);
        QCOMPARE(s.take(),
                 (Log{"PUB(q0 t 0)", "PUB(q0 t 1)", "PUBACK(#1)", "PUB(q0 t 2)", "PUBREC(#4660)", "PUBCOMP(#4660)"}));
    }

    // MQTT-2.2.1-4, MQTT-4.3.2-1, -2, MQTT-4.3.3-1, -2
    void gives_every_message_a_free_identifier_and_no_dup()
    {
        BrokerWorld world;
        Peer s = world.subscriber({.rm = 100});
        s.takePackets();
        Peer p = world.publisher();
        QSet<quint16> open;
        for (quint16 round = 1; round <= 300; ++round) {
            const int qos = 1 + round % 2;
            p.publish({.qos = qos, .id = round});
            if (qos == 2)
                p.pubrel(round);
            const auto got = s.takePackets();
            QCOMPARE(got.size(), 1);
            const auto &publish = *got.last().as<PublishPacket>();
            const quint16 id = publish.packetId.value;
            QVERIFY(id != 0 && !open.contains(id) && !publish.dup);
            open.insert(id);
            if (round % 3 && qos == 1) {
                s.puback(id);
                open.remove(id);
            } else if (round % 3) {
                s.pubrec(id);
                s.pubcomp(id);
                s.takePackets();
                open.remove(id);
            }
            if (open.size() > 90) {
                s.cut();
                s = world.connected({.cs = true, .rm = 100});
                s.subscribe(1, "t", 2);
                s.takePackets();
                open.clear();
            }
        }
    }
};

QTEST_APPLESS_MAIN(BrokerDutiesTest)
#include "tst_broker_duties.moc"
