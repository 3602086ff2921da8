// Cuts a byte stream into frames, whatever pieces it arrives in.
// Memory grows with the bytes that arrived, never with the length that a header claims.
#pragma once

#include "core/mqtt/codec.h"

#include <QByteArray>

#include <variant>

namespace sessionscope
{

class Framer
{
public:
    struct NeedMore
    {
    };
    /// One frame, or a wish for more bytes, or why the stream can never go on (then every further call says the same).
    using Next = std::variant<NeedMore, QByteArray, Malformed>;

    /// maximumPacketSize counts the whole packet, fixed header included (v5 §3.1.2.11.4).
    explicit Framer(qsizetype maximumPacketSize = defaultMaximum) : m_maximum(maximumPacketSize) {}

    static constexpr qsizetype defaultMaximum = 1 + 4 + 268'435'455;

    void setMaximumPacketSize(qsizetype size) { m_maximum = size; }
    void append(const QByteArray &bytes);
    Next next();
    /// Bytes held that belong to no returned frame.
    qsizetype buffered() const;

private:
    QByteArray m_buffer;
    qsizetype m_offset = 0;
    qsizetype m_maximum;
    std::optional<Malformed> m_broken;
};

} // namespace sessionscope
