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

/// How fast a lane may pass what it has.
struct Throttle
{
    quint32 bytesPerSecond = 0;        ///< 0: no limit
    std::optional<Instant> until = {}; ///< nothing: for ever
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

    void throttle(const Throttle &throttle) { m_throttle = throttle; }

    /// When something may pass, or the silence or the throttle is over.
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
    Throttle m_throttle;
    Instant m_busyUntil = Instant::min(); ///< what has passed took until then
};

/// How the network closed a link whose client cannot know yet.
struct LostLink
{
    ClosedBy by = ClosedBy::Peer;
    QString detail;
};

/// A packet for the client that was set aside: it waits for its release while others pass it.
struct AsidePacket
{
    PacketType type = PacketType::Suback;
    PacketId packetId;
    Instant since;
    bool isReleased = false; ///< and waits only for those before it
    Parcel parcel;
};

/// Of one link of a client, from the first fault that may concern it to its end.
struct LinkFaults
{
    Lane out;
    Lane in;
    std::vector<AsidePacket> aside;    ///< of what arrives
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
    Throttle sent;
    Throttle received;
    std::vector<PacketType> heldTypes; ///< that are set aside when they arrive

    bool isEmpty() const
    {
        return armed.empty() && sent.bytesPerSecond == 0 && received.bytesPerSecond == 0 && heldTypes.empty();
    }
};

} // namespace sessionscope
