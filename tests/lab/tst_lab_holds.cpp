// What comes from the broker and is set aside until its release, and faults on a part of a packet or for a part of the
// time.
#include "tests/lab/fault_pair.h"

#include <QTest>

using namespace sessionscope;
using namespace std::chrono_literals;

class TestLabHolds : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // ---- acknowledgements that are set aside ----

    void holds_suback_and_lets_messages_pass_it() // MQTT-3.8.4-1
    {
        Pair pair(Qos::AtMostOnce);
        pair.submit(ClientDo{pair.s, HoldAcknowledgements{{PacketType::Suback, PacketType::Puback}}});
        pair.subscribe(pair.s, "u", Qos::AtLeastOnce);
        pair.publish(pair.p, "u", Qos::AtLeastOnce);
        QCOMPARE(pair.delivered(pair.s).size(), 1);
        QCOMPARE(pair.lines(pair.s, Direction::Received).size(), 1);
        // Its own PUBACK is held by its engine, the other end's SUBACK on its link.
        QCOMPARE(pair.view(pair.s).heldAcksTotal, 2);
        QCOMPARE(pair.view(pair.s).subscriptions.size(), 1);
        QCOMPARE(pair.faultLines().size(), 1);
        pair.submit(ClientDo{pair.s, ReleaseAcknowledgements{}});
        QCOMPARE(pair.view(pair.s).heldAcksTotal, 0);
        QCOMPARE(pair.view(pair.s).subscriptions.size(), 2);
        QCOMPARE(pair.brokerWaitsFor("S"), none);
        pair.submit(ClientDo{pair.s, HoldAcknowledgements{}});
        pair.subscribe(pair.s, "v", Qos::AtMostOnce);
        QCOMPARE(pair.view(pair.s).subscriptions.size(), 3);
    }

    void names_the_hold_before_the_packet_that_arrives()
    {
        Pair pair(Qos::AtMostOnce);
        pair.submit(HoldReceived{pair.s, {PacketType::Unsuback}});
        pair.submit(ClientDo{pair.s, UnsubscribeCommand{{"t"}, {}}});
        pair.submit(ReleaseReceived{pair.s, {}});
        QCOMPARE(pair.faultLines(), QStringList{QStringLiteral("fault: held back: UNSUBACK #2 Success (0x00)")});
        const Trace &trace = pair.lab().trace;
        TraceSeq held;
        bool isFound = false;
        for (TraceSeq seq = trace.first(); seq <= trace.last(); ++seq.value) {
            const TraceRecord record = *trace.record(seq);
            if (std::holds_alternative<FaultTrace>(record.what))
                held = seq;
            const auto *packet = std::get_if<PacketTrace>(&record.what);
            isFound = isFound || (packet && held.value && record.cause == held &&
                                  packet->direction == Direction::Received && record.role == Role::Client);
        }
        QVERIFY(isFound);
    }

    void releases_received_acknowledgements_in_their_order_unless_told_data()
    {
        QTest::addColumn<ReleaseOrder>("order");
        QTest::addColumn<QStringList>("arrived");
        QTest::newRow("as due") << ReleaseOrder::AsDue << QStringList();
        QTest::newRow("at once") << ReleaseOrder::AtOnce << QStringList{QStringLiteral("PUBACK #2 Success (0x00)")};
    }

    void releases_received_acknowledgements_in_their_order_unless_told() // MQTT-4.6.0-2
    {
        QFETCH(ReleaseOrder, order);
        QFETCH(QStringList, arrived);
        Pair pair(Qos::AtMostOnce);
        pair.submit(HoldReceived{pair.p, {PacketType::Puback}});
        for (int i = 0; i < 3; ++i)
            pair.publish(pair.p, "t", Qos::AtLeastOnce);
        pair.submit(ReleaseReceived{pair.p, {PacketId{2}, order}});
        const auto lines = [&pair] {
            QStringList result;
            for (const QString &line : pair.lines(pair.p, Direction::Received))
                result << line.section(u',', 0, 0);
            return result;
        };
        QCOMPARE(lines().size(), arrived.size());
        // Nothing is held any more, and the new one stands behind those that are.
        pair.submit(HoldReceived{pair.p, {}});
        pair.publish(pair.p, "t", Qos::AtLeastOnce);
        QCOMPARE(lines().size(), arrived.size());
        pair.submit(ReleaseReceived{pair.p, {}});
        QCOMPARE(lines().size(), 4);
        QVERIFY(lines().last().startsWith(u"PUBACK #4"));
        QCOMPARE(pair.clientWaitsFor(pair.p), none);
    }

    void loses_what_is_set_aside_with_its_connection() // MQTT-4.4.0-1
    {
        Pair pair(Qos::AtLeastOnce);
        pair.submit(HoldReceived{pair.p, {PacketType::Puback}});
        pair.publish(pair.p, "t", Qos::AtLeastOnce);
        pair.submit(CutLink{pair.p});
        QCOMPARE(pair.view(pair.p).heldAcksTotal, 0);
        QCOMPARE(pair.delivered(pair.s).size(), 1);
        pair.reconnect(pair.p);
        QCOMPARE(pair.view(pair.p).heldAcksTotal, 1);
        pair.submit(ReleaseReceived{pair.p, {}});
        QCOMPARE(pair.clientWaitsFor(pair.p), none);
        // The repeat, which the broker took for a message of its own.
        QCOMPARE(pair.delivered(pair.s).size(), 1);
    }

    void refuses_to_release_what_is_not_held()
    {
        Pair pair(Qos::AtLeastOnce);
        const auto isRefused = [&pair](const LabCommand &command) {
            pair.submit(command);
            const TraceRecord last = *pair.lab().trace.record(pair.lab().trace.last());
            const auto *note = std::get_if<ClientNote>(&last.what);
            return note && std::holds_alternative<CommandRefused>(note->effect);
        };
        QVERIFY(isRefused(ReleaseReceived{pair.s, {}}));
        QVERIFY(isRefused(ReleaseReceived{ClientKey{99}, {}}));
        QVERIFY(isRefused(HoldReceived{ClientKey{99}, {}}));
        QVERIFY(isRefused(HoldReceived{pair.s, {PacketType::Publish}}));
        QVERIFY(isRefused(ClientDo{pair.s, ReleaseAcknowledgements{}}));
    }

    void answers_a_subscribe_otherwise_data()
    {
        QTest::addColumn<Version>("version");
        QTest::newRow("5.0") << Version::V5;
        QTest::newRow("3.1.1") << Version::V311;
    }

    void answers_a_subscribe_otherwise()
    {
        QFETCH(Version, version);
        Pair pair(Qos::AtMostOnce, {.version = version});
        pair.arm(pair.s, {received(PacketType::Suback), AnswerFault{ReasonCode::UnspecifiedError}});
        pair.submit(ClientDo{pair.s, SubscribeCommand{{{"u", {}}, {"v", {}}}, {}}});
        const auto packets = pair.packets(pair.s, Direction::Received);
        const QList<ReasonCode> refused{ReasonCode::UnspecifiedError, ReasonCode::UnspecifiedError};
        QCOMPARE(packets.last().as<SubackPacket>()->reasons, refused);
        QCOMPARE(pair.view(pair.s).subscriptions.size(), 1);
        QCOMPARE(pair.serverView("S")->subscriptionsTotal, 3);
    }

    // ---- a part of a packet ----

    // 30 08 00 01 t 00 and the payload: of an unread part the other end makes what it can.
    void drops_and_duplicates_bytes_data()
    {
        QTest::addColumn<FaultKind>("kind");
        QTest::addColumn<QByteArray>("first");
        QTest::addColumn<QString>("told");
        const QString head = QStringLiteral("fault: corrupted: PUBLISH QoS 0 \"t\": \"abcd\": ");
        // The second message's first byte is taken for the last of the first one.
        QTest::newRow("drop one") << FaultKind(DropFault{ByteRange{6, 1}}) << QByteArray("bcd0")
                                  << head + QStringLiteral("1 bytes from byte 6 on dropped");
        QTest::newRow("duplicate two") << FaultKind(DuplicateFault{ByteRange{6, 2}}) << QByteArray("abab")
                                       << head + QStringLiteral("2 bytes from byte 6 on duplicated");
    }

    void drops_and_duplicates_bytes()
    {
        QFETCH(FaultKind, kind);
        QFETCH(QByteArray, first);
        QFETCH(QString, told);
        Pair pair(Qos::AtMostOnce);
        pair.arm(pair.s, {received(PacketType::Publish), kind});
        pair.publish(pair.p, "t", Qos::AtMostOnce, "abcd");
        pair.publish(pair.p, "t", Qos::AtMostOnce, "efgh");
        QCOMPARE(pair.delivered(pair.s).value(0), first);
        QCOMPARE(pair.faultLines(), QStringList{told});
    }

    void a_part_that_is_all_or_nothing()
    {
        Pair pair(Qos::AtMostOnce);
        pair.arm(pair.s, {received(PacketType::Publish), DropFault{ByteRange{0}}});
        pair.publish(pair.p, "t", Qos::AtMostOnce, "gone");
        QVERIFY(pair.delivered(pair.s).isEmpty());
        pair.arm(pair.s, {received(PacketType::Publish), DropFault{ByteRange{1000, 1}}});
        pair.arm(pair.s, {received(PacketType::Publish), DelayFault{1h, 1000}});
        pair.publish(pair.p, "t", Qos::AtMostOnce, "there");
        QCOMPARE(pair.delivered(pair.s), QList<QByteArray>{"there"});
        QVERIFY(pair.faultLines().value(0).startsWith(u"fault: dropped"));
        QCOMPARE(pair.faultLines().size(), 1);
    }

    void delays_the_rest_of_a_packet()
    {
        Pair pair(Qos::AtMostOnce);
        pair.arm(pair.p, {sent(PacketType::Publish), DelayFault{10s, 3}});
        pair.publish(pair.p, "t", Qos::AtMostOnce, "slow");
        const quint64 soFar = pair.lab().broker.counters.bytesReceived;
        pair.publish(pair.p, "t", Qos::AtMostOnce, "behind");
        pair.advance(9999ms);
        QVERIFY(pair.delivered(pair.s).isEmpty());
        QCOMPARE(pair.lab().broker.counters.bytesReceived, soFar);
        pair.advance(1ms);
        QCOMPARE(pair.delivered(pair.s), (QList<QByteArray>{"slow", "behind"}));
        QVERIFY(!nextDeadline(pair.lab()));
    }

    // ---- for a part of the time ----

    void throttles_one_direction_for_a_time()
    {
        Pair pair(Qos::AtMostOnce);
        pair.submit(ThrottleLink{pair.s, 100, LinkSide::Sent, 10s});
        pair.publish(pair.p, "t", Qos::AtMostOnce, QByteArray(393, 'x'));
        QCOMPARE(pair.delivered(pair.s).size(), 1);
        pair.submit(ThrottleLink{pair.s, 100, LinkSide::Received, 10s});
        pair.publish(pair.p, "t", Qos::AtMostOnce, QByteArray(1993, 'x'));
        pair.advance(9999ms);
        QCOMPARE(pair.delivered(pair.s).size(), 1);
        pair.advance(1ms);
        QCOMPARE(pair.delivered(pair.s).size(), 2);
        QVERIFY(!nextDeadline(pair.lab()));
        pair.publish(pair.p, "t", Qos::AtMostOnce, QByteArray(1993, 'x'));
        QCOMPARE(pair.delivered(pair.s).size(), 3);
    }

    void throttles_from_the_packet_on()
    {
        Pair pair(Qos::AtMostOnce);
        pair.arm(pair.s, {received(PacketType::Publish), ThrottleFault{100, LinkSide::Received, {}}});
        pair.submit(ClientDo{pair.s, PingCommand{}});
        QCOMPARE(pair.packets(pair.s, Direction::Received).size(), 1);
        pair.publish(pair.p, "t", Qos::AtMostOnce, QByteArray(193, 'x'));
        pair.advance(1990ms);
        QVERIFY(pair.delivered(pair.s).isEmpty());
        pair.advance(20ms);
        QCOMPARE(pair.delivered(pair.s).size(), 1);
        QVERIFY(pair.faultLines().value(0).startsWith(u"fault: throttled"));
    }

    // ---- in words ----

    void says_in_words_what_it_does_data()
    {
        QTest::addColumn<LabCommand>("command");
        QTest::addColumn<QString>("text");
        const ClientKey key{1};
        const auto row = [](const LabCommand &command, const char *text) {
            QTest::newRow(text) << command << QString::fromUtf8(text);
        };
        const auto arm = [key](const FaultKind &kind) { return ArmFault{key, {{}, kind}}; };
        row(HoldReceived{key, {PacketType::Puback, PacketType::Suback}}, "hold PUBACK SUBACK, of what is received");
        row(ReleaseReceived{key, {PacketId{3}, ReleaseOrder::AtOnce}},
            "release the acknowledgement of #3 at once, of what is received");
        row(ThrottleLink{key, 100, LinkSide::Received, 10s}, "throttle what is received to 100 bytes a second for 10s");
        row(arm(DropFault{ByteRange{2, 3}}), "arm a fault: the first packet sent: drop 3 bytes of it from byte 2 on");
        row(arm(DuplicateFault{ByteRange{2}}),
            "arm a fault: the first packet sent: duplicate all bytes of it from byte 2 on");
        row(arm(DelayFault{1s, 4}), "arm a fault: the first packet sent: delay what is behind its first 4 bytes by 1s");
        row(arm(ThrottleFault{10}), "arm a fault: the first packet sent: throttle to 10 bytes a second");
        Properties properties;
        properties.add(PropertyId::ReasonString, QByteArray("tired"));
        row(ClientDo{key, DisconnectCommand{.properties = properties}},
            "disconnect Normal disconnection (0x00), Reason String \"tired\"");
    }

    void says_in_words_what_it_does()
    {
        QFETCH(LabCommand, command);
        QFETCH(QString, text);
        QCOMPARE(commandText(command), text);
    }
};

QTEST_APPLESS_MAIN(TestLabHolds)
#include "tst_lab_holds.moc"
