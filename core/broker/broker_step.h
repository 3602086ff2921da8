// One event on its way through the broker: the frame shared by the parts of step(). Not for use outside core/broker.
// Life cycle in broker_session.cpp, CONNECT in broker_connect.cpp, and so on: each file says what it owns.
// A connection that close() or unlink() was called for no longer exists, so both are the last thing done with it.
#pragma once

#include "core/broker/broker.h"

namespace sessionscope {

class BrokerStep
{
public:
    BrokerStep(Broker &broker, Instant now, BrokerEffects &effects) : m_broker(broker), m_now(now), m_effects(effects)
    {
    }

    // One case an event.
    void operator()(const ConnectionOpened &event);
    void operator()(const ConnectionClosed &event);
    void operator()(const ConnectionBlocked &event);
    void operator()(const ConnectionDrained &event);
    void operator()(BrokerPacketArrived &event);
    void operator()(const BrokerMalformedArrived &event);
    void operator()(const ConnectMissing &event);
    void operator()(const KickClient &event);
    void operator()(const EndSession &event);
    void operator()(const ChangeAccess &event);
    void operator()(const StoreChanged &event);
    void operator()(const ShutDown &event);
    void operator()(const LoseConnections &event);
    void operator()(const Tick &event);

    /// BrokerPacketArrived in its parts.
    void packetArrived(LinkId link, Packet &packet, const rules::Findings &findings);

    /// Wills and session ends that are due: looked at in every step, because no timer has to have fired first [D-01].
    void settleDueSessions();
    /// Sessions whose queue was too small: they end when nothing is being routed any more.
    void endOverflown();
    /// Sessions that waited for others to acknowledge: they go on as soon as there is room.
    void giveRoom();

private:
    using Findings = rules::Findings;
    using Finding = rules::Finding;

    enum class Dup : quint8
    {
        No,
        Yes
    };

    /// How far it is known whose CONNECT it is.
    enum class Identity : quint8
    {
        Claimed, ///< its User Name says it, and its Password shows it where there are accounts
        Pending, ///< an authentication method has yet to tell
        Proved   ///< its User Name is the one that the method proved
    };

    /// For the retained messages of one SUBSCRIBE, over all its filters, to go at once.
    struct ReplayRoom
    {
        qsizetype messages = 0;
        qsizetype bytes = 0;
        qsizetype looks = 0; ///< in the store
        bool isUsedUp() const { return messages <= 0 || bytes <= 0; }
    };

    struct FilterCount
    {
        qsizetype filters = 0;
        qsizetype bytes = 0;
    };

    struct Subscribed
    {
        Subscription *subscription = nullptr; ///< null: refused
        ReasonCode reason = ReasonCode::Success;
        bool isNew = false;
    };

    // Packets of a connected client; findings that allow a refusal inside an acknowledgement come along.
    void arrived(ServerConnection &connection, ConnectPacket &packet, const Findings &findings);
    void arrived(ServerConnection &connection, PublishPacket &packet, const Findings &findings);
    void arrived(ServerConnection &connection, AckPacket &packet, const Findings &findings);
    void arrived(ServerConnection &connection, SubscribePacket &packet, const Findings &findings);
    void arrived(ServerConnection &connection, UnsubscribePacket &packet, const Findings &findings);
    void arrived(ServerConnection &connection, PingreqPacket &packet, const Findings &findings);
    void arrived(ServerConnection &connection, AuthPacket &packet, const Findings &findings);
    void arrived(ServerConnection &connection, DisconnectPacket &packet, const Findings &findings);
    void arrivedBroken(ServerConnection &connection, Packet &packet, const Findings &findings);
    template<class Other> void arrived(ServerConnection &connection, Other &packet, const Findings &findings);

    // CONNECT.
    std::optional<Finding> objectionTo(const ConnectPacket &packet, const Findings &findings, Identity identity) const;
    std::optional<Finding> capacityObjectionTo(const ConnectPacket &packet) const;
    std::optional<Finding> accessObjectionTo(const ConnectPacket &packet, Identity identity) const;
    std::optional<Finding> willObjectionTo(const ConnectPacket &packet, Identity identity) const;
    bool knowsPassword(const ConnectPacket &packet) const;
    void refuseConnect(ServerConnection &connection, const Finding &finding);
    void refuseMalformedConnect(ServerConnection &connection, const Malformed &malformed);
    /// authenticationData: the server's last, for the CONNACK.
    void accept(ServerConnection &connection, const ConnectPacket &packet, const QByteArray &authenticationData = {});
    void readLimits(ServerConnection &connection, const ConnectPacket &packet) const;
    quint32 expiryInForce(const ConnectPacket &packet) const;
    quint32 capped(quint32 sessionExpiry) const;
    QByteArray assignClientId();
    ServerSession *sessionToResume(const QByteArray &clientId, bool cleanStart);
    ServerSession &createSession(const QByteArray &clientId);
    void attach(ServerSession &session, ServerConnection &connection, const ConnectPacket &packet);
    void watchKeepAlive(ServerConnection &connection, const ConnectPacket &packet);
    Properties connackProperties(const ServerConnection &connection, const ConnectPacket &packet,
                                 const ServerSession &session) const;

    // Enhanced authentication.
    const AuthenticationMethod *methodOf(const QByteArray &name) const;
    void beginAuthentication(ServerConnection &connection, ConnectPacket &packet);
    void arrivedBeforeAcceptance(ServerConnection &connection, const Packet &packet, const Findings &findings);
    std::optional<Finding> objectionTo(const ServerConnection &connection, const AuthPacket &packet) const;
    /// Takes the client's data, and does what the exchange makes of them.
    void goOn(ServerConnection &connection, const QByteArray &data);
    void acceptWaiting(ServerConnection &connection, const AuthenticationAnswer &answer);
    void acceptAgain(ServerConnection &connection, const AuthenticationAnswer &answer);
    void sendAuth(ServerConnection &connection, ReasonCode reason, const QByteArray &data);

    // Life cycle.
    ServerConnection *connection(LinkId link);
    ServerSession *session(const QByteArray &clientId);
    void refuse(ServerConnection &connection, const Finding &finding);
    /// Refuses and closes, or only notes the finding where that is what the configuration wants.
    bool goesOnDespite(ServerConnection &connection, const Finding &finding);
    bool notes(const ServerConnection &connection, const Finding &finding);
    void close(ServerConnection &connection, const char *why);
    std::vector<LinkId> allLinks() const;
    void sendDisconnect(const ServerConnection &connection, ReasonCode reason, Properties properties = {});
    SessionMessages &messagesOf(ServerSession &session);
    static void connected(SessionMessages &messages, const ServerConnection &connection);
    ServerSession *unlink(ServerConnection &connection);
    void dropQos0(ServerSession &session);
    void detached(ServerSession &session, LinkId from);
    void endSession(ServerSession &session, SessionEnd why);
    void watchEnd(ServerSession &session);
    void setPresence(ServerSession &session, SubscriptionTree::Presence presence);
    void setRights(ServerSession &session) const;
    bool isAdmitted(const ServerConnection &connection) const;
    void publishWill(ServerSession &session);
    void redispatch(const std::vector<OpenExchange> &open, const std::vector<QueuedDelivery> &queued);

    // A store that fails.
    bool lacksStore(const ServerSession &session) const;
    bool lacksStoreFor(const ConnectPacket &packet) const;
    /// True when the packet is refused because the store cannot keep its message.
    bool refusesForStore(ServerConnection &connection, const PublishPacket &packet);
    void refuseForStore(ServerConnection &connection);
    void sendSafely(ServerConnection &connection, PacketType type, PacketId id, ReasonCode reason);

    // Messages in.
    std::optional<Finding> resolveAlias(ServerConnection &connection, PublishPacket &packet) const;
    std::optional<Finding> fatalObjectionTo(const ServerConnection &connection, const PublishPacket &packet) const;
    std::optional<Finding> objectionTo(const ServerConnection &connection, const PublishPacket &packet,
                                       const Findings &findings);
    bool isTooDeep(const QByteArray &topicOrFilter) const;
    bool hasRoomToRetain(const QByteArray &topic, qsizetype bytes);
    void arrivedQos1(ServerConnection &connection, PublishPacket &packet, const Findings &findings);
    void arrivedQos2(ServerConnection &connection, PublishPacket &packet, const Findings &findings);
    std::optional<ReasonCode> take(ServerConnection &connection, PublishPacket &packet, const Findings &findings);
    MessagePtr messageOf(PublishPacket &packet);
    void retain(const MessagePtr &message);

    // Messages out.
    qsizetype route(const MessagePtr &message, const ServerSession *publisher);
    void findMatches(const QByteArray &topic);
    qsizetype fanOut(const FilterNode &node, const MessagePtr &message, const ServerSession *publisher);
    qsizetype fanOutToGroups(const FilterNode &node, const MessagePtr &message);
    Subscription &memberFor(const MessagePtr &message, ShareGroup &group) const;
    qsizetype fanOutMerged(const MessagePtr &message, const ServerSession *publisher);
    void merge(const Subscription &subscription, const MessagePtr &message);
    void redispatch(const MessagePtr &message, ShareKey share);
    void deliver(ServerSession &session, Delivery &&delivery, ShareKey share = {});
    void sendNow(ServerSession &session, Delivery &&delivery, ShareKey share);
    void sendPublish(const ServerConnection &connection, Delivery delivery, PacketId id, Dup dup);
    bool fits(const ServerConnection &connection, const Delivery &delivery) const;
    std::optional<quint32> remainingExpiry(const ServerConnection &connection, const Message &message) const;
    bool canSend(const ServerSession &session) const;
    void waitForRoom(const ServerSession &session);
    void enqueue(ServerSession &session, Delivery &&delivery, ShareKey share);
    void queued(const QueuedDelivery &entry);
    void unqueued(const QueuedDelivery &entry);
    bool makeRoom(ServerSession &session, qsizetype bytes, Qos qos);
    bool isFullFor(const ServerSession &session, qsizetype bytes) const;
    bool hasRoomForAll(const PublishPacket &packet, qsizetype bytes, const ServerSession *publisher);
    bool hasRoomIn(ServerSession &session, const QByteArray &topic, qsizetype bytes);
    void dropped(ServerSession &session, const Message &message, DropCause cause);
    void pump(ServerSession &session);
    bool resendNext(ServerSession &session);
    std::optional<QueuedDelivery> takeNext(ServerSession &session) const;
    bool sendNext(ServerSession &session);

    // Acknowledgements and subscriptions.
    void acknowledge(ServerConnection &connection, const AckPacket &packet);
    bool mayAnswerFilters(ServerConnection &connection, const Findings &findings);
    bool refusesWhole(ServerConnection &connection, const SubscribePacket &packet);
    std::optional<ReasonCode> requestRefusal(const ServerConnection &connection, PacketId id);
    Subscribed subscribe(ServerSession &session, const SubscribePacket::Entry &entry, quint32 identifier);
    std::optional<Finding> unavailableIn(const SubscribePacket &packet) const;
    /// before: filters of the same request that will be there by then.
    ReasonCode subscriptionRefusal(const ServerSession &session, const QByteArray &filter,
                                   const FilterCount &before) const;
    ReasonCode unsubscribe(ServerSession &session, const QByteArray &filter);
    void replayRetained(const Subscription &subscription, ReplayRoom &room);

    // $SYS.
    void systemSubscribed(QByteArrayView filter);
    void systemUnsubscribed(QByteArrayView filter);
    void publishSystemTopics();
    void forgetSystemTopics();

    /// False when the packet was left out, being larger than the client takes (MQTT-3.1.2-24).
    bool send(const ServerConnection &connection, PacketBody body);
    template<class Effect> void report(Effect &&effect)
    {
        using Kind = std::decay_t<Effect>;
        if constexpr (std::is_same_v<Kind, BrokerSend> || std::is_same_v<Kind, BrokerSendAck>)
            ++m_broker.counters.packetsSent;
        m_effects.emplace_back(std::in_place_type<Kind>, std::forward<Effect>(effect));
    }

    Broker &m_broker;
    Instant m_now;
    BrokerEffects &m_effects;
};

/// The standard's transient error: the sender is told, and decides [D-41].
inline constexpr rules::Finding storeFails{"v5 §4.13.2", ReasonCode::UnspecifiedError, Sender::Server,
                                           "the store takes no writes: what it cannot keep is not acknowledged",
                                           rules::Answer::Refuse};

/// The finding in words, for who reads what a server says (5.0); left out where it would not fit.
inline Properties reasonString(const rules::Finding &finding)
{
    return {{PropertyId::ReasonString, QByteArray(finding.what)}};
}

inline Qos deliveredQos(const Message &message, Qos granted)
{
    return std::min(message.qos, granted);
}

/// Expired at its deadline already [D-13].
inline bool isOver(const Message &message, Instant now)
{
    return message.expiresAt && *message.expiresAt <= now;
}

/// The topics that only the server itself publishes to.
inline bool isSystemTopic(QByteArrayView topic)
{
    return topic == QByteArrayView("$SYS") || topic.startsWith(QByteArrayView("$SYS/"));
}

/// Whether the topics of a filter, shared or not, are the server's own.
bool isSystemFilter(QByteArrayView filter);

/// A client that sends nothing for so long is gone (MQTT-3.1.2-22).
inline Duration longestSilence(const ServerConnection &connection)
{
    return Duration(std::chrono::seconds(connection.keepAlive)) * 3 / 2;
}

} // namespace sessionscope
