// One line for a packet: one function a type, all through packetText().
#include "core/base/overloaded.h"
#include "core/trace/text_parts.h"

namespace sessionscope {

namespace {

QString idText(PacketId id)
{
    return QStringLiteral(" #%1").arg(id.value);
}

QString valueText(const Property &property)
{
    if (property.id == PropertyId::AuthenticationData)
        return QStringLiteral("(hidden)");
    return std::visit(Overloaded{[](quint32 number) { return QString::number(number); },
                                 [](const QByteArray &bytes) { return payloadText(bytes); },
                                 [](const StringPair &pair) { return quoted(pair.name) + u'=' + quoted(pair.value); }},
                      property.value);
}

QString versionText(quint8 level)
{
    switch (Version(level)) {
    case Version::V31:
        return QStringLiteral("MQTT 3.1");
    case Version::V311:
        return QStringLiteral("MQTT 3.1.1");
    case Version::V5:
        return QStringLiteral("MQTT 5.0");
    }
    return QStringLiteral("protocol level %1").arg(level);
}

QString qosText(Qos qos)
{
    return QStringLiteral(" QoS %1").arg(quint8(qos));
}

QString text(const ConnectPacket &connect, Version)
{
    const bool isV5 = Version(connect.protocolLevel) == Version::V5;
    QString line =
        QStringLiteral("CONNECT %1 %2, %3 %4, Keep Alive %5 s")
            .arg(quoted(connect.clientId), versionText(connect.protocolLevel),
                 isV5 ? QStringLiteral("Clean Start") : QStringLiteral("Clean Session"),
                 connect.cleanStart ? QStringLiteral("1") : QStringLiteral("0"), QString::number(connect.keepAlive));
    line += propertiesText(connect.properties);
    if (connect.userName)
        line += QStringLiteral(", user ") + quoted(*connect.userName);
    if (connect.password)
        line += QStringLiteral(", password (hidden)");
    if (connect.will) {
        line += QStringLiteral(", will") + qosText(connect.will->qos);
        if (connect.will->retain)
            line += QStringLiteral(" RETAIN");
        line += u' ' + quoted(connect.will->topic) + QStringLiteral(": ") + payloadText(connect.will->payload) +
                propertiesText(connect.will->properties);
    }
    return line;
}

QString text(const ConnackPacket &connack, Version version)
{
    return QStringLiteral("CONNACK %1, Session Present %2%3")
        .arg(connackReasonText(connack.reason, version),
             connack.sessionPresent ? QStringLiteral("1") : QStringLiteral("0"), propertiesText(connack.properties));
}

QString text(const PublishPacket &publish, Version)
{
    QString line = QStringLiteral("PUBLISH");
    if (publish.qos != Qos::AtMostOnce)
        line += idText(publish.packetId);
    line += qosText(publish.qos);
    if (publish.dup)
        line += QStringLiteral(" DUP");
    if (publish.retain)
        line += QStringLiteral(" RETAIN");
    return line + u' ' + quoted(publish.topic) + QStringLiteral(": ") + payloadText(publish.payload) +
           propertiesText(publish.properties);
}

QString text(const AckPacket &ack, Version version)
{
    QString line = latin1(packetTypeName(ack.type)) + idText(ack.packetId);
    if (version == Version::V5)
        line += u' ' + reasonText(ack.reason, ack.type) + propertiesText(ack.properties);
    return line;
}

QString text(const SubscribePacket &subscribe, Version)
{
    QString line = QStringLiteral("SUBSCRIBE") + idText(subscribe.packetId);
    for (const auto &entry : subscribe.entries) {
        line += u' ' + quoted(entry.filter) + qosText(entry.options.maximumQos);
        if (entry.options.noLocal)
            line += QStringLiteral(" No Local");
        if (entry.options.retainAsPublished)
            line += QStringLiteral(" Retain As Published");
        if (entry.options.retainHandling != RetainHandling::SendAtSubscribe)
            line += QStringLiteral(" Retain Handling %1").arg(quint8(entry.options.retainHandling));
    }
    return line + propertiesText(subscribe.properties);
}

QString text(const SubackPacket &suback, Version)
{
    return QStringLiteral("SUBACK") + idText(suback.packetId) + u' ' + reasonsText(suback.reasons, PacketType::Suback) +
           propertiesText(suback.properties);
}

QString text(const UnsubscribePacket &unsubscribe, Version)
{
    QString line = QStringLiteral("UNSUBSCRIBE") + idText(unsubscribe.packetId);
    for (const auto &filter : unsubscribe.filters)
        line += u' ' + quoted(filter);
    return line + propertiesText(unsubscribe.properties);
}

QString text(const UnsubackPacket &unsuback, Version)
{
    const QString reasons = reasonsText(unsuback.reasons, PacketType::Unsuback);
    return QStringLiteral("UNSUBACK") + idText(unsuback.packetId) + (reasons.isEmpty() ? QString() : u' ' + reasons) +
           propertiesText(unsuback.properties);
}

QString text(const PingreqPacket &, Version)
{
    return QStringLiteral("PINGREQ");
}

QString text(const PingrespPacket &, Version)
{
    return QStringLiteral("PINGRESP");
}

QString text(const DisconnectPacket &disconnect, Version version)
{
    if (version != Version::V5)
        return QStringLiteral("DISCONNECT");
    return QStringLiteral("DISCONNECT ") + reasonText(disconnect.reason, PacketType::Disconnect) +
           propertiesText(disconnect.properties);
}

QString text(const AuthPacket &auth, Version)
{
    return QStringLiteral("AUTH ") + reasonText(auth.reason, PacketType::Auth) + propertiesText(auth.properties);
}

} // namespace

QString propertiesText(const Properties &properties)
{
    QString text;
    for (const Property &property : properties) {
        const auto *info = propertyInfo(property.id);
        text +=
            QStringLiteral(", %1 %2").arg(info ? latin1(info->name) : QStringLiteral("property"), valueText(property));
    }
    return text;
}

QString packetText(const Packet &packet, Version version)
{
    QString line = std::visit([version](const auto &body) { return text(body, version); }, packet.body);
    if (packet.illegalFlags)
        line += QStringLiteral(", flags 0x%1").arg(*packet.illegalFlags, 0, 16);
    return line;
}

} // namespace sessionscope
