// Faults on purpose that act on packets: what each does to both ends of a session, at every packet of the handshakes,
// and that resuming makes it good wherever the standard promises that it does.
#include "tests/lab/fault_pair.h"

#include <QTest>

using namespace sessionscope;
using namespace std::chrono_literals;

namespace {

void addCutRow(const char *name, const PacketMatch &match, Moment moment, PacketType senderWaits, int receiverHolds,
               int delivered)
{
    for (const CloseHow how : {CloseHow::Reset, CloseHow::Close}) {
        QTest::addRow("%s, %s", name, how == CloseHow::Reset ? "reset" : "close")
            << cutAt(match, moment, how) << senderWaits << receiverHolds << delivered;
    }
}

void addCutColumns()
{
    QTest::addColumn<Fault>("fault");
    QTest::addColumn<PacketType>("senderWaits"); // Reserved: nothing is open
    QTest::addColumn<int>("receiverHolds");
    QTest::addColumn<int>("delivered");
}

} // namespace

class TestLabFaults : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // ---- cuts ----

    void cuts_a_publisher_anywhere_in_qos_2_data()
    {
        addCutColumns();
        using enum PacketType;
        addCutRow("before PUBLISH", sent(Publish), Moment::Before, Pubrec, 0, 0);
        addCutRow("after PUBLISH", sent(Publish), Moment::After, Pubrec, 1, 1);
        addCutRow("before PUBREC", received(Pubrec), Moment::Before, Pubrec, 1, 1);
        addCutRow("after PUBREC", received(Pubrec), Moment::After, Pubcomp, 1, 1);
        addCutRow("before PUBREL", sent(Pubrel), Moment::Before, Pubcomp, 1, 1);
        addCutRow("after PUBREL", sent(Pubrel), Moment::After, Pubcomp, 0, 1);
        addCutRow("before PUBCOMP", received(Pubcomp), Moment::Before, Pubcomp, 0, 1);
        addCutRow("after PUBCOMP", received(Pubcomp), Moment::After, none, 0, 1);
    }

    void cuts_a_publisher_anywhere_in_qos_2() // MQTT-4.3.3-8, MQTT-4.4.0-1
    {
        QFETCH(Fault, fault);
        QFETCH(PacketType, senderWaits);
        QFETCH(int, receiverHolds);
        QFETCH(int, delivered);
        Pair pair(Qos::ExactlyOnce);
        pair.arm(pair.p, fault);
        pair.publish(pair.p, "t", Qos::ExactlyOnce);
        QVERIFY(!pair.isConnected(pair.p));
        QVERIFY(!pair.serverView("P")->connected);
        QCOMPARE(pair.clientWaitsFor(pair.p), senderWaits);
        QCOMPARE(pair.serverView("P")->heldTotal, receiverHolds);
        QCOMPARE(pair.delivered(pair.s).size(), delivered);
        QCOMPARE(pair.faultLines().size(), 1);
        QVERIFY(pair.lab().linkFaults.empty());

        QVERIFY(pair.reconnect(pair.p)->sessionPresent);
        QCOMPARE(pair.clientWaitsFor(pair.p), none);
        QCOMPARE(pair.serverView("P")->heldTotal, 0);
        QCOMPARE(pair.delivered(pair.s).size(), 1 - delivered);
    }

    void cuts_a_subscriber_anywhere_in_qos_2_data()
    {
        addCutColumns();
        using enum PacketType;
        addCutRow("before PUBLISH", received(Publish), Moment::Before, Pubrec, 0, 0);
        addCutRow("after PUBLISH", received(Publish), Moment::After, Pubrec, 1, 1);
        addCutRow("before PUBREC", sent(Pubrec), Moment::Before, Pubrec, 1, 1);
        addCutRow("after PUBREC", sent(Pubrec), Moment::After, Pubcomp, 1, 1);
        addCutRow("before PUBREL", received(Pubrel), Moment::Before, Pubcomp, 1, 1);
        addCutRow("after PUBREL", received(Pubrel), Moment::After, Pubcomp, 0, 1);
        addCutRow("before PUBCOMP", sent(Pubcomp), Moment::Before, Pubcomp, 0, 1);
        addCutRow("after PUBCOMP", sent(Pubcomp), Moment::After, none, 0, 1);
    }

    void cuts_a_subscriber_anywhere_in_qos_2() // MQTT-4.3.3-10, MQTT-4.4.0-1
    {
        QFETCH(Fault, fault);
        QFETCH(PacketType, senderWaits);
        QFETCH(int, receiverHolds);
        QFETCH(int, delivered);
        Pair pair(Qos::ExactlyOnce);
        pair.arm(pair.s, fault);
        pair.publish(pair.p, "t", Qos::ExactlyOnce);
        QVERIFY(!pair.isConnected(pair.s));
        QVERIFY(!pair.serverView("S")->connected);
        QCOMPARE(pair.brokerWaitsFor("S"), senderWaits);
        QCOMPARE(pair.view(pair.s).heldTotal, receiverHolds);
        QCOMPARE(pair.delivered(pair.s).size(), delivered);

        QVERIFY(pair.reconnect(pair.s)->sessionPresent);
        QCOMPARE(pair.brokerWaitsFor("S"), none);
        QCOMPARE(pair.view(pair.s).heldTotal, 0);
        QCOMPARE(pair.delivered(pair.s).size(), 1 - delivered);
    }

    void cuts_anywhere_in_qos_1_data()
    {
        QTest::addColumn<bool>("isPublisher");
        QTest::addColumn<Fault>("fault");
        QTest::addColumn<int>("before"); // messages delivered
        QTest::addColumn<int>("after");
        using enum PacketType;
        QTest::newRow("P, before PUBLISH") << true << cutAt(sent(Publish), Moment::Before) << 0 << 1;
        QTest::newRow("P, after PUBLISH") << true << cutAt(sent(Publish), Moment::After) << 1 << 1;
        QTest::newRow("P, before PUBACK") << true << cutAt(received(Puback), Moment::Before) << 1 << 1;
        QTest::newRow("P, after PUBACK") << true << cutAt(received(Puback), Moment::After) << 1 << 0;
        QTest::newRow("S, before PUBLISH") << false << cutAt(received(Publish), Moment::Before) << 0 << 1;
        QTest::newRow("S, after PUBLISH") << false << cutAt(received(Publish), Moment::After) << 1 << 1;
        QTest::newRow("S, before PUBACK") << false << cutAt(sent(Puback), Moment::Before) << 1 << 1;
        QTest::newRow("S, after PUBACK") << false << cutAt(sent(Puback), Moment::After) << 1 << 0;
    }

    void cuts_anywhere_in_qos_1() // MQTT-4.3.2-4, MQTT-4.4.0-1
    {
        QFETCH(bool, isPublisher);
        QFETCH(Fault, fault);
        QFETCH(int, before);
        QFETCH(int, after);
        Pair pair(Qos::AtLeastOnce);
        const ClientKey faulty = isPublisher ? pair.p : pair.s;
        pair.arm(faulty, fault);
        pair.publish(pair.p, "t", Qos::AtLeastOnce);
        QVERIFY(!pair.isConnected(faulty));
        QCOMPARE(pair.delivered(pair.s).size(), before);
        QVERIFY(pair.reconnect(faulty)->sessionPresent);
        QCOMPARE(pair.delivered(pair.s).size(), after);
        QCOMPARE(pair.clientWaitsFor(pair.p), none);
        QCOMPARE(pair.brokerWaitsFor("S"), none);
    }

    void lets_through_exactly_so_many_bytes_data()
    {
        QTest::addColumn<Direction>("direction");
        QTest::addColumn<qsizetype>("bytes");
        QTest::addColumn<qsizetype>("passed"); // of the PUBLISH, which has 7 bytes
        QTest::addColumn<int>("delivered");
        QTest::newRow("none of what is sent") << Direction::Sent << qsizetype(0) << qsizetype(0) << 0;
        QTest::newRow("some of what is sent") << Direction::Sent << qsizetype(3) << qsizetype(3) << 0;
        QTest::newRow("all but one of what is sent") << Direction::Sent << qsizetype(6) << qsizetype(6) << 0;
        QTest::newRow("all of what is sent") << Direction::Sent << qsizetype(7) << qsizetype(7) << 1;
        QTest::newRow("more than there is") << Direction::Sent << qsizetype(100) << qsizetype(7) << 1;
        QTest::newRow("some of what is received") << Direction::Received << qsizetype(6) << qsizetype(7) << 0;
        QTest::newRow("all of what is received") << Direction::Received << qsizetype(7) << qsizetype(7) << 1;
    }

    void lets_through_exactly_so_many_bytes()
    {
        QFETCH(Direction, direction);
        QFETCH(qsizetype, bytes);
        QFETCH(qsizetype, passed);
        QFETCH(int, delivered);
        Pair pair(Qos::AtMostOnce);
        const ClientKey faulty = direction == Direction::Sent ? pair.p : pair.s;
        pair.arm(faulty, {{.direction = direction, .type = PacketType::Publish}, CutFault{.afterBytes = bytes}});
        const quint64 before = pair.lab().broker.counters.bytesReceived;
        pair.publish(pair.p, "t", Qos::AtMostOnce);
        QCOMPARE(pair.lab().broker.counters.bytesReceived - before, quint64(passed));
        QCOMPARE(pair.delivered(pair.s).size(), delivered);
        QVERIFY(!pair.isConnected(faulty));
    }

    void delivers_what_was_sent_before_a_cut() // in the same step, with no turn of the network between
    {
        Pair pair(Qos::AtMostOnce);
        pair.arm(pair.p, cutAt({.direction = Direction::Sent, .topic = "last"}, Moment::Before));
        pair.publishOnly(pair.p, "t", Qos::AtMostOnce, "1");
        pair.publishOnly(pair.p, "t", Qos::AtMostOnce, "2");
        pair.publishOnly(pair.p, "last", Qos::AtMostOnce);
        QVERIFY(!pair.isConnected(pair.p));
        pair.run();
        QCOMPARE(pair.delivered(pair.s), (QList<QByteArray>{"1", "2"}));
    }

    // ---- what the trace says ----

    void stands_behind_the_packet_that_was_sent()
    {
        Pair pair(Qos::AtMostOnce);
        pair.arm(pair.p, {sent(PacketType::Publish), DropFault{}});
        pair.publish(pair.p, "t", Qos::AtMostOnce);
        const Trace &trace = pair.lab().trace;
        const TraceRecord fault = *trace.record(trace.last());
        const auto &what = std::get<FaultTrace>(fault.what);
        QCOMPARE(what.act, FaultAct::Dropped);
        QCOMPARE(what.fault, 1u);
        QCOMPARE(eventText(fault), QStringLiteral("fault: dropped: PUBLISH QoS 0 \"t\": \"x\""));
        const TraceRecord packet = *trace.record(fault.cause);
        QCOMPARE(std::get<PacketTrace>(packet.what).direction, Direction::Sent);
        QCOMPARE(packet.client, pair.p);
        QVERIFY(pair.delivered(pair.s).isEmpty());
    }

    void stands_for_the_packet_that_did_not_arrive()
    {
        Pair pair(Qos::AtMostOnce);
        pair.arm(pair.s, {received(PacketType::Publish), DropFault{}});
        pair.publish(pair.p, "t", Qos::AtMostOnce);
        const TraceRecord fault = *pair.lab().trace.record(pair.lab().trace.last());
        const auto &what = std::get<FaultTrace>(fault.what);
        QCOMPARE(what.act, FaultAct::Dropped);
        QVERIFY(decode(what.bytes, Version::V5)->as<PublishPacket>());
        QVERIFY(pair.packets(pair.s, Direction::Received).isEmpty());
    }

    void stands_before_the_packet_that_arrives()
    {
        Pair pair(Qos::AtMostOnce);
        pair.arm(pair.s, {received(PacketType::Publish), CorruptFault{.offset = 6, .mask = 0x01}});
        pair.publish(pair.p, "t", Qos::AtMostOnce, "x");
        QCOMPARE(pair.delivered(pair.s), QList<QByteArray>{"y"});
        const Trace &trace = pair.lab().trace;
        for (TraceSeq seq = trace.last(); seq.value; --seq.value) {
            const TraceRecord record = *trace.record(seq);
            const auto *packet = std::get_if<PacketTrace>(&record.what);
            if (!packet || record.client != pair.s)
                continue;
            const TraceRecord cause = *trace.record(record.cause);
            QCOMPARE(std::get<FaultTrace>(cause.what).act, FaultAct::Corrupted);
            QVERIFY(std::get<FaultTrace>(cause.what).bytes != packet->frame());
            return;
        }
        QFAIL("no packet arrived");
    }

    void names_the_fault_behind_a_cut()
    {
        Pair pair(Qos::AtMostOnce);
        pair.arm(pair.p, cutAt(sent(PacketType::Publish), Moment::After));
        pair.publish(pair.p, "t", Qos::AtMostOnce);
        const Trace &trace = pair.lab().trace;
        for (TraceSeq seq = trace.first(); seq <= trace.last(); ++seq.value) {
            const TraceRecord record = *trace.record(seq);
            if (const auto *link = std::get_if<LinkTrace>(&record.what); link && link->change == LinkChange::Cut) {
                QCOMPARE(std::get<FaultTrace>(trace.record(record.cause)->what).act, FaultAct::CutAfter);
                return;
            }
        }
        QFAIL("no cut");
    }

    // ---- packets ----

    void drops_an_acknowledgement_until_the_session_is_resumed()
    {
        Pair pair(Qos::AtLeastOnce);
        pair.arm(pair.s, {sent(PacketType::Puback), DropFault{}});
        pair.publish(pair.p, "t", Qos::AtLeastOnce);
        pair.advance(1h);
        QVERIFY(pair.isConnected(pair.s));
        QCOMPARE(pair.brokerWaitsFor("S"), PacketType::Puback);
        pair.submit(CutLink{pair.s});
        pair.reconnect(pair.s);
        QVERIFY(pair.packets(pair.s, Direction::Received).last().as<PublishPacket>()->dup);
        QCOMPARE(pair.brokerWaitsFor("S"), none);
    }

    void duplicates_a_message_data()
    {
        QTest::addColumn<Direction>("direction");
        QTest::addColumn<Qos>("qos");
        QTest::addColumn<int>("delivered");
        QTest::newRow("sent, QoS 0") << Direction::Sent << Qos::AtMostOnce << 2;
        QTest::newRow("sent, QoS 2") << Direction::Sent << Qos::ExactlyOnce << 1;
        QTest::newRow("received, QoS 0") << Direction::Received << Qos::AtMostOnce << 2;
        QTest::newRow("received, QoS 1") << Direction::Received << Qos::AtLeastOnce << 2;
        QTest::newRow("received, QoS 2") << Direction::Received << Qos::ExactlyOnce << 1;
    }

    void duplicates_a_message()
    {
        QFETCH(Direction, direction);
        QFETCH(Qos, qos);
        QFETCH(int, delivered);
        Pair pair(qos);
        pair.arm(direction == Direction::Sent ? pair.p : pair.s,
                 {{.direction = direction, .type = PacketType::Publish}, DuplicateFault{}});
        pair.publish(pair.p, "t", qos);
        QCOMPARE(pair.delivered(pair.s).size(), delivered);
        QCOMPARE(pair.packets(pair.p, Direction::Sent).first().type(), PacketType::Publish);
        QCOMPARE(pair.faultLines(),
                 QStringList{QStringLiteral("fault: duplicated: ") +
                             packetText(pair.packets(direction == Direction::Sent ? pair.p : pair.s, direction).first(),
                                        Version::V5)});
    }

    void delays_a_packet_and_all_behind_it_data()
    {
        QTest::addColumn<Direction>("direction");
        QTest::newRow("sent") << Direction::Sent;
        QTest::newRow("received") << Direction::Received;
    }

    void delays_a_packet_and_all_behind_it()
    {
        QFETCH(Direction, direction);
        Pair pair(Qos::AtLeastOnce);
        pair.arm(direction == Direction::Sent ? pair.p : pair.s,
                 {{.direction = direction, .type = PacketType::Publish, .nth = 2}, DelayFault{2s}});
        for (const char *payload : {"1", "2", "3"})
            pair.publish(pair.p, "t", Qos::AtLeastOnce, payload);
        QCOMPARE(pair.delivered(pair.s), QList<QByteArray>{"1"});
        pair.advance(1999ms);
        pair.publish(pair.p, "t", Qos::AtLeastOnce, "4");
        QCOMPARE(pair.delivered(pair.s), QList<QByteArray>{"1"});
        pair.advance(1ms);
        QCOMPARE(pair.delivered(pair.s), (QList<QByteArray>{"1", "2", "3", "4"}));
        QCOMPARE(pair.clientWaitsFor(pair.p), none);
        QCOMPARE(pair.brokerWaitsFor("S"), none);
        QVERIFY(!nextDeadline(pair.lab()));
    }

    void sends_an_orderly_end_behind_what_is_delayed()
    {
        Pair pair(Qos::AtMostOnce);
        pair.arm(pair.p, {sent(PacketType::Publish), DelayFault{5s}});
        pair.publish(pair.p, "t", Qos::AtMostOnce);
        pair.disconnect(pair.p);
        QCOMPARE(pair.view(pair.p).connection, ClientConnection::Closed);
        QVERIFY(pair.serverView("P")->connected);
        pair.advance(5s);
        QCOMPARE(pair.delivered(pair.s), QList<QByteArray>{"x"});
        QVERIFY(!pair.serverView("P")->connected);
        QCOMPARE(pair.lab().links.size(), std::size_t(2));
    }

    void hears_of_an_orderly_end_behind_what_is_delayed()
    {
        Pair pair(Qos::AtMostOnce);
        pair.arm(pair.s, {received(PacketType::Publish), DelayFault{5s}});
        pair.publish(pair.p, "t", Qos::AtMostOnce);
        pair.submit(BrokerDo{KickClient{"S"}});
        QVERIFY(pair.isConnected(pair.s));
        pair.advance(5s);
        QCOMPARE(pair.delivered(pair.s), QList<QByteArray>{"x"});
        QCOMPARE(pair.packets(pair.s, Direction::Received).last().type(), PacketType::Disconnect);
        QVERIFY(!pair.isConnected(pair.s));
        QCOMPARE(pair.lab().links.size(), std::size_t(2));
    }

    void answers_with_another_reason_code()
    {
        Pair pair(Qos::ExactlyOnce);
        pair.arm(pair.s, {sent(PacketType::Pubrec), AnswerFault{ReasonCode::QuotaExceeded}});
        pair.publish(pair.p, "t", Qos::ExactlyOnce);
        // The broker takes it as refused, and the client, which knows nothing of it, waits for the PUBREL.
        QCOMPARE(pair.brokerWaitsFor("S"), none);
        QCOMPARE(pair.view(pair.s).heldTotal, 1);
        QCOMPARE(pair.serverView("S")->dropped, quint64(1));
        QCOMPARE(pair.faultLines(), QStringList{QStringLiteral(
                                        "fault: answered otherwise: PUBREC #1 Success (0x00): Quota exceeded (0x97)")});
    }

    void answers_nothing_else_before_5()
    {
        Pair pair(Qos::AtLeastOnce, {.version = Version::V311});
        pair.arm(pair.s, {{.direction = Direction::Sent}, AnswerFault{ReasonCode::QuotaExceeded}, 0});
        pair.publish(pair.p, "t", Qos::AtLeastOnce);
        QVERIFY(pair.faultLines().isEmpty());
        QCOMPARE(pair.brokerWaitsFor("S"), none);
    }

    void corrupts_what_is_sent()
    {
        Pair pair(Qos::AtMostOnce);
        // Type PUBLISH becomes type 0x0: the broker refuses it and closes.
        pair.arm(pair.p, {sent(PacketType::Publish), CorruptFault{.offset = 0, .mask = 0x30}});
        pair.publish(pair.p, "t", Qos::AtMostOnce);
        QVERIFY(!pair.isConnected(pair.p));
        QCOMPARE(pair.packets(pair.p, Direction::Received).last().type(), PacketType::Disconnect);
        QCOMPARE(pair.faultLines(),
                 QStringList{QStringLiteral("fault: corrupted: PUBLISH QoS 0 \"t\": \"x\": byte 0 0x30 → 0x00")});
    }

    // ---- which packets ----

    void counts_matches_over_connections()
    {
        Pair pair(Qos::AtLeastOnce);
        pair.arm(pair.s, {{.direction = Direction::Sent, .type = PacketType::Puback, .nth = 3}, DropFault{}, 2});
        const auto publish = [&pair] { pair.publish(pair.p, "t", Qos::AtLeastOnce); };
        publish();
        publish();
        QVERIFY(pair.faultLines().isEmpty());
        pair.submit(CutLink{pair.s});
        pair.reconnect(pair.s);
        publish();
        publish();
        QCOMPARE(pair.faultLines().size(), 2);
        publish();
        QCOMPARE(pair.faultLines().size(), 2);
        QCOMPARE(pair.serverView("S")->sentTotal, 2);
        QVERIFY(pair.lab().clients.at(pair.s).faults.armed.empty());
    }

    void acts_on_every_match_until_it_is_disarmed()
    {
        Pair pair(Qos::AtMostOnce);
        pair.arm(pair.p, {sent(PacketType::Publish), DropFault{}, 0});
        for (int i = 0; i < 5; ++i)
            pair.publish(pair.p, "t", Qos::AtMostOnce);
        QVERIFY(pair.delivered(pair.s).isEmpty());
        pair.submit(DisarmFaults{pair.p});
        pair.publish(pair.p, "t", Qos::AtMostOnce);
        QCOMPARE(pair.delivered(pair.s).size(), 1);
    }

    void lets_several_faults_act_on_one_packet()
    {
        Pair pair(Qos::AtMostOnce);
        pair.arm(pair.p, {sent(PacketType::Publish), DuplicateFault{}});
        pair.arm(pair.p, {sent(PacketType::Publish), DelayFault{1s}});
        pair.arm(pair.p, cutAt(sent(PacketType::Publish), Moment::After));
        pair.publish(pair.p, "t", Qos::AtMostOnce);
        QVERIFY(pair.isConnected(pair.p));
        pair.advance(1s);
        QCOMPARE(pair.delivered(pair.s).size(), 2);
        QVERIFY(!pair.isConnected(pair.p));
        QCOMPARE(pair.faultLines().size(), 3);
    }

    void matches_what_it_says_data()
    {
        QTest::addColumn<PacketMatch>("match");
        QTest::addColumn<bool>("fits");
        const Direction sentNow = Direction::Sent;
        QTest::newRow("anything sent") << PacketMatch{} << true;
        QTest::newRow("received") << PacketMatch{.direction = Direction::Received} << false;
        QTest::newRow("type") << sent(PacketType::Publish) << true;
        QTest::newRow("other type") << sent(PacketType::Pubrel) << false;
        QTest::newRow("QoS") << PacketMatch{.direction = sentNow, .qos = Qos::AtLeastOnce} << true;
        QTest::newRow("other QoS") << PacketMatch{.direction = sentNow, .qos = Qos::ExactlyOnce} << false;
        QTest::newRow("identifier") << PacketMatch{.packetId = PacketId{7}} << true;
        QTest::newRow("other identifier") << PacketMatch{.packetId = PacketId{8}} << false;
        QTest::newRow("DUP") << PacketMatch{.dup = true} << true;
        QTest::newRow("without DUP") << PacketMatch{.dup = false} << false;
        QTest::newRow("topic") << PacketMatch{.topic = "a/+"} << true;
        QTest::newRow("other topic") << PacketMatch{.topic = "b/#"} << false;
    }

    void matches_what_it_says()
    {
        QFETCH(PacketMatch, match);
        QFETCH(bool, fits);
        PublishPacket publish;
        publish.qos = Qos::AtLeastOnce;
        publish.dup = true;
        publish.packetId = PacketId{7};
        QCOMPARE(matches(match, Direction::Sent, Packet{publish, {}}, "a/b"), fits);
    }

    void matches_the_topic_behind_an_alias_data()
    {
        QTest::addColumn<Direction>("direction");
        QTest::newRow("sent") << Direction::Sent;
        QTest::newRow("received") << Direction::Received;
    }

    void matches_the_topic_behind_an_alias()
    {
        QFETCH(Direction, direction);
        Pair pair(Qos::AtMostOnce);
        const QByteArray topic = "a topic that is worth an alias";
        pair.subscribe(pair.s, topic, Qos::AtMostOnce);
        const ClientKey faulty = direction == Direction::Sent ? pair.p : pair.s;
        if (direction == Direction::Sent) {
            ClientPolicy policy;
            policy.useTopicAliases = true;
            pair.submit(ConfigureClient{pair.p, policy, {}});
        } else {
            pair.driver().lab().clients.at(pair.s).session.inboundAliases[1] = topic;
        }
        pair.arm(faulty, {{.direction = direction, .topic = topic, .nth = 2}, DropFault{}});
        pair.publish(pair.p, topic, Qos::AtMostOnce, "1");
        if (direction == Direction::Sent) {
            pair.publish(pair.p, topic, Qos::AtMostOnce, "2");
            QVERIFY(pair.packets(pair.p, Direction::Sent).last().as<PublishPacket>()->topic.isEmpty());
        } else {
            // The bundled broker gives no aliases.
            PublishPacket aliased;
            aliased.payload = "2";
            aliased.properties.add(PropertyId::TopicAlias, 1);
            pair.driver().network().send(pair.serverLinkOf(pair.s), encode(Packet{aliased, {}}, Version::V5));
            pair.driver().network().flush();
            pair.run();
        }
        QCOMPARE(pair.delivered(pair.s), QList<QByteArray>{"1"});
        QVERIFY(pair.isConnected(pair.s));
    }
};

QTEST_APPLESS_MAIN(TestLabFaults)
#include "tst_lab_faults.moc"
