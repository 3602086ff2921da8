// What can be asked of the state of client, server session and broker.
#include "core/scenario/fact.h"

namespace sessionscope {

namespace {

FactValue number(qsizetype value)
{
    return qint64(value);
}

FactValue seconds(quint32 value)
{
    return value == sessionNeverExpires ? Duration::max() : Duration(std::chrono::seconds(value));
}

QByteArrayList filtersOf(const QList<SubscriptionView> &subscriptions)
{
    QByteArrayList filters;
    for (const SubscriptionView &one : subscriptions)
        filters << one.filter;
    return filters;
}

/// Identifiers of the exchanges, in their order.
QByteArrayList idsOf(const QList<ExchangeView> &exchanges)
{
    QByteArrayList ids;
    for (const ExchangeView &one : exchanges)
        ids << QByteArray::number(one.packetId.value);
    return ids;
}

FactValue untilEnd(const std::optional<Instant> &endsAt, Instant now, quint32 expiry, bool isEnding)
{
    if (endsAt)
        return *endsAt - now;
    return isEnding && expiry == sessionNeverExpires ? FactValue(Duration::max()) : FactValue();
}

template<class Get> auto ofServer(Get get)
{
    return [get](const ServerMoment &moment) -> FactValue {
        return moment.view ? FactValue(get(*moment.view, moment.at)) : FactValue();
    };
}

template<class Get> auto ofClient(Get get)
{
    return [get](const ClientMoment &moment) -> FactValue {
        return moment.view ? FactValue(get(*moment.view, moment.at)) : FactValue();
    };
}

template<class Get> auto ofBroker(Get get)
{
    return [get](const BrokerMoment &moment) -> FactValue {
        return moment.view ? FactValue(get(*moment.view)) : FactValue();
    };
}

} // namespace

QByteArray connectionWord(ClientConnection connection)
{
    switch (connection) {
    case ClientConnection::Opening:
    case ClientConnection::AwaitConnack:
        return "connecting";
    case ClientConnection::Connected:
        return "connected";
    case ClientConnection::Closing:
        return "closing";
    case ClientConnection::Closed:
        break;
    }
    return "closed";
}

const FactRows<ClientMoment> &clientFacts()
{
    static const FactRows<ClientMoment> rows{
        {QStringLiteral("connection"),
         FactType::Words,
         QStringLiteral("whether it is connected"),
         ofClient([](const ClientView &view, Instant) { return FactValue(connectionWord(view.connection)); }),
         {QStringLiteral("closed"), QStringLiteral("connecting"), QStringLiteral("connected"),
          QStringLiteral("closing")}},
        {QStringLiteral("session"), FactType::Flag, QStringLiteral("whether it remembers a session"),
         ofClient([](const ClientView &view, Instant) { return FactValue(view.record.has_value()); })},
        {QStringLiteral("client_id"), FactType::Text, QStringLiteral("the Client Identifier, assigned or its own"),
         ofClient([](const ClientView &view, Instant) {
             return FactValue(view.record ? view.record->clientId : view.connect.clientId);
         })},
        {QStringLiteral("expires_in"), FactType::Time, QStringLiteral("until it forgets its session"),
         ofClient([](const ClientView &view, Instant now) {
             const bool isClosed = view.connection == ClientConnection::Closed;
             return view.record ? untilEnd(view.record->endsAt, now, view.record->sessionExpiryInterval, isClosed)
                                : FactValue();
         })},
        {QStringLiteral("expiry"), FactType::Time, QStringLiteral("the Session Expiry Interval in force"),
         ofClient([](const ClientView &view, Instant) {
             return view.record ? seconds(view.record->sessionExpiryInterval) : FactValue();
         })},
        {QStringLiteral("inflight_out"), FactType::Number,
         QStringLiteral("QoS 1 and 2 messages it sent that are not completed"),
         ofClient([](const ClientView &view, Instant) { return number(view.sentTotal); })},
        {QStringLiteral("inflight_ids"), FactType::Texts, QStringLiteral("their Packet Identifiers"),
         ofClient([](const ClientView &view, Instant) { return FactValue(idsOf(view.sent)); })},
        {QStringLiteral("awaiting_rel"), FactType::Number,
         QStringLiteral("QoS 2 messages it received that wait for PUBREL"),
         ofClient([](const ClientView &view, Instant) { return number(view.heldTotal); })},
        {QStringLiteral("waiting"), FactType::Number, QStringLiteral("messages that it has not sent yet"),
         ofClient([](const ClientView &view, Instant) { return number(view.neverSentTotal); })},
        {QStringLiteral("subscriptions"), FactType::Number, QStringLiteral("that it asked for and was granted"),
         ofClient([](const ClientView &view, Instant) { return number(view.subscriptions.size()); })},
        {QStringLiteral("filters"), FactType::Texts, QStringLiteral("of these"),
         ofClient([](const ClientView &view, Instant) { return FactValue(filtersOf(view.subscriptions)); })},
        {QStringLiteral("held_acks"), FactType::Number, QStringLiteral("acknowledgements held back"),
         ofClient([](const ClientView &view, Instant) { return number(view.heldAcksTotal); })},
        {QStringLiteral("delivered"), FactType::Number, QStringLiteral("messages handed to the application so far"),
         ofClient([](const ClientView &view, Instant) { return number(qsizetype(view.delivered)); })},
        {QStringLiteral("send_quota"), FactType::Number, QStringLiteral("QoS 1 and 2 messages it may still send"),
         ofClient([](const ClientView &view, Instant) { return number(view.flow.sendQuota); })},
        {QStringLiteral("reconnects_in"), FactType::Time, QStringLiteral("until it comes back by itself"),
         ofClient([](const ClientView &view, Instant now) {
             return view.reconnectAt ? FactValue(*view.reconnectAt - now) : FactValue();
         })},
        {QStringLiteral("reconnect_attempts"), FactType::Number, QStringLiteral("in a row"),
         ofClient([](const ClientView &view, Instant) { return number(view.reconnectAttempts); })},
    };
    return rows;
}

const FactRows<ServerMoment> &serverFacts()
{
    static const FactRows<ServerMoment> rows{
        {QStringLiteral("state"),
         FactType::Words,
         QStringLiteral("active while connected; none when there is no session"),
         [](const ServerMoment &moment) -> FactValue {
             if (!moment.view)
                 return QByteArray("none");
             return moment.view->connected ? QByteArray("active") : QByteArray("inactive");
         },
         {QStringLiteral("active"), QStringLiteral("inactive"), QStringLiteral("none")}},
        {QStringLiteral("expires_in"), FactType::Time, QStringLiteral("until the session ends, once disconnected"),
         ofServer([](const ServerSessionView &view, Instant now) {
             return untilEnd(view.endsAt, now, view.sessionExpiryInterval, !view.connected);
         })},
        {QStringLiteral("expiry"), FactType::Time, QStringLiteral("the Session Expiry Interval in force"),
         ofServer([](const ServerSessionView &view, Instant) { return seconds(view.sessionExpiryInterval); })},
        {QStringLiteral("subscriptions"), FactType::Number, QStringLiteral("how many"),
         ofServer([](const ServerSessionView &view, Instant) { return number(view.subscriptionsTotal); })},
        {QStringLiteral("filters"), FactType::Texts, QStringLiteral("of the subscriptions"),
         ofServer([](const ServerSessionView &view, Instant) { return FactValue(filtersOf(view.subscriptions)); })},
        {QStringLiteral("subscription_identifiers"), FactType::Texts, QStringLiteral("of those that have one"),
         ofServer([](const ServerSessionView &view, Instant) {
             QByteArrayList ids;
             for (const SubscriptionView &one : view.subscriptions) {
                 if (one.identifier)
                     ids << QByteArray::number(*one.identifier);
             }
             return FactValue(ids);
         })},
        {QStringLiteral("inflight_out"), FactType::Number,
         QStringLiteral("QoS 1 and 2 messages sent to the client that are not completed"),
         ofServer([](const ServerSessionView &view, Instant) { return number(view.sentTotal); })},
        {QStringLiteral("inflight_ids"), FactType::Texts, QStringLiteral("their Packet Identifiers"),
         ofServer([](const ServerSessionView &view, Instant) { return FactValue(idsOf(view.sent)); })},
        {QStringLiteral("awaiting_rel"), FactType::Number,
         QStringLiteral("QoS 2 messages received from the client that wait for PUBREL"),
         ofServer([](const ServerSessionView &view, Instant) { return number(view.heldTotal); })},
        {QStringLiteral("mqueue"), FactType::Number, QStringLiteral("messages that wait for delivery"),
         ofServer([](const ServerSessionView &view, Instant) { return number(view.queuedTotal); })},
        {QStringLiteral("mqueue_qos0"), FactType::Number, QStringLiteral("those of QoS 0"),
         ofServer([](const ServerSessionView &view, Instant) { return number(view.queuedByQos[0]); })},
        {QStringLiteral("mqueue_qos1"), FactType::Number, QStringLiteral("those of QoS 1"),
         ofServer([](const ServerSessionView &view, Instant) { return number(view.queuedByQos[1]); })},
        {QStringLiteral("mqueue_qos2"), FactType::Number, QStringLiteral("those of QoS 2"),
         ofServer([](const ServerSessionView &view, Instant) { return number(view.queuedByQos[2]); })},
        {QStringLiteral("dropped"), FactType::Number, QStringLiteral("messages that were dropped"),
         ofServer([](const ServerSessionView &view, Instant) { return number(qsizetype(view.dropped)); })},
        {QStringLiteral("will"), FactType::Flag, QStringLiteral("whether a will is kept"),
         ofServer([](const ServerSessionView &view, Instant) { return FactValue(view.will.has_value()); })},
        {QStringLiteral("will_in"), FactType::Time, QStringLiteral("until the will is published, once disconnected"),
         ofServer([](const ServerSessionView &view, Instant now) {
             return view.will && view.will->dueAt ? FactValue(*view.will->dueAt - now) : FactValue();
         })},
        {QStringLiteral("send_quota"), FactType::Number, QStringLiteral("QoS 1 and 2 messages it may still be sent"),
         ofServer([](const ServerSessionView &view, Instant) { return number(view.flow.sendQuota); })},
    };
    return rows;
}

const FactRows<BrokerMoment> &brokerFacts()
{
    using View = BrokerView;
    static const FactRows<BrokerMoment> rows{
        {QStringLiteral("sessions"), FactType::Number, QStringLiteral("that it keeps"),
         ofBroker([](const View &view) { return number(view.sessionsTotal); })},
        {QStringLiteral("connected"), FactType::Number, QStringLiteral("sessions whose client is connected"),
         ofBroker([](const View &view) { return number(view.connectedTotal); })},
        {QStringLiteral("queued"), FactType::Number, QStringLiteral("messages that wait in all sessions"),
         ofBroker([](const View &view) { return number(view.queuedTotal); })},
        {QStringLiteral("retained"), FactType::Number, QStringLiteral("retained messages"),
         ofBroker([](const View &view) { return number(view.retainedTotal); })},
        {QStringLiteral("expired"), FactType::Number, QStringLiteral("sessions that ended by their expiry"),
         ofBroker([](const View &view) { return number(qsizetype(view.counters.sessionsExpired)); })},
        {QStringLiteral("dropped"), FactType::Number, QStringLiteral("messages that were dropped"),
         ofBroker([](const View &view) { return number(qsizetype(view.counters.messagesDropped)); })},
        {QStringLiteral("received"), FactType::Number, QStringLiteral("messages that clients published"),
         ofBroker([](const View &view) { return number(qsizetype(view.counters.messagesReceived)); })},
        {QStringLiteral("delivered"), FactType::Number, QStringLiteral("messages sent to clients"),
         ofBroker([](const View &view) { return number(qsizetype(view.counters.messagesDelivered)); })},
        {QStringLiteral("refused"), FactType::Number, QStringLiteral("connections refused"),
         ofBroker([](const View &view) { return number(qsizetype(view.counters.connectionsRefused)); })},
        {QStringLiteral("store_works"), FactType::Flag, QStringLiteral("whether its store takes writes"),
         ofBroker([](const View &view) { return FactValue(view.store == StoreState::Working); })},
    };
    return rows;
}

} // namespace sessionscope
