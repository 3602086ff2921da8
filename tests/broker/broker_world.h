// A broker in virtual time with as many raw connections as a scenario needs. What a connection received reads as in
// the scenarios: "CONNACK(1,00)", "PUB(q1 #1 dup t x)", "PUBREL(#3)", "DISCONNECT(8E)", "EOF".
// Every packet sent goes through the codec and the rules, and every packet received through the codec, so that what
// is compared is what a client would see.
#pragma once

#include "core/broker/broker.h"

#include <QByteArrayList>

#include <map>

namespace sessionscope {

class BrokerWorld;

/// CONNECT(A cs=1 sei=300): the defaults of the scenarios.
struct Hello
{
    QByteArray id = "S";
    bool cs = true;
    std::optional<quint32> sei = 300;
    Version version = Version::V5;
    quint16 ka = 0;
    std::optional<quint16> rm;
    std::optional<Will> will;
    Properties properties;
};

struct Pub
{
    int qos = 0;
    quint16 id = 0;
    QByteArray topic = "t";
    QByteArray payload = "x";
    bool dup = false;
    bool retain = false;
    std::optional<quint32> mei;
    Properties properties;
};

/// A will for topic w.
Will will(std::optional<quint32> delay = {}, bool retain = false, std::optional<quint32> mei = {});

/// One client end of a connection.
class Peer
{
public:
    Peer(BrokerWorld &world, LinkId link, Version version) : m_world(&world), m_link(link), m_version(version) {}

    LinkId link() const { return m_link; }
    void send(PacketBody body);
    void sendBytes(const QByteArray &hex);
    void cut();

    void publish(const Pub &pub);
    void subscribe(quint16 id, const QByteArray &filter, int qos, SubscriptionOptions options = {},
                   std::optional<quint32> identifier = {});
    void unsubscribe(quint16 id, const QByteArray &filter);
    void puback(quint16 id, int reason = 0);
    void pubrec(quint16 id, int reason = 0);
    void pubrel(quint16 id, int reason = 0);
    void pubcomp(quint16 id, int reason = 0);
    void disconnect(int reason = 0, std::optional<quint32> sei = {});

    /// What came since the last call, in words.
    QByteArrayList take();
    /// The same as packets.
    QList<Packet> takePackets();
    /// The bytes of everything that came since the last call of take(), or since connected().
    QByteArray bytes() const;
    bool isOpen() const;

private:
    BrokerWorld *m_world;
    LinkId m_link;
    Version m_version;
};

class BrokerWorld
{
public:
    explicit BrokerWorld(const BrokerConfig &config = {}) { broker.config = config; }

    /// Opens a connection and sends a CONNECT; the CONNACK is in the log.
    Peer connect(const Hello &hello);
    /// The same, with the CONNACK read off; `expected` is its text.
    Peer connected(const Hello &hello, const QByteArray &expected = "CONNACK(0,00)");
    /// Connected, subscribed to filter, and both answers read off.
    Peer subscriber(const Hello &hello, const QByteArray &filter = "t", int qos = 2, SubscriptionOptions options = {},
                    std::optional<quint32> identifier = {});
    /// A publisher, id P.
    Peer publisher();
    Peer open(Version version = Version::V5);
    static ConnectPacket packetOf(const Hello &hello);

    /// Lets time pass, with a Tick at every deadline on the way.
    void runTo(double seconds);
    /// Lets time pass as if every timer were late.
    void jumpTo(double seconds);
    void event(BrokerEvent event);
    /// The broker dies in the moment in which it sends this: what its step had behind it never leaves. It is there
    /// again at once, with its store or without.
    void dieSending(const QByteArray &text) { m_diesSending = text; }
    void loseStore() { m_losesStore = true; }
    const ServerSession *session(const QByteArray &id) const;

    /// Drops since the last call: "S t QueueFull".
    QByteArrayList takeDrops();
    QByteArrayList takeEnds();
    /// Refusals since the last call: "MQTT-3.1.0-1 82".
    QByteArrayList takeRefusals();
    /// The same of what was only noted.
    QByteArrayList takeNotes();

    Broker broker;

private:
    friend class Peer;
    struct LinkEnd
    {
        Version version = Version::V5;
        bool open = true;
        QByteArrayList log;
        QList<Packet> packets;
        QByteArray bytes;
    };

    void perform(const BrokerEffect &effect);
    bool diesNow() const;
    void die();
    void received(LinkId link, const Packet &packet);

    Instant m_now;
    quint32 m_lastLink = 0;
    std::map<LinkId, LinkEnd> m_links;
    QByteArrayList m_drops;
    QByteArrayList m_ends;
    QByteArrayList m_refusals;
    QByteArrayList m_notes;
    QByteArray m_diesSending;
    bool m_losesStore = false;
};

} // namespace sessionscope
