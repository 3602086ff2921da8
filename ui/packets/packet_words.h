// One packet in one line, for lists: what a person would say about it. Decodes, so it is called for painted rows only.
#pragma once

#include "core/trace/trace_record.h"

#include <QString>

namespace sessionscope {

enum class PayloadShown : quint8
{
    Start,
    All
};

/// "QoS 2 · DUP · plant/7/valve · open"
QString packetSummary(const PacketTrace &packet, PayloadShown shown = PayloadShown::Start);

/// Why a packet cannot be read, with the place: "field runs past the end, at byte 9 (Topic Name)".
QString malformedWords(const Malformed &malformed);

} // namespace sessionscope
