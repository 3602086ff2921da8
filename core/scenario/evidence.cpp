#include "core/scenario/evidence.h"

#include "core/mqtt/topic.h"

#include <algorithm>

namespace sessionscope {

namespace {

bool isCut(FaultAct act)
{
    return act == FaultAct::CutBefore || act == FaultAct::CutAfter || act == FaultAct::CutWithin;
}

} // namespace

void Evidence::lookAtPacket(const TraceRecord &record, const PacketTrace &trace)
{
    const bool isMute = trace.direction == Direction::Sent && record.link == m_cutLink;
    if (record.role != Role::Client || trace.malformed || isMute)
        return;
    auto packet = decode(trace.frame(), trace.version);
    if (!packet)
        return;
    m_versions[record.client] = trace.version;
    if (trace.direction == Direction::Received) {
        if (const auto *connack = packet->as<ConnackPacket>())
            lastReason[record.client] = connack->reason;
        else if (const auto *disconnect = packet->as<DisconnectPacket>())
            lastReason[record.client] = quint8(disconnect->reason);
    }
    packets.push_back({record.seq, record.at, record.client, trace.direction, std::move(packet).value()});
}

/// A packet is sent as what left of it: not at all, or with another reason code.
void Evidence::lookAtFault(const TraceRecord &record, const FaultTrace &fault)
{
    if (isCut(fault.act))
        m_cutLink = record.link;
    const auto sent = std::find_if(packets.rbegin(), packets.rend(),
                                   [&record](const SeenPacket &packet) { return packet.seq == record.cause; });
    if (sent == packets.rend() || sent->direction != Direction::Sent)
        return;
    if (fault.act == FaultAct::CutBefore || fault.act == FaultAct::CutWithin || fault.act == FaultAct::Dropped) {
        packets.erase(std::next(sent).base());
    } else if (!fault.bytes.isEmpty()) {
        if (auto changed = decode(fault.bytes, m_versions[record.client]))
            sent->packet = std::move(changed).value();
    }
}

bool Evidence::hasAskedFor(ClientKey client, const QByteArray &topic) const
{
    const auto asks = [&topic](const SubscribePacket::Entry &entry) {
        const auto shared = parseSharedFilter(entry.filter);
        return topic.isEmpty() || filterMatches(shared ? QByteArrayView(shared->filter) : entry.filter, topic);
    };
    return std::ranges::any_of(packets, [&](const SeenPacket &seen) {
        const auto *subscribe = seen.packet.as<SubscribePacket>();
        return seen.client == client && seen.direction == Direction::Sent && subscribe &&
               std::ranges::any_of(subscribe->entries, asks);
    });
}

void Evidence::lookAtBroker(const TraceRecord &record, const BrokerReport &report)
{
    if (const auto *changed = std::get_if<ServerSessionChanged>(&report)) {
        if (changed->change == SessionChange::Detached)
            m_left[changed->clientId] = record.at;
        else if (changed->change != SessionChange::Ended)
            m_left.erase(changed->clientId);
    }
    const auto *will = std::get_if<WillPublished>(&report);
    if (!will)
        return;
    // One that comes with the end of its connection comes before the session is told to be kept.
    const auto left = m_left.find(will->clientId);
    const Duration after = left == m_left.end() ? Duration{} : record.at - left->second;
    wills.push_back(
        {record.seq, record.at, will->clientId, will->topic, will->payload, will->qos, will->retain, after});
}

void Evidence::look(const TraceRecord &record)
{
    if (const auto *trace = std::get_if<PacketTrace>(&record.what)) {
        lookAtPacket(record, *trace);
    } else if (const auto *fault = std::get_if<FaultTrace>(&record.what)) {
        lookAtFault(record, *fault);
    } else if (const auto *note = std::get_if<ClientNote>(&record.what)) {
        if (const auto *delivered = std::get_if<MessageDelivered>(&note->effect))
            messages.push_back({record.seq, record.at, record.client, Direction::Received, Packet(delivered->publish)});
    } else if (const auto *link = std::get_if<LinkTrace>(&record.what)) {
        if (record.role != Role::Client || !endsConnection(link->change))
            return;
        const auto reason = lastReason.find(record.client);
        const bool isRefusal = reason != lastReason.end() && reason->second != 0;
        closes.push_back({record.seq, record.at, record.client, link->change,
                          isRefusal ? std::optional(reason->second) : std::nullopt});
        lastReason.erase(record.client);
    } else if (const auto *broker = std::get_if<BrokerNote>(&record.what)) {
        lookAtBroker(record, broker->effect);
    } else if (const auto *found = std::get_if<FindingTrace>(&record.what)) {
        findings.push_back({record.seq, record.at, record.client, found->finding});
    }
}

} // namespace sessionscope
