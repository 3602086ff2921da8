// What can be read off a packet without decoding it: enough to filter a million rows in a moment.
#pragma once

#include "core/trace/trace_record.h"

namespace sessionscope {

struct PacketPeek
{
    PacketType type = PacketType::Reserved;
    Qos qos = Qos::AtMostOnce; ///< of PUBLISH
    bool dup = false;
    bool retain = false;
    PacketId packetId;      ///< 0: none, or not readable
    QByteArrayView topic;   ///< of PUBLISH, into the record
    QByteArrayView payload; ///< of PUBLISH, into the record
};

/// Never fails: what cannot be read stays at its default. The views live as long as the record.
PacketPeek peek(const PacketTrace &packet);

} // namespace sessionscope
