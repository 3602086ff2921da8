// Both ends of a session as values to show: folded from the live state, holding nothing that could change it.
// Lists are cut at rowLimit and say so by their totals.
#pragma once

#include "core/trace/trace.h"

#include <set>

namespace sessionscope {

/// Rows a list of a view holds at most; totals always count everything.
inline constexpr qsizetype viewRowLimit = 1000;

/// Rows all lists of all server sessions in one BrokerView hold together, so that a view of a busy broker stays cheap.
/// Sessions behind that show their totals; those of the lab's own clients come first.
inline constexpr qsizetype viewRowBudget = 20'000;

/// A QoS 1 or 2 message sent and not completed.
struct ExchangeView
{
    PacketId packetId;
    Qos qos = Qos::AtLeastOnce;
    PacketType waitsFor = PacketType::Puback;
    QByteArray topic;
    qsizetype payloadSize = 0;
    Instant since;
    bool resendPending = false; ///< resumed, waiting for quota
    bool operator==(const ExchangeView &) const = default;
};

/// A QoS 2 message received and not completed.
struct HeldView
{
    PacketId packetId;
    QByteArray topic;
    Instant since;
    bool operator==(const HeldView &) const = default;
};

struct QueuedView
{
    QByteArray topic;
    Qos qos = Qos::AtMostOnce;
    qsizetype payloadSize = 0;
    std::optional<Instant> expiresAt;
    bool operator==(const QueuedView &) const = default;
};

struct SubscriptionView
{
    QByteArray filter;
    SubscriptionOptions options;
    std::optional<quint32> identifier;
    bool operator==(const SubscriptionView &) const = default;
};

struct WillView
{
    QByteArray topic;
    qsizetype payloadSize = 0;
    Qos qos = Qos::AtMostOnce;
    bool retain = false;
    quint32 delayInterval = 0;    ///< seconds
    std::optional<Instant> dueAt; ///< once disconnected
    bool operator==(const WillView &) const = default;
};

struct FlowView
{
    quint32 sendQuota = 0;
    quint32 sendMaximum = 0; ///< the peer's Receive Maximum
    quint32 receiveOpen = 0; ///< counted against our own Receive Maximum
    quint32 receiveMaximum = 0;
    PacketId nextPacketId;
    bool operator==(const FlowView &) const = default;
};

/// An acknowledgement that waits for its release.
struct HeldAckView
{
    PacketType type = PacketType::Puback;
    PacketId packetId;
    Instant since;
    bool released = false; ///< waits only for those before it
    bool operator==(const HeldAckView &) const = default;
};

struct ClientView
{
    ClientKey key;
    QByteArray name;
    QString broker; ///< URL
    ClientConnection connection = ClientConnection::Closed;
    LinkId link;
    ConnectPacket connect; ///< as last written; user name kept, password blanked
    std::optional<ConnackPacket> connack;
    std::optional<ClientSessionRecord> record;
    QList<ExchangeView> sent;
    qsizetype sentTotal = 0;
    QList<HeldView> held;
    qsizetype heldTotal = 0;
    QList<QueuedView> neverSent;
    qsizetype neverSentTotal = 0;
    QList<SubscriptionView> subscriptions;
    FlowView flow;
    quint64 delivered = 0;
    ClientPolicy policy;
    std::vector<PacketType> heldAckTypes;      ///< that the client does not send
    std::vector<PacketType> heldReceivedTypes; ///< that its link keeps from it
    QList<HeldAckView> heldAcks;
    qsizetype heldAcksTotal = 0;
    qsizetype awaitedResponses = 0;
    ConnectionEnding ending;            ///< of this or the last connection
    std::optional<Instant> reconnectAt; ///< while it comes back by itself
    quint32 reconnectAttempts = 0;
};

struct ServerSessionView
{
    QByteArray clientId;
    Version version = Version::V5;
    bool connected = false;
    LinkId link;
    Instant since;
    quint32 sessionExpiryInterval = 0; ///< seconds in force
    std::optional<Instant> endsAt;     ///< once disconnected; none when it never expires
    QList<SubscriptionView> subscriptions;
    qsizetype subscriptionsTotal = 0;
    QList<ExchangeView> sent;
    qsizetype sentTotal = 0;
    QList<QueuedView> queued;
    qsizetype queuedTotal = 0;
    std::array<qsizetype, 3> queuedByQos{};
    QList<HeldView> held;
    qsizetype heldTotal = 0;
    std::optional<WillView> will;
    FlowView flow;
    quint64 dropped = 0;
};

struct BrokerView
{
    bool listening = false;
    QString url;
    StoreState store = StoreState::Working;
    BrokerConfig config;
    BrokerCounters counters;
    qsizetype sessionsTotal = 0;
    qsizetype connectedTotal = 0;
    qsizetype queuedTotal = 0;
    qsizetype retainedTotal = 0;
    /// By client id: the first viewRowLimit, and of those behind them the ones of the lab's own clients.
    QList<ServerSessionView> sessions;
    /// Whether a session that is not in the list is none that the broker has; else it may be behind the list's end.
    bool hasAll() const { return sessions.size() == sessionsTotal; }
};

/// Everything a window shows, at one instant.
struct LabView
{
    Instant at;
    QList<ClientView> clients;
    BrokerView broker;
    TraceSeq lastSeq;
    TraceCounters counters;
};

/// The client's end. Password and authentication data are blanked; key, name, broker, link and delivered are the lab's.
ClientView viewOf(const ClientSession &session);

/// The Client ID under which a broker knows this client: the assigned one once there is one.
const QByteArray &sessionIdOf(const ClientView &client);

/// One server session with at most rowBudget rows in its lists, which is lowered by the rows used.
ServerSessionView viewOf(const ServerSession &session, qsizetype &rowBudget);

/// The broker's end; listening and url are the driver's. own: Client IDs of the lab's clients, whose sessions are
/// always there, so that both ends can be compared however many others the broker has.
BrokerView viewOf(const Broker &broker, const std::set<QByteArray> &own = {});

} // namespace sessionscope
