// What a client of the lab does with the help of its driver: authenticate by a method, and follow a server's pointer.
#include "tests/lab/world.h"

#include "core/trace/text.h"

#include <QTest>

using namespace sessionscope;
using namespace std::chrono_literals;

namespace {

const Authentication riddle{.method = "riddle", .script = {"hello", "42"}};

/// A client with these ways, added and not connected.
ClientKey addClient(World &world, const ClientPolicy &policy, const std::optional<Authentication> &authentication = {})
{
    const ClientKey key = world.addClient("A");
    world.submit(ConfigureClient{key, policy, authentication});
    return key;
}

void giveRiddle(World &world, const QByteArray &response)
{
    world.driver().lab().broker.access.authentications = {
        {"riddle", scriptedMethod({{"what is six by seven?", response}})}};
}

QList<TraceRecord> recordsOf(const World &world)
{
    QList<TraceRecord> records;
    const Trace &trace = world.lab().trace;
    for (TraceSeq seq = trace.first(); seq <= trace.last(); ++seq.value)
        records.append(*trace.record(seq));
    return records;
}

/// Where the client's links were opened to, in order.
QStringList openings(const World &world, ClientKey client)
{
    QStringList urls;
    for (const TraceRecord &record : recordsOf(world)) {
        const auto *link = std::get_if<LinkTrace>(&record.what);
        if (link && link->change == LinkChange::Opening && record.client == client)
            urls << link->detail;
    }
    return urls;
}

} // namespace

class ClientWaysTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // MQTT-4.12.0-2, MQTT-4.12.0-3
    void authenticates_by_its_script_and_again_on_demand()
    {
        World world;
        giveRiddle(world, "42");
        const ClientKey a = addClient(world, {}, riddle);
        const auto connack = world.connect(a);
        QVERIFY(connack && connack->reason == 0);
        QCOMPARE(world.view(a).connection, ClientConnection::Connected);

        world.mark();
        world.submit(ClientDo{a, ReauthenticateCommand{}});
        QCOMPARE(world.view(a).connection, ClientConnection::Connected);
        const auto answers = world.packets(a, Direction::Received);
        QCOMPARE(answers.last().as<AuthPacket>()->reason, ReasonCode::Success);
    }

    void is_refused_when_its_answer_is_wrong()
    {
        World world;
        giveRiddle(world, "43");
        const ClientKey a = addClient(world, {}, riddle);
        const auto connack = world.connect(a);
        QVERIFY(connack);
        QCOMPARE(ReasonCode(connack->reason), ReasonCode::NotAuthorized);
    }

    void closes_when_nobody_knows_its_method()
    {
        World world;
        const ClientKey a = addClient(world, {}, Authentication{.method = "unknown"});
        QVERIFY(!world.connect(a));
        QCOMPARE(world.view(a).connection, ClientConnection::Closed);
    }

    void shows_no_secret_in_its_trace_or_view()
    {
        World world;
        giveRiddle(world, "42");
        const ClientKey a = addClient(world, {}, Authentication{.method = "riddle", .script = {"s3cret", "42"}});
        world.connect(a);
        for (const TraceRecord &record : recordsOf(world))
            QVERIFY2(!eventText(record).contains(QStringLiteral("s3cret")), qPrintable(eventText(record)));
        QVERIFY(!world.view(a).connect.properties.contains(PropertyId::AuthenticationData));
    }

    void goes_to_another_server_once_or_for_good_data()
    {
        QTest::addColumn<ReasonCode>("reason");
        QTest::addColumn<QString>("third");
        QTest::newRow("once") << ReasonCode::UseAnotherServer << QStringLiteral("mqtt://127.0.0.1:1883");
        QTest::newRow("for good") << ReasonCode::ServerMoved << QStringLiteral("mqtt://b:1883");
    }

    void goes_to_another_server_once_or_for_good()
    {
        QFETCH(ReasonCode, reason);
        QFETCH(QString, third);
        World world;
        const ClientKey a = addClient(world, {.followRedirects = true});
        world.connect(a);
        world.submit(BrokerDo{KickClient{"A", reason, "b:1883 c:1883"}});
        QCOMPARE(world.view(a).connection, ClientConnection::Connected);
        QVERIFY(world.view(a).connack->sessionPresent);
        QCOMPARE(world.view(a).broker, QStringLiteral("mqtt://b:1883"));
        world.cut(a);
        world.reconnect(a);
        QCOMPARE(openings(world, a),
                 QStringList({QStringLiteral("mqtt://127.0.0.1:1883"), QStringLiteral("mqtt://b:1883"), third}));
    }

    void tells_its_user_what_it_sends_against_the_standard()
    {
        World world;
        const ClientKey a = world.addConnected("A");
        const TraceSeq before = world.lab().trace.last();
        world.publish(a, "no/+/topic", Qos::AtMostOnce);
        bool told = false;
        for (const TraceRecord &record : recordsOf(world)) {
            const auto *finding = std::get_if<FindingTrace>(&record.what);
            if (!finding || record.role != Role::Client || record.seq <= before)
                continue;
            told = true;
            QCOMPARE(finding->finding.statement, "MQTT-3.3.2-2");
            QCOMPARE(finding->finding.blame, Sender::Client);
            const TraceRecord cause = *world.lab().trace.record(record.cause);
            const auto *packet = std::get_if<PacketTrace>(&cause.what);
            QVERIFY(packet && packet->direction == Direction::Sent);
        }
        QVERIFY(told);
    }

    void comes_back_after_a_cut_and_is_resumed()
    {
        World world;
        const ClientKey a = addClient(world, {.reconnect = {.automatic = true}});
        world.connect(a);
        world.subscribe(a, "t", Qos::AtLeastOnce);
        world.cut(a);
        QVERIFY(world.view(a).reconnectAt);
        world.advance(1s);
        QCOMPARE(world.view(a).connection, ClientConnection::Connected);
        QVERIFY(world.view(a).connack->sessionPresent);
    }

    // [D-33]
    void two_clients_of_one_identifier_do_not_take_turns()
    {
        World world;
        const ClientKey first = addClient(world, {.reconnect = {.automatic = true}});
        world.connect(first);
        const ClientKey second = addClient(world, {.reconnect = {.automatic = true}});
        world.connect(second, {.cleanStart = false});
        world.advance(10min);
        QCOMPARE(world.view(first).connection, ClientConnection::Closed);
        QCOMPARE(world.view(second).connection, ClientConnection::Connected);
    }

    // [D-33], the switch
    void a_client_that_is_told_to_comes_back_after_a_takeover()
    {
        World world;
        const ClientKey first = addClient(world, {.reconnect = {.automatic = true, .afterTakeover = true}});
        world.connect(first);
        const ClientKey second = addClient(world, {.reconnect = {.automatic = true}});
        world.connect(second, {.cleanStart = false});
        QVERIFY(world.view(first).reconnectAt);
        world.advance(1s);
        QCOMPARE(world.view(first).connection, ClientConnection::Connected);
        QCOMPARE(world.view(second).connection, ClientConnection::Closed);
    }
};

QTEST_APPLESS_MAIN(ClientWaysTest)
#include "tst_client_ways.moc"
