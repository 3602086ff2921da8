#include "core/scenario/invariants.h"

#include "core/base/overloaded.h"
#include "core/scenario/evidence.h"
#include "core/trace/text.h"

#include <algorithm>
#include <limits>

namespace sessionscope {

using enum Invariant;

namespace {

quint32 receiveMaximumOf(const Properties &properties, Version version)
{
    return version == Version::V5 ? properties.integerOrDefault(PropertyId::ReceiveMaximum)
                                  : std::numeric_limits<quint16>::max();
}

bool isOfKeepAlive(const rules::Finding &finding)
{
    return qstrcmp(finding.statement, "MQTT-3.1.2-22") == 0 || qstrcmp(finding.statement, "v3:MQTT-3.1.2-24") == 0;
}

/// A packet over which its receiver has to close has no other effect. (A PUBLISH has none without its topic alias.)
bool isVoid(const Packet &packet, const PacketTrace &trace, Sender from)
{
    if (packet.as<PublishPacket>())
        return false;
    const auto findings = rules::check(packet, {.version = trace.version, .from = from});
    return !findings.isEmpty() && findings.first().answer == rules::Answer::Close;
}

} // namespace

void Invariants::look(const TraceRecord &record)
{
    ++m_recordsSeen;
    m_last = record.seq;
    m_sessions.next(record);
    if (const auto *finding = std::get_if<FindingTrace>(&record.what))
        return judgeFinding(finding->finding, record);
    if (record.role == Role::Client)
        lookAtClient(record);
    else
        lookAtBroker(record);
}

void Invariants::judgeFinding(const rules::Finding &finding, const TraceRecord &record)
{
    if (m_peers == Peers::Strangers)
        return;
    if (isOfKeepAlive(finding))
        return judgeKeepAlive(record);
    const LinkId brokerLink = record.role == Role::Broker ? record.link : m_pairs[record.link];
    const WatchedLink *link = m_sessions.link(brokerLink);
    if (isExcused(finding) || (link && m_delivery.isDoubtful(link->incarnation)))
        return;
    breach(Conduct, record.seq,
           QStringLiteral("%1: %2").arg(QString::fromUtf8(finding.statement), QString::fromUtf8(finding.what)));
}

/// Of a silent network that is no fault of the client; of a client that was silent itself it is. Its timer may be late,
/// but then not later than the broker's.
void Invariants::judgeKeepAlive(const TraceRecord &record)
{
    const WatchedLink *link = m_sessions.link(record.link);
    for (const auto &[key, end] : m_clients) {
        const auto pair = m_pairs.find(end.openLink);
        if (!link || !end.isAccepted || pair == m_pairs.end() || pair->second != record.link)
            continue;
        if (record.at - end.lastSent >= Duration(std::chrono::seconds(link->keepAlive)) * 3 / 2)
            breach(KeepAlive, record.seq,
                   QStringLiteral("client %1 sent nothing for 1.5 times its keep alive of %2 s")
                       .arg(key.value)
                       .arg(link->keepAlive));
    }
}

/// An answer that its packet never asked for is not overdue: the network may have lost the one or the other.
void Invariants::judgeOverdue(const AnswerOverdue &overdue, const TraceRecord &record)
{
    clientEnd(record).openLink = {}; // it leaves, and keeps nothing alive any more
    const WatchedLink *link = m_sessions.link(m_pairs[record.link]);
    if (overdue.awaited == PacketType::Pingresp && link && serverEnd(link->clientId).owesPingresp())
        breach(
            Answers, record.seq,
            QStringLiteral("broker to %1: PINGREQ came and was not answered").arg(QString::fromUtf8(link->clientId)));
}

/// A client's PUBLISH with its whole topic.
void Invariants::resolveAlias(Packet &packet, const TraceRecord &record)
{
    auto *publish = packet.as<PublishPacket>();
    const auto alias = publish ? publish->properties.integer(PropertyId::TopicAlias) : std::nullopt;
    if (!alias)
        return;
    QByteArray &topic = m_aliases[record.link][*alias];
    if (publish->topic.isEmpty())
        publish->topic = topic;
    else
        topic = publish->topic;
}

Invariants::ClientEnd &Invariants::clientEnd(const TraceRecord &record)
{
    const auto found = m_clients.find(record.client);
    if (found != m_clients.end())
        return found->second;
    const QString who = QStringLiteral("client %1").arg(record.client.value);
    return m_clients.emplace(record.client, ClientEnd{.exchanges = ExchangeWatch(m_breaches, who)}).first->second;
}

ExchangeWatch &Invariants::serverEnd(const QByteArray &clientId)
{
    const auto found = m_servers.find(clientId);
    if (found != m_servers.end())
        return found->second;
    const QString who = QStringLiteral("broker to %1").arg(QString::fromUtf8(clientId));
    return m_servers.emplace(clientId, ExchangeWatch(m_breaches, who)).first->second;
}

// ---- the client's end ----

void Invariants::lookAtClient(const TraceRecord &record)
{
    ClientEnd &end = clientEnd(record);
    if (const auto *trace = std::get_if<PacketTrace>(&record.what); trace && trace->direction == Direction::Sent)
        end.lastSent = record.at;
    if (const auto *trace = std::get_if<PacketTrace>(&record.what); trace && !trace->malformed) {
        auto packet = decode(trace->frame(), trace->version);
        if (!packet)
            return breach(Conduct, record.seq, QStringLiteral("a packet that cannot be read"));
        Packet resolved = std::move(packet).value();
        resolveAlias(resolved, record);
        if (trace->direction == Direction::Sent)
            clientSent(end, resolved, record);
        else if (!isVoid(resolved, *trace, Sender::Server))
            clientReceived(end, resolved, record);
    } else if (const auto *link = std::get_if<LinkTrace>(&record.what); link && endsConnection(link->change)) {
        end.exchanges.disconnected();
        end.openLink = {};
        m_aliases.erase(record.link);
    } else if (link && link->change == LinkChange::Opened) {
        end.openLink = record.link;
    } else if (const auto *note = std::get_if<ClientNote>(&record.what)) {
        clientReported(end, note->effect, record);
    }
}

void Invariants::clientSent(ClientEnd &end, const Packet &packet, const TraceRecord &record)
{
    if (const auto *connect = packet.as<ConnectPacket>()) {
        end.connect = *connect;
        end.isAccepted = false;
        end.connack.reset();
        end.unread.clear();
        if (connect->cleanStart) {
            end.exchanges.sessionEnded();
            end.believed = {};
        }
        return;
    }
    if (const auto *publish = packet.as<PublishPacket>(); publish && !publish->dup)
        m_delivery.published(*publish);
    end.exchanges.sent(packet, record.seq);
}

void Invariants::clientReceived(ClientEnd &end, const Packet &packet, const TraceRecord &record)
{
    const auto *connack = packet.as<ConnackPacket>();
    if (connack && connack->reason == 0 && !end.connack)
        end.connack = *connack;
    else if (end.isAccepted)
        end.exchanges.received(packet, record.seq);
    else if (end.connack)
        end.unread.push_back(packet);
}

/// Only now: a client that closes over its CONNACK keeps what it has, whatever that says of the session
/// (MQTT-3.2.2-5).
void Invariants::clientAccepted(ClientEnd &end, const TraceRecord &record)
{
    if (!end.connack || std::exchange(end.isAccepted, true))
        return;
    const ConnackPacket &connack = *end.connack;
    const auto version = Version(end.connect.protocolLevel);
    const bool isFresh = end.connect.cleanStart || (version != Version::V31 && !connack.sessionPresent);
    if (isFresh)
        end.exchanges.sessionEnded();
    end.exchanges.connected(receiveMaximumOf(connack.properties, version));
    for (const Packet &packet : std::exchange(end.unread, {}))
        end.exchanges.received(packet, record.seq);
    believe(end, isFresh, record);
}

/// A client that resumes another session than it means cannot notice [D-39]; whoever sees both ends can.
void Invariants::believe(ClientEnd &end, bool isFresh, const TraceRecord &record)
{
    const WatchedLink *link = m_sessions.link(m_pairs[record.link]);
    if (!link)
        return;
    const bool isOther = isFresh ? link->resumed : end.believed != link->incarnation;
    const bool isNewToBoth = !link->resumed && end.believed == Incarnation{};
    if (isOther && !isNewToBoth) {
        ++m_doubts;
        m_delivery.doubt(link->incarnation);
    }
    if (end.believed != link->incarnation)
        end.losesTrack = false;
    end.believed = link->incarnation;
}

void Invariants::clientReported(ClientEnd &end, const ClientReport &report, const TraceRecord &record)
{
    std::visit(Overloaded{[&](const MessageDelivered &message) {
                              end.exchanges.handedOn(message.publish, record.seq);
                              m_delivery.delivered(message.publish, m_pairs[record.link], record);
                          },
                          [&](const ConnectionAccepted &) { clientAccepted(end, record); },
                          [&](const SessionEnded &) {
                              end.exchanges.sessionEnded();
                              end.believed = {};
                          },
                          [&](const PublishCompleted &completed) {
                              const bool isOverLimit = completed.reason == ReasonCode::QosNotSupported ||
                                                       completed.reason == ReasonCode::RetainNotSupported ||
                                                       completed.reason == ReasonCode::PacketTooLarge;
                              if (isOverLimit)
                                  end.exchanges.gaveUp({});
                          },
                          [&](const RequestUnanswered &request) {
                              end.losesTrack = end.losesTrack || request.type == PacketType::Unsubscribe;
                          },
                          [&](const AcknowledgementHeld &held) { end.exchanges.heldBack(held.type, held.packetId); },
                          [&](const AnswerOverdue &overdue) { judgeOverdue(overdue, record); },
                          [&](const ViolationFound &found) { judgeFinding(found.finding, record); },
                          [](const auto &) {}},
               report);
}

// ---- the broker's end ----

void Invariants::lookAtBroker(const TraceRecord &record)
{
    if (const auto *trace = std::get_if<PacketTrace>(&record.what); trace && trace->direction == Direction::Received)
        m_sessions.heard(record);
    if (const auto *trace = std::get_if<PacketTrace>(&record.what); trace && !trace->malformed) {
        auto packet = decode(trace->frame(), trace->version);
        if (!packet)
            return breach(Conduct, record.seq, QStringLiteral("a packet that cannot be read"));
        Packet resolved = std::move(packet).value();
        if (trace->direction == Direction::Sent) {
            brokerSent(resolved, record);
        } else if (!isVoid(resolved, *trace, Sender::Client)) {
            resolveAlias(resolved, record);
            brokerReceived(resolved, record);
        }
    } else if (const auto *link = std::get_if<LinkTrace>(&record.what); link && endsConnection(link->change)) {
        brokerLinkClosed(record);
    } else if (const auto *note = std::get_if<BrokerNote>(&record.what)) {
        brokerReported(note->effect, record);
    }
}

void Invariants::brokerSent(const Packet &packet, const TraceRecord &record)
{
    m_sessions.sent(packet, record);
    const WatchedSession *session = m_sessions.sessionOf(record.link);
    if (!session)
        return;
    if (packet.as<ConnackPacket>())
        return brokerAccepted(record);
    serverEnd(session->clientId).sent(packet, record.seq);
    const auto *publish = packet.as<PublishPacket>();
    if (!publish)
        return;
    if (!publish->dup && m_repeat.value && record.cause == m_repeat)
        breach(ExactlyOnce, record.seq, QStringLiteral("the broker hands a repeated QoS 2 PUBLISH on"));
    m_delivery.sent(*publish, record);
}

void Invariants::brokerAccepted(const TraceRecord &record)
{
    const WatchedLink &link = *m_sessions.link(record.link);
    ExchangeWatch &end = serverEnd(link.clientId);
    if (!link.resumed)
        end.sessionEnded();
    end.connected(receiveMaximumOf(link.connect.properties, link.version()));
}

void Invariants::brokerReceived(const Packet &packet, const TraceRecord &record)
{
    m_sessions.received(packet, record);
    const WatchedSession *session = m_sessions.sessionOf(record.link);
    if (!session)
        return;
    ExchangeWatch &end = serverEnd(session->clientId);
    end.received(packet, record.seq);
    if (end.isRepeat())
        m_repeat = record.seq;
    if (const auto *publish = packet.as<PublishPacket>(); publish && !end.isRepeat())
        m_delivery.taken(*publish, session->clientId, record);
}

void Invariants::brokerLinkClosed(const TraceRecord &record)
{
    if (const WatchedSession *session = m_sessions.sessionOf(record.link))
        serverEnd(session->clientId).disconnected();
    m_sessions.closed(record);
    m_aliases.erase(record.link);
}

void Invariants::brokerReported(const BrokerReport &report, const TraceRecord &record)
{
    std::visit(Overloaded{[&](const BrokerClose &) { brokerLinkClosed(record); },
                          [&](const ServerSessionChanged &change) {
                              m_sessions.changed(change, record);
                              if (change.change == SessionChange::Ended)
                                  serverEnd(change.clientId).sessionEnded();
                          },
                          [&](const MessageDropped &drop) {
                              m_delivery.dropped(drop);
                              if (drop.cause == DropCause::TooLargeForReceiver)
                                  serverEnd(drop.clientId).gaveUp(drop.topic);
                          },
                          [&](const WillPublished &will) {
                              if (const auto publish = m_sessions.willPublished(will, record))
                                  m_delivery.taken(*publish, will.clientId, record);
                          },
                          [&](const BrokerRefused &refused) {
                              m_sessions.refused(record);
                              m_delivery.refused(record.cause);
                              judgeFinding(refused.finding, record);
                          }},
               report);
}

void Invariants::brokerForgot()
{
    m_sessions.forget();
    m_servers.clear();
}

} // namespace sessionscope
