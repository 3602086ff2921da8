// step() and nextDeadline(): which event goes where, and how a connection is refused and closed.
#include "core/broker/broker_step.h"

#include "core/mqtt/topic.h"

#include <algorithm>

namespace sessionscope {

namespace {

constexpr rules::Finding connectComesFirst{"MQTT-3.1.0-1", ReasonCode::ProtocolError, Sender::Client,
                                           "CONNECT has to come first"};

} // namespace

void step(Broker &broker, BrokerEvent &&event, Instant now, BrokerEffects &effects)
{
    BrokerStep brokerStep(broker, now, effects);
    // What is due goes nowhere over a connection that is gone: as never sent, it has DUP 0 when it comes.
    if (const auto *closed = std::get_if<ConnectionClosed>(&event))
        brokerStep(ConnectionBlocked{closed->link});
    else if (std::holds_alternative<LoseConnections>(event))
        for (auto &[link, lost] : broker.connections)
            lost.blocked = true;
    brokerStep.settleDueSessions();
    std::visit(brokerStep, event);
    brokerStep.endOverflown();
    brokerStep.giveRoom();
}

void step(Broker &broker, LinkId link, Packet &packet, const rules::Findings &findings, Instant now,
          BrokerEffects &effects)
{
    BrokerStep brokerStep(broker, now, effects);
    brokerStep.settleDueSessions();
    brokerStep.packetArrived(link, packet, findings);
    brokerStep.endOverflown();
    brokerStep.giveRoom();
}

void step(Broker &broker, const BrokerEvent &event, Instant now, BrokerEffects &effects)
{
    step(broker, BrokerEvent(event), now, effects);
}

std::optional<Instant> nextDeadline(const Broker &broker)
{
    std::optional<Instant> earliest = broker.systemDueAt;
    for (const auto deadline : {broker.sessionDeadlines.next(), broker.connectionDeadlines.next()}) {
        if (deadline && (!earliest || *deadline < *earliest))
            earliest = deadline;
    }
    return earliest;
}

// ---- transport ----

void BrokerStep::operator()(const ConnectionOpened &event)
{
    const qsizetype pending = qsizetype(m_broker.connections.size()) - m_broker.connectedSessions;
    if (pending >= m_broker.config.maximumPendingConnections) {
        constexpr const char *why = "the limit of connections without CONNECT is reached";
        ++m_broker.counters.connectionsRefused;
        report(BrokerRefused{event.link, {"v5 §4.13.2", ReasonCode::QuotaExceeded, Sender::Client, why}});
        return report(BrokerClose{event.link, why});
    }
    const auto [entry, isNew] = m_broker.connections.try_emplace(event.link);
    Q_ASSERT(isNew);
    ServerConnection &opened = entry->second;
    opened.link = event.link;
    opened.openedAt = opened.lastReceived = m_now;
    m_broker.connectionDeadlines.arm(opened, m_now + m_broker.config.connectTimeout);
}

void BrokerStep::operator()(const ConnectionClosed &event)
{
    ServerConnection *closed = connection(event.link);
    if (!closed)
        return;
    if (ServerSession *left = unlink(*closed))
        detached(*left, event.link);
}

void BrokerStep::operator()(const ConnectionBlocked &event)
{
    if (ServerConnection *blocked = connection(event.link))
        blocked->blocked = true;
}

void BrokerStep::operator()(const ConnectionDrained &event)
{
    ServerConnection *drained = connection(event.link);
    if (!drained)
        return;
    drained->blocked = false;
    if (drained->session)
        pump(*drained->session);
}

// ---- packets ----

void BrokerStep::operator()(BrokerPacketArrived &event)
{
    packetArrived(event.link, event.packet, event.findings);
}

void BrokerStep::packetArrived(LinkId link, Packet &packet, const Findings &findings)
{
    ServerConnection *from = connection(link);
    if (!from)
        return;
    ++m_broker.counters.packetsReceived;
    from->lastReceived = m_now;
    if (from->authentication && !from->session)
        return arrivedBeforeAcceptance(*from, packet, findings);
    if (!from->session && !packet.as<ConnectPacket>())
        return refuse(*from, connectComesFirst);
    if (from->session && !findings.isEmpty() && findings.first().answer == rules::Answer::Close)
        return arrivedBroken(*from, packet, findings);
    std::visit([&](auto &body) { arrived(*from, body, findings); }, packet.body);
}

/// A packet with a finding that the connection does not survive, unless it is to be noted only: then the packet counts
/// for what it can be read as, but nothing illegal is handed on to others.
void BrokerStep::arrivedBroken(ServerConnection &connection, Packet &packet, const Findings &findings)
{
    for (const Finding &finding : findings) {
        if (!goesOnDespite(connection, finding))
            return;
    }
    if (auto *publish = packet.as<PublishPacket>()) {
        const bool canPass = publish->topic.isEmpty() || (isTopicName(publish->topic) && isMqttString(publish->topic));
        if (!canPass || publish->qos > Qos::ExactlyOnce)
            return;
        for (const PropertyId id :
             {PropertyId::PayloadFormatIndicator, PropertyId::ContentType, PropertyId::ResponseTopic,
              PropertyId::CorrelationData, PropertyId::SubscriptionIdentifier, PropertyId::UserProperty})
            publish->properties.removeAll(id);
    }
    const auto *subscribe = packet.as<SubscribePacket>();
    const auto *unsubscribe = packet.as<UnsubscribePacket>();
    if ((subscribe && subscribe->entries.isEmpty()) || (unsubscribe && unsubscribe->filters.isEmpty()))
        return;
    std::visit([&](auto &body) { arrived(connection, body, Findings()); }, packet.body);
}

void BrokerStep::operator()(const ConnectMissing &event)
{
    ServerConnection *from = connection(event.link);
    if (from && !from->session && !from->authentication)
        refuse(*from, connectComesFirst);
}

void BrokerStep::operator()(const BrokerMalformedArrived &event)
{
    ServerConnection *from = connection(event.link);
    if (!from)
        return;
    const Malformed &malformed = event.malformed;
    using enum Malformed::Problem;
    // Without a length nobody can tell where the next packet begins, whatever the configuration wants.
    if (malformed.problem == BadLength || malformed.problem == TooLarge)
        from->notesOnly = false;
    if (malformed.protocolLevel != 0 && !from->session)
        refuseMalformedConnect(*from, malformed);
    refuse(*from, rules::findingOf(malformed, {.version = from->version, .from = Sender::Client}));
}

/// Answered in the words of the version it asked for. Before 5.0 only an unknown version has an answer
/// (v3:MQTT-3.1.2-2, v3:MQTT-3.1.4-1), and what does not even say MQTT gets none (MQTT-3.1.2-1, v3:MQTT-3.1.2-1).
void BrokerStep::refuseMalformedConnect(ServerConnection &connection, const Malformed &malformed)
{
    connection.version = nearestVersion(malformed.protocolLevel);
    const bool isUnknownName = QByteArrayView(malformed.field) == QByteArrayView("Protocol Name");
    if (isUnknownName)
        return;
    const auto code = connection.version == Version::V5 ? std::optional(quint8(malformed.reason))
                                                        : v3ConnackReturnCode(malformed.reason);
    if (code)
        send(connection, ConnackPacket{false, 0, *code, {}});
}

// MQTT-3.12.4-1, v3:MQTT-3.12.4-1.
void BrokerStep::arrived(ServerConnection &connection, PingreqPacket &, const Findings &)
{
    send(connection, PingrespPacket{});
}

/// A plain DISCONNECT takes the will with it (MQTT-3.14.4-3, v3:MQTT-3.14.4-3); nothing is heard behind it
/// (MQTT-3.14.4-1).
void BrokerStep::arrived(ServerConnection &connection, DisconnectPacket &packet, const Findings &)
{
    ServerSession &session = *connection.session;
    const auto expiry = packet.properties.integer(PropertyId::SessionExpiryInterval);
    if (expiry && *expiry > 0 && connection.requestedSessionExpiry == 0)
        return refuse(connection, {"v5 §3.14.2.2.2", ReasonCode::ProtocolError, Sender::Client,
                                   "Session Expiry Interval raised from 0 in DISCONNECT"});
    if (expiry)
        session.sessionExpiryInterval = capped(*expiry);
    if (packet.reason == ReasonCode::Success)
        session.will.reset();
    close(connection, "the client disconnected");
}

template<class Other> void BrokerStep::arrived(ServerConnection &connection, Other &, const Findings &)
{
    refuse(connection, {connection.version == Version::V5 ? "v5 §2.1.2" : "v3 §2.2.1", ReasonCode::ProtocolError,
                        Sender::Client, "packet type that this side does not send"});
}

// ---- commands ----

void BrokerStep::operator()(const KickClient &event)
{
    ServerSession *kicked = session(event.clientId);
    if (!kicked || !kicked->connection)
        return;
    Properties properties;
    if (!event.serverReference.isEmpty())
        properties.add(PropertyId::ServerReference, event.serverReference);
    if (!event.reasonString.isEmpty())
        properties.add(PropertyId::ReasonString, event.reasonString);
    sendDisconnect(*kicked->connection, event.reason, std::move(properties));
    close(*kicked->connection, "disconnected by the administrator");
}

void BrokerStep::operator()(const EndSession &event)
{
    ServerSession *ended = session(event.clientId);
    if (!ended)
        return;
    if (ServerConnection *open = ended->connection) {
        sendDisconnect(*open, ReasonCode::AdministrativeAction);
        report(BrokerClose{open->link, "session ended by the administrator"});
        unlink(*open);
    }
    endSession(*ended, SessionEnd::Administrative);
}

void BrokerStep::operator()(const ChangeAccess &event)
{
    m_broker.access = event.access;
    std::vector<LinkId> toClose;
    for (const auto &session : m_broker.sessions) {
        setRights(*session);
        if (session->connection && !isAdmitted(*session->connection))
            toClose.push_back(session->connection->link);
    }
    for (const LinkId link : toClose) {
        sendDisconnect(*connection(link), ReasonCode::NotAuthorized);
        close(*connection(link), "the client may not connect any more");
    }
}

bool BrokerStep::isAdmitted(const ServerConnection &connection) const
{
    const BrokerAccess &access = m_broker.access;
    const QByteArray &userName = connection.session->userName;
    if (connection.authentication) {
        const AuthenticationMethod *method = methodOf(connection.authentication->method);
        return method && method->admits(userName);
    }
    if (access.accounts && !userName.isEmpty())
        return access.accounts->contains(userName);
    return access.anonymous == Anonymous::Allowed;
}

void BrokerStep::operator()(const ShutDown &)
{
    for (const LinkId link : allLinks()) {
        sendDisconnect(*connection(link), ReasonCode::ServerShuttingDown);
        report(BrokerClose{link, "the server shuts down"});
    }
    (*this)(LoseConnections{});
}

// Nothing may follow a DISCONNECT, so wills go out only when no connection is left to receive them.
void BrokerStep::operator()(const LoseConnections &)
{
    std::vector<std::pair<ServerSession *, LinkId>> left;
    for (const LinkId link : allLinks()) {
        if (ServerSession *session = unlink(*connection(link)))
            left.emplace_back(session, link);
    }
    for (const auto &[session, link] : left)
        detached(*session, link);
}

std::vector<LinkId> BrokerStep::allLinks() const
{
    std::vector<LinkId> links;
    for (const auto &[link, open] : m_broker.connections)
        links.push_back(link);
    std::sort(links.begin(), links.end());
    return links;
}

// ---- connections ----

ServerConnection *BrokerStep::connection(LinkId link)
{
    const auto found = m_broker.connections.find(link);
    return found == m_broker.connections.end() ? nullptr : &found->second;
}

bool BrokerStep::send(const ServerConnection &connection, PacketBody body)
{
    Packet packet{std::move(body), {}};
    if (!fitInto(packet, connection.version, connection.maximumPacketSize)) {
        report(BrokerRefused{connection.link,
                             {"MQTT-3.1.2-25", ReasonCode::PacketTooLarge, Sender::Server,
                              "answer left out: it is larger than the client's Maximum Packet Size"}});
        return false;
    }
    report(BrokerSend{connection.link, std::move(packet)});
    return true;
}

void BrokerStep::sendDisconnect(const ServerConnection &connection, ReasonCode reason, Properties properties)
{
    if (!connection.session || connection.version != Version::V5)
        return;
    // A second CONNECT can be wrong in ways that only CONNACK has a code for.
    const bool hasCode = isListed(reason, PacketType::Disconnect, Sender::Server);
    send(connection, DisconnectPacket{hasCode ? reason : ReasonCode::ProtocolError, std::move(properties)});
}

/// What the policy never touches: a connection that was not accepted, and what a client may not do.
bool BrokerStep::notes(const ServerConnection &connection, const Finding &finding)
{
    if (!connection.session || !connection.notesOnly || finding.reason == ReasonCode::NotAuthorized)
        return false;
    report(BrokerRefused{connection.link, finding, Handling::Noted});
    return true;
}

bool BrokerStep::goesOnDespite(ServerConnection &connection, const Finding &finding)
{
    if (notes(connection, finding))
        return true;
    refuse(connection, finding);
    return false;
}

/// Closes, whether or not the client can be told why (MQTT-4.13.2-1, v3:MQTT-2.2.2-2).
void BrokerStep::refuse(ServerConnection &connection, const Finding &finding)
{
    if (notes(connection, finding))
        return;
    report(BrokerRefused{connection.link, finding});
    if (!connection.session)
        ++m_broker.counters.connectionsRefused;
    sendDisconnect(connection, finding.reason, reasonString(finding));
    close(connection, finding.what);
}

void BrokerStep::close(ServerConnection &connection, const char *why)
{
    const LinkId link = connection.link;
    report(BrokerClose{link, why});
    if (ServerSession *left = unlink(connection))
        detached(*left, link);
}

} // namespace sessionscope
