// The ladder of a run: what its clients and their broker said to each other, as rows in the order of the trace. Plain
// values, folded once from the trace of a finished run; how they are drawn is a matter of ladder_svg.h.
// Passwords, authentication data and secrets are in no row.
#pragma once

#include "core/trace/recording.h"
#include "core/trace/session_view.h"

namespace sessionscope {

/// Rows a ladder keeps; the oldest go, and Ladder::leftOut counts them.
inline constexpr std::size_t ladderRowLimit = 2'000;

/// One arrow, or one thing that happened beside the packets.
struct LadderRow
{
    enum class Kind : quint8
    {
        Packet,
        Closed,   ///< the connection ended in good order
        Cut,      ///< the connection broke
        Fault,    ///< something was done to a packet or a link on purpose
        Broker,   ///< the broker restarted, or was told something
        Session,  ///< a session was kept, ended or expired; a will was published
        Finding,  ///< a statement was broken
        Standing, ///< how both ends stood after a connection ended
    };

    TraceSeq seq;
    Instant at;
    Kind kind = Kind::Packet;
    qsizetype lane = -1;                   ///< of Ladder::lanes; -1: the broker's own
    Direction direction = Direction::Sent; ///< of a packet, as the client sees it
    bool isLost = false;                   ///< the packet did not reach the other end
    QString text;                          ///< with packet id, QoS, DUP, topic, reason in words
    QString detail;                        ///< the packet with everything in it; empty: text says all
    QString sameness; ///< of a packet: equal for the same packet of another run, whatever its time and ids
};

struct Ladder
{
    QStringList lanes; ///< names of the clients, in their order; the broker's lane follows
    std::vector<LadderRow> rows;
    std::size_t leftOut = 0; ///< rows before the first one kept
};

/// isSeen: the broker is ours, and its end is told too.
Standing standingOf(const LabView &view, ClientKey client, bool isSeen, TraceSeq after);

/// From the trace of a run whose clients have the keys 1, 2, 3 … in the order of their names.
Ladder ladderOf(const Trace &trace, const QStringList &names, const std::vector<Standing> &standings);
/// The same of a recording.
Ladder ladderOf(const Recording &recording);
/// As text, for terminals: a lane a client and one for the broker, an arrow a packet.
QStringList ladderText(const Ladder &ladder);

} // namespace sessionscope
