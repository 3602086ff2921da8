// The client's messages on their way out: what waits, what the server's limits let through, and what is sent again.
// Limits are those of the current CONNACK and are looked at when a message leaves, never when it is queued.
#include "core/session/client_turn.h"

#include <algorithm>

namespace sessionscope {

namespace {

const char *obstacleText(ReasonCode obstacle)
{
    switch (obstacle) {
    case ReasonCode::QosNotSupported:
        return "above the server's Maximum QoS";
    case ReasonCode::RetainNotSupported:
        return "the server has no retained messages";
    default:
        return "larger than the server's Maximum Packet Size";
    }
}

/// What the Topic Alias property takes of a packet; a shorter topic gains nothing by it.
constexpr qsizetype aliasSize = 3;

} // namespace

void ClientTurn::command(const PublishCommand &command)
{
    const Message &message = command.message;
    const bool connected = is(ClientConnection::Connected);
    if (message.qos == Qos::Reserved)
        return refuse("there is no QoS 3");
    if (message.properties.contains(PropertyId::TopicAlias))
        return refuse("topic aliases are given by the client itself");
    if (message.qos == Qos::AtMostOnce && !connected)
        return refuse("a QoS 0 message needs a connection");

    auto kept = std::make_shared<Message>(message);
    kept->expiresAt.reset();
    Delivery delivery{std::move(kept), message.qos, message.retain, {}};
    if (const auto reason = connected ? obstacle(delivery) : std::nullopt)
        return refuse(obstacleText(*reason));
    if (qsizetype(m_session.neverSent.size()) >= maximumNeverSent)
        return refuse("too many messages wait to be sent");

    const PublishToken token{m_session.nextToken++};
    emit(PublishAccepted{token});
    if (message.qos == Qos::AtMostOnce) {
        if (!m_session.isBlocked && m_session.neverSentQos0 == 0)
            return send(packetFor(delivery, {}, SendAs::First));
        ++m_session.neverSentQos0;
    }
    m_session.neverSent.push_back({token, std::move(delivery), m_now});
    sendOpen();
}

/// Why the server of this connection cannot be sent the message (MQTT-3.2.2-11, -14, -15).
std::optional<ReasonCode> ClientTurn::obstacle(const Delivery &delivery) const
{
    if (!isV5() || m_session.policy.ignoreServerLimits)
        return {};
    const Properties &limits = m_session.connack->properties;
    if (quint32(delivery.qos) > limits.integerOrDefault(PropertyId::MaximumQos))
        return ReasonCode::QosNotSupported;
    if (delivery.retain && limits.integerOrDefault(PropertyId::RetainAvailable) == 0)
        return ReasonCode::RetainNotSupported;
    if (limits.contains(PropertyId::MaximumPacketSize) && !fits({plainPacket(delivery, {1}, SendAs::Repeat), {}}))
        return ReasonCode::PacketTooLarge;
    return {};
}

/// The PUBLISH with its whole topic, as a resend needs it: an alias is of the connection that made it (MQTT-3.3.2-7).
PublishPacket ClientTurn::plainPacket(const Delivery &delivery, PacketId id, SendAs as)
{
    const Message &message = *delivery.message;
    return {.topic = message.topic,
            .payload = message.payload,
            .packetId = id,
            .qos = delivery.qos,
            .dup = as == SendAs::Repeat,
            .retain = delivery.retain,
            .properties = message.properties};
}

/// DUP says nothing but that this packet is sent again (MQTT-3.3.1-1, v3:MQTT-3.3.1-1); at QoS 0 it never is
/// (MQTT-4.3.1-1, v3:MQTT-4.3.1-1).
PublishPacket ClientTurn::packetFor(const Delivery &delivery, PacketId id, SendAs as)
{
    PublishPacket publish = plainPacket(delivery, id, as);
    if (as == SendAs::First && isV5() && m_session.policy.useTopicAliases)
        useAlias(publish);
    return publish;
}

/// Replaces a topic that has an alias, or gives it one while the server takes more (MQTT-3.2.2-17, -18).
void ClientTurn::useAlias(PublishPacket &publish)
{
    auto &aliases = m_session.outboundAliases;
    if (publish.topic.size() <= aliasSize)
        return;
    if (const auto known = aliases.find(publish.topic); known != aliases.end()) {
        publish.topic.clear();
        publish.properties.add(PropertyId::TopicAlias, known->second);
        return;
    }
    if (aliases.size() >= m_session.connack->properties.integerOrDefault(PropertyId::TopicAliasMaximum))
        return;
    PublishPacket named = publish;
    const auto alias = quint16(aliases.size() + 1);
    named.properties.add(PropertyId::TopicAlias, alias);
    if (!fits({named, {}}))
        return;
    aliases.emplace(publish.topic, alias);
    publish = std::move(named);
}

void ClientTurn::sendOpen()
{
    if (!is(ClientConnection::Connected))
        return;
    resendOpen();
    sendWaiting();
}

void ClientTurn::resendOpen()
{
    while (const OpenExchange *exchange = m_session.outbox.nextResend()) {
        if (exchange->stage == OutStage::AwaitPubcomp) {
            acknowledge(PacketType::Pubrel, exchange->packetId, ReasonCode::Success);
        } else if (const auto reason = obstacle(exchange->delivery)) {
            emit(PublishCompleted{PublishToken{exchange->token}, *reason});
            m_session.outbox.drop(exchange->packetId);
        } else {
            send(plainPacket(exchange->delivery, exchange->packetId, SendAs::Repeat));
        }
    }
}

/// The quota holds back new PUBLISH packets and nothing else (MQTT-3.3.4-8, MQTT-4.9.0-3).
void ClientTurn::sendWaiting()
{
    auto &waiting = m_session.neverSent;
    while (!waiting.empty() && !m_session.isBlocked) {
        const bool isQos0 = waiting.front().delivery.qos == Qos::AtMostOnce;
        if (!isQos0 && !m_session.outbox.canSend())
            return;
        ClientSession::Waiting next = std::move(waiting.front());
        waiting.pop_front();
        m_session.neverSentQos0 -= isQos0 ? 1 : 0;
        if (const auto reason = obstacle(next.delivery)) {
            emit(PublishCompleted{next.token, *reason});
            continue;
        }
        if (isQos0) {
            send(packetFor(next.delivery, {}, SendAs::First));
            continue;
        }
        const OpenExchange &exchange = m_session.outbox.open(std::move(next.delivery), next.token.value, m_now);
        send(packetFor(exchange.delivery, exchange.packetId, SendAs::First));
    }
}

/// Puts what the server may never have taken in front of what waits; the rest stays in lost. A message that PUBREC was
/// received for has arrived.
void ClientTurn::requeue(std::vector<OpenExchange> &lost)
{
    const auto kept = std::stable_partition(lost.begin(), lost.end(), [](const OpenExchange &exchange) {
        return exchange.stage == OutStage::AwaitPubcomp || !exchange.delivery.message;
    });
    auto &waiting = m_session.neverSent;
    for (auto at = lost.end(); at != kept;) {
        --at;
        waiting.push_front({PublishToken{at->token}, std::move(at->delivery), m_now});
    }
    for (auto at = kept; at != lost.end(); ++at)
        emit(PublishRequeued{PublishToken{at->token}});
    lost.erase(kept, lost.end());
}

/// Each answer goes out at once, so PUBRELs follow the order of the PUBRECs (v3:MQTT-4.6.0-4).
void ClientTurn::acknowledged(const AckPacket &ack)
{
    const ReasonCode reason = isV5() ? ack.reason : ReasonCode::Success;
    const AckOutcome outcome = m_session.outbox.acknowledge(ack.type, ack.packetId, reason);
    switch (outcome.what) {
    case AckOutcome::What::Completed:
        // PUBCOMP 0x92 says that the peer released the message before, which is success all the same.
        emit(PublishCompleted{PublishToken{outcome.token},
                              ack.type == PacketType::Pubcomp ? ReasonCode::Success : reason});
        break;
    case AckOutcome::What::Proceeds:
        acknowledge(PacketType::Pubrel, ack.packetId, *outcome.pubrel);
        break;
    case AckOutcome::What::Unmatched:
        if (outcome.pubrel)
            acknowledge(PacketType::Pubrel, ack.packetId, *outcome.pubrel);
        else
            ++m_session.unmatchedAcks;
        break;
    case AckOutcome::What::WrongType:
        goesOnDespite("MQTT-3.3.4-1", "v3:MQTT-3.3.4-1", "acknowledgement that its exchange does not wait for");
        break;
    }
    sendOpen();
}

} // namespace sessionscope
