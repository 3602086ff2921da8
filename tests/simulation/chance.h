// Chance as a value: one seed, one sequence, the same on every machine and with every library.
#pragma once

#include <QtGlobal>

#include <initializer_list>

namespace sessionscope {

class Chance
{
public:
    explicit Chance(quint64 seed) : m_state(seed) {}

    /// splitmix64 of Steele, Lea and Flood.
    quint64 next()
    {
        m_state += 0x9E3779B97F4A7C15;
        quint64 value = m_state;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
    /// 0 to count - 1; count must not be 0.
    quint32 below(quint32 count) { return quint32((next() >> 32) % count); }
    bool oneIn(quint32 count) { return below(count) == 0; }
    template<class Value> Value pick(std::initializer_list<Value> values)
    {
        return *(values.begin() + below(quint32(values.size())));
    }

private:
    quint64 m_state = 0;
};

} // namespace sessionscope
