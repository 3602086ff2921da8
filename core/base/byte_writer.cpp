#include "core/base/byte_writer.h"

#include <QtEndian>

namespace sessionscope
{

void ByteWriter::u16(quint16 value)
{
    char bytes[sizeof value];
    qToBigEndian(value, bytes);
    m_out.append(bytes, sizeof value);
}

void ByteWriter::u32(quint32 value)
{
    char bytes[sizeof value];
    qToBigEndian(value, bytes);
    m_out.append(bytes, sizeof value);
}

void ByteWriter::varInt(quint32 value)
{
    Q_ASSERT(value <= maxVarInt);
    char bytes[4];
    int size = 0;
    do {
        bytes[size] = char(value & 0x7F);
        value >>= 7;
        if (value)
            bytes[size] |= char(0x80);
        ++size;
    } while (value);
    m_out.append(bytes, size);
}

void ByteWriter::field(QByteArrayView bytes)
{
    const auto fitting = bytes.first(qMin<qsizetype>(bytes.size(), 0xFFFF));
    u16(quint16(fitting.size()));
    raw(fitting);
}

} // namespace sessionscope
