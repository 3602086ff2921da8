// Packets from the server: what may come when, messages on their way in, and what to do about a broken statement.
// What one packet alone can break was found by the rules before; here is what needs the session to be seen.
#include "core/session/client_turn.h"

#include <algorithm>

namespace sessionscope {

namespace {

/// After these the server closes by itself and hears nothing more.
bool isLastWord(const Packet &packet, ClientConnection connection)
{
    if (packet.as<DisconnectPacket>())
        return true;
    const auto *connack = packet.as<ConnackPacket>();
    return connack && connack->reason != 0 && connection == ClientConnection::AwaitConnack;
}

} // namespace

void ClientTurn::on(const PacketArrived &event)
{
    if (!is(ClientConnection::AwaitConnack) && !is(ClientConnection::Connected))
        return;
    if (m_session.unverifiedConnack) {
        if (m_session.unread.size() >= maximumUnread)
            return closeTransport(ConnectionEnding::Cause::Lost);
        m_session.unread.push_back(event);
        return;
    }
    const bool lastWord = isLastWord(event.packet, m_session.connection);
    for (const rules::Finding &finding : event.findings) {
        const bool refuses = finding.answer == rules::Answer::Refuse;
        if (lastWord || refuses)
            emit(ViolationFound{finding});
        else if (!goesOnDespite(finding))
            return;
        if (refuses && !m_refusal && !m_session.policy.noteViolationsOnly)
            m_refusal = finding.reason;
    }
    if (mayArriveNow(event.packet))
        std::visit([this](const auto &body) { packet(body); }, event.packet.body);
}

void ClientTurn::on(const MalformedArrived &event)
{
    if (!is(ClientConnection::AwaitConnack) && !is(ClientConnection::Connected))
        return;
    using enum Malformed::Problem;
    const auto problem = event.malformed.problem;
    const auto finding = rules::findingOf(event.malformed, {.version = m_session.version(), .from = Sender::Server});
    // Without a length nobody can tell where the next packet begins, whatever the policy.
    if (goesOnDespite(finding) && (problem == BadLength || problem == TooLarge))
        closeTransport(ConnectionEnding::Cause::Violation);
}

bool ClientTurn::goesOnDespite(const rules::Finding &finding)
{
    emit(ViolationFound{finding});
    if (m_session.policy.noteViolationsOnly)
        return true;
    if (isV5()) {
        const bool listed = isListed(finding.reason, PacketType::Disconnect, Sender::Client);
        send(DisconnectPacket{listed ? finding.reason : ReasonCode::ProtocolError, {}});
    }
    closeTransport(ConnectionEnding::Cause::Violation);
    return false;
}

bool ClientTurn::goesOnDespite(const char *v5, const char *v3, const char *what, ReasonCode reason)
{
    return goesOnDespite(findingOf(v5, v3, what, reason));
}

rules::Finding ClientTurn::findingOf(const char *v5, const char *v3, const char *what, ReasonCode reason) const
{
    return {.statement = isV5() ? v5 : v3, .reason = reason, .blame = Sender::Server, .what = what};
}

/// Before CONNACK only AUTH may come, after it no second one.
bool ClientTurn::mayArriveNow(const Packet &packet)
{
    const bool isConnack = packet.as<ConnackPacket>();
    if (is(ClientConnection::Connected)) {
        if (isConnack)
            goesOnDespite("MQTT-3.2.0-2", "v3 §3.2", "second CONNACK");
        return !isConnack;
    }
    if (isConnack || packet.as<AuthPacket>())
        return true;
    if (packet.as<DisconnectPacket>()) {
        emit(ViolationFound{
            findingOf("MQTT-3.14.0-1", "v3:MQTT-3.2.0-1", "DISCONNECT before CONNACK", ReasonCode::ProtocolError)});
        return true;
    }
    goesOnDespite("MQTT-3.2.0-1", "v3:MQTT-3.2.0-1", "packet before CONNACK");
    return false;
}

void ClientTurn::packet(const PublishPacket &publish)
{
    PublishPacket resolved = publish;
    if (resolveAlias(resolved))
        receive(resolved);
}

/// Whatever alias was announced is taken (MQTT-3.3.2-10).
bool ClientTurn::resolveAlias(PublishPacket &publish)
{
    const auto alias = isV5() ? publish.properties.integer(PropertyId::TopicAlias) : std::nullopt;
    if (!alias)
        return true;
    publish.properties.removeAll(PropertyId::TopicAlias);
    auto &aliases = m_session.inboundAliases;
    if (!publish.topic.isEmpty()) {
        aliases[quint16(*alias)] = publish.topic;
        return true;
    }
    const auto known = aliases.find(quint16(*alias));
    if (known == aliases.end())
        return goesOnDespite("v5 §3.3.2.3.4", nullptr, "Topic Alias without a topic on this connection");
    publish.topic = known->second;
    return true;
}

/// The receiver's part: hand on first, then acknowledge; what is refused is not handed on.
/// Subscribed to or not (MQTT-4.5.0-2, v3:MQTT-4.5.0-2), this end owns it before it says so (MQTT-4.3.2-4,
/// MQTT-4.3.3-8), and answers go in order of arrival (v3:MQTT-4.6.0-2, -3).
void ClientTurn::receive(const PublishPacket &publish)
{
    const PacketId id = publish.packetId;
    if (publish.qos != Qos::AtLeastOnce && publish.qos != Qos::ExactlyOnce)
        return deliver(publish);

    const auto arrival = admit(publish);
    if (arrival == Inbox::Arrival::OverQuota)
        return;
    const bool isNew = arrival == Inbox::Arrival::New;
    const ReasonCode answer = isNew ? m_refusal.value_or(ReasonCode::Success) : ReasonCode::Success;
    if (isNew && !m_refusal)
        deliver(publish);
    acknowledge(publish.qos == Qos::AtLeastOnce ? PacketType::Puback : PacketType::Pubrec, id, answer);
}

void ClientTurn::deliver(const PublishPacket &publish)
{
    emit(MessageDelivered{publish});
    noteResponse(publish);
}

/// OverQuota only when the connection closes over it.
Inbox::Arrival ClientTurn::admit(const PublishPacket &publish)
{
    Inbox &inbox = m_session.inbox;
    const bool twice = publish.qos == Qos::ExactlyOnce;
    const auto arrival =
        twice ? inbox.arrivedQos2(publish.packetId, publish.topic, m_now) : inbox.arrivedQos1(publish.packetId);
    if (arrival != Inbox::Arrival::OverQuota ||
        !goesOnDespite("MQTT-3.3.4-9", nullptr, "more messages open than the Receive Maximum",
                       ReasonCode::ReceiveMaximumExceeded))
        return arrival;
    return twice ? inbox.holdBeyondMaximum(publish.packetId, publish.topic, m_now) : Inbox::Arrival::New;
}

void ClientTurn::packet(const AckPacket &ack)
{
    if (ack.type != PacketType::Pubrel)
        return acknowledged(ack);
    const bool wasHeld = m_session.inbox.released(ack.packetId);
    acknowledge(PacketType::Pubcomp, ack.packetId,
                wasHeld ? ReasonCode::Success : ReasonCode::PacketIdentifierNotFound);
}

void ClientTurn::command(const PingCommand &)
{
    if (!is(ClientConnection::Connected))
        return refuse("not connected");
    send(PingreqPacket{});
    const Duration wait = m_session.policy.answerWait;
    if (m_session.pingAnswerDue || wait <= Duration::zero())
        return;
    const Duration keepAlive = std::chrono::seconds(m_session.keepAlive);
    m_session.pingAnswerDue = m_now + (keepAlive > Duration::zero() ? std::min(wait, keepAlive) : wait);
}

void ClientTurn::packet(const PingrespPacket &)
{
    m_session.pingAnswerDue.reset();
}

void ClientTurn::packet(const DisconnectPacket &disconnect)
{
    if (isV5()) {
        const auto reference = disconnect.properties.bytes(PropertyId::ServerReference).value_or(QByteArray());
        emit(DisconnectReceived{disconnect.reason, reference});
        rememberRedirect(disconnect.reason, reference);
    }
    closeTransport(isV5() ? ConnectionEnding::Cause::SentAway : ConnectionEnding::Cause::Lost,
                   quint8(disconnect.reason));
}

} // namespace sessionscope
