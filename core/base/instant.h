// Time as an argument. Pure code gets an Instant handed in and never reads a clock.
// Microseconds in 64 bits reach 292 000 years, so a 32-bit expiry interval added to any Instant cannot wrap.
#pragma once

#include <QtGlobal> // before the others: moc 6.4 stumbles over the standard headers when no Qt header came first

#include <chrono>
#include <compare>
#include <optional>

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

/// An Instant or none, as std::optional<Instant> is, in half the room: for what a broker has a hundred thousand of.
/// Instant::max() stands for none.
class OptionalInstant
{
public:
    constexpr OptionalInstant() = default;
    constexpr OptionalInstant(std::nullopt_t) {}
    constexpr OptionalInstant(Instant at) : m_at(at) {}
    constexpr OptionalInstant(const std::optional<Instant> &at) : m_at(at.value_or(none)) {}

    constexpr explicit operator bool() const { return m_at != none; }
    constexpr operator std::optional<Instant>() const { return *this ? std::optional(m_at) : std::nullopt; }
    constexpr Instant operator*() const
    {
        Q_ASSERT(*this);
        return m_at;
    }
    constexpr void reset() { m_at = none; }
    constexpr bool operator==(const OptionalInstant &) const = default;

private:
    static constexpr Instant none = Instant::max();

    Instant m_at = none;
};

} // namespace sessionscope
