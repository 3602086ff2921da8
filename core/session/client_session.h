// The client's end of a session as a plain struct, and the one function that changes it.
// Holds the session state of session-semantics C0 to C3 and what belongs to the current connection; does no I/O, reads
// no clock, decides nothing about when to reconnect.
#pragma once

#include "core/session/client_events.h"
#include "core/session/inbox.h"
#include "core/session/message.h"
#include "core/session/outbox.h"

#include <deque>
#include <map>
#include <vector>

namespace sessionscope {

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

/// Packets that may come behind a CONNACK while the authenticator looks at it; more close the connection.
inline constexpr std::size_t maximumUnread = 10'000;

/// Times that a client goes where servers send it before one of them keeps it.
inline constexpr quint32 maximumRedirects = 8;

/// How a client comes back by itself. The waits double from the first to the longest, each up to a quarter shorter by
/// chance, so that a thousand devices do not come back at once; they begin anew after a connection that outlasted the
/// longest.
struct ReconnectPolicy
{
    bool automatic = false;
    Duration firstWait = std::chrono::seconds(1);
    Duration longestWait = std::chrono::minutes(1);
    quint32 maximumAttempts = 0; ///< in a row; 0: no end
    bool afterTakeover = false;  ///< also then: two that do so take turns for ever [D-33]
    quint64 seed = 1;            ///< of the chance
};

/// What a client does on its own, apart from the standard.
struct ClientPolicy
{
    bool adoptUnknownSession = false;        ///< accept Session Present 1 without own state [D-04]
    bool resubscribeWhenFresh = false;       ///< send the remembered subscriptions again after Session Present 0
    bool cleanAfterUnansweredResume = false; ///< rather lose the session than resume one in doubt [D-39]
    bool noteViolationsOnly = false;         ///< note a finding and go on, instead of answering as the standard demands
    bool useTopicAliases = false;            ///< give each topic an alias while the server takes more
    bool ignoreServerLimits = false;         ///< send what the CONNACK said the server does not take: a fault
    bool republishLost = false;              ///< publish again what its session's end left unknown [D-34]
    bool followRedirects = false;            ///< go where UseAnotherServer and ServerMoved name a server [D-37]
    bool authenticatorAnswers = false;       ///< wait for AuthenticateCommand before CONNECT and after AUTH
    ReconnectPolicy reconnect;
    quint16 v3SendMaximum = 20; ///< messages open at once towards a server before 5.0, which announces no limit
    Duration answerWait = std::chrono::seconds(30); ///< for CONNACK and PINGRESP; 0: for ever
};

/// What ended the last connection, as far as this end knows.
struct ConnectionEnding
{
    enum class Cause : quint8
    {
        Lost, ///< the transport broke, was never there, or an answer did not come
        OnPurpose,
        Violation, ///< this end closed over it
        Refused,   ///< CONNACK with a reason
        SentAway,  ///< DISCONNECT of the server (5.0)
    };
    Cause cause = Cause::Lost;
    quint8 code = 0; ///< of Refused and SentAway
    bool operator==(const ConnectionEnding &) const = default;
};

/// An acknowledgement that was not sent because it is held, or stands behind one that is.
struct HeldAcknowledgement
{
    PacketType type = PacketType::Puback;
    PacketId packetId;
    ReasonCode reason = ReasonCode::Success;
    Instant since;
    bool released = false; ///< goes as soon as those before it have gone
    bool operator==(const HeldAcknowledgement &) const = default;
};

/// A request whose response has not come.
struct AwaitedResponse
{
    PublishToken token;
    QByteArray responseTopic;
    Instant askedAt;
    Instant dueAt;
    bool operator==(const AwaitedResponse &) const = default;
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
    quint32 neverSentQos0 = 0; ///< how many of these: they came while the link was blocked
    std::map<QByteArray, SubscriptionOptions> subscriptions; ///< what this client asked for and was granted
    std::map<QByteArray, quint32> subscriptionIdentifiers;   ///< of those that have one
    std::map<QByteArray, AwaitedResponse> awaitedResponses;  ///< by Correlation Data

    // The current connection
    ClientConnection connection = ClientConnection::Closed;
    ConnectPacket connect;                   ///< as last written or about to be
    bool cleanStartAsked = true;             ///< what the user wanted of it; connect says what [D-40] made of that
    std::optional<ConnackPacket> connack;    ///< of the current or last accepted connection
    bool cleanStartOwed = false;             ///< a CONNECT with Clean Start 1 was written and not yet accepted [D-40]
    bool resubscribeOwed = false;            ///< subscribing again stayed unanswered: the server may not have it
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
    std::vector<HeldAcknowledgement> heldAcks;      ///< in the order in which they were due
    std::optional<ConnackPacket> unverifiedConnack; ///< waits for the authenticator's word
    std::vector<PacketArrived> unread;              ///< came behind it, at most maximumUnread
    bool isReauthenticating = false;
    bool isBlocked = false; ///< the transport takes no more for now: messages wait, answers go

    // The way back
    ConnectionEnding ending; ///< of this or the last connection
    std::optional<Instant> acceptedAt;
    std::optional<Instant> reconnectAt; ///< set while disconnected and coming back
    quint32 reconnectAttempts = 0;      ///< in a row
    quint32 redirects = 0;              ///< in a row
    QByteArray serverReference;         ///< where to go when this connection has closed; empty: nowhere

    ClientPolicy policy;
    std::vector<PacketType> heldAckTypes; ///< not sent until released
    quint64 nextToken = 1;
    quint32 unmatchedAcks = 0; ///< acknowledgements of ids that are not open: ignored and counted [D-09]

    Version version() const { return Version(connect.protocolLevel); }
};

/// Carries out one event at one instant, appending what has to happen to effects, in order.
void step(ClientSession &session, const ClientEvent &event, Instant now, ClientEffects &effects);

/// When the next Tick is due: keep alive, a missing answer, the session's local end. Nothing: no need to come back.
std::optional<Instant> nextDeadline(const ClientSession &session);

/// Whether trying the same again could end differently. False after the server's word that another instance uses the
/// identifier, when both would take turns [D-33], and after refusals of the CONNECT itself.
bool mayReconnectAfter(const ConnectionEnding &ending, Version version);

} // namespace sessionscope
