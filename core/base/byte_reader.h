// Reads big-endian integers and length-prefixed fields from a view, remembering the first place where bytes ran out.
// After a failure every read returns zero or empty, so that a parser may check once at the end of a group of fields.
#pragma once

#include <QByteArrayView>
#include <QtEndian>

namespace sessionscope
{

class ByteReader
{
public:
    explicit ByteReader(QByteArrayView bytes, qsizetype offset = 0) : m_bytes(bytes), m_offset(offset) {}

    qsizetype offset() const { return m_offset; }
    qsizetype remaining() const { return m_bytes.size() - m_offset; }
    bool atEnd() const { return remaining() == 0; }
    bool failed() const { return m_failed; }
    void fail() { m_failed = true; }

    quint8 u8() { return integer<quint8>(); }
    quint16 u16() { return integer<quint16>(); }
    quint32 u32() { return integer<quint32>(); }

    /// A Variable Byte Integer (MQTT-1.5.5-1); length receives the count of bytes it took, 0 on failure.
    quint32 varInt(int *length = nullptr)
    {
        quint32 value = 0;
        for (int i = 0; i < 4; ++i) {
            const quint8 byte = u8();
            value |= quint32(byte & 0x7F) << (7 * i);
            if (m_failed)
                break;
            if (!(byte & 0x80)) {
                if (length)
                    *length = i + 1;
                return value;
            }
        }
        m_failed = true;
        if (length)
            *length = 0;
        return 0;
    }

    /// The next count bytes as a view into the source.
    QByteArrayView take(qsizetype count)
    {
        if (m_failed || count > remaining()) {
            m_failed = true;
            return {};
        }
        const auto view = m_bytes.sliced(m_offset, count);
        m_offset += count;
        return view;
    }

    /// A field with a Two Byte Integer length in front: UTF-8 string or binary data.
    QByteArrayView field() { return take(u16()); }

private:
    template<class T> T integer()
    {
        const auto bytes = take(sizeof(T));
        return m_failed ? T{0} : qFromBigEndian<T>(bytes.data());
    }

    QByteArrayView m_bytes;
    qsizetype m_offset = 0;
    bool m_failed = false;
};

} // namespace sessionscope
