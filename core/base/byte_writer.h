// Appends big-endian integers and length-prefixed fields to a QByteArray.
#pragma once

#include <QByteArray>
#include <QByteArrayView>

namespace sessionscope
{

/// The largest value a Variable Byte Integer holds.
inline constexpr quint32 maxVarInt = 268'435'455;

/// Bytes that the shortest form of a Variable Byte Integer takes, 1 to 4.
constexpr int varIntSize(quint32 value)
{
    return value < 128 ? 1 : value < 16'384 ? 2 : value < 2'097'152 ? 3 : 4;
}

class ByteWriter
{
public:
    explicit ByteWriter(QByteArray &out) : m_out(out) {}

    void u8(quint8 value) { m_out.append(char(value)); }
    void u16(quint16 value);
    void u32(quint32 value);
    /// The shortest form; value must not exceed maxVarInt.
    void varInt(quint32 value);
    void raw(QByteArrayView bytes) { m_out.append(bytes); }
    /// A Two Byte Integer length, then the bytes. Only the first 65 535 bytes fit and are written.
    void field(QByteArrayView bytes);

private:
    QByteArray &m_out;
};

} // namespace sessionscope
