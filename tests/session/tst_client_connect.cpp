// A client that connects: Clean Start, Session Present, refusals, and how long a session lives.
#include "tests/session/client_world.h"

#include <QTest>

Q_DECLARE_METATYPE(std::optional<quint32>)

using namespace sessionscope;
using namespace std::chrono_literals;
using Lines = QByteArrayList;

namespace {

Properties expiry(quint32 interval)
{
    return {{PropertyId::SessionExpiryInterval, interval}};
}

} // namespace

class ClientConnectTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void follows_the_session_present_table_data()
    {
        QTest::addColumn<Version>("version");
        QTest::addColumn<bool>("cleanStart");
        QTest::addColumn<bool>("ownSession");
        QTest::addColumn<bool>("sessionPresent");
        QTest::addColumn<quint8>("reason");
        QTest::addColumn<Lines>("expected");
        QTest::addColumn<bool>("keepsSession"); // #1 of the first connection is still open

        const Lines fresh{"accepted"};
        const Lines resumed{"resumed", "> PUBLISH q1 #1 dup t x"};
        const Lines lost{"ended: not present", "lost 1", "accepted"};
        const quint8 ok = 0;
        const auto v5 = Version::V5;
        const Lines notClean{"violation MQTT-3.2.2-2", "> DISCONNECT 82", "close"};
        const Lines busy{"refused 88", "close"};
        QTest::newRow("5 clean, 0") << v5 << true << true << false << ok << fresh << false;
        QTest::newRow("5 clean, 1") << v5 << true << true << true << ok << notClean << false;
        QTest::newRow("5 kept, 1") << v5 << false << true << true << ok << resumed << true;
        QTest::newRow("5 kept, 0") << v5 << false << true << false << ok << lost << false;
        QTest::newRow("5 none, 0") << v5 << false << false << false << ok << fresh << false;
        QTest::newRow("5 none, 1") << v5 << false << false << true << ok << notClean << false;
        QTest::newRow("5 refused, 0") << v5 << false << true << false << quint8(0x88) << busy << true;
        QTest::newRow("5 refused, 1") << v5 << false << true << true << quint8(0x87)
                                      << Lines{"violation MQTT-3.2.2-6", "refused 87", "close"} << true;

        const auto v3 = Version::V311;
        QTest::newRow("3.1.1 clean, 0") << v3 << true << true << false << ok << fresh << false;
        QTest::newRow("3.1.1 clean, 1") << v3 << true << true << true << ok
                                        << Lines{"violation v3:MQTT-3.2.2-1", "close"} << false;
        QTest::newRow("3.1.1 kept, 1") << v3 << false << true << true << ok << resumed << true;
        QTest::newRow("3.1.1 kept, 0") << v3 << false << true << false << ok << lost << false;
        QTest::newRow("3.1.1 none, 0") << v3 << false << false << false << ok << fresh << false;
        QTest::newRow("3.1.1 none, 1") << v3 << false << false << true << ok << Lines{"violation v3 §3.2.2.2", "close"}
                                       << false;
        QTest::newRow("3.1.1 refused, 0")
            << v3 << false << true << false << quint8(5) << Lines{"refused 05", "close"} << true;
        QTest::newRow("3.1.1 refused, 1") << v3 << false << true << true << quint8(5)
                                          << Lines{"violation v3:MQTT-3.2.2-4", "refused 05", "close"} << true;

        // 3.1 has no Session Present: Clean Session 0 is taken to have found what was there.
        const auto v31 = Version::V31;
        QTest::newRow("3.1 kept") << v31 << false << true << false << ok << resumed << true;
        QTest::newRow("3.1 none") << v31 << false << false << false << ok << fresh << false;
    }
    // MQTT-3.2.2-5
    void follows_the_session_present_table()
    {
        QFETCH(Version, version);
        QFETCH(bool, cleanStart);
        QFETCH(bool, ownSession);
        QFETCH(bool, sessionPresent);
        QFETCH(quint8, reason);
        QFETCH(Lines, expected);
        QFETCH(bool, keepsSession);

        ClientWorld world;
        if (ownSession) {
            world.connect({.cleanStart = version == Version::V5, .version = version});
            world.publish(q1);
            world.cut();
        }
        world.run(Connect{.cleanStart = cleanStart, .version = version});
        world.open();
        world.take();
        world.receive(Connack{sessionPresent, reason});
        QCOMPARE(world.take(), expected);
        QCOMPARE(world.session.outbox.isInUse({1}), keepsSession);
        QCOMPARE(world.session.connection == ClientConnection::Connected, !expected.contains("close"));
    }

    void S31_a_server_disconnect_cannot_change_the_expiry()
    {
        ClientWorld world;
        world.connect();
        world.receiveHex("e0078b05110000003c");
        QCOMPARE(world.take(), Lines({"violation MQTT-3.14.2-2", "server left 8B", "close"}));
        world.cut();
        QVERIFY(world.session.record->endsAt == world.now + 300s);
    }

    // MQTT-3.14.4-2
    void S32_ending_the_session_writes_an_expiry_of_0()
    {
        ClientWorld world;
        world.connect();
        world.run(DisconnectCommand{ReasonCode::Success, 0});
        QCOMPARE(world.take(), Lines({"> DISCONNECT 00 sei=0", "close"}));
        world.cut();
        QCOMPARE(world.take(), Lines({"ended: connection closed"}));

        const Packet packet{DisconnectPacket{ReasonCode::Success, expiry(0)}, {}};
        QVERIFY(encode(packet, Version::V5).contains(QByteArray::fromHex("1100000000")));
    }

    void S33_closes_when_session_present_without_own_state()
    {
        ClientWorld world;
        world.run(Connect{.cleanStart = false});
        world.open();
        QCOMPARE(world.take(), Lines({"open", "> CONNECT A cs=1"}));
        world.receive(Connack{.sessionPresent = true});
        QCOMPARE(world.take(), Lines({"violation MQTT-3.2.2-2", "> DISCONNECT 82", "close"}));
        QVERIFY(!world.session.record);
    }

    void adopts_an_unknown_session_when_told_to()
    {
        ClientWorld world;
        world.session.policy.adoptUnknownSession = true;
        world.run(Connect{.cleanStart = false});
        world.open();
        QCOMPARE(world.take(), Lines({"open", "> CONNECT A cs=0"}));
        world.receive(Connack{.sessionPresent = true});
        QCOMPARE(world.take(), Lines({"accepted"}));
        QVERIFY(world.session.record);
    }

    void S34_starts_from_nothing_when_the_server_lost_the_session()
    {
        ClientWorld world;
        world.connect({}, {.properties = {{PropertyId::ReceiveMaximum, 2u}}});
        world.publish(q1);
        world.publish(q2);
        world.receiveAck(PacketType::Pubrec, 2);
        world.receivePublish(q2, 9);
        world.publish(q1, "t", "y");
        world.publish(q2, "t", "z");
        QCOMPARE(world.session.neverSent.size(), 2u);
        world.resume({.sessionPresent = false});
        QCOMPARE(world.take(), Lines({"ended: not present", "lost 1", "lost 2", "accepted", "> PUBLISH q1 #1 t y",
                                      "> PUBLISH q2 #2 t z"}));
        world.receivePublish(q2, 9);
        QCOMPARE(world.take(), Lines({"delivered t x", "> PUBREC #9"}));
    }

    void S35_closes_when_a_clean_start_finds_a_session()
    {
        ClientWorld world;
        world.run(Connect{});
        world.open();
        world.take();
        world.receive(Connack{.sessionPresent = true});
        QCOMPARE(world.take(), Lines({"violation MQTT-3.2.2-2", "> DISCONNECT 82", "close"}));
    }

    void S37_session_present_in_a_refusal_is_noted_and_loses_nothing()
    {
        ClientWorld world;
        world.connect();
        world.publish(q1);
        world.resume({.sessionPresent = true, .reason = 0x87});
        QCOMPARE(world.take(), Lines({"violation MQTT-3.2.2-6", "refused 87", "close"}));
        world.resume();
        QCOMPARE(world.take(), Lines({"> PUBLISH q1 #1 dup t x"}));
    }

    void S36_a_refusal_is_not_a_session_loss()
    {
        ClientWorld world;
        world.connect();
        world.publish(q1);
        world.resume({.reason = 0x88});
        QCOMPARE(world.take().last(), "close");
        world.resume();
        QCOMPARE(world.take(), Lines({"> PUBLISH q1 #1 dup t x"}));
    }

    void S38_the_local_clock_ends_the_session_once()
    {
        ClientWorld world;
        world.connect({.sei = 60});
        world.publish(q1);
        world.cut();
        world.take();
        world.pass(61s);
        QCOMPARE(world.take(), Lines({"ended: expired", "lost 1"}));
        world.run(ReconnectCommand{});
        world.open();
        world.receive(Connack{});
        QCOMPARE(world.take(), Lines({"open", "> CONNECT A cs=1", "accepted"}));
    }

    void the_local_end_is_seen_at_connect_without_any_tick_data()
    {
        QTest::addColumn<int>("milliseconds");
        QTest::addColumn<Lines>("expected");
        QTest::newRow("S-05") << 9'999 << Lines{"open", "> CONNECT A cs=0"};
        QTest::newRow("S-06") << 10'000 << Lines{"ended: expired", "open", "> CONNECT A cs=1"};
    }
    void the_local_end_is_seen_at_connect_without_any_tick()
    {
        QFETCH(int, milliseconds);
        QFETCH(Lines, expected);
        ClientWorld world;
        world.connect({.sei = 10});
        world.pass(500s);
        world.cut();
        world.take();
        world.now += std::chrono::milliseconds(milliseconds);
        world.run(ReconnectCommand{});
        world.open();
        QCOMPARE(world.take(), expected);
    }

    void a_session_that_ends_while_the_transport_opens_is_not_resumed()
    {
        ClientWorld world;
        world.connect({.sei = 10});
        world.cut();
        world.now += 9s;
        world.run(ReconnectCommand{});
        world.take();
        world.now += 1s;
        world.open();
        QCOMPARE(world.take(), Lines({"ended: expired", "> CONNECT A cs=1"}));
    }

    void intervals_do_not_wrap_and_the_flag_is_no_number()
    {
        ClientWorld world;
        world.connect({.sei = 0xFFFF'FFFE});
        world.now += 5s;
        world.cut();
        QVERIFY(nextDeadline(world.session) == Instant{} + 4'294'967'299s);
        world.run(ReconnectCommand{});
        world.open();
        world.receive(Connack{.sessionPresent = true, .properties = expiry(sessionNeverExpires)});
        world.cut();
        QVERIFY(!nextDeadline(world.session));
        world.now += 24h * 365 * 200;
        world.take();
        world.run(ReconnectCommand{});
        world.open();
        QCOMPARE(world.take(), Lines({"open", "> CONNECT A cs=0"}));
    }

    void S39_resumes_an_empty_session()
    {
        ClientWorld world;
        world.connect({.sei = 60});
        world.cut();
        world.run(Connect{.cleanStart = false, .sei = 60});
        world.open();
        world.receive(Connack{.sessionPresent = true});
        QCOMPARE(world.take(), Lines({"open", "> CONNECT A cs=0", "resumed"}));
        QCOMPARE(world.session.record->resumedTimes, 1u);
    }

    void S40_clean_start_drops_the_session_when_it_is_written_and_stays_owed()
    {
        ClientWorld world;
        world.connect();
        world.publish(q2);
        world.cut();
        world.take();
        world.run(Connect{.cleanStart = true});
        QVERIFY(world.session.record);
        world.open();
        QCOMPARE(world.take(), Lines({"open", "ended: clean start", "lost 1", "> CONNECT A cs=1"}));
        world.cut();
        world.run(Connect{.cleanStart = false});
        world.open();
        world.receive(Connack{});
        QCOMPARE(world.take(), Lines({"open", "> CONNECT A cs=1", "accepted"}));
        world.resume();
        QVERIFY(!world.session.connect.cleanStart);
    }

    void S40_a_connect_that_was_never_written_drops_nothing()
    {
        ClientWorld world;
        world.connect();
        world.publish(q2);
        world.cut();
        world.run(Connect{.cleanStart = true});
        world.fail();
        world.take();
        world.run(Connect{.cleanStart = false});
        world.open();
        world.receive(Connack{.sessionPresent = true});
        QCOMPARE(world.take(), Lines({"open", "> CONNECT A cs=0", "resumed", "> PUBLISH q2 #1 dup t x"}));
    }

    void S42_nothing_may_come_before_connack()
    {
        ClientWorld world;
        world.run(Connect{});
        world.open();
        world.take();
        world.receivePublish(q0, 0);
        QCOMPARE(world.take(), Lines({"violation MQTT-3.2.0-1", "> DISCONNECT 82", "close"}));
    }

    void rejects_a_disconnect_before_connack_and_a_second_connack()
    {
        ClientWorld world;
        world.run(Connect{});
        world.open();
        world.take();
        world.receive(DisconnectPacket{ReasonCode::ServerBusy, {}});
        QCOMPARE(world.take(), Lines({"violation MQTT-3.14.0-1", "server left 89", "close"}));
        world.cut();
        world.connect();
        world.receive(Connack{});
        QCOMPARE(world.take(), Lines({"violation MQTT-3.2.0-2", "> DISCONNECT 82", "close"}));
    }

    void S121_a_takeover_is_told_and_advises_against_coming_back()
    {
        ClientWorld world;
        world.connect();
        world.publish(q1);
        world.take();
        world.receive(DisconnectPacket{ReasonCode::SessionTakenOver, {}});
        QCOMPARE(world.take(), Lines({"server left 8E", "close"}));
        world.cut();
        QCOMPARE(world.take(), Lines());
        QVERIFY(world.session.record && world.session.outbox.isInUse({1}));
        QVERIFY(!mayReconnectAfter(world.session.ending, Version::V5));
    }

    void S152_reconnects_under_the_assigned_identifier()
    {
        ClientWorld world;
        world.connect({.clientId = "", .sei = 60},
                      {.properties = {{PropertyId::AssignedClientIdentifier, QByteArray("X")}}});
        QCOMPARE(world.session.record->clientId, "X");
        world.cut();
        world.run(ReconnectCommand{});
        world.open();
        world.receive(Connack{.sessionPresent = true});
        QCOMPARE(world.take(), Lines({"open", "> CONNECT X cs=0", "resumed"}));
    }

    void S149_an_empty_identifier_is_answered_with_one()
    {
        ClientWorld world;
        world.run(Connect{.clientId = ""});
        world.open();
        world.take();
        world.receive(Connack{});
        QCOMPARE(world.take(), Lines({"violation MQTT-3.2.2-16", "> DISCONNECT 82", "close"}));
    }

    void another_identifier_abandons_the_session()
    {
        ClientWorld world;
        world.connect();
        world.publish(q1);
        world.cut();
        world.take();
        world.run(Connect{.clientId = "B", .cleanStart = false});
        world.open();
        QCOMPARE(world.take(), Lines({"open", "ended: clean start", "lost 1", "> CONNECT B cs=1"}));
    }

    void S174_keeps_clean_start_after_a_lost_connack()
    {
        ClientWorld world;
        world.run(Connect{});
        world.open();
        world.cut();
        world.take();
        world.run(Connect{.cleanStart = false});
        world.open();
        world.receive(Connack{});
        QCOMPARE(world.take(), Lines({"open", "> CONNECT A cs=1", "accepted"}));
        QVERIFY(!world.session.cleanStartOwed);
    }

    void S175_a_session_ended_by_its_client_is_never_resumed()
    {
        ClientWorld world;
        world.connect();
        world.run(DisconnectCommand{ReasonCode::Success, 0});
        world.cut();
        world.take();
        world.run(Connect{.cleanStart = false});
        world.open();
        QCOMPARE(world.take(), Lines({"open", "> CONNECT A cs=1"}));
    }

    void an_own_disconnect_overrides_the_expiry_data()
    {
        QTest::addColumn<quint32>("asked");
        QTest::addColumn<std::optional<quint32>>("answered");
        QTest::addColumn<std::optional<quint32>>("override");
        QTest::addColumn<int>("endsAfter"); // seconds; -1: at once, -2: never
        using Maybe = std::optional<quint32>;
        const Maybe no;
        QTest::newRow("as asked") << 300u << no << no << 300;
        QTest::newRow("as answered") << 300u << Maybe(60) << no << 60;
        QTest::newRow("answered 0") << 300u << Maybe(0) << no << -1;
        QTest::newRow("asked 0") << 0u << no << no << -1;
        QTest::newRow("S-21 shorter") << 300u << no << Maybe(10) << 10;
        QTest::newRow("S-22 at once") << 300u << no << Maybe(0) << -1;
        QTest::newRow("S-27 never") << 300u << no << Maybe(sessionNeverExpires) << -2;
        QTest::newRow("S-24 from 0") << 0u << no << Maybe(60) << -1;
        QTest::newRow("S-28 server said 0") << 300u << Maybe(0) << Maybe(60) << -1;
        QTest::newRow("S-29 server raised it") << 0u << Maybe(300) << Maybe(60) << 300;
    }
    void an_own_disconnect_overrides_the_expiry()
    {
        QFETCH(quint32, asked);
        QFETCH(std::optional<quint32>, answered);
        QFETCH(std::optional<quint32>, override);
        QFETCH(int, endsAfter);
        ClientWorld world;
        world.connect({.sei = asked}, {.properties = answered ? expiry(*answered) : Properties()});
        world.run(DisconnectCommand{ReasonCode::Success, override});
        world.cut();
        QCOMPARE(world.session.record.has_value(), endsAfter != -1);
        if (endsAfter > 0)
            QVERIFY(world.session.record->endsAt == world.now + std::chrono::seconds(endsAfter));
        if (endsAfter == -2)
            QVERIFY(!world.session.record->endsAt);
    }

    void clean_session_says_how_long_a_311_session_lives()
    {
        ClientWorld world;
        world.connect({.cleanStart = false, .version = Version::V311});
        world.cut();
        QVERIFY(world.session.record && !world.session.record->endsAt);
        world.connect({.cleanStart = true, .version = Version::V311});
        world.publish(q1);
        world.cut();
        QCOMPARE(world.take().mid(2), Lines({"ended: connection closed", "lost 1"}));
        world.run(ReconnectCommand{});
        world.open();
        QCOMPARE(world.take(), Lines({"open", "> CONNECT A cs=1"}));
    }

    void a_session_can_be_resumed_in_another_version()
    {
        ClientWorld world;
        world.connect();
        world.publish(q1);
        world.cut();
        world.take();
        world.run(Connect{.cleanStart = false, .version = Version::V311});
        world.open();
        world.receive(Connack{.sessionPresent = true});
        QCOMPARE(world.take(), Lines({"open", "> CONNECT A cs=0", "resumed", "> PUBLISH q1 #1 dup t x"}));
    }

    // It does not go on, so it keeps what it has [MQTT-3.2.2-5]; but the server may have begun anew, as at an attempt
    // that was never answered [D-39].
    void a_connack_refused_for_another_fault_leaves_the_session_in_doubt()
    {
        ClientWorld world;
        world.connect();
        world.publish(q2);
        world.cut();
        world.run(ReconnectCommand{});
        world.open();
        world.take();
        world.receive(Connack{.properties = {{PropertyId::ResponseInformation, QByteArray("r")}}});
        const Lines closing = world.take();
        QVERIFY(closing.contains("> DISCONNECT 82"));
        QVERIFY(std::ranges::none_of(closing, [](const QByteArray &line) { return line.startsWith("lost"); }));
        world.cut();
        QCOMPARE(world.session.outbox.size(), 1);
        world.run(ReconnectCommand{});
        world.open();
        world.take();
        world.receive(Connack{.sessionPresent = true});
        QVERIFY(world.session.record->inDoubt);
        QVERIFY(world.take().contains("> PUBLISH q2 #1 dup t x"));
    }
};

QTEST_APPLESS_MAIN(ClientConnectTest)
#include "tst_client_connect.moc"
