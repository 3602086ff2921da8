// A client's session, its clock and a server that says exactly what the test tells it to.
// Packets of the server go through encode, decode and the rules, as they would off a socket. What the client does is
// read as lines: "> PUBLISH q1 #1 t x" was sent, everything else is an effect ("completed 1 00", "close").
#pragma once

#include "core/session/client_session.h"

#include <QByteArrayList>

namespace sessionscope {

/// "PUBLISH q1 #1 dup t x", "PUBREL #9 92", "CONNECT A cs=1".
QByteArray textOf(const Packet &packet);
QByteArray textOf(const ClientEffect &effect);

/// The CONNECT of the scenarios: 5.0, Clean Start 1, sei=300, no keep alive.
struct Connect
{
    QByteArray clientId = "A";
    bool cleanStart = true;
    std::optional<quint32> sei = 300;
    quint16 keepAlive = 0;
    Version version = Version::V5;
    Properties more;

    ConnectPacket packet() const;
};

struct Connack
{
    bool sessionPresent = false;
    quint8 reason = 0;
    Properties properties;
};

class ClientWorld
{
public:
    ClientSession session;
    Instant now;

    /// Everything that happened since the last call.
    QByteArrayList take();

    void run(ClientCommand command);
    void run(Connect connect) { run(ConnectCommand{connect.packet()}); }
    void publish(Qos qos, const QByteArray &topic = "t", const QByteArray &payload = "x", bool retain = false);
    /// The transport opens, breaks or never comes to be.
    void open();
    void cut();
    void fail();
    /// The transport takes no more for now, and then does again.
    void block();
    void drain();
    /// A packet of the server.
    void receive(PacketBody body);
    void receive(Connack connack);
    void receiveAck(PacketType type, quint16 id, ReasonCode reason = ReasonCode::Success);
    void receivePublish(Qos qos, quint16 id, const QByteArray &payload = "x", bool dup = false);
    void receiveHex(const char *hex);
    /// Lets time pass; a Tick comes at every deadline on the way.
    void pass(Duration time);

    /// CONNECT, transport, CONNACK; nothing of it is left to take().
    void connect(Connect connect = {}, Connack connack = {});
    /// Cuts, asks for Clean Start 0 and is answered; only what follows the CONNACK is left to take().
    void resume(Connack connack = {.sessionPresent = true});

private:
    void step(const ClientEvent &event);

    ClientEffects m_effects;
};

// What most tests of messages begin with.

inline constexpr auto q0 = Qos::AtMostOnce;
inline constexpr auto q1 = Qos::AtLeastOnce;
inline constexpr auto q2 = Qos::ExactlyOnce;

Properties receiveMaximum(quint32 count);
/// Publishes and forgets what was said about it.
void publishQuietly(ClientWorld &world, std::initializer_list<Qos> list);
/// Connected, with these properties in the CONNACK.
ClientWorld connectedWorld(Properties answered = {});

} // namespace sessionscope
