// The byte side of the lab's step: frames in, packets judged and handed to their engine; packets out, encoded into what
// goes to the driver.
#include "core/base/shared_slice.h"
#include "core/lab/lab_step.h"

namespace sessionscope {

namespace {

/// What one end says about itself in its CONNECT and has to be remembered for reading what it is sent.
void adopt(LabLink &link, const ConnectPacket &connect)
{
    if (link.hasVersion)
        return;
    link.hasVersion = true;
    switch (Version(connect.protocolLevel)) {
    case Version::V31:
    case Version::V311:
    case Version::V5:
        link.version = Version(connect.protocolLevel);
        break;
    }
    link.requestProblemInformation = connect.properties.integerOrDefault(PropertyId::RequestProblemInformation) != 0;
    if (link.role != Role::Client)
        return;
    link.topicAliasMaximum = quint16(connect.properties.integerOrDefault(PropertyId::TopicAliasMaximum));
    if (const auto maximum = connect.properties.integer(PropertyId::MaximumPacketSize); maximum && *maximum)
        link.framer.setMaximumPacketSize(*maximum);
}

} // namespace

void LabStep::operator()(const BytesArrived &event)
{
    LabLink *link = m_lab.links.find(event.link);
    if (!link || link->stage != LinkStage::Open)
        return;
    if (link->isFiltered)
        return arriveFiltered(*link, event.bytes);
    if (link->role == Role::Broker)
        m_lab.broker.counters.bytesReceived += quint64(event.bytes.size());
    const bool isForeign = link->awaitsConnect && link->framer.buffered() == 0 && !event.bytes.isEmpty() &&
                           quint8(event.bytes.front()) >> 4 != quint8(PacketType::Connect);
    link->framer.append(event.bytes);
    readFrames(*link);
    if (isForeign)
        refuseForeign(*link);
}

void LabStep::operator()(const RoomFilled &event)
{
    LabLink *link = m_lab.links.find(event.link);
    if (!link || link->stage != LinkStage::Open)
        return;
    if (link->role == Role::Broker)
        m_lab.broker.counters.bytesReceived += quint64(event.count);
    link->framer.fill(event.count);
    readFrames(*link);
}

void LabStep::readFrames(LabLink &link)
{
    Packet packet; // serves one frame after the other
    while (link.stage == LinkStage::Open) {
        const auto next = link.framer.next();
        m_cause = m_arrival;
        if (const auto *frame = std::get_if<QByteArray>(&next))
            readFrame(link, *frame, packet);
        else if (const auto *malformed = std::get_if<Malformed>(&next))
            return readBroken(link, {}, *malformed);
        else
            return;
    }
}

// Whole packets are shown as what they are; of another first packet nobody waits for the rest (MQTT-3.1.0-1).
void LabStep::refuseForeign(const LabLink &link)
{
    if (link.stage == LinkStage::Open && link.awaitsConnect)
        stepBroker(ConnectMissing{link.id});
}

void LabStep::readFrame(LabLink &link, const QByteArray &frame, Packet &packet)
{
    // The broker lets go of most packets at once; a client hands its messages to its application.
    const auto malformed = link.role == Role::Broker ? decodeSharedTo(packet, frame, link.version, link.lastTopic)
                                                     : decodeTo(packet, frame, link.version);
    if (malformed)
        return readBroken(link, frame, *malformed);
    packetArrived(link, packet, frame);
}

void LabStep::readBroken(LabLink &link, const QByteArray &bytes, const Malformed &malformed)
{
    // An answer to it has to be written in the version it asked for.
    if (malformed.protocolLevel != 0 && !link.hasVersion)
        link.version = nearestVersion(malformed.protocolLevel);
    m_cause = m_lab.trace.appendMalformed(contextOf(link), link.version, bytes, malformed);
    if (link.role == Role::Broker)
        return stepBroker(BrokerMalformedArrived{link.id, malformed});
    if (const auto found = m_lab.clients.find(link.client); found != m_lab.clients.end())
        stepClient(found->second, MalformedArrived{malformed});
}

void LabStep::packetArrived(LabLink &link, Packet &packet, const QByteArray &frame)
{
    if (const auto *connect = packet.as<ConnectPacket>(); connect && link.awaitsConnect) {
        link.awaitsConnect = false;
        adopt(link, *connect);
    }
    // Every receiver's record will share it.
    if (auto *publish = packet.as<PublishPacket>(); publish && m_lab.trace.level() == TraceLevel::Packets)
        publish->payload = keptBytes(publish->payload);
    m_cause = m_lab.trace.appendPacket(contextOf(link), Direction::Received, link.version, packet.type(), frame);
    rules::Context context;
    context.version = link.version;
    context.from = link.role == Role::Broker ? Sender::Client : Sender::Server;
    context.topicAliasMaximum = link.topicAliasMaximum;
    context.requestProblemInformation = link.requestProblemInformation;
    auto findings = rules::check(packet, context);
    for (const rules::Finding &finding : std::as_const(findings))
        m_lab.trace.append(contextOf(link), FindingTrace{finding, packet.type(), link.version});
    if (link.role == Role::Broker)
        return stepBroker(link.id, packet, findings);
    if (const auto found = m_lab.clients.find(link.client); found != m_lab.clients.end())
        stepClient(found->second, PacketArrived{std::move(packet), std::move(findings)});
}

// ---- out ----

void LabStep::send(LabLink &link, const Packet &packet)
{
    if (link.stage != LinkStage::Open)
        return;
    if (const auto *connect = packet.as<ConnectPacket>())
        adopt(link, *connect);
    if (link.isFiltered)
        return sendFiltered(link, packet);
    // From here on the limit is the one that this packet announces.
    if (const auto *connack = packet.as<ConnackPacket>(); connack && connack->reason == 0)
        link.framer.setMaximumPacketSize(m_lab.broker.config.maximumPacketSize);
    QByteArray &pending = pendingOf(link);
    const qsizetype start = pending.size();
    const auto *publish = packet.as<PublishPacket>();
    const bool isApart = publish && publish->payload.size() > PublishCache::joinedPayload;
    if (isApart)
        encodePublishTo(pending, fieldsOf(*publish), link.version, PayloadPart::Apart);
    else
        encodeTo(pending, packet, link.version);
    const TraceSeq record = sent(link, packet.type(), start, isApart ? publish->payload : QByteArray());
    if (link.role == Role::Client)
        judgeOwn(link, packet, record);
}

// A user may send what is illegal, and should know that it was. The broker's own packets are the tests' to judge.
void LabStep::judgeOwn(const LabLink &link, const Packet &packet, TraceSeq record)
{
    rules::Context context{.version = link.version, .from = Sender::Client};
    const auto client = m_lab.clients.find(link.client);
    if (client != m_lab.clients.end() && client->second.session.connack) {
        const Properties &announced = client->second.session.connack->properties;
        context.topicAliasMaximum = quint16(announced.integerOrDefault(PropertyId::TopicAliasMaximum));
    }
    for (const rules::Finding &finding : rules::check(packet, context)) {
        TraceContext where = contextOf(link);
        where.cause = record;
        m_lab.trace.append(where, FindingTrace{finding, packet.type(), link.version});
    }
}

void LabStep::send(LabLink &link, const BrokerSendAck &ack)
{
    if (link.stage != LinkStage::Open)
        return;
    QByteArray &pending = pendingOf(link);
    const qsizetype start = pending.size();
    encodeTo(pending, AckPacket{ack.type, ack.packetId, ack.reason, {}}, link.version);
    sent(link, ack.type, start);
}

void LabStep::send(LabLink &link, const BrokerSendPublish &publish)
{
    if (link.stage != LinkStage::Open)
        return;
    QByteArray &pending = pendingOf(link);
    const qsizetype start = pending.size();
    m_lab.publishCache.appendTo(pending, publish, link.version);
    const QByteArray &payload = publish.delivery.message->payload;
    sent(link, PacketType::Publish, start, payload.size() > PublishCache::joinedPayload ? payload : QByteArray());
}

/// A packet was encoded to the end of what is pending, from start on; a payload that is still to follow is shared.
TraceSeq LabStep::sent(LabLink &link, PacketType type, qsizetype start, const QByteArray &payload)
{
    const auto head = QByteArrayView(pendingOf(link)).sliced(start);
    const TraceSeq record =
        m_lab.trace.appendPacketCopy(contextOf(link), Direction::Sent, link.version, type, head, payload);
    if (!payload.isEmpty())
        handOver(link, payload);
    return record;
}

void LabStep::handOver(LabLink &link, const QByteArray &payload)
{
    QByteArray head = std::exchange(pendingOf(link), {});
    if (link.role == Role::Broker)
        m_lab.broker.counters.bytesSent += quint64(head.size() + payload.size());
    m_effects.push_back(SendBytes{link.id, std::move(head), payload});
}

/// Holds until another link's is asked for.
QByteArray &LabStep::pendingOf(LabLink &link)
{
    if (link.pendingPlace == LabLink::nothingPending) {
        link.pendingPlace = quint32(m_lab.pending.size());
        m_lab.pending.push_back({.link = link.id, .head = {}});
    }
    return m_lab.pending[link.pendingPlace].head;
}

void LabStep::flush(LabLink &link)
{
    if (link.pendingPlace != LabLink::nothingPending && !pendingOf(link).isEmpty())
        handOver(link);
}

void LabStep::flushPending()
{
    for (const SendBytes &pending : m_lab.pending) {
        if (LabLink *link = m_lab.links.find(pending.link)) {
            flush(*link);
            link->pendingPlace = LabLink::nothingPending;
        }
    }
    m_lab.pending.clear();
}

void LabStep::close(LabLink &link, CloseHow how)
{
    if (link.stage == LinkStage::Closing)
        return;
    if (how == CloseHow::Reset && link.pendingPlace != LabLink::nothingPending)
        pendingOf(link).clear();
    flush(link);
    link.stage = LinkStage::Closing;
    if (!link.isFiltered || !closesLater(link, how))
        m_effects.push_back(CloseLink{link.id, how});
}

void LabStep::remove(LabLink &link)
{
    if (link.isFiltered)
        m_lab.linkFaults.erase(link.id);
    m_lab.links.remove(link.id);
}

} // namespace sessionscope
