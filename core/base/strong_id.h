// Identifiers that cannot be mixed up: a PacketId is no LinkId, though both are integers.
#pragma once

#include <QHashFunctions>
#include <compare>

namespace sessionscope {

/// An integer of its own type. Tag is any type that names the kind; Rep is the integer behind it.
template<class Tag, class Rep> struct StrongId
{
    Rep value = 0;

    constexpr auto operator<=>(const StrongId &) const = default;
    friend size_t qHash(StrongId id, size_t seed = 0) noexcept { return ::qHash(id.value, seed); }
};

} // namespace sessionscope
