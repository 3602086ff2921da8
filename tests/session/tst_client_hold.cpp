// Acknowledgements that wait for their release, and the order in which they leave.
#include "tests/session/client_world.h"

#include <QTest>

using namespace sessionscope;
using Lines = QByteArrayList;
using enum PacketType;

namespace {

/// Connected, these types held, nothing left to take.
ClientWorld holdingWorld(std::vector<PacketType> types, Properties asked = {})
{
    ClientWorld world;
    world.connect({.more = std::move(asked)});
    world.run(HoldAcknowledgements{std::move(types)});
    return world;
}

void release(ClientWorld &world, quint16 id, ReleaseOrder order = ReleaseOrder::AsDue)
{
    world.run(ReleaseAcknowledgements{PacketId{id}, order});
}

void receiveThree(ClientWorld &world, Qos qos)
{
    for (const quint16 id : {1, 2, 3})
        world.receivePublish(qos, id);
    world.take();
}

} // namespace

class ClientHoldTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // MQTT-4.6.0-2, v3:MQTT-4.6.0-2
    void S51_acknowledges_in_order_of_arrival_whatever_the_order_of_release()
    {
        ClientWorld world = holdingWorld({Puback});
        world.receivePublish(q1, 1);
        QCOMPARE(world.take(), Lines({"delivered t x", "PUBACK #1 held"}));
        world.receivePublish(q1, 2);
        world.receivePublish(q1, 3);
        world.take();
        release(world, 3);
        QCOMPARE(world.take(), Lines());
        release(world, 1);
        QCOMPARE(world.take(), Lines({"> PUBACK #1"}));
        release(world, 2);
        QCOMPARE(world.take(), Lines({"> PUBACK #2", "> PUBACK #3"}));
        QVERIFY(world.session.heldAcks.empty());
    }

    // MQTT-4.6.0-3, v3:MQTT-4.6.0-3
    void sends_pubrecs_in_order_of_their_publishes()
    {
        ClientWorld world = holdingWorld({Pubrec});
        receiveThree(world, q2);
        release(world, 2);
        QCOMPARE(world.take(), Lines());
        release(world, 1);
        QCOMPARE(world.take(), Lines({"> PUBREC #1", "> PUBREC #2"}));
    }

    // MQTT-4.6.0-4, v3:MQTT-4.6.0-4
    void sends_pubrels_in_order_of_their_pubrecs()
    {
        ClientWorld world = holdingWorld({Pubrel});
        publishQuietly(world, {q2, q2, q2});
        for (const quint16 id : {2, 1, 3})
            world.receiveAck(Pubrec, id);
        QCOMPARE(world.take(), Lines({"PUBREL #2 held", "PUBREL #1 held", "PUBREL #3 held"}));
        release(world, 1);
        QCOMPARE(world.take(), Lines());
        world.run(ReleaseAcknowledgements{});
        QCOMPARE(world.take(), Lines({"> PUBREL #2", "> PUBREL #1", "> PUBREL #3"}));
    }

    void lets_pubcomps_leave_in_any_order()
    {
        ClientWorld world = holdingWorld({Pubcomp});
        for (const quint16 id : {1, 2}) {
            world.receivePublish(q2, id);
            world.receiveAck(Pubrel, id);
        }
        world.take();
        release(world, 2);
        QCOMPARE(world.take(), Lines({"> PUBCOMP #2"}));
    }

    void breaks_the_order_when_asked_to()
    {
        ClientWorld world = holdingWorld({Puback});
        receiveThree(world, q1);
        release(world, 3, ReleaseOrder::AtOnce);
        release(world, 1);
        QCOMPARE(world.take(), Lines({"> PUBACK #3", "> PUBACK #1"}));
    }

    void keeps_what_is_no_longer_held_behind_what_is()
    {
        ClientWorld world = holdingWorld({Puback});
        world.receivePublish(q1, 1);
        world.run(HoldAcknowledgements{});
        world.receivePublish(q1, 2);
        world.receivePublish(q2, 3);
        QCOMPARE(world.take(), Lines({"delivered t x", "PUBACK #1 held", "delivered t x", "PUBACK #2 held",
                                      "delivered t x", "> PUBREC #3"}));
        release(world, 1);
        QCOMPARE(world.take(), Lines({"> PUBACK #1", "> PUBACK #2"}));
    }

    void counts_a_held_puback_against_the_receive_maximum()
    {
        ClientWorld world = holdingWorld({Puback}, receiveMaximum(2));
        world.receivePublish(q1, 1);
        world.receivePublish(q1, 2);
        QCOMPARE(world.session.inbox.openOnConnection(), 2u);
        release(world, 1);
        QCOMPARE(world.session.inbox.openOnConnection(), 1u);
        world.take();
        world.receivePublish(q1, 3);
        QCOMPARE(world.take(), Lines({"delivered t x", "PUBACK #3 held"}));
        world.receivePublish(q1, 4);
        QCOMPARE(world.take(), Lines({"violation MQTT-3.3.4-9", "> DISCONNECT 93", "close"}));
    }

    void drops_what_is_held_with_its_connection()
    {
        ClientWorld world = holdingWorld({Pubrec});
        world.receivePublish(q2, 7);
        world.resume();
        QVERIFY(world.session.heldAcks.empty());
        world.run(HoldAcknowledgements{});
        world.take();
        world.receivePublish(q2, 7, "x", true); // delivered before: not a second time
        QCOMPARE(world.take(), Lines({"> PUBREC #7"}));
    }

    void sends_a_held_pubrel_again_after_a_resume()
    {
        ClientWorld world = holdingWorld({Pubrel});
        publishQuietly(world, {q2});
        world.receiveAck(Pubrec, 1);
        world.run(HoldAcknowledgements{});
        world.resume();
        QCOMPARE(world.take(), Lines({"> PUBREL #1"}));
    }

    void refuses_what_cannot_be_held_or_released()
    {
        ClientWorld world = connectedWorld();
        world.run(HoldAcknowledgements{{Pingresp}});
        world.run(ReleaseAcknowledgements{});
        QCOMPARE(world.take(), Lines({"no: only PUBACK, PUBREC, PUBREL and PUBCOMP can be held",
                                      "no: no such acknowledgement is held"}));
    }
};

QTEST_APPLESS_MAIN(ClientHoldTest)
#include "tst_client_hold.moc"
