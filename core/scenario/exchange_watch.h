// The QoS exchanges of one end of one session, judged by the packets that this end saw, whichever role it has.
// It keeps its own books from the wire alone and asks no engine, so that a fault of the engine cannot hide in them.
#pragma once

#include "core/scenario/breach.h"

#include <deque>
#include <map>
#include <set>

namespace sessionscope {

class ExchangeWatch
{
public:
    ExchangeWatch(Breaches &breaches, QString who) : m_breaches(breaches), m_who(std::move(who)) {}

    /// A connection that continues the session, or begins one after sessionEnded().
    void connected(quint32 sendMaximum);
    void disconnected();
    void sessionEnded();

    /// Topic aliases must be resolved.
    void sent(const Packet &packet, TraceSeq at);
    void received(const Packet &packet, TraceSeq at);
    /// A message that was received was handed on to the application, though not always at once.
    void handedOn(const PublishPacket &publish, TraceSeq at);
    /// The next message to be sent again was given up without a packet, because it does not fit the new connection;
    /// topic is its, or empty when nobody said.
    void gaveUp(const QByteArray &topic);
    /// This end has an acknowledgement ready and keeps it back on purpose: what is sent meanwhile does not overtake it.
    void heldBack(PacketType type, PacketId id);

    /// The PUBLISH that was received last repeats one whose id is held.
    bool isRepeat() const { return m_isRepeat; }
    bool isHeld(PacketId id) const { return m_held.contains(id); }
    /// An answer of this end is missing, though nothing is under way.
    bool owesAnswers() const
    {
        return !m_pubacks.empty() || !m_pubrecs.empty() || !m_releases.empty() || !m_pubcomps.empty() || owesPingresp();
    }
    bool owesPingresp() const { return m_pings > 0; }
    /// An answer of the other end is missing.
    bool awaitsAnswers() const { return !m_requests.empty(); }
    /// Messages sent and neither acknowledged nor given up.
    qsizetype openCount() const { return qsizetype(m_open.size()); }

private:
    struct Exchange
    {
        PublishPacket publish;
        bool isReleased = false;
        bool owesResend = false;
        bool takesQuota = false;
        bool isHeldBack = false; ///< its PUBREL is
        quint64 order = 0;
        quint64 releaseOrder = 0;
    };

    void sentPublish(const PublishPacket &publish, TraceSeq at);
    void sentFirst(const PublishPacket &publish, TraceSeq at);
    void sentAgain(Exchange &exchange, const PublishPacket &publish, TraceSeq at);
    void sentPubrel(PacketId id, TraceSeq at);
    void sentAnswer(std::deque<PacketId> &owed, const AckPacket &ack, TraceSeq at);
    void sentPingresp(TraceSeq at);
    void sentRequest(PacketId id, TraceSeq at);
    void receivedPublish(const PublishPacket &publish);
    void receivedAck(const AckPacket &ack);
    void receivedPubrec(const AckPacket &ack);
    void checkQuota(TraceSeq at);
    void breach(Invariant invariant, TraceSeq at, const QString &what);
    static QString packetName(const char *name, PacketId id);

    Breaches &m_breaches;
    QString m_who;

    // As sender.
    std::map<PacketId, Exchange> m_open;
    std::set<PacketId> m_requests;
    std::deque<PacketId> m_releases; ///< PUBRELs that a PUBREC asked for
    quint32 m_sendMaximum = 0;
    quint64 m_nextOrder = 1;
    quint64 m_lastResent = 0;
    quint64 m_lastReleased = 0;

    // As receiver.
    std::set<PacketId> m_held;
    std::deque<PacketId> m_pubacks;
    std::deque<PacketId> m_pubrecs;
    std::deque<PacketId> m_pubcomps;
    quint32 m_pings = 0; ///< PINGREQs without a PINGRESP
    bool m_isRepeat = false;
    std::set<PacketId> m_repeats; ///< were held when they came last
};

} // namespace sessionscope
