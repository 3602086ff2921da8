// Enhanced authentication (v5 §4.12): AUTH between CONNECT and CONNACK, and again when a client asks for it.
// Nothing of the session is looked at or changed before the last response: its existence is judged at acceptance
// [D-25].
#include "core/broker/broker_step.h"

namespace sessionscope {

namespace {

QByteArray dataOf(const Properties &properties)
{
    return properties.bytes(PropertyId::AuthenticationData).value_or(QByteArray());
}

} // namespace

const AuthenticationMethod *BrokerStep::methodOf(const QByteArray &name) const
{
    const auto found = m_broker.access.authentications.find(name);
    return found == m_broker.access.authentications.end() ? nullptr : found->second.get();
}

void BrokerStep::beginAuthentication(ServerConnection &connection, ConnectPacket &packet)
{
    const QByteArray data = dataOf(packet.properties);
    connection.authentication = std::make_unique<ServerAuthentication>();
    ServerAuthentication &authentication = *connection.authentication;
    authentication.method = *packet.properties.bytes(PropertyId::AuthenticationMethod);
    authentication.exchange = methodOf(authentication.method)->begin();
    authentication.connect = std::move(packet);
    goOn(connection, data);
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
    goOn(connection, dataOf(auth->properties));
}

/// Re-authentication of a connected client (v5 §4.12.1).
void BrokerStep::arrived(ServerConnection &connection, AuthPacket &packet, const Findings &)
{
    if (!connection.authentication)
        return refuse(connection, {"MQTT-4.12.0-7", ReasonCode::ProtocolError, Sender::Client,
                                   "AUTH to a CONNECT without an Authentication Method"});
    if (const auto objection = objectionTo(connection, packet))
        return refuse(connection, *objection);
    ServerAuthentication &authentication = *connection.authentication;
    // Who is connected by a method that is known no more was closed when it went.
    if (packet.reason == ReasonCode::ReAuthenticate)
        authentication.exchange = methodOf(authentication.method)->begin();
    if (!authentication.exchange)
        return refuse(connection,
                      {"v5 §4.12", ReasonCode::ProtocolError, Sender::Client, "AUTH that no challenge asked for"});
    goOn(connection, dataOf(packet.properties));
}

std::optional<rules::Finding> BrokerStep::objectionTo(const ServerConnection &connection,
                                                      const AuthPacket &packet) const
{
    if (packet.properties.bytes(PropertyId::AuthenticationMethod) != connection.authentication->method)
        return Finding{"MQTT-4.12.0-5", ReasonCode::ProtocolError, Sender::Client,
                       "another Authentication Method than that of the CONNECT"};
    return {};
}

void BrokerStep::goOn(ServerConnection &connection, const QByteArray &data)
{
    using enum AuthenticationAnswer::Verdict;
    ServerAuthentication &authentication = *connection.authentication;
    const AuthenticationAnswer answer = authentication.exchange->answer(data);
    if (answer.verdict == Continue)
        return sendAuth(connection, ReasonCode::ContinueAuthentication, answer.data);
    authentication.exchange.reset();
    constexpr const char *unproved = "the client does not prove who it is";
    if (connection.session && answer.verdict == Accept)
        return acceptAgain(connection, answer);
    if (connection.session)
        return refuse(connection, {"MQTT-4.12.1-2", ReasonCode::NotAuthorized, Sender::Client, unproved});
    if (answer.verdict == Accept)
        return acceptWaiting(connection, answer);
    refuseConnect(connection, {"MQTT-4.12.0-4", ReasonCode::NotAuthorized, Sender::Client, unproved});
}

/// The CONNECT that waited, with the name that was proved in the place of the one that was claimed.
void BrokerStep::acceptWaiting(ServerConnection &connection, const AuthenticationAnswer &answer)
{
    ConnectPacket connect = *std::exchange(connection.authentication->connect, {});
    if (answer.userName && connect.userName.value_or(*answer.userName) != *answer.userName)
        return refuseConnect(connection, {"MQTT-4.12.0-4", ReasonCode::NotAuthorized, Sender::Client,
                                          "User Name of another user than the one who is proved"}); // [D-44]
    if (answer.userName)
        connect.userName = answer.userName;
    // The world may have changed since the CONNECT.
    if (const auto objection = objectionTo(connect, Findings(), answer.userName ? Identity::Proved : Identity::Claimed))
        return refuseConnect(connection, *objection);
    accept(connection, connect, answer.data);
}

/// The session, its will and the rights over it are those of the user of the CONNECT [D-43].
void BrokerStep::acceptAgain(ServerConnection &connection, const AuthenticationAnswer &answer)
{
    if (answer.userName && *answer.userName != connection.session->userName)
        return refuse(connection, {"MQTT-4.12.1-2", ReasonCode::NotAuthorized, Sender::Client,
                                   "re-authentication as another user"});
    sendAuth(connection, ReasonCode::Success, answer.data);
}

/// MQTT-4.12.0-2. Without it the client would wait for ever.
void BrokerStep::sendAuth(ServerConnection &connection, ReasonCode reason, const QByteArray &data)
{
    Properties properties{{PropertyId::AuthenticationMethod, connection.authentication->method}};
    if (reason == ReasonCode::ContinueAuthentication || !data.isEmpty())
        properties.add(PropertyId::AuthenticationData, data);
    if (!send(connection, AuthPacket{reason, std::move(properties)}))
        close(connection, "AUTH is larger than the client's Maximum Packet Size");
}

} // namespace sessionscope
