#include "core/mqtt/framer.h"

#include "core/base/shared_slice.h"

#include <limits>

namespace sessionscope {

namespace {

constexpr qsizetype longestHeader = 5;

// The whole size of the frame at the start of bytes: 0 while the header is incomplete, -1 when it can never be read.
qsizetype frameSize(QByteArrayView bytes)
{
    quint32 length = 0;
    for (qsizetype i = 1; i < longestHeader; ++i) {
        if (i >= bytes.size())
            return 0;
        const auto byte = quint8(bytes[i]);
        length |= quint32(byte & 0x7F) << (7 * (i - 1));
        if (!(byte & 0x80))
            return 1 + i + qsizetype(length);
    }
    return -1;
}

constexpr Malformed badLength{Malformed::Problem::BadLength, 1, "Remaining Length", ReasonCode::MalformedPacket};
constexpr Malformed tooLarge{Malformed::Problem::TooLarge, 1, "Remaining Length", ReasonCode::PacketTooLarge};

} // namespace

void Framer::append(const QByteArray &bytes)
{
    if (bytes.isEmpty())
        return;
    Q_ASSERT(bytes.size() <= std::numeric_limits<quint32>::max());
    const bool ownsStorage = bytes.capacity() > 0;
    QByteArray piece = ownsStorage ? bytes : QByteArray(bytes.constData(), bytes.size());
    if (m_offset == m_chunk.size()) {
        m_chunk = std::move(piece);
        m_offset = 0;
    } else {
        rare().waiting.append(std::move(piece));
    }
}

std::span<char> Framer::room()
{
    const qsizetype arrived = m_partial.size();
    const qsizetype size = isBroken() || m_partial.isEmpty() ? 0 : frameSize(m_partial);
    if (size < largeFrame || size > m_maximum || m_offset != m_chunk.size() || hasWaiting())
        return {};
    const qsizetype wanted = qMin(size, arrived + qMax(arrived, longestRoom));
    if (m_partial.capacity() < wanted)
        m_partial.reserve(wanted);
    return {m_partial.data() + arrived, std::size_t(wanted - arrived)};
}

void Framer::fill(qsizetype count)
{
    Q_ASSERT(m_partial.size() + count <= m_partial.capacity());
    m_partial.resize(m_partial.size() + count);
}

Framer::Next Framer::next()
{
    if (isBroken())
        return *m_rare->broken;
    return m_partial.isEmpty() ? cutFromChunk() : completePartial();
}

// No frame has been begun: the next one starts at the current place of the current piece.
Framer::Next Framer::cutFromChunk()
{
    if (m_offset == m_chunk.size() && !nextChunk())
        return NeedMore{};
    const qsizetype available = m_chunk.size() - m_offset;
    const qsizetype size = frameSize(QByteArrayView(m_chunk).sliced(m_offset));
    if (size < 0)
        return broken(badLength);
    if (size > m_maximum)
        return broken(tooLarge);
    if (size > 0 && size <= available) {
        const auto start = std::exchange(m_offset, quint32(m_offset + size));
        return sharedSlice(m_chunk, start, size);
    }
    m_partial = QByteArray(m_chunk.constData() + m_offset, available);
    m_chunk.clear();
    m_offset = 0;
    return completePartial();
}

// A frame has been begun: takes from the pieces exactly what completes it.
Framer::Next Framer::completePartial()
{
    for (;;) {
        const qsizetype size = frameSize(m_partial);
        if (size < 0)
            return broken(badLength);
        if (size > m_maximum)
            return broken(tooLarge);
        if (size == m_partial.size())
            return std::exchange(m_partial, {});
        if (m_offset == m_chunk.size() && !nextChunk())
            return NeedMore{};
        const qsizetype missing = size > 0 ? size - m_partial.size() : 1;
        const qsizetype taken = qMin(missing, m_chunk.size() - m_offset);
        // Twice what has arrived is always enough room to ask for, and the frame needs no more than its size.
        if (m_partial.size() + taken > m_partial.capacity())
            m_partial.reserve(qMax(m_partial.size() + taken, qMin(size, 2 * m_partial.size())));
        m_partial.append(QByteArrayView(m_chunk).sliced(m_offset, taken));
        m_offset += quint32(taken);
    }
}

Framer::Next Framer::broken(const Malformed &why)
{
    rare().broken = why;
    return why;
}

bool Framer::nextChunk()
{
    m_offset = 0;
    m_chunk = hasWaiting() ? m_rare->waiting.takeFirst() : QByteArray();
    if (m_rare && !m_rare->broken && m_rare->waiting.isEmpty())
        m_rare.reset();
    return !m_chunk.isEmpty();
}

Framer::Rare &Framer::rare()
{
    if (!m_rare)
        m_rare = std::make_unique<Rare>();
    return *m_rare;
}

qsizetype Framer::buffered() const
{
    qsizetype sum = m_partial.size() + m_chunk.size() - m_offset;
    if (m_rare)
        for (const QByteArray &piece : std::as_const(m_rare->waiting))
            sum += piece.size();
    return sum;
}

qsizetype Framer::allocated() const
{
    qsizetype sum = m_partial.capacity() + m_chunk.capacity();
    if (m_rare)
        for (const QByteArray &piece : std::as_const(m_rare->waiting))
            sum += piece.capacity();
    return sum;
}

} // namespace sessionscope
