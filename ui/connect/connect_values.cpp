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

namespace {

/// Sets a property that is sent unless it is 0. A 0 that is there already stays: it means the same.
void lay(Properties &properties, PropertyId id, quint32 value)
{
    const auto present = properties.integer(id);
    if (present == value)
        return;
    properties.removeAll(id);
    if (value)
        properties.add(id, value);
}

void layExpiry(Properties &properties, const std::optional<quint32> &interval)
{
    if (properties.integer(PropertyId::SessionExpiryInterval) == interval)
        return;
    properties.removeAll(PropertyId::SessionExpiryInterval);
    if (interval)
        properties.add(PropertyId::SessionExpiryInterval, *interval);
}

Will willOf(const WillValues &values, const Will &base, bool v5)
{
    Will will = base;
    will.topic = values.topic.toUtf8();
    // Bytes that are no text stay as long as nobody types over them.
    if (values.payload != QString::fromUtf8(base.payload))
        will.payload = values.payload.toUtf8();
    will.qos = values.qos;
    will.retain = values.retain;
    if (v5)
        lay(will.properties, PropertyId::WillDelayInterval, values.delay);
    else
        will.properties = {};
    return will;
}

} // namespace

ConnectPacket toPacket(const ConnectValues &values, const ConnectPacket &base)
{
    ConnectPacket packet = base;
    const bool v5 = values.version == Version::V5;
    packet.protocolName = values.version == Version::V31 ? QByteArrayLiteral("MQIsdp") : QByteArrayLiteral("MQTT");
    packet.protocolLevel = quint8(values.version);
    packet.cleanStart = values.cleanStart;
    packet.keepAlive = values.keepAlive;
    packet.clientId = values.clientId.toUtf8();
    if (v5) {
        layExpiry(packet.properties, values.expiry.interval());
        lay(packet.properties, PropertyId::ReceiveMaximum, values.receiveMaximum);
        lay(packet.properties, PropertyId::MaximumPacketSize, values.maximumPacketSize);
        lay(packet.properties, PropertyId::TopicAliasMaximum, values.topicAliasMaximum);
    } else {
        packet.properties = {};
    }
    packet.will.reset();
    if (values.will)
        packet.will = willOf(*values.will, base.will.value_or(Will{}), v5);
    const bool wasEmptyName = base.userName && base.userName->isEmpty();
    packet.userName.reset();
    packet.password.reset();
    if (toAuthentication(values))
        return packet;
    if (!values.userName.isEmpty() || wasEmptyName)
        packet.userName = values.userName.toUtf8();
    if (!values.password.isEmpty())
        packet.password = values.password.toUtf8();
    return packet;
}

ClientPolicy toPolicy(const ConnectValues &values, const ClientPolicy &base)
{
    ClientPolicy policy = base;
    policy.resubscribeWhenFresh = values.resubscribes;
    policy.followRedirects = values.followsRedirects;
    policy.reconnect.automatic = values.reconnects;
    return policy;
}

std::optional<Authentication> toAuthentication(const ConnectValues &values)
{
    if (values.version != Version::V5 || values.credentials != Credentials::ScramSha256)
        return std::nullopt;
    return Authentication{"SCRAM-SHA-256", values.userName.toUtf8(), values.password.toUtf8(), {}};
}

Endpoint toEndpoint(const ConnectValues &values, const Endpoint &bundled)
{
    if (values.broker == BrokerChoice::Bundled) {
        Endpoint endpoint = bundled;
        if (usesTls(endpoint.scheme))
            endpoint.tls = values.tls;
        return endpoint;
    }
    if (values.scheme == Scheme::UnixSocket)
        return {values.scheme, {}, 0, values.path};
    return {values.scheme, values.host, values.port, usesWebSocket(values.scheme) ? values.path : QString(),
            usesTls(values.scheme) ? values.tls : TlsSettings()};
}

} // namespace sessionscope
