// Writes packets. Each packet type has one function that says its layout, run twice: over a sink that counts and over
// one that stores, so that sizes and bytes cannot disagree and the result is allocated once.
#include "core/base/var_int.h"
#include "core/mqtt/codec.h"

#include <QtEndian>

#include <cstring>

namespace sessionscope {

namespace {

constexpr qsizetype longestField = 0xFFFF;

QByteArrayView fitting(QByteArrayView field)
{
    return field.first(qMin(field.size(), longestField));
}

class CountingSink
{
public:
    void u8(quint8) { m_size += 1; }
    void u16(quint16) { m_size += 2; }
    void u32(quint32) { m_size += 4; }
    void varInt(quint32 value) { m_size += varIntSize(value); }
    void field(QByteArrayView bytes) { m_size += 2 + fitting(bytes).size(); }
    void raw(QByteArrayView bytes) { m_size += bytes.size(); }
    qsizetype size() const { return m_size; }

private:
    qsizetype m_size = 0;
};

// Stores into room that a CountingSink has measured.
class StoringSink
{
public:
    explicit StoringSink(char *at) : m_at(at) {}

    void u8(quint8 value) { *m_at++ = char(value); }
    void u16(quint16 value)
    {
        qToBigEndian(value, m_at);
        m_at += sizeof value;
    }
    void u32(quint32 value)
    {
        qToBigEndian(value, m_at);
        m_at += sizeof value;
    }
    void varInt(quint32 value)
    {
        for (; value > 0x7F; value >>= 7)
            u8(quint8(value | 0x80));
        u8(quint8(value));
    }
    void field(QByteArrayView bytes)
    {
        const auto cut = fitting(bytes);
        u16(quint16(cut.size()));
        raw(cut);
    }
    void raw(QByteArrayView bytes)
    {
        if (!bytes.isEmpty())
            std::memcpy(m_at, bytes.data(), std::size_t(bytes.size()));
        m_at += bytes.size();
    }

private:
    char *m_at;
};

// A value whose type is not the one the table gives to its identifier is written as zero or empty.
template<class T> T valueOr(const PropertyValue &value, T otherwise = {})
{
    const auto *held = std::get_if<T>(&value);
    return held ? *held : otherwise;
}

QByteArrayView bytesOf(const PropertyValue &value)
{
    const auto *held = std::get_if<QByteArray>(&value);
    return held ? QByteArrayView(*held) : QByteArrayView();
}

template<class Sink> void writeValue(Sink &sink, PropertyType type, const PropertyValue &value)
{
    switch (type) {
    case PropertyType::Byte:
        return sink.u8(quint8(valueOr<quint32>(value)));
    case PropertyType::TwoByteInteger:
        return sink.u16(quint16(valueOr<quint32>(value)));
    case PropertyType::FourByteInteger:
        return sink.u32(valueOr<quint32>(value));
    case PropertyType::VariableByteInteger:
        return sink.varInt(qMin(valueOr<quint32>(value), maxVarInt));
    case PropertyType::Utf8String:
    case PropertyType::BinaryData:
        return sink.field(bytesOf(value));
    case PropertyType::StringPair: {
        static const StringPair empty;
        const auto *pair = std::get_if<StringPair>(&value);
        sink.field(pair ? pair->name : empty.name);
        sink.field(pair ? pair->value : empty.value);
        return;
    }
    }
}

// A property of an identifier that the standard does not define has no type and is left out.
template<class Sink> void writePropertyList(Sink &sink, const Properties &properties)
{
    for (const auto &property : properties) {
        const auto *info = propertyInfo(property.id);
        if (!info)
            continue;
        sink.u8(quint8(property.id));
        writeValue(sink, info->type, property.value);
    }
}

template<class Sink> void writeProperties(Sink &sink, const Properties &properties, Version version)
{
    if (version != Version::V5)
        return;
    if (properties.isEmpty())
        return sink.u8(0);
    CountingSink counter;
    writePropertyList(counter, properties);
    sink.varInt(quint32(qMin<qsizetype>(counter.size(), maxVarInt)));
    writePropertyList(sink, properties);
}

quint8 connectFlags(const ConnectPacket &packet)
{
    const quint8 will = packet.will
                            ? quint8(0x04 | (quint8(packet.will->qos) & 0x03) << 3 | (packet.will->retain ? 0x20 : 0))
                            : quint8(0);
    return quint8(packet.strayFlags | (packet.cleanStart ? 0x02 : 0) | will | (packet.password ? 0x40 : 0) |
                  (packet.userName ? 0x80 : 0));
}

// What the level byte asks for: properties stand in a CONNECT of level 5, whatever version the caller speaks.
Version versionOf(const ConnectPacket &packet)
{
    return packet.protocolLevel >= quint8(Version::V5) ? Version::V5 : Version::V311;
}

template<class Sink> void writeBody(Sink &sink, const ConnectPacket &packet, Version)
{
    const auto version = versionOf(packet);
    sink.field(packet.protocolName);
    sink.u8(packet.protocolLevel);
    sink.u8(connectFlags(packet));
    sink.u16(packet.keepAlive);
    writeProperties(sink, packet.properties, version);
    sink.field(packet.clientId);
    if (packet.will) {
        writeProperties(sink, packet.will->properties, version);
        sink.field(packet.will->topic);
        sink.field(packet.will->payload);
    }
    if (packet.userName)
        sink.field(*packet.userName);
    if (packet.password)
        sink.field(*packet.password);
}

template<class Sink> void writeBody(Sink &sink, const ConnackPacket &packet, Version version)
{
    sink.u8(quint8(packet.strayFlags | (packet.sessionPresent ? 0x01 : 0)));
    sink.u8(packet.reason);
    writeProperties(sink, packet.properties, version);
}

/// A Packet Identifier only above QoS 0 (MQTT-2.2.1-2, v3:MQTT-2.3.1-5).
template<class Sink> void writePublishHeader(Sink &sink, const PublishFields &packet, Version version)
{
    sink.field(packet.topic);
    if (packet.qos != Qos::AtMostOnce)
        sink.u16(packet.packetId.value);
    writeProperties(sink, packet.properties, version);
}

template<class Sink> void writeBody(Sink &sink, const PublishPacket &packet, Version version)
{
    writePublishHeader(sink, fieldsOf(packet), version);
    sink.raw(packet.payload);
}

template<class Sink> void writeBody(Sink &sink, const AckPacket &packet, Version version)
{
    sink.u16(packet.packetId.value);
    const bool hasProperties = !packet.properties.isEmpty();
    if (version != Version::V5 || (packet.reason == ReasonCode::Success && !hasProperties))
        return;
    sink.u8(quint8(packet.reason));
    if (hasProperties)
        writeProperties(sink, packet.properties, version);
}

template<class Sink> void writeBody(Sink &sink, const SubscribePacket &packet, Version version)
{
    sink.u16(packet.packetId.value);
    writeProperties(sink, packet.properties, version);
    for (const auto &entry : packet.entries) {
        sink.field(entry.filter);
        sink.u8(entry.options.toByte());
    }
}

template<class Sink> void writeBody(Sink &sink, const SubackPacket &packet, Version version)
{
    sink.u16(packet.packetId.value);
    writeProperties(sink, packet.properties, version);
    for (const auto reason : packet.reasons)
        sink.u8(quint8(reason));
}

template<class Sink> void writeBody(Sink &sink, const UnsubscribePacket &packet, Version version)
{
    sink.u16(packet.packetId.value);
    writeProperties(sink, packet.properties, version);
    for (const auto &filter : packet.filters)
        sink.field(filter);
}

template<class Sink> void writeBody(Sink &sink, const UnsubackPacket &packet, Version version)
{
    sink.u16(packet.packetId.value);
    writeProperties(sink, packet.properties, version);
    for (const auto reason : packet.reasons)
        sink.u8(quint8(reason));
}

template<class Sink> void writeBody(Sink &, const PingreqPacket &, Version) {}
template<class Sink> void writeBody(Sink &, const PingrespPacket &, Version) {}

template<class Sink> void writeBody(Sink &sink, const DisconnectPacket &packet, Version version)
{
    const bool hasProperties = !packet.properties.isEmpty();
    if (version != Version::V5 || (packet.reason == ReasonCode::Success && !hasProperties))
        return;
    sink.u8(quint8(packet.reason));
    if (hasProperties)
        writeProperties(sink, packet.properties, version);
}

// AUTH without a property length is not foreseen, but for the empty one (v5 §3.15.2.1).
template<class Sink> void writeBody(Sink &sink, const AuthPacket &packet, Version version)
{
    if (version != Version::V5 || (packet.reason == ReasonCode::Success && packet.properties.isEmpty()))
        return;
    sink.u8(quint8(packet.reason));
    writeProperties(sink, packet.properties, version);
}

template<class Publish> quint8 publishFirstByte(const Publish &packet)
{
    return quint8(quint8(PacketType::Publish) << 4 | (packet.dup ? 0x08 : 0) | (quint8(packet.qos) & 0x03) << 1 |
                  (packet.retain ? 0x01 : 0));
}

quint8 firstByte(const Packet &packet)
{
    if (const auto *publish = packet.as<PublishPacket>())
        return publishFirstByte(*publish);
    const auto type = packet.type();
    return quint8(quint8(type) << 4 | (packet.illegalFlags.value_or(requiredFlags(type)) & 0x0F));
}

template<class Body> qsizetype bodySize(const Body &body, Version version)
{
    CountingSink counter;
    writeBody(counter, body, version);
    return counter.size();
}

qsizetype bodySize(const Packet &packet, Version version)
{
    return std::visit([version](const auto &body) { return bodySize(body, version); }, packet.body);
}

constexpr qsizetype packetSize(qsizetype remainingLength)
{
    return 1 + varIntSize(quint32(remainingLength)) + remainingLength;
}

// Asks for room of the size needed and fills it.
template<class Body, class Room> void writeBodyTo(Room room, quint8 firstByte, const Body &body, Version version)
{
    const qsizetype size = bodySize(body, version);
    const auto remainingLength = quint32(qMin<qsizetype>(size, maxVarInt));
    StoringSink sink(room(1 + varIntSize(remainingLength) + size));
    sink.u8(firstByte);
    sink.varInt(remainingLength);
    writeBody(sink, body, version);
}

template<class Room> void write(const Packet &packet, Version version, Room room)
{
    std::visit([&](const auto &body) { writeBodyTo(room, firstByte(packet), body, version); }, packet.body);
}

auto roomBehind(QByteArray &out)
{
    return [&out](qsizetype size) {
        const qsizetype start = out.size();
        out.resize(start + size);
        return out.data() + start;
    };
}

} // namespace

bool fitInto(Packet &packet, Version version, qsizetype limit)
{
    constexpr PropertyPlaces spares =
        place(PacketType::Connack) | place(PacketType::Puback) | place(PacketType::Pubrec) | place(PacketType::Pubrel) |
        place(PacketType::Pubcomp) | place(PacketType::Suback) | place(PacketType::Unsuback) |
        place(PacketType::Disconnect) | place(PacketType::Auth);
    const auto fits = [&] { return encodedSize(packet, version) <= limit; };
    if (limit == 0 || fits())
        return true;
    if ((spares & place(packet.type())) == 0)
        return false;
    Properties &properties = *propertiesOf(packet);
    properties.removeAll(PropertyId::UserProperty);
    if (fits())
        return true;
    properties.removeAll(PropertyId::ReasonString);
    return fits();
}

qsizetype encodedSize(const Packet &packet, Version version)
{
    return packetSize(qMin<qsizetype>(bodySize(packet, version), maxVarInt));
}

void encodeTo(QByteArray &out, const Packet &packet, Version version)
{
    const qsizetype start = out.size();
    write(packet, version, roomBehind(out));
    // A body too long for its length field has been written whole.
    const qsizetype longest = packetSize(maxVarInt);
    if (out.size() - start > longest)
        out.truncate(start + longest);
}

QByteArray encode(const Packet &packet, Version version)
{
    QByteArray out;
    write(packet, version, [&](qsizetype size) {
        out = QByteArray(size, Qt::Uninitialized);
        return out.data();
    });
    out.truncate(packetSize(maxVarInt));
    return out;
}

void encodeTo(QByteArray &out, const AckPacket &packet, Version version)
{
    writeBodyTo(roomBehind(out), quint8(quint8(packet.type) << 4 | requiredFlags(packet.type)), packet, version);
}

PublishFields fieldsOf(const PublishPacket &publish)
{
    return {publish.topic, publish.payload, publish.packetId,  publish.qos,
            publish.dup,   publish.retain,  publish.properties};
}

QByteArray encodePublishHead(const PublishPacket &publish, Version version, qsizetype *packetIdOffset)
{
    QByteArray head;
    const qsizetype offset = encodePublishTo(head, fieldsOf(publish), version, PayloadPart::Apart);
    if (packetIdOffset)
        *packetIdOffset = offset;
    return head;
}

qsizetype encodePublishTo(QByteArray &out, const PublishFields &publish, Version version, PayloadPart payload)
{
    const qsizetype start = out.size();
    CountingSink counter;
    writePublishHeader(counter, publish, version);
    const qsizetype wholeBody = counter.size() + publish.payload.size();
    const auto remainingLength = quint32(qMin<qsizetype>(wholeBody, maxVarInt));
    const qsizetype fixedHeader = 1 + varIntSize(remainingLength);
    StoringSink sink(roomBehind(out)(fixedHeader + (payload == PayloadPart::Joined ? wholeBody : counter.size())));
    sink.u8(publishFirstByte(publish));
    sink.varInt(remainingLength);
    writePublishHeader(sink, publish, version);
    if (payload == PayloadPart::Joined)
        sink.raw(publish.payload);
    const bool hasId = publish.qos != Qos::AtMostOnce;
    return hasId ? start + fixedHeader + 2 + fitting(publish.topic).size() : -1;
}

} // namespace sessionscope
