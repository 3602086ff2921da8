#include "core/scenario/exchange_watch.h"

#include <algorithm>

namespace sessionscope {

using enum Invariant;

void ExchangeWatch::connected(quint32 sendMaximum)
{
    disconnected();
    m_sendMaximum = sendMaximum;
    m_lastResent = m_lastReleased = 0;
    for (auto &[id, exchange] : m_open)
        exchange.owesResend = true;
}

void ExchangeWatch::disconnected()
{
    m_requests.clear();
    m_releases.clear();
    m_pubacks.clear();
    m_pubrecs.clear();
    m_pubcomps.clear();
    m_repeats.clear();
    m_pings = 0;
    for (auto &[id, exchange] : m_open) {
        exchange.isHeldBack = false;
        exchange.takesQuota = false;
        exchange.owesResend = false;
    }
}

void ExchangeWatch::sessionEnded()
{
    m_open.clear();
    m_held.clear();
    disconnected();
}

void ExchangeWatch::breach(Invariant invariant, TraceSeq at, const QString &what)
{
    m_breaches.push_back({invariant, at, m_who + QStringLiteral(": ") + what});
}

QString ExchangeWatch::packetName(const char *name, PacketId id)
{
    return QStringLiteral("%1 #%2").arg(QLatin1String(name)).arg(id.value);
}

// ---- what this end sends ----

void ExchangeWatch::sent(const Packet &packet, TraceSeq at)
{
    if (const auto *publish = packet.as<PublishPacket>())
        return sentPublish(*publish, at);
    if (packet.as<SubscribePacket>() || packet.as<UnsubscribePacket>())
        return sentRequest(packetIdOf(packet), at);
    if (packet.as<PingrespPacket>())
        return sentPingresp(at);
    const auto *ack = packet.as<AckPacket>();
    if (!ack)
        return;
    if (ack->type == PacketType::Pubrel)
        return sentPubrel(ack->packetId, at);
    sentAnswer(ack->type == PacketType::Puback   ? m_pubacks
               : ack->type == PacketType::Pubrec ? m_pubrecs
                                                 : m_pubcomps,
               *ack, at);
    if (ack->type == PacketType::Pubrec && isFailure(ack->reason))
        m_held.erase(ack->packetId);
    else if (ack->type == PacketType::Pubrec)
        m_held.insert(ack->packetId);
}

void ExchangeWatch::sentPublish(const PublishPacket &publish, TraceSeq at)
{
    if (publish.qos == Qos::AtMostOnce) {
        if (publish.dup)
            breach(DupAndOriginalId, at, QStringLiteral("DUP 1 at QoS 0"));
        return;
    }
    if (publish.packetId == PacketId{})
        return breach(PacketIds, at, QStringLiteral("PUBLISH with packet identifier 0"));
    if (const auto open = m_open.find(publish.packetId); open != m_open.end())
        sentAgain(open->second, publish, at);
    else
        sentFirst(publish, at);
    checkQuota(at);
}

void ExchangeWatch::sentFirst(const PublishPacket &publish, TraceSeq at)
{
    const QString name = packetName("PUBLISH", publish.packetId);
    if (m_requests.contains(publish.packetId))
        breach(PacketIds, at, name + QStringLiteral(" has the identifier of an open SUBSCRIBE or UNSUBSCRIBE"));
    if (publish.dup)
        breach(DupAndOriginalId, at, name + QStringLiteral(" has DUP 1 and was not sent before"));
    const auto owes = [](const auto &row) { return row.second.owesResend && !row.second.isHeldBack; };
    if (std::any_of(m_open.begin(), m_open.end(), owes))
        breach(Order, at, name + QStringLiteral(" is new and overtakes a resend"));
    m_open[publish.packetId] = {.publish = publish, .takesQuota = true, .order = m_nextOrder++};
}

void ExchangeWatch::sentAgain(Exchange &exchange, const PublishPacket &publish, TraceSeq at)
{
    const QString name = packetName("PUBLISH", publish.packetId);
    const PublishPacket &first = exchange.publish;
    if (exchange.isReleased)
        return breach(ReleaseNotPublish, at, name + QStringLiteral(" after its PUBREC"));
    const bool isSame = first.topic == publish.topic && first.payload == publish.payload && first.qos == publish.qos;
    if (!isSame)
        return breach(PacketIds, at, name + QStringLiteral(" is another message under an identifier in use"));
    if (!exchange.owesResend)
        return breach(NoResendWithoutReconnect, at, name + QStringLiteral(" twice on one connection"));
    if (!publish.dup)
        breach(DupAndOriginalId, at, name + QStringLiteral(" is sent again with DUP 0"));
    if (exchange.order < m_lastResent)
        breach(Order, at, name + QStringLiteral(" is sent again after one that was first sent later"));
    m_lastResent = exchange.order;
    exchange.owesResend = false;
    exchange.takesQuota = true;
}

void ExchangeWatch::checkQuota(TraceSeq at)
{
    const auto takes = [](const auto &row) { return row.second.takesQuota; };
    const auto taken = std::count_if(m_open.begin(), m_open.end(), takes);
    if (taken > qint64(m_sendMaximum))
        breach(SendQuota, at,
               QStringLiteral("%1 messages open, the peer's Receive Maximum is %2").arg(taken).arg(m_sendMaximum));
}

void ExchangeWatch::sentPubrel(PacketId id, TraceSeq at)
{
    if (!m_releases.empty() && m_releases.front() == id) {
        m_releases.pop_front();
        if (const auto open = m_open.find(id); open != m_open.end())
            open->second.owesResend = false;
        return;
    }
    const auto open = m_open.find(id);
    if (open == m_open.end() || !open->second.isReleased)
        return breach(Answers, at, packetName("PUBREL", id) + QStringLiteral(" without a PUBREC"));
    Exchange &exchange = open->second;
    if (!exchange.owesResend)
        return breach(NoResendWithoutReconnect, at, packetName("PUBREL", id) + QStringLiteral(" twice"));
    if (exchange.releaseOrder < m_lastReleased)
        breach(Order, at, packetName("PUBREL", id) + QStringLiteral(" comes after that of a later PUBREC"));
    m_lastReleased = exchange.releaseOrder;
    exchange.owesResend = false;
}

void ExchangeWatch::sentAnswer(std::deque<PacketId> &owed, const AckPacket &ack, TraceSeq at)
{
    if (!owed.empty() && owed.front() == ack.packetId)
        return owed.pop_front();
    breach(Answers, at,
           packetName(packetTypeName(ack.type), ack.packetId) + QStringLiteral(" answers nothing, or out of order"));
}

void ExchangeWatch::sentPingresp(TraceSeq at)
{
    if (m_pings == 0)
        return breach(Answers, at, QStringLiteral("PINGRESP answers nothing"));
    --m_pings;
}

void ExchangeWatch::sentRequest(PacketId id, TraceSeq at)
{
    if (id == PacketId{})
        return breach(PacketIds, at, QStringLiteral("request with packet identifier 0"));
    if (m_open.contains(id) || !m_requests.insert(id).second)
        breach(PacketIds, at, packetName("request", id) + QStringLiteral(" has an identifier that is in use"));
}

void ExchangeWatch::heldBack(PacketType type, PacketId id)
{
    const auto open = m_open.find(id);
    if (type == PacketType::Pubrel && open != m_open.end())
        open->second.isHeldBack = true;
}

void ExchangeWatch::gaveUp(const QByteArray &topic)
{
    auto oldest = m_open.end();
    for (auto row = m_open.begin(); row != m_open.end(); ++row) {
        const bool fits = row->second.owesResend && !row->second.isReleased &&
                          (topic.isEmpty() || row->second.publish.topic == topic);
        if (fits && (oldest == m_open.end() || row->second.order < oldest->second.order))
            oldest = row;
    }
    if (oldest != m_open.end())
        m_open.erase(oldest);
}

// ---- what this end receives ----

void ExchangeWatch::received(const Packet &packet, TraceSeq)
{
    m_isRepeat = false;
    if (const auto *publish = packet.as<PublishPacket>())
        return receivedPublish(*publish);
    if (const auto *ack = packet.as<AckPacket>())
        return receivedAck(*ack);
    if (packet.as<PingreqPacket>())
        ++m_pings;
    if (packet.as<SubackPacket>() || packet.as<UnsubackPacket>())
        m_requests.erase(packetIdOf(packet));
}

void ExchangeWatch::receivedPublish(const PublishPacket &publish)
{
    if (publish.qos == Qos::AtLeastOnce)
        m_pubacks.push_back(publish.packetId);
    if (publish.qos != Qos::ExactlyOnce)
        return;
    m_pubrecs.push_back(publish.packetId);
    m_isRepeat = m_held.contains(publish.packetId);
    if (m_isRepeat)
        m_repeats.insert(publish.packetId);
    else
        m_repeats.erase(publish.packetId);
}

void ExchangeWatch::handedOn(const PublishPacket &publish, TraceSeq at)
{
    if (publish.qos == Qos::ExactlyOnce && m_repeats.contains(publish.packetId))
        breach(ExactlyOnce, at, QStringLiteral("a QoS 2 message is handed on again while its identifier is held"));
}

void ExchangeWatch::receivedAck(const AckPacket &ack)
{
    const auto open = m_open.find(ack.packetId);
    switch (ack.type) {
    case PacketType::Puback:
        if (open != m_open.end() && open->second.publish.qos == Qos::AtLeastOnce)
            m_open.erase(open);
        break;
    case PacketType::Pubrec:
        receivedPubrec(ack);
        break;
    case PacketType::Pubcomp:
        if (open != m_open.end() && open->second.isReleased)
            m_open.erase(open);
        break;
    default:
        m_held.erase(ack.packetId);
        m_pubcomps.push_back(ack.packetId);
        break;
    }
}

void ExchangeWatch::receivedPubrec(const AckPacket &ack)
{
    const auto open = m_open.find(ack.packetId);
    const bool isOpen = open != m_open.end() && open->second.publish.qos == Qos::ExactlyOnce;
    if (isFailure(ack.reason)) {
        if (isOpen)
            m_open.erase(open);
        return;
    }
    // An unknown PUBREC is answered, too [D-07].
    m_releases.push_back(ack.packetId);
    if (!isOpen || open->second.isReleased)
        return;
    open->second.isReleased = true;
    open->second.releaseOrder = m_nextOrder++;
}

} // namespace sessionscope
