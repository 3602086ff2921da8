// What one socket still has to send. Small pieces are gathered in chunks from a pool shared by all sockets; large ones
// are referenced, not copied, so a fan-out of a large message costs one payload. An empty queue holds no memory.
// A queue does not know its pool (it would cost every idle connection a pointer): empty it with clear() before it dies.
#pragma once

#include <QByteArray>

#include <sys/uio.h>

#include <vector>

namespace sessionscope {

/// Memory for queues, kept for reuse up to a limit: returning large blocks to the system costs page faults.
class ChunkPool
{
public:
    /// The first chunk of a queue, so that a single short packet to each of many peers stays cheap.
    static constexpr quint32 smallChunk = 1024;
    static constexpr quint32 largeChunk = 16 * 1024;
    /// Unused chunks kept.
    static constexpr std::size_t keptSmall = 4096;
    static constexpr std::size_t keptLarge = 1024;
    static constexpr std::size_t keptReferences = 4096;

    struct Chunk
    {
        Chunk *next = nullptr;
        const char *bytes = nullptr;
        quint32 begin = 0;    // first unsent byte
        quint32 end = 0;      // behind the last byte
        quint32 capacity = 0; // 0: bytes are those of shared
        QByteArray shared;
    };

    ChunkPool() = default;
    ~ChunkPool();
    ChunkPool(const ChunkPool &) = delete;
    ChunkPool &operator=(const ChunkPool &) = delete;

    /// A chunk that holds capacity bytes: smallChunk, largeChunk, or 0 for one that references an array.
    Chunk *take(quint32 capacity);
    void giveBack(Chunk *chunk);
    /// Chunks in queues now.
    qsizetype inUse() const { return m_inUse; }

private:
    struct Shelf
    {
        std::vector<Chunk *> chunks;
        std::size_t limit;
    };
    Shelf &shelf(quint32 capacity);

    Shelf m_small{{}, keptSmall};
    Shelf m_large{{}, keptLarge};
    Shelf m_references{{}, keptReferences};
    qsizetype m_inUse = 0;
};

class OutQueue
{
public:
    /// Pieces from this size on are referenced instead of copied.
    static constexpr qsizetype referenceFrom = 1024;

    void append(ChunkPool &pool, const QByteArray &bytes);
    /// Unsent bytes.
    qsizetype size() const { return m_size; }
    bool isEmpty() const { return m_size == 0; }
    /// Describes the first bytes of the queue for one gathered write; returns how many entries were used.
    int gather(iovec *entries, int capacity) const;
    /// Forgets the first count bytes: they were written.
    void consume(ChunkPool &pool, qsizetype count);
    void clear(ChunkPool &pool) { consume(pool, m_size); }

private:
    void link(ChunkPool::Chunk *chunk);

    ChunkPool::Chunk *m_first = nullptr;
    ChunkPool::Chunk *m_last = nullptr;
    qsizetype m_size = 0;
};

} // namespace sessionscope
