#include "core/trace/trace.h"

#include "core/base/shared_slice.h"

#include <cstring>

namespace sessionscope {

namespace {

constexpr qsizetype blockSize = 64 * 1024;

bool isPerMessage(const ClientReport &report)
{
    return std::holds_alternative<MessageDelivered>(report) || std::holds_alternative<PublishAccepted>(report) ||
           std::holds_alternative<PublishCompleted>(report);
}

} // namespace

bool isKeptAtCounters(const TraceEvent &what)
{
    if (const auto *packet = std::get_if<PacketTrace>(&what))
        return packet->malformed.has_value();
    if (const auto *note = std::get_if<ClientNote>(&what))
        return !isPerMessage(note->effect);
    if (const auto *note = std::get_if<BrokerNote>(&what))
        return !std::holds_alternative<MessageDropped>(note->effect);
    return true;
}

TraceSeq Trace::append(const TraceContext &context, TraceEvent what)
{
    if (std::holds_alternative<FindingTrace>(what))
        ++m_counters.findings;
    if (m_level == TraceLevel::Off || (m_level == TraceLevel::Counters && !isKeptAtCounters(what)))
        return context.cause;
    return store(context, std::move(what), 0);
}

TraceSeq Trace::appendPacket(const TraceContext &context, Direction direction, Version version, PacketType type,
                             const QByteArray &head, const QByteArray &payload)
{
    const qsizetype size = head.size() + payload.size();
    count(direction, type, size);
    if (m_level != TraceLevel::Packets)
        return context.cause;
    if (size <= smallPacket)
        return storeSmall(context, direction, version, head, payload);
    return store(context, PacketTrace{direction, version, keptBytes(head), payload, {}}, size);
}

TraceSeq Trace::appendPacketCopy(const TraceContext &context, Direction direction, Version version, PacketType type,
                                 QByteArrayView head, const QByteArray &payload)
{
    const qsizetype size = head.size() + payload.size();
    count(direction, type, size);
    if (m_level != TraceLevel::Packets)
        return context.cause;
    if (size <= smallPacket)
        return storeSmall(context, direction, version, head, payload);
    return store(context, PacketTrace{direction, version, head.toByteArray(), payload, {}}, size);
}

TraceSeq Trace::appendMalformed(const TraceContext &context, Version version, const QByteArray &bytes,
                                const Malformed &malformed)
{
    ++m_counters.malformed;
    m_counters.bytesReceived += quint64(bytes.size());
    if (m_level == TraceLevel::Off)
        return context.cause;
    return store(context, PacketTrace{Direction::Received, version, bytes, {}, malformed}, bytes.size());
}

void Trace::count(Direction direction, PacketType type, qsizetype size)
{
    const bool isSent = direction == Direction::Sent;
    ++(isSent ? m_counters.sent : m_counters.received)[quint8(type) & 0x0F];
    (isSent ? m_counters.bytesSent : m_counters.bytesReceived) += quint64(size);
}

std::optional<TraceRecord> Trace::record(TraceSeq seq) const
{
    if (seq < m_first || seq >= m_next)
        return {};
    const auto index = std::size_t(seq.value - m_base.value);
    const Chunk &chunk = m_chunks[index / chunkSize];
    const Row &row = chunk.rows[index % chunkSize];
    TraceRecord found{seq, row.cause, row.at, row.role, row.client, row.link, {}};
    if (row.isSmallPacket)
        found.what =
            PacketTrace{row.direction, row.version, sharedSlice(chunk.blocks[row.block], row.place, row.size), {}, {}};
    else
        found.what = chunk.events[row.place];
    return found;
}

Trace::Chunk &Trace::openChunk()
{
    if (m_chunks.empty() || m_chunks.back().rows.size() == chunkSize)
        m_chunks.emplace_back().rows.reserve(chunkSize);
    return m_chunks.back();
}

TraceSeq Trace::store(const TraceContext &context, TraceEvent what, qsizetype bytes)
{
    Chunk &chunk = openChunk();
    const auto place = quint16(chunk.events.size());
    chunk.events.push_back(std::move(what));
    return finish(chunk, {.cause = context.cause,
                          .at = context.at,
                          .link = context.link,
                          .client = context.client,
                          .size = quint32(bytes),
                          .place = place,
                          .role = context.role});
}

// The block is written through its raw pointer and only behind what is in use, so no slice sees its bytes change.
TraceSeq Trace::storeSmall(const TraceContext &context, Direction direction, Version version, QByteArrayView head,
                           QByteArrayView payload)
{
    Chunk &chunk = openChunk();
    const qsizetype size = head.size() + payload.size();
    if (m_block.size() - m_blockUsed < size) {
        m_block = QByteArray(blockSize, Qt::Uninitialized);
        m_blockUsed = 0;
    }
    if (chunk.blocks.empty() || chunk.blocks.back().constData() != m_block.constData())
        chunk.blocks.push_back(m_block);
    const auto place = quint16(m_blockUsed);
    char *const bytes = const_cast<char *>(m_block.constData());
    for (const QByteArrayView part : {head, payload}) {
        if (!part.isEmpty())
            std::memcpy(bytes + m_blockUsed, part.data(), std::size_t(part.size()));
        m_blockUsed += part.size();
    }
    return finish(chunk, {.cause = context.cause,
                          .at = context.at,
                          .link = context.link,
                          .client = context.client,
                          .size = quint32(size),
                          .block = quint16(chunk.blocks.size() - 1),
                          .place = place,
                          .role = context.role,
                          .isSmallPacket = true,
                          .direction = direction,
                          .version = version});
}

TraceSeq Trace::finish(Chunk &chunk, const Row &row)
{
    chunk.rows.push_back(row);
    const TraceSeq seq = m_next;
    m_bytes += row.size;
    ++m_next.value;
    while (size() > m_limits.records || (m_bytes > m_limits.bytes && size() > 1))
        discardOldest();
    return seq;
}

void Trace::discardOldest()
{
    Chunk &chunk = m_chunks.front();
    const Row &oldest = chunk.rows[std::size_t(m_first.value - m_base.value)];
    m_bytes -= oldest.size;
    if (!oldest.isSmallPacket)
        chunk.events[oldest.place] = FindingTrace{};
    ++m_first.value;
    if (m_first.value - m_base.value == chunkSize) {
        m_chunks.pop_front();
        m_base = m_first;
    }
}

} // namespace sessionscope
