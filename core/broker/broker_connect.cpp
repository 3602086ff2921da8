// CONNECT: what is wrong with it, which session it gets, what CONNACK tells. The decision tables are those of
// session-semantics §3. Everything that can refuse it comes before the first change, so that a refused CONNECT leaves
// sessions, wills and other connections as they were (MQTT-3.1.4-1, -2, -6).
#include "core/base/split_mix.h"
#include "core/broker/broker_step.h"

namespace sessionscope {

namespace {

constexpr quint32 defaultReceiveMaximum = 65'535;

} // namespace

void BrokerStep::arrived(ServerConnection &connection, ConnectPacket &packet, const Findings &findings)
{
    if (connection.session)
        return refuse(connection, {connection.version == Version::V5 ? "MQTT-3.1.0-2" : "v3:MQTT-3.1.0-2",
                                   ReasonCode::ProtocolError, Sender::Client, "second CONNECT on a connection"});
    readLimits(connection, packet);
    const BrokerConfig &config = m_broker.config;
    connection.notesOnly = config.noteViolationsOnly || config.noteViolationsOf.contains(packet.clientId);
    const bool authenticates = packet.properties.contains(PropertyId::AuthenticationMethod);
    if (const auto objection = objectionTo(packet, findings, authenticates ? Identity::Pending : Identity::Claimed))
        return refuseConnect(connection, *objection);
    if (authenticates)
        return beginAuthentication(connection, packet);
    accept(connection, packet);
}

/// After it the connection is closed and nothing of it is heard (MQTT-3.2.2-7, v3:MQTT-3.1.4-5, v3:MQTT-3.2.2-5).
void BrokerStep::refuseConnect(ServerConnection &connection, const Finding &finding)
{
    if (connection.version == Version::V5)
        send(connection, ConnackPacket{false, 0, quint8(finding.reason), reasonString(finding)});
    else if (const auto code = v3ConnackReturnCode(finding.reason))
        send(connection, ConnackPacket{false, 0, *code, {}});
    refuse(connection, finding);
}

std::optional<rules::Finding> BrokerStep::objectionTo(const ConnectPacket &packet, const Findings &findings,
                                                      Identity identity) const
{
    if (!findings.isEmpty())
        return findings.first();
    const bool isV5 = packet.protocolLevel == quint8(Version::V5);
    const auto objection = [](const char *statement, ReasonCode reason, const char *what) {
        return std::optional<Finding>(Finding{statement, reason, Sender::Client, what});
    };
    // What is short and plain has to be taken (MQTT-3.1.3-5, v3:MQTT-3.1.3-5): so is all that the limit allows.
    if (packet.clientId.size() > m_broker.config.maximumClientIdSize)
        return objection(isV5 ? "MQTT-3.1.3-8" : "v3:MQTT-3.1.3-9", ReasonCode::ClientIdentifierNotValid,
                         "Client Identifier longer than the server takes");
    const auto method = packet.properties.bytes(PropertyId::AuthenticationMethod);
    if (method && !methodOf(*method))
        return objection("MQTT-4.12.0-1", ReasonCode::BadAuthenticationMethod,
                         "authentication method is not supported");
    if (const auto denied = accessObjectionTo(packet, identity))
        return denied;
    if (const auto denied = willObjectionTo(packet, identity))
        return denied;
    if (lacksStoreFor(packet))
        return Finding{"v5 §4.13.2", ReasonCode::ServerUnavailable, Sender::Server,
                       "the store takes no writes: no session can be begun, kept or ended in it"};
    return capacityObjectionTo(packet);
}

std::optional<rules::Finding> BrokerStep::willObjectionTo(const ConnectPacket &packet, Identity identity) const
{
    if (!packet.will)
        return {};
    const Will &will = *packet.will;
    const auto objection = [](const char *statement, ReasonCode reason, const char *what) {
        return Finding{statement, reason, Sender::Client, what};
    };
    if (isSystemTopic(will.topic))
        return objection("v5 §4.7.2", ReasonCode::NotAuthorized, "will for a topic of the server's own");
    if (will.qos > m_broker.config.maximumQos)
        return objection("MQTT-3.2.2-12", ReasonCode::QosNotSupported, "Will QoS above the server's Maximum QoS");
    if (will.retain && !m_broker.config.retainAvailable)
        return objection("MQTT-3.2.2-13", ReasonCode::RetainNotSupported, "Will Retain where retain is not available");
    if (will.retain && isTooDeep(will.topic))
        return objection("v5 §4.13.2", ReasonCode::QuotaExceeded, "retained will on a topic of too many levels");
    const AccessList *list = m_broker.access.list.get();
    const auto rights = [&] { return ClientRights(*list, packet.userName.value_or(QByteArray()), packet.clientId); };
    if (list && identity != Identity::Pending && !rights().mayWrite(will.topic))
        return objection("v5 §5.4.2", ReasonCode::NotAuthorized, "will for a topic that its client may not write");
    return {};
}

std::optional<rules::Finding> BrokerStep::capacityObjectionTo(const ConnectPacket &packet) const
{
    const auto full = [](const char *what) {
        return Finding{"v5 §4.13.2", ReasonCode::QuotaExceeded, Sender::Client, what};
    };
    const auto present = m_broker.sessions.find(packet.clientId);
    const bool needsRoom = packet.clientId.isEmpty() || present == m_broker.sessions.end();
    if (needsRoom && qsizetype(m_broker.sessions.size()) >= m_broker.config.maximumSessions)
        return full("the limit of sessions is reached");
    // Who takes over an own connection needs no other one.
    const bool takesOver = !needsRoom && (*present)->isConnected();
    if (!takesOver && m_broker.connectedSessions >= m_broker.config.maximumConnections)
        return full("the limit of connected clients is reached");
    return {};
}

std::optional<rules::Finding> BrokerStep::accessObjectionTo(const ConnectPacket &packet, Identity identity) const
{
    const BrokerAccess &access = m_broker.access;
    const auto method = packet.properties.bytes(PropertyId::AuthenticationMethod);
    if (identity == Identity::Pending)
        return {};
    if (identity == Identity::Proved && !methodOf(*method)->admits(*packet.userName))
        return Finding{"MQTT-4.12.0-4", ReasonCode::NotAuthorized, Sender::Client, "the user may not connect any more"};
    if (identity == Identity::Claimed && access.accounts && packet.userName && !knowsPassword(packet))
        return Finding{"MQTT-3.1.4-2", ReasonCode::BadUserNameOrPassword, Sender::Client, "bad user name or password"};
    const bool isKnown = access.accounts && packet.userName;
    if (!isKnown && !method && access.anonymous == Anonymous::Refused)
        return Finding{"MQTT-3.1.4-2", ReasonCode::NotAuthorized, Sender::Client, "anonymous clients may not connect"};
    const auto owned = m_broker.sessions.find(packet.clientId);
    const bool hasOwners = access.accounts || identity == Identity::Proved;
    if (hasOwners && owned != m_broker.sessions.end() && (*owned)->userName != packet.userName.value_or(QByteArray()))
        return Finding{"MQTT-3.1.4-2", ReasonCode::NotAuthorized, Sender::Client, "the session is another user's"};
    return {};
}

bool BrokerStep::knowsPassword(const ConnectPacket &packet) const
{
    const Accounts &accounts = *m_broker.access.accounts;
    if (accounts.empty())
        return false;
    const auto account = accounts.find(*packet.userName);
    const bool isUser = account != accounts.end();
    // An unknown name takes as long as a known one: the answer's time does not tell which names there are.
    const PasswordHash &hash = isUser ? account->second : accounts.begin()->second;
    return m_broker.access.passwordCheck(hash, packet.password.value_or(QByteArray())) && isUser;
}

void BrokerStep::readLimits(ServerConnection &connection, const ConnectPacket &packet) const
{
    connection.version = Version(packet.protocolLevel);
    const auto number = [&packet](PropertyId id) { return packet.properties.integer(id).value_or(0); };
    connection.maximumPacketSize = number(PropertyId::MaximumPacketSize);
    connection.requestedSessionExpiry = number(PropertyId::SessionExpiryInterval);
    const bool isV5 = connection.version == Version::V5;
    connection.sendMaximum = isV5
                                 ? packet.properties.integer(PropertyId::ReceiveMaximum).value_or(defaultReceiveMaximum)
                                 : m_broker.config.receiveMaximum;
    connection.receiveMaximum = isV5 ? m_broker.config.receiveMaximum : defaultReceiveMaximum;
    connection.requestProblemInformation =
        packet.properties.integer(PropertyId::RequestProblemInformation).value_or(1) != 0;
}

quint32 BrokerStep::capped(quint32 sessionExpiry) const
{
    return std::min(sessionExpiry, m_broker.config.maximumSessionExpiry.value_or(sessionNeverExpires));
}

/// How long a session outlives its connection (MQTT-3.1.2-23, v3:MQTT-3.1.2-4, -6).
quint32 BrokerStep::expiryInForce(const ConnectPacket &packet) const
{
    if (Version(packet.protocolLevel) != Version::V5)
        return packet.cleanStart ? 0 : capped(sessionNeverExpires);
    const quint32 requested = packet.properties.integer(PropertyId::SessionExpiryInterval).value_or(0);
    return capped(std::max(requested, m_broker.config.minimumSessionExpiry));
}

/// One that no session has (MQTT-3.1.3-6, -7, v3:MQTT-3.1.3-6).
QByteArray BrokerStep::assignClientId()
{
    QByteArray id;
    do {
        const quint64 number = splitMix(m_broker.config.seed + splitMix(++m_broker.assignedIds));
        id = "auto-" + QByteArray::number(number, 16).rightJustified(16, '0');
    } while (m_broker.sessions.contains(id));
    return id;
}

/// MQTT-3.1.2-6, MQTT-3.1.4-5, v3:MQTT-3.1.4-4.
void BrokerStep::accept(ServerConnection &connection, const ConnectPacket &packet, const QByteArray &authenticationData)
{
    const QByteArray clientId = packet.clientId.isEmpty() ? assignClientId() : packet.clientId;
    ServerSession *resumed = sessionToResume(clientId, packet.cleanStart);
    ServerSession &session = resumed ? *resumed : createSession(clientId);
    session.userName = packet.userName.value_or(QByteArray());
    setRights(session);
    attach(session, connection, packet);
    watchKeepAlive(connection, packet);
    ++m_broker.counters.connectionsAccepted;
    report(
        ServerSessionChanged{clientId, resumed ? SessionChange::Resumed : SessionChange::Created, {}, connection.link});
    // 3.1 has no Session Present: its bit is reserved there.
    const bool sessionPresent = resumed && connection.version != Version::V31;
    Properties told = connackProperties(connection, packet, session);
    if (!authenticationData.isEmpty())
        told.add(PropertyId::AuthenticationData, authenticationData);
    // Without a CONNACK the client would wait for ever.
    if (!send(connection, ConnackPacket{sessionPresent, 0, 0, std::move(told)}))
        return close(connection, "CONNACK is larger than the client's Maximum Packet Size");
    pump(session);
}

/// Rows 1 to 7 of both decision tables: takes the connection over where there is one, and ends what does not continue.
/// MQTT-3.1.2-4, -5, MQTT-3.1.3-2, MQTT-3.1.4-3, -4, MQTT-3.2.2-3, v3:MQTT-3.1.3-2, v3:MQTT-3.1.4-2, -3,
/// v3:MQTT-3.2.2-2, -3.
ServerSession *BrokerStep::sessionToResume(const QByteArray &clientId, bool cleanStart)
{
    ServerSession *present = session(clientId);
    if (!present)
        return nullptr;
    const bool endsWithConnection = present->connection && present->sessionExpiryInterval == 0;
    if (ServerConnection *old = present->connection) {
        sendDisconnect(*old, ReasonCode::SessionTakenOver);
        report(BrokerClose{old->link, "session taken over"});
        unlink(*old);
        // A will without delay goes out when its connection is replaced, a delayed one only with the session's end.
        if (present->will && present->will->delayInterval == 0)
            publishWill(*present);
    }
    if (cleanStart || endsWithConnection) {
        endSession(*present, cleanStart ? SessionEnd::CleanStart : SessionEnd::TakenOver);
        return nullptr;
    }
    return present;
}

ServerSession &BrokerStep::createSession(const QByteArray &clientId)
{
    auto created = std::make_unique<ServerSession>();
    created->clientId = clientId;
    return **m_broker.sessions.insert(std::move(created)).first;
}

void BrokerStep::attach(ServerSession &session, ServerConnection &connection, const ConnectPacket &packet)
{
    m_broker.sessionDeadlines.disarm(session);
    ++m_broker.connectedSessions;
    m_broker.mostConnectedSessions = std::max(m_broker.mostConnectedSessions, m_broker.connectedSessions);
    connection.session = &session;
    session.connection = &connection;
    session.version = connection.version;
    session.sessionExpiryInterval = expiryInForce(packet);
    session.since = m_now;
    session.endsAt.reset();
    // Every accepted CONNECT replaces the will, one without a will by none (MQTT-3.1.2-7, MQTT-3.1.3-9).
    session.will.reset();
    if (packet.will) {
        const quint32 delay = packet.will->properties.integer(PropertyId::WillDelayInterval).value_or(0);
        session.will = std::make_unique<ServerWill>(ServerWill{*packet.will, delay, {}});
    }
    setPresence(session, SubscriptionTree::Presence::Connected);
    if (session.messages)
        connected(*session.messages, connection);
}

/// The client's value unless the server tells its own (MQTT-3.2.2-22).
void BrokerStep::watchKeepAlive(ServerConnection &connection, const ConnectPacket &packet)
{
    const quint16 limit = m_broker.config.maximumKeepAlive;
    connection.keepAlive = packet.keepAlive;
    if (connection.version == Version::V5 && limit && (packet.keepAlive == 0 || packet.keepAlive > limit))
        connection.keepAlive = limit;
    if (connection.keepAlive)
        m_broker.connectionDeadlines.arm(connection, m_now + longestSilence(connection));
    else
        m_broker.connectionDeadlines.disarm(connection);
}

/// What is not as a client has to assume (MQTT-3.2.2-9). Nothing here asks for more than the standard
/// (v3:MQTT-7.0.0-2).
Properties BrokerStep::connackProperties(const ServerConnection &connection, const ConnectPacket &packet,
                                         const ServerSession &session) const
{
    Properties told;
    if (connection.version != Version::V5)
        return told;
    const BrokerConfig &config = m_broker.config;
    if (session.sessionExpiryInterval != connection.requestedSessionExpiry)
        told.add(PropertyId::SessionExpiryInterval, session.sessionExpiryInterval);
    if (packet.clientId.isEmpty())
        told.add(PropertyId::AssignedClientIdentifier, session.clientId);
    if (connection.authentication) // (MQTT-4.12.0-5)
        told.add(PropertyId::AuthenticationMethod, connection.authentication->method);
    if (connection.keepAlive != packet.keepAlive)
        told.add(PropertyId::ServerKeepAlive, quint32(connection.keepAlive));
    if (config.receiveMaximum < defaultReceiveMaximum)
        told.add(PropertyId::ReceiveMaximum, quint32(config.receiveMaximum));
    if (config.maximumQos < Qos::ExactlyOnce)
        told.add(PropertyId::MaximumQos, quint32(config.maximumQos));
    if (!config.retainAvailable)
        told.add(PropertyId::RetainAvailable, 0u);
    if (!config.wildcardSubscriptionAvailable)
        told.add(PropertyId::WildcardSubscriptionAvailable, 0u);
    if (!config.sharedSubscriptionAvailable)
        told.add(PropertyId::SharedSubscriptionAvailable, 0u);
    if (!config.subscriptionIdentifierAvailable)
        told.add(PropertyId::SubscriptionIdentifierAvailable, 0u);
    if (config.maximumPacketSize)
        told.add(PropertyId::MaximumPacketSize, config.maximumPacketSize);
    if (config.topicAliasMaximum)
        told.add(PropertyId::TopicAliasMaximum, quint32(config.topicAliasMaximum));
    return told;
}

} // namespace sessionscope
