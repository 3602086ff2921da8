// From publisher to receiver: which session has to get a copy of which message, at which QoS and with which
// identifiers, and whether its client got it. Messages are told apart by topic and payload; equal ones are counted.
// What may be missing: copies of a session that ended, copies whose drop the broker reported, and copies of a session
// whose client believes in another one [D-39].
#pragma once

#include "core/scenario/session_watch.h"

#include <set>

namespace sessionscope {

class DeliveryWatch
{
public:
    DeliveryWatch(Breaches &breaches, const SessionWatch &sessions) : m_breaches(breaches), m_sessions(sessions) {}

    /// A client sent it for the first time.
    void published(const PublishPacket &publish);
    /// The broker took it, new and with its alias resolved; publisher is empty for the broker itself.
    void taken(const PublishPacket &publish, const QByteArray &publisher, const TraceRecord &record);
    /// The broker refused what it took by this record.
    void refused(TraceSeq takenBy);
    /// The broker sends a copy.
    void sent(const PublishPacket &publish, const TraceRecord &record);
    void dropped(const MessageDropped &drop);
    /// The client behind the broker's end of this link handed it on to its application.
    void delivered(const PublishPacket &publish, LinkId brokerLink, const TraceRecord &record);

    /// The client of this session takes it for another one: nothing can be promised about its messages any more.
    void doubt(Incarnation incarnation) { m_doubtful.insert(incarnation); }
    bool isDoubtful(Incarnation incarnation) const { return m_doubtful.contains(incarnation); }
    void checkAtRest(const BrokerView &view, TraceSeq at);

private:
    struct Key
    {
        QByteArray topic;
        QByteArray payload;
        bool operator<(const Key &other) const
        {
            return topic == other.topic ? payload < other.payload : topic < other.topic;
        }
    };
    /// One time that the broker took a message.
    struct Taking
    {
        quint64 index = 0; ///< rising
        TraceSeq by;
        QByteArray publisher;
        Qos qos = Qos::AtMostOnce;
        bool retain = false;
        Instant at;
        std::optional<Instant> expiresAt;
        std::set<QByteArray> shareGroups; ///< that get a copy
    };
    /// The copy that one session has to get of one taking.
    struct Copy
    {
        quint64 index = 0;
        TraceSeq by;
        QByteArray publisher;
        Qos qos = Qos::AtMostOnce;
        Qos publishedQos = Qos::AtMostOnce;
        QList<quint32> identifiers; ///< sorted
        bool mayRetain = false;     ///< one of the subscriptions wants RETAIN as it was published, and it was 1
        bool mustRetain = false;    ///< all of them do
    };
    struct Copies
    {
        std::vector<Copy> all;
        quint32 shared = 0;         ///< share groups of this session that could choose it
        quint32 deliveredTwice = 0; ///< deliveries at QoS 2
        bool isDelivered = false;
    };
    /// What one session has been promised.
    struct Inbound
    {
        std::map<Key, Copies> messages;
        std::map<QByteArray, quint32> drops; ///< by topic
        std::map<QByteArray, quint64> lastIndex;
    };

    static Key keyOf(const PublishPacket &publish) { return {publish.topic, publish.payload}; }
    void promise(const WatchedSession &session, const Taking &taking, const PublishPacket &publish);
    void checkRouting(const Key &key, const PublishPacket &publish, const WatchedSession *publisher,
                      const TraceRecord &record);
    void checkExpiry(const std::vector<Taking> &takings, const PublishPacket &publish, const WatchedSession &to,
                     const TraceRecord &record);
    void checkIdentifiers(const Copies &copies, const PublishPacket &publish, const WatchedSession &to,
                          const TraceRecord &record);
    void checkQos(const Copies &copies, const PublishPacket &publish, const WatchedSession &to,
                  const TraceRecord &record);
    void checkRetain(const Copies &copies, const PublishPacket &publish, const WatchedSession &to,
                     const TraceRecord &record);
    void checkOrder(Inbound &inbound, const Copies &copies, const PublishPacket &publish, const TraceRecord &record);
    void breach(Invariant invariant, TraceSeq at, const QString &what);

    Breaches &m_breaches;
    const SessionWatch &m_sessions;
    std::map<Key, quint32> m_published;           ///< first sendings by clients
    std::map<Key, std::vector<Taking>> m_takings; ///< new ones only
    std::map<Incarnation, Inbound> m_inbound;
    std::set<Incarnation> m_doubtful;
    quint64 m_lastIndex = 0;
};

} // namespace sessionscope
