// Faults on purpose over real sockets: exact to the packet and to the byte there, too.
#include "tests/engine/listening.h"

using namespace sessionscope;
using namespace std::chrono_literals;

namespace {

/// A subscriber and a publisher with faults, both connected.
struct SocketPair : Listening
{
    ClientKey s;
    ClientKey p;

    explicit SocketPair(const ClientPolicy &policy = {}, quint16 keepAlive = 0)
        : s(addConnected("S")), p(addConnected("P", policy, keepAlive))
    {
        SubscriptionOptions options;
        options.maximumQos = Qos::ExactlyOnce;
        [&] { QTRY_VERIFY_WITH_TIMEOUT(isConnected(s) && isConnected(p), limit); }();
        engine->submit(ClientDo{s, SubscribeCommand{{{"t", options}}, {}}});
        [&] { QTRY_VERIFY_WITH_TIMEOUT(client(s)->subscriptions.size() == 1, limit); }();
    }
    void publish(Qos qos, const QByteArray &payload = "go")
    {
        Message message;
        message.topic = "t";
        message.payload = payload;
        message.qos = qos;
        engine->submit(ClientDo{p, PublishCommand{message}});
    }
    qsizetype heldOf(const QByteArray &clientId) const
    {
        for (const ServerSessionView &session : view.broker.sessions) {
            if (session.clientId == clientId)
                return session.heldTotal;
        }
        return -1;
    }
    bool saw(FaultAct act) const
    {
        return std::any_of(records.begin(), records.end(), [act](const TraceRecord &record) {
            const auto *fault = std::get_if<FaultTrace>(&record.what);
            return fault && fault->act == act;
        });
    }
    bool sawLink(LinkChange change, Role role) const
    {
        return std::any_of(records.begin(), records.end(), [&](const TraceRecord &record) {
            const auto *link = std::get_if<LinkTrace>(&record.what);
            return link && link->change == change && record.role == role;
        });
    }
};

} // namespace

class TestEngineFaults : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void cuts_at_the_packet_data()
    {
        QTest::addColumn<PacketType>("type");
        QTest::addColumn<Direction>("direction");
        QTest::addColumn<CutFault>("cut");
        QTest::addColumn<FaultAct>("act");
        QTest::addColumn<int>("held");
        const auto row = [](const char *name, PacketType type, Direction direction, CutFault cut, FaultAct act,
                            int held) {
            for (const CloseHow how : {CloseHow::Reset, CloseHow::Close}) {
                cut.how = how;
                QTest::addRow("%s, %s", name, how == CloseHow::Reset ? "reset" : "close")
                    << type << direction << cut << act << held;
            }
        };
        constexpr CutFault before{.moment = Moment::Before};
        constexpr CutFault after{.moment = Moment::After};
        using enum PacketType;
        row("before PUBLISH is sent", Publish, Direction::Sent, before, FaultAct::CutBefore, 0);
        row("within PUBLISH", Publish, Direction::Sent, {.afterBytes = 9}, FaultAct::CutWithin, 0);
        row("after PUBLISH is sent", Publish, Direction::Sent, after, FaultAct::CutAfter, 1);
        row("before PUBREC is received", Pubrec, Direction::Received, before, FaultAct::CutBefore, 1);
        row("after PUBREC is received", Pubrec, Direction::Received, after, FaultAct::CutAfter, 1);
        row("after PUBREL is sent", Pubrel, Direction::Sent, after, FaultAct::CutAfter, 0);
    }

    void cuts_at_the_packet() // MQTT-4.3.3-8, MQTT-4.4.0-1
    {
        QFETCH(PacketType, type);
        QFETCH(Direction, direction);
        QFETCH(CutFault, cut);
        QFETCH(FaultAct, act);
        QFETCH(int, held);
        SocketPair pair;
        pair.engine->submit(ArmFault{pair.p, {{.direction = direction, .type = type}, cut}});
        pair.publish(Qos::ExactlyOnce);
        QTRY_VERIFY_WITH_TIMEOUT(!pair.isConnected(pair.p) && pair.view.broker.connectedTotal == 1, limit);
        QVERIFY(pair.saw(act));
        QCOMPARE(pair.heldOf("P"), held);
        QVERIFY(pair.sawLink(cut.how == CloseHow::Reset ? LinkChange::ResetByPeer : LinkChange::ClosedByPeer,
                             Role::Broker));
        pair.engine->submit(ClientDo{pair.p, ReconnectCommand{}});
        QTRY_VERIFY_WITH_TIMEOUT(pair.isConnected(pair.p) && pair.client(pair.p)->sentTotal == 0, limit);
        QTRY_COMPARE_WITH_TIMEOUT(pair.client(pair.s)->delivered, quint64(1), limit);
        QCOMPARE(pair.heldOf("P"), 0);
    }

    void delivers_a_large_message_before_the_reset()
    {
        SocketPair pair;
        pair.engine->submit(ArmFault{pair.p, {{.type = PacketType::Publish}, CutFault{.moment = Moment::After}}});
        pair.publish(Qos::AtLeastOnce, QByteArray(900'000, 'x'));
        QTRY_COMPARE_WITH_TIMEOUT(pair.client(pair.s)->delivered, quint64(1), limit);
        QTRY_VERIFY_WITH_TIMEOUT(pair.sawLink(LinkChange::ResetByPeer, Role::Broker), limit);
    }

    void goes_on_after_a_silence()
    {
        SocketPair pair;
        pair.engine->submit(SilenceLink{pair.p, LinkSide::Both, 200ms});
        for (const char *payload : {"1", "2", "3"})
            pair.publish(Qos::ExactlyOnce, payload);
        QTRY_VERIFY_WITH_TIMEOUT(pair.client(pair.s)->delivered == 3 && pair.client(pair.p)->sentTotal == 0, limit);
        QVERIFY(pair.saw(FaultAct::SilenceOver));
        QVERIFY(pair.isConnected(pair.p));
    }

    void is_silent_until_both_ends_give_up() // MQTT-3.1.2-22
    {
        ClientPolicy policy;
        policy.answerWait = 100ms;
        SocketPair pair(policy, 1);
        pair.engine->submit(SilenceLink{pair.p});
        QTRY_VERIFY_WITH_TIMEOUT(!pair.isConnected(pair.p), limit);
        // The client's PINGREQ went unanswered before the broker's patience of 1.5 s was at its end.
        QCOMPARE(pair.view.broker.connectedTotal, 2);
        QVERIFY(!pair.sawLink(LinkChange::ClosedByPeer, Role::Broker));
        QTRY_COMPARE_WITH_TIMEOUT(pair.view.broker.connectedTotal, 1, limit);
        pair.engine->submit(ClientDo{pair.p, ReconnectCommand{}});
        QTRY_VERIFY_WITH_TIMEOUT(pair.isConnected(pair.p), limit);
        QVERIFY(pair.client(pair.p)->connack->sessionPresent);
    }

    void delays_throttles_and_sends_raw_bytes()
    {
        SocketPair pair;
        pair.engine->submit(ThrottleLink{pair.p, 1'000'000});
        pair.engine->submit(ArmFault{pair.p, {{.type = PacketType::Publish}, DelayFault{20ms}}});
        pair.publish(Qos::ExactlyOnce, QByteArray(100'000, 'x'));
        pair.engine->submit(SendRaw{pair.p, QByteArray::fromHex("c000")});
        QTRY_COMPARE_WITH_TIMEOUT(pair.client(pair.s)->delivered, quint64(1), limit);
        const auto hasPong = [&pair] { return pair.view.counters.received[quint8(PacketType::Pingresp)] == 1; };
        QTRY_VERIFY_WITH_TIMEOUT(hasPong() && pair.client(pair.p)->sentTotal == 0, limit);
    }
};

QTEST_GUILESS_MAIN(TestEngineFaults)
#include "tst_engine_faults.moc"
