#include "core/trace/json.h"

#include <QJsonDocument>
#include <QTest>

#include <algorithm>

using namespace sessionscope;
using namespace std::chrono_literals;

namespace {

Delivery deliveryOf(const QByteArray &topic, Qos qos)
{
    auto message = std::make_shared<Message>();
    message->topic = topic;
    message->payload = "12345";
    message->qos = qos;
    return {message, qos, false, {}};
}

ServerSession &addSession(Broker &broker, const QByteArray &clientId, int queued = 0)
{
    auto session = std::make_unique<ServerSession>();
    session->clientId = clientId;
    session->messages = std::make_unique<SessionMessages>();
    for (int i = 0; i < queued; ++i)
        session->messages->queue.append({deliveryOf("t", Qos::AtLeastOnce).message, {}, {}, Qos::AtLeastOnce, false});
    return **broker.sessions.insert(std::move(session)).first;
}

QByteArray foreignId(qsizetype i)
{
    return "a" + QByteArray::number(i).rightJustified(4, '0');
}

} // namespace

class TestSessionView : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void shows_open_exchanges_in_first_send_order()
    {
        ClientSession session;
        session.outbox.connected(10);
        session.outbox.open(deliveryOf("one", Qos::AtLeastOnce), 1, Instant(1s));
        session.outbox.open(deliveryOf("two", Qos::ExactlyOnce), 2, Instant(2s));
        session.outbox.acknowledge(PacketType::Pubrec, PacketId{2}, ReasonCode::Success);
        const ClientView view = viewOf(session);
        QCOMPARE(view.sentTotal, 2);
        QCOMPARE(view.sent.size(), 2);
        QCOMPARE(view.sent.at(0).topic, QByteArray("one"));
        QCOMPARE(view.sent.at(0).waitsFor, PacketType::Puback);
        QCOMPARE(view.sent.at(0).payloadSize, 5);
        QCOMPARE(view.sent.at(1).waitsFor, PacketType::Pubcomp);
        QCOMPARE(view.sent.at(1).since, Instant(2s));
        QCOMPARE(view.flow.sendMaximum, 10u);
        QCOMPARE(view.flow.sendQuota, 8u);
    }

    void shows_held_ids_and_messages_never_sent()
    {
        ClientSession session;
        session.inbox.connected(5);
        session.inbox.arrivedQos2(PacketId{9}, "in", Instant(3s));
        session.neverSent.push_back({PublishToken{1}, deliveryOf("later", Qos::AtLeastOnce), Instant(4s)});
        const ClientView view = viewOf(session);
        QCOMPARE(view.held, (QList<HeldView>{{PacketId{9}, "in", Instant(3s)}}));
        QCOMPARE(view.neverSentTotal, 1);
        QCOMPARE(view.neverSent.at(0).topic, QByteArray("later"));
        QCOMPARE(view.flow.receiveOpen, 1u);
    }

    void cuts_long_lists_and_keeps_their_totals()
    {
        ClientSession session;
        for (int i = 0; i < viewRowLimit + 7; ++i)
            session.neverSent.push_back({PublishToken{1}, deliveryOf("t", Qos::AtLeastOnce), {}});
        const ClientView view = viewOf(session);
        QCOMPARE(view.neverSent.size(), viewRowLimit);
        QCOMPARE(view.neverSentTotal, viewRowLimit + 7);
    }

    void blanks_what_is_secret()
    {
        ClientSession session;
        session.connect.userName = "alice";
        session.connect.password = "s3cret-word";
        session.connect.properties.add(PropertyId::AuthenticationData, QByteArray("s3cret-data"));
        const ClientView view = viewOf(session);
        QCOMPARE(view.connect.userName, QByteArray("alice"));
        QVERIFY(view.connect.password.has_value());
        QVERIFY(view.connect.password->isEmpty());
        QVERIFY(!view.connect.properties.contains(PropertyId::AuthenticationData));
    }

    void spends_the_row_budget_once()
    {
        ServerSession session;
        session.clientId = "s";
        session.messages = std::make_unique<SessionMessages>();
        for (int i = 0; i < 20; ++i)
            session.messages->queue.append(
                {deliveryOf("t", Qos::AtLeastOnce).message, {}, {}, Qos::AtLeastOnce, false});
        qsizetype budget = 30;
        QCOMPARE(viewOf(session, budget).queued.size(), 20);
        const ServerSessionView second = viewOf(session, budget);
        QCOMPARE(second.queued.size(), 10);
        QCOMPARE(second.queuedTotal, 20);
        QCOMPARE(second.queuedByQos[1], 20);
        QCOMPARE(budget, 0);
    }

    void has_the_sessions_of_own_clients_wherever_they_stand()
    {
        Broker broker;
        for (qsizetype i = 0; i < viewRowLimit; ++i)
            addSession(broker, foreignId(i));
        for (const char *clientId : {"plant-7", "plant-8", "zone-1"})
            addSession(broker, clientId);
        const BrokerView foreign = viewOf(broker);
        QCOMPARE(foreign.sessions.size(), viewRowLimit);
        QCOMPARE(foreign.sessionsTotal, viewRowLimit + 3);
        QVERIFY(!foreign.hasAll());

        const BrokerView view = viewOf(broker, {"zone-1", "plant-7", foreignId(3), "away"});
        QCOMPARE(view.sessions.size(), viewRowLimit + 2);
        QCOMPARE(view.sessions.at(3).clientId, foreignId(3));
        QCOMPARE(view.sessions.at(viewRowLimit).clientId, QByteArray("plant-7"));
        QCOMPARE(view.sessions.last().clientId, QByteArray("zone-1"));
        QVERIFY(std::ranges::is_sorted(view.sessions, {}, &ServerSessionView::clientId));
    }

    void gives_the_rows_to_the_sessions_of_own_clients_first()
    {
        Broker broker;
        for (qsizetype i = 0; i <= viewRowBudget / viewRowLimit; ++i)
            addSession(broker, foreignId(i), int(viewRowLimit));
        addSession(broker, "plant-7", 5);
        QVERIFY(viewOf(broker).sessions.last().queued.isEmpty());
        const BrokerView view = viewOf(broker, {"plant-7"});
        QVERIFY(view.hasAll());
        QCOMPARE(view.sessions.last().queued.size(), 5);
    }

    void tells_a_deadline_as_the_seconds_left()
    {
        ClientView view;
        view.record = ClientSessionRecord{"door", Version::V5, 3600, Instant(0s), Instant(100s), 1};
        const QJsonObject session = toJson(view, Instant(40s)).value(QStringLiteral("session")).toObject();
        QCOMPARE(session.value(QStringLiteral("ends_in")).toDouble(), 60.0);
        QCOMPARE(session.value(QStringLiteral("session_expiry_interval")).toInt(), 3600);
        view.record->sessionExpiryInterval = sessionNeverExpires;
        view.record->endsAt.reset();
        const QJsonObject forever = toJson(view, Instant(40s)).value(QStringLiteral("session")).toObject();
        QCOMPARE(forever.value(QStringLiteral("session_expiry_interval")).toString(), QStringLiteral("never"));
        QVERIFY(forever.value(QStringLiteral("ends_in")).isNull());
    }
};

QTEST_APPLESS_MAIN(TestSessionView)
#include "tst_session_view.moc"
