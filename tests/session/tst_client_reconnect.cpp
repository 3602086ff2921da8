// The way back: waits that grow, reasons to stay away, and servers that send a client elsewhere.
#include "tests/session/client_world.h"

#include <QTest>

using namespace sessionscope;
using namespace std::chrono_literals;
using Lines = QByteArrayList;

namespace {

/// Comes back by itself: 1 s, 2 s, 4 s, up to 8 s.
ClientWorld returningWorld(quint64 seed = 1)
{
    ClientWorld world;
    world.session.policy.reconnect = {.automatic = true, .firstWait = 1s, .longestWait = 8s, .seed = seed};
    world.connect();
    return world;
}

/// Lets the wait pass and the transport fail; how long the wait was.
Duration failOnce(ClientWorld &world)
{
    const Duration wait = *world.session.reconnectAt - world.now;
    world.pass(wait);
    world.fail();
    return wait;
}

Properties reference(const QByteArray &server)
{
    return {{PropertyId::ServerReference, server}};
}

} // namespace

class ClientReconnectTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void comes_back_by_itself_and_resumes()
    {
        ClientWorld world = returningWorld();
        world.publish(q1);
        world.take();
        world.cut();
        QCOMPARE(world.take(), Lines({"comes back, attempt 1"}));
        world.pass(1s);
        world.open();
        world.receive(Connack{.sessionPresent = true});
        QCOMPARE(world.take(), Lines({"open", "> CONNECT A cs=0", "resumed", "> PUBLISH q1 #1 dup t x"}));
        QVERIFY(!world.session.reconnectAt);
    }

    void doubles_its_waits_up_to_the_longest()
    {
        ClientWorld world = returningWorld();
        world.cut();
        for (const Duration step : {1s, 2s, 4s, 8s, 8s, 8s}) {
            const Duration wait = failOnce(world);
            QVERIFY2(wait <= step && wait > step * 3 / 4, qPrintable(QString::number(wait.count())));
        }
        QCOMPARE(world.take().last(), "comes back, attempt 7");
    }

    void spreads_the_returns_of_many_clients()
    {
        QList<qint64> waits;
        for (quint64 seed = 0; seed < 100; ++seed) {
            ClientWorld world = returningWorld(seed);
            world.cut();
            waits.append((*world.session.reconnectAt - world.now).count());
        }
        std::ranges::sort(waits);
        // Of 100 within 250 ms: no half of them in one tenth of it.
        for (qsizetype i = 0; i + 50 < waits.size(); ++i)
            QVERIFY(waits[i + 50] - waits[i] > 25'000);
    }

    void starts_over_only_after_a_connection_that_lasted()
    {
        ClientWorld world = returningWorld();
        const auto comeBack = [&world] {
            world.pass(*world.session.reconnectAt - world.now);
            world.open();
            world.receive(Connack{.sessionPresent = true});
        };
        world.cut();
        comeBack();
        world.pass(7s); // a server that accepts and drops is no better than none
        world.cut();
        QCOMPARE(world.take().last(), "comes back, attempt 2");
        comeBack();
        world.pass(8s);
        world.cut();
        QCOMPARE(world.take().last(), "comes back, attempt 1");
    }

    void stays_away_when_that_was_its_own_wish()
    {
        ClientWorld world = returningWorld();
        world.run(DisconnectCommand{});
        world.cut();
        QCOMPARE(world.take(), Lines({"> DISCONNECT 00", "close"}));
        QVERIFY(!nextDeadline(world.session) || !world.session.reconnectAt);
        world.connect({.cleanStart = false}, {.sessionPresent = true});
        world.cut();
        world.take();
        world.run(DisconnectCommand{});
        QCOMPARE(world.take(), Lines({"stays away: asked to stay away"}));
        QVERIFY(!world.session.reconnectAt);
    }

    void gives_up_after_as_many_attempts_as_allowed()
    {
        ClientWorld world = returningWorld();
        world.session.policy.reconnect.maximumAttempts = 2;
        world.cut();
        failOnce(world);
        failOnce(world);
        QCOMPARE(world.take(), Lines({"comes back, attempt 1", "open", "comes back, attempt 2", "open",
                                      "stays away: as many attempts as allowed"}));
    }

    // MQTT-3.1.4-3, MQTT-3.2.2-7
    void comes_back_after_some_words_of_the_server_and_not_after_others_data()
    {
        QTest::addColumn<ReasonCode>("reason");
        QTest::addColumn<bool>("returns");
        QTest::newRow("shutting down") << ReasonCode::ServerShuttingDown << true;
        QTest::newRow("busy") << ReasonCode::ServerBusy << true;
        QTest::newRow("keep alive") << ReasonCode::KeepAliveTimeout << true;
        QTest::newRow("unspecified") << ReasonCode::UnspecifiedError << true;
        QTest::newRow("S-121 taken over") << ReasonCode::SessionTakenOver << false;
        QTest::newRow("not authorized") << ReasonCode::NotAuthorized << false;
        QTest::newRow("administrative") << ReasonCode::AdministrativeAction << false;
        QTest::newRow("moved, and we do not follow") << ReasonCode::ServerMoved << false;
    }

    void comes_back_after_some_words_of_the_server_and_not_after_others()
    {
        QFETCH(ReasonCode, reason);
        QFETCH(bool, returns);
        ClientWorld world = returningWorld();
        world.receive(DisconnectPacket{reason, {}});
        world.cut();
        QCOMPARE(world.session.reconnectAt.has_value(), returns);
        QVERIFY(world.take().last().startsWith(returns ? "comes back" : "stays away"));
    }

    void does_not_repeat_a_connect_that_was_refused_for_good_data()
    {
        QTest::addColumn<Version>("version");
        QTest::addColumn<quint8>("code");
        QTest::addColumn<bool>("returns");
        QTest::newRow("5.0 busy") << Version::V5 << quint8(0x89) << true;
        QTest::newRow("5.0 bad password") << Version::V5 << quint8(0x86) << false;
        QTest::newRow("5.0 banned") << Version::V5 << quint8(0x8A) << false;
        QTest::newRow("3.1.1 unavailable") << Version::V311 << quint8(3) << true;
        QTest::newRow("3.1.1 identifier rejected") << Version::V311 << quint8(2) << false;
        QTest::newRow("3.1.1 not authorized") << Version::V311 << quint8(5) << false;
    }

    void does_not_repeat_a_connect_that_was_refused_for_good()
    {
        QFETCH(Version, version);
        QFETCH(quint8, code);
        QFETCH(bool, returns);
        ClientWorld world;
        world.session.policy.reconnect = {.automatic = true};
        world.run(Connect{.version = version});
        world.open();
        world.receive(Connack{.reason = code});
        world.cut();
        QCOMPARE(world.session.reconnectAt.has_value(), returns);
    }

    // MQTT-3.2.2-5
    void S169_goes_where_the_server_points_and_lets_session_present_decide_data()
    {
        QTest::addColumn<bool>("present");
        QTest::addColumn<Lines>("after");
        QTest::newRow("resumes") << true << Lines({"resumed", "> PUBLISH q1 #1 dup t x"});
        QTest::newRow("discards") << false << Lines({"ended: not present", "lost 1", "accepted"});
    }

    void S169_goes_where_the_server_points_and_lets_session_present_decide()
    {
        QFETCH(bool, present);
        QFETCH(Lines, after);
        ClientWorld world;
        world.session.policy.followRedirects = true;
        world.connect();
        publishQuietly(world, {q1});
        world.receive(DisconnectPacket{ReasonCode::UseAnotherServer, reference("b:1883")});
        world.cut();
        QCOMPARE(world.take(), Lines({"server left 9C b:1883", "close", "goes to b:1883", "open"}));
        world.open();
        QCOMPARE(world.take(), Lines({"> CONNECT A cs=0"}));
        world.receive(Connack{.sessionPresent = present});
        QCOMPARE(world.take(), after);
    }

    void follows_a_refusal_too_and_tells_whether_it_is_for_good()
    {
        ClientWorld world;
        world.session.policy.followRedirects = true;
        world.run(Connect{});
        world.open();
        world.receive(Connack{.reason = 0x9D, .properties = reference("c")});
        world.cut();
        QCOMPARE(world.take(),
                 Lines({"open", "> CONNECT A cs=1", "refused 9D c", "close", "goes to c for good", "open"}));
    }

    void stays_where_it_is_unless_told_to_follow()
    {
        ClientWorld world = connectedWorld();
        world.receive(DisconnectPacket{ReasonCode::UseAnotherServer, reference("b:1883")});
        world.cut();
        QCOMPARE(world.take(), Lines({"server left 9C b:1883", "close"}));
    }

    void does_not_follow_for_ever()
    {
        ClientWorld world;
        world.session.policy.followRedirects = true;
        world.run(Connect{});
        for (quint32 i = 0; i <= maximumRedirects; ++i) {
            world.open();
            world.receive(Connack{.reason = 0x9C, .properties = reference("next")});
            world.cut();
        }
        const Lines lines = world.take();
        QCOMPARE(lines.count("goes to next"), qsizetype(maximumRedirects));
        QCOMPARE(lines.last(), "close");
        QVERIFY(lines.contains("stays away: sent from server to server too often"));
    }
};

QTEST_APPLESS_MAIN(ClientReconnectTest)
#include "tst_client_reconnect.moc"
