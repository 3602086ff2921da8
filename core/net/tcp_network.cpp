// Connections that are open: turns, reading, writing, closing. See tcp_network_connect.cpp for how they come to be.
// An ordered, lossless stream both ways is all that MQTT asks of it (MQTT-4.2.0-1, v3:MQTT-7.1.1-1, v3:MQTT-7.1.2-1).
#include "core/net/tcp_network.h"

#include "core/base/shared_slice.h"

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace sessionscope {

namespace {

// Entries of one gathered write; more follow in a further one.
constexpr int writeEntries = 64;

bool meansReset(int error)
{
    return error == ECONNRESET || error == EPIPE;
}

} // namespace

TcpNetwork::TcpNetwork(const SocketLimits &limits)
    : m_limits(limits), m_watcher([this] { turns(); }), m_readBuffer(readSize, Qt::Uninitialized)
{
    m_clock.setInterval(m_limits.acceptRetry);
    QObject::connect(&m_clock, &QTimer::timeout, &m_context, [this] { checkDeadlines(); });
}

TcpNetwork::~TcpNetwork()
{
    for (const auto &[link, attempt] : m_attempts) {
        if (attempt.lookup >= 0)
            QHostInfo::abortHostLookup(attempt.lookup);
    }
    for (Slot &slot : m_slots) {
        slot.out.clear(m_pool);
        if (slot.descriptor >= 0)
            ::close(slot.descriptor);
    }
}

void TcpNetwork::send(LinkId link, const QByteArray &head, const QByteArray &payload)
{
    Slot *slot = find(link);
    if (!slot || slot->writeError != 0)
        return;
    slot->out.append(m_pool, head);
    slot->out.append(m_pool, payload);
    if (slot->out.size() > highWaterMark)
        slot->aboveHigh = true;
    if (!slot->unflushed) {
        slot->unflushed = true;
        m_unflushed.push_back(tokenOf(*slot));
    }
}

void TcpNetwork::flush()
{
    for (const Token token : m_unflushed) {
        Slot *slot = find(token);
        if (!slot)
            continue;
        slot->unflushed = false;
        if (slot->state == State::Open && !slot->full)
            write(*slot);
    }
    m_unflushed.clear();
}

void TcpNetwork::close(LinkId link, CloseHow how)
{
    Slot *slot = find(link);
    if (!slot)
        return;
    m_links.remove(link);
    tell({.news = News::Closed, .link = link, .by = ClosedBy::Us});
    slot->resets = how == CloseHow::ResetWhenSent;
    if (how == CloseHow::Reset || slot->state == State::Connecting)
        discard(*slot, CloseHow::Reset);
    else
        linger(*slot);
}

qsizetype TcpNetwork::unsentBytes(LinkId link) const
{
    const auto found = m_links.constFind(link);
    return found == m_links.constEnd() ? 0 : m_slots[*found].out.size();
}

void TcpNetwork::setReading(LinkId link, bool on)
{
    Slot *slot = find(link);
    if (!slot || slot->reading == on)
        return;
    slot->reading = on;
    if (slot->state != State::Open)
        return;
    if (on && slot->unwatched) {
        slot->unwatched = false;
        m_watcher.add(slot->descriptor, tokenOf(*slot), slot->interest);
    }
    watch(*slot);
}

// The way through the event loop costs as much as a read, so a busy socket does not take it for every one.
void TcpNetwork::turns()
{
    const QDeadlineTimer enough(m_limits.turnsInRow);
    do {
        m_readWasFull = false;
        turn();
    } while (m_readWasFull && !enough.hasExpired());
}

// One round of everything there is to do. Only from here is the sink called.
void TcpNetwork::turn()
{
    if (!m_sink)
        return;
    m_readAgain = 0;
    tellNotices();
    std::array<SocketWatcher::Ready, SocketWatcher::pollCapacity> ready;
    const int count = m_watcher.poll(ready.data(), int(ready.size()));
    for (int i = 0; i < count; ++i)
        handle(ready[size_t(i)]);
    tellNotices();
    m_sink->turnEnded();
}

void TcpNetwork::scheduleTurn()
{
    if (std::exchange(m_turnScheduled, true))
        return;
    QMetaObject::invokeMethod(
        &m_context,
        [this] {
            m_turnScheduled = false;
            turn();
        },
        Qt::QueuedConnection);
}

void TcpNetwork::tell(Notice notice)
{
    m_notices.push_back(std::move(notice));
    scheduleTurn();
}

void TcpNetwork::tellNotices()
{
    for (const Notice &notice : std::exchange(m_notices, {})) {
        switch (notice.news) {
        case News::Opened:
            if (m_links.contains(notice.link))
                m_sink->linkOpened(notice.link, notice.text);
            break;
        case News::Failed:
            m_sink->linkFailed(notice.link, notice.text);
            break;
        case News::Closed:
            m_sink->linkClosed(notice.link, notice.by, notice.text);
            break;
        case News::Drained:
            if (m_links.contains(notice.link))
                m_sink->linkDrained(notice.link);
            break;
        }
    }
}

void TcpNetwork::handle(const SocketWatcher::Ready &ready)
{
    if (ready.token & listenerBit) {
        accept(int(ready.token & ~listenerBit));
        return;
    }
    Slot *slot = find(ready.token);
    if (!slot)
        return;
    switch (slot->state) {
    case State::Free:
        break;
    case State::Connecting:
        handleConnecting(*slot);
        break;
    case State::Open:
        handleOpen(*slot, ready);
        break;
    case State::Lingering:
        handleLingering(*slot);
        break;
    }
}

void TcpNetwork::handleOpen(Slot &slot, const SocketWatcher::Ready &ready)
{
    if (ready.writable) {
        slot.full = false;
        write(slot);
    }
    if (slot.reading && (ready.readable || ready.broken)) {
        readAll(slot);
    } else if (ready.broken) {
        const int error = slot.writeError != 0 ? slot.writeError : pendingError(slot.descriptor);
        if (error != 0) {
            endByPeer(slot, error);
        } else {
            slot.unwatched = true;
            m_watcher.remove(slot.descriptor);
        }
    }
}

void TcpNetwork::readAll(Slot &slot)
{
    const Token token = tokenOf(slot);
    qsizetype count = read(slot);
    // The sink may have closed it, or have had enough.
    while (count > 0 && m_readAgain < readAgainBytes && tokenOf(slot) == token && slot.state == State::Open &&
           slot.reading) {
        m_readAgain += count;
        count = read(slot);
    }
}

// How much came for a large packet, when there may be more behind it; else 0.
qsizetype TcpNetwork::read(Slot &slot)
{
    // Somebody kept a part of what was read last: it is theirs now.
    if (!m_readBuffer.isDetached())
        m_readBuffer = QByteArray(readSize, Qt::Uninitialized);
    // Of what follows on a large packet only a little is taken with it, so that the next large one has room of its own
    // early.
    const std::span<char> room = m_sink->room(slot.link);
    std::array<iovec, 2> parts{
        {{room.data(), room.size()}, {m_readBuffer.data(), size_t(room.empty() ? readSize : copyBelow)}}};
    const ssize_t count = readv(slot.descriptor, parts.data(), int(parts.size()));
    if (count > 0) {
        const bool isFull = size_t(count) == parts[0].iov_len + parts[1].iov_len;
        m_readWasFull = m_readWasFull || isFull;
        const LinkId link = slot.link;
        const auto intoRoom = std::min(count, ssize_t(room.size()));
        if (intoRoom > 0)
            m_sink->roomFilled(link, intoRoom);
        // The sink may have closed it.
        if (count > intoRoom && slot.link == link)
            bytesRead(link, count - intoRoom);
        return isFull ? intoRoom : 0;
    }
    if (count == 0) {
        endByPeer(slot, slot.writeError);
    } else if (errno != EAGAIN && errno != EINTR) {
        endByPeer(slot, errno);
    }
    return 0;
}

// The first count bytes of the read buffer are new.
void TcpNetwork::bytesRead(LinkId link, qsizetype count)
{
    const bool isShort = count < copyBelow;
    m_sink->bytesArrived(link,
                         isShort ? QByteArray(m_readBuffer.constData(), count) : sharedSlice(m_readBuffer, 0, count));
}

void TcpNetwork::write(Slot &slot)
{
    std::array<iovec, writeEntries> entries;
    while (!slot.out.isEmpty()) {
        msghdr message{};
        message.msg_iov = entries.data();
        message.msg_iovlen = size_t(slot.out.gather(entries.data(), writeEntries));
        const ssize_t count = sendmsg(slot.descriptor, &message, MSG_NOSIGNAL);
        if (count >= 0) {
            slot.out.consume(m_pool, count);
        } else if (errno == EAGAIN) {
            slot.full = true;
            break;
        } else if (errno != EINTR) {
            writeFailed(slot, errno);
            break;
        }
    }
    watch(slot);
    if (slot.aboveHigh && slot.out.size() <= lowWaterMark) {
        slot.aboveHigh = false;
        if (slot.state == State::Open)
            tell({.news = News::Drained, .link = slot.link});
    }
}

// The peer is gone, but what it sent before may still wait to be read; the end comes from there.
void TcpNetwork::writeFailed(Slot &slot, int error)
{
    slot.writeError = error;
    slot.full = false;
    slot.out.clear(m_pool);
    if (slot.unwatched) {
        slot.unwatched = false;
        m_watcher.add(slot.descriptor, tokenOf(slot), slot.interest);
    }
}

void TcpNetwork::watch(Slot &slot)
{
    const quint8 interest = quint8((slot.reading ? SocketWatcher::Readable : SocketWatcher::Nothing) |
                                   (slot.full ? SocketWatcher::Writable : SocketWatcher::Nothing));
    if (interest == slot.interest)
        return;
    slot.interest = interest;
    if (!slot.unwatched)
        m_watcher.modify(slot.descriptor, tokenOf(slot), interest);
}

// error is 0 after an orderly end.
void TcpNetwork::endByPeer(Slot &slot, int error)
{
    const LinkId link = slot.link;
    m_links.remove(link);
    slot.peerEnded = true;
    // A peer that only stopped sending may still want its answers.
    if (error == 0 && !slot.out.isEmpty())
        linger(slot);
    else
        discard(slot, CloseHow::Close);
    const auto by = error == 0 ? ClosedBy::Peer : meansReset(error) ? ClosedBy::PeerReset : ClosedBy::Error;
    m_sink->linkClosed(link, by, error == 0 ? QString() : qt_error_string(error));
}

// The owner is done with it: what is queued goes out, then FIN, and the peer gets some time to take it.
void TcpNetwork::linger(Slot &slot)
{
    slot.state = State::Lingering;
    slot.link = {};
    if (slot.unwatched) {
        slot.unwatched = false;
        m_watcher.add(slot.descriptor, tokenOf(slot), slot.interest);
    }
    slot.reading = !slot.peerEnded;
    m_lingering.push_back({tokenOf(slot), QDeadlineTimer(m_limits.linger)});
    keepTime();
    if (!slot.full)
        write(slot);
    watch(slot);
    if (slot.out.isEmpty())
        finish(slot);
}

// All is sent. Closing now would answer bytes that nobody read with a reset, which can overtake the last packet; so the
// peer's own FIN is waited for.
void TcpNetwork::finish(Slot &slot)
{
    if (slot.resets && slot.writeError == 0) {
        if (slot.sentFin)
            return;
        slot.sentFin = true;
        resetWhenTaken(slot);
    } else if (slot.peerEnded || slot.writeError != 0) {
        discard(slot, CloseHow::Close);
    } else if (!slot.sentFin) {
        slot.sentFin = true;
        shutdown(slot.descriptor, SHUT_WR);
    }
}

// A reset makes the system forget what the peer has not acknowledged, and no event tells when it has.
void TcpNetwork::resetWhenTaken(Slot &slot)
{
    if (unacknowledgedBytes(slot.descriptor) == 0)
        return discard(slot, CloseHow::Reset);
    QTimer::singleShot(takenCheck, Qt::PreciseTimer, &m_context, [this, token = tokenOf(slot)] {
        if (Slot *waiting = find(token))
            resetWhenTaken(*waiting);
    });
}

void TcpNetwork::handleLingering(Slot &slot)
{
    slot.full = false;
    if (!slot.out.isEmpty())
        write(slot);
    if (slot.reading) {
        if (!m_readBuffer.isDetached())
            m_readBuffer = QByteArray(readSize, Qt::Uninitialized);
        const ssize_t count = recv(slot.descriptor, m_readBuffer.data(), size_t(readSize), 0);
        if (count == 0)
            slot.peerEnded = true;
        else if (count < 0 && errno != EAGAIN && errno != EINTR)
            slot.writeError = errno;
    } else if (slot.writeError == 0) {
        slot.writeError = pendingError(slot.descriptor);
    }
    if (slot.writeError != 0) {
        discard(slot, CloseHow::Close);
        return;
    }
    slot.reading = !slot.peerEnded;
    watch(slot);
    if (slot.out.isEmpty())
        finish(slot);
}

void TcpNetwork::discard(Slot &slot, CloseHow how)
{
    slot.out.clear(m_pool);
    if (slot.descriptor >= 0) {
        if (how == CloseHow::Reset)
            setResetOnClose(slot.descriptor);
        ::close(slot.descriptor); // takes it out of the watcher, too
    }
    if (slot.state == State::Connecting)
        dropAttempt(slot.link);
    Slot unused;
    unused.index = slot.index;
    unused.generation = (slot.generation + 1) & generationMask;
    slot = unused;
    m_freeSlots.push_back(slot.index);
    resumeAccepting();
}

TcpNetwork::Slot &TcpNetwork::takeSlot(State state, int descriptor)
{
    if (m_freeSlots.empty()) {
        m_freeSlots.push_back(quint32(m_slots.size()));
        m_slots.emplace_back().index = m_freeSlots.back();
    }
    Slot &slot = m_slots[m_freeSlots.back()];
    m_freeSlots.pop_back();
    slot.state = state;
    slot.descriptor = descriptor;
    return slot;
}

TcpNetwork::Slot *TcpNetwork::find(LinkId link)
{
    const auto found = m_links.constFind(link);
    return found == m_links.constEnd() ? nullptr : &m_slots[*found];
}

TcpNetwork::Slot *TcpNetwork::find(Token token)
{
    const auto index = quint32(token);
    if (index >= m_slots.size() || m_slots[index].generation != quint32(token >> 32))
        return nullptr;
    return &m_slots[index];
}

} // namespace sessionscope
