// The bundled broker as one plain value: every server session, subscription, retained message and pending will.
// step() is its only door; it does no I/O and reads no clock. A connection is a LinkId, and effects carry a link
// only while that link is the session's current one, so a late teardown can never touch a resumed session.
#pragma once

#include "core/base/instant.h"
#include "core/base/link_id.h"
#include "core/broker/access.h"
#include "core/broker/deadline_heap.h"
#include "core/broker/retained_store.h"
#include "core/broker/server_session.h"
#include "core/broker/subscription_tree.h"
#include "core/mqtt/codec.h"
#include "core/rules/rules.h"
#include "core/session/client_session.h"

#include <array>
#include <memory>
#include <set>
#include <unordered_map>
#include <variant>
#include <vector>

namespace sessionscope {

/// What a full queue does about one more message of QoS 1 or 2, once expired ones and those of QoS 0 have made room
/// [D-15].
enum class Overflow : quint8
{
    DropNewest,
    DropOldest,
    RefusePublisher, ///< 0x97, and nobody gets it; before 5.0, and for wills: DropNewest
    EndSession,      ///< that cannot take it, with a DISCONNECT 0x97 if it is connected
};

/// The broker's settings as one value. Every limit that a stranger could push against is here, by name. Bytes of
/// messages that wait or are open are those of copyBytes(), of filters those of subscriptionBytes(), of retained
/// messages those of retainedBytes().
struct BrokerConfig
{
    std::optional<quint32> maximumSessionExpiry; ///< seconds; caps the request, told in CONNACK [D-24]
    quint32 minimumSessionExpiry = 0;            ///< seconds; raises the request (v5), told in CONNACK
    quint16 receiveMaximum = 20; ///< not 0; announced when below 65 535; also the in-flight limit towards v3
    quint32 maximumPacketSize = 1024 * 1024; ///< bytes, whole packet; announced
    quint16 topicAliasMaximum = 10;
    Qos maximumQos = Qos::ExactlyOnce;
    bool retainAvailable = true;
    bool wildcardSubscriptionAvailable = true;
    bool sharedSubscriptionAvailable = true;
    bool subscriptionIdentifierAvailable = true;
    bool sharesWithV5Only = false;                   ///< older clients get 0x80 for $share/ filters [D-23]
    bool closesRefusedPublishers = false;            ///< before 5.0, instead of a PUBACK that says yes [D-22]
    bool queueQos0Offline = false;                   ///< [D-16]
    Overflow overflow = Overflow::DropNewest;        ///< of the next three
    qsizetype maximumQueuedMessages = 100'000;       ///< a session [D-15]
    qsizetype maximumQueuedBytes = 64 * 1024 * 1024; ///< a session; its unacknowledged messages may take as much
    qsizetype maximumQueuedBytesInAll = qsizetype(4) * 1024 * 1024 * 1024; ///< the same of all sessions
    qsizetype maximumBlockedBytes = 4 * 1024 * 1024; ///< that wait for a connected session before QoS 0 is dropped
    qsizetype maximumHeldMessages = 10'000;  ///< QoS 2 messages of one client without PUBREL, over all its connections
    qsizetype maximumSubscriptions = 10'000; ///< a session; more are answered 0x97
    qsizetype maximumSubscriptionsInAll = 10'000'000;      ///< of all sessions; more are answered 0x97
    qsizetype maximumSubscriptionBytes = 16 * 1024 * 1024; ///< of a session's filters; more are answered 0x97
    qsizetype maximumSubscriptionBytesInAll = qsizetype(4) * 1024 * 1024 * 1024; ///< the same of all sessions
    qsizetype maximumClientIdSize = 65'535; ///< bytes; longer ones are answered 0x85
    qsizetype maximumTopicLevels = 128;     ///< of a filter or retained topic; more are answered 0x97
    qsizetype maximumSessions = 200'000;
    qsizetype maximumConnections = 200'000;       ///< of clients; more are answered 0x97
    qsizetype maximumPendingConnections = 10'000; ///< without an accepted CONNECT; more are closed at once
    qsizetype maximumRetained = 1'000'000;
    qsizetype maximumRetainedBytes = 1024 * 1024 * 1024;
    quint32 maximumConnectSize = 100'000;    ///< bytes, of a packet before the CONNECT was accepted
    quint16 maximumKeepAlive = 0;            ///< seconds; 0: the client's value stands
    std::chrono::seconds connectTimeout{10}; ///< from transport open to CONNECT
    std::chrono::seconds systemInterval{10}; ///< between two rounds of $SYS topics while somebody subscribes; 0: never
    bool noteViolationsOnly = false;         ///< note a finding and go on, instead of answering as the standard demands
    std::set<QByteArray> noteViolationsOf;   ///< the same for these Client Identifiers only
    quint64 seed = 1;                        ///< for assigned Client Identifiers and shared-subscription choice
};

// ---- events ----

struct ConnectionOpened
{
    LinkId link;
};
struct ConnectionClosed
{
    LinkId link;
};
/// The link's send buffer is above its limit: deliver nothing more until it drained.
struct ConnectionBlocked
{
    LinkId link;
};
struct ConnectionDrained
{
    LinkId link;
};
struct BrokerPacketArrived
{
    LinkId link;
    Packet packet;
    rules::Findings findings;
};
struct BrokerMalformedArrived
{
    LinkId link;
    Malformed malformed;
};
/// What came first on the link cannot become a CONNECT; the rest of the packet need not be waited for.
struct ConnectMissing
{
    LinkId link;
};
/// Drop the client's connection with this reason; its session follows the ordinary rules.
struct KickClient
{
    QByteArray clientId;
    ReasonCode reason = ReasonCode::AdministrativeAction;
    QByteArray serverReference = {}; ///< where to go instead, with UseAnotherServer and ServerMoved (v5 §4.11)
    QByteArray reasonString = {};    ///< for people (v5 §3.14.2.2.3); empty: none
};
/// End the session at once, connected or not.
struct EndSession
{
    QByteArray clientId;
};
/// From now on these may connect, and may do this. Sessions stay; who could not connect any more is disconnected with
/// 0x87.
struct ChangeAccess
{
    BrokerAccess access;
};
/// Whether what has to outlive the process can be written.
enum class StoreState : quint8
{
    Working,
    Failing
};
/// The durable store takes no writes from now on, or takes them again. Meanwhile nothing is acknowledged that a crash
/// could take back [D-41].
struct StoreChanged
{
    StoreState state = StoreState::Failing;
};
/// Close every connection with 0x8B; wills stay armed, sessions stay.
struct ShutDown
{
};
/// Every connection is gone at once, as after a crash; wills and sessions follow the ordinary rules.
struct LoseConnections
{
};

using BrokerEvent = std::variant<ConnectionOpened, ConnectionClosed, ConnectionBlocked, ConnectionDrained,
                                 BrokerPacketArrived, BrokerMalformedArrived, ConnectMissing, KickClient, EndSession,
                                 ChangeAccess, StoreChanged, ShutDown, LoseConnections, Tick>;

// ---- effects ----

struct BrokerSend
{
    LinkId link;
    Packet packet;
};
/// The hot ones: the driver encodes a message once for all receivers of the same shape.
struct BrokerSendPublish
{
    LinkId link;
    Delivery delivery;
    PacketId packetId;
    bool dup = false;
    std::optional<quint32> messageExpiryInterval; ///< remaining, seconds, rounded up [D-13]

    BrokerSendPublish(LinkId to, Delivery what, PacketId id, bool again, std::optional<quint32> expiry)
        : link(to), delivery(std::move(what)), packetId(id), dup(again), messageExpiryInterval(expiry)
    {
    }
};
struct BrokerSendAck
{
    LinkId link;
    PacketType type = PacketType::Puback;
    PacketId packetId;
    ReasonCode reason = ReasonCode::Success;
};
struct BrokerClose
{
    LinkId link;
    const char *why = ""; ///< a short English phrase for the trace
};
enum class SessionChange : quint8
{
    Created,
    Resumed,
    Detached,
    Ended
};
struct ServerSessionChanged
{
    QByteArray clientId;
    SessionChange change = SessionChange::Created;
    std::optional<SessionEnd> why; ///< of Ended
    LinkId link;                   ///< of Created, Resumed and Detached
};
enum class DropCause : quint8
{
    QueueFull,
    Expired,
    TooLargeForReceiver,
    QosZeroOffline,
    QosZeroBlocked,
    RefusedByReceiver,
    NotAuthorized ///< the receiver may not read the topic
};
inline constexpr std::size_t dropCauseCount = 7;
struct MessageDropped
{
    QByteArray clientId;
    QByteArray topic;
    DropCause cause = DropCause::QueueFull;
};
struct WillPublished
{
    QByteArray clientId;
    QByteArray topic;
    QByteArray payload;
    Qos qos = Qos::AtMostOnce;
    bool retain = false;
};
/// What became of a packet or connection with a finding.
enum class Handling : quint8
{
    Refused,
    Noted ///< and gone on with, as the configuration wants it
};
/// A packet or connection that the broker refused, or should have, with the statement or limit behind it.
struct BrokerRefused
{
    LinkId link;
    rules::Finding finding;
    Handling handling = Handling::Refused;
};

using BrokerEffect = std::variant<BrokerSend, BrokerSendPublish, BrokerSendAck, BrokerClose, ServerSessionChanged,
                                  MessageDropped, WillPublished, BrokerRefused>;
using BrokerEffects = std::vector<BrokerEffect>;

/// Totals since start, for the status line, `$SYS` and benchmarks.
struct BrokerCounters
{
    quint64 packetsReceived = 0;
    quint64 messagesReceived = 0;
    quint64 messagesDelivered = 0;
    quint64 messagesDropped = 0;
    std::array<quint64, dropCauseCount> droppedByCause{}; ///< by DropCause
    quint64 packetsSent = 0;
    quint64 payloadBytesReceived = 0;
    quint64 payloadBytesDelivered = 0;
    quint64 bytesReceived = 0; ///< of whole packets; counted by who frames them, the step sees none
    quint64 bytesSent = 0;     ///< the same
    quint64 sessionsExpired = 0;
    quint64 connectionsAccepted = 0;
    quint64 connectionsRefused = 0;
};

/// How much of one counter came in a minute, on average over the latest one, five and fifteen, as mosquitto reckons it.
struct LoadAverage
{
    quint64 before = 0; ///< the counter when it was looked at last
    std::array<double, 3> perMinute{};
};
inline constexpr std::size_t loadCount = 8;

/// Waiting messages that one step sends to one session at most; the next Tick, due at once, goes on.
inline constexpr int deliveriesAtOnce = 1000;
/// The same by their payloads: a slow link takes its time for these, and what is queued stays in the queue.
inline constexpr quint64 deliveredBytesAtOnce = 4 * 1024 * 1024;
/// Places of the store of retained messages that one SUBSCRIBE has looked at when no further filter of it is searched
/// for.
inline constexpr qsizetype retainedLooksAtOnce = 100'000;

/// How often a full store of retained messages is searched for expired ones, at most.
inline constexpr std::chrono::seconds retainedSweepInterval{10};

struct LinkIdHash
{
    std::size_t operator()(LinkId link) const noexcept { return link.value; }
};

/// One session's copy of a message being routed: several matching subscriptions make one.
struct RoutedCopy
{
    ServerSession *session = nullptr;
    Delivery delivery;
};

/// Orders sessions by their Client Identifier, which never changes.
struct ByClientId
{
    using is_transparent = void;
    using Owned = std::unique_ptr<ServerSession>;

    static const QByteArray &idOf(const QByteArray &clientId) { return clientId; }
    static const QByteArray &idOf(const Owned &session) { return session->clientId; }
    bool operator()(const auto &one, const auto &other) const { return idOf(one) < idOf(other); }
};

/// The whole broker. A session is connected exactly while its connection points back at it. Not copied: the tree and
/// the deadlines point into sessions and connections.
struct Broker
{
    BrokerConfig config;
    BrokerAccess access;
    BrokerCounters counters;
    std::set<std::unique_ptr<ServerSession>, ByClientId> sessions;        ///< none is null
    std::unordered_map<LinkId, ServerConnection, LinkIdHash> connections; ///< open and not about to close
    SubscriptionTree subscriptions;
    RetainedStore retained;
    DeadlineHeap<ServerSession> sessionDeadlines;       ///< will due or session end, whichever is first
    DeadlineHeap<ServerConnection> connectionDeadlines; ///< CONNECT or keep alive due; re-armed when looked at
    Instant retainedSweptAt = Instant::min();           ///< when the full store was last searched for expired messages
    qsizetype connectedSessions = 0;
    qsizetype mostConnectedSessions = 0;        ///< at one time since start
    qsizetype queuedMessages = 0;               ///< in all sessions
    qsizetype queuedBytes = 0;                  ///< in all sessions, each copy counted
    qsizetype openBytes = 0;                    ///< sent and not acknowledged to the end, likewise
    qsizetype subscriptionBytes = 0;            ///< of all filters
    qsizetype sharedSubscriptions = 0;          ///< in all sessions
    qsizetype systemSubscriptions = 0;          ///< to $SYS topics
    std::optional<Instant> systemDueAt;         ///< next round of $SYS topics; only while somebody subscribes to them
    std::array<LoadAverage, loadCount> loads{}; ///< since somebody subscribes to $SYS topics
    std::optional<Instant> loadsAt;             ///< when they were reckoned last; none: nobody does
    StoreState store = StoreState::Working;     ///< as it said last; without a store nothing is promised, and it works
    quint64 assignedIds = 0; ///< Client Identifiers drawn so far: with the seed, the generator's whole state

    /// The latest message: its memory serves the next one unless somebody kept it.
    std::shared_ptr<Message> latestMessage;

    // The router's. The matches are those of matchedTopic while the tree has the revision they were found in.
    QByteArray matchedTopic;
    quint64 matchedRevision = 0;
    quint64 routingSerial = 0;
    SubscriptionTree::Matches matches;
    std::vector<RoutedCopy> copies;

    /// Client Identifiers of sessions that end with this step, because a queue was full; empty between steps.
    std::vector<QByteArray> overflown;
    /// Connections whose sessions keep messages waiting because openBytes is at its limit.
    std::set<LinkId> waitingForRoom;
};

/// Carries out one event at one instant, appending what has to happen to effects, in order. The second form takes the
/// packet's topic and payload over instead of sharing them; the third is that for the event that comes most often,
/// BrokerPacketArrived, and leaves of packet what it had no use for.
void step(Broker &broker, const BrokerEvent &event, Instant now, BrokerEffects &effects);
void step(Broker &broker, BrokerEvent &&event, Instant now, BrokerEffects &effects);
void step(Broker &broker, LinkId link, Packet &packet, const rules::Findings &findings, Instant now,
          BrokerEffects &effects);

/// When the next Tick is due: keep alive, session end, will delay, connect timeout, $SYS topics.
std::optional<Instant> nextDeadline(const Broker &broker);

} // namespace sessionscope
