// The sender's row tables of session-semantics §6 and the quota of §7, and the scenarios that need nothing else.
#include "core/session/outbox.h"

#include <QTest>

#include <set>

using namespace sessionscope;
using What = AckOutcome::What;

Q_DECLARE_METATYPE(std::optional<sessionscope::ReasonCode>)

namespace {

constexpr auto success = ReasonCode::Success;
constexpr auto notAuthorized = ReasonCode::NotAuthorized;
constexpr auto notFound = ReasonCode::PacketIdentifierNotFound;

Delivery delivery(Qos qos)
{
    return {std::make_shared<Message>(), qos, false, {}};
}

PacketId send(Outbox &outbox, Qos qos = Qos::AtLeastOnce, quint64 token = 0)
{
    return outbox.open(delivery(qos), token, {}).packetId;
}

Outbox connectedOutbox(quint32 sendMaximum = 65'535)
{
    Outbox outbox;
    outbox.connected(sendMaximum);
    return outbox;
}

/// An outbox with one exchange, #1, in the given stage.
Outbox outboxAt(OutStage stage, quint32 sendMaximum = 65'535)
{
    Outbox outbox = connectedOutbox(sendMaximum);
    send(outbox, stage == OutStage::AwaitPuback ? Qos::AtLeastOnce : Qos::ExactlyOnce, 7);
    if (stage == OutStage::AwaitPubcomp)
        outbox.acknowledge(PacketType::Pubrec, {1}, success);
    return outbox;
}

void reconnect(Outbox &outbox, quint32 sendMaximum = 65'535)
{
    outbox.disconnected();
    outbox.connected(sendMaximum);
}

/// What may be resent now, as "P1 R2": PUBLISH #1, PUBREL #2.
QByteArray resends(Outbox &outbox)
{
    QByteArray text;
    while (const OpenExchange *row = outbox.nextResend()) {
        if (!text.isEmpty())
            text += ' ';
        text += row->stage == OutStage::AwaitPubcomp ? 'R' : 'P';
        text += QByteArray::number(row->packetId.value);
    }
    return text;
}

} // namespace

class OutboxTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void answers_every_acknowledgement_by_its_row_data()
    {
        using enum OutStage;
        using enum PacketType;
        QTest::addColumn<OutStage>("stage");
        QTest::addColumn<PacketType>("arrived");
        QTest::addColumn<ReasonCode>("reason");
        QTest::addColumn<What>("what");
        QTest::addColumn<std::optional<ReasonCode>>("pubrel");
        QTest::addColumn<quint32>("quotaAfter");

        const std::optional<ReasonCode> none;
        const std::optional<ReasonCode> release = success;
        const auto nobody = ReasonCode::NoMatchingSubscribers;
        QTest::newRow("puback") << AwaitPuback << Puback << success << What::Completed << none << 2u;
        QTest::newRow("puback 10") << AwaitPuback << Puback << nobody << What::Completed << none << 2u;
        QTest::newRow("puback 87") << AwaitPuback << Puback << notAuthorized << What::Completed << none << 2u;
        QTest::newRow("pubrec for q1") << AwaitPuback << Pubrec << success << What::WrongType << none << 1u;
        QTest::newRow("pubcomp for q1") << AwaitPuback << Pubcomp << success << What::WrongType << none << 1u;
        QTest::newRow("pubrec") << AwaitPubrec << Pubrec << success << What::Proceeds << release << 1u;
        QTest::newRow("pubrec 10") << AwaitPubrec << Pubrec << nobody << What::Proceeds << release << 1u;
        QTest::newRow("S-63 pubrec 87") << AwaitPubrec << Pubrec << notAuthorized << What::Completed << none << 2u;
        QTest::newRow("S-71 puback for q2") << AwaitPubrec << Puback << success << What::WrongType << none << 1u;
        QTest::newRow("pubcomp too early") << AwaitPubrec << Pubcomp << success << What::WrongType << none << 1u;
        QTest::newRow("S-66 pubrec again") << AwaitPubcomp << Pubrec << success << What::Proceeds << release << 1u;
        QTest::newRow("pubrec 87 late") << AwaitPubcomp << Pubrec << notAuthorized << What::Completed << none << 2u;
        QTest::newRow("pubcomp") << AwaitPubcomp << Pubcomp << success << What::Completed << none << 2u;
        QTest::newRow("pubcomp 92") << AwaitPubcomp << Pubcomp << notFound << What::Completed << none << 2u;
        QTest::newRow("puback for pubrel") << AwaitPubcomp << Puback << success << What::WrongType << none << 1u;
    }
    void answers_every_acknowledgement_by_its_row()
    {
        QFETCH(OutStage, stage);
        QFETCH(PacketType, arrived);
        QFETCH(ReasonCode, reason);
        QFETCH(What, what);
        QFETCH(std::optional<ReasonCode>, pubrel);
        QFETCH(quint32, quotaAfter);

        Outbox outbox = outboxAt(stage, 2);
        const AckOutcome outcome = outbox.acknowledge(arrived, {1}, reason);
        QCOMPARE(outcome.what, what);
        QVERIFY(outcome.pubrel == pubrel);
        QCOMPARE(outbox.quota(), quotaAfter);
        QCOMPARE(outbox.isInUse({1}), what != What::Completed);
        if (what == What::Completed)
            QCOMPARE(outcome.token, 7u);
        if (what == What::WrongType)
            QCOMPARE(outbox.find({1})->stage, stage);
    }

    void ignores_acknowledgements_of_unknown_ids()
    {
        Outbox outbox = connectedOutbox(2);
        for (const auto type : {PacketType::Puback, PacketType::Pubcomp}) {
            const AckOutcome outcome = outbox.acknowledge(type, {77}, success);
            QCOMPARE(outcome.what, What::Unmatched);
            QVERIFY(!outcome.pubrel);
        }
        QVERIFY(!outbox.acknowledge(PacketType::Pubrec, {77}, notAuthorized).pubrel);
        QCOMPARE(outbox.quota(), 2u);
        QCOMPARE(outbox.acknowledge(PacketType::Puback, {0}, success).what, What::Unmatched);
    }

    void S65_answers_pubrec_of_an_unknown_id_with_pubrel_92()
    {
        Outbox outbox = connectedOutbox();
        const AckOutcome outcome = outbox.acknowledge(PacketType::Pubrec, {9}, success);
        QCOMPARE(outcome.what, What::Unmatched);
        QVERIFY(outcome.pubrel == notFound);
    }

    void S63_a_refused_qos2_message_is_never_resent_and_its_id_can_be_used_again()
    {
        Outbox outbox = outboxAt(OutStage::AwaitPubrec, 1);
        outbox.acknowledge(PacketType::Pubrec, {1}, notAuthorized);
        QVERIFY(outbox.canSend());
        reconnect(outbox);
        QCOMPARE(resends(outbox), "");
        QVERIFY(!outbox.isInUse({1}));
    }

    void S49_resends_what_is_open_and_then_the_new_message()
    {
        Outbox outbox = connectedOutbox();
        for (int i = 0; i < 3; ++i)
            send(outbox);
        outbox.acknowledge(PacketType::Puback, {2}, success);
        reconnect(outbox);
        QVERIFY(!outbox.canSend());
        QCOMPARE(resends(outbox), "P1 P3");
        QVERIFY(outbox.canSend());
        QCOMPARE(send(outbox), PacketId{4});
    }

    void S50_resends_in_first_send_order_across_the_wrap_of_ids()
    {
        Outbox outbox = connectedOutbox();
        for (int id = 1; id <= 65'533; ++id) {
            send(outbox);
            outbox.acknowledge(PacketType::Puback, {quint16(id)}, success);
        }
        QCOMPARE(send(outbox), PacketId{65'534});
        QCOMPARE(send(outbox), PacketId{65'535});
        QCOMPARE(send(outbox), PacketId{1});
        reconnect(outbox);
        QCOMPARE(resends(outbox), "P65534 P65535 P1");
    }

    void S76_resends_a_mixed_lot_in_first_send_order()
    {
        Outbox outbox = connectedOutbox();
        send(outbox, Qos::AtLeastOnce);
        send(outbox, Qos::ExactlyOnce);
        send(outbox, Qos::ExactlyOnce);
        send(outbox, Qos::AtLeastOnce);
        outbox.acknowledge(PacketType::Pubrec, {2}, success);
        reconnect(outbox);
        QCOMPARE(resends(outbox), "P1 R2 P3 P4");
    }

    void resends_pubrels_in_the_order_of_the_pubrecs()
    {
        Outbox outbox = connectedOutbox();
        for (const auto qos : {Qos::ExactlyOnce, Qos::AtLeastOnce, Qos::ExactlyOnce, Qos::AtLeastOnce})
            send(outbox, qos);
        outbox.acknowledge(PacketType::Pubrec, {3}, success);
        outbox.acknowledge(PacketType::Pubrec, {1}, success);
        outbox.acknowledge(PacketType::Pubrec, {3}, success);
        reconnect(outbox);
        QCOMPARE(resends(outbox), "R3 P2 R1 P4");
    }

    void S79_resends_as_quota_allows_in_front_of_everything_new()
    {
        Outbox outbox = connectedOutbox(10);
        for (int i = 0; i < 5; ++i)
            send(outbox);
        reconnect(outbox, 2);
        QCOMPARE(resends(outbox), "P1 P2");
        for (quint16 id = 1; id <= 3; ++id) {
            outbox.acknowledge(PacketType::Puback, {id}, success);
            QVERIFY(!outbox.canSend());
            QCOMPARE(resends(outbox), "P" + QByteArray::number(id + 2));
        }
        QVERIFY(!outbox.canSend());
        outbox.acknowledge(PacketType::Puback, {4}, success);
        QVERIFY(outbox.canSend());
    }

    void S80_a_larger_quota_lets_new_messages_follow_at_once()
    {
        Outbox outbox = connectedOutbox(1);
        send(outbox);
        QVERIFY(!outbox.canSend());
        reconnect(outbox, 4);
        QCOMPARE(resends(outbox), "P1");
        for (int i = 0; i < 3; ++i) {
            QVERIFY(outbox.canSend());
            send(outbox);
        }
        QVERIFY(!outbox.canSend());
    }

    void S82_an_owed_pubrel_gives_back_no_quota_it_did_not_take()
    {
        Outbox outbox = outboxAt(OutStage::AwaitPubcomp);
        reconnect(outbox, 1);
        QCOMPARE(resends(outbox), "R1");
        QVERIFY(outbox.canSend());
        const PacketId second = send(outbox);
        outbox.acknowledge(PacketType::Pubcomp, {1}, success);
        QVERIFY(!outbox.canSend());
        outbox.acknowledge(PacketType::Puback, second, success);
        QVERIFY(outbox.canSend());
    }

    void pubrels_do_not_wait_for_quota()
    {
        Outbox outbox = connectedOutbox();
        for (const auto qos : {Qos::AtLeastOnce, Qos::AtLeastOnce, Qos::ExactlyOnce})
            send(outbox, qos);
        outbox.acknowledge(PacketType::Pubrec, {3}, success);
        reconnect(outbox, 1);
        QCOMPARE(resends(outbox), "P1 R3");
        outbox.acknowledge(PacketType::Puback, {1}, success);
        QCOMPARE(resends(outbox), "P2");
    }

    void S81_quota_of_a_qos2_message_comes_back_with_pubcomp()
    {
        Outbox outbox = connectedOutbox(1);
        send(outbox, Qos::ExactlyOnce);
        outbox.acknowledge(PacketType::Pubrec, {1}, success);
        QVERIFY(!outbox.canSend());
        outbox.acknowledge(PacketType::Pubcomp, {1}, success);
        QVERIFY(outbox.canSend());
    }

    void an_acknowledgement_before_its_resend_makes_the_resend_needless()
    {
        Outbox outbox = connectedOutbox();
        for (int i = 0; i < 3; ++i)
            send(outbox, Qos::ExactlyOnce);
        reconnect(outbox, 1);
        QCOMPARE(resends(outbox), "P1");
        outbox.acknowledge(PacketType::Pubrec, {2}, success);
        outbox.acknowledge(PacketType::Pubrec, {3}, notAuthorized);
        QCOMPARE(resends(outbox), "");
        outbox.acknowledge(PacketType::Pubrec, {1}, notAuthorized);
        QVERIFY(outbox.canSend());
    }

    void drops_an_exchange_after_its_resend_was_refused_locally()
    {
        Outbox outbox = connectedOutbox();
        send(outbox);
        send(outbox);
        reconnect(outbox, 1);
        outbox.drop(outbox.nextResend()->packetId);
        QVERIFY(!outbox.isInUse({1}));
        QCOMPARE(resends(outbox), "P2");
    }

    void S87_stops_at_65000_so_that_a_request_finds_an_id()
    {
        Outbox outbox = connectedOutbox();
        while (outbox.canSend())
            send(outbox);
        QCOMPARE(outbox.size(), maximumInFlight);
        const auto request = outbox.openRequest();
        QVERIFY(request);
        QVERIFY(!outbox.find(*request));
        QCOMPARE(outbox.acknowledge(PacketType::Puback, {42}, success).what, What::Completed);
        QVERIFY(!outbox.isInUse({42}));
        QCOMPARE(outbox.size(), maximumInFlight - 1);
        QVERIFY(outbox.canSend());
    }

    void S88_a_message_does_not_get_the_id_of_an_open_request()
    {
        Outbox outbox = connectedOutbox();
        QVERIFY(outbox.openRequest() == PacketId{1});
        QCOMPARE(send(outbox), PacketId{2});
        QCOMPARE(outbox.acknowledge(PacketType::Puback, {1}, success).what, What::WrongType);
        QVERIFY(outbox.closeRequest({1}));
        QVERIFY(!outbox.closeRequest({1}));
        QVERIFY(!outbox.closeRequest({2}));
    }

    void ids_of_requests_are_free_after_the_connection()
    {
        Outbox outbox = connectedOutbox();
        outbox.openRequest();
        reconnect(outbox);
        QVERIFY(!outbox.isInUse({1}));
    }

    void refuses_a_request_when_every_id_is_in_use()
    {
        Outbox outbox = connectedOutbox();
        for (int i = 0; i < 65'535; ++i)
            QVERIFY(outbox.openRequest());
        QVERIFY(!outbox.openRequest());
        QCOMPARE(outbox.nextId(), PacketId{});
        QVERIFY(!outbox.canSend());
        QVERIFY(outbox.closeRequest({500}));
        QVERIFY(outbox.openRequest() == PacketId{500});
    }

    void a_session_end_returns_everything_in_order_and_starts_the_ids_anew()
    {
        Outbox outbox = connectedOutbox();
        for (quint64 token = 1; token <= 100; ++token)
            send(outbox, Qos::AtLeastOnce, token);
        outbox.acknowledge(PacketType::Puback, {50}, success);
        const auto dropped = outbox.clear();
        QCOMPARE(dropped.size(), 99u);
        QCOMPARE(dropped.front().token, 1u);
        QCOMPARE(dropped[49].token, 51u);
        QVERIFY(outbox.isEmpty());
        outbox.connected(10);
        QCOMPARE(send(outbox), PacketId{1});
    }

    void sends_nothing_while_disconnected()
    {
        Outbox outbox = connectedOutbox();
        outbox.disconnected();
        QVERIFY(!outbox.canSend());
    }

    // Every third row, then from the back, then the rest: gaps, compaction and index have to agree with a plain set.
    void finds_each_row_whatever_the_order_of_acknowledgements()
    {
        Outbox outbox = connectedOutbox();
        std::set<quint16> open;
        for (int i = 0; i < 5'000; ++i)
            open.insert(send(outbox).value);
        const auto acknowledge = [&](quint16 id) {
            const auto expected = open.erase(id) ? What::Completed : What::Unmatched;
            return outbox.acknowledge(PacketType::Puback, {id}, success).what == expected;
        };
        for (quint16 id = 1; id <= 5'000; id += 3)
            QVERIFY(acknowledge(id));
        for (quint16 id = 5'000; id > 2'000; --id)
            QVERIFY(acknowledge(id));
        QCOMPARE(outbox.size(), qsizetype(open.size()));
        const auto rows = outbox.inOrder();
        QVERIFY(std::equal(rows.begin(), rows.end(), open.begin(), open.end(),
                           [](const OpenExchange *row, quint16 id) { return row->packetId.value == id; }));
        for (quint16 id = 1; id <= 2'000; ++id)
            QVERIFY(acknowledge(id));
        QVERIFY(outbox.isEmpty());
    }

    // A request takes an id out of the sequence, 1 follows on 65 535, and both with more rows than a scan is for.
    void finds_each_row_where_a_request_or_the_wrap_breaks_the_sequence_of_ids()
    {
        Outbox outbox = connectedOutbox();
        for (int id = 1; id <= 65'500; ++id) {
            send(outbox);
            outbox.acknowledge(PacketType::Puback, {quint16(id)}, success);
        }
        std::vector<PacketId> open;
        for (int i = 0; i < 200; ++i) {
            open.push_back(send(outbox));
            if (i == 100)
                QVERIFY(outbox.openRequest());
        }
        QCOMPARE(open.back(), PacketId{166});
        for (const PacketId id : open) {
            QVERIFY(outbox.find(id));
            QCOMPARE(outbox.find(id)->packetId, id);
        }
        QVERIFY(!outbox.find({65'500}));
        QVERIFY(!outbox.find({167}));
        for (auto id = open.rbegin(); id != open.rend(); ++id)
            QCOMPARE(outbox.acknowledge(PacketType::Puback, *id, success).what, What::Completed);
        QVERIFY(outbox.isEmpty());
    }

    void an_empty_outbox_is_small() { QVERIFY(sizeof(Outbox) <= 160); }
};

QTEST_APPLESS_MAIN(OutboxTest)
#include "tst_outbox.moc"
