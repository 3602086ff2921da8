// What a click on Connect, Disconnect or Cut means for the lab: which client it is, at which broker, with which packet.
// A client enters the lab at its first connect, and again when its profile moved to another broker.
#pragma once

#include "core/profile/secret.h"
#include "ui/connect/profile_model.h"
#include "ui/shell/lab_feed.h"

#include <QHash>

namespace sessionscope {

class ClientControl
{
public:
    /// Both outlive the control.
    ClientControl(LabFeed &feed, ProfileModel &profiles) : m_feed(feed), m_profiles(profiles) {}

    /// The bundled broker's listener; nothing while it does not listen.
    void setBundled(const std::optional<Endpoint> &endpoint) { m_bundled = endpoint; }
    const std::optional<Endpoint> &bundled() const { return m_bundled; }

    /// How a password is read from the desktop's keyring.
    void setSecretWays(const SecretWays &ways) { m_ways = ways; }

    /// The reason why it cannot be done, empty when it was asked for.
    QString connectProfile(int row);
    void send(ClientKey key, const ClientCommand &command);
    /// A client has connected: what its profile subscribes to is asked for.
    void subscribe(ClientKey key);
    void cut(ClientKey key, CloseHow how);
    void remove(ClientKey key);

    /// Whether this URL is the bundled broker's listener, under whichever name of this machine.
    bool isBundled(const QString &url) const;

private:
    void enter(ClientKey key, const Profile &profile, const Endpoint &endpoint,
               const std::optional<Authentication> &authentication);

    LabFeed &m_feed;
    ProfileModel &m_profiles;
    std::optional<Endpoint> m_bundled;
    SecretWays m_ways;
    QHash<ClientKey, Endpoint> m_inLab;
    QHash<ClientKey, std::vector<SubscribeCommand>> m_toSubscribe;
};

} // namespace sessionscope
