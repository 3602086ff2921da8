// A queue that is full, and what the settings have it do [D-15]. Expired copies make room first, then those of QoS 0.
#include "core/broker/broker_step.h"

#include <algorithm>

namespace sessionscope {

/// False when one copy of so many bytes, as copyBytes() counts them, finds no room.
bool BrokerStep::makeRoom(ServerSession &session, qsizetype bytes, Qos qos)
{
    const BrokerConfig &config = m_broker.config;
    DeliveryQueue &queue = messagesOf(session).queue;
    const auto hasRoom = [&] {
        return queue.size() < config.maximumQueuedMessages && queue.bytes() + bytes <= config.maximumQueuedBytes &&
               m_broker.queuedBytes + bytes <= config.maximumQueuedBytesInAll;
    };
    if (hasRoom())
        return true;
    for (const QueuedDelivery &expired : queue.takeExpired(m_now)) {
        unqueued(expired);
        dropped(session, *expired.message, DropCause::Expired);
    }
    const bool oldestGoes = config.overflow == Overflow::DropOldest && qos != Qos::AtMostOnce &&
                            config.maximumQueuedMessages > 0 && bytes <= config.maximumQueuedBytes &&
                            m_broker.queuedBytes - queue.bytes() + bytes <= config.maximumQueuedBytesInAll;
    while (!hasRoom()) {
        auto evicted = queue.evictQos0();
        if (!evicted && oldestGoes && !queue.isEmpty())
            evicted = queue.takeFront();
        if (!evicted)
            return false;
        unqueued(*evicted);
        dropped(session, *evicted->message, DropCause::QueueFull);
    }
    return true;
}

/// Whether a message of QoS 1 or 2 would have to wait in a queue that has no room for it.
bool BrokerStep::isFullFor(const ServerSession &session, qsizetype bytes) const
{
    const BrokerConfig &config = m_broker.config;
    const DeliveryQueue &queue = session.messagesOrNone().queue;
    const bool canWrite = session.connection && !session.connection->blocked;
    if (canWrite && (!session.messages || (queue.isEmpty() && canSend(session))))
        return false;
    const qsizetype evictable = queue.count(Qos::AtMostOnce);
    if (queue.size() - evictable >= config.maximumQueuedMessages)
        return true;
    return evictable == 0 && (queue.bytes() + bytes > config.maximumQueuedBytes ||
                              m_broker.queuedBytes + bytes > config.maximumQueuedBytesInAll);
}

bool BrokerStep::hasRoomIn(ServerSession &session, const QByteArray &topic, qsizetype bytes)
{
    if (session.rights && !session.rights->mayRead(topic))
        return true;
    return !isFullFor(session, bytes) || makeRoom(session, bytes, Qos::AtLeastOnce);
}

/// Whether everybody who is to get the message at QoS 1 or 2 can; of a share group, one of those it may go to. bytes:
/// as storedBytes() counts the message.
bool BrokerStep::hasRoomForAll(const PublishPacket &packet, qsizetype bytes, const ServerSession *publisher)
{
    findMatches(packet.topic);
    // No copy has more Subscription Identifiers than the topic has filters.
    const qsizetype mostBytes = copyBytes(bytes, qsizetype(m_broker.matches.size()));
    const auto hasRoom = [&](const Subscription *subscription) {
        const bool isOwn = subscription->options.noLocal && subscription->session == publisher;
        return isOwn || subscription->options.maximumQos == Qos::AtMostOnce ||
               hasRoomIn(*subscription->session, packet.topic, mostBytes);
    };
    for (const FilterNode *node : m_broker.matches) {
        if (!std::ranges::all_of(node->subscribers, hasRoom))
            return false;
        if (!node->groups)
            continue;
        for (const auto &group : *node->groups) {
            const auto first = group->members.begin();
            const auto last = group->connected ? first + group->connected : group->members.end();
            if (std::none_of(first, last, hasRoom))
                return false;
        }
    }
    return true;
}

void BrokerStep::endOverflown()
{
    while (!m_broker.overflown.empty()) {
        const QByteArray clientId = std::move(m_broker.overflown.back());
        m_broker.overflown.pop_back();
        ServerSession *full = session(clientId);
        if (!full)
            continue;
        if (ServerConnection *open = full->connection) {
            sendDisconnect(*open, ReasonCode::QuotaExceeded);
            report(BrokerClose{open->link, "the limit of waiting messages is reached"});
            unlink(*open);
        }
        endSession(*full, SessionEnd::QueueFull);
    }
}

} // namespace sessionscope
