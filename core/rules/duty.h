// How grave a finding is, and what the standard has its receiver do: the packet that carries the reason, and whether
// the connection ends.
#pragma once

#include "core/rules/rules.h"

namespace sessionscope::rules {

enum class Severity : quint8
{
    Limit,     ///< no statement is broken: the receiver's limits or rights say no
    Refusable, ///< one packet is refused, the connection stays
    Fatal      ///< the connection ends
};

Severity severityOf(const Finding &finding);

struct Duty
{
    /// What carries the reason; PUBACK stands for PUBREC, too. None: no packet of this version can.
    std::optional<PacketType> answer;
    /// As that packet can carry it; a return code where answer is a CONNACK before 5.0.
    quint8 reason = 0;
    bool closes = false;
    bool operator==(const Duty &) const = default;
};

/// What the receiver of a packet of type `in` with this finding had to do.
Duty dutyOf(const Finding &finding, PacketType in, Version version);

} // namespace sessionscope::rules
