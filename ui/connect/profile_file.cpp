#include "ui/connect/profile_file.h"

namespace sessionscope {

namespace {

const QByteArray usualMethod = QByteArrayLiteral("SCRAM-SHA-256");

ExpiryChoice expiryOf(const Properties &properties)
{
    const auto interval = properties.integer(PropertyId::SessionExpiryInterval);
    if (!interval)
        return {};
    if (*interval == 0)
        return {.kind = ExpiryKind::Zero};
    if (*interval == sessionNeverExpires)
        return {.kind = ExpiryKind::Never};
    return {.kind = ExpiryKind::Seconds, .seconds = *interval};
}

std::optional<WillValues> willOf(const std::optional<Will> &will)
{
    if (!will)
        return std::nullopt;
    return WillValues{QString::fromUtf8(will->topic), QString::fromUtf8(will->payload), will->qos, will->retain,
                      will->properties.integer(PropertyId::WillDelayInterval).value_or(0)};
}

} // namespace

ConnectValues toValues(const Profile &profile)
{
    const ConnectPacket &connect = profile.client.connect;
    const auto number = [&connect](PropertyId id) { return connect.properties.integer(id).value_or(0); };
    ConnectValues values;
    values.clientId = QString::fromUtf8(connect.clientId);
    if (const auto &broker = profile.client.broker) {
        values.broker = BrokerChoice::Other;
        values.host = broker->host;
        values.port = broker->port;
        values.scheme = broker->scheme;
        values.path = broker->path;
    }
    values.tls = profile.client.tls;
    values.version = Version(connect.protocolLevel);
    values.cleanStart = connect.cleanStart;
    values.expiry = expiryOf(connect.properties);
    values.keepAlive = connect.keepAlive;
    values.receiveMaximum = quint16(number(PropertyId::ReceiveMaximum));
    values.maximumPacketSize = number(PropertyId::MaximumPacketSize);
    values.topicAliasMaximum = quint16(number(PropertyId::TopicAliasMaximum));
    values.will = willOf(connect.will);
    values.userName = QString::fromUtf8(connect.userName.value_or(QByteArray()));
    values.passwordFrom = profile.client.passwordFrom;
    values.credentials = profile.authMethod.isEmpty() ? Credentials::InConnect : Credentials::ScramSha256;
    values.reconnects = profile.client.policy.reconnect.automatic;
    values.followsRedirects = profile.client.policy.followRedirects;
    values.resubscribes = profile.client.policy.resubscribeWhenFresh;
    return values;
}

Profile toProfile(const ConnectValues &values, const QString &name, const Profile &base)
{
    Profile profile = base;
    profile.name = name;
    profile.client.name = name.toUtf8();
    // The user's name belongs to the profile however the password is proven.
    ConnectValues shown = values;
    shown.credentials = Credentials::InConnect;
    profile.client.connect = toPacket(shown, base.client.connect);
    profile.client.connect.password.reset();
    profile.client.policy = toPolicy(values, base.client.policy);
    profile.client.broker.reset();
    if (values.broker == BrokerChoice::Other)
        profile.client.broker = toEndpoint(values, {});
    if (profile.client.broker)
        profile.client.broker->tls = {}; // it has a key of its own
    profile.client.tls = values.tls;
    if (profile.client.passwordFrom.isNone() && !values.password.isEmpty())
        profile.client.passwordFrom = {SecretSource::Asked, name};
    const bool proves = values.credentials == Credentials::ScramSha256 && values.version == Version::V5;
    profile.authMethod = !proves ? QByteArray() : base.authMethod.isEmpty() ? usualMethod : base.authMethod;
    return profile;
}

} // namespace sessionscope
