// The lab: clients, the bundled broker and the framing of their links, stepped as one value.
// Bytes and commands in, bytes and trace records out; every record names the one that caused it. What moves the bytes
// and what time it is are the driver's business.
#pragma once

#include "core/broker/broker.h"
#include "core/lab/link_faults.h"
#include "core/lab/link_table.h"
#include "core/lab/misbehaving_broker.h"
#include "core/lab/misbehaving_client.h"
#include "core/lab/publish_cache.h"
#include "core/link/network.h"
#include "core/session/authenticator.h"
#include "core/session/client_session.h"
#include "core/trace/session_view.h"
#include "core/trace/trace.h"

#include <map>
#include <variant>
#include <vector>

namespace sessionscope {

// ---- commands: what a click, a key, a line of a script can ask for ----

struct AddClient
{
    ClientKey key; ///< chosen by the caller, not 0, not in use
    QByteArray name;
    Endpoint broker;
    ClientPolicy policy = {};
    std::optional<Authentication> authentication = {};
};
/// Other ways from now on; the connection, if there is one, stays.
struct ConfigureClient
{
    ClientKey key;
    ClientPolicy policy = {};
    std::optional<Authentication> authentication = {};
};
struct RemoveClient
{
    ClientKey key;
};
/// Anything the client's application may do.
struct ClientDo
{
    ClientKey key;
    ClientCommand command;
};
/// Break the client's connection without a DISCONNECT.
struct CutLink
{
    ClientKey key;
    CloseHow how = CloseHow::Reset;
};
/// From now on this fault waits for its packets, over all connections of the client, until it has acted as often as it
/// says or is disarmed. Faults of one client are numbered from 1 in the order in which they were armed.
struct ArmFault
{
    ClientKey key;
    Fault fault;
};
/// Forget the faults that wait. What one of them has begun goes on: a silence, a delay.
struct DisarmFaults
{
    ClientKey key;
};
/// As a network that is dead: nothing passes on the open connection, and neither end is told. At its end what was held
/// arrives in order. What the client closes meanwhile is closed for the client only: the other end hears of it after
/// the silence, as a reset, and what was held is lost.
struct SilenceLink
{
    ClientKey key;
    LinkSide which = LinkSide::Both;
    std::optional<Duration> lasts = {}; ///< nothing: as long as the connection; 0: a silence ends now
};
/// Each direction that is meant passes so many bytes a second, on this and all later connections of the client.
struct ThrottleLink
{
    ClientKey key;
    quint32 bytesPerSecond = 0; ///< 0: no limit
    LinkSide which = LinkSide::Both;
    std::optional<Duration> lasts = {}; ///< nothing: until something else is said
};
/// From now on what the other end acknowledges by packets of these types waits on the client's link until it is
/// released, on this and all later connections; an empty list lets new ones go. What stands behind them passes them.
/// What waits is lost with its connection. A HoldAcknowledgements of the client means its own, and of these SUBACK and
/// UNSUBACK.
struct HoldReceived
{
    ClientKey key;
    std::vector<PacketType> types; ///< PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK, UNSUBACK
};
/// What waits there arrives. A ReleaseAcknowledgements of the client does it for SUBACK and UNSUBACK.
struct ReleaseReceived
{
    ClientKey key;
    ReleaseAcknowledgements which;
};
/// Any bytes, on the open connection and behind what was sent before. The client's engine does not know of them.
struct SendRaw
{
    ClientKey key;
    QByteArray bytes;
};
struct ConfigureBroker
{
    BrokerConfig config;
};
enum class BrokerRestart : quint8
{
    Clean,            ///< DISCONNECT 0x8B to each connection; sessions and wills stay
    Crash,            ///< every connection is reset; sessions stay, as in a store that was written in time [D-35]
    CrashLosingStore, ///< the same, and all sessions, wills and retained messages are forgotten [D-35]
};
/// The bundled broker stops and is there again at once. Configuration and access stay.
struct RestartBroker
{
    BrokerRestart how = BrokerRestart::Clean;
};
/// From now on the bundled broker misbehaves in these ways and no other: towards this client, or towards all of them,
/// which ends what was said of single ones. None: it behaves.
struct MisbehaveBroker
{
    BrokerWays ways;
    QByteArray clientId = {}; ///< empty: all
};
/// From now on the client misbehaves in these ways and no other, on this and all later connections.
struct MisbehaveClient
{
    ClientKey key;
    ClientWays ways;
};
struct BrokerDo
{
    std::variant<KickClient, EndSession, ChangeAccess, StoreChanged, ShutDown> command;
};

using LabCommand = std::variant<AddClient, ConfigureClient, RemoveClient, ClientDo, CutLink, ArmFault, DisarmFaults,
                                SilenceLink, ThrottleLink, HoldReceived, ReleaseReceived, SendRaw, MisbehaveClient,
                                ConfigureBroker, RestartBroker, MisbehaveBroker, BrokerDo>;

/// The command in words for the trace, without secrets: 'door: publish "a/b" QoS 1'.
QString commandText(const LabCommand &command);

// ---- what the driver tells ----

/// A peer connected to the listener; link comes from dealLink().
struct LinkAccepted
{
    LinkId link;
    QString peer;
};
struct LinkOpened
{
    LinkId link;
    QString peer;
};
struct LinkFailed
{
    LinkId link;
    QString why;
};
struct BytesArrived
{
    LinkId link;
    QByteArray bytes;
};
/// Bytes were written into the room that roomFor() gave.
struct RoomFilled
{
    LinkId link;
    qsizetype count = 0;
};
struct LinkClosed
{
    LinkId link;
    ClosedBy by = ClosedBy::Us;
    QString detail;
};
/// More bytes than Network::highWaterMark wait to be sent on link.
struct LinkBacklog
{
    LinkId link;
    qsizetype unsent = 0;
};
struct LinkDrained
{
    LinkId link;
};
/// A listener of the bundled broker opened, or all of them closed when url is empty.
struct ListenerChanged
{
    QString url;
};

using LabEvent = std::variant<LabCommand, LinkAccepted, LinkOpened, LinkFailed, BytesArrived, RoomFilled, LinkClosed,
                              LinkBacklog, LinkDrained, ListenerChanged, Tick>;

// ---- what the driver is asked to do ----

struct OpenLink
{
    LinkId link;
    Endpoint endpoint;
};
struct SendBytes
{
    LinkId link;
    QByteArray head;
    QByteArray payload; ///< shared with every other receiver, or empty
};
struct CloseLink
{
    LinkId link;
    CloseHow how = CloseHow::Close;
};
enum class Reading : quint8
{
    Stop,
    Resume
};
struct SetReading
{
    LinkId link;
    Reading reading = Reading::Stop;
};

/// Enhanced authentication: the answer comes back as a command of this client.
struct AskAuthenticator
{
    ClientKey client;
    Authentication authentication;
    AuthenticationAsked asked;
};

using LabEffect = std::variant<OpenLink, SendBytes, CloseLink, SetReading, AskAuthenticator>;
using LabEffects = std::vector<LabEffect>;

// ---- the value ----

/// One of our own clients.
struct LabClient
{
    ClientKey key;
    QByteArray name;
    Endpoint broker;
    std::optional<Endpoint> visits; ///< where a server sent it for the next connection only
    Endpoint target;                ///< of the current link
    std::optional<Authentication> authentication;
    ClientSession session;
    LinkId link; ///< the current one, 0 when there is none
    quint64 delivered = 0;
    ClientFaults faults;
    MisbehavingClient misbehaving;
};

/// Bytes sent after an end was told to wait at which the peer's packets are not read any more, and at which the link is
/// closed. Those before are messages that a slow peer may take its time for; what comes after them are answers.
inline constexpr qsizetype linkStopsReadingAt = 4 * Network::highWaterMark;
inline constexpr qsizetype linkClosesAt = 64 * Network::highWaterMark;

struct Lab
{
    std::map<ClientKey, LabClient> clients;
    Broker broker;
    std::optional<MisbehavingBroker> misbehaving; ///< around the broker, once it was told to misbehave
    Trace trace;
    LinkTable links;
    std::map<LinkId, LinkFaults> linkFaults; ///< of the links that are filtered
    QString listenerUrl;                     ///< of the first listener; empty while the bundled broker does not listen

    // Kept from step to step for their memory only; empty between steps.
    ClientEffects clientEffects;
    BrokerEffects brokerEffects;
    PublishCache publishCache;
    std::vector<SendBytes> pending; ///< encoded in this step, not yet handed to the driver: one entry a link
};

/// The id for the next LinkAccepted.
LinkId dealLink(Lab &lab);

/// Where the missing bytes of a large packet on link belong, so that they need not be copied there; mostly empty. Holds
/// until the next step, which has to be RoomFilled if it was written to.
std::span<char> roomFor(Lab &lab, LinkId link);

/// Carries out one event at one instant, appending what the driver has to do to effects, in order.
void step(Lab &lab, const LabEvent &event, Instant now, LabEffects &effects);

/// When the next Tick is due; nothing: no need to come back.
std::optional<Instant> nextDeadline(const Lab &lab);

/// Everything that can be shown, at one instant.
LabView viewOf(const Lab &lab, Instant now);

} // namespace sessionscope
