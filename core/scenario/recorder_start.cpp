// How a recording begins that somebody starts while clients are at work: with the steps that bring them there again.
#include "core/scenario/recorder.h"

#include <algorithm>

namespace sessionscope {

namespace {

/// Whether there is a password, and how much data there is, shows in what is left.
std::optional<Authentication> withoutSecrets(std::optional<Authentication> authentication)
{
    if (authentication) {
        authentication->password.clear();
        std::ranges::fill(authentication->script, QByteArray());
    }
    return authentication;
}

} // namespace

void Recorder::keepAdded(std::map<ClientKey, AddClient> &added, const LabCommand &command)
{
    if (const auto *add = std::get_if<AddClient>(&command)) {
        added[add->key] = *add;
        added[add->key].authentication = withoutSecrets(add->authentication);
    } else if (const auto *configured = std::get_if<ConfigureClient>(&command)) {
        if (const auto known = added.find(configured->key); known != added.end())
            known->second.authentication = withoutSecrets(configured->authentication);
    } else if (const auto *removed = std::get_if<RemoveClient>(&command)) {
        added.erase(removed->key);
    }
}

void Recorder::beginFrom(const LabView &view, const std::map<ClientKey, AddClient> &added)
{
    m_latest = view.at;
    m_periods.back().at = view.at;
    for (const ClientView &client : view.clients) {
        const auto url = parseEndpoint(client.broker);
        if (!url)
            continue;
        AddClient present{.key = client.key, .name = client.name, .broker = *url, .policy = client.policy};
        if (const auto own = added.find(client.key); own != added.end()) {
            present.broker.tls = own->second.broker.tls;
            present.authentication = own->second.authentication;
        }
        add(present);
        if (client.connection != ClientConnection::Closed)
            m_linked.insert(client.key);
        m_underWay += client.sentTotal + client.heldTotal + client.neverSentTotal;
        arrange(client, view.broker);
    }
    m_arrangedPeriods = m_periods.size();
}

/// The broker's end counts where it is seen: it knows what a client has forgotten, and has lost what one still
/// believes.
void Recorder::arrange(const ClientView &client, const BrokerView &broker)
{
    const bool hasSession = client.record || client.connection != ClientConnection::Closed;
    if (!isBundled(m_clients[client.key].broker)) {
        if (hasSession)
            arrange(client, client.subscriptions);
        return;
    }
    const QByteArray &clientId = client.record ? client.record->clientId : client.connect.clientId;
    const auto session = std::ranges::find(broker.sessions, clientId, &ServerSessionView::clientId);
    const bool isKept = session != broker.sessions.end();
    if (isKept)
        m_underWay += session->sentTotal + session->queuedTotal;
    if (isKept || hasSession)
        arrange(client, isKept ? session->subscriptions : QList<SubscriptionView>());
    if (isKept && !hasSession)
        arrange(client.key, ForgetCommand{});
    if (!isKept && client.record)
        m_periods.push_back({.command = BrokerDo{EndSession{clientId}}, .at = m_latest});
}

void Recorder::arrange(const ClientView &client, const QList<SubscriptionView> &subscriptions)
{
    const bool isV5 = client.connect.protocolLevel == quint8(Version::V5);
    ConnectPacket connect = client.connect;
    // What a broker elsewhere keeps from earlier is no part of it. In 3.1.1 a clean session would not outlast its
    // connection, and stays as it was.
    if (isV5)
        connect.cleanStart = true;
    takeConnect(m_clients[client.key], connect);
    connect.password.reset();
    arrange(client.key, ConnectCommand{connect});
    for (const SubscriptionView &one : subscriptions) {
        SubscribeCommand subscribe{{{one.filter, one.options}}, {}};
        if (one.identifier)
            subscribe.properties.add(PropertyId::SubscriptionIdentifier, *one.identifier);
        arrange(client.key, subscribe);
    }
    if (!client.heldAckTypes.empty())
        arrange(client.key, HoldAcknowledgements{client.heldAckTypes});
    if (!client.heldReceivedTypes.empty())
        arrange(client.key, HoldReceived{client.key, client.heldReceivedTypes});
    // Whether it left with a DISCONNECT or was cut off shows no more, except by its will.
    if (client.connection == ClientConnection::Closed)
        arrange(client.key, DisconnectCommand{});
}

void Recorder::arrange(ClientKey client, const LabCommand &command)
{
    m_periods.push_back({.command = command, .client = client, .at = m_latest});
}

} // namespace sessionscope
