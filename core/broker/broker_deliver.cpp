// One copy on its way to one session: sent now, queued, or dropped for a cause that is told; and what a session gets
// when it resumes, when quota comes back, when its link has drained.
#include "core/base/shared_slice.h"
#include "core/broker/broker_step.h"

namespace sessionscope {

namespace {

/// Fixed header, topic length, id, property length and expiry: what surrounds topic and payload at most, without
/// forwarded properties.
constexpr qsizetype mostOverhead = 1 + 4 + 2 + 2 + 4 + 5;

PublishPacket packetOf(const Delivery &delivery, const std::optional<quint32> &expiry)
{
    PublishPacket packet;
    packet.topic = delivery.message->topic;
    packet.payload = delivery.message->payload;
    packet.qos = delivery.qos;
    packet.properties = delivery.message->properties;
    if (expiry)
        packet.properties.add(PropertyId::MessageExpiryInterval, *expiry);
    for (const quint32 identifier : delivery.subscriptionIdentifiers)
        packet.properties.add(PropertyId::SubscriptionIdentifier, identifier);
    return packet;
}

/// A QoS 0 message was to be over with its step, and its payload lies where it arrived.
MessagePtr keptMessage(MessagePtr message)
{
    constexpr qsizetype smallStorage = 1024;
    const QByteArray &payload = message->payload;
    if (payload.capacity() <= smallStorage || isFairShare(payload.size(), payload.capacity()))
        return message;
    auto own = std::make_shared<Message>(*message);
    own->payload = keptBytes(payload);
    return own;
}

} // namespace

/// Only this waits for quota (MQTT-3.3.4-10, MQTT-4.9.0-3).
void BrokerStep::deliver(ServerSession &session, Delivery &&delivery, ShareKey share)
{
    if (session.rights && !session.rights->mayRead(delivery.message->topic))
        return dropped(session, *delivery.message, DropCause::NotAuthorized);
    const ServerConnection *connection = session.connection;
    const bool canWrite = connection && !connection->blocked;
    if (delivery.qos != Qos::AtMostOnce) {
        const SessionMessages &messages = messagesOf(session);
        if (canWrite && messages.queue.isEmpty() && canSend(session))
            return sendNow(session, std::move(delivery), share);
        return enqueue(session, std::move(delivery), share);
    }
    // A QoS 0 message does not wait for the quota, but it does not overtake one of its own kind.
    if (canWrite && session.messagesOrNone().queue.count(Qos::AtMostOnce) == 0)
        return sendNow(session, std::move(delivery), share);
    // A burst may wait for a connection that takes it a moment later.
    if (connection && connection->blocked &&
        session.messagesOrNone().queue.bytes() + copyBytes(delivery) > m_broker.config.maximumBlockedBytes)
        return dropped(session, *delivery.message, DropCause::QosZeroBlocked);
    if (!connection && !m_broker.config.queueQos0Offline)
        return dropped(session, *delivery.message, DropCause::QosZeroOffline);
    enqueue(session, std::move(delivery), share);
}

/// Unacknowledged messages have limits of bytes beside the quota: clients that never answer hold no more than that. One
/// message of a session may always go, so that no session waits for the others.
bool BrokerStep::canSend(const ServerSession &session) const
{
    const Outbox &outbox = session.messages->outbox;
    const BrokerConfig &config = m_broker.config;
    const bool hasRoom = outbox.isEmpty() || (outbox.bytes() < config.maximumQueuedBytes &&
                                              m_broker.openBytes < config.maximumQueuedBytesInAll);
    return hasRoom && outbox.canSend() && !lacksStore(session);
}

/// A session goes on with its own acknowledgements; of room that others leave it has to be told.
void BrokerStep::waitForRoom(const ServerSession &session)
{
    const bool isFull = m_broker.openBytes >= m_broker.config.maximumQueuedBytesInAll;
    if (isFull && session.connection && !session.messagesOrNone().queue.isEmpty())
        m_broker.waitingForRoom.insert(session.connection->link);
}

void BrokerStep::giveRoom()
{
    auto &waiting = m_broker.waitingForRoom;
    while (!waiting.empty() && m_broker.openBytes < m_broker.config.maximumQueuedBytesInAll) {
        const LinkId link = *waiting.begin();
        waiting.erase(waiting.begin());
        pump(*connection(link)->session);
    }
}

/// The session is connected and, above QoS 0, its outbox can send.
void BrokerStep::sendNow(ServerSession &session, Delivery &&delivery, ShareKey share)
{
    if (!fits(*session.connection, delivery))
        return dropped(session, *delivery.message, DropCause::TooLargeForReceiver);
    if (delivery.qos == Qos::AtMostOnce)
        return sendPublish(*session.connection, std::move(delivery), {}, Dup::No);
    const OpenExchange &row = session.messages->outbox.open(std::move(delivery), share.value, m_now);
    m_broker.openBytes += copyBytes(row.delivery);
    sendPublish(*session.connection, row.delivery, row.packetId, Dup::No);
}

/// Always under its whole topic: this server gives no aliases (MQTT-3.1.2-26, -27).
void BrokerStep::sendPublish(const ServerConnection &connection, Delivery delivery, PacketId id, Dup dup)
{
    ++m_broker.counters.messagesDelivered;
    ++m_broker.counters.packetsSent;
    m_broker.counters.payloadBytesDelivered += quint64(delivery.message->payload.size());
    const auto expiry = remainingExpiry(connection, *delivery.message);
    m_effects.emplace_back(std::in_place_type<BrokerSendPublish>, connection.link, std::move(delivery), id,
                           dup == Dup::Yes, expiry);
}

/// MQTT-3.3.2-6.
std::optional<quint32> BrokerStep::remainingExpiry(const ServerConnection &connection, const Message &message) const
{
    if (!message.expiresAt || connection.version != Version::V5)
        return {};
    // Rounded up, so that a live copy never says 0; 0 is what an open one past its time says [D-13].
    const auto left = std::chrono::ceil<std::chrono::seconds>(*message.expiresAt - m_now).count();
    return quint32(std::max<qint64>(left, 0));
}

/// Whether the packet is within the receiver's Maximum Packet Size; if not it counts as delivered (MQTT-3.1.2-25).
bool BrokerStep::fits(const ServerConnection &connection, const Delivery &delivery) const
{
    const qsizetype limit = connection.maximumPacketSize;
    if (limit == 0)
        return true;
    const Message &message = *delivery.message;
    if (message.properties.isEmpty() && delivery.subscriptionIdentifiers.isEmpty() &&
        message.topic.size() + message.payload.size() + mostOverhead <= limit)
        return true;
    const Packet packet{packetOf(delivery, remainingExpiry(connection, message)), {}};
    return encodedSize(packet, connection.version) <= limit;
}

/// What is over before it could be sent is not kept (MQTT-3.3.2-5).
void BrokerStep::enqueue(ServerSession &session, Delivery &&delivery, ShareKey share)
{
    if (isOver(*delivery.message, m_now))
        return dropped(session, *delivery.message, DropCause::Expired);
    if (!makeRoom(session, copyBytes(delivery), delivery.qos)) {
        if (m_broker.config.overflow == Overflow::EndSession && delivery.qos != Qos::AtMostOnce)
            m_broker.overflown.push_back(session.clientId);
        return dropped(session, *delivery.message, DropCause::QueueFull);
    }
    QueuedDelivery waiting;
    waiting.message = keptMessage(std::move(delivery.message));
    waiting.share = share;
    waiting.qos = delivery.qos;
    waiting.retain = delivery.retain;
    if (!delivery.subscriptionIdentifiers.isEmpty())
        waiting.subscriptionIdentifiers =
            std::make_unique<const QList<quint32>>(std::move(delivery.subscriptionIdentifiers));
    queued(waiting);
    messagesOf(session).queue.append(std::move(waiting));
    waitForRoom(session);
}

void BrokerStep::queued(const QueuedDelivery &entry)
{
    ++m_broker.queuedMessages;
    m_broker.queuedBytes += copyBytes(entry);
}

void BrokerStep::unqueued(const QueuedDelivery &entry)
{
    --m_broker.queuedMessages;
    m_broker.queuedBytes -= copyBytes(entry);
}

void BrokerStep::dropped(ServerSession &session, const Message &message, DropCause cause)
{
    ++session.dropped;
    ++m_broker.counters.messagesDropped;
    ++m_broker.counters.droppedByCause[std::size_t(cause)];
    report(MessageDropped{session.clientId, message.topic, cause});
}

/// Goes on with what the session waits for: open exchanges in first-send order (MQTT-4.4.0-1), then the queue. What is
/// left after deliveriesAtOnce or deliveredBytesAtOnce goes with the next Tick, so that one greedy client does not hold
/// up the others.
void BrokerStep::pump(ServerSession &session)
{
    if (!session.messages || !session.connection || session.connection->blocked)
        return;
    const quint64 enough = m_broker.counters.payloadBytesDelivered + deliveredBytesAtOnce;
    for (int i = 0; i < deliveriesAtOnce && m_broker.counters.payloadBytesDelivered < enough; ++i) {
        if (!resendNext(session) && !sendNext(session))
            return waitForRoom(session);
    }
    m_broker.connectionDeadlines.arm(*session.connection, m_now);
}

/// False when nothing may be resent now.
/// What was sent once does not expire any more (MQTT-4.3.3-7).
bool BrokerStep::resendNext(ServerSession &session)
{
    const ServerConnection &connection = *session.connection;
    Outbox &outbox = session.messages->outbox;
    const OpenExchange *row = lacksStore(session) ? nullptr : outbox.nextResend();
    if (!row)
        return false;
    if (row->stage == OutStage::AwaitPubcomp) {
        report(BrokerSendAck{connection.link, PacketType::Pubrel, row->packetId, ReasonCode::Success});
    } else if (fits(connection, row->delivery)) {
        sendPublish(connection, row->delivery, row->packetId, Dup::Yes);
    } else {
        dropped(session, *row->delivery.message, DropCause::TooLargeForReceiver);
        m_broker.openBytes -= copyBytes(row->delivery);
        outbox.drop(row->packetId);
    }
    return true;
}

/// The oldest that may go: QoS 0 passes what waits for the quota.
std::optional<QueuedDelivery> BrokerStep::takeNext(ServerSession &session) const
{
    DeliveryQueue &queue = session.messages->queue;
    if (queue.isEmpty())
        return {};
    const QueuedDelivery &front = queue.front();
    const bool needsQuota = front.qos != Qos::AtMostOnce && !isOver(*front.message, m_now);
    if (needsQuota && !canSend(session))
        return queue.evictQos0();
    return queue.takeFront();
}

/// False when the queue is empty or has to wait for the quota.
bool BrokerStep::sendNext(ServerSession &session)
{
    std::optional<QueuedDelivery> taken = takeNext(session);
    if (!taken)
        return false;
    QueuedDelivery &next = *taken;
    unqueued(next);
    if (isOver(*next.message, m_now)) {
        dropped(session, *next.message, DropCause::Expired);
        return true;
    }
    Delivery delivery{std::move(next.message), next.qos, next.retain, {}};
    if (next.subscriptionIdentifiers)
        delivery.subscriptionIdentifiers = *next.subscriptionIdentifiers;
    sendNow(session, std::move(delivery), next.share);
    return true;
}

} // namespace sessionscope
