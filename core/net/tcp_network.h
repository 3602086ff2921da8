// The Network over real sockets: TCP and Unix stream sockets, non-blocking, all of one thread.
//
// It lives in the thread that made it and works from that thread's event loop, one turn at a time: what became known
// since the last turn is told to the sink, every ready socket is read and written once, turnEnded() follows. While
// sockets have more to read than one read takes, a few turns follow each other before the event loop has its own; large
// packets are read several in a turn, so that several leave with one write.
// An idle connection costs a Slot and an entry in a hash, and no buffer. close(Close) sends what is queued, then FIN,
// and waits for the peer's FIN for a limited time, so that the last packet is not overtaken by a reset;
// close(ResetWhenSent) waits as long for the peer's system to acknowledge what was sent, and then resets.
// TLS and WebSocket are set upon it by LayeredNetwork: open() and listen() refuse them here.
#pragma once

#include "core/link/network.h"
#include "core/net/connect_attempt.h"
#include "core/net/listen_socket.h"
#include "core/net/out_queue.h"
#include "core/net/socket_watcher.h"

#include <QHash>
#include <QTimer>

#include <deque>
#include <unordered_map>
#include <vector>

namespace sessionscope {

class TcpNetwork final : public Network
{
public:
    /// One read takes at most this much beside the room of a large packet, and one connection is read once a turn.
    static constexpr qsizetype readSize = 64 * 1024;
    /// Except that a connection whose large packets come as fast as they are read is read again, until the connections
    /// of this turn gave so much in this way. Twice as much, in and out, leaves a processor's cache before it is sent.
    static constexpr qsizetype readAgainBytes = 7 * readSize;
    /// Shorter reads are copied, so that a kept packet does not pin a whole read buffer.
    static constexpr qsizetype copyBelow = 4 * 1024;
    /// How often it is looked whether the peer has taken what comes before a reset.
    static constexpr std::chrono::milliseconds takenCheck{5};
    /// Connections taken from a listener in one turn.
    static constexpr int acceptsPerTurn = 256;

    explicit TcpNetwork(const SocketLimits &limits = {});
    ~TcpNetwork() override;

    void setSink(LinkSink *sink) override { m_sink = sink; }
    /// May be called again for a further address.
    Result<Endpoint, QString> listen(const Endpoint &endpoint) override;
    void stopListening() override;
    void open(LinkId link, const Endpoint &endpoint) override;
    void send(LinkId link, const QByteArray &head, const QByteArray &payload = {}) override;
    void flush() override;
    void close(LinkId link, CloseHow how) override;
    qsizetype unsentBytes(LinkId link) const override;
    void setReading(LinkId link, bool on) override;

    /// Within LinkSink::linkAccepted(): the listener that the peer connected to, as listen() gave it.
    Endpoint acceptedAt() const;
    /// Connections in any state, those still lingering after close() included.
    qsizetype slotCount() const { return qsizetype(m_slots.size() - m_freeSlots.size()); }
    /// Chunks of memory that hold unsent bytes.
    qsizetype chunksInUse() const { return m_pool.inUse(); }

private:
    enum class State : quint8
    {
        Free,
        Connecting,
        Open,
        Lingering
    };

    // One connection. There are many thousands: keep it small.
    struct Slot
    {
        OutQueue out;
        int descriptor = -1;
        quint32 index = 0;      // in m_slots
        quint32 generation = 1; // counts the connections that had this place, so that a late event finds nobody
        LinkId link;
        int writeError = 0; // errno of a failed write: what is left to read comes first
        State state = State::Free;
        quint8 interest = SocketWatcher::Nothing;
        bool reading : 1 = true;
        bool unflushed : 1 = false; // stands in m_unflushed
        bool full : 1 = false;      // the socket took no more; waits for Writable
        bool aboveHigh : 1 = false;
        bool unwatched : 1 = false; // hung up while its owner does not read: would be reported without end
        bool sentFin : 1 = false;   // of a lingering one; or it waits to be reset
        bool resets : 1 = false;    // of a lingering one: ends with a reset once the peer has everything
        bool peerEnded : 1 = false; // of a lingering one: nothing more will be read
    };
    using Token = quint64; // generation and index of a slot, or the descriptor of a listener
    static constexpr Token listenerBit = Token(1) << 63;
    static constexpr quint32 generationMask = 0x7FFF'FFFF;

    enum class News : quint8
    {
        Opened,
        Failed,
        Closed,
        Drained
    };
    struct Notice
    {
        News news = News::Opened;
        LinkId link;
        QString text;
        ClosedBy by = ClosedBy::Us;
    };
    struct Lingering
    {
        Token token;
        QDeadlineTimer deadline;
    };

    // tcp_network.cpp: connections that are open
    void turns();
    void turn();
    void scheduleTurn();
    void tell(Notice notice);
    void tellNotices();
    void handle(const SocketWatcher::Ready &ready);
    void handleOpen(Slot &slot, const SocketWatcher::Ready &ready);
    qsizetype read(Slot &slot);
    void readAll(Slot &slot);
    void bytesRead(LinkId link, qsizetype count);
    void write(Slot &slot);
    void writeFailed(Slot &slot, int error);
    void watch(Slot &slot);
    void endByPeer(Slot &slot, int error);
    void linger(Slot &slot);
    void finish(Slot &slot);
    void resetWhenTaken(Slot &slot);
    void handleLingering(Slot &slot);
    void discard(Slot &slot, CloseHow how);

    Slot &takeSlot(State state, int descriptor);
    Slot *find(LinkId link);
    Slot *find(Token token);
    static Token tokenOf(const Slot &slot) { return Token(slot.generation) << 32 | slot.index; }

    // tcp_network_connect.cpp: connections on their way
    void lookUp(LinkId link, ConnectAttempt &attempt);
    void tryNextAddress(Slot &slot, ConnectAttempt &attempt);
    void handleConnecting(Slot &slot);
    void connected(Slot &slot, const ConnectAttempt &attempt);
    void failToConnect(Slot &slot, QString why);
    void giveUpAddress(Slot &slot, ConnectAttempt &attempt);
    void dropAttempt(LinkId link);
    const ListenSocket *listenerOf(int descriptor) const;
    void accept(int listener);
    void watchListeners(quint8 interest);
    void pauseAccepting(int error);
    void resumeAccepting();
    void checkDeadlines();
    void keepTime();

    const SocketLimits m_limits;
    LinkSink *m_sink = nullptr;
    QObject m_context; // of queued calls and lookups: they end with it
    SocketWatcher m_watcher;
    ChunkPool m_pool;
    std::deque<Slot> m_slots; // grows without moving
    std::vector<quint32> m_freeSlots;
    QHash<LinkId, quint32> m_links;
    std::unordered_map<quint32, ConnectAttempt> m_attempts; // by link
    std::vector<ListenSocket> m_listeners;
    std::deque<Lingering> m_lingering; // in the order of their deadlines
    std::vector<Token> m_unflushed;
    std::vector<Notice> m_notices;
    QByteArray m_readBuffer;
    QTimer m_clock;         // runs while anything has a deadline
    int m_acceptingAt = -1; // the listener's descriptor
    bool m_turnScheduled = false;
    qsizetype m_readAgain = 0;  // bytes, in this turn
    bool m_readWasFull = false; // in this turn: there may be more where it came from
    bool m_acceptingPaused = false;
    bool m_acceptingComplained = false; // told the sink, and nothing could be accepted since
};

} // namespace sessionscope
