// A client that ends and begins again: with its state kept, as a store keeps it, or without. The state is a value, so a
// restart is a copy of it that finds its connection gone. Also what follows a server's DISCONNECT.
#include "tests/session/client_world.h"

#include <QTest>

using namespace sessionscope;
using namespace std::chrono_literals;
using Lines = QByteArrayList;
using PacketType::Pubrec;

namespace {

/// The process ends at this instant and begins again with what was kept of its session.
ClientWorld restartedFrom(const ClientSession &kept, Instant now)
{
    ClientWorld world;
    world.session = kept;
    world.now = now;
    world.cut();
    world.take();
    return world;
}

void comeBack(ClientWorld &world, const Connack &connack)
{
    world.run(ReconnectCommand{});
    world.open();
    world.take();
    world.receive(connack);
}

} // namespace

class ClientRestartsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void S165_discards_and_subscribes_again_when_the_server_restarted_empty()
    {
        ClientWorld world;
        world.session.policy.resubscribeWhenFresh = true;
        world.connect();
        world.run(SubscribeCommand{{{"t", {}}}, {}});
        world.receive(SubackPacket{{1}, {}, {ReasonCode::Success}});
        publishQuietly(world, {q1});
        world.cut();
        world.take();
        comeBack(world, {});
        QCOMPARE(world.take(), Lines({"ended: not present", "lost 1", "accepted", "> SUBSCRIBE #1 t"}));
    }

    void S166_a_kept_id_is_not_delivered_a_second_time()
    {
        ClientWorld before;
        before.connect();
        before.receivePublish(q2, 9);
        QCOMPARE(before.take(), Lines({"delivered t x", "> PUBREC #9"}));
        ClientWorld world = restartedFrom(before.session, before.now);
        comeBack(world, {.sessionPresent = true});
        world.receivePublish(q2, 9, "x", true);
        QCOMPARE(world.take(), Lines({"resumed", "> PUBREC #9"}));
    }

    void S167_without_its_state_it_does_not_take_up_a_session()
    {
        ClientWorld world;
        world.run(Connect{.cleanStart = false});
        world.open();
        // It knows of no session, so it asks for none; a server that has one all the same is not believed.
        QCOMPARE(world.take(), Lines({"open", "> CONNECT A cs=1"}));
        world.receive(Connack{.sessionPresent = true});
        QCOMPARE(world.take(), Lines({"violation MQTT-3.2.2-2", "> DISCONNECT 82", "close"}));

        ClientWorld old;
        old.run(Connect{.cleanStart = false, .version = Version::V311});
        old.open();
        old.take();
        old.receive(Connack{.sessionPresent = true});
        QCOMPARE(old.take().last(), "close");
    }

    void S168_a_kept_pubrec_is_answered_by_pubrel_alone()
    {
        ClientWorld before;
        before.connect();
        publishQuietly(before, {q2});
        before.receiveAck(Pubrec, 1);
        // The PUBREL was decided and never left.
        ClientWorld world = restartedFrom(before.session, before.now);
        comeBack(world, {.sessionPresent = true});
        QCOMPARE(world.take(), Lines({"resumed", "> PUBREL #1"}));
    }

    void S169_a_redirected_client_resumes_or_discards_as_session_present_says()
    {
        for (const bool present : {true, false}) {
            ClientWorld world;
            world.connect();
            publishQuietly(world, {q1});
            world.receive(
                DisconnectPacket{ReasonCode::UseAnotherServer, {{PropertyId::ServerReference, QByteArray("b:1883")}}});
            QVERIFY(world.take().contains("close"));
            QVERIFY(world.session.outbox.isInUse({1}));
            world.cut();
            world.take();
            comeBack(world, {.sessionPresent = present});
            QCOMPARE(world.take(), present ? Lines({"resumed", "> PUBLISH q1 #1 dup t x"})
                                           : Lines({"ended: not present", "lost 1", "accepted"}));
        }
    }

    void S178_a_message_written_after_the_servers_disconnect_is_sent_again()
    {
        ClientWorld world;
        world.connect();
        publishQuietly(world, {q1});
        world.receive(DisconnectPacket{ReasonCode::ServerShuttingDown, {}});
        QCOMPARE(world.take(), Lines({"server left 8B", "close"}));
        world.cut();
        world.take();
        comeBack(world, {.sessionPresent = true});
        QCOMPARE(world.take(), Lines({"resumed", "> PUBLISH q1 #1 dup t x"}));
    }
};

QTEST_APPLESS_MAIN(ClientRestartsTest)
#include "tst_client_restarts.moc"
