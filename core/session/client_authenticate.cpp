// Enhanced authentication (v5 §4.12) from the client's side: when data are needed, and where they go.
// What the data are is the affair of an Authentication Method, outside of the session.
#include "core/session/client_turn.h"

namespace sessionscope {

using enum ClientConnection;

void ClientTurn::command(const AuthenticateCommand &command)
{
    if (is(Closed) || is(Closing))
        return refuse("not connected");
    if (!isV5() || !m_session.connect.properties.contains(PropertyId::AuthenticationMethod))
        return refuse("the CONNECT named no Authentication Method"); // MQTT-4.12.0-7
    if (is(Opening))
        return authenticateConnect(command.packet);
    if (m_session.unverifiedConnack)
        return refuse("the server has accepted already");
    Packet packet{command.packet, {}};
    // What the server's CONNACK limits; before it there is no limit to know of.
    const auto limit =
        is(Connected) ? m_session.connack->properties.integer(PropertyId::MaximumPacketSize) : std::nullopt;
    if (!fitInto(packet, Version::V5, limit.value_or(0)))
        return refuse("larger than the server's Maximum Packet Size");
    m_session.isReauthenticating = m_session.isReauthenticating || is(Connected);
    send(std::move(packet.body));
}

/// The transport is open and only the first data were missing.
void ClientTurn::authenticateConnect(const AuthPacket &packet)
{
    Properties &properties = m_session.connect.properties;
    properties.removeAll(PropertyId::AuthenticationData);
    if (const auto data = packet.properties.bytes(PropertyId::AuthenticationData))
        properties.add(PropertyId::AuthenticationData, *data);
    writeConnect();
}

void ClientTurn::command(const ReauthenticateCommand &)
{
    if (!is(Connected))
        return refuse("not connected");
    if (!isV5() || !m_session.connect.properties.contains(PropertyId::AuthenticationMethod))
        return refuse("the CONNECT named no Authentication Method"); // MQTT-4.12.1-1
    if (!m_session.policy.authenticatorAnswers)
        return refuse("no authenticator is set up: send the AUTH yourself");
    if (m_session.isReauthenticating)
        return refuse("an authentication is under way");
    m_session.isReauthenticating = true;
    emit(AuthenticationAsked{AuthenticationStep::BeginAgain, {}});
}

void ClientTurn::command(const TrustServer &)
{
    const auto proven = std::exchange(m_session.unverifiedConnack, {});
    if (!proven)
        return;
    accept(*proven);
    for (const PacketArrived &event : std::exchange(m_session.unread, {}))
        on(event);
}

/// MQTT-4.12.0-4, MQTT-4.12.1-2: either end closes when it does not accept the other.
void ClientTurn::command(const AbandonAuthentication &)
{
    if (is(Closed) || is(Closing))
        return refuse("not connected");
    if (is(Connected) || m_session.unverifiedConnack)
        send(DisconnectPacket{ReasonCode::UnspecifiedError, {}});
    closeTransport(ConnectionEnding::Cause::OnPurpose);
}

/// A CONNACK that carries the server's last word is believed only when the authenticator does.
bool ClientTurn::awaitsProof(const ConnackPacket &connack)
{
    if (!isV5() || !m_session.policy.authenticatorAnswers ||
        !m_session.connect.properties.contains(PropertyId::AuthenticationMethod))
        return false;
    m_session.unverifiedConnack = connack;
    ask(AuthenticationStep::Proof, connack.properties);
    return true;
}

void ClientTurn::ask(AuthenticationStep step, const Properties &properties)
{
    emit(AuthenticationAsked{step, properties.bytes(PropertyId::AuthenticationData).value_or(QByteArray())});
}

void ClientTurn::packet(const AuthPacket &auth)
{
    const auto method = m_session.connect.properties.bytes(PropertyId::AuthenticationMethod);
    if (!method) {
        goesOnDespite("MQTT-4.12.0-6", nullptr, "AUTH to a CONNECT without an Authentication Method");
        return;
    }
    if (auth.properties.bytes(PropertyId::AuthenticationMethod) != method &&
        !goesOnDespite("MQTT-4.12.0-5", nullptr, "another Authentication Method than that of the CONNECT"))
        return;
    const bool isOver = auth.reason == ReasonCode::Success;
    if (isOver)
        m_session.isReauthenticating = false;
    ask(isOver ? AuthenticationStep::Proof : AuthenticationStep::Challenge, auth.properties);
}

} // namespace sessionscope
