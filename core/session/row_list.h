// Rows in the order they were appended, found by Packet Identifier: what Outbox and Inbox are made of.
// Removing from the front, the common case, is cheap, and no pattern of removals makes 65 535 rows quadratic: a removed
// row stays behind as a gap until gaps outnumber rows. Identifiers are mostly dealt in sequence: while they are, the
// place of a row follows from its id, and only a list with an exception in it needs an index.
// A Row is copyable and has a `packetId`; 0 marks a gap.
#pragma once

#include "core/mqtt/types.h"

#include <QHash>

#include <algorithm>
#include <vector>

namespace sessionscope {

template<class Row> class RowList
{
public:
    qsizetype size() const { return qsizetype(m_rows.size()) - m_head - m_gaps; }
    bool isEmpty() const { return size() == 0; }

    /// Appends a row whose id is not in the list. The reference holds until the next append or remove.
    Row &append(Row row)
    {
        Q_ASSERT(row.packetId != PacketId{} && !find(row.packetId));
        if (m_rows.empty())
            m_firstId = row.packetId;
        m_inSequence = m_inSequence && m_rows.size() < longestSequence && placeOf(row.packetId) == m_rows.size();
        m_rows.push_back(std::move(row));
        if (isIndexed())
            m_index.insert(m_rows.back().packetId, quint32(m_rows.size() - 1));
        else if (!m_inSequence && m_rows.size() > scanLimit)
            rebuildIndex();
        return m_rows.back();
    }

    Row *find(PacketId id) { return const_cast<Row *>(std::as_const(*this).find(id)); }
    const Row *find(PacketId id) const
    {
        if (id == PacketId{})
            return nullptr;
        if (m_inSequence) {
            const std::size_t place = placeOf(id);
            return place < m_rows.size() && m_rows[place].packetId == id ? &m_rows[place] : nullptr;
        }
        if (isIndexed()) {
            const auto found = m_index.constFind(id);
            return found == m_index.cend() ? nullptr : &m_rows[*found];
        }
        const auto found =
            std::find_if(m_rows.begin() + m_head, m_rows.end(), [id](const Row &row) { return row.packetId == id; });
        return found == m_rows.end() ? nullptr : &*found;
    }

    /// Takes out a row of this list; pointers to other rows are no longer valid.
    void remove(Row *row)
    {
        if (isIndexed())
            m_index.remove(row->packetId);
        // What the row owns goes now; what it was sorted by stays, so that a search over the gaps still works.
        row->packetId = {};
        row->forget();
        ++m_gaps;
        while (m_head < qsizetype(m_rows.size()) && m_rows[m_head].packetId == PacketId{}) {
            ++m_head;
            --m_gaps;
        }
        if (isEmpty())
            clear();
        else if (m_head + m_gaps > size() + scanLimit)
            closeGaps();
    }

    void clear()
    {
        m_index.clear();
        m_head = m_gaps = 0;
        m_inSequence = true;
        m_rows.clear();
        if (m_rows.capacity() > scanLimit)
            std::vector<Row>().swap(m_rows);
    }

    /// Calls visit with every row, oldest first.
    template<class Visit> void forEach(Visit &&visit)
    {
        for (auto row = m_rows.begin() + m_head; row != m_rows.end(); ++row)
            if (row->packetId != PacketId{})
                visit(*row);
    }
    template<class Visit> void forEach(Visit &&visit) const
    {
        for (auto row = m_rows.begin() + m_head; row != m_rows.end(); ++row)
            if (row->packetId != PacketId{})
                visit(*row);
    }

    /// The oldest row from the first one on that is not before(row); nullptr when there is none.
    template<class Before> Row *firstNot(Before &&before)
    {
        auto row = std::partition_point(m_rows.begin() + m_head, m_rows.end(), before);
        while (row != m_rows.end() && row->packetId == PacketId{})
            ++row;
        return row == m_rows.end() ? nullptr : &*row;
    }

private:
    /// Up to here a scan beats an index, and a vector is kept rather than given back.
    static constexpr qsizetype scanLimit = 32;

    /// As many ids as there are; a list that is longer with its gaps would have two places for one.
    static constexpr std::size_t longestSequence = 65'535;

    bool isIndexed() const { return !m_index.isEmpty(); }

    /// Where id stands if all rows from the first one on have consecutive ids; 1 follows on 65 535.
    std::size_t placeOf(PacketId id) const
    {
        return (std::size_t(id.value) + longestSequence - m_firstId.value) % longestSequence;
    }

    void rebuildIndex()
    {
        m_index.clear();
        m_index.reserve(qsizetype(m_rows.size()));
        for (size_t at = size_t(m_head); at < m_rows.size(); ++at)
            if (m_rows[at].packetId != PacketId{})
                m_index.insert(m_rows[at].packetId, quint32(at));
    }

    void closeGaps()
    {
        const bool hadGapsInside = m_gaps > 0;
        std::erase_if(m_rows, [](const Row &row) { return row.packetId == PacketId{}; });
        m_head = m_gaps = 0;
        m_firstId = m_rows.front().packetId;
        m_inSequence = m_inSequence && !hadGapsInside;
        if (!m_inSequence && (isIndexed() || m_rows.size() > scanLimit))
            rebuildIndex();
    }

    std::vector<Row> m_rows;
    QHash<PacketId, quint32> m_index; ///< id to position; empty while the rows are few or in sequence
    qsizetype m_head = 0;             ///< the first row that is no gap
    qsizetype m_gaps = 0;             ///< behind m_head
    PacketId m_firstId;               ///< that the first row has, or had before it became a gap
    bool m_inSequence = true;         ///< the ids of all rows, those of gaps included, are consecutive
};

} // namespace sessionscope
