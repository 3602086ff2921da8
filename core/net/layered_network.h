// The Network over TLS and WebSocket: a TcpNetwork of its own, and for each connection the layers that its scheme sets
// upon it. Back-pressure, time limits, lingering and resets are those of the sockets below.
//
// A peer is told of as soon as its socket is accepted, before its handshakes: who fails at them should be seen, and
// counts among the connections that have not sent a CONNECT. Our own connections are open once the handshakes are done.
#pragma once

#include "core/net/layer_stack.h"
#include "core/net/tcp_network.h"
#include "core/net/tls_context.h"

namespace sessionscope {

class LayeredNetwork final : public Network, private LinkSink
{
public:
    explicit LayeredNetwork(const SocketLimits &limits = {});
    Q_DISABLE_COPY_MOVE(LayeredNetwork)

    void setSink(LinkSink *sink) override;
    /// Reads the certificates; may be called again for a further address. TLS has to have a certificate and its key.
    Result<Endpoint, QString> listen(const Endpoint &endpoint) override;
    void stopListening() override;
    void open(LinkId link, const Endpoint &endpoint) override;
    void send(LinkId link, const QByteArray &head, const QByteArray &payload = {}) override;
    void flush() override;
    void close(LinkId link, CloseHow how) override;
    qsizetype unsentBytes(LinkId link) const override;
    void setReading(LinkId link, bool on) override;

    /// Whether a link is one of these.
    bool knows(LinkId link) const { return m_links.find(link.value) != m_links.end(); }
    const TcpNetwork &sockets() const { return m_sockets; }

private:
    /// What OpenSSL keeps for this thread goes last of all: a thread is waited for a moment before its own end, and
    /// what it has until then may be left behind.
    struct ThreadMemory
    {
        ~ThreadMemory();
    };
    struct Link
    {
        LinkId id;
        LayerEnd end = LayerEnd::Client;
        LayerStack layers;
        QString peerName;
        QByteArray pending; // of the owner: for the next flush(), or until the handshakes are done
        bool isOpen = false;
        bool isFlushed = true;
        bool isReading = true; // as the owner wants it
        bool isClosed = false; // by the owner
    };
    struct Listener
    {
        Endpoint endpoint;
        Endpoint below; // as the sockets know it
        std::shared_ptr<TlsContext> tls;
    };
    struct Handshake
    {
        LinkId link;
        QDeadlineTimer deadline;
    };

    LinkId linkAccepted(const QString &peerName) override;
    void linkOpened(LinkId link, const QString &peerName) override;
    void linkFailed(LinkId link, const QString &why) override;
    void bytesArrived(LinkId link, const QByteArray &bytes) override;
    void linkClosed(LinkId link, ClosedBy by, const QString &detail) override;
    void linkDrained(LinkId link) override;
    void acceptingPaused(const QString &why) override;
    void turnEnded() override;

    Link *find(LinkId id);
    void beginHandshake(Link &link);
    void opened(Link &link);
    void wrap(Link &link);
    void sendDown(Link &link);
    void sayGoodbye(Link &link);
    void giveUp(Link &link, CloseHow how, ClosedBy by, const QString &words);
    void failLater(LinkId id, const QString &why);
    void checkDeadlines();

    ThreadMemory m_threadMemory;
    const SocketLimits m_limits;
    LinkSink *m_sink = nullptr;
    QObject m_context; // of queued calls: they end with it
    TcpNetwork m_sockets;
    std::unordered_map<quint32, Link> m_links;
    std::vector<Listener> m_listeners;
    std::vector<LinkId> m_unflushed;
    std::vector<LinkId> m_ended;        // by their peers, in this turn
    std::deque<Handshake> m_handshakes; // in the order of their deadlines
    QTimer m_clock;                     // runs while there are any
};

} // namespace sessionscope
