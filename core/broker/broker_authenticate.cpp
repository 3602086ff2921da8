// Enhanced authentication (v5 §4.12): AUTH between CONNECT and CONNACK, and again when a client asks for it.
// Nothing of the session is looked at or changed before the last response: its existence is judged at acceptance
// [D-25].
#include "core/broker/broker_step.h"

#include <algorithm>

namespace sessionscope {

const AuthenticationScript *BrokerStep::scriptOf(const QByteArray &method) const
{
    const auto &scripts = m_broker.access.authentications;
    const auto found =
        std::find_if(scripts.begin(), scripts.end(), [&](const auto &script) { return script.method == method; });
    return found == scripts.end() ? nullptr : &*found;
}

void BrokerStep::beginAuthentication(ServerConnection &connection, ConnectPacket &packet)
{
    const QByteArray method = *packet.properties.bytes(PropertyId::AuthenticationMethod);
    const AuthenticationScript &script = *scriptOf(method);
    connection.authentication = std::make_unique<ServerAuthentication>();
    connection.authentication->method = method;
    if (script.exchanges.empty())
        return accept(connection, packet);
    connection.authentication->connect = std::move(packet);
    sendChallenge(connection, script);
}

/// While a CONNECT waits for its authentication, only AUTH and DISCONNECT may come.
void BrokerStep::arrivedBeforeAcceptance(ServerConnection &connection, const Packet &packet, const Findings &findings)
{
    if (!findings.isEmpty())
        return refuseConnect(connection, findings.first());
    if (packet.as<DisconnectPacket>())
        return close(connection, "the client disconnected");
    const AuthPacket *auth = packet.as<AuthPacket>();
    if (!auth)
        return refuseConnect(connection, {"MQTT-3.1.2-30", ReasonCode::ProtocolError, Sender::Client,
                                          "packet other than AUTH or DISCONNECT before CONNACK"});
    if (const auto objection = objectionTo(connection, *auth))
        return refuseConnect(connection, *objection);
    if (auth->reason == ReasonCode::ReAuthenticate)
        return refuseConnect(connection, {"MQTT-4.12.0-3", ReasonCode::ProtocolError, Sender::Client,
                                          "re-authentication before CONNACK"});
    if (!isAuthenticatedBy(connection))
        return;
    // The world may have changed since the CONNECT.
    const ConnectPacket connect = *std::exchange(connection.authentication->connect, {});
    if (const auto objection = objectionTo(connect, Findings()))
        return refuseConnect(connection, *objection);
    accept(connection, connect);
}

/// Re-authentication of a connected client (v5 §4.12.1).
void BrokerStep::arrived(ServerConnection &connection, AuthPacket &packet, const Findings &)
{
    if (!connection.authentication)
        return refuse(connection, {"MQTT-4.12.0-7", ReasonCode::ProtocolError, Sender::Client,
                                   "AUTH to a CONNECT without an Authentication Method"});
    ServerAuthentication &authentication = *connection.authentication;
    const AuthenticationScript *script = scriptOf(authentication.method);
    const bool begins = packet.reason == ReasonCode::ReAuthenticate;
    if (begins)
        authentication.exchange = 0;
    if (const auto objection = objectionTo(connection, packet))
        return refuse(connection, *objection);
    if (begins && script && !script->exchanges.empty())
        return sendChallenge(connection, *script);
    if (!begins && !isAuthenticatedBy(connection))
        return;
    send(connection, AuthPacket{ReasonCode::Success, {{PropertyId::AuthenticationMethod, authentication.method}}});
}

std::optional<rules::Finding> BrokerStep::objectionTo(const ServerConnection &connection,
                                                      const AuthPacket &packet) const
{
    const ServerAuthentication &authentication = *connection.authentication;
    if (packet.properties.bytes(PropertyId::AuthenticationMethod) != authentication.method)
        return Finding{"MQTT-4.12.0-5", ReasonCode::ProtocolError, Sender::Client,
                       "another Authentication Method than that of the CONNECT"};
    if (packet.reason == ReasonCode::ReAuthenticate)
        return {};
    const AuthenticationScript *script = scriptOf(authentication.method);
    if (!script || authentication.exchange >= script->exchanges.size())
        return Finding{"v5 §4.12", ReasonCode::ProtocolError, Sender::Client, "AUTH that no challenge asked for"};
    const QByteArray data = packet.properties.bytes(PropertyId::AuthenticationData).value_or(QByteArray());
    if (data != script->exchanges[authentication.exchange].response)
        return Finding{connection.session ? "MQTT-4.12.1-2" : "MQTT-4.12.0-4", ReasonCode::NotAuthorized,
                       Sender::Client, "wrong response to a challenge"};
    return {};
}

bool BrokerStep::isAuthenticatedBy(ServerConnection &connection)
{
    const AuthenticationScript &script = *scriptOf(connection.authentication->method);
    if (++connection.authentication->exchange == script.exchanges.size())
        return true;
    sendChallenge(connection, script);
    return false;
}

/// MQTT-4.12.0-2. Without it the client would wait for ever.
void BrokerStep::sendChallenge(ServerConnection &connection, const AuthenticationScript &script)
{
    const ServerAuthentication &authentication = *connection.authentication;
    Properties properties{{PropertyId::AuthenticationMethod, authentication.method},
                          {PropertyId::AuthenticationData, script.exchanges[authentication.exchange].challenge}};
    if (!send(connection, AuthPacket{ReasonCode::ContinueAuthentication, std::move(properties)}))
        close(connection, "AUTH is larger than the client's Maximum Packet Size");
}

} // namespace sessionscope
