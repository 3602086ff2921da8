// The trace: every record in order, appended and never changed.
// Sequence numbers are dense from 1, so a record is found by arithmetic; when a limit is reached the oldest record goes
// and discarded() tells. A small packet costs a short row and its bytes, packed with others into a block: no allocation
// of its own, and it never keeps a read buffer of the network alive. Counters count at every level.
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
                          const QByteArray &head, const QByteArray &payload = {});
    /// The same for a head that stands among other bytes: copied, and only when it is kept.
    TraceSeq appendPacketCopy(const TraceContext &context, Direction direction, Version version, PacketType type,
                              QByteArrayView head, const QByteArray &payload = {});
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
    /// A record as it is kept: most are small packets, and these have nothing but their bytes beside the row.
    struct Row
    {
        TraceSeq cause;
        Instant at;
        LinkId link;
        ClientKey client;
        quint32 size = 0;  ///< of a packet, as on the wire; else 0
        quint16 block = 0; ///< of a small packet: which of the chunk's blocks holds its bytes
        quint16 place = 0; ///< of a small packet: where they begin; else: which of the chunk's events it is
        Role role = Role::Client;
        bool isSmallPacket = false;
        Direction direction = Direction::Sent; ///< of a small packet, as is the version
        Version version = Version::V5;
    };
    /// Consecutive records. Two chunks share the block that was begun in one and went on in the other.
    struct Chunk
    {
        std::vector<Row> rows;
        std::vector<QByteArray> blocks;
        std::vector<TraceEvent> events;
    };

    TraceSeq store(const TraceContext &context, TraceEvent what, qsizetype bytes);
    TraceSeq storeSmall(const TraceContext &context, Direction direction, Version version, QByteArrayView head,
                        QByteArrayView payload);
    Chunk &openChunk();
    TraceSeq finish(Chunk &chunk, const Row &row);
    void discardOldest();
    void count(Direction direction, PacketType type, qsizetype size);

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
