#include "ui/connect/connect_values.h"

namespace sessionscope {

std::optional<quint32> ExpiryChoice::interval() const
{
    switch (kind) {
    case ExpiryKind::Absent:
        return std::nullopt;
    case ExpiryKind::Zero:
        return 0;
    case ExpiryKind::Seconds:
        return seconds;
    case ExpiryKind::Never:
        return sessionNeverExpires;
    }
    return std::nullopt;
}

quint32 ConnectValues::keptFor() const
{
    if (version != Version::V5)
        return cleanStart ? 0 : sessionNeverExpires;
    return expiry.interval().value_or(0);
}

ConnectPacket toPacket(const ConnectValues &values)
{
    ConnectPacket packet;
    const bool v5 = values.version == Version::V5;
    packet.protocolName = values.version == Version::V31 ? QByteArrayLiteral("MQIsdp") : QByteArrayLiteral("MQTT");
    packet.protocolLevel = quint8(values.version);
    packet.cleanStart = values.cleanStart;
    packet.keepAlive = values.keepAlive;
    packet.clientId = values.clientId.toUtf8();
    if (const auto interval = values.expiry.interval(); v5 && interval)
        packet.properties.add(PropertyId::SessionExpiryInterval, *interval);
    if (v5 && values.receiveMaximum)
        packet.properties.add(PropertyId::ReceiveMaximum, quint32(values.receiveMaximum));
    if (v5 && values.maximumPacketSize)
        packet.properties.add(PropertyId::MaximumPacketSize, values.maximumPacketSize);
    if (v5 && values.topicAliasMaximum)
        packet.properties.add(PropertyId::TopicAliasMaximum, quint32(values.topicAliasMaximum));
    if (values.will) {
        Will will{
            values.will->topic.toUtf8(), values.will->payload.toUtf8(), values.will->qos, values.will->retain, {}};
        if (v5 && values.will->delay)
            will.properties.add(PropertyId::WillDelayInterval, values.will->delay);
        packet.will = will;
    }
    if (toAuthentication(values))
        return packet;
    if (!values.userName.isEmpty())
        packet.userName = values.userName.toUtf8();
    if (!values.password.isEmpty())
        packet.password = values.password.toUtf8();
    return packet;
}

ClientPolicy toPolicy(const ConnectValues &values)
{
    return {.resubscribeWhenFresh = values.resubscribes,
            .followRedirects = values.followsRedirects,
            .reconnect = {.automatic = values.reconnects}};
}

std::optional<Authentication> toAuthentication(const ConnectValues &values)
{
    if (values.version != Version::V5 || values.credentials != Credentials::ScramSha256)
        return std::nullopt;
    return Authentication{"SCRAM-SHA-256", values.userName.toUtf8(), values.password.toUtf8(), {}};
}

Endpoint toEndpoint(const ConnectValues &values, const Endpoint &bundled)
{
    if (values.broker == BrokerChoice::Bundled)
        return bundled;
    return {Scheme::Tcp, values.host, values.port, {}};
}

} // namespace sessionscope
