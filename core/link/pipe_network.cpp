#include "core/link/pipe_network.h"

#include <limits>
#include <utility>

namespace sessionscope {

namespace {

bool sameAddress(const Endpoint &listener, const Endpoint &wanted)
{
    if (listener.scheme != wanted.scheme)
        return false;
    return listener.scheme == Scheme::UnixSocket ? listener.path == wanted.path : listener.port == wanted.port;
}

QString endName(LinkId link)
{
    return QStringLiteral("pipe end %1").arg(link.value);
}

} // namespace

Result<Endpoint, QString> PipeNetwork::listen(const Endpoint &endpoint)
{
    if (m_listener)
        return QStringLiteral("already listening at %1").arg(toUrl(*m_listener));
    m_listener = endpoint;
    if (endpoint.scheme != Scheme::UnixSocket && endpoint.port == 0)
        m_listener->port = defaultPort;
    return *m_listener;
}

void PipeNetwork::open(LinkId link, const Endpoint &endpoint)
{
    Q_ASSERT(link != LinkId{} && !find(link));
    End &end = m_ends[link.value];
    end.id = link;
    end.wanted = std::make_unique<const Endpoint>(endpoint);
    m_work.push_back({Task::Open, link});
}

void PipeNetwork::send(LinkId link, const QByteArray &head, const QByteArray &payload)
{
    End *end = findInUse(link);
    if (!end || (head.isEmpty() && payload.isEmpty()))
        return;
    if (end->queued.isEmpty())
        m_unflushed.push_back(link);
    end->queued += head;
    end->queued += payload;
    if (end->unsent() > highWaterMark)
        end->aboveHigh = true;
}

void PipeNetwork::flush()
{
    for (const LinkId link : std::exchange(m_unflushed, {})) {
        if (End *end = find(link))
            flushEnd(*end);
    }
}

void PipeNetwork::close(LinkId link, CloseHow how)
{
    End *end = findInUse(link);
    if (!end)
        return;
    if (End *peer = find(end->peer)) {
        if (how == CloseHow::Reset) {
            announceClosed(*peer, ClosedBy::PeerReset);
            separate(*end, *peer);
        } else if (peer->closing) {
            separate(*end, *peer); // neither end reads any more
        } else {
            peer->queued.clear();
            peer->underWay.clear();
            flushEnd(*end);
            end->finishing = true;
            end->finishesAs = how == CloseHow::ResetWhenSent ? ClosedBy::PeerReset : ClosedBy::Peer;
            schedule(*end);
        }
    }
    announceClosed(*end, ClosedBy::Us);
}

qsizetype PipeNetwork::unsentBytes(LinkId link) const
{
    const End *end = find(link);
    return end && !end->closing ? end->unsent() : 0;
}

void PipeNetwork::setReading(LinkId link, bool on)
{
    End *end = findInUse(link);
    if (!end || end->reading == on)
        return;
    end->reading = on;
    End *peer = find(end->peer);
    if (on && peer && (!peer->underWay.isEmpty() || peer->finishing))
        schedule(*peer);
}

bool PipeNetwork::deliver()
{
    Q_ASSERT(m_turn.empty());
    if (m_work.empty())
        return false;
    std::swap(m_turn, m_work);
    for (const Work work : m_turn) {
        switch (work.task) {
        case Task::Open:
            connectEnds(work.link);
            break;
        case Task::Bytes:
            if (End *sender = find(work.link))
                sender->scheduled = false;
            deliverBytes(work.link, std::numeric_limits<qsizetype>::max());
            finish(work.link);
            break;
        case Task::Closed:
            closeEnd(work.link);
            break;
        }
    }
    m_turn.clear();
    m_sink->turnEnded();
    return true;
}

qsizetype PipeNetwork::deliver(LinkId sender, qsizetype limit)
{
    const qsizetype before = bytesUnderWay(sender);
    deliverBytes(sender, qMin(before, limit));
    const qsizetype delivered = before - bytesUnderWay(sender);
    if (delivered > 0)
        m_sink->turnEnded();
    return delivered;
}

qsizetype PipeNetwork::bytesUnderWay(LinkId sender) const
{
    const End *end = find(sender);
    return end ? end->underWay.size() : 0;
}

void PipeNetwork::cut(LinkId link)
{
    End *end = find(link);
    End *peer = end ? find(end->peer) : nullptr;
    if (!peer)
        return;
    announceClosed(*end, ClosedBy::PeerReset, QStringLiteral("cut"));
    announceClosed(*peer, ClosedBy::PeerReset, QStringLiteral("cut"));
    separate(*end, *peer);
}

LinkId PipeNetwork::peerOf(LinkId link) const
{
    const End *end = find(link);
    return end ? end->peer : LinkId{};
}

PipeNetwork::End *PipeNetwork::find(LinkId link)
{
    const auto found = m_ends.find(link.value);
    return found == m_ends.end() ? nullptr : &found->second;
}

const PipeNetwork::End *PipeNetwork::find(LinkId link) const
{
    const auto found = m_ends.find(link.value);
    return found == m_ends.end() ? nullptr : &found->second;
}

PipeNetwork::End *PipeNetwork::findInUse(LinkId link)
{
    End *end = find(link);
    return end && !end->closing ? end : nullptr;
}

void PipeNetwork::schedule(End &sender)
{
    if (!std::exchange(sender.scheduled, true))
        m_work.push_back({Task::Bytes, sender.id});
}

void PipeNetwork::announceClosed(End &end, ClosedBy by, const QString &detail)
{
    if (std::exchange(end.closing, true))
        return;
    end.by = by;
    end.detail = detail;
    m_work.push_back({Task::Closed, end.id});
}

// From here on nothing passes between the two; an end whose owner is gone goes with it.
void PipeNetwork::separate(End &end, End &peer)
{
    for (End *each : {&end, &peer}) {
        each->queued.clear();
        each->underWay.clear();
        each->finishing = false;
        each->peer = {};
        if (each->ownerGone)
            m_ends.erase(each->id.value);
    }
}

void PipeNetwork::flushEnd(End &end)
{
    if (end.queued.isEmpty())
        return;
    if (end.underWay.isEmpty())
        end.underWay = std::exchange(end.queued, {});
    else
        end.underWay += std::exchange(end.queued, {});
    schedule(end);
}

void PipeNetwork::connectEnds(LinkId link)
{
    End *opener = find(link);
    if (!opener || opener->closing)
        return;
    const auto wanted = std::move(opener->wanted);
    if (!m_listener || !sameAddress(*m_listener, *wanted)) {
        m_ends.erase(link.value);
        m_sink->linkFailed(link, QStringLiteral("nothing listens at %1").arg(toUrl(*wanted)));
        return;
    }
    const LinkId accepted = m_sink->linkAccepted(endName(link));
    Q_ASSERT(accepted != LinkId{} && !find(accepted));
    End &other = m_ends[accepted.value];
    other.id = accepted;
    if (opener->closing) { // by the sink, a moment ago
        announceClosed(other, ClosedBy::Peer);
        return;
    }
    other.peer = link;
    opener->peer = accepted;
    m_sink->linkOpened(link, endName(accepted));
}

void PipeNetwork::deliverBytes(LinkId sender, qsizetype limit)
{
    End *from = find(sender);
    const End *to = from ? find(from->peer) : nullptr;
    if (!to || to->closing || !to->reading || from->underWay.isEmpty() || limit <= 0)
        return;
    QByteArray bytes;
    if (limit < from->underWay.size()) {
        bytes = from->underWay.first(limit);
        from->underWay.remove(0, limit);
    } else {
        bytes = std::exchange(from->underWay, {});
    }
    const bool drained = from->aboveHigh && from->unsent() <= lowWaterMark;
    if (drained)
        from->aboveHigh = false;
    m_sink->bytesArrived(to->id, bytes);
    if (drained && findInUse(sender))
        m_sink->linkDrained(sender);
}

// Gives the peer its FIN once the last byte is delivered. A peer that does not read does not see it yet.
void PipeNetwork::finish(LinkId sender)
{
    End *from = find(sender);
    End *to = from ? find(from->peer) : nullptr;
    if (!to || !from->finishing || !from->underWay.isEmpty() || !to->reading)
        return;
    announceClosed(*to, from->finishesAs);
    separate(*from, *to);
}

void PipeNetwork::closeEnd(LinkId link)
{
    End *end = find(link);
    Q_ASSERT(end);
    end->ownerGone = true;
    const auto by = end->by;
    const QString detail = end->detail;
    if (!end->finishing)
        m_ends.erase(link.value);
    m_sink->linkClosed(link, by, detail);
}

} // namespace sessionscope
