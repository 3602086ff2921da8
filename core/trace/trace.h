// The trace: every record in order, appended and never changed.
// Sequence numbers are dense from 1, so a record is found by arithmetic; when a limit is reached the oldest record goes
// and discarded() tells. A small packet costs a short row and its bytes, packed with others into a block: no allocation
// of its own, and it never keeps a read buffer of the network alive. So do the records that every connection leaves:
// that it came and went, and what became of the session. Counters count at every level.
#pragma once

#include "core/trace/trace_record.h"

#include <array>
#include <deque>

namespace sessionscope {

/// How much a trace keeps.
enum class TraceLevel : quint8
{
    Packets,  ///< everything
    Counters, ///< connections, commands, findings and session changes; packets and messages are only counted
    Off,      ///< counters alone
};

struct TraceLimits
{
    std::size_t records = 2'000'000;
    qsizetype bytes = 512 * 1024 * 1024; ///< of packets, as on the wire
};

/// Totals since the lab's start, by packet type.
struct TraceCounters
{
    std::array<quint64, 16> sent{};
    std::array<quint64, 16> received{};
    quint64 bytesSent = 0;
    quint64 bytesReceived = 0;
    quint64 malformed = 0;
    quint64 findings = 0;
    bool operator==(const TraceCounters &) const = default;
};

/// Where an event belongs, apart from what it is.
struct TraceContext
{
    TraceSeq cause;
    Instant at;
    Role role = Role::Client;
    ClientKey client;
    LinkId link;
};

class Trace
{
public:
    /// Records that share an allocation.
    static constexpr std::size_t chunkSize = 1024;
    /// Packets up to this size are copied into a shared block; larger ones share the bytes they came in (keptBytes).
    /// The same limit holds for the texts of a LinkTrace and a CommandTrace and the Client Identifier of a
    /// ServerSessionChanged.
    static constexpr qsizetype smallPacket = 512;

    explicit Trace(TraceLevel level = TraceLevel::Packets, TraceLimits limits = {}) : m_level(level), m_limits(limits)
    {
    }

    TraceLevel level() const { return m_level; }
    /// Applies to what is appended from now on.
    void setLevel(TraceLevel level) { m_level = level; }
    const TraceLimits &limits() const { return m_limits; }

    /// The new record's place, or context.cause when the level leaves records of this kind out: then whatever follows
    /// from the event is attributed to what caused it.
    TraceSeq append(const TraceContext &context, TraceEvent what);
    /// A packet as its bytes; payload is the shared tail of a PUBLISH, or empty.
    TraceSeq appendPacket(const TraceContext &context, Direction direction, Version version, PacketType type,
                          const QByteArray &head, const QByteArray &payload = {})
    {
        count(direction, type, head.size() + payload.size());
        return m_level == TraceLevel::Packets ? keepPacket(context, direction, version, head, payload) : context.cause;
    }
    /// The same for a head that stands among other bytes: copied, and only when it is kept.
    TraceSeq appendPacketCopy(const TraceContext &context, Direction direction, Version version, PacketType type,
                              QByteArrayView head, const QByteArray &payload = {})
    {
        count(direction, type, head.size() + payload.size());
        return m_level == TraceLevel::Packets ? keepPacketCopy(context, direction, version, head, payload)
                                              : context.cause;
    }
    /// Bytes that could not be read as a packet.
    TraceSeq appendMalformed(const TraceContext &context, Version version, const QByteArray &bytes,
                             const Malformed &malformed);

    bool isEmpty() const { return m_next.value == m_first.value; }
    /// Records held now.
    std::size_t size() const { return std::size_t(m_next.value - m_first.value); }
    /// Records that went because a limit was reached.
    quint64 discarded() const { return m_first.value - 1; }
    /// The oldest record held, or the next one when empty.
    TraceSeq first() const { return m_first; }
    /// The newest record, 0 before the first one.
    TraceSeq last() const { return TraceSeq{m_next.value - 1}; }
    /// Nothing when it was discarded or is not there yet. The record shares its bytes with the trace and outlives it.
    std::optional<TraceRecord> record(TraceSeq seq) const;
    /// Wire bytes of the packets held.
    qsizetype bytes() const { return m_bytes; }
    const TraceCounters &counters() const { return m_counters; }

private:
    enum class Kind : quint8
    {
        Event,         ///< one of the chunk's events
        SmallPacket,   ///< bytes of a block, as are the following
        LinkChange,    ///< LinkTrace
        SessionChange, ///< ServerSessionChanged
        BrokerCloses,  ///< BrokerClose
        Command,       ///< CommandTrace
        Accepted,      ///< PublishAccepted
        Completed,     ///< PublishCompleted
    };
    /// A record as it is kept: nearly all are small, and these have nothing but their bytes beside the row.
    struct Row
    {
        Instant at;
        LinkId link;
        ClientKey client;
        quint32 causeBehind = 0; ///< how far behind the record its cause is; 0: none, or one out of every reach
        quint32 size = 0;        ///< in the block; of a packet among the events: as on the wire; of other events: 0
        quint16 block = 0;       ///< which of the chunk's blocks holds the bytes
        quint16 place = 0;       ///< where they begin; or which of the chunk's events it is
        Role role = Role::Client;
        Kind kind = Kind::Event;
        Direction direction = Direction::Sent; ///< of a small packet, as is the version
        Version version = Version::V5;

        void setCause(TraceSeq cause, TraceSeq own);
        TraceSeq cause(TraceSeq own) const { return TraceSeq{causeBehind ? own.value - causeBehind : 0}; }
        /// Bytes of a packet as on the wire.
        quint32 packetSize() const { return kind == Kind::Event || kind == Kind::SmallPacket ? size : 0; }
    };
    static_assert(sizeof(Row) == 32);
    /// Consecutive records. Two chunks share the block that was begun in one and went on in the other.
    struct Chunk
    {
        std::vector<Row> rows;
        std::vector<QByteArray> blocks;
        std::vector<TraceEvent> events;
    };

    TraceSeq keepPacket(const TraceContext &context, Direction direction, Version version, const QByteArray &head,
                        const QByteArray &payload);
    TraceSeq keepPacketCopy(const TraceContext &context, Direction direction, Version version, QByteArrayView head,
                            const QByteArray &payload);
    /// Nothing when it is none of those that fit in a row.
    std::optional<TraceSeq> appendSmall(const TraceContext &context, const TraceEvent &what);
    TraceSeq store(const TraceContext &context, TraceEvent what, qsizetype bytes);
    TraceSeq storePacket(const TraceContext &context, Direction direction, Version version, QByteArrayView head,
                         QByteArrayView payload);
    TraceSeq storeSmall(const TraceContext &context, Row row, QByteArrayView first, QByteArrayView second);
    static TraceEvent eventOf(const Row &row, const QByteArray &block);
    Chunk &openChunk();
    TraceSeq finish(Chunk &chunk, TraceSeq cause, Row row);
    void discardOldest();
    void count(Direction direction, PacketType type, qsizetype size)
    {
        const bool isSent = direction == Direction::Sent;
        ++(isSent ? m_counters.sent : m_counters.received)[quint8(type) & 0x0F];
        (isSent ? m_counters.bytesSent : m_counters.bytesReceived) += quint64(size);
    }

    TraceLevel m_level;
    TraceLimits m_limits;
    TraceCounters m_counters;
    std::deque<Chunk> m_chunks; ///< every one but the last is full
    TraceSeq m_base{1};         ///< of the first record of the first chunk, discarded or not
    TraceSeq m_first{1};
    TraceSeq m_next{1};
    qsizetype m_bytes = 0;
    QByteArray m_block; ///< small packets go here until it is full
    qsizetype m_blockUsed = 0;
};

/// False for the kinds that TraceLevel::Counters leaves out.
bool isKeptAtCounters(const TraceEvent &what);

} // namespace sessionscope
