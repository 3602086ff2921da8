// Chance that is repeatable from a seed and the same on every machine: one number of the splitmix64 sequence of Steele,
// Lea and Flood (2014). Enough to spread identifiers and waits; no secret may depend on it.
#pragma once

#include <QtGlobal>

namespace sessionscope {

/// What separates the states of two numbers that follow each other.
inline constexpr quint64 splitMixStep = 0x9E3779B97F4A7C15;

/// The number behind one state.
constexpr quint64 splitMix(quint64 state)
{
    quint64 value = state + splitMixStep;
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
    return value ^ (value >> 31);
}

} // namespace sessionscope
