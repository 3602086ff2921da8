// The client's end of a session as a plain struct, and the one function that changes it.
// Holds the session state of session-semantics C0 to C3 and what belongs to the current connection; does no I/O, reads
// no clock, decides nothing about when to reconnect.
#pragma once

#include "core/base/instant.h"
#include "core/mqtt/codec.h"
#include "core/rules/rules.h"
#include "core/session/inbox.h"
#include "core/session/message.h"
#include "core/session/outbox.h"

#include <deque>
#include <map>
#include <variant>
#include <vector>

namespace sessionscope {

/// Names one publish of the application until its outcome is known.
using PublishToken = StrongId<struct PublishTokenTag, quint64>;

enum class ClientConnection : quint8
{
    Closed,
    Opening,
    AwaitConnack,
    Connected,
    Closing
};

/// C0: what the client remembers of the session that the server keeps for it [D-04].
struct ClientSessionRecord
{
    QByteArray clientId; ///< the assigned one when the server chose it
    Version version = Version::V5;
    quint32 sessionExpiryInterval = 0; ///< in force: CONNACK's when present; sessionNeverExpires for 3.1.1 clean=0
    Instant since;
    std::optional<Instant> endsAt; ///< local deadline once disconnected; none while connected or when it never expires
    quint32 resumedTimes = 0;
    /// Resumed after an attempt that was never answered: the server may have begun anew at that one, so that what was
    /// open can arrive twice [D-39].
    bool inDoubt = false;
    bool operator==(const ClientSessionRecord &) const = default;
};

/// Messages that a client keeps for a later connection; more are refused.
inline constexpr qsizetype maximumNeverSent = 100'000;

/// What a client does on its own, apart from the standard.
struct ClientPolicy
{
    bool adoptUnknownSession = false;        ///< accept Session Present 1 without own state [D-04]
    bool resubscribeWhenFresh = false;       ///< send the remembered subscriptions again after Session Present 0
    bool cleanAfterUnansweredResume = false; ///< rather lose the session than resume one in doubt [D-39]
    bool noteViolationsOnly = false;         ///< note a finding and go on, instead of answering as the standard demands
    bool useTopicAliases = false;            ///< give each topic an alias while the server takes more
    quint16 v3SendMaximum = 20; ///< messages open at once towards a server before 5.0, which announces no limit
    Duration answerWait = std::chrono::seconds(30); ///< for CONNACK and PINGRESP; 0: for ever
};

struct ClientSession
{
    // Session state
    std::optional<ClientSessionRecord> record;
    Outbox outbox; ///< C1 and C2
    Inbox inbox;   ///< C3

    // The application's, not session state [D-34]
    struct Waiting
    {
        PublishToken token;
        Delivery delivery;
        Instant since;
    };
    std::deque<Waiting> neverSent;
    std::map<QByteArray, SubscriptionOptions> subscriptions; ///< what this client asked for and was granted
    std::map<QByteArray, quint32> subscriptionIdentifiers;   ///< of those that have one

    // The current connection
    ClientConnection connection = ClientConnection::Closed;
    ConnectPacket connect;                   ///< as last written or about to be
    bool cleanStartAsked = true;             ///< what the user wanted of it; connect says what [D-40] made of that
    std::optional<ConnackPacket> connack;    ///< of the current or last accepted connection
    bool cleanStartOwed = false;             ///< a CONNECT with Clean Start 1 was written and not yet accepted [D-40]
    quint32 unansweredResumes = 0;           ///< CONNECTs that meant to resume and got no CONNACK so far [D-39]
    std::optional<quint32> disconnectExpiry; ///< Session Expiry Interval of an own DISCONNECT
    Instant lastSent;
    std::optional<Instant> pingAnswerDue; ///< set while a PINGREQ is unanswered
    quint16 keepAlive = 0;                ///< seconds in force, Server Keep Alive included
    struct Request
    {
        PacketType type = PacketType::Subscribe;
        QList<SubscribePacket::Entry> entries; ///< filters only, for UNSUBSCRIBE
        std::optional<quint32> subscriptionIdentifier;
    };
    std::map<PacketId, Request> openRequests;
    std::map<quint16, QByteArray> inboundAliases;
    std::map<QByteArray, quint16> outboundAliases;
    std::optional<ReasonCode> serverDisconnect; ///< of the DISCONNECT that ended this or the last connection

    ClientPolicy policy;
    quint64 nextToken = 1;
    quint32 unmatchedAcks = 0; ///< acknowledgements of ids that are not open: ignored and counted [D-09]

    Version version() const { return Version(connect.protocolLevel); }
};

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
struct AuthenticateCommand
{
    AuthPacket packet;
};

using ClientCommand =
    std::variant<ConnectCommand, ReconnectCommand, PublishCommand, SubscribeCommand, UnsubscribeCommand,
                 DisconnectCommand, PingCommand, ForgetCommand, AuthenticateCommand>;

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

using ClientEvent = std::variant<ClientCommand, TransportOpened, TransportFailed, TransportClosed, PacketArrived,
                                 MalformedArrived, Tick>;

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

/// The server's DISCONNECT (5.0). Whoever reconnects by itself asks mayReconnectAfter() first.
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
/// The server's AUTH: the application goes on with AuthenticateCommand, or waits.
struct AuthenticationAsked
{
    AuthPacket packet;
};

using ClientEffect =
    std::variant<OpenTransport, SendPacket, CloseTransport, ConnectionAccepted, ConnectionRefused, MessageDelivered,
                 PublishAccepted, PublishCompleted, PublishLost, RequestCompleted, RequestUnanswered, SessionEnded,
                 ViolationFound, CommandRefused, DisconnectReceived, AnswerOverdue, AuthenticationAsked>;
using ClientEffects = std::vector<ClientEffect>;

/// Carries out one event at one instant, appending what has to happen to effects, in order.
void step(ClientSession &session, const ClientEvent &event, Instant now, ClientEffects &effects);

/// When the next Tick is due: keep alive, a missing answer, the session's local end. Nothing: no need to come back.
std::optional<Instant> nextDeadline(const ClientSession &session);

/// False after a DISCONNECT that tells of another instance under the same identifier: both would take turns [D-33].
constexpr bool mayReconnectAfter(ReasonCode serverDisconnect)
{
    return serverDisconnect != ReasonCode::SessionTakenOver;
}

} // namespace sessionscope
