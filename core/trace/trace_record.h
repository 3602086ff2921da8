// What happened, as values: one record an event, each with the record that caused it. The one source that window,
// command line, checks and recordings read. Packets are kept as their bytes; readers decode the rows they show.
#pragma once

#include "core/base/instant.h"
#include "core/base/link_id.h"
#include "core/broker/broker.h"
#include "core/mqtt/codec.h"
#include "core/rules/rules.h"
#include "core/session/client_session.h"

#include <QByteArray>
#include <QString>

#include <variant>

namespace sessionscope {

/// Names one client of the lab for its lifetime. 0: none, the record belongs to the broker.
using ClientKey = StrongId<struct ClientKeyTag, quint32>;

/// Position in the trace, from 1. 0 means "no record".
using TraceSeq = StrongId<struct TraceSeqTag, quint64>;

/// Which of our ends saw it.
enum class Role : quint8
{
    Client,
    Broker
};

enum class Direction : quint8
{
    Sent,
    Received
};

struct PacketTrace
{
    Direction direction = Direction::Sent;
    Version version = Version::V5;
    QByteArray head;    ///< the frame, or the frame up to its payload
    QByteArray payload; ///< of a PUBLISH whose payload is shared; else empty
    std::optional<Malformed> malformed;

    qsizetype size() const { return head.size() + payload.size(); }
    QByteArray frame() const { return payload.isEmpty() ? head : head + payload; }
};

enum class LinkChange : quint8
{
    Opening,
    Opened,
    Accepted,
    Failed,
    ClosedByUs,
    Cut,
    ClosedByPeer,
    ResetByPeer,
    Error
};
/// Whether nothing passes on the link from here on.
constexpr bool endsConnection(LinkChange change)
{
    return change != LinkChange::Opening && change != LinkChange::Opened && change != LinkChange::Accepted;
}
struct LinkTrace
{
    LinkChange change = LinkChange::Opened;
    QString detail; ///< peer's name, or the error's words
};

/// What a fault on purpose did on a client's link. A packet's Sent record says what the client believes; a fault's
/// record behind it, with that packet as its cause, says that something else became of it. A fault on a packet that
/// arrives stands before the packet's Received record, as its cause, or instead of it. What the client sends after
/// CutAfter or CutWithin, or while a link is Silenced, has not left where no SilenceOver says that it did.
enum class FaultAct : quint8
{
    CutBefore,  ///< the packet went nowhere, and the connection is cut
    CutAfter,   ///< the packet was the last one that passed
    CutWithin,  ///< a part of the packet was the last that passed
    Dropped,    ///< the packet went nowhere
    Duplicated, ///< it went on twice
    Delayed,    ///< it goes on later, and all behind it
    Held,       ///< it waits until it is released, and what is behind it passes it
    Corrupted,  ///< it went on changed
    Answered,   ///< it went on with another reason code
    Silenced,   ///< it waits, and all behind it
    SilenceOver,
    Throttled,  ///< from it on bytes pass slowly
    Raw,        ///< bytes that are not the engine's own
    Misbehaved, ///< an end did, on either side: the packet that is the cause, or the state, is not as it should be
};
struct FaultTrace
{
    FaultAct act = FaultAct::Dropped;
    quint32 fault = 0; ///< which of the client's, from 1 in the order of arming; 0: a command did it
    QString detail;    ///< the packet, and what was done to it; of Misbehaved the way's name and what it did
    QByteArray bytes;  ///< of a packet that was sent: what went on instead; of one that was received: as it came
};

/// What a user or scenario asked for, in the terms of the command; secrets left out.
struct CommandTrace
{
    QString text;
};

/// A statement broken by one of the two ends, or a limit reached.
struct FindingTrace
{
    rules::Finding finding;
    PacketType packet = PacketType::Reserved; ///< that it is about; Reserved: none
    Version version = Version::V5;            ///< of the connection
};

/// What a client session reported: its effects without those that only ask for I/O.
using ClientReport =
    std::variant<ConnectionAccepted, ConnectionRefused, MessageDelivered, PublishAccepted, PublishCompleted,
                 PublishLost, RequestCompleted, RequestUnanswered, SessionEnded, ViolationFound, CommandRefused,
                 DisconnectReceived, AnswerOverdue, AuthenticationAsked, ReconnectScheduled, ReconnectStopped,
                 ServerRedirected, AcknowledgementHeld, PublishRequeued, ResponseArrived, ResponseOverdue>;
/// What the broker reported: its effects without the packets it sends.
using BrokerReport = std::variant<BrokerClose, ServerSessionChanged, MessageDropped, WillPublished, BrokerRefused>;

struct ClientNote
{
    ClientReport effect;
};
struct BrokerNote
{
    BrokerReport effect;
};

using TraceEvent = std::variant<PacketTrace, LinkTrace, FaultTrace, CommandTrace, FindingTrace, ClientNote, BrokerNote>;

struct TraceRecord
{
    TraceSeq seq;
    TraceSeq cause; ///< the record that triggered it; 0 for an input from outside
    Instant at;
    Role role = Role::Client;
    ClientKey client; ///< of Role::Client
    LinkId link;
    TraceEvent what;
};

} // namespace sessionscope
