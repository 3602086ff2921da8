#include "tests/fuzz/packet_maker.h"

namespace sessionscope::fuzz {

namespace {

/// One field in so many is not what it should be.
constexpr quint32 oddity = 24;

PacketId drawId(Choices &choices)
{
    return PacketId{choices.oneIn(oddity) ? quint16(choices.number(2)) : quint16(1 + choices.below(6))};
}

QByteArray drawText(Choices &choices)
{
    if (choices.oneIn(oddity))
        return choices.pick<QByteArray>({QByteArray("\0", 1), "\xC3", "\xED\xA0\x80", QByteArray(300, 'x')});
    return QByteArray(1, char('a' + choices.below(4)));
}

quint32 drawNumber(Choices &choices, PropertyType type)
{
    switch (type) {
    case PropertyType::Byte:
        return choices.oneIn(oddity) ? choices.byte() : choices.below(2);
    case PropertyType::TwoByteInteger:
        return choices.oneIn(oddity) ? choices.number(2) : choices.below(5);
    case PropertyType::VariableByteInteger:
        return choices.oneIn(oddity) ? choices.number(4) & 0x0FFFFFFF : choices.below(5);
    default:
        return choices.oneIn(oddity) ? choices.number(4) : choices.pick<quint32>({0, 1, 5, 60, 0xFFFFFFFF});
    }
}

void addProperty(Choices &choices, Properties &properties, const PropertyInfo &info)
{
    switch (info.type) {
    case PropertyType::Utf8String:
    case PropertyType::BinaryData:
        properties.add(info.id, info.id == PropertyId::ResponseTopic ? drawTopic(choices) : drawText(choices));
        break;
    case PropertyType::StringPair:
        properties.addUserProperty(drawText(choices), drawText(choices));
        break;
    default:
        properties.add(info.id, drawNumber(choices, info.type));
        break;
    }
}

/// Few properties, nearly always such that may stand there.
Properties drawProperties(Choices &choices, Version version, PropertyPlaces where)
{
    Properties properties;
    if (version != Version::V5)
        return properties;
    const auto table = propertyTable();
    for (quint32 count = choices.below(4); count > 0; --count) {
        const PropertyInfo &info = table[choices.below(quint32(table.size()))];
        const bool fits = info.allowedIn & where;
        if (fits || choices.oneIn(oddity))
            addProperty(choices, properties, info);
    }
    return properties;
}

Will drawWill(Choices &choices, Version version)
{
    Will will;
    will.topic = drawTopic(choices);
    will.payload = drawText(choices);
    will.qos = Qos(choices.below(choices.oneIn(oddity) ? 4 : 3));
    will.retain = choices.oneIn(4);
    will.properties = drawProperties(choices, version, willPlace);
    return will;
}

PublishPacket drawPublish(Choices &choices, Version version)
{
    PublishPacket packet;
    packet.topic = drawTopic(choices);
    packet.qos = Qos(choices.below(choices.oneIn(oddity) ? 4 : 3));
    packet.packetId = packet.qos == Qos::AtMostOnce ? PacketId{} : drawId(choices);
    packet.dup = packet.qos != Qos::AtMostOnce && choices.oneIn(4);
    packet.retain = choices.oneIn(6);
    packet.payload = choices.oneIn(oddity) ? QByteArray(2000, 'p') : drawText(choices);
    packet.properties = drawProperties(choices, version, place(PacketType::Publish));
    return packet;
}

ReasonCode drawReason(Choices &choices)
{
    if (choices.oneIn(oddity))
        return ReasonCode(choices.byte());
    return choices.pick({ReasonCode::Success, ReasonCode::Success, ReasonCode::UnspecifiedError,
                         ReasonCode::PacketIdentifierNotFound, ReasonCode::QuotaExceeded});
}

AckPacket drawAck(Choices &choices, Version version, PacketType type)
{
    AckPacket packet{type, drawId(choices), ReasonCode::Success, {}};
    if (version == Version::V5) {
        packet.reason = drawReason(choices);
        packet.properties = drawProperties(choices, version, place(type));
    }
    return packet;
}

SubscribePacket drawSubscribe(Choices &choices, Version version)
{
    SubscribePacket packet;
    packet.packetId = drawId(choices);
    packet.properties = drawProperties(choices, version, place(PacketType::Subscribe));
    for (quint32 count = choices.oneIn(oddity) ? 0 : 1 + choices.below(3); count > 0; --count) {
        SubscriptionOptions options;
        options.maximumQos = Qos(choices.below(3));
        if (version == Version::V5)
            options = SubscriptionOptions::fromByte(choices.oneIn(oddity) ? choices.byte() : choices.byte() & 0x2A);
        packet.entries.append({drawFilter(choices), options});
    }
    return packet;
}

QList<ReasonCode> drawReasons(Choices &choices)
{
    QList<ReasonCode> reasons;
    for (quint32 count = choices.oneIn(4) ? choices.below(4) : 1; count > 0; --count)
        reasons.append(choices.oneIn(4) ? drawReason(choices) : ReasonCode(choices.below(3)));
    return reasons;
}

UnsubscribePacket drawUnsubscribe(Choices &choices, Version version)
{
    UnsubscribePacket packet;
    packet.packetId = drawId(choices);
    packet.properties = drawProperties(choices, version, place(PacketType::Unsubscribe));
    for (quint32 count = choices.oneIn(oddity) ? 0 : 1 + choices.below(2); count > 0; --count)
        packet.filters.append(drawFilter(choices));
    return packet;
}

ConnackPacket drawConnack(Choices &choices, Version version)
{
    ConnackPacket packet;
    packet.sessionPresent = choices.oneIn(3);
    if (choices.oneIn(8))
        packet.reason = choices.byte();
    packet.properties = drawProperties(choices, version, place(PacketType::Connack));
    return packet;
}

PacketBody drawBody(Choices &choices, Version version, PacketType type)
{
    switch (type) {
    case PacketType::Connect:
        return drawConnect(choices, version);
    case PacketType::Connack:
        return drawConnack(choices, version);
    case PacketType::Publish:
        return drawPublish(choices, version);
    case PacketType::Subscribe:
        return drawSubscribe(choices, version);
    case PacketType::Suback:
        return SubackPacket{drawId(choices), drawProperties(choices, version, place(type)), drawReasons(choices)};
    case PacketType::Unsubscribe:
        return drawUnsubscribe(choices, version);
    case PacketType::Unsuback:
        return UnsubackPacket{drawId(choices), drawProperties(choices, version, place(type)),
                              version == Version::V5 ? drawReasons(choices) : QList<ReasonCode>()};
    case PacketType::Pingreq:
        return PingreqPacket{};
    case PacketType::Pingresp:
        return PingrespPacket{};
    case PacketType::Disconnect:
        return version == Version::V5
                   ? DisconnectPacket{drawReason(choices), drawProperties(choices, version, place(type))}
                   : DisconnectPacket{};
    case PacketType::Auth:
        return AuthPacket{drawReason(choices), drawProperties(choices, version, place(type))};
    default:
        return drawAck(choices, version, type);
    }
}

PacketType drawType(Choices &choices, Version version, Sender sender)
{
    using enum PacketType;
    if (choices.oneIn(oddity))
        return PacketType(1 + choices.below(version == Version::V5 ? 15 : 14));
    if (sender == Sender::Client)
        return choices.pick({Publish, Publish, Publish, Publish, Puback, Puback, Pubrec, Pubrec, Pubrel, Pubcomp,
                             Pubcomp, Subscribe, Subscribe, Unsubscribe, Pingreq, Disconnect});
    return choices.pick({Publish, Publish, Publish, Publish, Puback, Puback, Pubrec, Pubrec, Pubrel, Pubcomp, Pubcomp,
                         Suback, Suback, Unsuback, Pingresp, Disconnect, Connack});
}

} // namespace

QByteArray drawTopic(Choices &choices)
{
    if (choices.oneIn(oddity))
        return choices.pick<QByteArray>({"", "#", "a/+", "$SYS/x", "$share/g/a", "a\xFF", QByteArray(300, '/')});
    return choices.pick<QByteArray>({"a", "a", "b", "a/b", "a/c", "w"});
}

QByteArray drawFilter(Choices &choices)
{
    if (choices.oneIn(oddity))
        return choices.pick<QByteArray>(
            {"", "a#", "#/a", "a+/b", "$share/g", "$share//a", "$share/+/a", QByteArray(300, '/'), "a\xFF"});
    return choices.pick<QByteArray>({"a", "a", "b", "a/+", "#", "+", "w", "$share/g/a", "$share/h/a", "$SYS/#"});
}

ConnectPacket drawConnect(Choices &choices, Version version)
{
    ConnectPacket packet;
    packet.protocolLevel = quint8(version);
    if (version == Version::V31)
        packet.protocolName = "MQIsdp";
    packet.cleanStart = choices.oneIn(3);
    packet.keepAlive = choices.pick<quint16>({0, 0, 5, 60});
    packet.clientId = choices.oneIn(oddity) ? drawText(choices) : choices.pick<QByteArray>({"A", "B", "C"});
    packet.properties = drawProperties(choices, version, place(PacketType::Connect));
    packet.properties.removeAll(PropertyId::AuthenticationMethod);
    packet.properties.removeAll(PropertyId::AuthenticationData);
    // Who does not take the CONNACK is let go at once: nothing would be played.
    constexpr quint32 smallestLimit = 256;
    if (packet.properties.integer(PropertyId::MaximumPacketSize).value_or(smallestLimit) < smallestLimit)
        packet.properties.removeAll(PropertyId::MaximumPacketSize);
    if (choices.oneIn(3))
        packet.will = drawWill(choices, version);
    if (choices.oneIn(oddity))
        packet.strayFlags = choices.byte() & 0x39;
    return packet;
}

Packet drawPacket(Choices &choices, Version version, Sender sender)
{
    Packet packet{drawBody(choices, version, drawType(choices, version, sender)), {}};
    if (choices.oneIn(48) && packet.type() != PacketType::Publish)
        packet.illegalFlags = quint8(choices.below(16));
    if (packet.illegalFlags == requiredFlags(packet.type()))
        packet.illegalFlags.reset();
    return packet;
}

QByteArray drawBytes(Choices &choices, const Packet &packet, Version version)
{
    QByteArray bytes = encode(packet, version);
    if (!choices.oneIn(32))
        return bytes;
    const auto at = qsizetype(choices.number(2)) % bytes.size();
    switch (choices.below(4)) {
    case 0:
        bytes[at] = char(choices.byte());
        break;
    case 1:
        bytes.truncate(at);
        break;
    case 2:
        bytes.insert(at, char(choices.byte()));
        break;
    default:
        bytes.remove(at, 1);
        break;
    }
    return bytes;
}

} // namespace sessionscope::fuzz
