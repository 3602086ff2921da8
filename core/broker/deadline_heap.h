// Who has to be looked at when: a binary heap of instants in which every owner stands at most once.
// The owner remembers its place (member deadlineSlot), so that re-arming and leaving cost O(log n) and nothing stale
// is ever left behind. Owners must stay where they are in memory while armed.
#pragma once

#include "core/base/instant.h"

#include <QtGlobal>

#include <limits>
#include <optional>
#include <vector>

namespace sessionscope {

/// The deadlineSlot of an owner that is not armed.
inline constexpr quint32 notArmed = std::numeric_limits<quint32>::max();

/// Owner needs a member `quint32 deadlineSlot = notArmed`.
template<class Owner> class DeadlineHeap
{
public:
    bool isEmpty() const { return m_entries.empty(); }
    qsizetype size() const { return qsizetype(m_entries.size()); }
    std::optional<Instant> next() const
    {
        return m_entries.empty() ? std::nullopt : std::optional<Instant>(m_entries.front().at);
    }
    /// The first owner whose instant is not after now, or nullptr. It stays armed.
    Owner *due(Instant now) const
    {
        return m_entries.empty() || m_entries.front().at > now ? nullptr : m_entries.front().owner;
    }

    /// Arms owner, or moves it when it is armed already.
    void arm(Owner &owner, Instant at)
    {
        if (owner.deadlineSlot == notArmed) {
            owner.deadlineSlot = quint32(m_entries.size());
            m_entries.push_back({at, &owner});
        } else {
            m_entries[owner.deadlineSlot].at = at;
        }
        settle(owner.deadlineSlot);
    }
    void disarm(Owner &owner)
    {
        const quint32 slot = owner.deadlineSlot;
        if (slot == notArmed)
            return;
        owner.deadlineSlot = notArmed;
        const Entry last = m_entries.back();
        m_entries.pop_back();
        if (slot == m_entries.size())
            return;
        place(slot, last);
        settle(slot);
    }

private:
    struct Entry
    {
        Instant at;
        Owner *owner = nullptr;
    };

    void place(std::size_t slot, const Entry &entry)
    {
        m_entries[slot] = entry;
        entry.owner->deadlineSlot = quint32(slot);
    }
    void settle(std::size_t slot)
    {
        const Entry entry = m_entries[slot];
        while (slot > 0 && entry.at < m_entries[(slot - 1) / 2].at) {
            place(slot, m_entries[(slot - 1) / 2]);
            slot = (slot - 1) / 2;
        }
        for (std::size_t child = 2 * slot + 1; child < m_entries.size(); child = 2 * slot + 1) {
            if (child + 1 < m_entries.size() && m_entries[child + 1].at < m_entries[child].at)
                ++child;
            if (!(m_entries[child].at < entry.at))
                break;
            place(slot, m_entries[child]);
            slot = child;
        }
        place(slot, entry);
    }

    std::vector<Entry> m_entries;
};

} // namespace sessionscope
