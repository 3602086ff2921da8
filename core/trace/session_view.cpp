#include "core/trace/session_view.h"

#include <map>

namespace sessionscope {

namespace {

PacketType awaitedBy(OutStage stage)
{
    switch (stage) {
    case OutStage::AwaitPuback:
        return PacketType::Puback;
    case OutStage::AwaitPubrec:
        return PacketType::Pubrec;
    case OutStage::AwaitPubcomp:
        break;
    }
    return PacketType::Pubcomp;
}

QList<ExchangeView> exchangesOf(const Outbox &outbox, qsizetype limit)
{
    QList<ExchangeView> rows;
    rows.reserve(qMin(outbox.size(), limit));
    for (const OpenExchange *exchange : outbox.inOrder()) {
        if (rows.size() >= limit)
            break;
        const auto &message = exchange->delivery.message;
        rows.append({exchange->packetId, exchange->delivery.qos, awaitedBy(exchange->stage),
                     message ? message->topic : QByteArray(), message ? message->payload.size() : 0,
                     exchange->firstSent, exchange->resendPending});
    }
    return rows;
}

QList<HeldView> heldOf(const Inbox &inbox, qsizetype limit)
{
    QList<HeldView> rows;
    for (const HeldMessage &held : inbox.held()) {
        if (rows.size() >= limit)
            break;
        rows.append({held.packetId, held.topic, held.since});
    }
    return rows;
}

QueuedView queuedRow(const Message &message, Qos qos)
{
    return {message.topic, qos, message.payload.size(), message.expiresAt};
}

QList<QueuedView> queuedOf(const DeliveryQueue &queue, qsizetype limit)
{
    QList<QueuedView> rows;
    queue.visit([&rows, limit](const QueuedDelivery &entry) {
        if (rows.size() >= limit)
            return false;
        rows.append(queuedRow(*entry.message, entry.qos));
        return true;
    });
    return rows;
}

QList<SubscriptionView> subscriptionsOf(const ServerSession &session, qsizetype limit)
{
    QList<SubscriptionView> rows;
    for (const auto &subscription : session.subscriptions) {
        if (rows.size() >= limit)
            break;
        const quint32 identifier = subscription->identifier;
        rows.append(
            {subscription->filter, subscription->options, identifier ? std::optional(identifier) : std::nullopt});
    }
    return rows;
}

FlowView flowOf(const Outbox &outbox, const Inbox &inbox)
{
    return {outbox.quota(), outbox.maximum(), inbox.openOnConnection(), inbox.maximum(), outbox.nextId()};
}

FlowView flowOf(const ServerSession &session)
{
    // A session that nothing went through yet has the quotas of its connection untouched.
    if (const ServerConnection *connection = session.connection; connection && !session.messages)
        return {connection->sendMaximum, connection->sendMaximum, 0, connection->receiveMaximum, PacketId{1}};
    return flowOf(session.messagesOrNone().outbox, session.messagesOrNone().inbox);
}

} // namespace

ClientView viewOf(const ClientSession &session)
{
    ClientView view;
    view.connection = session.connection;
    view.connect = session.connect;
    if (view.connect.password)
        view.connect.password = QByteArray();
    view.connect.properties.removeAll(PropertyId::AuthenticationData);
    view.connack = session.connack;
    view.record = session.record;
    view.sent = exchangesOf(session.outbox, viewRowLimit);
    view.sentTotal = session.outbox.size();
    view.held = heldOf(session.inbox, viewRowLimit);
    view.heldTotal = qsizetype(session.inbox.held().size());
    for (const auto &waiting : session.neverSent) {
        if (view.neverSent.size() >= viewRowLimit)
            break;
        view.neverSent.append(queuedRow(*waiting.delivery.message, waiting.delivery.qos));
    }
    view.neverSentTotal = qsizetype(session.neverSent.size());
    for (const auto &[filter, options] : session.subscriptions) {
        const auto identifier = session.subscriptionIdentifiers.find(filter);
        const bool known = identifier != session.subscriptionIdentifiers.end();
        view.subscriptions.append({filter, options, known ? std::optional(identifier->second) : std::nullopt});
    }
    view.flow = flowOf(session.outbox, session.inbox);
    view.policy = session.policy;
    view.heldAckTypes = session.heldAckTypes;
    for (const HeldAcknowledgement &ack : session.heldAcks) {
        if (view.heldAcks.size() >= viewRowLimit)
            break;
        view.heldAcks.append({ack.type, ack.packetId, ack.since, ack.released});
    }
    view.heldAcksTotal = qsizetype(session.heldAcks.size());
    view.awaitedResponses = qsizetype(session.awaitedResponses.size());
    view.ending = session.ending;
    view.reconnectAt = session.reconnectAt;
    view.reconnectAttempts = session.reconnectAttempts;
    return view;
}

ServerSessionView viewOf(const ServerSession &session, qsizetype &rowBudget)
{
    const auto limit = [&rowBudget] { return qMin(viewRowLimit, rowBudget); };
    const SessionMessages &messages = session.messagesOrNone();
    ServerSessionView view;
    view.clientId = session.clientId;
    view.version = session.version;
    view.connected = session.isConnected();
    view.link = session.link();
    view.since = session.since;
    view.sessionExpiryInterval = session.sessionExpiryInterval;
    view.endsAt = session.endsAt;
    view.subscriptions = subscriptionsOf(session, limit());
    view.subscriptionsTotal = qsizetype(session.subscriptions.size());
    rowBudget -= view.subscriptions.size();
    view.sent = exchangesOf(messages.outbox, limit());
    view.sentTotal = messages.outbox.size();
    rowBudget -= view.sent.size();
    view.queued = queuedOf(messages.queue, limit());
    view.queuedTotal = messages.queue.size();
    rowBudget -= view.queued.size();
    view.held = heldOf(messages.inbox, limit());
    view.heldTotal = qsizetype(messages.inbox.held().size());
    rowBudget -= view.held.size();
    for (const Qos qos : {Qos::AtMostOnce, Qos::AtLeastOnce, Qos::ExactlyOnce})
        view.queuedByQos[std::size_t(qos)] = messages.queue.count(qos);
    if (session.will) {
        const Will &will = session.will->will;
        view.will = WillView{will.topic,  will.payload.size(),         will.qos,
                             will.retain, session.will->delayInterval, session.will->dueAt};
    }
    view.flow = flowOf(session);
    view.dropped = session.dropped;
    return view;
}

const QByteArray &sessionIdOf(const ClientView &client)
{
    return client.record ? client.record->clientId : client.connect.clientId;
}

BrokerView viewOf(const Broker &broker, const std::set<QByteArray> &own)
{
    BrokerView view;
    view.config = broker.config;
    view.store = broker.store;
    view.counters = broker.counters;
    view.sessionsTotal = qsizetype(broker.sessions.size());
    view.connectedTotal = broker.connectedSessions;
    view.queuedTotal = broker.queuedMessages;
    view.retainedTotal = broker.retained.size();
    view.sessions.reserve(qMin(view.sessionsTotal, viewRowLimit));
    qsizetype rowBudget = viewRowBudget;
    std::map<QByteArray, ServerSessionView> ownSessions;
    for (const QByteArray &clientId : own) {
        if (const auto found = broker.sessions.find(clientId); found != broker.sessions.end())
            ownSessions.emplace(clientId, viewOf(**found, rowBudget));
    }
    for (const auto &session : broker.sessions) {
        if (view.sessions.size() >= viewRowLimit)
            break;
        auto known = ownSessions.extract(session->clientId);
        view.sessions.append(known ? std::move(known.mapped()) : viewOf(*session, rowBudget));
    }
    for (auto &[clientId, behind] : ownSessions)
        view.sessions.append(std::move(behind));
    return view;
}

} // namespace sessionscope
