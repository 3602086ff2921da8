#include "core/mqtt/packet.h"

#include <array>

namespace sessionscope {

SubscriptionOptions SubscriptionOptions::fromByte(quint8 byte)
{
    return {.maximumQos = Qos(byte & 0x03),
            .noLocal = (byte & 0x04) != 0,
            .retainAsPublished = (byte & 0x08) != 0,
            .retainHandling = RetainHandling((byte >> 4) & 0x03),
            .reservedBits = quint8(byte >> 6)};
}

quint8 SubscriptionOptions::toByte() const
{
    return quint8((quint8(maximumQos) & 0x03) | (noLocal ? 0x04 : 0) | (retainAsPublished ? 0x08 : 0) |
                  ((quint8(retainHandling) & 0x03) << 4) | (reservedBits << 6));
}

PacketType Packet::type() const
{
    static constexpr std::array<PacketType, std::variant_size_v<PacketBody>> types{
        PacketType::Connect,   PacketType::Connack,  PacketType::Publish,     PacketType::Puback,
        PacketType::Subscribe, PacketType::Suback,   PacketType::Unsubscribe, PacketType::Unsuback,
        PacketType::Pingreq,   PacketType::Pingresp, PacketType::Disconnect,  PacketType::Auth};
    const auto *ack = as<AckPacket>();
    return ack ? ack->type : types[body.index()];
}

PacketId packetIdOf(const Packet &packet)
{
    return std::visit(
        [](const auto &body) {
            if constexpr (requires { body.packetId; })
                return body.packetId;
            else
                return PacketId{};
        },
        packet.body);
}

Properties *propertiesOf(Packet &packet)
{
    return std::visit(
        [](auto &body) -> Properties * {
            if constexpr (requires { body.properties; })
                return &body.properties;
            else
                return nullptr;
        },
        packet.body);
}

const Properties *propertiesOf(const Packet &packet)
{
    return propertiesOf(const_cast<Packet &>(packet));
}

} // namespace sessionscope
