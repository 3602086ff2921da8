// Cuts a byte stream into frames, whatever pieces it arrives in.
// Memory grows with the bytes that arrived, never with the length that a header claims, and every byte is copied at
// most a constant number of times, however the pieces fall.
// Frames that lie whole inside one piece share its storage; the rest of a large one can be read into its own (room()).
// Who keeps small frames for long keeps the piece alive.
#pragma once

#include "core/mqtt/codec.h"

#include <QByteArray>
#include <QList>

#include <memory>
#include <span>
#include <variant>

namespace sessionscope {

class Framer
{
public:
    struct NeedMore
    {
    };
    /// One frame, or a wish for more bytes, or why the stream can never go on (then every further call says the same).
    using Next = std::variant<NeedMore, QByteArray, Malformed>;

    /// maximumPacketSize counts the whole packet, fixed header included (v5 §3.1.2.11.4).
    explicit Framer(qsizetype maximumPacketSize = defaultMaximum) { setMaximumPacketSize(maximumPacketSize); }

    static constexpr qsizetype defaultMaximum = 1 + 4 + 268'435'455;

    /// Holds for every frame whose header has not been returned yet.
    void setMaximumPacketSize(qsizetype size) { m_maximum = quint32(qMin(size, defaultMaximum)); }
    qsizetype maximumPacketSize() const { return m_maximum; }
    /// Shares the storage of bytes; raw data (QByteArray::fromRawData) is copied. Constant time otherwise.
    void append(const QByteArray &bytes);
    /// Where the missing bytes of a large frame belong that has been begun: whoever reads may write there instead of
    /// calling append(), and says with fill() how many. Empty while no such frame waits. The room holds until the next
    /// call; it is at most longestRoom or as much as has arrived, whichever is more. It may be a few bytes only: who
    /// reads no further than a little behind it finds the next large frame at its beginning, and copies none of it.
    std::span<char> room();
    void fill(qsizetype count);
    static constexpr qsizetype longestRoom = 64 * 1024;
    /// Frames from this size on are read into a room of their own; of smaller ones several come with one read.
    static constexpr qsizetype largeFrame = 32 * 1024;
    /// The length field is judged by its four-byte limit only: the longer-than-needed form is decode's to refuse in
    /// 5.0 (MQTT-1.5.5-1) and accepted in 3.1 and 3.1.1 [D-27].
    Next next();
    /// Bytes held that belong to no returned frame.
    qsizetype buffered() const;
    /// Bytes of storage kept alive for them, for accounts of memory.
    qsizetype allocated() const;

private:
    Next cutFromChunk();
    Next completePartial();
    Next broken(const Malformed &why);
    bool nextChunk();

    // Mostly there is none of it, and most of the connections of a large broker are idle.
    struct Rare
    {
        QList<QByteArray> waiting; // pieces behind m_chunk
        std::optional<Malformed> broken;
    };
    bool hasWaiting() const { return m_rare && !m_rare->waiting.isEmpty(); }
    bool isBroken() const { return m_rare && m_rare->broken; }
    Rare &rare();

    QByteArray m_partial;         // the owned beginning of a frame that no single piece held whole
    QByteArray m_chunk;           // the piece being cut
    std::unique_ptr<Rare> m_rare; // null: nothing waits, and the stream is well
    quint32 m_offset = 0;         // into m_chunk
    quint32 m_maximum = 0;
};

} // namespace sessionscope
