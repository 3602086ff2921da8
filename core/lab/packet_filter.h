// What a fault makes of one packet: bytes in, bytes out, and how it is to go on. Changes nothing else; lab_faults.cpp
// carries the outcome out.
#pragma once

#include "core/lab/fault.h"

namespace sessionscope {

/// A packet on its way through the faults.
struct PassingPacket
{
    Direction direction = Direction::Sent;
    Version version = Version::V5;
    const Packet &packet;
};

/// What the faults that act on one packet make of it together.
struct Filtered
{
    QByteArray bytes;
    int copies = 1;
    Duration delay{};
    qsizetype delayFrom = std::numeric_limits<qsizetype>::max(); ///< bytes of the first copy that do not wait
    std::optional<CloseHow> cut;                                 ///< behind the last copy
    std::optional<SilenceFault> silence;                         ///< from this packet on
    std::optional<ThrottleFault> throttle;                       ///< from this packet on
    TraceSeq record;                                             ///< of the latest fault that acted; none: none did
};

/// Whether packets of this kind are a fault's at all; others do not count for it.
bool concerns(const FaultKind &kind, const PassingPacket &passing);

/// Carries one fault out. What it did, without the fault's number; nothing when it cannot act on this packet.
std::optional<FaultTrace> act(const FaultKind &kind, const PassingPacket &passing, Filtered &filtered);

} // namespace sessionscope
