// How sessions leave their connections, end, and publish their wills (session-semantics §2, §8, §10); and what a Tick
// finds: wills and ends that are due, silent clients, connections without CONNECT.
#include "core/broker/broker_step.h"

namespace sessionscope {

void BrokerStep::operator()(const Tick &)
{
    if (m_broker.systemDueAt && *m_broker.systemDueAt <= m_now)
        publishSystemTopics();
    std::vector<LinkId> goOn;
    while (ServerConnection *due = m_broker.connectionDeadlines.due(m_now)) {
        if (!due->session) {
            refuse(*due, {"v5 §3.1", ReasonCode::MaximumConnectTime, Sender::Client, "no CONNECT in time"});
            continue;
        }
        // Packets do not move the deadline when they arrive: it is put right when it comes due.
        const Instant silentUntil = due->lastReceived + longestSilence(*due);
        if (due->keepAlive && silentUntil <= m_now) {
            const bool isV5 = due->version == Version::V5;
            // Never only noted: the client may be gone.
            due->notesOnly = false;
            refuse(*due, {isV5 ? "MQTT-3.1.2-22" : "v3:MQTT-3.1.2-24", ReasonCode::KeepAliveTimeout, Sender::Client,
                          "nothing received for 1.5 times the keep alive"});
            continue;
        }
        if (due->keepAlive)
            m_broker.connectionDeadlines.arm(*due, silentUntil);
        else
            m_broker.connectionDeadlines.disarm(*due);
        goOn.push_back(due->link);
    }
    for (const LinkId link : goOn) {
        if (const ServerConnection *waiting = connection(link))
            pump(*waiting->session);
    }
}

/// MQTT-3.1.2-8, MQTT-4.1.0-2.
void BrokerStep::settleDueSessions()
{
    while (ServerSession *due = m_broker.sessionDeadlines.due(m_now)) {
        if (due->endsAt && *due->endsAt <= m_now) {
            ++m_broker.counters.sessionsExpired;
            endSession(*due, SessionEnd::Expired);
        } else {
            publishWill(*due);
            watchEnd(*due);
        }
    }
}

ServerSession *BrokerStep::session(const QByteArray &clientId)
{
    const auto found = m_broker.sessions.find(clientId);
    return found == m_broker.sessions.end() ? nullptr : found->get();
}

SessionMessages &BrokerStep::messagesOf(ServerSession &session)
{
    if (!session.messages) {
        session.messages = std::make_unique<SessionMessages>();
        if (session.connection)
            connected(*session.messages, *session.connection);
    }
    return *session.messages;
}

/// Quotas belong to the connection and start anew with it (MQTT-4.9.0-1).
void BrokerStep::connected(SessionMessages &messages, const ServerConnection &connection)
{
    messages.outbox.connected(connection.sendMaximum);
    messages.inbox.connected(connection.receiveMaximum);
}

/// Takes the connection out of the broker; the session it had, without connection, is the result.
ServerSession *BrokerStep::unlink(ServerConnection &connection)
{
    ServerSession *session = connection.session;
    m_broker.connectionDeadlines.disarm(connection);
    m_broker.waitingForRoom.erase(connection.link);
    m_broker.connections.erase(connection.link);
    if (!session)
        return nullptr;
    --m_broker.connectedSessions;
    session->connection = nullptr;
    session->since = m_now;
    if (session->messages)
        session->messages->outbox.disconnected();
    dropQos0(*session);
    if (session->messages && session->messages->isEmpty())
        session->messages.reset();
    setPresence(*session, SubscriptionTree::Presence::Detached);
    return session;
}

/// What waited for the connection only [D-16].
void BrokerStep::dropQos0(ServerSession &session)
{
    if (!session.messages || m_broker.config.queueQos0Offline)
        return;
    while (const auto waiting = session.messages->queue.evictQos0()) {
        unqueued(*waiting);
        dropped(session, *waiting->message, DropCause::QosZeroOffline);
    }
}

/// The clock of session and will starts (MQTT-3.1.2-8, MQTT-4.1.0-1, v3:MQTT-3.1.2-8, -12, v3:MQTT-4.1.0-1, -2).
void BrokerStep::detached(ServerSession &session, LinkId from)
{
    if (session.sessionExpiryInterval == 0)
        return endSession(session, SessionEnd::ConnectionClosed);
    report(ServerSessionChanged{session.clientId, SessionChange::Detached, {}, from});
    if (session.sessionExpiryInterval != sessionNeverExpires)
        session.endsAt = m_now + std::chrono::seconds(session.sessionExpiryInterval);
    if (session.will && session.will->delayInterval == 0)
        publishWill(session);
    else if (session.will)
        session.will->dueAt = m_now + std::chrono::seconds(session.will->delayInterval);
    watchEnd(session);
}

void BrokerStep::watchEnd(ServerSession &session)
{
    std::optional<Instant> due = session.endsAt;
    if (session.will && session.will->dueAt && (!due || *session.will->dueAt < *due))
        due = session.will->dueAt;
    if (due)
        m_broker.sessionDeadlines.arm(session, *due);
    else
        m_broker.sessionDeadlines.disarm(session);
}

void BrokerStep::setPresence(ServerSession &session, SubscriptionTree::Presence presence)
{
    if (session.sharedSubscriptions == 0)
        return;
    for (const auto &subscription : session.subscriptions) {
        if (subscription->group)
            m_broker.subscriptions.setPresence(*subscription, presence);
    }
}

void BrokerStep::setRights(ServerSession &session) const
{
    const AccessList *list = m_broker.access.list.get();
    session.rights = list ? std::make_unique<const ClientRights>(*list, session.userName, session.clientId) : nullptr;
}

void BrokerStep::endSession(ServerSession &session, SessionEnd why)
{
    m_broker.sessionDeadlines.disarm(session);
    std::erase(m_broker.overflown, session.clientId); // a new session of that name has room
    for (const auto &subscription : session.subscriptions) {
        m_broker.subscriptions.remove(*subscription);
        systemUnsubscribed(subscription->filter);
    }
    session.subscriptions.clear();
    m_broker.subscriptionBytes -= session.subscriptionBytes;
    m_broker.sharedSubscriptions -= qsizetype(session.sharedSubscriptions);
    if (session.will)
        publishWill(session);
    const auto left = std::move(session.messages);
    m_broker.queuedMessages -= left ? left->queue.size() : 0;
    m_broker.queuedBytes -= left ? left->queue.bytes() : 0;
    m_broker.openBytes -= left ? left->outbox.bytes() : 0;
    report(ServerSessionChanged{session.clientId, SessionChange::Ended, why, {}});
    m_broker.sessions.erase(m_broker.sessions.find(session.clientId));
    if (left)
        redispatch(left->outbox.clear(), left->queue.takeAll());
}

/// Once, and retained as it says (MQTT-3.1.2-10, -14, -15, MQTT-3.1.3-10, v3:MQTT-3.1.2-10, -16, -17).
void BrokerStep::publishWill(ServerSession &session)
{
    const auto armed = std::move(session.will);
    // Rights are those of now, not of the CONNECT.
    if (session.rights && !session.rights->mayWrite(armed->will.topic))
        return report(BrokerRefused{{},
                                    {"v5 §5.4.2", ReasonCode::NotAuthorized, Sender::Client,
                                     "will for a topic that its client may not write any more"}});
    auto message = std::make_shared<Message>();
    message->topic = armed->will.topic;
    message->payload = armed->will.payload;
    message->qos = armed->will.qos;
    message->retain = armed->will.retain;
    message->properties = armed->will.properties;
    message->properties.removeAll(PropertyId::WillDelayInterval);
    message->properties.removeAll(PropertyId::MessageExpiryInterval);
    if (const auto expiry = armed->will.properties.integer(PropertyId::MessageExpiryInterval))
        message->expiresAt = m_now + std::chrono::seconds(*expiry);
    report(WillPublished{session.clientId, message->topic, message->payload, message->qos, message->retain});
    if (message->retain && (message->payload.isEmpty() || hasRoomToRetain(message->topic, storedBytes(*message))))
        retain(message);
    else if (message->retain)
        report(BrokerRefused{{},
                             {"v5 §4.13.2", ReasonCode::QuotaExceeded, Sender::Client,
                              "will not retained: the limit of retained messages is reached"}});
    route(message, &session);
}

/// What a member of share groups left behind goes to another member; a QoS 2 message that was sent never does [D-36].
/// MQTT-4.8.2-4, -5.
void BrokerStep::redispatch(const std::vector<OpenExchange> &open, const std::vector<QueuedDelivery> &queued)
{
    for (const OpenExchange &exchange : open) {
        if (exchange.stage == OutStage::AwaitPuback)
            redispatch(exchange.delivery.message, ShareKey{quint32(exchange.token)});
    }
    for (const QueuedDelivery &waiting : queued)
        redispatch(waiting.message, waiting.share);
}

} // namespace sessionscope
