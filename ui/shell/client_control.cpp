#include "ui/shell/client_control.h"

#include "ui/connect/profile_file.h"

#include <QCoreApplication>

namespace sessionscope {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(ClientControl)
};

} // namespace

QString ClientControl::connectProfile(int row)
{
    // A copy: while the keyring is asked, the model may get more rows.
    const ProfileEntry entry = m_profiles.at(row);
    if (entry.values.broker == BrokerChoice::Bundled && !m_bundled)
        return Words::tr("The bundled broker does not listen. Choose another broker, or see the status line.");
    if (entry.values.broker == BrokerChoice::Other && entry.values.host.isEmpty() &&
        entry.values.scheme != Scheme::UnixSocket)
        return Words::tr("Enter the host of the broker.");
    const ConnectValues &values = entry.values;
    std::optional<QByteArray> password;
    if (values.password.isEmpty() && values.passwordFrom.source == SecretSource::Asked)
        return Words::tr("Enter the password: this profile asks for it.");
    if (values.password.isEmpty() && !values.passwordFrom.isNone()) {
        const auto secret = readSecret(values.passwordFrom, m_ways);
        if (!secret)
            return Words::tr("The password: %1").arg(secret.error());
        password = *secret;
    }
    const Profile profile = toProfile(values, entry.name, entry.base);
    auto authentication = toAuthentication(values);
    ConnectPacket packet = toPacket(values, entry.base.client.connect);
    if (authentication) {
        authentication->method = profile.authMethod;
        authentication->password = password.value_or(authentication->password);
    } else if (password) {
        packet.password = password;
    }
    enter(entry.key, profile, toEndpoint(values, m_bundled.value_or(Endpoint{})), authentication);
    m_toSubscribe.insert(entry.key, profile.subscribe);
    send(entry.key, ConnectCommand{packet});
    return {};
}

void ClientControl::enter(ClientKey key, const Profile &profile, const Endpoint &endpoint,
                          const std::optional<Authentication> &authentication)
{
    const ClientPolicy &policy = profile.client.policy;
    const auto known = m_inLab.constFind(key);
    if (known != m_inLab.constEnd() && *known == endpoint)
        return m_feed.submit(ConfigureClient{key, policy, authentication});
    if (known != m_inLab.constEnd())
        m_feed.submit(RemoveClient{key});
    m_inLab.insert(key, endpoint);
    m_feed.submit(AddClient{key, profile.client.name, endpoint, policy, authentication});
}

void ClientControl::subscribe(ClientKey key)
{
    for (const SubscribeCommand &command : m_toSubscribe.take(key))
        send(key, command);
}

void ClientControl::send(ClientKey key, const ClientCommand &command)
{
    m_feed.submit(ClientDo{key, command});
}

void ClientControl::cut(ClientKey key, CloseHow how)
{
    m_feed.submit(CutLink{key, how});
}

void ClientControl::remove(ClientKey key)
{
    m_toSubscribe.remove(key);
    if (m_inLab.remove(key))
        m_feed.submit(RemoveClient{key});
}

bool ClientControl::isBundled(const QString &url) const
{
    const auto endpoint = parseEndpoint(url);
    return endpoint && m_bundled && isSameListener(*endpoint, *m_bundled);
}

} // namespace sessionscope
