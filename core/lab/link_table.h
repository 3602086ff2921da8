// The links of a lab: what each belongs to, its framing and its pressure.
// Ids are dealt in sequence and never again, so a link is found by two array accesses; a page of the table goes when
// all of its links are gone, so a broker that saw a hundred million connections holds a few megabytes for them.
#pragma once

#include "core/mqtt/framer.h"
#include "core/trace/trace_record.h"

#include <array>
#include <limits>
#include <memory>
#include <vector>

namespace sessionscope {

enum class LinkStage : quint8
{
    Opening,
    Open,
    Closing
};

/// How far the bytes queued for a link have piled up.
enum class LinkPressure : quint8
{
    None,
    Blocked,    ///< the broker delivers nothing more to it
    NotReading, ///< and its own packets are not read, so that their answers cannot pile up either
};

/// What the lab knows of one end of one connection. There are many thousands: keep it small.
struct LabLink
{
    static constexpr quint32 nothingPending = std::numeric_limits<quint32>::max();

    TraceSeq opened; ///< the record of its opening or acceptance
    LinkId id;
    ClientKey client; ///< of Role::Client
    Role role = Role::Broker;
    LinkStage stage = LinkStage::Opening;
    LinkPressure pressure = LinkPressure::None;
    Version version = Version::V5;
    bool hasVersion : 1 = false;               ///< a CONNECT has said it; a second one, a violation, changes nothing
    bool requestProblemInformation : 1 = true; ///< of this connection's CONNECT
    bool awaitsConnect : 1 = false;            ///< of Role::Broker: no whole CONNECT has come
    bool isDetached : 1 = false;               ///< cut: its client has been told already
    bool isFiltered : 1 = false;               ///< its packets and bytes go through Lab::linkFaults
    quint16 topicAliasMaximum = 0;             ///< announced by this end
    quint32 unsentWhenBlocked = 0;             ///< bytes on their way when this end was told to wait
    quint32 pendingPlace = nothingPending;     ///< in Lab::pending
    Framer framer;
    QByteArray lastTopic; ///< of the latest PUBLISH that arrived: the next one mostly shares its text
};

class LinkTable
{
public:
    /// The next id.
    LinkId deal() { return LinkId{++m_last}; }

    /// id must come from deal() and hold no link.
    LabLink &insert(LinkId id)
    {
        const std::size_t page = id.value / pageSize;
        if (page >= m_pages.size())
            m_pages.resize(page + 1);
        if (!m_pages[page])
            m_pages[page] = std::make_unique<Page>();
        auto &slot = m_pages[page]->links[id.value % pageSize];
        Q_ASSERT(!slot);
        slot = std::make_unique<LabLink>();
        slot->id = id;
        ++m_pages[page]->used;
        ++m_size;
        return *slot;
    }

    /// nullptr when it is not there, or not any more. The pointer holds until remove().
    LabLink *find(LinkId id)
    {
        const std::size_t page = id.value / pageSize;
        return page < m_pages.size() && m_pages[page] ? m_pages[page]->links[id.value % pageSize].get() : nullptr;
    }

    void remove(LinkId id)
    {
        if (!find(id))
            return;
        auto &page = m_pages[id.value / pageSize];
        page->links[id.value % pageSize].reset();
        --m_size;
        if (--page->used == 0)
            page.reset();
    }

    std::size_t size() const { return m_size; }

    template<class Visit> void forEach(Visit visit)
    {
        for (auto &page : m_pages) {
            for (std::size_t i = 0; page && i < pageSize; ++i) {
                if (page->links[i])
                    visit(*page->links[i]);
            }
        }
    }

private:
    static constexpr std::size_t pageSize = 256;
    struct Page
    {
        std::array<std::unique_ptr<LabLink>, pageSize> links;
        std::size_t used = 0;
    };

    std::vector<std::unique_ptr<Page>> m_pages;
    quint32 m_last = 0;
    std::size_t m_size = 0;
};

} // namespace sessionscope
