#include "ui/packets/trace_log.h"

namespace sessionscope {

void TraceLog::append(std::vector<TraceRecord> &records)
{
    if (records.empty())
        return;
    const LogRow first = m_end;
    for (TraceRecord &record : records)
        push(std::move(record));
    records.clear();
    const LogRow before = m_begin;
    trim();
    if (m_begin != before)
        Q_EMIT trimmed(m_begin);
    Q_EMIT appended(std::max(first, m_begin));
}

const TraceRecord &TraceLog::at(LogRow row) const
{
    Q_ASSERT(row >= m_begin && row < m_end);
    const LogRow offset = row - m_begin;
    return m_chunks[offset / chunkSize].records[offset % chunkSize];
}

void TraceLog::push(TraceRecord &&record)
{
    if (m_chunks.empty() || m_chunks.back().records.size() == chunkSize) {
        m_chunks.emplace_back();
        m_chunks.back().records.reserve(chunkSize);
        m_chunks.back().digests.reserve(chunkSize);
    }
    m_masker.hide(record);
    if (const auto *packet = std::get_if<PacketTrace>(&record.what)) {
        m_chunks.back().bytes += packet->size();
        m_bytes += packet->size();
        ++m_packets;
    }
    m_chunks.back().digests.push_back(digestOf(record));
    m_chunks.back().records.push_back(std::move(record));
    ++m_end;
}

void TraceLog::trim()
{
    // The last chunk always stays: it is being filled, and one batch may be larger than everything allowed.
    while (m_chunks.size() > 1 && (m_end - m_begin > recordLimit || m_bytes > byteLimit)) {
        m_begin += m_chunks.front().records.size();
        m_bytes -= m_chunks.front().bytes;
        m_chunks.pop_front();
    }
}

} // namespace sessionscope
