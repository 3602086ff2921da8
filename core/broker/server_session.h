// The server's end of one session (S0 to S7 of the session state) and what belongs to one connection only.
// The two are apart: a connection that closes takes its limits, aliases and keep alive with it, and the session stays
// as long as its expiry says. Both are plain values; only the broker's step changes them.
#pragma once

#include "core/base/instant.h"
#include "core/base/link_id.h"
#include "core/broker/access.h"
#include "core/broker/deadline_heap.h"
#include "core/broker/delivery_queue.h"
#include "core/broker/subscription_tree.h"
#include "core/session/inbox.h"
#include "core/session/outbox.h"

#include <memory>
#include <optional>
#include <vector>

namespace sessionscope {

struct ServerSession;

/// A will accepted with CONNECT and neither published nor deleted (S6).
struct ServerWill
{
    Will will;
    quint32 delayInterval = 0; ///< seconds
    OptionalInstant dueAt;     ///< once the connection is closed
};

/// Enhanced authentication on one connection: under way until it accepts, and kept for a re-authentication.
struct ServerAuthentication
{
    QByteArray method;
    std::unique_ptr<AuthenticationExchange> exchange; ///< null: none is under way
    std::optional<ConnectPacket> connect;             ///< waits for the last response; none once accepted
};

/// A PUBREL or PUBCOMP that waits for the store.
struct OwedAnswer
{
    PacketType type = PacketType::Pubcomp;
    PacketId packetId;
    ReasonCode reason = ReasonCode::Success;
};

/// One transport connection, from its opening to its close. Nothing of it is session state.
struct ServerConnection
{
    LinkId link;
    ServerSession *session = nullptr;      ///< null until a CONNECT was accepted
    Version version = Version::V5;         ///< as the CONNECT said
    bool blocked = false;                  ///< the send buffer is full: deliver nothing
    bool requestProblemInformation = true; ///< of the CONNECT
    bool notesOnly = false;                ///< findings do not end it
    quint16 keepAlive = 0;                 ///< seconds in force; 0: no check
    Instant openedAt;
    Instant lastReceived;
    quint32 deadlineSlot = notArmed;
    quint32 maximumPacketSize = 0;      ///< the client's, bytes of a whole packet; 0: no limit
    quint32 sendMaximum = 0;            ///< messages open at once that the client takes
    quint32 receiveMaximum = 0;         ///< messages open at once that the broker takes of it
    quint32 requestedSessionExpiry = 0; ///< as CONNECT gave it; the test of MQTT-3.14.2.2.2 looks at this one [D-03]
    std::unique_ptr<ServerAuthentication> authentication; ///< null without an Authentication Method
    /// [n - 1] is the topic of alias n, empty when not set. Null: none is set.
    std::unique_ptr<std::vector<QByteArray>> inboundAliases;
    /// That leave when the store works again, in their order [D-41]. Null: none.
    std::unique_ptr<std::vector<OwedAnswer>> owedAnswers;
};

/// What is open, held and queued. Made when the first of them comes and given up at a close that leaves none of them:
/// most sessions of a large broker are idle, and these are two thirds of a session.
struct SessionMessages
{
    Outbox outbox;       ///< S2 and S3; a token is the ShareKey behind the copy
    Inbox inbox;         ///< S5
    DeliveryQueue queue; ///< S4

    bool isEmpty() const { return outbox.isEmpty() && inbox.heldCount() == 0 && queue.isEmpty(); }
};

/// A large broker has a hundred thousand of them: keep it small.
struct ServerSession
{
    QByteArray clientId;
    QByteArray userName; ///< as proved, or as the CONNECT said; empty: none. Whose session it is [D-20]
    ServerConnection *connection = nullptr; ///< null while detached
    Instant since;                          ///< of the latest connect or disconnect
    OptionalInstant endsAt;                 ///< once detached; none when it never expires
    quint32 sessionExpiryInterval = 0;      ///< seconds in force; sessionNeverExpires for ever
    quint32 deadlineSlot = notArmed;
    quint32 sharedSubscriptions = 0;                          ///< how many of the subscriptions are shared ones
    quint32 routedSlot = 0;                                   ///< the router's: where the copy of routedBy stands
    quint64 routedBy = 0;                                     ///< the router's: serial of the last message that came
    quint64 dropped = 0;                                      ///< copies that it did not get, whatever the cause
    qsizetype subscriptionBytes = 0;                          ///< the subscriptionBytes() of their filters
    std::vector<std::unique_ptr<Subscription>> subscriptions; ///< sorted by filter
    std::unique_ptr<SessionMessages> messages;                ///< null: nothing of it was needed so far
    std::unique_ptr<ServerWill> will;                         ///< null: none
    std::unique_ptr<const ClientRights> rights;               ///< null: no access list is in force
    Version version = Version::V5;                            ///< of the current or last connection

    bool isConnected() const { return connection != nullptr; }
    /// The same, for looking: an empty one stands for null.
    const SessionMessages &messagesOrNone() const
    {
        static const SessionMessages none;
        return messages ? *messages : none;
    }
    /// 0 while detached.
    LinkId link() const { return connection ? connection->link : LinkId{}; }
};

} // namespace sessionscope
