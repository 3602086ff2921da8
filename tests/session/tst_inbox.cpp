// The receiver's row table of session-semantics §6 and the count of §7.
#include "core/session/inbox.h"

#include <QTest>

using namespace sessionscope;
using Arrival = Inbox::Arrival;

namespace {

Inbox connectedInbox(quint32 receiveMaximum = 65'535)
{
    Inbox inbox;
    inbox.connected(receiveMaximum);
    return inbox;
}

Arrival arrive(Inbox &inbox, quint16 id)
{
    return inbox.arrivedQos2({id}, "t", {});
}

} // namespace

class InboxTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void S58_keeps_a_held_id_across_connections()
    {
        Inbox inbox = connectedInbox();
        QCOMPARE(arrive(inbox, 5), Arrival::New);
        inbox.connected(10);
        QCOMPARE(arrive(inbox, 5), Arrival::Repeat);
        QVERIFY(inbox.released({5}));
        QVERIFY(!inbox.isHeld({5}));
    }

    void S59_S60_repeats_are_never_new()
    {
        Inbox inbox = connectedInbox(1);
        QCOMPARE(arrive(inbox, 5), Arrival::New);
        for (int i = 0; i < 5; ++i)
            QCOMPARE(arrive(inbox, 5), Arrival::Repeat);
        QCOMPARE(inbox.openOnConnection(), 1u);
        QCOMPARE(inbox.heldCount(), 1);
    }

    void S61_a_release_of_a_free_id_is_told()
    {
        Inbox inbox = connectedInbox();
        QVERIFY(!inbox.released({7}));
        QVERIFY(!inbox.released({0}));
    }

    void S64_a_refused_id_is_free()
    {
        Inbox inbox = connectedInbox(1);
        QCOMPARE(arrive(inbox, 1), Arrival::New);
        inbox.refused({1});
        QCOMPARE(inbox.openOnConnection(), 0u);
        QCOMPARE(arrive(inbox, 1), Arrival::New);
    }

    void S70_a_released_id_is_a_new_message()
    {
        Inbox inbox = connectedInbox();
        arrive(inbox, 5);
        inbox.released({5});
        QCOMPARE(arrive(inbox, 5), Arrival::New);
    }

    void S83_refuses_more_than_announced_and_keeps_what_was_held()
    {
        Inbox inbox = connectedInbox(2);
        QCOMPARE(arrive(inbox, 1), Arrival::New);
        QCOMPARE(arrive(inbox, 2), Arrival::New);
        QCOMPARE(arrive(inbox, 3), Arrival::OverQuota);
        QVERIFY(inbox.isHeld({1}) && inbox.isHeld({2}) && !inbox.isHeld({3}));
    }

    void S84_a_repeat_is_not_counted_again()
    {
        Inbox inbox = connectedInbox(2);
        arrive(inbox, 1);
        arrive(inbox, 2);
        QCOMPARE(arrive(inbox, 2), Arrival::Repeat);
    }

    void S85_the_count_starts_anew_with_a_connection()
    {
        Inbox inbox = connectedInbox(2);
        arrive(inbox, 1);
        arrive(inbox, 2);
        inbox.connected(2);
        QCOMPARE(arrive(inbox, 3), Arrival::New);
        QCOMPARE(arrive(inbox, 4), Arrival::New);
        QCOMPARE(inbox.heldCount(), 4);
        QVERIFY(inbox.released({1}));
        QCOMPARE(inbox.openOnConnection(), 2u);
    }

    void counts_a_held_id_once_it_came_on_this_connection()
    {
        Inbox inbox = connectedInbox(2);
        arrive(inbox, 1);
        inbox.connected(1);
        QCOMPARE(arrive(inbox, 1), Arrival::Repeat);
        QCOMPARE(arrive(inbox, 2), Arrival::OverQuota);
        inbox.released({1});
        QCOMPARE(arrive(inbox, 2), Arrival::New);
    }

    void counts_qos1_until_it_is_answered()
    {
        Inbox inbox = connectedInbox(2);
        QCOMPARE(inbox.arrivedQos1({1}), Arrival::New);
        QCOMPARE(inbox.arrivedQos1({1}), Arrival::New);
        QCOMPARE(arrive(inbox, 2), Arrival::New);
        QCOMPARE(inbox.arrivedQos1({3}), Arrival::OverQuota);
        inbox.answeredQos1({1});
        inbox.answeredQos1({1});
        QCOMPARE(inbox.openOnConnection(), 1u);
        QCOMPARE(inbox.arrivedQos1({3}), Arrival::New);
    }

    void lists_held_ids_in_order_of_arrival()
    {
        Inbox inbox = connectedInbox();
        for (quint16 id = 1'000; id > 0; --id)
            arrive(inbox, id);
        for (quint16 id = 2; id <= 1'000; id += 2)
            QVERIFY(inbox.released({id}));
        const auto held = inbox.held();
        QCOMPARE(held.size(), 500u);
        QCOMPARE(held.front().packetId, PacketId{999});
        QCOMPARE(held.back().packetId, PacketId{1});
        QCOMPARE(held.back().topic, "t");
    }

    void a_session_end_frees_every_id()
    {
        Inbox inbox = connectedInbox(1);
        arrive(inbox, 9);
        inbox.clear();
        QCOMPARE(arrive(inbox, 9), Arrival::New);
    }

    void an_empty_inbox_is_small() { QVERIFY(sizeof(Inbox) <= 96); }
};

QTEST_APPLESS_MAIN(InboxTest)
#include "tst_inbox.moc"
