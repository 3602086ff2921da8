#include "ui/packets/packet_peek.h"

#include "core/base/byte_reader.h"

namespace sessionscope {

namespace {

void peekPublish(const PacketTrace &packet, quint8 first, ByteReader &reader, PacketPeek &seen)
{
    seen.dup = first & 0x8;
    seen.qos = Qos(first >> 1 & 0x3);
    seen.retain = first & 0x1;
    seen.topic = reader.field();
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
    ByteReader reader(packet.head);
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
