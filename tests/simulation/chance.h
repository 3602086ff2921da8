// Chance as a value: one seed, one sequence, the same on every machine and with every library.
#pragma once

#include "core/base/split_mix.h"

#include <initializer_list>

namespace sessionscope {

class Chance
{
public:
    explicit Chance(quint64 seed) : m_state(seed) {}

    quint64 next()
    {
        const quint64 number = splitMix(m_state);
        m_state += splitMixStep;
        return number;
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
