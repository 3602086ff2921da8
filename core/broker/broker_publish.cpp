// A PUBLISH from a client: whether it may, under which topic, what it is answered, and its place among the retained
// messages. Handing it on is the router's (broker_route.cpp).
#include "core/base/shared_slice.h"
#include "core/broker/broker_step.h"

namespace sessionscope {

namespace {

constexpr rules::Finding overQuota{"MQTT-3.3.4-7", ReasonCode::ReceiveMaximumExceeded, Sender::Client,
                                   "more messages open than the Receive Maximum allows"};

/// Of a held message's topic, which is kept for the eye only; the text may be a client's 64 KiB.
constexpr qsizetype longestShownTopic = 256;

constexpr rules::Finding tooManyHeld{"v5 §4.13.2", ReasonCode::QuotaExceeded, Sender::Client,
                                     "the limit of QoS 2 messages without PUBREL is reached", rules::Answer::Refuse};

} // namespace

void BrokerStep::arrived(ServerConnection &connection, PublishPacket &packet, const Findings &findings)
{
    if (const auto objection = resolveAlias(connection, packet))
        return refuse(connection, *objection);
    if (const auto objection = fatalObjectionTo(connection, packet);
        objection && !goesOnDespite(connection, *objection))
        return;
    if (packet.qos == Qos::AtMostOnce)
        take(connection, packet, findings);
    else if (refusesForStore(connection, packet))
        return;
    else if (packet.qos == Qos::AtLeastOnce)
        arrivedQos1(connection, packet, findings);
    else
        arrivedQos2(connection, packet, findings);
}

void BrokerStep::arrivedQos1(ServerConnection &connection, PublishPacket &packet, const Findings &findings)
{
    // Answered in this very step, so the count can only be exceeded by what QoS 2 holds open already.
    const Inbox &inbox = connection.session->messagesOrNone().inbox;
    if (inbox.openOnConnection() > 0 && inbox.openOnConnection() >= inbox.maximum() &&
        !goesOnDespite(connection, overQuota))
        return;
    const PacketId id = packet.packetId;
    if (const auto reason = take(connection, packet, findings))
        report(BrokerSendAck{connection.link, PacketType::Puback, id, *reason});
}

void BrokerStep::arrivedQos2(ServerConnection &connection, PublishPacket &packet, const Findings &findings)
{
    Inbox &inbox = messagesOf(*connection.session).inbox;
    const PacketId id = packet.packetId;
    const bool isV5 = connection.version == Version::V5;
    const qsizetype promised = isV5 ? inbox.maximum() : 0; // nothing was announced before 5.0
    if (inbox.heldCount() >= std::max(m_broker.config.maximumHeldMessages, promised) && !inbox.isHeld(id)) {
        // Before 5.0 an acknowledgement cannot say no, and a yes would be for what is not held.
        if (!isV5) {
            connection.notesOnly = false;
            return refuse(connection, tooManyHeld);
        }
        report(BrokerRefused{connection.link, tooManyHeld});
        return report(BrokerSendAck{connection.link, PacketType::Pubrec, id, tooManyHeld.reason});
    }
    const QByteArray shown = packet.topic.left(longestShownTopic);
    Inbox::Arrival arrival = inbox.arrivedQos2(id, shown, m_now);
    if (arrival == Inbox::Arrival::OverQuota) {
        if (!goesOnDespite(connection, overQuota))
            return;
        arrival = inbox.holdBeyondMaximum(id, shown, m_now);
    }
    const auto reason =
        arrival == Inbox::Arrival::New ? take(connection, packet, findings) : std::optional(ReasonCode::Success);
    if (!reason)
        return;
    if (isFailure(*reason))
        inbox.refused(id);
    report(BrokerSendAck{connection.link, PacketType::Pubrec, id, *reason});
}

/// Every alias up to the announced maximum is taken (MQTT-3.3.2-12).
std::optional<rules::Finding> BrokerStep::resolveAlias(ServerConnection &connection, PublishPacket &packet) const
{
    const auto alias = packet.properties.isEmpty() ? std::nullopt : packet.properties.integer(PropertyId::TopicAlias);
    if (!alias) {
        if (packet.topic.isEmpty())
            return Finding{"MQTT-4.7.3-1", ReasonCode::ProtocolError, Sender::Client, "empty Topic Name"};
        return {};
    }
    if (*alias == 0 || *alias > m_broker.config.topicAliasMaximum)
        return Finding{*alias ? "MQTT-3.3.2-9" : "MQTT-3.3.2-8", ReasonCode::TopicAliasInvalid, Sender::Client,
                       "Topic Alias of 0 or above the Topic Alias Maximum"};
    if (!connection.inboundAliases)
        connection.inboundAliases = std::make_unique<std::vector<QByteArray>>();
    auto &aliases = *connection.inboundAliases;
    if (!packet.topic.isEmpty()) {
        if (aliases.size() < *alias)
            aliases.resize(*alias);
        aliases[*alias - 1] = packet.topic;
        return {};
    }
    if (aliases.size() < *alias || aliases[*alias - 1].isEmpty())
        return Finding{"v5 §3.3.2.3.4", ReasonCode::ProtocolError, Sender::Client,
                       "Topic Alias that this connection has not set"};
    packet.topic = aliases[*alias - 1];
    return {};
}

/// What the connection does not survive. A message that was taken before a limit was lowered is completed: its client
/// has to send it again (MQTT-4.4.0-1), and refused for it would never be done with it [D-19].
std::optional<rules::Finding> BrokerStep::fatalObjectionTo(const ServerConnection &connection,
                                                           const PublishPacket &packet) const
{
    const bool isAboveQos = packet.qos > m_broker.config.maximumQos;
    const bool isBadRetain = packet.retain && !m_broker.config.retainAvailable;
    if (!isAboveQos && !isBadRetain)
        return {};
    if (packet.qos == Qos::ExactlyOnce && connection.session->messagesOrNone().inbox.isHeld(packet.packetId))
        return {};
    // Only in 5.0 does CONNACK tell it.
    const bool isTold = connection.version == Version::V5;
    if (isAboveQos)
        return Finding{isTold ? "MQTT-3.2.2-11" : "v5 §4.13.2", ReasonCode::QosNotSupported, Sender::Client,
                       "QoS above the server's Maximum QoS"};
    return Finding{isTold ? "MQTT-3.2.2-14" : "v5 §4.13.2", ReasonCode::RetainNotSupported, Sender::Client,
                   "RETAIN where retain is not available"};
}

/// What an acknowledgement can carry.
std::optional<rules::Finding> BrokerStep::objectionTo(const ServerConnection &connection, const PublishPacket &packet,
                                                      const Findings &findings)
{
    if (!findings.isEmpty())
        return findings.first();
    if (isSystemTopic(packet.topic))
        return Finding{"v5 §4.7.2", ReasonCode::NotAuthorized, Sender::Client, "topic of the server's own"};
    const ClientRights *rights = connection.session->rights.get();
    if (rights && !rights->mayWrite(packet.topic))
        return Finding{connection.version == Version::V5 ? "v5 §5.4.2" : "v3:MQTT-3.3.5-2", ReasonCode::NotAuthorized,
                       Sender::Client, "topic that the client may not write"};
    const auto bytes = [&packet] { return storedBytes(packet.topic, packet.payload, packet.properties); };
    const bool canSayNo = packet.qos != Qos::AtMostOnce && connection.version == Version::V5;
    if (m_broker.config.overflow == Overflow::RefusePublisher && canSayNo &&
        !hasRoomForAll(packet, bytes(), connection.session))
        return Finding{"v5 §4.13.2", ReasonCode::QuotaExceeded, Sender::Client,
                       "the limit of messages that wait for a receiver is reached"};
    if (!packet.retain || packet.payload.isEmpty())
        return {};
    if (isTooDeep(packet.topic))
        return Finding{"v5 §4.13.2", ReasonCode::QuotaExceeded, Sender::Client,
                       "retained message on a topic of too many levels"};
    if (!hasRoomToRetain(packet.topic, bytes()))
        return Finding{"v5 §4.13.2", ReasonCode::QuotaExceeded, Sender::Client,
                       "the limit of retained messages is reached"};
    return {};
}

bool BrokerStep::isTooDeep(const QByteArray &topicOrFilter) const
{
    return topicOrFilter.count('/') >= m_broker.config.maximumTopicLevels;
}

/// bytes: as storedBytes() counts the message.
bool BrokerStep::hasRoomToRetain(const QByteArray &topic, qsizetype bytes)
{
    RetainedStore &store = m_broker.retained;
    const auto hasRoom = [&] {
        const MessagePtr replaced = store.find(topic, m_now);
        const qsizetype count = store.size() + (replaced ? 0 : 1);
        const qsizetype total = store.bytes() + retainedBytes(topic, bytes) - (replaced ? retainedBytes(*replaced) : 0);
        return count <= m_broker.config.maximumRetained && total <= m_broker.config.maximumRetainedBytes;
    };
    if (hasRoom())
        return true;
    const bool mayBeSwept =
        m_broker.retainedSweptAt == Instant::min() || m_now - m_broker.retainedSweptAt >= retainedSweepInterval;
    if (!mayBeSwept)
        return false;
    m_broker.retainedSweptAt = m_now;
    return store.removeExpired(m_now) > 0 && hasRoom();
}

/// Routes the packet, or refuses it; the reason is the acknowledgement's, and without one the connection is closed.
/// What it routes or refuses is settled before the acknowledgement goes out (MQTT-4.3.2-4, MQTT-4.3.3-8).
std::optional<ReasonCode> BrokerStep::take(ServerConnection &connection, PublishPacket &packet,
                                           const Findings &findings)
{
    ++m_broker.counters.messagesReceived;
    m_broker.counters.payloadBytesReceived += quint64(packet.payload.size());
    const bool isV5 = connection.version == Version::V5;
    if (const auto objection = objectionTo(connection, packet, findings)) {
        // Before 5.0 an acknowledgement cannot say no [D-22].
        if (!isV5 && m_broker.config.closesRefusedPublishers) {
            // Sent again over the next connection, it is a new message.
            if (packet.qos == Qos::ExactlyOnce)
                messagesOf(*connection.session).inbox.refused(packet.packetId);
            connection.notesOnly = false;
            refuse(connection, *objection);
            return {};
        }
        report(BrokerRefused{connection.link, *objection});
        return isV5 ? objection->reason : ReasonCode::Success;
    }
    const MessagePtr message = messageOf(packet);
    if (message->retain)
        retain(message);
    const qsizetype receivers = route(message, connection.session);
    return isV5 && receivers == 0 ? ReasonCode::NoMatchingSubscribers : ReasonCode::Success;
}

/// What is forwarded as it came (MQTT-3.3.2-4, -15 to -18, -20); DUP is not (MQTT-3.3.1-3, v3:MQTT-3.3.1-3).
MessagePtr BrokerStep::messageOf(PublishPacket &packet)
{
    // Only QoS 0 is over with this step, and then its payload may stay where it arrived.
    const bool mayBeKept = packet.qos != Qos::AtMostOnce || packet.retain || m_broker.config.queueQos0Offline;
    std::shared_ptr<Message> &message = m_broker.latestMessage;
    if (message.use_count() != 1)
        message = std::make_shared<Message>();
    message->topic = std::move(packet.topic);
    message->payload = mayBeKept ? keptBytes(packet.payload) : std::move(packet.payload);
    message->qos = packet.qos;
    message->retain = packet.retain;
    message->properties = std::move(packet.properties);
    message->expiresAt.reset();
    if (message->properties.isEmpty())
        return message;
    if (const auto expiry = message->properties.integer(PropertyId::MessageExpiryInterval))
        message->expiresAt = m_now + std::chrono::seconds(*expiry);
    message->properties.removeAll(PropertyId::MessageExpiryInterval);
    message->properties.removeAll(PropertyId::TopicAlias);
    return message;
}

/// Only for RETAIN 1 (MQTT-3.3.1-8, v3:MQTT-3.3.1-12). The store is nobody's session (v3:MQTT-3.1.2-7); one a topic,
/// of any QoS (v3:MQTT-3.3.1-5, -7), and none for an empty payload (MQTT-3.3.1-6, -7, v3:MQTT-3.3.1-10, -11).
void BrokerStep::retain(const MessagePtr &message)
{
    // One that is over at once takes the place of the older one and leaves nothing behind [D-14].
    const bool isOver = message->expiresAt && *message->expiresAt <= m_now;
    if (message->payload.isEmpty() || isOver)
        m_broker.retained.remove(message->topic);
    else
        m_broker.retained.set(message);
}

} // namespace sessionscope
