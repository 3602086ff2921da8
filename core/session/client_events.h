// What a client session can be told, and what it answers: the values that go in and out of its step().
// Nothing here does anything; the meaning of each is in client_*.cpp.
#pragma once

#include "core/base/instant.h"
#include "core/mqtt/codec.h"
#include "core/rules/rules.h"
#include "core/session/message.h"

#include <variant>
#include <vector>

namespace sessionscope {

/// Names one publish of the application until its outcome is known.
using PublishToken = StrongId<struct PublishTokenTag, quint64>;

// ---- events ----

/// Ask for a connection. Every field of the packet is the user's; Clean Start is forced to 1 where [D-40] demands it:
/// while one is owed, and in 5.0 without a record of this Client Identifier.
struct ConnectCommand
{
    ConnectPacket packet;
};
/// Connect again with the last packet and Clean Start 0, under the assigned identifier if there was one.
/// Before 5.0 Clean Session stays as it was asked for, because there it also says how long the session lives.
struct ReconnectCommand
{
};
struct PublishCommand
{
    /// expiresAt is ignored: give the Message Expiry Interval among the properties. Topic aliases are the client's own
    /// affair (ClientPolicy::useTopicAliases): a Topic Alias property is refused.
    Message message;
};
struct SubscribeCommand
{
    QList<SubscribePacket::Entry> entries;
    Properties properties;
};
struct UnsubscribeCommand
{
    QList<QByteArray> filters;
    Properties properties;
};
/// Leave on purpose. Sent as given, legal or not; the expiry overrides the one in force (v5 §3.14.2.2.2).
struct DisconnectCommand
{
    ReasonCode reason = ReasonCode::Success;
    std::optional<quint32> sessionExpiryInterval;
    Properties properties = {}; ///< others: a Reason String, or a Server Reference, which only a server may send
};
struct PingCommand
{
};
/// Forget the session and all that waits, as a device that lost power and its store: nothing is sent, and a connection
/// is cut.
struct ForgetCommand
{
};
/// Answer an AuthenticationAsked, or authenticate again. Needs an Authentication Method in the CONNECT (MQTT-4.12.0-7).
/// While the CONNECT waits for its first data, those of the packet go into it.
struct AuthenticateCommand
{
    AuthPacket packet;
};
/// Authenticate again on this connection (v5 §4.12.1), with the authenticator's help.
struct ReauthenticateCommand
{
};
/// The authenticator believes the server's last word: the connection that waited for this is accepted.
struct TrustServer
{
};
/// The authenticator cannot go on, or does not believe the server: the connection closes.
struct AbandonAuthentication
{
    QByteArray why;
};
/// From now on acknowledgements of these types wait for their release; an empty list lets new ones go. What is held
/// stays held, and is dropped with its connection: after it the other end sends again.
struct HoldAcknowledgements
{
    std::vector<PacketType> types; ///< PUBACK, PUBREC, PUBREL, PUBCOMP; a lab takes SUBACK and UNSUBACK, too
};
enum class ReleaseOrder : quint8
{
    AsDue,  ///< each waits for those before it (MQTT-4.6.0-2 to -4)
    AtOnce, ///< whatever stands before it: a fault, to see what the other end makes of it
};
struct ReleaseAcknowledgements
{
    std::optional<PacketId> packetId; ///< nothing: all
    ReleaseOrder order = ReleaseOrder::AsDue;
};
/// Publish a request and await its response (v5 §4.10). Response Topic and Correlation Data are added, and the Response
/// Topic is subscribed to unless it is already.
struct RequestCommand
{
    Message message;
    QByteArray responseTopic; ///< empty: one made of the Response Information and the Client Identifier
    Duration wait = std::chrono::seconds(10);
};
/// Publish the response to a request that was delivered.
struct RespondCommand
{
    PublishPacket request;
    QByteArray payload;
};

using ClientCommand =
    std::variant<ConnectCommand, ReconnectCommand, PublishCommand, SubscribeCommand, UnsubscribeCommand,
                 DisconnectCommand, PingCommand, ForgetCommand, AuthenticateCommand, ReauthenticateCommand, TrustServer,
                 AbandonAuthentication, HoldAcknowledgements, ReleaseAcknowledgements, RequestCommand, RespondCommand>;

struct TransportOpened
{
};
struct TransportFailed
{
    QByteArray why;
};
/// The transport is gone, by whomever; what was sent before may or may not have arrived.
struct TransportClosed
{
};
/// The transport's send buffer is above its limit: messages wait until it drained.
struct TransportBlocked
{
};
struct TransportDrained
{
};
struct PacketArrived
{
    Packet packet;
    rules::Findings findings;
};
struct MalformedArrived
{
    Malformed malformed;
};
struct Tick
{
};

using ClientEvent = std::variant<ClientCommand, TransportOpened, TransportFailed, TransportClosed, TransportBlocked,
                                 TransportDrained, PacketArrived, MalformedArrived, Tick>;

// ---- effects ----

struct OpenTransport
{
};
struct SendPacket
{
    Packet packet;
};
struct CloseTransport
{
};
/// CONNACK with success. resumed: Session Present 1 and own state kept.
struct ConnectionAccepted
{
    bool resumed = false;
};
struct ConnectionRefused
{
    quint8 reason = 0;
    QByteArray serverReference; ///< with UseAnotherServer and ServerMoved; empty when there was none
};
struct MessageDelivered
{
    PublishPacket publish; ///< topic alias resolved
};
/// The message is sent or waits. At QoS 0 this is all that will be heard of it.
struct PublishAccepted
{
    PublishToken token;
};
/// The handshake is over. reason is the code of PUBACK or PUBREC that ended it, Success after PUBCOMP, or why a message
/// that waited could not be sent under the limits of the server's CONNACK [D-19].
struct PublishCompleted
{
    PublishToken token;
    ReasonCode reason = ReasonCode::Success;
};
/// The session ended with the exchange open: whether the message arrived is unknown.
struct PublishLost
{
    PublishToken token;
};
struct RequestCompleted
{
    PacketType type = PacketType::Subscribe;
    QList<QByteArray> filters;
    QList<ReasonCode> reasons;
};
/// The connection closed before the answer came; SUBSCRIBE and UNSUBSCRIBE are never resent (MQTT-4.4.0-1).
struct RequestUnanswered
{
    PacketType type = PacketType::Subscribe;
    QList<QByteArray> filters;
};
enum class SessionEnd : quint8
{
    ConnectionClosed, ///< expiry 0, or Clean Session 1
    Expired,
    CleanStart,        ///< a CONNECT with Clean Start 1 was written or accepted
    SessionNotPresent, ///< the server answered Session Present 0
    Forgotten,
    TakenOver, ///< server: the new connection does not continue it
    Administrative,
    QueueFull, ///< server: as its settings want it [D-15]
};
struct SessionEnded
{
    SessionEnd why = SessionEnd::ConnectionClosed;
};
/// The peer broke a statement and the standard demands that the connection closes.
struct ViolationFound
{
    rules::Finding finding;
};
/// A command that cannot be carried out now, for example SUBSCRIBE while disconnected.
struct CommandRefused
{
    const char *why = "";
};

/// The server's DISCONNECT (5.0).
struct DisconnectReceived
{
    ReasonCode reason = ReasonCode::Success;
    QByteArray serverReference; ///< with UseAnotherServer and ServerMoved; empty when there was none
};
/// CONNACK or PINGRESP did not come in time: the other end is gone though the transport stands. The transport closes.
struct AnswerOverdue
{
    PacketType awaited = PacketType::Pingresp;
};
enum class AuthenticationStep : quint8
{
    Begin,      ///< the data of CONNECT
    BeginAgain, ///< the data of an AUTH 0x19
    Challenge,  ///< the answer to an AUTH 0x18
    Proof,      ///< whether the server's last word, in CONNACK or AUTH 0x00, is to be believed
};
/// The application or its authenticator goes on with AuthenticateCommand; after a Proof with TrustServer or
/// AbandonAuthentication.
struct AuthenticationAsked
{
    AuthenticationStep step = AuthenticationStep::Challenge;
    QByteArray data; ///< of the server
};
/// The client comes back by itself at this instant.
struct ReconnectScheduled
{
    Instant at;
    quint32 attempt = 0; ///< from 1
};
/// It does not, though it would have liked to.
struct ReconnectStopped
{
    const char *why = "";
};
/// The client goes to another server now (v5 §4.11); its session state stays and Session Present decides [D-37].
struct ServerRedirected
{
    QByteArray serverReference;
    bool permanent = false;
};
struct AcknowledgementHeld
{
    PacketType type = PacketType::Puback;
    PacketId packetId;
};
/// Waits to be published again under a new identifier, though its first time may have arrived [D-34].
struct PublishRequeued
{
    PublishToken token;
};
struct ResponseArrived
{
    PublishToken token; ///< of the request
    PublishPacket response;
    Duration after{};
};
struct ResponseOverdue
{
    PublishToken token;
};

using ClientEffect =
    std::variant<OpenTransport, SendPacket, CloseTransport, ConnectionAccepted, ConnectionRefused, MessageDelivered,
                 PublishAccepted, PublishCompleted, PublishLost, RequestCompleted, RequestUnanswered, SessionEnded,
                 ViolationFound, CommandRefused, DisconnectReceived, AnswerOverdue, AuthenticationAsked,
                 ReconnectScheduled, ReconnectStopped, ServerRedirected, AcknowledgementHeld, PublishRequeued,
                 ResponseArrived, ResponseOverdue>;
using ClientEffects = std::vector<ClientEffect>;

} // namespace sessionscope
