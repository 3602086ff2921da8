#include "core/net/layered_network.h"

#include "core/net/tls_layer.h"
#include "core/net/web_socket_layer.h"

#include <openssl/crypto.h>

#include <algorithm>

namespace sessionscope {

namespace {

// How often it is looked for handshakes that take too long.
constexpr std::chrono::milliseconds handshakeCheck{100};

Endpoint withoutLayers(const Endpoint &endpoint)
{
    return {Scheme::Tcp, endpoint.host, endpoint.port, {}, {}};
}

LayerStack makeLayers(LayerEnd end, const Endpoint &endpoint, const TlsContext *tls)
{
    LayerStack layers;
    if (tls)
        layers.add(std::make_unique<TlsLayer>(*tls, endpoint.host));
    if (usesWebSocket(endpoint.scheme))
        layers.add(std::make_unique<WebSocketLayer>(end, endpoint));
    return layers;
}

} // namespace

LayeredNetwork::ThreadMemory::~ThreadMemory()
{
    OPENSSL_thread_stop();
}

LayeredNetwork::LayeredNetwork(const SocketLimits &limits) : m_limits(limits), m_sockets(limits)
{
    m_clock.setInterval(handshakeCheck);
    QObject::connect(&m_clock, &QTimer::timeout, &m_context, [this] { checkDeadlines(); });
}

void LayeredNetwork::setSink(LinkSink *sink)
{
    m_sink = sink;
    m_sockets.setSink(sink ? this : nullptr);
}

Result<Endpoint, QString> LayeredNetwork::listen(const Endpoint &endpoint)
{
    std::shared_ptr<TlsContext> tls;
    if (usesTls(endpoint.scheme)) {
        auto made = TlsContext::make(LayerEnd::Server, endpoint.tls);
        if (!made)
            return made.error();
        tls = *made;
    }
    const auto below = m_sockets.listen(withoutLayers(endpoint));
    if (!below)
        return below.error();
    Endpoint real = endpoint;
    real.port = below->port;
    m_listeners.push_back({real, *below, tls});
    return real;
}

void LayeredNetwork::stopListening()
{
    m_sockets.stopListening();
    m_listeners.clear();
}

void LayeredNetwork::open(LinkId id, const Endpoint &endpoint)
{
    Link &link = m_links[id.value];
    link.id = id;
    std::shared_ptr<TlsContext> tls;
    if (usesTls(endpoint.scheme)) {
        auto made = TlsContext::make(LayerEnd::Client, endpoint.tls);
        if (!made)
            return failLater(id, made.error());
        tls = *made;
    }
    link.layers = makeLayers(LayerEnd::Client, endpoint, tls.get());
    m_sockets.open(id, withoutLayers(endpoint));
}

void LayeredNetwork::send(LinkId id, const QByteArray &head, const QByteArray &payload)
{
    Link *link = find(id);
    if (!link || link->isClosed)
        return;
    link->pending += head;
    link->pending += payload;
    if (std::exchange(link->isFlushed, false))
        m_unflushed.push_back(id);
}

void LayeredNetwork::flush()
{
    for (const LinkId id : std::exchange(m_unflushed, {})) {
        if (Link *link = find(id)) {
            link->isFlushed = true;
            if (link->isOpen && !link->isClosed)
                wrap(*link);
        }
    }
    m_sockets.flush();
}

void LayeredNetwork::close(LinkId id, CloseHow how)
{
    Link *link = find(id);
    if (!link || link->isClosed)
        return;
    link->isClosed = true;
    if (how != CloseHow::Reset && link->isOpen) {
        wrap(*link);
        if (how != CloseHow::ResetWhenSent)
            link->layers.close(how);
        sendDown(*link);
    }
    const bool resets = how == CloseHow::Reset || how == CloseHow::ResetWhenSent;
    m_sockets.close(id, resets ? how : CloseHow::Close);
}

qsizetype LayeredNetwork::unsentBytes(LinkId id) const
{
    const auto found = m_links.find(id.value);
    return found == m_links.end() || found->second.isClosed ? 0
                                                            : found->second.pending.size() + m_sockets.unsentBytes(id);
}

void LayeredNetwork::setReading(LinkId id, bool on)
{
    Link *link = find(id);
    if (!link)
        return;
    link->isReading = on;
    if (link->isOpen) // the handshakes have to be read
        m_sockets.setReading(id, on);
}

LayeredNetwork::Link *LayeredNetwork::find(LinkId id)
{
    const auto found = m_links.find(id.value);
    return found == m_links.end() ? nullptr : &found->second;
}

// ---- from below ----

LinkId LayeredNetwork::linkAccepted(const QString &peerName)
{
    const auto listener = std::ranges::find(m_listeners, m_sockets.acceptedAt(), &Listener::below);
    Q_ASSERT(listener != m_listeners.end());
    LayerStack layers = makeLayers(LayerEnd::Server, listener->endpoint, listener->tls.get());
    const LinkId id = m_sink->linkAccepted(peerName);
    Link &link = m_links[id.value];
    link.id = id;
    link.end = LayerEnd::Server;
    link.layers = std::move(layers);
    link.peerName = peerName;
    beginHandshake(link);
    return id;
}

void LayeredNetwork::linkOpened(LinkId id, const QString &peerName)
{
    Link &link = *find(id);
    link.peerName = peerName;
    beginHandshake(link);
    if (link.layers.state() == Layer::State::Failed)
        return giveUp(link, CloseHow::Close, ClosedBy::Error, link.layers.words());
    sendDown(link);
    m_sockets.flush();
}

void LayeredNetwork::linkFailed(LinkId id, const QString &why)
{
    m_links.erase(id.value);
    m_sink->linkFailed(id, why);
}

void LayeredNetwork::beginHandshake(Link &link)
{
    link.layers.start();
    m_handshakes.push_back({link.id, QDeadlineTimer(m_limits.handshake)});
    if (!m_clock.isActive())
        m_clock.start();
}

void LayeredNetwork::bytesArrived(LinkId id, const QByteArray &bytes)
{
    Link *link = find(id);
    if (!link || link->isClosed)
        return;
    link->layers.setBacklogged(m_sockets.unsentBytes(id) > highWaterMark);
    link->layers.receive(bytes);
    sendDown(*link);
    if (!link->isOpen && link->layers.state() == Layer::State::Open)
        opened(*link);
    m_sockets.flush();
    const QByteArray arrived = link->layers.takeUp();
    if (!arrived.isEmpty() && !link->isClosed)
        m_sink->bytesArrived(id, arrived);
    const Layer::State state = link->layers.state();
    if (link->isClosed || state == Layer::State::Handshaking || state == Layer::State::Open)
        return;
    // A peer that only stopped sending may still want its answers, which are there at the end of the turn.
    if (link->isOpen && state == Layer::State::Ended)
        m_ended.push_back(id);
    else
        sayGoodbye(*link);
}

// To a peer that did, or that broke a rule; also in the layers below the one that is over.
void LayeredNetwork::sayGoodbye(Link &link)
{
    const ClosedBy by = link.layers.state() == Layer::State::Failed ? ClosedBy::Error : ClosedBy::Peer;
    const QString words = link.layers.words();
    wrap(link);
    link.layers.close(CloseHow::Close);
    sendDown(link);
    giveUp(link, CloseHow::Close, by, words);
}

void LayeredNetwork::opened(Link &link)
{
    link.isOpen = true;
    m_sockets.setReading(link.id, link.isReading);
    const QString agreed = link.layers.agreed();
    if (link.end == LayerEnd::Client)
        m_sink->linkOpened(link.id, agreed.isEmpty() ? link.peerName : link.peerName + QStringLiteral(", ") + agreed);
    // What was flushed while connecting leaves now.
    if (!link.isClosed && link.isFlushed)
        wrap(link);
}

void LayeredNetwork::linkClosed(LinkId id, ClosedBy by, const QString &detail)
{
    Link *link = find(id);
    if (!link) // given up here, which its owner knows
        return;
    if (link->isClosed) {
        m_links.erase(id.value);
        return m_sink->linkClosed(id, ClosedBy::Us, {});
    }
    const bool isOurs = link->end == LayerEnd::Client && !link->isOpen;
    const QString ended = isOurs ? QStringLiteral("the other end closed the connection ") : QString();
    giveUp(*link, CloseHow::Reset, by, by == ClosedBy::Peer ? ended + link->layers.cutShort() : detail);
}

void LayeredNetwork::linkDrained(LinkId id)
{
    Link *link = find(id);
    if (!link || link->isClosed)
        return;
    link->layers.setBacklogged(false);
    sendDown(*link);
    m_sockets.flush();
    m_sink->linkDrained(id);
}

void LayeredNetwork::acceptingPaused(const QString &why)
{
    m_sink->acceptingPaused(why);
}

void LayeredNetwork::turnEnded()
{
    m_sink->turnEnded();
    if (m_ended.empty())
        return;
    for (const LinkId id : std::exchange(m_ended, {})) {
        if (Link *link = find(id); link && !link->isClosed)
            sayGoodbye(*link);
    }
    m_sink->turnEnded();
}

// ---- down ----

void LayeredNetwork::wrap(Link &link)
{
    const QByteArray bytes = std::exchange(link.pending, {});
    if (bytes.isEmpty() || !link.layers.canSend())
        return;
    link.layers.send(bytes);
    sendDown(link);
    if (link.layers.state() == Layer::State::Failed)
        failLater(link.id, link.layers.words());
}

void LayeredNetwork::sendDown(Link &link)
{
    if (const QByteArray bytes = link.layers.takeDown(); !bytes.isEmpty())
        m_sockets.send(link.id, bytes);
}

// The connection is over for its owner; the socket is closed if it is not yet.
void LayeredNetwork::giveUp(Link &link, CloseHow how, ClosedBy by, const QString &words)
{
    const LinkId id = link.id;
    const bool neverOpened = link.end == LayerEnd::Client && !link.isOpen;
    const QString why = link.peerName + QStringLiteral(": ") + (words.isEmpty() ? link.layers.cutShort() : words);
    m_links.erase(id.value);
    m_sockets.close(id, how);
    if (neverOpened)
        m_sink->linkFailed(id, why);
    else
        m_sink->linkClosed(id, by, words);
}

// The sink is never called from inside a call.
void LayeredNetwork::failLater(LinkId id, const QString &why)
{
    QMetaObject::invokeMethod(
        &m_context,
        [this, id, why] {
            Link *link = find(id);
            if (!link || !m_sink)
                return;
            if (link->isOpen) {
                if (!link->isClosed) // else its owner hears of it from the socket
                    giveUp(*link, CloseHow::Close, ClosedBy::Error, why);
            } else {
                const bool isClosed = link->isClosed;
                m_links.erase(id.value);
                if (isClosed)
                    m_sink->linkClosed(id, ClosedBy::Us, {});
                else
                    m_sink->linkFailed(id, why);
            }
            m_sink->turnEnded();
        },
        Qt::QueuedConnection);
}

void LayeredNetwork::checkDeadlines()
{
    bool toldAny = false;
    while (!m_handshakes.empty()) {
        const Handshake &first = m_handshakes.front();
        Link *link = find(first.link);
        const bool isUnderWay = link && !link->isOpen && !link->isClosed;
        if (isUnderWay && !first.deadline.hasExpired())
            break;
        m_handshakes.pop_front();
        if (!isUnderWay || !m_sink)
            continue;
        toldAny = true;
        giveUp(*link, CloseHow::Reset, ClosedBy::Error,
               QStringLiteral("no end of the %1 handshake within %2 s")
                   .arg(link->layers.handshake())
                   .arg(double(m_limits.handshake.count()) / 1000));
    }
    if (m_handshakes.empty())
        m_clock.stop();
    if (toldAny)
        m_sink->turnEnded();
}

} // namespace sessionscope
