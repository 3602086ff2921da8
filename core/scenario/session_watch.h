// The broker's sessions as the standard has them live, followed by the packets and closes that the broker saw: which
// exist, until when, what they subscribe to, and which will waits. What the broker says and does is held against it.
#pragma once

#include "core/scenario/breach.h"
#include "core/trace/session_view.h"

#include <map>

namespace sessionscope {

/// Two sessions of one Client Identifier that follow each other have different numbers. 0: none.
using Incarnation = StrongId<struct IncarnationTag, quint64>;

struct WatchedWill
{
    PublishPacket publish; ///< as it has to be published
    quint32 delay = 0;     ///< seconds
};

struct WatchedSession
{
    QByteArray clientId;
    Incarnation incarnation;
    LinkId link; ///< 0 while detached
    Version version = Version::V5;
    quint32 expiry = 0;            ///< seconds in force
    std::optional<Instant> endsAt; ///< once detached
    std::optional<WatchedWill> will;
    std::optional<Instant> willDue;                          ///< once detached
    std::map<QByteArray, SubscriptionOptions> subscriptions; ///< the QoS is the granted one
    std::map<QByteArray, quint32> identifiers;

    bool isConnected() const { return link.value != 0; }
};

/// One connection as the broker's end has it, kept when it is closed: its last packets may still be under way.
struct WatchedLink
{
    ConnectPacket connect;
    TraceSeq decidedAt; ///< of the packet by which it is accepted: the CONNECT, or the last AUTH behind it [D-25]
    QByteArray clientId;
    Incarnation incarnation; ///< 0 until accepted
    bool resumed = false;
    bool isClosed = false;
    Instant lastReceived;  ///< of any packet
    quint16 keepAlive = 0; ///< seconds in force; 0: none
    std::optional<DisconnectPacket> disconnect;
    std::map<PacketId, Packet> requests;

    Version version() const { return Version(connect.protocolLevel); }
    bool isAccepted() const { return incarnation.value != 0; }
};

class SessionWatch
{
public:
    /// sessionExpiryCap: the broker's, which it need not tell to clients before 5.0 [D-24].
    SessionWatch(Breaches &breaches, std::optional<quint32> sessionExpiryCap)
        : m_breaches(breaches), m_cap(sessionExpiryCap)
    {
    }

    // Records of Role::Broker.
    void received(const Packet &packet, const TraceRecord &record);
    void sent(const Packet &packet, const TraceRecord &record);
    /// Whatever came, a packet or not.
    void heard(const TraceRecord &record);
    void closed(const TraceRecord &record);
    void changed(const ServerSessionChanged &change, const TraceRecord &record);
    void refused(const TraceRecord &record);
    /// What was published, or nothing when no will was there.
    std::optional<PublishPacket> willPublished(const WillPublished &will, const TraceRecord &record);
    /// Called before every record of any kind.
    void next(const TraceRecord &record);

    /// Everything is gone, as after a crash without a store.
    void forget();
    /// Time has passed and the broker has had its Tick: nothing may be overdue.
    void checkDue(Instant now, TraceSeq at);
    void checkAgainst(const BrokerView &view, TraceSeq at);

    const WatchedLink *link(LinkId link) const;
    const WatchedSession *session(const QByteArray &clientId) const;
    const WatchedSession *sessionOf(LinkId link) const;
    const std::map<QByteArray, WatchedSession> &sessions() const { return m_sessions; }

private:
    /// A will that came early, and is in time only if its session is ended by the administrator.
    struct EarlyWill
    {
        QByteArray clientId;
        TraceSeq at;
        TraceSeq cause;
    };

    void ended(const ServerSessionChanged &change, const TraceRecord &record);
    void accepted(WatchedLink &link, const ConnackPacket &connack, const TraceRecord &record);
    void judgeSessionPresent(const WatchedLink &link, bool present, const TraceRecord &record);
    void judgeOldLink(const WatchedSession &session, const TraceRecord &record);
    void judgeEarlyWill();
    void judgeOldWill(const WatchedSession &session, const TraceRecord &record);
    void attach(WatchedSession &session, const WatchedLink &link, const ConnackPacket &connack, LinkId id);
    void checkKeepAlive(Instant now, TraceSeq at);
    void applyDisconnect(WatchedSession &session, const WatchedLink &link) const;
    void answered(WatchedLink &link, PacketId id, const QList<ReasonCode> &reasons);
    bool mayEnd(const WatchedSession &session, SessionEnd why, const TraceRecord &record) const;
    bool isCleanStartFor(const QByteArray &clientId, TraceSeq cause) const;
    quint32 capped(quint32 expiry) const;
    void compare(const WatchedSession &session, const ServerSessionView &view, TraceSeq at);
    void breach(Invariant invariant, TraceSeq at, const QByteArray &clientId, const QString &what);

    Breaches &m_breaches;
    std::optional<quint32> m_cap;
    std::map<LinkId, WatchedLink> m_links;
    std::map<QByteArray, WatchedSession> m_sessions;
    std::optional<EarlyWill> m_early;
    quint64 m_lastIncarnation = 0;
};

} // namespace sessionscope
