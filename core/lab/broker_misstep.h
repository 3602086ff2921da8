// One event on its way through a misbehaving broker: the frame shared by misbehaving_broker.cpp (events and state) and
// misbehaving_broker_packets.cpp (effects). Not for use outside core/lab.
#pragma once

#include "core/lab/misbehaving_broker.h"

namespace sessionscope {

class BrokerMisstep
{
public:
    BrokerMisstep(MisbehavingBroker &misbehaving, Broker &broker, Instant now)
        : m_misbehaving(misbehaving), m_broker(broker), m_now(now)
    {
    }

    MisledBrokerEffects operator()(BrokerEvent &&event);

private:
    using Way = BrokerMisbehaviour;

    // Before the step: false when the broker must not see the event.
    bool before(BrokerPacketArrived &arrived);
    bool before(const ConnectionClosed &closed);
    template<class Other> bool before(const Other &) { return true; }
    bool before(ConnectPacket &connect);
    bool before(PublishPacket &publish, const BrokerPacketArrived &arrived);
    bool before(AckPacket &ack);
    bool before(const UnsubscribePacket &unsubscribe);
    bool before(DisconnectPacket &disconnect);
    void beforeResume(ConnectPacket &connect, ServerSession &session);
    void ignoreLimits(ConnectPacket &connect);
    void forgetMessages(ServerSession &session);
    void routeOnceMore(const PublishPacket &publish, const BrokerPacketArrived &arrived);

    // After it.
    void after();
    void afterConnect();
    void afterSubscribe();
    void afterPublish();
    void afterDetach(const QByteArray &clientId);
    void afterWill(const QByteArray &clientId);

    // The step and its effects.
    void run(BrokerEvent &&event);
    void runQuietly(BrokerEvent &&event);
    void pass(BrokerSend &send);
    void pass(BrokerSendPublish &publish);
    void pass(BrokerSendAck &ack);
    void pass(BrokerClose &close);
    void pass(ServerSessionChanged &change);
    void pass(WillPublished &will);
    template<class Other> void pass(Other &effect) { emit(std::move(effect)); }
    void passConnack(BrokerSend &send, const BrokerWays &ways);
    void passSuback(BrokerSend &send, const BrokerWays &ways);
    bool withholds(const BrokerSend &send, const BrokerWays &ways);
    bool loses(const BrokerSendPublish &publish, const QByteArray &to, const BrokerWays &ways);
    void publishAgain(const BrokerSendAck &pubrel, const QByteArray &to);
    Spoils<Way> spoilOwn(PublishPacket &packet, const BrokerSendPublish &publish, const QByteArray &to,
                         const BrokerWays &ways);
    std::optional<quint32> originalInterval(const MessagePtr &message) const;

    // Out.
    void emit(BrokerEffect effect) { m_out.emplace_back(std::in_place_index<0>, std::move(effect)); }
    void deed(Way way, const QString &detail, Misdeed<Way>::About about = Misdeed<Way>::About::Event);
    void packetDeed(Way way, LinkId link, const QString &detail);
    /// Now, or behind the next of its kind.
    void emitInTurn(BrokerEffect effect, Way way, LinkId link, const QString &name);
    void releaseHeldBack();

    ServerSession *sessionOf(const QByteArray &clientId) const;
    ServerConnection *connectionOf(LinkId link) const;
    QByteArray clientOf(LinkId link) const;
    /// Towards the client that the event is about.
    bool does(Way way) const { return m_misbehaving.waysTowards(m_clientId).has(way); }
    MisbehavingBroker::Client &memory() { return m_misbehaving.clients[m_clientId]; }

    MisbehavingBroker &m_misbehaving;
    Broker &m_broker;
    Instant m_now;
    MisledBrokerEffects m_out;

    LinkId m_link;         ///< that the event is about
    QByteArray m_clientId; ///< at its other end
    LinkId m_replaced;     ///< the connection that this CONNECT replaces
    bool m_hidesSession = false;
    bool m_isConnect = false;
    bool m_isQuiet = false;                     ///< the effects of this step are nobody's
    std::optional<PacketId> m_quietId;          ///< only acknowledgements of this identifier are nobody's
    std::optional<QByteArray> m_unheard;        ///< the end of this session is not told
    std::optional<SubscribePacket> m_subscribe; ///< that arrived
    std::optional<quint32> m_interval;          ///< of the PUBLISH that arrived
    std::vector<QByteArray> m_detached;         ///< sessions that lost their connection
    std::vector<QByteArray> m_wills;            ///< sessions whose will was published
};

} // namespace sessionscope
