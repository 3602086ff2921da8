// A Network inside one process: what one end sends, the other end receives when the driver says so. There is no clock
// and no thread; the same calls give the same order of events, always, which is what virtual time and replay stand on.
//
// One call of deliver() is one turn: it hands over what had been flushed, opened and closed before it began. What the
// sink does meanwhile waits for the next turn. Bytes stay with their sender, and count as unsent there, until the
// receiving end reads them. Delays and losses are decorators' business.
#pragma once

#include "core/link/network.h"

#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

namespace sessionscope {

class PipeNetwork final : public Network
{
public:
    /// The port that listening on port 0 gives.
    static constexpr quint16 defaultPort = 1883;

    void setSink(LinkSink *sink) override { m_sink = sink; }
    /// One listener at a time. open() reaches it with the same scheme and port (or path of a Unix socket), whatever
    /// the host is called.
    Result<Endpoint, QString> listen(const Endpoint &endpoint) override;
    void stopListening() override { m_listener.reset(); }
    void open(LinkId link, const Endpoint &endpoint) override;
    void send(LinkId link, const QByteArray &head, const QByteArray &payload = {}) override;
    void flush() override;
    /// Close lets the peer have what was queued, then linkClosed(Peer), and ResetWhenSent linkClosed(PeerReset). Reset
    /// throws away what is under way in both directions and gives the peer linkClosed(PeerReset).
    void close(LinkId link, CloseHow how) override;
    qsizetype unsentBytes(LinkId link) const override;
    void setReading(LinkId link, bool on) override;

    /// One turn. False, and no call to the sink, when there was nothing to do.
    bool deliver();
    /// Hands over at most limit of the bytes that sender has under way, and nothing else; returns how many. This is
    /// how a cut comes to lie in the middle of a packet.
    qsizetype deliver(LinkId sender, qsizetype limit);
    /// Bytes that sender flushed and its peer has not received.
    qsizetype bytesUnderWay(LinkId sender) const;
    /// Breaks the connection for both ends at once: bytes under way are lost, both ends get linkClosed(PeerReset).
    void cut(LinkId link);
    /// The other end of an open connection, else no link.
    LinkId peerOf(LinkId link) const;
    /// Ends that still hold a place: open ones, and closed ones whose last bytes were not delivered.
    qsizetype endCount() const { return qsizetype(m_ends.size()); }

private:
    struct End
    {
        LinkId id;
        LinkId peer;                            // none while connecting, and once nothing can come from there any more
        QByteArray queued;                      // sent, not flushed
        QByteArray underWay;                    // flushed, not delivered
        std::unique_ptr<const Endpoint> wanted; // while connecting
        QString detail;                         // of the linkClosed that is due
        ClosedBy by = ClosedBy::Us;             // of the linkClosed that is due
        bool reading = true;
        bool closing = false;   // linkClosed is due or was given: nothing else may reach the owner
        bool ownerGone = false; // linkClosed was given; only bytes under way and FIN are left
        bool finishing = false; // FIN follows the last byte, or a reset
        ClosedBy finishesAs = ClosedBy::Peer;
        bool scheduled = false; // a Bytes entry for this sender stands in m_work
        bool aboveHigh = false;
        qsizetype unsent() const { return queued.size() + underWay.size(); }
    };

    enum class Task : quint8
    {
        Open,
        Bytes,
        Closed
    };
    struct Work
    {
        Task task = Task::Bytes;
        LinkId link;
    };

    End *find(LinkId link);
    const End *find(LinkId link) const;
    /// The end, unless its owner closed it or was told that it is closed.
    End *findInUse(LinkId link);
    void schedule(End &sender);
    void announceClosed(End &end, ClosedBy by, const QString &detail = {});
    void separate(End &end, End &peer);
    void flushEnd(End &end);
    void connectEnds(LinkId opener);
    void deliverBytes(LinkId sender, qsizetype limit);
    void finish(LinkId sender);
    void closeEnd(LinkId link);

    LinkSink *m_sink = nullptr;
    std::optional<Endpoint> m_listener;
    std::unordered_map<quint32, End> m_ends;
    std::vector<LinkId> m_unflushed;
    std::vector<Work> m_work;
    std::vector<Work> m_turn; // what the turn in progress carries out; kept for its memory
};

} // namespace sessionscope
