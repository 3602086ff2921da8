// What waits for one session: copies routed to it and not yet sent, in arrival order (S4).
// QoS, RETAIN and subscription identifiers are those of the moment of routing [D-18]. An entry takes 32 bytes, and an
// empty queue has no storage: most sessions have an empty one.
#pragma once

#include "core/session/message.h"

#include <array>
#include <memory>
#include <optional>
#include <vector>

namespace sessionscope {

/// Names a share group for as long as it exists; 0: the copy came by an ordinary subscription.
using ShareKey = StrongId<struct ShareKeyTag, quint32>;

struct QueuedDelivery
{
    MessagePtr message;                                            ///< never null in an entry that is seen from outside
    std::unique_ptr<const QList<quint32>> subscriptionIdentifiers; ///< null: none
    ShareKey share;
    Qos qos = Qos::AtMostOnce;
    bool retain = false;
};
static_assert(2 * sizeof(QueuedDelivery) <= copyOverhead); // a vector that grows has room for twice as many

/// What limits of memory count of an entry.
inline qsizetype copyBytes(const QueuedDelivery &entry)
{
    const qsizetype identifiers = entry.subscriptionIdentifiers ? entry.subscriptionIdentifiers->size() : 0;
    return copyBytes(storedBytes(*entry.message), identifiers);
}

/// How often a queue is searched for expired entries behind its front, at most.
inline constexpr std::chrono::seconds expirySearchInterval{1};

class DeliveryQueue
{
public:
    bool isEmpty() const { return m_count == 0; }
    qsizetype size() const { return m_count; }
    /// The copyBytes() of all entries.
    qsizetype bytes() const { return m_bytes; }
    qsizetype count(Qos qos) const { return m_byQos[std::size_t(qos)]; }

    void append(QueuedDelivery entry);
    /// The oldest entry. The queue must not be empty.
    const QueuedDelivery &front() const { return m_entries[m_head]; }
    QueuedDelivery takeFront();
    /// Takes out the oldest QoS 0 entry; nothing when there is none.
    std::optional<QueuedDelivery> evictQos0();
    /// Removes what has expired in front; where nothing has, every entry that has expired, but once in
    /// expirySearchInterval only. Costs nothing while none can have.
    std::vector<QueuedDelivery> takeExpired(Instant now);
    /// Empties the queue, oldest first.
    std::vector<QueuedDelivery> takeAll();

    /// Calls visit(const QueuedDelivery &) oldest first until it returns false.
    template<class Visitor> void visit(Visitor &&visitor) const
    {
        for (std::size_t i = m_head; i < m_entries.size(); ++i) {
            if (m_entries[i].message && !visitor(m_entries[i]))
                return;
        }
    }

private:
    void forget(const QueuedDelivery &entry);
    void skipHoles();

    // Behind m_head stand live entries and holes (null message) that eviction left; front() is never a hole.
    std::vector<QueuedDelivery> m_entries;
    std::size_t m_head = 0;
    std::size_t m_qos0From = 0;                ///< no QoS 0 entry stands before this index
    Instant m_earliestExpiry = Instant::max(); ///< no entry expires before
    Instant m_nextSearch = Instant::min();     ///< for expired entries behind the front
    qsizetype m_count = 0;
    qsizetype m_bytes = 0;
    std::array<qsizetype, 3> m_byQos{};
};

} // namespace sessionscope
