// What can be demanded of a broker that cannot be looked into: followed by what our clients send, receive and hand on
// to their applications. It promises less than invariants.h does of both ends, and never blames the broker for what it
// may not have received.
#pragma once

#include "core/scenario/breach.h"
#include "core/scenario/exchange_watch.h"
#include "core/trace/session_view.h"

#include <set>

namespace sessionscope {

class StrangerWatch
{
public:
    StrangerWatch() = default;
    Q_DISABLE_COPY_MOVE(StrangerWatch)

    /// Every record, in order; those of the broker's end are passed over.
    void look(const TraceRecord &record);
    const Breaches &breaches() const { return m_breaches; }
    /// What has not come yet, with all clients as they are. Where nothing more comes, these are breaches, too.
    Breaches missing(const LabView &view) const;

private:
    /// A message by what tells it from others: topic and payload.
    using Content = std::pair<QByteArray, QByteArray>;

    /// One first sending of a client.
    struct Published
    {
        QByteArray publisher;
        quint64 index = 0; ///< rising, over all clients
        Qos qos = Qos::AtMostOnce;
        bool expires = false;
        bool isAcknowledged = false;
    };
    struct Subscription
    {
        SubscriptionOptions options; ///< with the QoS that was granted
        quint64 since = 0;           ///< what was published behind this index
    };
    /// A message that the broker sent, while its handshake is open at the client.
    struct Arrived
    {
        Content content;
        bool isReleased = false;
        bool isEarlier = false; ///< on an earlier connection
    };
    /// The session that the broker keeps, as far as its client can know.
    struct Session
    {
        std::map<QByteArray, Subscription> subscriptions;
        std::map<PacketId, Arrived> arrived;
    };
    struct Receiver
    {
        std::map<Content, quint32> delivered;
        std::map<Content, quint32> deliveredExactly;                    ///< at QoS 2
        std::map<std::pair<QByteArray, QByteArray>, quint64> lastIndex; ///< by publisher, and topic with QoS
        bool isForgetful = false; ///< it lost its store: what it gets twice is not the broker's fault
    };
    struct Client
    {
        ExchangeWatch exchanges;
        ConnectPacket connect;
        bool isAccepted = false;
        bool isLost = false; ///< the latest CONNACK said that there is no session, and we remember one
        std::map<PacketId, Published *> open;
        std::map<PacketId, SubscribePacket> subscribes;
        std::map<quint32, QByteArray> aliases;
    };

    Client &clientOf(const TraceRecord &record);
    void sent(Client &client, const Packet &packet, const TraceRecord &record);
    void sentPublish(Client &client, const PublishPacket &publish);
    void sentAck(Client &client, const AckPacket &ack);
    void received(Client &client, const Packet &packet, const TraceRecord &record);
    void accepted(Client &client, const ConnackPacket &connack, const TraceRecord &record);
    void granted(Client &client, const SubackPacket &suback);
    void arrived(Client &client, const PublishPacket &publish, const TraceRecord &record);
    void acknowledged(Client &client, const AckPacket &ack);
    void reported(Client &client, const ClientReport &report, const TraceRecord &record);
    void delivered(const Client &client, const PublishPacket &publish, const TraceRecord &record);
    void checkOrder(Receiver &receiver, const PublishPacket &publish, const QByteArray &clientId,
                    const TraceRecord &record);
    void judge(const rules::Finding &finding, const TraceRecord &record);
    quint32 promised(const Content &content, const QByteArray &clientId, const Session &session) const;
    void breach(Invariant invariant, const TraceRecord &record, const QByteArray &clientId, const QString &what);

    Breaches m_breaches;
    std::map<ClientKey, Client> m_clients;
    std::map<QByteArray, Session> m_sessions;   ///< by Client Identifier
    std::map<QByteArray, Receiver> m_receivers; ///< by Client Identifier
    std::map<Content, std::deque<Published>> m_published;
    quint64 m_lastIndex = 0;
    TraceSeq m_last;
};

} // namespace sessionscope
