// The layout of every packet type in wire order, one small function a type (private to core/mqtt; wire layout of v5
// chapter 3 and of 3.1.1). decode walks it silently, dissect walks the very same with a recorder, so the two cannot
// disagree about what is readable.
#pragma once

#include "core/mqtt/packet_reader.h"

#include <type_traits>

namespace sessionscope::walk {

template<class R> PropertyValue readPropertyValue(R &reader, const PropertyInfo &info)
{
    switch (info.type) {
    case PropertyType::Byte:
        return quint32(reader.u8(info.name));
    case PropertyType::TwoByteInteger:
        return quint32(reader.u16(info.name));
    case PropertyType::FourByteInteger:
        return reader.u32(info.name);
    case PropertyType::VariableByteInteger:
        return reader.varInt(info.name);
    case PropertyType::Utf8String:
        return reader.field(info.name);
    case PropertyType::BinaryData: {
        const bool isSecret = info.id == PropertyId::AuthenticationData;
        return reader.field(info.name, isSecret ? FieldKind::Secret : FieldKind::Binary);
    }
    case PropertyType::StringPair: {
        StringPair pair;
        pair.name = reader.field("Name");
        pair.value = reader.field("Value");
        return pair;
    }
    }
    return {};
}

template<class R> void readProperty(R &reader, Properties &properties)
{
    const auto start = reader.offset();
    const quint32 number = reader.varInt("Property Identifier");
    const auto *info = number <= 0xFF ? propertyInfo(PropertyId(number)) : nullptr;
    if (!info)
        return reader.fail(Malformed::Problem::UnknownProperty, start, "Property Identifier");
    reader.note([&](auto &recorder) { recorder.beginProperty(start, info->name); });
    auto value = readPropertyValue(reader, *info);
    if (reader.failed())
        return;
    properties.append({info->id, std::move(value)});
    reader.note([&](auto &recorder) { recorder.endProperty(reader.offset()); });
}

/// A property list with its length in front; nothing before 5.0.
template<class R>
Properties readProperties(R &reader, const char *lengthField = "Property Length", const char *listField = "Properties")
{
    Properties properties;
    if (!reader.isV5())
        return properties;
    const auto lengthAt = reader.offset();
    const auto length = qsizetype(reader.varInt(lengthField));
    if (length == 0)
        return properties;
    const auto outerEnd = reader.enterList(length, lengthAt, lengthField);
    reader.note([&](auto &recorder) { recorder.beginList(reader.offset(), listField); });
    // A guess from the average size of a property; the list grows by itself past it.
    constexpr qsizetype typicalProperty = 6;
    constexpr qsizetype mostReserved = 16;
    properties.reserve(qBound<qsizetype>(1, reader.remaining() / typicalProperty, mostReserved));
    while (reader.remaining() > 0)
        readProperty(reader, properties);
    reader.leaveList(outerEnd);
    return properties;
}

inline bool isProtocolName(QByteArrayView name)
{
    return name == QByteArrayView("MQTT") || name == QByteArrayView("MQIsdp");
}

inline std::optional<Version> protocolVersion(QByteArrayView name, quint8 level)
{
    const bool isMqtt = name == QByteArrayView("MQTT");
    if (isMqtt && (level == quint8(Version::V311) || level == quint8(Version::V5)))
        return Version(level);
    if (name == QByteArrayView("MQIsdp") && level == quint8(Version::V31))
        return Version::V31;
    return std::nullopt;
}

namespace connectFlag {
inline constexpr quint8 reserved = 0x01;
inline constexpr quint8 cleanStart = 0x02;
inline constexpr quint8 will = 0x04;
inline constexpr quint8 willQos = 0x18;
inline constexpr int willQosShift = 3;
inline constexpr quint8 willRetain = 0x20;
inline constexpr quint8 password = 0x40;
inline constexpr quint8 userName = 0x80;
} // namespace connectFlag

template<class R> Will readWill(R &reader, quint8 flags)
{
    Will will;
    will.qos = Qos((flags & connectFlag::willQos) >> connectFlag::willQosShift);
    will.retain = (flags & connectFlag::willRetain) != 0;
    will.properties = readProperties(reader, "Will Property Length", "Will Properties");
    will.topic = reader.field("Will Topic");
    will.payload = reader.field("Will Payload", FieldKind::Payload);
    return will;
}

/// Which fields follow is what the flags say, in this order (MQTT-3.1.2-16, -18, MQTT-3.1.3-1, v3:MQTT-3.1.2-11, -18,
/// -20, v3:MQTT-3.1.3-1).
template<class R> ConnectPacket readConnect(R &reader)
{
    ConnectPacket packet;
    const auto nameAt = reader.offset();
    const auto name = reader.fieldView("Protocol Name");
    if (name != QByteArrayView(packet.protocolName))
        packet.protocolName = name.toByteArray();
    const auto levelAt = reader.offset();
    packet.protocolLevel = reader.u8("Protocol Version");
    reader.setProtocolLevel(packet.protocolLevel);
    if (const auto version = protocolVersion(name, packet.protocolLevel))
        reader.useVersion(*version);
    else if (isProtocolName(name))
        reader.fail(Malformed::Problem::UnsupportedVersion, levelAt, "Protocol Version",
                    ReasonCode::UnsupportedProtocolVersion);
    else
        reader.fail(Malformed::Problem::UnsupportedVersion, nameAt, "Protocol Name",
                    ReasonCode::UnsupportedProtocolVersion);
    const quint8 flags = reader.u8("Connect Flags", FieldKind::Hexadecimal);
    reader.note([&](auto &recorder) { recorder.connectFlags(flags); });
    const bool hasWill = (flags & connectFlag::will) != 0;
    packet.cleanStart = (flags & connectFlag::cleanStart) != 0;
    packet.strayFlags =
        flags & (connectFlag::reserved | (hasWill ? 0 : connectFlag::willQos | connectFlag::willRetain));
    packet.keepAlive = reader.u16("Keep Alive");
    packet.properties = readProperties(reader);
    packet.clientId = reader.field("Client Identifier");
    if (hasWill)
        packet.will = readWill(reader, flags);
    if (flags & connectFlag::userName)
        packet.userName = reader.field("User Name");
    if (flags & connectFlag::password)
        packet.password = reader.field("Password", FieldKind::Secret);
    return packet;
}

template<class R> quint8 readReason(R &reader, PacketType type, const char *field = "Reason Code")
{
    const quint8 reason = reader.u8(field, FieldKind::Hexadecimal);
    reader.note([&](auto &recorder) { recorder.reason(reason, type, reader.version()); });
    return reason;
}

template<class R> ConnackPacket readConnack(R &reader)
{
    constexpr quint8 sessionPresent = 0x01;
    ConnackPacket packet;
    const quint8 flags = reader.u8("Connect Acknowledge Flags", FieldKind::Hexadecimal);
    reader.note([&](auto &recorder) { recorder.acknowledgeFlags(flags); });
    packet.sessionPresent = (flags & sessionPresent) != 0;
    packet.strayFlags = flags & quint8(~sessionPresent);
    packet.reason = readReason(reader, PacketType::Connack, reader.isV5() ? "Reason Code" : "Connect Return code");
    packet.properties = readProperties(reader);
    return packet;
}

template<class R> PublishPacket readPublish(R &reader, quint8 firstByte)
{
    PublishPacket packet;
    packet.dup = (firstByte & 0x08) != 0;
    packet.qos = Qos((firstByte >> 1) & 0x03);
    packet.retain = (firstByte & 0x01) != 0;
    packet.topic = reader.topicName();
    if (packet.qos != Qos::AtMostOnce)
        packet.packetId = {reader.u16("Packet Identifier")};
    packet.properties = readProperties(reader);
    packet.payload = reader.payload();
    return packet;
}

template<class R> AckPacket readAck(R &reader, PacketType type)
{
    AckPacket packet;
    packet.type = type;
    packet.packetId = {reader.u16("Packet Identifier")};
    if (reader.isV5() && reader.remaining() > 0)
        packet.reason = ReasonCode(readReason(reader, type));
    if (reader.isV5() && reader.remaining() > 0)
        packet.properties = readProperties(reader);
    return packet;
}

template<class R> SubscribePacket readSubscribe(R &reader)
{
    SubscribePacket packet;
    packet.packetId = {reader.u16("Packet Identifier")};
    packet.properties = readProperties(reader);
    while (reader.remaining() > 0) {
        SubscribePacket::Entry entry;
        entry.filter = reader.field("Topic Filter");
        const quint8 options =
            reader.u8(reader.isV5() ? "Subscription Options" : "Requested QoS", FieldKind::Hexadecimal);
        reader.note([&](auto &recorder) { recorder.subscriptionOptions(options, reader.version()); });
        entry.options = SubscriptionOptions::fromByte(options);
        packet.entries.append(std::move(entry));
    }
    return packet;
}

template<class Packet, class R> Packet readReasonList(R &reader, PacketType type)
{
    Packet packet;
    packet.packetId = {reader.u16("Packet Identifier")};
    packet.properties = readProperties(reader);
    const bool hasReasons = reader.isV5() || type == PacketType::Suback;
    while (hasReasons && reader.remaining() > 0)
        packet.reasons.append(ReasonCode(readReason(reader, type, reader.isV5() ? "Reason Code" : "Return Code")));
    return packet;
}

template<class R> UnsubscribePacket readUnsubscribe(R &reader)
{
    UnsubscribePacket packet;
    packet.packetId = {reader.u16("Packet Identifier")};
    packet.properties = readProperties(reader);
    while (reader.remaining() > 0)
        packet.filters.append(reader.field("Topic Filter"));
    return packet;
}

/// DISCONNECT and AUTH: an optional reason and, behind it, optional properties; nothing before 5.0.
template<class Packet, class R> Packet readReasonAndProperties(R &reader, PacketType type)
{
    Packet packet;
    if (reader.isV5() && reader.remaining() > 0)
        packet.reason = ReasonCode(readReason(reader, type));
    if (reader.isV5() && reader.remaining() > 0)
        packet.properties = readProperties(reader);
    return packet;
}

/// Becomes what make() returns wherever that is to be made: a body is large to move.
template<class Make> struct Made
{
    Make make;
    operator std::invoke_result_t<Make>() const { return make(); }
};

/// One packet out of its parts: what read() reads is the body.
template<class R, class Read> void readInto(Packet &packet, R &reader, Read read)
{
    packet.body.emplace<std::invoke_result_t<Read>>(Made<Read>{read});
    if (reader.remaining() > 0)
        reader.fail(Malformed::Problem::BytesLeftOver, reader.offset(), "Payload");
}

template<class R> void readBody(Packet &packet, R &reader, quint8 firstByte)
{
    const auto type = PacketType(firstByte >> 4);
    switch (type) {
    case PacketType::Reserved:
        break;
    case PacketType::Connect:
        return readInto(packet, reader, [&] { return readConnect(reader); });
    case PacketType::Connack:
        return readInto(packet, reader, [&] { return readConnack(reader); });
    case PacketType::Publish:
        return readInto(packet, reader, [&] { return readPublish(reader, firstByte); });
    case PacketType::Puback:
    case PacketType::Pubrec:
    case PacketType::Pubrel:
    case PacketType::Pubcomp:
        return readInto(packet, reader, [&] { return readAck(reader, type); });
    case PacketType::Subscribe:
        return readInto(packet, reader, [&] { return readSubscribe(reader); });
    case PacketType::Suback:
        return readInto(packet, reader, [&] { return readReasonList<SubackPacket>(reader, type); });
    case PacketType::Unsubscribe:
        return readInto(packet, reader, [&] { return readUnsubscribe(reader); });
    case PacketType::Unsuback:
        return readInto(packet, reader, [&] { return readReasonList<UnsubackPacket>(reader, type); });
    case PacketType::Pingreq:
        return readInto(packet, reader, [] { return PingreqPacket{}; });
    case PacketType::Pingresp:
        return readInto(packet, reader, [] { return PingrespPacket{}; });
    case PacketType::Disconnect:
        return readInto(packet, reader, [&] { return readReasonAndProperties<DisconnectPacket>(reader, type); });
    case PacketType::Auth:
        if (reader.isV5())
            return readInto(packet, reader, [&] { return readReasonAndProperties<AuthPacket>(reader, type); });
        break;
    }
    reader.fail(Malformed::Problem::ReservedType, 0, "Packet Type", ReasonCode::ProtocolError);
}

/// The whole frame. Says why when it cannot be read.
template<class Recorder>
std::optional<Malformed> readPacket(Packet &packet, const QByteArray &frame, Version version, Recorder &recorder,
                                    QByteArray *lastTopic = nullptr)
{
    PacketReader<Recorder> reader(frame, version, recorder, lastTopic);
    const quint8 firstByte = reader.u8("Packet Type", FieldKind::Hexadecimal);
    reader.note([&](auto &active) { active.firstByte(firstByte); });
    const auto type = PacketType(firstByte >> 4);
    reader.remainingLength();
    if (type != PacketType::Connect)
        reader.useVersion(version);
    const quint8 flags = firstByte & 0x0F;
    const bool hasLegalFlags = type == PacketType::Publish || flags == requiredFlags(type);
    packet.illegalFlags = hasLegalFlags ? std::nullopt : std::optional<quint8>(flags);
    readBody(packet, reader, firstByte);
    return reader.failed() ? std::optional(reader.malformed()) : std::nullopt;
}

} // namespace sessionscope::walk
