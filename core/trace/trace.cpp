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
        return store(context, PacketTrace{direction, version, packed(head, payload), {}, {}}, size);
    return store(context, PacketTrace{direction, version, head, payload, {}}, size);
}

TraceSeq Trace::appendPacketCopy(const TraceContext &context, Direction direction, Version version, PacketType type,
                                 QByteArrayView frame)
{
    count(direction, type, frame.size());
    if (m_level != TraceLevel::Packets)
        return context.cause;
    QByteArray copy = frame.size() <= smallPacket ? packed(frame, {}) : frame.toByteArray();
    return store(context, PacketTrace{direction, version, std::move(copy), {}, {}}, frame.size());
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

const TraceRecord *Trace::find(TraceSeq seq) const
{
    if (seq < m_first || seq >= m_next)
        return nullptr;
    const auto index = std::size_t(seq.value - m_base.value);
    return &m_chunks[index / chunkSize][index % chunkSize];
}

TraceSeq Trace::store(const TraceContext &context, TraceEvent what, qsizetype bytes)
{
    if (m_chunks.empty() || m_chunks.back().size() == chunkSize)
        m_chunks.emplace_back().reserve(chunkSize);
    const TraceSeq seq = m_next;
    m_chunks.back().push_back(
        {seq, context.cause, context.at, context.role, context.client, context.link, std::move(what)});
    m_bytes += bytes;
    ++m_next.value;
    while (size() > m_limits.records || (m_bytes > m_limits.bytes && size() > 1))
        discardOldest();
    return seq;
}

void Trace::discardOldest()
{
    auto &oldest = m_chunks.front()[std::size_t(m_first.value - m_base.value)].what;
    if (const auto *packet = std::get_if<PacketTrace>(&oldest))
        m_bytes -= packet->size();
    oldest = FindingTrace{};
    ++m_first.value;
    if (m_first.value - m_base.value == chunkSize) {
        m_chunks.pop_front();
        m_base = m_first;
    }
}

// Slices of one block share one allocation. The block is written through its raw pointer, only behind the last slice
// and within its capacity, so no slice ever sees its bytes change.
QByteArray Trace::packed(QByteArrayView head, QByteArrayView payload)
{
    const qsizetype size = head.size() + payload.size();
    if (m_block.capacity() - m_block.size() < size) {
        m_block = QByteArray();
        m_block.reserve(blockSize);
    }
    auto &block = m_block.data_ptr();
    const qsizetype start = block.size;
    for (const QByteArrayView part : {head, payload}) {
        if (!part.isEmpty())
            std::memcpy(block.ptr + block.size, part.data(), std::size_t(part.size()));
        block.size += part.size();
    }
    return sharedSlice(m_block, start, size);
}

} // namespace sessionscope
