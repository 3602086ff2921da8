// A lab with the bundled broker listening and clients of our own, on the virtual clock: what the tests of this folder
// and of others stand on. Everything that happened is read from the trace.
#pragma once

#include "core/lab/virtual_driver.h"

namespace sessionscope {

/// A CONNECT in the words of the scenarios; the Session Expiry Interval is 300 s unless said otherwise.
struct ConnectOptions
{
    Version version = Version::V5;
    bool cleanStart = true;
    std::optional<quint32> sessionExpiry = 300;
    quint16 keepAlive = 0;
    std::optional<Will> will;
    quint32 willDelay = 0;
    std::optional<quint16> receiveMaximum;
};

class World
{
public:
    explicit World(const BrokerConfig &config = {});

    VirtualDriver &driver() { return m_driver; }
    const Lab &lab() const { return m_driver.lab(); }

    /// A new client whose Client Identifier is its name. It does not connect yet.
    ClientKey addClient(const QByteArray &name);
    /// A new client that is connected.
    ClientKey addConnected(const QByteArray &name, const ConnectOptions &options = {});

    /// Each of these runs until all is quiet.
    /// The CONNACK that came, if one came.
    std::optional<ConnackPacket> connect(ClientKey client, const ConnectOptions &options = {});
    std::optional<ConnackPacket> reconnect(ClientKey client);
    void subscribe(ClientKey client, const QByteArray &filter, Qos qos);
    void publish(ClientKey client, const QByteArray &topic, Qos qos, const QByteArray &payload = "x");
    void disconnect(ClientKey client, ReasonCode reason = ReasonCode::Success, std::optional<quint32> expiry = {});
    /// The transport breaks for both ends at this instant; what is under way is lost.
    void cut(ClientKey client);
    void submit(const LabCommand &command);
    void run();
    void advance(Duration duration);

    /// Carries out the command and leaves what it sends under way.
    void submitOnly(const LabCommand &command) { m_driver.submit(command); }
    void publishOnly(ClientKey client, const QByteArray &topic, Qos qos, const QByteArray &payload = "x");
    /// Hands all that this end has sent to the other end; the answers stay under way.
    void deliverFromClient(ClientKey client);
    void deliverToClient(ClientKey client);

    LinkId linkOf(ClientKey client) const;
    /// The broker's end of the client's connection.
    LinkId serverLinkOf(ClientKey client) const;
    ClientView view(ClientKey client) const;
    /// The broker's session of this Client Identifier; nothing when there is none.
    std::optional<ServerSessionView> serverView(const QByteArray &clientId) const;

    /// Packets that the client sent or received, in order, since its last mark().
    QList<Packet> packets(ClientKey client, Direction direction) const;
    /// One line each, as packetText() says them, CONNECT and CONNACK left out.
    QStringList lines(ClientKey client, Direction direction) const;
    /// Payloads delivered to the client's application since its last mark().
    QList<QByteArray> delivered(ClientKey client) const;
    /// From here on packets(), lines() and delivered() begin anew.
    void mark() { m_mark = lab().trace.last(); }

    static Will will(const QByteArray &topic, const QByteArray &payload = "gone");

private:
    VirtualDriver m_driver;
    TraceSeq m_mark;
    quint32 m_lastKey = 0;
};

} // namespace sessionscope
