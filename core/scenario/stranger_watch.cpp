#include "core/scenario/stranger_watch.h"

#include "core/base/overloaded.h"
#include "core/mqtt/topic.h"
#include "core/scenario/evidence.h"
#include "core/trace/text.h"

#include <limits>

namespace sessionscope {

using enum Invariant;

namespace {

QString nameOf(const std::pair<QByteArray, QByteArray> &content)
{
    return QStringLiteral("%1 %2").arg(payloadText(content.first), payloadText(content.second));
}

} // namespace

void StrangerWatch::look(const TraceRecord &record)
{
    m_last = record.seq;
    if (record.role != Role::Client)
        return;
    if (const auto *finding = std::get_if<FindingTrace>(&record.what))
        return judge(finding->finding, record);
    Client &client = clientOf(record);
    if (const auto *trace = std::get_if<PacketTrace>(&record.what); trace && !trace->malformed) {
        const auto packet = decode(trace->frame(), trace->version);
        if (!packet)
            return;
        if (trace->direction == Direction::Sent)
            sent(client, *packet, record);
        else
            received(client, *packet, record);
    } else if (const auto *link = std::get_if<LinkTrace>(&record.what); link && endsConnection(link->change)) {
        client.exchanges.disconnected();
        client.isAccepted = false;
        client.aliases.clear();
        client.subscribes.clear();
    } else if (const auto *note = std::get_if<ClientNote>(&record.what)) {
        reported(client, note->effect, record);
    }
}

StrangerWatch::Client &StrangerWatch::clientOf(const TraceRecord &record)
{
    const auto found = m_clients.find(record.client);
    if (found != m_clients.end())
        return found->second;
    const QString who = QStringLiteral("client %1").arg(record.client.value);
    return m_clients.emplace(record.client, Client{.exchanges = ExchangeWatch(m_breaches, who)}).first->second;
}

void StrangerWatch::judge(const rules::Finding &finding, const TraceRecord &record)
{
    if (finding.blame == Sender::Server && !isExcused(finding))
        breach(Conduct, record, clientOf(record).connect.clientId,
               QStringLiteral("%1: %2").arg(QString::fromUtf8(finding.statement), QString::fromUtf8(finding.what)));
}

// ---- what our clients send ----

void StrangerWatch::sent(Client &client, const Packet &packet, const TraceRecord &record)
{
    if (const auto *connect = packet.as<ConnectPacket>()) {
        client.connect = *connect;
        if (connect->cleanStart) {
            // Answered or not: from here on the broker may have forgotten it.
            client.exchanges.sessionEnded();
            client.open.clear();
            m_sessions.erase(connect->clientId);
        }
        if (connect->will)
            m_published[{connect->will->topic, connect->will->payload}].push_back(
                {.publisher = connect->clientId, .index = ++m_lastIndex, .qos = connect->will->qos});
        return;
    }
    if (const auto *publish = packet.as<PublishPacket>()) {
        PublishPacket whole = *publish;
        if (const auto alias = publish->properties.integer(PropertyId::TopicAlias)) {
            QByteArray &topic = client.aliases[*alias];
            topic = publish->topic.isEmpty() ? topic : publish->topic;
            whole.topic = topic;
        }
        client.exchanges.sent(Packet(whole), record.seq);
        return sentPublish(client, whole);
    }
    client.exchanges.sent(packet, record.seq);
    if (const auto *ack = packet.as<AckPacket>())
        sentAck(client, *ack);
    else if (const auto *subscribe = packet.as<SubscribePacket>())
        client.subscribes[subscribe->packetId] = *subscribe;
    else if (const auto *unsubscribe = packet.as<UnsubscribePacket>()) {
        for (const QByteArray &filter : unsubscribe->filters)
            m_sessions[client.connect.clientId].subscriptions.erase(filter);
    }
}

void StrangerWatch::sentPublish(Client &client, const PublishPacket &publish)
{
    if (publish.dup)
        return;
    std::deque<Published> &all = m_published[{publish.topic, publish.payload}];
    all.push_back({.publisher = client.connect.clientId,
                   .index = ++m_lastIndex,
                   .qos = publish.qos,
                   .expires = publish.properties.contains(PropertyId::MessageExpiryInterval)});
    if (publish.qos != Qos::AtMostOnce)
        client.open[publish.packetId] = &all.back();
}

void StrangerWatch::sentAck(Client &client, const AckPacket &ack)
{
    const bool closes = ack.type == PacketType::Puback || ack.type == PacketType::Pubcomp ||
                        (ack.type == PacketType::Pubrec && isFailure(ack.reason));
    const auto session = m_sessions.find(client.connect.clientId);
    if (closes && session != m_sessions.end())
        session->second.arrived.erase(ack.packetId);
}

// ---- what the broker sends ----

void StrangerWatch::received(Client &client, const Packet &packet, const TraceRecord &record)
{
    if (const auto *connack = packet.as<ConnackPacket>()) {
        if (connack->reason == 0 && !std::exchange(client.isAccepted, true))
            accepted(client, *connack, record);
        return;
    }
    if (!client.isAccepted)
        return;
    client.exchanges.received(packet, record.seq);
    if (const auto *publish = packet.as<PublishPacket>())
        arrived(client, *publish, record);
    else if (const auto *ack = packet.as<AckPacket>())
        acknowledged(client, *ack);
    else if (const auto *suback = packet.as<SubackPacket>())
        granted(client, *suback);
}

void StrangerWatch::accepted(Client &client, const ConnackPacket &connack, const TraceRecord &record)
{
    if (const auto assigned = connack.properties.bytes(PropertyId::AssignedClientIdentifier))
        client.connect.clientId = *assigned;
    const QByteArray &clientId = client.connect.clientId;
    const auto version = Version(client.connect.protocolLevel);
    const auto known = m_sessions.find(clientId);
    const bool isFresh = client.connect.cleanStart || (version != Version::V31 && !connack.sessionPresent);
    if (client.connect.cleanStart && connack.sessionPresent)
        breach(SessionPresent, record, clientId, QStringLiteral("Session Present 1 after Clean Start 1"));
    client.isLost = isFresh && !client.connect.cleanStart && known != m_sessions.end();
    if (isFresh) {
        client.exchanges.sessionEnded();
        m_sessions[clientId] = {};
    } else {
        for (auto &[id, message] : m_sessions[clientId].arrived)
            message.isEarlier = true;
    }
    client.exchanges.connected(version == Version::V5 ? connack.properties.integerOrDefault(PropertyId::ReceiveMaximum)
                                                      : std::numeric_limits<quint16>::max());
}

void StrangerWatch::granted(Client &client, const SubackPacket &suback)
{
    const auto asked = client.subscribes.find(suback.packetId);
    if (asked == client.subscribes.end())
        return;
    auto &subscriptions = m_sessions[client.connect.clientId].subscriptions;
    const auto &entries = asked->second.entries;
    for (qsizetype i = 0; i < std::min(entries.size(), suback.reasons.size()); ++i) {
        if (isFailure(suback.reasons[i]))
            continue;
        Subscription granted{entries[i].options, m_lastIndex};
        granted.options.maximumQos = Qos(quint8(suback.reasons[i]));
        if (const auto before = subscriptions.find(entries[i].filter); before != subscriptions.end())
            granted.since = before->second.since;
        subscriptions[entries[i].filter] = granted;
    }
    client.subscribes.erase(asked);
}

/// Of QoS 1 and 2: a packet identifier that is in use, and how what was sent before is sent again.
void StrangerWatch::arrived(Client &client, const PublishPacket &publish, const TraceRecord &record)
{
    if (publish.qos == Qos::AtMostOnce)
        return;
    const QByteArray &clientId = client.connect.clientId;
    auto &open = m_sessions[clientId].arrived;
    const auto before = open.find(publish.packetId);
    const auto topic = publish.properties.contains(PropertyId::TopicAlias) ? QByteArray() : publish.topic;
    if (before != open.end()) {
        const Arrived &first = before->second;
        const QString name = QStringLiteral("PUBLISH #%1").arg(publish.packetId.value);
        const bool isSame =
            first.content.second == publish.payload && (topic.isEmpty() || first.content.first == topic);
        if (!isSame)
            breach(PacketIds, record, clientId, name + QStringLiteral(" is another message, and the first is open"));
        else if (first.isReleased)
            breach(ReleaseNotPublish, record, clientId, name + QStringLiteral(" behind its PUBREL"));
        else if (!first.isEarlier)
            breach(NoResendWithoutReconnect, record, clientId, name + QStringLiteral(" again on the same connection"));
        else if (!publish.dup)
            breach(DupAndOriginalId, record, clientId, name + QStringLiteral(" again without DUP"));
    }
    open[publish.packetId] = {{topic, publish.payload}, false, false};
}

void StrangerWatch::acknowledged(Client &client, const AckPacket &ack)
{
    if (ack.type == PacketType::Pubrel) {
        auto &open = m_sessions[client.connect.clientId].arrived;
        if (const auto found = open.find(ack.packetId); found != open.end())
            found->second.isReleased = true;
        return;
    }
    const auto sent = client.open.find(ack.packetId);
    if (sent == client.open.end())
        return;
    // Who acknowledges has taken the message over (MQTT-4.3.2-4, MQTT-4.3.3-8).
    if (ack.type != PacketType::Pubcomp)
        sent->second->isAcknowledged = !isFailure(ack.reason);
    if (ack.type != PacketType::Pubrec || isFailure(ack.reason))
        client.open.erase(sent);
}

// ---- what our clients tell ----

void StrangerWatch::reported(Client &client, const ClientReport &report, const TraceRecord &record)
{
    std::visit(Overloaded{[&](const MessageDelivered &message) {
                              client.exchanges.handedOn(message.publish, record.seq);
                              delivered(client, message.publish, record);
                          },
                          [&](const SessionEnded &ended) {
                              if (ended.why == SessionEnd::SessionNotPresent && client.isLost)
                                  breach(SessionPresent, record, client.connect.clientId,
                                         QStringLiteral("Session Present 0, and the session has not expired"));
                              client.isLost = false;
                              client.exchanges.sessionEnded();
                              if (ended.why == SessionEnd::Forgotten) {
                                  m_receivers[client.connect.clientId].isForgetful = true;
                                  // A broker may wait for the PUBREL that will never come.
                                  for (auto &[id, published] : client.open)
                                      published->isAcknowledged = false;
                              }
                              client.open.clear();
                              if (ended.why != SessionEnd::SessionNotPresent)
                                  m_sessions.erase(client.connect.clientId);
                          },
                          [&](const PublishCompleted &completed) {
                              const bool isOverLimit = completed.reason == ReasonCode::QosNotSupported ||
                                                       completed.reason == ReasonCode::RetainNotSupported ||
                                                       completed.reason == ReasonCode::PacketTooLarge;
                              if (isOverLimit)
                                  client.exchanges.gaveUp({});
                          },
                          [&](const ViolationFound &found) { judge(found.finding, record); }, [](const auto &) {}},
               report);
}

void StrangerWatch::delivered(const Client &client, const PublishPacket &publish, const TraceRecord &record)
{
    const Content content{publish.topic, publish.payload};
    const QByteArray &clientId = client.connect.clientId;
    Receiver &receiver = m_receivers[clientId];
    // A retained message is sent again for each SUBSCRIBE.
    if (publish.retain)
        return;
    if (++receiver.delivered[content] == 1)
        checkOrder(receiver, publish, clientId, record);
    const auto published = m_published.find(content);
    if (publish.qos != Qos::ExactlyOnce || published == m_published.end() || receiver.isForgetful)
        return;
    const auto session = m_sessions.find(clientId);
    quint32 copies = 0; // a broker may send one for each subscription that matches (v5 §3.3.4)
    if (session != m_sessions.end()) {
        for (const auto &[filter, subscription] : session->second.subscriptions) {
            const auto shared = parseSharedFilter(filter);
            copies += filterMatches(shared ? shared->filter : QByteArrayView(filter), publish.topic);
        }
    }
    const auto allowed = quint32(published->second.size()) * std::max<quint32>(copies, 1);
    if (++receiver.deliveredExactly[content] > allowed)
        breach(
            ExactlyOnce, record, clientId,
            QStringLiteral("%1 was handed on %2 times").arg(nameOf(content)).arg(receiver.deliveredExactly[content]));
}

/// Per publisher, topic and QoS, of messages that were published once (MQTT-4.6.0-6).
void StrangerWatch::checkOrder(Receiver &receiver, const PublishPacket &publish, const QByteArray &clientId,
                               const TraceRecord &record)
{
    const auto published = m_published.find({publish.topic, publish.payload});
    if (published == m_published.end() || published->second.size() != 1)
        return;
    const Published &one = published->second.front();
    if (one.qos != publish.qos)
        return;
    quint64 &last = receiver.lastIndex[{one.publisher, publish.topic + char('0' + quint8(one.qos))}];
    if (one.index < last)
        breach(Order, record, clientId,
               nameOf({publish.topic, publish.payload}) + QStringLiteral(" comes behind a later one"));
    last = std::max(last, one.index);
}

// ---- at rest ----

/// How many times this session has to have got it.
quint32 StrangerWatch::promised(const Content &content, const QByteArray &clientId, const Session &session) const
{
    quint32 count = 0;
    for (const Published &one : m_published.at(content)) {
        const bool isOwed = std::ranges::any_of(session.subscriptions, [&](const auto &row) {
            const auto &[filter, subscription] = row;
            const bool isOwn = subscription.options.noLocal && one.publisher == clientId;
            return !isOwn && !isSharedFilter(filter) && subscription.options.maximumQos != Qos::AtMostOnce &&
                   one.index > subscription.since && filterMatches(filter, content.first);
        });
        count += isOwed && one.isAcknowledged && !one.expires;
    }
    return count;
}

Breaches StrangerWatch::missing(const LabView &view) const
{
    Breaches missing;
    const auto add = [&](Invariant invariant, const QByteArray &clientId, const QString &what) {
        missing.push_back({invariant, m_last, QString::fromUtf8(clientId) + QStringLiteral(": ") + what});
    };
    for (const ClientView &client : view.clients) {
        const QByteArray &clientId = client.record ? client.record->clientId : client.connect.clientId;
        const auto session = m_sessions.find(clientId);
        const bool isAtRest = client.connection == ClientConnection::Connected && client.heldAckTypes.empty() &&
                              client.heldReceivedTypes.empty() && client.heldAcksTotal == 0 &&
                              session != m_sessions.end();
        if (!isAtRest)
            continue;
        if (client.sentTotal > 0)
            add(NothingLeft, clientId, QStringLiteral("%1 messages were not answered").arg(client.sentTotal));
        if (client.heldTotal > 0)
            add(NothingLeft, clientId, QStringLiteral("%1 messages were not released").arg(client.heldTotal));
        const auto receiver = m_receivers.find(clientId);
        for (const auto &[content, all] : m_published) {
            const quint32 owed = promised(content, clientId, session->second);
            if (owed == 0)
                continue;
            const auto got = receiver == m_receivers.end() ? 0U : [&] {
                const auto found = receiver->second.delivered.find(content);
                return found == receiver->second.delivered.end() ? 0U : found->second;
            }();
            if (got < owed)
                add(AtLeastOnce, clientId,
                    QStringLiteral("%1 came %2 times of %3").arg(nameOf(content)).arg(got).arg(owed));
        }
    }
    return missing;
}

void StrangerWatch::breach(Invariant invariant, const TraceRecord &record, const QByteArray &clientId,
                           const QString &what)
{
    m_breaches.push_back({invariant, record.seq, QString::fromUtf8(clientId) + QStringLiteral(": ") + what});
}

} // namespace sessionscope
