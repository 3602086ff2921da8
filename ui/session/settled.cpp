#include "ui/session/settled.h"

namespace sessionscope {

const QList<Difference> &SettledDifferences::update(const QList<Difference> &current, Instant now)
{
    QList<Seen> seen;
    m_settled.clear();
    for (const Difference &difference : current) {
        const auto known = std::find_if(m_seen.begin(), m_seen.end(),
                                        [&](const Seen &entry) { return entry.difference == difference; });
        const Instant since = known == m_seen.end() ? now : known->since;
        seen.append({difference, since});
        if (now - since >= settleTime)
            m_settled.append(difference);
    }
    m_seen = seen;
    return m_settled;
}

} // namespace sessionscope
