// Time as an argument. Pure code gets an Instant handed in and never reads a clock.
// Microseconds in 64 bits reach 292 000 years, so a 32-bit expiry interval added to any Instant cannot wrap.
#pragma once

#include <QtGlobal> // before the others: moc 6.4 stumbles over the standard headers when no Qt header came first

#include <chrono>
#include <compare>

namespace sessionscope {

/// The clock of a lab: its epoch is the lab's start, its rate is set by the driver (real or virtual).
struct LabClock
{
    using rep = std::int64_t;
    using period = std::micro;
    using duration = std::chrono::duration<rep, period>;
    using time_point = std::chrono::time_point<LabClock>;
    static constexpr bool is_steady = true;
};

using Duration = LabClock::duration;
using Instant = LabClock::time_point;

} // namespace sessionscope
