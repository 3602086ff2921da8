// Differences that last. While packets travel both ends always differ for a moment; what is gone before a person could
// read it is not worth showing.
#pragma once

#include "ui/session/differences.h"

namespace sessionscope {

class SettledDifferences
{
public:
    /// How long a difference has to last.
    static constexpr Duration settleTime = std::chrono::milliseconds(300);

    /// Takes what holds now and returns what has held long enough.
    const QList<Difference> &update(const QList<Difference> &current, Instant now);

private:
    struct Seen
    {
        Difference difference;
        Instant since;
    };
    QList<Seen> m_seen;
    QList<Difference> m_settled;
};

} // namespace sessionscope
