// What lists choose by, of one record, in a few bytes: a choice among a million records reads these, side by side, and
// the records themselves only for a text. Made once, when a record comes.
#pragma once

#include "core/trace/trace_record.h"

namespace sessionscope {

/// In which list a record is a row.
enum class LogKind : quint8
{
    None,
    Packet,
    Event,
    Finding, ///< an event, too
    Message  ///< that was delivered to the application
};

struct LogDigest
{
    quint32 owner = 0; ///< the client's key, or at the broker the link
    quint16 packetId = 0;
    LogKind kind = LogKind::None;
    Role role = Role::Client;
    // Of a packet; the last three of a PUBLISH.
    PacketType type = PacketType::Reserved;
    Direction direction = Direction::Sent;
    Qos qos = Qos::AtMostOnce;
    bool dup : 1 = false;
    bool retain : 1 = false;
};

LogDigest digestOf(const TraceRecord &record);

} // namespace sessionscope
