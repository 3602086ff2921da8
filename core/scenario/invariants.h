// What must hold in every run, whatever the network does: looked at record by record, and whenever all is quiet.
// Reads traces and views of both ends and nothing else, so that a fault in an engine shows instead of being believed.
// exchange_watch has the QoS rules of one end, session_watch the life of the broker's sessions, delivery_watch the way
// of a message; this is their front, and holds both ends against each other.
#pragma once

#include "core/scenario/delivery_watch.h"
#include "core/scenario/exchange_watch.h"
#include "core/scenario/session_watch.h"

namespace sessionscope {

/// Who is at the other end of the ends that are watched.
enum class Peers : quint8
{
    Ours,      ///< both ends are watched, and neither may break a statement
    Strangers, ///< one end is watched; the other may do anything
};

class Invariants
{
public:
    /// sessionExpiryCap: BrokerConfig::maximumSessionExpiry of the broker that is watched.
    explicit Invariants(std::optional<quint32> sessionExpiryCap = {}, Peers peers = Peers::Ours)
        : m_peers(peers), m_sessions(m_breaches, sessionExpiryCap), m_delivery(m_breaches, m_sessions)
    {
    }
    Q_DISABLE_COPY_MOVE(Invariants)

    /// Both ends of one connection; to be said before its CONNACK arrives.
    void linked(LinkId clientLink, LinkId brokerLink) { m_pairs[clientLink] = brokerLink; }
    /// Every record, in order.
    void look(const TraceRecord &record);
    /// The broker came back without what it knew.
    void brokerForgot();
    /// Nothing is under way, and both ends have had their Tick.
    void lookAtRest(const LabView &view);

    const Breaches &breaches() const { return m_breaches; }
    /// Sessions about which client and server were of different minds, so that nothing could be promised [D-39].
    quint64 doubts() const { return m_doubts; }
    quint64 recordsSeen() const { return m_recordsSeen; }

private:
    struct ClientEnd
    {
        ExchangeWatch exchanges;
        ConnectPacket connect;
        std::optional<ConnackPacket> connack; ///< of success; whether the client goes on with it is its own word
        bool isAccepted = false;
        /// Came behind the CONNACK while the client still judged what the server proves in it.
        std::vector<Packet> unread;
        Incarnation believed;    ///< the session that this client takes for its own
        bool losesTrack = false; ///< an UNSUBSCRIBE stayed unanswered
        LinkId openLink;         ///< 0: none
        Instant lastSent;
    };
    using Aliases = std::map<quint32, QByteArray>;

    void lookAtClient(const TraceRecord &record);
    void lookAtBroker(const TraceRecord &record);
    void clientSent(ClientEnd &end, const Packet &packet, const TraceRecord &record);
    void clientReceived(ClientEnd &end, const Packet &packet, const TraceRecord &record);
    void clientAccepted(ClientEnd &end, const TraceRecord &record);
    void believe(ClientEnd &end, bool isFresh, const TraceRecord &record);
    void clientReported(ClientEnd &end, const ClientReport &report, const TraceRecord &record);
    void brokerSent(const Packet &packet, const TraceRecord &record);
    void brokerReceived(const Packet &packet, const TraceRecord &record);
    void brokerAccepted(const TraceRecord &record);
    void brokerReported(const BrokerReport &report, const TraceRecord &record);
    void brokerLinkClosed(const TraceRecord &record);
    void judgeFinding(const rules::Finding &finding, const TraceRecord &record);
    void judgeKeepAlive(const TraceRecord &record);
    void judgeOverdue(const AnswerOverdue &overdue, const TraceRecord &record);

    void compareEnds(const ClientView &client, const ServerSessionView &server, const ClientEnd &end);
    void compareOpen(const ClientView &client, const ServerSessionView &server);
    void compareCompleted(const ClientView &client, const ServerSessionView &server, const ClientEnd &end);
    void compareSubscriptions(const ClientView &client, const ServerSessionView &server, const ClientEnd &end);

    void resolveAlias(Packet &packet, const TraceRecord &record);
    ClientEnd &clientEnd(const TraceRecord &record);
    ExchangeWatch &serverEnd(const QByteArray &clientId);
    void breach(Invariant invariant, TraceSeq at, const QString &what) { m_breaches.push_back({invariant, at, what}); }

    Peers m_peers;
    Breaches m_breaches;
    SessionWatch m_sessions;
    DeliveryWatch m_delivery;
    std::map<ClientKey, ClientEnd> m_clients;
    std::map<QByteArray, ExchangeWatch> m_servers;
    std::map<LinkId, LinkId> m_pairs;
    std::map<LinkId, Aliases> m_aliases; ///< of the PUBLISHes that a client sends; one copy for each end
    TraceSeq m_repeat;                   ///< the broker received a QoS 2 PUBLISH again
    TraceSeq m_last;
    quint64 m_doubts = 0;
    quint64 m_recordsSeen = 0;
};

} // namespace sessionscope
