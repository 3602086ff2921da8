// The records that the window keeps, in order, for every list of every page. Rows are named by their position since the
// start, so that dropping the oldest moves no names. Records are never changed once they are here, and nothing of a
// password or of Authentication Data comes here.
#pragma once

#include "core/trace/masker.h"
#include "ui/packets/log_digest.h"

#include <QObject>

#include <deque>
#include <vector>

namespace sessionscope {

/// Position of a record since the start of the window. Not the trace's own number, which may have gaps.
using LogRow = quint64;

class TraceLog : public QObject
{
    Q_OBJECT

public:
    /// Records kept at most, and bytes of packets in them; above either the oldest go, and dropped() counts them.
    static constexpr std::size_t recordLimit = 1'000'000;
    static constexpr qint64 byteLimit = 512LL * 1024 * 1024;

    using QObject::QObject;

    /// Takes the records over; they are empty afterwards.
    void append(std::vector<TraceRecord> &records);

    LogRow begin() const { return m_begin; }
    LogRow end() const { return m_end; }
    /// row must lie in [begin, end). The reference holds until the next append().
    const TraceRecord &at(LogRow row) const;

    /// Calls visit(row, digest) for every row from first on.
    template<class Visit> void forDigests(LogRow first, Visit visit) const;

    /// Whether a text about a record may show a secret all the same: one that went on in a packet that was corrupted.
    bool hasLeak() const { return m_masker.hasLeak(); }
    /// A text about a record of this log, as it may be shown.
    QString shown(const TraceRecord &record, const QString &text) const { return m_masker.safe(record, text); }

    quint64 dropped() const { return m_begin; }
    qint64 packetBytes() const { return m_bytes; }
    quint64 packetCount() const { return m_packets; }

Q_SIGNALS:
    /// The rows from first on are new.
    void appended(quint64 first);
    /// Rows before first are gone. Comes before the appended() of the same batch.
    void trimmed(quint64 first);

private:
    static constexpr std::size_t chunkSize = 4096;
    struct Chunk
    {
        std::vector<TraceRecord> records;
        std::vector<LogDigest> digests;
        qint64 bytes = 0;
    };
    void push(TraceRecord &&record);
    void trim();

    Masker m_masker;
    std::deque<Chunk> m_chunks; ///< all but the last are full
    LogRow m_begin = 0;         ///< of the first chunk's first record
    LogRow m_end = 0;
    qint64 m_bytes = 0;
    quint64 m_packets = 0; ///< ever
};

template<class Visit> void TraceLog::forDigests(LogRow first, Visit visit) const
{
    for (std::size_t chunk = (first - m_begin) / chunkSize; chunk < m_chunks.size(); ++chunk) {
        const LogRow begin = m_begin + chunk * chunkSize;
        const std::vector<LogDigest> &digests = m_chunks[chunk].digests;
        for (std::size_t i = begin < first ? first - begin : 0; i < digests.size(); ++i)
            visit(begin + i, digests[i]);
    }
}

} // namespace sessionscope
