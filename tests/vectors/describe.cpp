#include "tests/vectors/vectors.h"

#include <array>

namespace sessionscope::vectors {

namespace {

constexpr qsizetype longestShown = 64;

QByteArray hex(quint8 value)
{
    return "0x" + QByteArray::number(value, 16).rightJustified(2, '0').toUpper();
}

QByteArray quoted(const QByteArray &bytes)
{
    if (bytes.size() > longestShown)
        return "<" + QByteArray::number(bytes.size()) + " bytes>";
    QByteArray text = "\"";
    for (const char c : bytes) {
        if (c >= ' ' && c < 0x7F && c != '"' && c != '\\')
            text += c;
        else
            text += "\\x" + QByteArray::number(quint8(c), 16).rightJustified(2, '0').toUpper();
    }
    return text + "\"";
}

QByteArray number(const char *name, quint32 value)
{
    return QByteArray(" ") + name + "=" + QByteArray::number(value);
}

QByteArray textOf(const PropertyValue &value)
{
    if (const auto *integer = std::get_if<quint32>(&value))
        return QByteArray::number(*integer);
    if (const auto *bytes = std::get_if<QByteArray>(&value))
        return quoted(*bytes);
    const auto &pair = std::get<StringPair>(value);
    return quoted(pair.name) + "=" + quoted(pair.value);
}

QByteArray properties(const Properties &list)
{
    if (list.isEmpty())
        return {};
    QByteArrayList texts;
    for (const auto &property : list)
        texts.append(propertyInfo(property.id)->name + QByteArray(":") + textOf(property.value));
    return " {" + texts.join(", ") + "}";
}

QByteArray reason(ReasonCode code)
{
    return code == ReasonCode::Success ? QByteArray() : " reason=" + hex(quint8(code));
}

QByteArray messageFlags(Qos qos, bool retain)
{
    return " q" + QByteArray::number(int(qos)) + (retain ? " retain" : "");
}

QByteArray body(const ConnectPacket &p)
{
    QByteArray text = " " + p.protocolName + "/" + QByteArray::number(p.protocolLevel);
    text += p.cleanStart ? " clean" : "";
    text += number("keepAlive", p.keepAlive) + " id=" + quoted(p.clientId) + properties(p.properties);
    if (p.will)
        text += " will(" + quoted(p.will->topic) + messageFlags(p.will->qos, p.will->retain) +
                " payload=" + quoted(p.will->payload) + properties(p.will->properties) + ")";
    if (p.userName)
        text += " user=" + quoted(*p.userName);
    if (p.password)
        text += " password=" + quoted(*p.password);
    if (p.strayFlags)
        text += " stray=" + hex(p.strayFlags);
    return text;
}

QByteArray body(const ConnackPacket &p)
{
    QByteArray text = p.sessionPresent ? " sessionPresent" : "";
    text += " " + hex(p.reason) + properties(p.properties);
    if (p.strayFlags)
        text += " stray=" + hex(p.strayFlags);
    return text;
}

QByteArray body(const PublishPacket &p)
{
    QByteArray text = " " + quoted(p.topic) + messageFlags(p.qos, p.retain) + (p.dup ? " dup" : "");
    if (p.qos != Qos::AtMostOnce)
        text += number("id", p.packetId.value);
    return text + " payload=" + quoted(p.payload) + properties(p.properties);
}

QByteArray body(const AckPacket &p)
{
    return number("id", p.packetId.value) + reason(p.reason) + properties(p.properties);
}

QByteArray body(const SubscribePacket &p)
{
    QByteArray text = number("id", p.packetId.value) + properties(p.properties);
    for (const auto &entry : p.entries)
        text += " " + quoted(entry.filter) + ":" + hex(entry.options.toByte());
    return text;
}

QByteArray body(const UnsubscribePacket &p)
{
    QByteArray text = number("id", p.packetId.value) + properties(p.properties);
    for (const auto &filter : p.filters)
        text += " " + quoted(filter);
    return text;
}

template<class ReasonList> QByteArray reasonList(const ReasonList &p)
{
    QByteArray text = number("id", p.packetId.value) + properties(p.properties);
    for (const auto code : p.reasons)
        text += " " + hex(quint8(code));
    return text;
}

QByteArray body(const SubackPacket &p)
{
    return reasonList(p);
}

QByteArray body(const UnsubackPacket &p)
{
    return reasonList(p);
}

QByteArray body(const PingreqPacket &)
{
    return {};
}

QByteArray body(const PingrespPacket &)
{
    return {};
}

QByteArray body(const DisconnectPacket &p)
{
    return reason(p.reason) + properties(p.properties);
}

QByteArray body(const AuthPacket &p)
{
    return reason(p.reason) + properties(p.properties);
}

} // namespace

QByteArray describe(const Packet &packet)
{
    QByteArray text = packetTypeName(packet.type());
    text += std::visit([](const auto &packetBody) { return body(packetBody); }, packet.body);
    if (packet.illegalFlags)
        text += " flags=" + hex(*packet.illegalFlags);
    return text;
}

QByteArray describe(const Malformed &malformed)
{
    static constexpr std::array<const char *, 8> names{"ReservedType",       "BadLength",        "TooLarge",
                                                       "FieldRunsPastEnd",   "BytesLeftOver",    "UnknownProperty",
                                                       "UnsupportedVersion", "BadPropertyLength"};
    return names[std::size_t(malformed.problem)] + QByteArray(" at ") + QByteArray::number(malformed.offset) + " " +
           malformed.field;
}

} // namespace sessionscope::vectors
