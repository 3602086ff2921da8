// The sending side of QoS 1 and 2, the same for client and broker: one row an open exchange, its stage, its place in
// first-send order, and the send quota of the current connection (session-semantics §6, §7).
// An id is here exactly while it is in use by a PUBLISH, SUBSCRIBE or UNSUBSCRIBE of this direction; 0 never is.
#pragma once

#include "core/base/instant.h"
#include "core/session/message.h"
#include "core/session/row_list.h"

#include <optional>
#include <vector>

namespace sessionscope {

/// Messages open at once, so that SUBSCRIBE and UNSUBSCRIBE always find a free id [D-32].
inline constexpr qsizetype maximumInFlight = 65'000;

enum class OutStage : quint8
{
    AwaitPuback,
    AwaitPubrec,
    AwaitPubcomp
};

/// One QoS 1 or 2 message sent and not completed (C1, C2; S2, S3).
struct OpenExchange
{
    PacketId packetId;
    OutStage stage = OutStage::AwaitPuback;
    bool tookQuota = false;     ///< on the current connection; only then its end gives quota back [D-11]
    bool resendPending = false; ///< resumed and not yet resent on the current connection
    quint64 order = 0;          ///< of the first send, rising
    quint64 releaseOrder = 0;   ///< of the first PUBREC, rising; 0 before
    Delivery delivery;
    quint64 token = 0; ///< the owner's own name for it
    Instant firstSent;

    void forget() { delivery = {}; }
};
static_assert(sizeof(OpenExchange) <= copyOverhead);

/// What an acknowledgement did to its row.
struct AckOutcome
{
    enum class What : quint8
    {
        Completed, ///< the row is gone, the handshake is over
        Proceeds,  ///< QoS 2: answer with PUBREL
        Unmatched, ///< no such row: ignore and count, except that PUBREC wants PUBREL 0x92 [D-07]
        WrongType, ///< the row waits for something else: a protocol error [D-09]
    };
    What what = What::Unmatched;
    std::optional<ReasonCode> pubrel; ///< the reason of the PUBREL to send now
    quint64 token = 0;                ///< of Completed
};

class Outbox
{
public:
    /// A new connection: a fresh quota (MQTT-4.9.0-1), and every open exchange waits for its resend.
    void connected(quint32 sendMaximum);
    /// The connection is gone: ids of SUBSCRIBE and UNSUBSCRIBE are free again, open exchanges stay, nothing can be
    /// sent.
    void disconnected();
    /// The session ended: everything is dropped and returned, in first-send order; ids start from 1 again.
    std::vector<OpenExchange> clear();

    /// Whether a new message may be sent now: quota, a free id, and no resend waiting in front.
    bool canSend() const;
    /// Opens an exchange for a first send. Needs canSend() and QoS 1 or 2. The reference holds until the next call.
    const OpenExchange &open(Delivery delivery, quint64 token, Instant now);

    /// The next exchange to resend as quota allows, marked as resent; nullptr when none may go now.
    /// Stage AwaitPubcomp means PUBREL, the others PUBLISH with DUP 1. In first-send order, the PUBRELs among
    /// themselves in the order of the PUBRECs (MQTT-4.6.0-1, -4); those behind a PUBLISH that lacks quota go past it.
    const OpenExchange *nextResend();

    /// PUBACK, PUBREC or PUBCOMP arrived.
    AckOutcome acknowledge(PacketType type, PacketId id, ReasonCode reason);
    /// Drops one exchange without an acknowledgement (too large or no longer allowed after a resume) and frees its id.
    void drop(PacketId id);

    /// An id for SUBSCRIBE or UNSUBSCRIBE; nothing when all are in use [D-32].
    std::optional<PacketId> openRequest();
    /// False when id is no open request.
    bool closeRequest(PacketId id);

    /// Open exchanges in first-send order.
    std::vector<const OpenExchange *> inOrder() const;
    const OpenExchange *find(PacketId id) const { return m_rows.find(id); }
    bool isInUse(PacketId id) const;
    qsizetype size() const { return m_rows.size(); }
    bool isEmpty() const { return m_rows.isEmpty(); }
    /// The copyBytes() of all open exchanges.
    qsizetype bytes() const { return m_bytes; }
    quint32 quota() const { return m_quota; }
    quint32 maximum() const { return m_maximum; }
    /// The id that the next exchange or request will get; 0 when all are in use.
    PacketId nextId() const;

private:
    bool isRequest(PacketId id) const;
    const OpenExchange *nextRelease();
    const OpenExchange *resend(OpenExchange &row);
    void close(OpenExchange &row);

    RowList<OpenExchange> m_rows;         ///< sorted by order
    std::vector<PacketId> m_requests;     ///< sorted
    std::vector<PacketId> m_owedReleases; ///< PUBRELs to resend, the next one last
    quint64 m_nextOrder = 1;
    quint64 m_resendFrom = 0; ///< everything of a lower order had its turn on this connection
    quint32 m_pendingResends = 0;
    qsizetype m_bytes = 0;
    quint32 m_quota = 0;
    quint32 m_maximum = 0;
    PacketId m_lastId;
};

} // namespace sessionscope
