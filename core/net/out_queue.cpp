#include "core/net/out_queue.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace sessionscope {

ChunkPool::~ChunkPool()
{
    Q_ASSERT(m_inUse == 0);
    for (Shelf *each : {&m_small, &m_large, &m_references}) {
        for (Chunk *chunk : each->chunks) {
            chunk->~Chunk();
            ::operator delete(chunk);
        }
    }
}

ChunkPool::Shelf &ChunkPool::shelf(quint32 capacity)
{
    return capacity == 0 ? m_references : capacity == smallChunk ? m_small : m_large;
}

ChunkPool::Chunk *ChunkPool::take(quint32 capacity)
{
    ++m_inUse;
    auto &chunks = shelf(capacity).chunks;
    if (!chunks.empty()) {
        Chunk *chunk = chunks.back();
        chunks.pop_back();
        return chunk;
    }
    // The bytes stand right behind the header, in one block.
    void *memory = ::operator new(sizeof(Chunk) + capacity);
    auto *chunk = new (memory) Chunk;
    chunk->bytes = static_cast<const char *>(memory) + sizeof(Chunk);
    chunk->capacity = capacity;
    return chunk;
}

void ChunkPool::giveBack(Chunk *chunk)
{
    --m_inUse;
    chunk->next = nullptr;
    chunk->begin = chunk->end = 0;
    chunk->shared = QByteArray();
    Shelf &place = shelf(chunk->capacity);
    if (place.chunks.size() < place.limit) {
        place.chunks.push_back(chunk);
        return;
    }
    chunk->~Chunk();
    ::operator delete(chunk);
}

void OutQueue::append(ChunkPool &pool, const QByteArray &bytes)
{
    if (bytes.size() >= referenceFrom) {
        auto *chunk = pool.take(0);
        chunk->shared = bytes;
        chunk->bytes = bytes.constData();
        chunk->end = quint32(bytes.size());
        link(chunk);
        m_size += bytes.size();
        return;
    }
    const char *from = bytes.constData();
    auto left = quint32(bytes.size());
    while (left > 0) {
        if (!m_last || m_last->end == m_last->capacity || m_last->capacity == 0)
            link(pool.take(m_first ? ChunkPool::largeChunk : ChunkPool::smallChunk));
        const quint32 count = std::min(left, m_last->capacity - m_last->end);
        std::memcpy(const_cast<char *>(m_last->bytes) + m_last->end, from, count);
        m_last->end += count;
        from += count;
        left -= count;
        m_size += count;
    }
}

int OutQueue::gather(iovec *entries, int capacity) const
{
    int count = 0;
    for (const auto *chunk = m_first; chunk && count < capacity; chunk = chunk->next) {
        entries[count].iov_base = const_cast<char *>(chunk->bytes) + chunk->begin;
        entries[count].iov_len = chunk->end - chunk->begin;
        ++count;
    }
    return count;
}

void OutQueue::consume(ChunkPool &pool, qsizetype count)
{
    Q_ASSERT(count <= m_size);
    m_size -= count;
    while (m_first && count >= m_first->end - m_first->begin) {
        count -= m_first->end - m_first->begin;
        auto *next = m_first->next;
        pool.giveBack(m_first);
        m_first = next;
    }
    if (m_first)
        m_first->begin += quint32(count);
    else
        m_last = nullptr;
}

void OutQueue::link(ChunkPool::Chunk *chunk)
{
    if (m_last)
        m_last->next = chunk;
    else
        m_first = chunk;
    m_last = chunk;
}

} // namespace sessionscope
