// What a lab needs of the outside: open, send, close, listen; and what it is told. One implementation moves bytes
// between ends in memory (PipeNetwork), one over sockets (core/net). Faults wrap it; protocol code never knows.
#pragma once

#include "core/base/link_id.h"
#include "core/link/endpoint.h"

#include <QByteArray>
#include <QByteArrayList>

#include <span>

namespace sessionscope {

/// How our side ends a connection. The last two are for those over TLS and over WebSocket (see canClose); on any other
/// they are Close.
struct CloseHow
{
    enum Way : quint8
    {
        Close,         ///< orderly: send what is queued, say goodbye in the transport's words, then FIN
        Reset,         ///< at once, unsent bytes thrown away, RST where the transport has one
        ResetWhenSent, ///< RST as soon as the peer has what is queued
        /// TLS: what is queued, then FIN, and no close_notify before it. To the peer the stream was cut short.
        WithoutCloseNotify,
        WebSocketClose, ///< WebSocket: what is queued, a close frame with the status, then FIN
    };
    Way way = Close;
    quint16 status = 0; ///< of WebSocketClose

    constexpr CloseHow(Way chosen = Close) : way(chosen) {}
    static constexpr CloseHow webSocket(quint16 status)
    {
        CloseHow how(WebSocketClose);
        how.status = status;
        return how;
    }
    bool operator==(const CloseHow &) const = default;
};

/// Statuses that fit into a close frame on purpose (RFC 6455 §7.4): of the protocol, registered, and private ones.
inline constexpr quint16 leastCloseStatus = 1000;
inline constexpr quint16 mostCloseStatus = 4999;

/// Whether a connection of this scheme can be ended so.
constexpr bool canClose(Scheme scheme, CloseHow how)
{
    if (how.way == CloseHow::WithoutCloseNotify)
        return usesTls(scheme);
    return how.way != CloseHow::WebSocketClose || usesWebSocket(scheme);
}

enum class ClosedBy : quint8
{
    Us,
    Peer,
    PeerReset,
    Error
};

/// Receives what happens on links. Calls come from the network's own turn, never from inside a call to Network.
class LinkSink
{
public:
    virtual ~LinkSink() = default;
    /// A peer connected to a listener; the answer is the id that names this end from now on.
    virtual LinkId linkAccepted(const QString &peerName) = 0;
    virtual void linkOpened(LinkId link, const QString &peerName) = 0;
    virtual void linkFailed(LinkId link, const QString &why) = 0;
    virtual void bytesArrived(LinkId link, const QByteArray &bytes) = 0;
    /// Where the next bytes of link belong, if the sink knows: the network may read into it first, and then calls
    /// roomFilled() before anything else.
    virtual std::span<char> room(LinkId link)
    {
        Q_UNUSED(link)
        return {};
    }
    virtual void roomFilled(LinkId link, qsizetype count)
    {
        Q_UNUSED(link)
        Q_UNUSED(count)
    }
    /// The last call for a link. detail is the transport's words for an error, or for an end that was not the usual
    /// one; else empty.
    virtual void linkClosed(LinkId link, ClosedBy by, const QString &detail) = 0;
    /// unsentBytes() fell to the low-water mark after it had passed the high-water mark.
    virtual void linkDrained(LinkId link) = 0;
    /// The system has nothing left for a further connection (descriptors, memory), in its words. Accepting goes on by
    /// itself when it can; told once for each time it stops.
    virtual void acceptingPaused(const QString &why) { Q_UNUSED(why) }
    /// All bytes of this turn have been handed over: a good moment to flush what they caused.
    virtual void turnEnded() = 0;
};

class Network
{
public:
    virtual ~Network() = default;

    /// Bytes queued on one link above which the sender should stop, and at which it may go on.
    static constexpr qsizetype highWaterMark = 1024 * 1024;
    static constexpr qsizetype lowWaterMark = 256 * 1024;

    virtual void setSink(LinkSink *sink) = 0;
    /// Starts listening. The result has the real port; the error is the system's words. May refuse a second address.
    virtual Result<Endpoint, QString> listen(const Endpoint &endpoint) = 0;
    virtual void stopListening() = 0;
    /// Starts to connect; linkOpened or linkFailed follows.
    virtual void open(LinkId link, const Endpoint &endpoint) = 0;
    /// Queues bytes; they leave at flush(). Both parts are shared, not copied. Unknown links are ignored.
    virtual void send(LinkId link, const QByteArray &head, const QByteArray &payload = {}) = 0;
    /// Writes what is queued, one gathered write a link.
    virtual void flush() = 0;
    /// linkClosed(…, ClosedBy::Us) follows.
    virtual void close(LinkId link, CloseHow how) = 0;
    virtual qsizetype unsentBytes(LinkId link) const = 0;
    /// Stops or resumes reading, so that a flooding peer is slowed by its own socket.
    virtual void setReading(LinkId link, bool on) = 0;
};

} // namespace sessionscope
