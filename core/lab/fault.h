// Faults on purpose, as values: which packet of a client's connection they wait for and what they do to it. They are
// carried out by a filter over the bytes of the client's own links (lab_faults.cpp), so they work the same against the
// bundled broker in memory and against any broker over sockets; neither engine knows of them.
#pragma once

#include "core/base/instant.h"
#include "core/link/network.h"
#include "core/mqtt/packet.h"
#include "core/trace/trace_record.h"

#include <limits>
#include <optional>
#include <variant>

namespace sessionscope {

/// Which packets of a client a fault is about. What is not given matches any.
struct PacketMatch
{
    Direction direction = Direction::Sent; ///< as the client sees it
    std::optional<PacketType> type = {};
    std::optional<Qos> qos = {};           ///< of a PUBLISH
    std::optional<PacketId> packetId = {}; ///< of any packet that has one
    std::optional<bool> dup = {};          ///< of a PUBLISH
    QByteArray topic = {};                 ///< a filter over the topic of a PUBLISH, aliases resolved; empty: any
    quint32 nth = 1;                       ///< from 1: of those that match, counted since arming, over connections
    bool operator==(const PacketMatch &) const = default;
};

/// Whether a packet is one of these; nth is not looked at. topic is that of a PUBLISH with its alias resolved.
bool matches(const PacketMatch &match, Direction direction, const Packet &packet, const QByteArray &topic);

enum class Moment : quint8
{
    Before,
    After
};

/// The connection breaks at the packet. Sent and Before: it never leaves. Sent and After: the other end gets it, and
/// then the end of the connection. Received and Before: the client never sees it. Received and After: the client has
/// dealt with it, and nothing that it answers leaves. What was sent earlier arrives in every case, also with Reset.
struct CutFault
{
    Moment moment = Moment::After;
    std::optional<qsizetype> afterBytes =
        {}; ///< instead of the moment: exactly so many bytes of the packet get through
    CloseHow how = CloseHow::Reset;
    bool operator==(const CutFault &) const = default;
};
/// A part of a packet: so many bytes, or as many of them as there are.
struct ByteRange
{
    qsizetype offset = 0; ///< from the packet's first byte
    qsizetype count = std::numeric_limits<qsizetype>::max();
    bool operator==(const ByteRange &) const = default;
};
/// The packet is gone, or a part of it, whose other bytes then stand side by side; the connection goes on. TCP cannot
/// do this: it is a fault of an implementation or a proxy.
struct DropFault
{
    std::optional<ByteRange> part = {}; ///< nothing: the whole packet
    bool operator==(const DropFault &) const = default;
};
/// The packet comes twice, or a part of it does, one right behind the other.
struct DuplicateFault
{
    std::optional<ByteRange> part = {}; ///< nothing: the whole packet
    bool operator==(const DuplicateFault &) const = default;
};
/// The packet, or what is left of it from one of its bytes on, and all behind it in its direction wait.
struct DelayFault
{
    Duration delay{};
    qsizetype offset = 0; ///< bytes that go on at once; outside the packet nothing happens
    bool operator==(const DelayFault &) const = default;
};
/// One byte is changed. The offset counts from the packet's first byte; outside the packet nothing happens.
struct CorruptFault
{
    qsizetype offset = 0;
    quint8 mask = 0xFF; ///< bits that are turned over
    bool operator==(const CorruptFault &) const = default;
};
/// A PUBACK, PUBREC, PUBREL, PUBCOMP or UNSUBACK goes on with this reason code, 5.0 only: earlier ones have none, and
/// match never. A SUBACK of any version goes on with it for each of its filters.
struct AnswerFault
{
    ReasonCode reason = ReasonCode::UnspecifiedError;
    bool operator==(const AnswerFault &) const = default;
};

/// Directions of a link, as the client sees it.
enum class LinkSide : quint8
{
    Sent,
    Received,
    Both
};
/// Whether the one direction is among what is meant.
constexpr bool isOf(LinkSide side, LinkSide lane)
{
    return side == lane || side == LinkSide::Both;
}
/// From this packet on nothing passes, and neither end is told: see SilenceLink.
struct SilenceFault
{
    LinkSide which = LinkSide::Both;
    std::optional<Duration> lasts = {}; ///< nothing: as long as the connection
    bool operator==(const SilenceFault &) const = default;
};

/// From this packet on each direction that is meant passes so many bytes a second: see ThrottleLink.
struct ThrottleFault
{
    quint32 bytesPerSecond = 0; ///< 0: no limit
    LinkSide which = LinkSide::Both;
    std::optional<Duration> lasts = {}; ///< nothing: until something else is said
    bool operator==(const ThrottleFault &) const = default;
};

using FaultKind = std::variant<CutFault, DropFault, DuplicateFault, DelayFault, CorruptFault, AnswerFault, SilenceFault,
                               ThrottleFault>;

/// A fault that waits for its packet. Several may act on one packet; each counts for itself.
struct Fault
{
    PacketMatch match = {};
    FaultKind kind = {};
    quint32 times = 1; ///< it acts on so many matches, from the nth on; 0: on all
    bool operator==(const Fault &) const = default;
};

/// "close", "reset", "without close_notify", "WebSocket close 1001".
QString closeText(CloseHow how);
/// Why a connection of this scheme cannot be closed so; nullptr when it can.
const char *whyNotClosed(Scheme scheme, CloseHow how);
/// "the 2nd PUBREC sent: cut after it, reset".
QString faultText(const Fault &fault);
/// "10s", "1.5 ms".
QString durationText(Duration duration);
/// "silence what is received for 10s".
QString silenceText(LinkSide which, const std::optional<Duration> &lasts);
/// "throttle what is sent to 100 bytes a second for 10s", "throttle no more".
QString throttleText(const ThrottleFault &throttle);

} // namespace sessionscope
