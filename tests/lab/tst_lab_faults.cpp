// Faults on purpose: what each does to both ends of a session, at every packet of the handshakes, and that resuming
// makes it good wherever the standard promises that it does.
#include "core/trace/text.h"
#include "tests/lab/world.h"

#include <QTest>

using namespace sessionscope;
using namespace std::chrono_literals;

namespace {

PacketMatch sent(PacketType type)
{
    return {.direction = Direction::Sent, .type = type};
}

PacketMatch received(PacketType type)
{
    return {.direction = Direction::Received, .type = type};
}

Fault cutAt(const PacketMatch &match, Moment moment, CloseHow how = CloseHow::Reset)
{
    return {match, CutFault{.moment = moment, .how = how}};
}

/// A publisher and a subscriber on one topic, one of them with faults.
struct Pair : World
{
    ClientKey s;
    ClientKey p;

    explicit Pair(Qos qos, const ConnectOptions &options = {})
    {
        s = addConnected("S", options);
        p = addConnected("P", options);
        subscribe(s, "t", qos);
        mark();
    }
    void arm(ClientKey key, const Fault &fault) { submit(ArmFault{key, fault}); }
    bool isConnected(ClientKey key) const { return view(key).connection == ClientConnection::Connected; }
    /// What the first open exchange of the client, and of the broker with it, waits for; Reserved: none is open.
    PacketType clientWaitsFor(ClientKey key) const { return waitsFor(view(key).sent); }
    PacketType brokerWaitsFor(const QByteArray &clientId) const { return waitsFor(serverView(clientId)->sent); }
    /// Faults that acted, each with the packet that the trace names as its cause.
    QStringList faultLines() const
    {
        QStringList lines;
        const Trace &trace = lab().trace;
        for (TraceSeq seq = trace.first(); seq <= trace.last(); ++seq.value) {
            const TraceRecord record = *trace.record(seq);
            if (std::holds_alternative<FaultTrace>(record.what))
                lines.append(eventText(record));
        }
        return lines;
    }

private:
    static PacketType waitsFor(const QList<ExchangeView> &exchanges)
    {
        return exchanges.isEmpty() ? PacketType::Reserved : exchanges.first().waitsFor;
    }
};

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

constexpr auto none = PacketType::Reserved;

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

    // ---- silence ----

    void loses_nothing_in_a_silence_that_ends_data()
    {
        QTest::addColumn<bool>("isPublisher");
        QTest::addColumn<LinkSide>("side");
        for (const bool isPublisher : {true, false}) {
            const char *who = isPublisher ? "P" : "S";
            QTest::addRow("%s, sent", who) << isPublisher << LinkSide::Sent;
            QTest::addRow("%s, received", who) << isPublisher << LinkSide::Received;
            QTest::addRow("%s, both", who) << isPublisher << LinkSide::Both;
        }
    }

    void loses_nothing_in_a_silence_that_ends()
    {
        QFETCH(bool, isPublisher);
        QFETCH(LinkSide, side);
        Pair pair(Qos::ExactlyOnce);
        const ClientKey faulty = isPublisher ? pair.p : pair.s;
        pair.submit(SilenceLink{faulty, side, 10s});
        for (const char *payload : {"1", "2", "3"})
            pair.publish(pair.p, "t", Qos::ExactlyOnce, payload);
        pair.advance(9999ms);
        const bool reaches = isPublisher ? side == LinkSide::Received : side == LinkSide::Sent;
        QCOMPARE(pair.delivered(pair.s).size(), reaches ? 3 : 0);
        QVERIFY(pair.clientWaitsFor(pair.p) != none || pair.brokerWaitsFor("S") != none);
        pair.advance(1ms);
        QCOMPARE(pair.delivered(pair.s), (QList<QByteArray>{"1", "2", "3"}));
        QCOMPARE(pair.clientWaitsFor(pair.p), none);
        QCOMPARE(pair.brokerWaitsFor("S"), none);
        QVERIFY(pair.isConnected(faulty));
        QCOMPARE(pair.faultLines().size(), 2);
    }

    void is_silent_from_the_packet_on()
    {
        Pair pair(Qos::ExactlyOnce);
        pair.arm(pair.p, {sent(PacketType::Pubrel), SilenceFault{.which = LinkSide::Both, .lasts = 1min}});
        pair.publish(pair.p, "t", Qos::ExactlyOnce);
        QCOMPARE(pair.serverView("P")->heldTotal, 1);
        QCOMPARE(pair.clientWaitsFor(pair.p), PacketType::Pubcomp);
        pair.advance(1min);
        QCOMPARE(pair.serverView("P")->heldTotal, 0);
        QCOMPARE(pair.clientWaitsFor(pair.p), none);
        QCOMPARE(pair.faultLines(),
                 (QStringList{QStringLiteral("fault: silence begins: PUBREL #1 Success (0x00): silence for 1min"),
                              QStringLiteral("fault: silence is over")}));
    }

    void ends_a_silence_on_command()
    {
        Pair pair(Qos::AtMostOnce);
        pair.submit(SilenceLink{pair.p});
        pair.publish(pair.p, "t", Qos::AtMostOnce);
        pair.advance(24h);
        QVERIFY(pair.delivered(pair.s).isEmpty());
        pair.submit(SilenceLink{pair.p, LinkSide::Both, 0s});
        QCOMPARE(pair.delivered(pair.s).size(), 1);
    }

    // The half-open connection: the client gives up, and the broker goes on believing in it until the keep alive ends.
    void leaves_the_broker_alone_with_a_dead_connection() // MQTT-3.1.2-22
    {
        Pair pair(Qos::AtLeastOnce, {.keepAlive = 60});
        const LinkId old = pair.serverLinkOf(pair.s);
        pair.submit(SilenceLink{pair.s});
        pair.submit(CutLink{pair.s});
        QVERIFY(!pair.isConnected(pair.s));
        pair.advance(89s);
        QVERIFY(pair.serverView("S")->connected);
        pair.advance(2s);
        QVERIFY(!pair.serverView("S")->connected);
        QVERIFY(!pair.driver().lab().links.find(old));
        QCOMPARE(pair.lab().links.size(), std::size_t(2));
    }

    void takes_over_from_its_own_dead_connection() // MQTT-3.1.4-3
    {
        Pair pair(Qos::AtLeastOnce);
        pair.submit(SilenceLink{pair.s});
        pair.publish(pair.p, "t", Qos::AtLeastOnce);
        pair.submit(CutLink{pair.s});
        QVERIFY(pair.serverView("S")->connected);
        QVERIFY(pair.reconnect(pair.s)->sessionPresent);
        QCOMPARE(pair.delivered(pair.s).size(), 1);
        QCOMPARE(pair.lab().links.size(), std::size_t(4));
        QVERIFY(pair.isConnected(pair.s));
    }

    void tells_the_other_end_after_the_silence()
    {
        Pair pair(Qos::AtMostOnce);
        pair.submit(SilenceLink{pair.p, LinkSide::Both, 10s});
        pair.publish(pair.p, "t", Qos::AtMostOnce);
        pair.disconnect(pair.p);
        QCOMPARE(pair.view(pair.p).connection, ClientConnection::Closed);
        pair.advance(9s);
        QVERIFY(pair.serverView("P")->connected);
        pair.advance(1s);
        QVERIFY(!pair.serverView("P")->connected);
        QVERIFY(pair.delivered(pair.s).isEmpty());
        QVERIFY(pair.lab().linkFaults.empty());
    }

    void hears_nothing_of_an_end_until_the_silence_is_over()
    {
        Pair pair(Qos::AtMostOnce);
        pair.submit(SilenceLink{pair.s, LinkSide::Both, 10s});
        pair.submit(RestartBroker{BrokerRestart::Crash});
        pair.advance(9999ms);
        QVERIFY(pair.isConnected(pair.s));
        QVERIFY(!pair.isConnected(pair.p));
        pair.advance(1ms);
        QVERIFY(!pair.isConnected(pair.s));
        QCOMPARE(pair.lab().links.size(), std::size_t(0));
    }

    void can_give_up_a_connection_that_is_lost_and_silent()
    {
        Pair pair(Qos::AtMostOnce);
        pair.submit(SilenceLink{pair.s});
        pair.submit(RestartBroker{BrokerRestart::Crash});
        QVERIFY(pair.isConnected(pair.s));
        pair.disconnect(pair.s);
        QCOMPARE(pair.view(pair.s).connection, ClientConnection::Closed);
        QCOMPARE(pair.lab().links.size(), std::size_t(0));
        QVERIFY(pair.reconnect(pair.s)->sessionPresent);
    }

    void ends_with_the_client_that_is_removed_in_a_silence()
    {
        Pair pair(Qos::AtMostOnce);
        pair.submit(SilenceLink{pair.s, LinkSide::Both, 10s});
        pair.submit(RemoveClient{pair.s});
        pair.advance(10s);
        QVERIFY(!pair.serverView("S")->connected);
        QCOMPARE(pair.lab().links.size(), std::size_t(2));
        QVERIFY(pair.lab().linkFaults.empty());
    }

    void tells_a_silent_client_to_hold_its_messages()
    {
        Pair pair(Qos::AtMostOnce);
        pair.submit(SilenceLink{pair.p, LinkSide::Sent, 10s});
        const QByteArray large(Network::highWaterMark / 2, 'x');
        for (int i = 0; i < 6; ++i)
            pair.publish(pair.p, "t", Qos::AtMostOnce, large);
        QVERIFY(pair.lab().clients.at(pair.p).session.isBlocked);
        QVERIFY(pair.view(pair.p).neverSentTotal > 0);
        pair.advance(10s);
        QVERIFY(!pair.lab().clients.at(pair.p).session.isBlocked);
        QCOMPARE(pair.delivered(pair.s).size(), 6);
    }

    // ---- throttle ----

    void takes_the_time_that_the_bytes_take_data()
    {
        QTest::addColumn<bool>("isPublisher");
        QTest::newRow("sent") << true;
        QTest::newRow("received") << false;
    }

    void takes_the_time_that_the_bytes_take()
    {
        QFETCH(bool, isPublisher);
        Pair pair(Qos::AtMostOnce);
        pair.submit(ThrottleLink{isPublisher ? pair.p : pair.s, 100});
        pair.publish(pair.p, "t", Qos::AtMostOnce, QByteArray(393, 'x')); // 400 bytes with its header
        pair.advance(3990ms);
        QVERIFY(pair.delivered(pair.s).isEmpty());
        pair.advance(20ms);
        QCOMPARE(pair.delivered(pair.s).size(), 1);
        QVERIFY(!nextDeadline(pair.lab()));
    }

    void throttles_later_connections_too_until_it_is_lifted()
    {
        Pair pair(Qos::AtMostOnce);
        pair.submit(ThrottleLink{pair.p, 10});
        pair.submit(CutLink{pair.p});
        QVERIFY(!pair.reconnect(pair.p));
        pair.advance(1min);
        QVERIFY(pair.isConnected(pair.p));
        pair.publish(pair.p, "t", Qos::AtMostOnce);
        QVERIFY(pair.delivered(pair.s).isEmpty());
        pair.submit(ThrottleLink{pair.p, 0});
        QCOMPARE(pair.delivered(pair.s).size(), 1);
    }

    // ---- raw bytes ----

    void sends_bytes_as_they_are_data()
    {
        QTest::addColumn<bool>("isFiltered");
        QTest::newRow("without a fault") << false;
        QTest::newRow("beside a fault that waits") << true;
    }

    void sends_bytes_as_they_are()
    {
        QFETCH(bool, isFiltered);
        Pair pair(Qos::AtMostOnce);
        if (isFiltered)
            pair.arm(pair.p, {{.direction = Direction::Sent}, DropFault{}});
        pair.submit(SendRaw{pair.p, QByteArray::fromHex("c000c0")});
        QCOMPARE(pair.packets(pair.p, Direction::Received).last().type(), PacketType::Pingresp);
        pair.submit(SendRaw{pair.p, QByteArray::fromHex("00")});
        QCOMPARE(pair.packets(pair.p, Direction::Received).size(), 2);
        QVERIFY(pair.packets(pair.p, Direction::Sent).isEmpty());
        QCOMPARE(pair.faultLines(), (QStringList{QStringLiteral("fault: raw bytes: PINGREQ, 1 bytes"),
                                                 QStringLiteral("fault: raw bytes: 1 bytes")}));
    }

    // ---- the broker ----

    void restarts_the_broker_data()
    {
        QTest::addColumn<BrokerRestart>("how");
        QTest::addColumn<bool>("isTold");
        QTest::addColumn<bool>("isKept");
        QTest::newRow("clean") << BrokerRestart::Clean << true << true;
        QTest::newRow("crash") << BrokerRestart::Crash << false << true;
        QTest::newRow("crash, store lost") << BrokerRestart::CrashLosingStore << false << false;
    }

    void restarts_the_broker()
    {
        QFETCH(BrokerRestart, how);
        QFETCH(bool, isTold);
        QFETCH(bool, isKept);
        Pair pair(Qos::ExactlyOnce);
        Message retained;
        retained.topic = "r";
        retained.payload = "kept";
        retained.retain = true;
        pair.submit(ClientDo{pair.p, PublishCommand{retained}});
        pair.arm(pair.s, {sent(PacketType::Pubrec), DropFault{}});
        pair.publish(pair.p, "t", Qos::ExactlyOnce);
        pair.mark();
        pair.submit(RestartBroker{how});
        QVERIFY(!pair.isConnected(pair.s) && !pair.isConnected(pair.p));
        QCOMPARE(!pair.lines(pair.s, Direction::Received).isEmpty(), isTold);
        QCOMPARE(pair.lab().links.size(), std::size_t(0));
        QCOMPARE(pair.lab().broker.connectedSessions, qsizetype(0));
        QCOMPARE(pair.serverView("S").has_value(), isKept);
        QCOMPARE(pair.lab().broker.retained.size(), isKept ? 1 : 0);

        QCOMPARE(pair.reconnect(pair.s)->sessionPresent, isKept);
        QCOMPARE(pair.brokerWaitsFor("S"), none);
        QCOMPARE(pair.view(pair.s).heldTotal, 0);
    }

    void publishes_wills_after_a_crash_into_the_sessions_that_are_kept_data()
    {
        QTest::addColumn<BrokerRestart>("how");
        QTest::addColumn<int>("wills");
        QTest::newRow("clean") << BrokerRestart::Clean << 1;
        QTest::newRow("crash") << BrokerRestart::Crash << 1;
        QTest::newRow("crash, store lost") << BrokerRestart::CrashLosingStore << 0;
    }

    void publishes_wills_after_a_crash_into_the_sessions_that_are_kept() // MQTT-3.1.2-8
    {
        QFETCH(BrokerRestart, how);
        QFETCH(int, wills);
        World world;
        ConnectOptions options;
        options.will = World::will("w");
        options.will->qos = Qos::AtLeastOnce;
        world.addConnected("D", options);
        const ClientKey s = world.addConnected("S");
        world.subscribe(s, "w", Qos::AtLeastOnce);
        world.submit(RestartBroker{how});
        if (wills > 0)
            QCOMPARE(world.serverView("S")->queuedTotal, wills);
        world.reconnect(s);
        QCOMPARE(world.delivered(s).size(), wills);
    }

    void keeps_configuration_and_drawn_identifiers_over_a_crash()
    {
        BrokerConfig config;
        config.receiveMaximum = 7;
        World world(config);
        const auto assigned = [&world](const QByteArray &name) {
            const ClientKey key = world.addClient(name);
            world.submit(ClientDo{key, ConnectCommand{}});
            return world.view(key).connack->properties.bytes(PropertyId::AssignedClientIdentifier).value_or("");
        };
        const QByteArray first = assigned("a");
        world.submit(RestartBroker{BrokerRestart::CrashLosingStore});
        QVERIFY(assigned("b") != first);
        QCOMPARE(world.lab().broker.config.receiveMaximum, quint16(7));
    }

    // ---- commands ----

    void says_in_words_what_it_does_data()
    {
        QTest::addColumn<LabCommand>("command");
        QTest::addColumn<QString>("text");
        const ClientKey key{1};
        const auto row = [](const LabCommand &command, const char *text) {
            QTest::newRow(text) << command << QString::fromUtf8(text);
        };
        const auto arm = [key](const Fault &fault) { return ArmFault{key, fault}; };
        using enum PacketType;
        row(arm(cutAt(sent(Pubrec), Moment::After)), "arm a fault: the first PUBREC sent: cut after it, reset");
        row(arm({{.direction = Direction::Received, .type = Publish, .topic = "a/#", .nth = 2},
                 CutFault{.afterBytes = 3, .how = CloseHow::Close}}),
            "arm a fault: the 2nd PUBLISH \"a/#\" received: cut behind its first 3 bytes, close");
        row(arm({{.packetId = PacketId{5}, .dup = false, .nth = 11}, DropFault{}, 0}),
            "arm a fault: every packet #5 without DUP sent from the 11th on: drop");
        row(arm({{.qos = Qos::AtLeastOnce, .dup = true}, DuplicateFault{}, 3}),
            "arm a fault: 3 packet QoS 1 DUP sent: duplicate");
        row(arm({{.nth = 23}, DelayFault{1500ms}}), "arm a fault: the 23rd packet sent: delay by 1500 ms");
        row(arm({{.nth = 112}, CorruptFault{4, 0x0f}}), "arm a fault: the 112th packet sent: corrupt byte 4 by 0x0f");
        row(arm({sent(Puback), AnswerFault{ReasonCode::QuotaExceeded}}),
            "arm a fault: the first PUBACK sent: answer with Quota exceeded (0x97)");
        row(arm({sent(Pubrel), SilenceFault{LinkSide::Sent, {}}}),
            "arm a fault: the first PUBREL sent: silence what is sent");
        row(DisarmFaults{key}, "disarm the faults");
        row(SilenceLink{key, LinkSide::Received, 10s}, "silence what is received for 10s");
        row(SilenceLink{key, LinkSide::Both, 0s}, "end the silence");
        row(ThrottleLink{key, 100}, "throttle to 100 bytes a second");
        row(ThrottleLink{key, 0}, "throttle no more");
        row(SendRaw{key, "secret"}, "send 6 raw bytes");
        row(RestartBroker{BrokerRestart::Clean}, "restart the broker");
        row(RestartBroker{BrokerRestart::Crash}, "crash the broker");
        row(RestartBroker{BrokerRestart::CrashLosingStore}, "crash the broker, its store is lost");
    }

    void says_in_words_what_it_does()
    {
        QFETCH(LabCommand, command);
        QFETCH(QString, text);
        QCOMPARE(commandText(command), text);
    }

    void refuses_what_it_cannot_do_data()
    {
        QTest::addColumn<LabCommand>("command");
        const ClientKey stranger{99};
        const ClientKey away{1};
        QTest::newRow("arm, no client") << LabCommand(ArmFault{stranger, {}});
        QTest::newRow("disarm, no client") << LabCommand(DisarmFaults{stranger});
        QTest::newRow("throttle, no client") << LabCommand(ThrottleLink{stranger, 1});
        QTest::newRow("silence, no client") << LabCommand(SilenceLink{stranger});
        QTest::newRow("silence, no connection") << LabCommand(SilenceLink{away});
        QTest::newRow("raw, no connection") << LabCommand(SendRaw{away, "x"});
    }

    void refuses_what_it_cannot_do()
    {
        QFETCH(LabCommand, command);
        World world;
        QCOMPARE(world.addClient("S"), ClientKey{1});
        world.submit(command);
        const TraceRecord last = *world.lab().trace.record(world.lab().trace.last());
        QVERIFY(std::holds_alternative<CommandRefused>(std::get<ClientNote>(last.what).effect));
    }
};

QTEST_APPLESS_MAIN(TestLabFaults)
#include "tst_lab_faults.moc"
