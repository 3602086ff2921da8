#include "ui/shell/client_control.h"

#include <QCoreApplication>

namespace sessionscope {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(ClientControl)
};

bool isLoopback(const QString &host)
{
    return host == QLatin1StringView("localhost") || host == QLatin1StringView("127.0.0.1") ||
           host == QLatin1StringView("::1") || host == QLatin1StringView("0.0.0.0") || host == QLatin1StringView("::");
}

} // namespace

QString ClientControl::connectProfile(int row)
{
    const Profile &profile = m_profiles.at(row);
    if (profile.values.broker == BrokerChoice::Bundled && !m_bundled)
        return Words::tr("The bundled broker does not listen. Choose another broker, or see the status line.");
    if (profile.values.broker == BrokerChoice::Other && profile.values.host.isEmpty())
        return Words::tr("Enter the host of the broker.");
    enter(profile, toEndpoint(profile.values, m_bundled.value_or(Endpoint{})));
    send(profile.key, ConnectCommand{toPacket(profile.values)});
    return {};
}

void ClientControl::enter(const Profile &profile, const Endpoint &endpoint)
{
    const ClientPolicy policy = toPolicy(profile.values);
    const auto authentication = toAuthentication(profile.values);
    const auto known = m_inLab.constFind(profile.key);
    if (known != m_inLab.constEnd() && *known == endpoint)
        return m_feed.submit(ConfigureClient{profile.key, policy, authentication});
    if (known != m_inLab.constEnd())
        m_feed.submit(RemoveClient{profile.key});
    m_inLab.insert(profile.key, endpoint);
    m_feed.submit(AddClient{profile.key, profile.name.toUtf8(), endpoint, policy, authentication});
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
    if (m_inLab.remove(key))
        m_feed.submit(RemoveClient{key});
}

bool ClientControl::isBundled(const QString &url) const
{
    const auto endpoint = parseEndpoint(url);
    if (!endpoint || !m_bundled || endpoint->port != m_bundled->port)
        return false;
    return endpoint->host == m_bundled->host || (isLoopback(endpoint->host) && isLoopback(m_bundled->host));
}

} // namespace sessionscope
