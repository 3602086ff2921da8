// Faults on purpose that act on a link or on the broker: silence, throttle, raw bytes, restarts; and every command of
// theirs in words.
#include "tests/lab/fault_pair.h"

#include <QTest>

using namespace sessionscope;
using namespace std::chrono_literals;

class TestLabLinkFaults : public QObject
{
    Q_OBJECT

private Q_SLOTS:
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

QTEST_APPLESS_MAIN(TestLabLinkFaults)
#include "tst_lab_link_faults.moc"
