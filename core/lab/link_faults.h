// What faults keep of one link: for each direction the packets that have not gone on, in their order, and until when.
// A lane never loses or reorders anything; it says what may pass at an instant and when to ask again.
#pragma once

#include "core/lab/fault.h"
#include "core/mqtt/framer.h"

#include <deque>
#include <vector>

namespace sessionscope {

/// A cut that a fault asks for, and the fault's record.
struct DueCut
{
    CloseHow how = CloseHow::Reset;
    TraceSeq cause;
};

/// Bytes that stay together: one packet, or what SendRaw was given.
struct Parcel
{
    QByteArray bytes;
    Instant notBefore = Instant::min(); ///< a delay; what follows waits with it
    TraceSeq cause;                     ///< of what arrives: the fault's record, or none
    std::optional<DueCut> cut;          ///< once this has passed
    std::optional<Malformed> broken;    ///< instead of bytes: what arrived can be cut into no more packets
};

class Lane
{
public:
    void push(Parcel parcel, Instant now);
    /// What may pass now of the first parcel.
    struct Passed
    {
        QByteArray piece;
        std::optional<Parcel> whole; ///< once the last of it has passed
    };
    std::optional<Passed> pass(Instant now);
    bool isEmpty() const { return m_parcels.empty(); }
    /// Bytes that wait.
    qsizetype size() const { return m_size; }
    void clear();

    /// Nothing passes from now on, until then if that is given.
    void silence(std::optional<Instant> until);
    void endSilence(Instant now);
    bool isSilent() const { return m_isSilent; }
    bool isSilenceOver(Instant now) const { return m_isSilent && m_silentUntil && *m_silentUntil <= now; }

    /// 0: no limit.
    void throttle(quint32 bytesPerSecond) { m_bytesPerSecond = bytesPerSecond; }

    /// When something may pass, or the silence is over.
    std::optional<Instant> nextDeadline() const;

private:
    /// A throttled lane passes bytes in pieces, so many a second.
    static constexpr quint32 piecesPerSecond = 20;

    qsizetype pieceSize() const;
    Instant pieceDue() const;

    std::deque<Parcel> m_parcels;
    qsizetype m_size = 0;
    qsizetype m_passed = 0; ///< bytes of the first parcel
    bool m_isSilent = false;
    std::optional<Instant> m_silentUntil; ///< nothing: for ever
    quint32 m_bytesPerSecond = 0;
    Instant m_busyUntil = Instant::min(); ///< what has passed took until then
};

/// How the network closed a link whose client cannot know yet.
struct LostLink
{
    ClosedBy by = ClosedBy::Peer;
    QString detail;
};

/// Of one link of a client, from the first fault that may concern it to its end.
struct LinkFaults
{
    Lane out;
    Lane in;
    Framer framer;                     ///< of what arrives; the link's own gets what the faults let through
    std::optional<DueCut> cut;         ///< at the end of the step
    std::optional<CloseHow> closeOwed; ///< closed for the client; for the network when the lane out is empty
    std::optional<LostLink> lost;
    bool isMute = false;   ///< behind a cut, or closed: nothing that is sent leaves
    bool isReading = true; ///< the network was not asked to stop
    bool isFull = false;   ///< the client was told that its messages have to wait

    std::optional<Instant> nextDeadline() const;
};

/// A fault and what it has counted.
struct ArmedFault
{
    Fault fault;
    quint32 number = 0; ///< of the client's, from 1
    quint64 matched = 0;

    /// Counts a packet that matches; whether the fault acts on it.
    bool count();
    /// It will not act any more.
    bool isSpent() const { return isBehindLast(matched + 1); }

private:
    bool isBehindLast(quint64 match) const;
};

/// The faults of one client, over its connections.
struct ClientFaults
{
    std::vector<ArmedFault> armed;
    quint32 armedSoFar = 0;
    quint32 bytesPerSecond = 0;

    bool isEmpty() const { return armed.empty() && bytesPerSecond == 0; }
};

} // namespace sessionscope
