#include "core/trace/trace.h"

#include "core/base/shared_slice.h"

#include <cstring>
#include <limits>

namespace sessionscope {

namespace {

constexpr qsizetype blockSize = 64 * 1024;

bool isPerMessage(const ClientReport &report)
{
    return std::holds_alternative<MessageDelivered>(report) || std::holds_alternative<PublishAccepted>(report) ||
           std::holds_alternative<PublishCompleted>(report);
}

/// What a ServerSessionChanged is beside its Client Identifier, as it stands in a block.
struct SmallSession
{
    LinkId link;
    SessionChange change = SessionChange::Created;
    std::optional<SessionEnd> why;
};

template<class Value> QByteArrayView bytesOf(const Value &value)
{
    static_assert(std::is_trivially_copyable_v<Value>);
    return {reinterpret_cast<const char *>(&value), qsizetype(sizeof value)};
}

/// The value whose bytes stand at the beginning of bytes, aligned or not.
template<class Value> Value valueIn(QByteArrayView bytes)
{
    Value value;
    std::memcpy(&value, bytes.data(), sizeof value);
    return value;
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
    // No packet is kept there that its bytes would be counted with.
    if (auto *note = std::get_if<BrokerNote>(&what); note && m_level == TraceLevel::Counters) {
        if (auto *will = std::get_if<WillPublished>(&note->effect))
            will->payload.clear();
    }
    const auto small = appendSmall(context, what);
    return small ? *small : store(context, std::move(what), 0);
}

std::optional<TraceSeq> Trace::appendSmall(const TraceContext &context, const TraceEvent &what)
{
    const auto keep = [&](Kind kind, QByteArrayView fixed, const QByteArray &text) {
        return text.size() < smallPacket ? std::optional(storeSmall(context, {.kind = kind}, fixed, text))
                                         : std::nullopt;
    };
    if (const auto *link = std::get_if<LinkTrace>(&what))
        return keep(Kind::LinkChange, bytesOf(link->change), link->detail.toUtf8());
    if (const auto *command = std::get_if<CommandTrace>(&what))
        return keep(Kind::Command, {}, command->text.toUtf8());
    if (const auto *note = std::get_if<ClientNote>(&what)) {
        if (const auto *accepted = std::get_if<PublishAccepted>(&note->effect))
            return keep(Kind::Accepted, bytesOf(*accepted), {});
        if (const auto *completed = std::get_if<PublishCompleted>(&note->effect))
            return keep(Kind::Completed, bytesOf(*completed), {});
    } else if (const auto *report = std::get_if<BrokerNote>(&what)) {
        if (const auto *session = std::get_if<ServerSessionChanged>(&report->effect))
            return keep(Kind::SessionChange, bytesOf(SmallSession{session->link, session->change, session->why}),
                        session->clientId);
        if (const auto *close = std::get_if<BrokerClose>(&report->effect))
            return keep(Kind::BrokerCloses, bytesOf(*close), {});
    }
    return {};
}

TraceSeq Trace::keepPacket(const TraceContext &context, Direction direction, Version version, const QByteArray &head,
                           const QByteArray &payload)
{
    const qsizetype size = head.size() + payload.size();
    if (size <= smallPacket)
        return storePacket(context, direction, version, head, payload);
    return store(context, PacketTrace{direction, version, keptBytes(head), payload, {}}, size);
}

TraceSeq Trace::keepPacketCopy(const TraceContext &context, Direction direction, Version version, QByteArrayView head,
                               const QByteArray &payload)
{
    const qsizetype size = head.size() + payload.size();
    if (size <= smallPacket)
        return storePacket(context, direction, version, head, payload);
    return store(context, PacketTrace{direction, version, head.toByteArray(), payload, {}}, size);
}

TraceSeq Trace::appendMalformed(const TraceContext &context, Version version, const QByteArray &bytes,
                                const Malformed &malformed)
{
    ++m_counters.malformed;
    m_counters.bytesReceived += quint64(bytes.size());
    if (m_level == TraceLevel::Off)
        return context.cause;
    return store(context, PacketTrace{Direction::Received, version, keptBytes(bytes), {}, malformed}, bytes.size());
}

std::optional<TraceRecord> Trace::record(TraceSeq seq) const
{
    if (seq < m_first || seq >= m_next)
        return {};
    const auto index = std::size_t(seq.value - m_base.value);
    const Chunk &chunk = m_chunks[index / chunkSize];
    const Row &row = chunk.rows[index % chunkSize];
    TraceRecord found{seq, row.cause(seq), row.at, row.role, row.client, row.link, {}};
    found.what = row.kind == Kind::Event ? chunk.events[row.place] : eventOf(row, chunk.blocks[row.block]);
    return found;
}

TraceEvent Trace::eventOf(const Row &row, const QByteArray &block)
{
    const QByteArrayView bytes = QByteArrayView(block).sliced(row.place, row.size);
    switch (row.kind) {
    case Kind::Event:
        break;
    case Kind::SmallPacket:
        return PacketTrace{row.direction, row.version, sharedSlice(block, row.place, row.size), {}, {}};
    case Kind::LinkChange: {
        const auto change = valueIn<LinkChange>(bytes);
        return LinkTrace{change, QString::fromUtf8(bytes.sliced(sizeof change))};
    }
    case Kind::SessionChange: {
        const auto session = valueIn<SmallSession>(bytes);
        return BrokerNote{ServerSessionChanged{bytes.sliced(sizeof session).toByteArray(), session.change, session.why,
                                               session.link}};
    }
    case Kind::BrokerCloses:
        return BrokerNote{valueIn<BrokerClose>(bytes)};
    case Kind::Command:
        return CommandTrace{QString::fromUtf8(bytes)};
    case Kind::Accepted:
        return ClientNote{valueIn<PublishAccepted>(bytes)};
    case Kind::Completed:
        return ClientNote{valueIn<PublishCompleted>(bytes)};
    }
    Q_UNREACHABLE();
}

void Trace::Row::setCause(TraceSeq cause, TraceSeq own)
{
    const quint64 behind = cause.value ? own.value - cause.value : 0;
    causeBehind = behind <= std::numeric_limits<quint32>::max() ? quint32(behind) : 0;
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
    return finish(chunk, context.cause,
                  {.at = context.at,
                   .link = context.link,
                   .client = context.client,
                   .size = quint32(bytes),
                   .place = place,
                   .role = context.role});
}

TraceSeq Trace::storePacket(const TraceContext &context, Direction direction, Version version, QByteArrayView head,
                            QByteArrayView payload)
{
    return storeSmall(context, {.kind = Kind::SmallPacket, .direction = direction, .version = version}, head, payload);
}

// The block is written through its raw pointer and only behind what is in use, so no slice sees its bytes change.
TraceSeq Trace::storeSmall(const TraceContext &context, Row row, QByteArrayView first, QByteArrayView second)
{
    Chunk &chunk = openChunk();
    const qsizetype size = first.size() + second.size();
    if (m_block.size() - m_blockUsed < size) {
        m_block = QByteArray(blockSize, Qt::Uninitialized);
        m_blockUsed = 0;
    }
    if (chunk.blocks.empty() || chunk.blocks.back().constData() != m_block.constData())
        chunk.blocks.push_back(m_block);
    row.at = context.at;
    row.link = context.link;
    row.client = context.client;
    row.role = context.role;
    row.size = quint32(size);
    row.block = quint16(chunk.blocks.size() - 1);
    row.place = quint16(m_blockUsed);
    char *const bytes = const_cast<char *>(m_block.constData());
    for (const QByteArrayView part : {first, second}) {
        if (!part.isEmpty())
            std::memcpy(bytes + m_blockUsed, part.data(), std::size_t(part.size()));
        m_blockUsed += part.size();
    }
    return finish(chunk, context.cause, row);
}

TraceSeq Trace::finish(Chunk &chunk, TraceSeq cause, Row row)
{
    row.setCause(cause, m_next);
    chunk.rows.push_back(row);
    const TraceSeq seq = m_next;
    m_bytes += row.packetSize();
    ++m_next.value;
    while (size() > m_limits.records || (m_bytes > m_limits.bytes && size() > 1))
        discardOldest();
    return seq;
}

void Trace::discardOldest()
{
    Chunk &chunk = m_chunks.front();
    const Row &oldest = chunk.rows[std::size_t(m_first.value - m_base.value)];
    m_bytes -= oldest.packetSize();
    if (oldest.kind == Kind::Event)
        chunk.events[oldest.place] = FindingTrace{};
    ++m_first.value;
    if (m_first.value - m_base.value == chunkSize) {
        m_chunks.pop_front();
        m_base = m_first;
    }
}

} // namespace sessionscope
