#include "ui/packets/log_digest.h"

#include "ui/packets/event_words.h"
#include "ui/packets/finding_words.h"
#include "ui/packets/packet_peek.h"

namespace sessionscope {

namespace {

LogKind kindOf(const TraceRecord &record)
{
    if (std::holds_alternative<PacketTrace>(record.what))
        return LogKind::Packet;
    if (const auto *note = std::get_if<ClientNote>(&record.what);
        note && std::holds_alternative<MessageDelivered>(note->effect))
        return LogKind::Message;
    if (findingIn(record))
        return LogKind::Finding;
    return hasEventWords(record) ? LogKind::Event : LogKind::None;
}

} // namespace

LogDigest digestOf(const TraceRecord &record)
{
    LogDigest digest;
    digest.role = record.role;
    digest.owner = record.role == Role::Client ? record.client.value : record.link.value;
    digest.kind = kindOf(record);
    if (const auto *packet = std::get_if<PacketTrace>(&record.what)) {
        const PacketPeek seen = peek(*packet);
        digest.packetId = seen.packetId.value;
        digest.type = seen.type;
        digest.direction = packet->direction;
        digest.qos = seen.qos;
        digest.dup = seen.dup;
        digest.retain = seen.retain;
    }
    return digest;
}

} // namespace sessionscope
