#include "ui/packets/packet_peek.h"

#include <QtEndian>

namespace sessionscope {

namespace {

/// Walks over the first fields of a frame; once they run out everything reads as nothing.
class Walk
{
public:
    explicit Walk(QByteArrayView bytes) : m_bytes(bytes) {}

    bool failed() const { return m_failed; }
    qsizetype remaining() const { return m_bytes.size(); }

    QByteArrayView take(qsizetype count)
    {
        m_failed = m_failed || count > m_bytes.size();
        const auto taken = m_failed ? QByteArrayView() : m_bytes.first(count);
        m_bytes = m_bytes.sliced(taken.size());
        return taken;
    }
    quint8 u8()
    {
        const auto byte = take(1);
        return byte.isEmpty() ? 0 : quint8(byte[0]);
    }
    quint16 u16()
    {
        const auto bytes = take(2);
        return bytes.isEmpty() ? 0 : qFromBigEndian<quint16>(bytes.data());
    }
    quint32 varInt()
    {
        quint32 value = 0;
        for (int shift = 0; shift < 28; shift += 7) {
            const quint8 byte = u8();
            value |= quint32(byte & 0x7F) << shift;
            if (!(byte & 0x80))
                return value;
        }
        m_failed = true;
        return 0;
    }

private:
    QByteArrayView m_bytes;
    bool m_failed = false;
};

void peekPublish(const PacketTrace &packet, quint8 first, Walk &reader, PacketPeek &seen)
{
    seen.dup = first & 0x8;
    seen.qos = Qos(first >> 1 & 0x3);
    seen.retain = first & 0x1;
    seen.topic = reader.take(reader.u16());
    if (seen.qos != Qos::AtMostOnce)
        seen.packetId.value = reader.u16();
    if (packet.version == Version::V5)
        reader.take(reader.varInt());
    if (reader.failed())
        return;
    seen.payload = packet.payload.isEmpty() ? reader.take(reader.remaining()) : QByteArrayView(packet.payload);
}

} // namespace

PacketPeek peek(const PacketTrace &packet)
{
    PacketPeek seen;
    Walk reader(packet.head);
    const quint8 first = reader.u8();
    reader.varInt();
    seen.type = PacketType(first >> 4);
    switch (seen.type) {
    case PacketType::Publish:
        peekPublish(packet, first, reader, seen);
        break;
    case PacketType::Puback:
    case PacketType::Pubrec:
    case PacketType::Pubrel:
    case PacketType::Pubcomp:
    case PacketType::Subscribe:
    case PacketType::Suback:
    case PacketType::Unsubscribe:
    case PacketType::Unsuback:
        seen.packetId.value = reader.u16();
        break;
    default:
        break;
    }
    return seen;
}

} // namespace sessionscope
