// Sessions at both ends: created, kept, resumed, expired. S-numbers are those of the scenario list.
#include "tests/lab/world.h"

#include <QElapsedTimer>
#include <QTest>

using namespace sessionscope;
using namespace std::chrono_literals;

namespace {

const ConnectOptions resume{.cleanStart = false};

} // namespace

class TestSessions : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void resumes_with_the_messages_that_came_meanwhile() // S-02
    {
        World world;
        const ClientKey s = world.addConnected("S", {.sessionExpiry = 100});
        const ClientKey p = world.addConnected("P");
        world.subscribe(s, "t", Qos::AtLeastOnce);
        world.advance(10s);
        world.cut(s);
        world.advance(10s);
        world.publish(p, "t", Qos::AtLeastOnce, "x");
        QCOMPARE(world.serverView("S")->queuedTotal, 1);
        world.advance(30s);

        const auto connack = world.connect(s, resume);
        QVERIFY(connack && connack->sessionPresent);
        QCOMPARE(connack->reason, quint8(0));
        const auto received = world.packets(s, Direction::Received);
        QCOMPARE(received.first().type(), PacketType::Connack);
        QCOMPARE(world.lines(s, Direction::Received), QStringList{QStringLiteral("PUBLISH #1 QoS 1 \"t\": \"x\"")});
        QCOMPARE(world.delivered(s), QList<QByteArray>{"x"});
        QCOMPARE(world.serverView("S")->queuedTotal, 0);
    }

    void keeps_a_session_until_its_expiry_and_not_longer_data()
    {
        QTest::addColumn<std::chrono::milliseconds>("away");
        QTest::addColumn<bool>("present");
        QTest::newRow("S-05 just before") << std::chrono::milliseconds(9'999) << true;
        QTest::newRow("S-06 at the end") << std::chrono::milliseconds(10'000) << false;
        QTest::newRow("long after") << std::chrono::milliseconds(1'000'000) << false;
    }

    void keeps_a_session_until_its_expiry_and_not_longer()
    {
        QFETCH(std::chrono::milliseconds, away);
        QFETCH(bool, present);
        World world;
        const ClientKey s = world.addConnected("S", {.sessionExpiry = 10});
        world.advance(100s);
        world.cut(s);
        world.advance(away);
        QCOMPARE(world.serverView("S").has_value(), present);
        QCOMPARE(world.view(s).record.has_value(), present);
        const auto connack = world.connect(s, resume);
        QVERIFY(connack);
        QCOMPARE(connack->sessionPresent, present);
    }

    void starts_the_clock_at_the_close() // S-12
    {
        World world;
        const ClientKey s = world.addConnected("S", {.sessionExpiry = 100});
        world.advance(500s);
        world.cut(s);
        world.advance(99s);
        QVERIFY(world.connect(s, resume)->sessionPresent);
    }

    void ends_a_session_that_went_silent_after_keep_alive_and_expiry_data()
    {
        QTest::addColumn<std::chrono::milliseconds>("reconnectAt");
        QTest::addColumn<bool>("present");
        QTest::newRow("before") << std::chrono::milliseconds(34'900) << true;
        QTest::newRow("at the end") << std::chrono::milliseconds(35'000) << false;
    }

    void ends_a_session_that_went_silent_after_keep_alive_and_expiry() // S-13
    {
        QFETCH(std::chrono::milliseconds, reconnectAt);
        QFETCH(bool, present);
        World world;
        const ClientKey s = world.addConnected("S", {.sessionExpiry = 20, .keepAlive = 10});
        world.mark();
        world.driver().network().setReading(world.serverLinkOf(s), false);
        world.advance(14'999ms);
        QVERIFY(world.serverView("S")->connected);
        world.advance(1ms);
        QVERIFY(!world.serverView("S")->connected);
        QCOMPARE(*world.serverView("S")->endsAt, Instant(35s));
        const QStringList farewell = world.lines(s, Direction::Received);
        QCOMPARE(farewell.size(), 1);
        QVERIFY(farewell.first().startsWith(QStringLiteral("DISCONNECT Keep Alive timeout (0x8d)")));
        world.advance(reconnectAt - 15s);
        QCOMPARE(world.connect(s, resume)->sessionPresent, present);
    }

    void replaces_the_expiry_by_that_of_disconnect_data()
    {
        QTest::addColumn<std::chrono::milliseconds>("away");
        QTest::addColumn<bool>("present");
        QTest::newRow("before") << std::chrono::milliseconds(9'900) << true;
        QTest::newRow("at the end") << std::chrono::milliseconds(10'000) << false;
    }

    void replaces_the_expiry_by_that_of_disconnect() // S-21
    {
        QFETCH(std::chrono::milliseconds, away);
        QFETCH(bool, present);
        World world;
        const ClientKey s = world.addConnected("S");
        world.disconnect(s, ReasonCode::Success, 10);
        QCOMPARE(world.serverView("S")->sessionExpiryInterval, 10u);
        world.advance(away);
        QCOMPARE(world.connect(s, resume)->sessionPresent, present);
    }

    void ends_the_session_at_once_by_disconnect_with_expiry_zero() // S-22
    {
        World world;
        const ClientKey s = world.addConnected("S");
        world.disconnect(s, ReasonCode::Success, 0);
        QVERIFY(!world.serverView("S"));
        QVERIFY(!world.view(s).record);
        QVERIFY(!world.connect(s, resume)->sessionPresent);
    }

    void keeps_the_expiry_over_a_plain_disconnect() // S-23
    {
        World world;
        const ClientKey s = world.addConnected("S");
        world.disconnect(s);
        world.advance(299s);
        QVERIFY(world.connect(s, resume)->sessionPresent);
    }

    void refuses_to_prolong_a_session_of_expiry_zero() // S-24
    {
        World world;
        const ClientKey w = world.addConnected("W");
        world.subscribe(w, "w", Qos::AtMostOnce);
        const ClientKey s = world.addConnected("S", {.sessionExpiry = 0, .will = World::will("w"), .willDelay = 30});
        world.mark();
        world.disconnect(s, ReasonCode::Success, 60);
        QCOMPARE(world.delivered(w), QList<QByteArray>{"gone"});
        QVERIFY(!world.serverView("S"));
        QVERIFY(!world.connect(s, resume)->sessionPresent);
    }

    void takes_a_session_over_and_publishes_the_will() // S-110
    {
        World world;
        const ClientKey w = world.addConnected("W");
        world.subscribe(w, "w", Qos::AtMostOnce);
        const ClientKey first = world.addConnected("A", {.sessionExpiry = 100, .will = World::will("w")});
        const ClientKey second = world.addClient("B");
        ConnectPacket packet;
        packet.clientId = "A";
        world.mark();
        world.submit(ClientDo{second, ConnectCommand{packet}});
        QCOMPARE(world.lines(first, Direction::Received),
                 QStringList{QStringLiteral("DISCONNECT Session taken over (0x8e)")});
        QCOMPARE(world.delivered(w), QList<QByteArray>{"gone"});
        QCOMPARE(world.view(first).connection, ClientConnection::Closed);
        QCOMPARE(world.view(second).connection, ClientConnection::Connected);
        QCOMPARE(world.serverView("A")->link, world.serverLinkOf(second));
    }

    void expires_an_hour_in_no_time()
    {
        World world;
        const ClientKey s = world.addConnected("S", {.sessionExpiry = 3600});
        world.cut(s);
        QElapsedTimer timer;
        timer.start();
        world.advance(1h);
        const qint64 micros = timer.nsecsElapsed() / 1000;
        QVERIFY(!world.serverView("S"));
        // Far above what it takes, and far below what a single sleep would: no machine is slow enough to fail by
        // chance.
        QVERIFY2(micros < 1'000'000, qPrintable(QString::number(micros)));
        qInfo("an hour's expiry took %lld us", micros);
    }

    void shows_the_same_at_both_ends_when_quiet()
    {
        World world;
        const ClientKey s = world.addConnected("S", {.sessionExpiry = 600, .receiveMaximum = quint16(7)});
        world.subscribe(s, "a/#", Qos::ExactlyOnce);
        world.subscribe(s, "b", Qos::AtLeastOnce);
        world.publish(s, "a/1", Qos::ExactlyOnce);
        world.publish(s, "b", Qos::AtLeastOnce);
        const ClientView client = world.view(s);
        const ServerSessionView server = *world.serverView("S");
        QCOMPARE(client.sentTotal, 0);
        QCOMPARE(server.sentTotal, 0);
        QCOMPARE(client.heldTotal, 0);
        QCOMPARE(server.heldTotal, 0);
        QCOMPARE(server.queuedTotal, 0);
        QCOMPARE(client.record->sessionExpiryInterval, server.sessionExpiryInterval);
        QCOMPARE(client.subscriptions.size(), server.subscriptionsTotal);
        for (qsizetype i = 0; i < client.subscriptions.size(); ++i) {
            QCOMPARE(client.subscriptions.at(i).filter, server.subscriptions.at(i).filter);
            QCOMPARE(client.subscriptions.at(i).options, server.subscriptions.at(i).options);
        }
        QCOMPARE(server.flow.sendMaximum, 7u);
        QCOMPARE(client.flow.receiveMaximum, 7u);
        QCOMPARE(client.delivered, quint64(2));
        world.cut(s);
        world.advance(60s);
        QCOMPARE(*world.view(s).record->endsAt, *world.serverView("S")->endsAt);
    }

    void tells_the_same_story_twice()
    {
        const auto story = [] {
            World world;
            const ClientKey s = world.addConnected("S");
            const ClientKey p = world.addConnected("P");
            world.subscribe(s, "#", Qos::ExactlyOnce);
            for (int i = 0; i < 20; ++i)
                world.publish(p, "t", Qos(i % 3), QByteArray::number(i));
            world.cut(s);
            world.publish(p, "t", Qos::ExactlyOnce);
            world.advance(10s);
            world.reconnect(s);
            QByteArray bytes;
            const Trace &trace = world.lab().trace;
            for (TraceSeq seq{1}; seq <= trace.last(); ++seq.value) {
                const TraceRecord record = *trace.record(seq);
                if (const auto *packet = std::get_if<PacketTrace>(&record.what))
                    bytes += packet->frame();
            }
            return bytes;
        };
        const QByteArray first = story();
        QVERIFY(first.size() > 100);
        QCOMPARE(story(), first);
    }

    void S162_a_crash_at_the_instant_of_the_puback_loses_what_the_store_loses_data()
    {
        QTest::addColumn<BrokerRestart>("how");
        QTest::addColumn<bool>("isKept");
        QTest::newRow("store kept") << BrokerRestart::Crash << true;
        QTest::newRow("store lost") << BrokerRestart::CrashLosingStore << false;
    }
    // MQTT-4.3.2-4
    void S162_a_crash_at_the_instant_of_the_puback_loses_what_the_store_loses()
    {
        QFETCH(BrokerRestart, how);
        QFETCH(bool, isKept);
        World world;
        const ClientKey s = world.addConnected("S");
        const ClientKey p = world.addConnected("P");
        world.subscribe(s, "t", Qos::AtLeastOnce);
        world.cut(s);
        world.mark();
        world.publishOnly(p, "t", Qos::AtLeastOnce, "x");
        world.deliverFromClient(p);
        world.deliverToClient(p);
        QCOMPARE(world.packets(p, Direction::Received).size(), 1);
        QCOMPARE(world.view(p).sentTotal, 0);
        world.submit(RestartBroker{how});
        QVERIFY(world.view(p).connection == ClientConnection::Closed);
        QCOMPARE(world.connect(s, resume)->sessionPresent, isKept);
        QCOMPARE(world.delivered(s), isKept ? QList<QByteArray>{"x"} : QList<QByteArray>{});
    }

    // MQTT-4.3.3-8
    void S163_a_crash_at_the_instant_of_the_pubrec_delivers_once()
    {
        World world;
        const ClientKey s = world.addConnected("S");
        const ClientKey p = world.addConnected("P");
        world.subscribe(s, "t", Qos::ExactlyOnce);
        world.mark();
        world.publishOnly(p, "t", Qos::ExactlyOnce, "x");
        world.deliverFromClient(p);
        world.deliverToClient(p); // and its PUBREL is under way
        world.submit(RestartBroker{BrokerRestart::Crash});
        world.connect(s, resume);
        QCOMPARE(world.delivered(s), QList<QByteArray>{"x"});
        world.connect(p, resume);
        QCOMPARE(world.lines(p, Direction::Sent), QStringList{QStringLiteral("PUBREL #1 Success (0x00)")});
        QCOMPARE(world.delivered(s), QList<QByteArray>{});
        QCOMPARE(world.view(p).sentTotal, 0);
        QCOMPARE(world.serverView("P")->heldTotal, 0);
    }
};

QTEST_APPLESS_MAIN(TestSessions)
#include "tst_sessions.moc"
