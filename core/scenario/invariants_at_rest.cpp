// What must hold when nothing is under way: the broker against what the packets say of it, and both ends against each
// other.
#include "core/scenario/invariants.h"

#include "core/trace/text.h"

#include <algorithm>

namespace sessionscope {

using enum Invariant;

namespace {

bool holdsQos2(const QList<ExchangeView> &rows, PacketId id)
{
    return std::any_of(rows.begin(), rows.end(),
                       [id](const ExchangeView &row) { return row.packetId == id && row.qos == Qos::ExactlyOnce; });
}

} // namespace

void Invariants::lookAtRest(const LabView &view)
{
    m_sessions.checkDue(view.at, m_last);
    m_sessions.checkAgainst(view.broker, m_last);
    if (m_peers == Peers::Strangers)
        return;
    m_delivery.checkAtRest(view.broker, m_last);
    for (const ClientView &client : view.clients) {
        const auto end = m_clients.find(client.key);
        if (end == m_clients.end() || !client.record)
            continue;
        for (const ServerSessionView &server : view.broker.sessions) {
            const WatchedSession *session = m_sessions.session(server.clientId);
            const bool isSame = session && client.record->clientId == server.clientId &&
                                end->second.believed == session->incarnation &&
                                !m_delivery.isDoubtful(session->incarnation);
            if (isSame)
                compareEnds(client, server, end->second);
        }
    }
}

void Invariants::compareEnds(const ClientView &client, const ServerSessionView &server, const ClientEnd &end)
{
    compareOpen(client, server);
    if (client.connection != ClientConnection::Connected || m_pairs[client.link] != server.link)
        return;
    compareSubscriptions(client, server, end);
    compareCompleted(client, server, end);
}

/// Whatever one end holds of a QoS 2 message, the other end still has to release.
void Invariants::compareOpen(const ClientView &client, const ServerSessionView &server)
{
    const QString name = QString::fromUtf8(server.clientId);
    for (const HeldView &held : server.held) {
        if (!holdsQos2(client.sent, held.packetId))
            breach(BothEndsAgree, m_last,
                   QStringLiteral("the broker holds #%1 of %2, which has nothing open under it")
                       .arg(held.packetId.value)
                       .arg(name));
    }
    for (const HeldView &held : client.held) {
        if (!holdsQos2(server.sent, held.packetId))
            breach(BothEndsAgree, m_last,
                   QStringLiteral("%1 holds #%2, and the broker has nothing open under it")
                       .arg(name)
                       .arg(held.packetId.value));
    }
}

void Invariants::compareSubscriptions(const ClientView &client, const ServerSessionView &server, const ClientEnd &end)
{
    if (end.losesTrack)
        return;
    for (const SubscriptionView &known : client.subscriptions) {
        const bool isThere = std::any_of(server.subscriptions.begin(), server.subscriptions.end(),
                                         [&known](const SubscriptionView &row) { return row.filter == known.filter; });
        if (!isThere)
            breach(BothEndsAgree, m_last,
                   QStringLiteral("%1 was granted %2 and the broker does not have it")
                       .arg(QString::fromUtf8(server.clientId), QString::fromUtf8(known.filter)));
    }
}

void Invariants::compareCompleted(const ClientView &client, const ServerSessionView &server, const ClientEnd &end)
{
    const QString name = QString::fromUtf8(server.clientId);
    const auto left = [&](const char *what, qsizetype count) {
        if (count != 0)
            breach(NothingLeft, m_last, QStringLiteral("%1: %2 %3").arg(name).arg(count).arg(QLatin1String(what)));
    };
    left("messages of the client are open", client.sentTotal);
    left("messages are held by the client", client.heldTotal);
    left("messages wait at the client", client.neverSentTotal);
    left("messages of the broker are open", server.sentTotal);
    left("messages are held by the broker", server.heldTotal);
    left("messages wait at the broker", server.queuedTotal);
    left("of the client's send quota did not come back", qsizetype(client.flow.sendMaximum) - client.flow.sendQuota);
    left("of the broker's send quota did not come back", qsizetype(server.flow.sendMaximum) - server.flow.sendQuota);
    left("messages still count against the client's Receive Maximum", client.flow.receiveOpen);
    left("messages still count against the broker's Receive Maximum", server.flow.receiveOpen);
    if (end.exchanges.owesAnswers() || serverEnd(server.clientId).owesAnswers())
        breach(Answers, m_last, name + QStringLiteral(": a packet was not acknowledged"));
    if (end.exchanges.awaitsAnswers())
        breach(Answers, m_last, name + QStringLiteral(": a SUBSCRIBE or UNSUBSCRIBE was not answered"));
    const qsizetype open = end.exchanges.openCount() + serverEnd(server.clientId).openCount();
    if (open != 0)
        breach(AtLeastOnce, m_last,
               name + QStringLiteral(": %1 messages were sent and neither acknowledged nor sent again").arg(open));
    // Before 5.0 nobody is told that the server caps it [D-24].
    if (server.version == Version::V5 && client.record->sessionExpiryInterval != server.sessionExpiryInterval)
        breach(BothEndsAgree, m_last,
               QStringLiteral("%1 thinks its session lasts %2, the broker %3")
                   .arg(name, secondsText(client.record->sessionExpiryInterval),
                        secondsText(server.sessionExpiryInterval)));
}

} // namespace sessionscope
