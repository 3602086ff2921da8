// Connections on their way: listening, accepting, looking up, connecting, and everything that has a deadline.
#include "core/net/tcp_network.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace sessionscope {

namespace {

bool isSupported(Scheme scheme)
{
    return scheme == Scheme::Tcp || scheme == Scheme::UnixSocket;
}

QString notSupported(const Endpoint &endpoint)
{
    return QStringLiteral("%1: plain sockets carry mqtt:// and unix:// only").arg(toUrl(endpoint));
}

bool meansNothingLeft(int error)
{
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

// Every connection is a descriptor, and the customary soft limit of 1 024 is for programs that use select().
void raiseDescriptorLimit()
{
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

} // namespace

Result<Endpoint, QString> TcpNetwork::listen(const Endpoint &endpoint)
{
    if (!isSupported(endpoint.scheme))
        return notSupported(endpoint);
    auto listener = ListenSocket::open(endpoint);
    if (!listener)
        return listener.error();
    raiseDescriptorLimit();
    for (const int descriptor : listener->descriptors())
        m_watcher.add(descriptor, listenerBit | Token(descriptor), SocketWatcher::Readable);
    m_listeners.push_back(std::move(listener).value());
    return m_listeners.back().endpoint();
}

void TcpNetwork::stopListening()
{
    m_listeners.clear();
}

void TcpNetwork::open(LinkId link, const Endpoint &endpoint)
{
    Q_ASSERT(link != LinkId{} && !find(link));
    Slot &slot = takeSlot(State::Connecting, -1);
    slot.link = link;
    m_links.insert(link, slot.index);
    if (!isSupported(endpoint.scheme)) {
        failToConnect(slot, notSupported(endpoint));
        return;
    }
    ConnectAttempt &attempt = m_attempts.try_emplace(link.value, endpoint, m_limits).first->second;
    keepTime();
    if (endpoint.scheme == Scheme::UnixSocket) {
        const auto address = unixAddress(endpoint.path);
        if (!address) {
            failToConnect(slot, address.error());
            return;
        }
        attempt.setAddress(*address);
    } else if (const auto address = numericAddress(endpoint.host, endpoint.port)) {
        attempt.setAddress(*address);
    } else {
        lookUp(link, attempt);
        return;
    }
    tryNextAddress(slot, attempt);
}

void TcpNetwork::lookUp(LinkId link, ConnectAttempt &attempt)
{
    attempt.lookup = QHostInfo::lookupHost(attempt.endpoint().host, &m_context, [this, link](const QHostInfo &info) {
        const auto found = m_attempts.find(link.value);
        if (found == m_attempts.end())
            return;
        found->second.setAddresses(info);
        tryNextAddress(*find(link), found->second);
    });
}

void TcpNetwork::tryNextAddress(Slot &slot, ConnectAttempt &attempt)
{
    const auto progress = attempt.tryNext(slot.descriptor);
    if (progress == ConnectAttempt::Progress::Failed) {
        failToConnect(slot, attempt.error());
        return;
    }
    slot.interest = SocketWatcher::Writable;
    m_watcher.add(slot.descriptor, tokenOf(slot), slot.interest);
    if (progress == ConnectAttempt::Progress::Connected)
        connected(slot, attempt);
}

void TcpNetwork::handleConnecting(Slot &slot)
{
    ConnectAttempt &attempt = m_attempts.at(slot.link.value);
    const int error = pendingError(slot.descriptor);
    if (error == 0) {
        connected(slot, attempt);
        return;
    }
    attempt.noteFailure(error);
    ::close(std::exchange(slot.descriptor, -1));
    tryNextAddress(slot, attempt);
}

void TcpNetwork::connected(Slot &slot, const ConnectAttempt &attempt)
{
    tell({.news = News::Opened, .link = slot.link, .text = attempt.currentName()});
    m_attempts.erase(slot.link.value);
    slot.state = State::Open;
    // What was flushed while connecting leaves now.
    if (!slot.out.isEmpty() && !slot.unflushed)
        write(slot);
    else
        watch(slot);
}

void TcpNetwork::failToConnect(Slot &slot, QString why)
{
    const LinkId link = slot.link;
    m_links.remove(link);
    discard(slot, CloseHow::Reset);
    tell({.news = News::Failed, .link = link, .text = std::move(why)});
}

void TcpNetwork::dropAttempt(LinkId link)
{
    const auto found = m_attempts.find(link.value);
    if (found == m_attempts.end())
        return;
    if (found->second.lookup >= 0)
        QHostInfo::abortHostLookup(found->second.lookup);
    m_attempts.erase(found);
}

const ListenSocket *TcpNetwork::listenerOf(int descriptor) const
{
    const auto found = std::find_if(m_listeners.begin(), m_listeners.end(), [descriptor](const ListenSocket &each) {
        const auto &all = each.descriptors();
        return std::find(all.begin(), all.end(), descriptor) != all.end();
    });
    return found == m_listeners.end() ? nullptr : &*found;
}

Endpoint TcpNetwork::acceptedAt() const
{
    const ListenSocket *listener = listenerOf(m_acceptingAt);
    return listener ? listener->endpoint() : Endpoint{};
}

void TcpNetwork::accept(int listener)
{
    // The sink may stop listening at any of the connections.
    m_acceptingAt = listener;
    for (int i = 0; i < acceptsPerTurn && listenerOf(listener); ++i) {
        SocketAddress peer;
        peer.length = sizeof peer.storage;
        const int descriptor = accept4(listener, peer.get(), &peer.length, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor < 0) {
            if (meansNothingLeft(errno))
                pauseAccepting(errno);
            else if (errno != EAGAIN)
                continue; // a connection that ended while it waited
            return;
        }
        m_acceptingComplained = false;
        Slot &slot = takeSlot(State::Open, descriptor); // TCP_NODELAY comes from the listener
        slot.interest = SocketWatcher::Readable;
        m_watcher.add(descriptor, tokenOf(slot), slot.interest);
        slot.link = m_sink->linkAccepted(addressName(peer));
        m_links.insert(slot.link, slot.index);
    }
}

void TcpNetwork::watchListeners(quint8 interest)
{
    for (const ListenSocket &listener : m_listeners) {
        for (const int descriptor : listener.descriptors())
            m_watcher.modify(descriptor, listenerBit | Token(descriptor), interest);
    }
}

// Waiting connections stay in the system's backlog; asking again at once would only burn the processor.
void TcpNetwork::pauseAccepting(int error)
{
    m_acceptingPaused = true;
    watchListeners(SocketWatcher::Nothing);
    keepTime();
    if (!std::exchange(m_acceptingComplained, true))
        m_sink->acceptingPaused(qt_error_string(error));
}

void TcpNetwork::resumeAccepting()
{
    if (std::exchange(m_acceptingPaused, false))
        watchListeners(SocketWatcher::Readable);
}

void TcpNetwork::keepTime()
{
    if (!m_clock.isActive())
        m_clock.start();
}

void TcpNetwork::checkDeadlines()
{
    resumeAccepting();
    while (!m_lingering.empty()) {
        Slot *slot = find(m_lingering.front().token);
        if (slot && !m_lingering.front().deadline.hasExpired())
            break;
        m_lingering.pop_front();
        if (slot)
            discard(*slot, CloseHow::Reset);
    }
    std::vector<LinkId> overdue;
    for (const auto &[link, attempt] : m_attempts) {
        if (attempt.isOverdue() || attempt.isAddressOverdue())
            overdue.push_back(LinkId{link});
    }
    for (const LinkId link : overdue)
        giveUpAddress(*find(link), m_attempts.at(link.value));
    if (m_lingering.empty() && m_attempts.empty())
        m_clock.stop();
}

void TcpNetwork::giveUpAddress(Slot &slot, ConnectAttempt &attempt)
{
    attempt.noteOverdue();
    if (attempt.isOverdue()) {
        failToConnect(slot, attempt.error());
        return;
    }
    ::close(std::exchange(slot.descriptor, -1));
    tryNextAddress(slot, attempt);
}

} // namespace sessionscope
