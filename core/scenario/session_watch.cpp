#include "core/scenario/session_watch.h"

#include "core/trace/text.h"

namespace sessionscope {

using enum Invariant;

namespace {

WatchedWill willOf(const ConnectPacket &connect)
{
    const Will &will = *connect.will;
    WatchedWill watched;
    watched.publish.topic = will.topic;
    watched.publish.payload = will.payload;
    watched.publish.qos = will.qos;
    watched.publish.retain = will.retain;
    watched.publish.properties = will.properties;
    watched.publish.properties.removeAll(PropertyId::WillDelayInterval);
    watched.delay = will.properties.integerOrDefault(PropertyId::WillDelayInterval);
    return watched;
}

} // namespace

void SessionWatch::breach(Invariant invariant, TraceSeq at, const QByteArray &clientId, const QString &what)
{
    m_breaches.push_back(
        {invariant, at, QStringLiteral("broker, session of %1: %2").arg(QString::fromUtf8(clientId), what)});
}

const WatchedLink *SessionWatch::link(LinkId link) const
{
    const auto found = m_links.find(link);
    return found == m_links.end() ? nullptr : &found->second;
}

const WatchedSession *SessionWatch::session(const QByteArray &clientId) const
{
    const auto found = m_sessions.find(clientId);
    return found == m_sessions.end() ? nullptr : &found->second;
}

const WatchedSession *SessionWatch::sessionOf(LinkId id) const
{
    const WatchedLink *of = link(id);
    const WatchedSession *owner = of ? session(of->clientId) : nullptr;
    return owner && owner->link == id ? owner : nullptr;
}

quint32 SessionWatch::capped(quint32 expiry) const
{
    return std::min(expiry, m_cap.value_or(sessionNeverExpires));
}

// ---- packets ----

void SessionWatch::received(const Packet &packet, const TraceRecord &record)
{
    if (const auto *connect = packet.as<ConnectPacket>(); connect && !m_links.contains(record.link)) {
        m_links[record.link] = {.connect = *connect,
                                .decidedAt = record.seq,
                                .clientId = connect->clientId,
                                .lastReceived = record.at,
                                .keepAlive = connect->keepAlive};
        return;
    }
    const auto found = m_links.find(record.link);
    if (found != m_links.end() && !found->second.isAccepted() && packet.as<AuthPacket>())
        found->second.decidedAt = record.seq;
    if (found == m_links.end() || !found->second.isAccepted())
        return;
    if (const auto *disconnect = packet.as<DisconnectPacket>())
        found->second.disconnect = *disconnect;
    if (packet.as<SubscribePacket>() || packet.as<UnsubscribePacket>())
        found->second.requests[packetIdOf(packet)] = packet;
}

void SessionWatch::heard(const TraceRecord &record)
{
    if (const auto found = m_links.find(record.link); found != m_links.end())
        found->second.lastReceived = record.at;
}

void SessionWatch::sent(const Packet &packet, const TraceRecord &record)
{
    const auto found = m_links.find(record.link);
    if (found == m_links.end())
        return;
    if (const auto *connack = packet.as<ConnackPacket>(); connack && connack->reason == 0)
        accepted(found->second, *connack, record);
    if (const auto *suback = packet.as<SubackPacket>())
        answered(found->second, suback->packetId, suback->reasons);
    if (const auto *unsuback = packet.as<UnsubackPacket>())
        answered(found->second, unsuback->packetId, unsuback->reasons);
}

void SessionWatch::accepted(WatchedLink &link, const ConnackPacket &connack, const TraceRecord &record)
{
    const auto old = m_sessions.find(link.clientId);
    // 3.1 has no Session Present: what is there and may be resumed is.
    const bool present = link.version() == Version::V31 ? old != m_sessions.end() : connack.sessionPresent;
    judgeSessionPresent(link, present, record);
    if (old != m_sessions.end())
        judgeOldLink(old->second, record);
    if (const auto keepAlive = connack.properties.integer(PropertyId::ServerKeepAlive))
        link.keepAlive = quint16(*keepAlive);
    link.resumed = present && old != m_sessions.end();
    if (link.resumed)
        judgeOldWill(old->second, record);
    else
        m_sessions[link.clientId] = {.clientId = link.clientId, .incarnation = {++m_lastIncarnation}};
    attach(m_sessions.at(link.clientId), link, connack, record.link);
}

/// A session that ended before was taken out when the broker said so: what is still here exists.
void SessionWatch::judgeSessionPresent(const WatchedLink &link, bool present, const TraceRecord &record)
{
    const auto old = m_sessions.find(link.clientId);
    if (old == m_sessions.end()) {
        if (present)
            breach(SessionPresent, record.seq, link.clientId, QStringLiteral("Session Present 1 without a session"));
        return;
    }
    const WatchedSession &session = old->second;
    const bool isOver = session.endsAt && *session.endsAt <= record.at;
    if (present && link.connect.cleanStart)
        breach(SessionPresent, record.seq, link.clientId, QStringLiteral("Session Present 1 after Clean Start 1"));
    else if (present && isOver)
        breach(SessionPresent, record.seq, link.clientId, QStringLiteral("Session Present 1 after the session's end"));
    else if (!present && !isOver && !link.connect.cleanStart)
        breach(SessionPresent, record.seq, link.clientId, QStringLiteral("Session Present 0 while the session lives"));
}

void SessionWatch::judgeOldLink(const WatchedSession &session, const TraceRecord &record)
{
    if (session.isConnected() && session.link != record.link)
        breach(OneConnection, record.seq, session.clientId,
               QStringLiteral("its connection broker/%1 is open still").arg(session.link.value));
}

void SessionWatch::judgeOldWill(const WatchedSession &session, const TraceRecord &record)
{
    if (session.will && session.willDue && *session.willDue <= record.at)
        breach(WillOnceWhenDue, record.seq, session.clientId,
               QStringLiteral("the will was due and the session is resumed without it"));
}

void SessionWatch::attach(WatchedSession &session, const WatchedLink &link, const ConnackPacket &connack, LinkId id)
{
    const ConnectPacket &connect = link.connect;
    session.link = id;
    session.version = link.version();
    if (session.version == Version::V5)
        session.expiry = connack.properties.integer(PropertyId::SessionExpiryInterval)
                             .value_or(connect.properties.integerOrDefault(PropertyId::SessionExpiryInterval));
    else
        session.expiry = connect.cleanStart ? 0 : capped(sessionNeverExpires);
    session.endsAt.reset();
    session.willDue.reset();
    session.will.reset();
    if (connect.will)
        session.will = willOf(connect);
    m_links.at(id).incarnation = session.incarnation;
}

void SessionWatch::answered(WatchedLink &link, PacketId id, const QList<ReasonCode> &reasons)
{
    const auto request = link.requests.find(id);
    const auto found = m_sessions.find(link.clientId);
    if (request == link.requests.end() || found == m_sessions.end())
        return;
    WatchedSession &session = found->second;
    if (const auto *subscribe = request->second.as<SubscribePacket>()) {
        for (qsizetype i = 0; i < subscribe->entries.size() && i < reasons.size(); ++i) {
            if (isFailure(reasons[i]))
                continue;
            const auto &[filter, options] = subscribe->entries[i];
            session.subscriptions[filter] = options;
            session.subscriptions[filter].maximumQos = Qos(reasons[i]);
            session.identifiers[filter] = subscribe->properties.integer(PropertyId::SubscriptionIdentifier).value_or(0);
        }
    } else if (const auto *unsubscribe = request->second.as<UnsubscribePacket>()) {
        for (qsizetype i = 0; i < unsubscribe->filters.size(); ++i) {
            if (isFailure(reasons.value(i, ReasonCode::Success)))
                continue;
            session.subscriptions.erase(unsubscribe->filters[i]);
            session.identifiers.erase(unsubscribe->filters[i]);
        }
    }
    link.requests.erase(request);
}

// ---- closes and ends ----

void SessionWatch::refused(const TraceRecord &record)
{
    // A DISCONNECT that breaks a statement does not count as one.
    if (const auto found = m_links.find(record.link); found != m_links.end())
        found->second.disconnect.reset();
}

void SessionWatch::applyDisconnect(WatchedSession &session, const WatchedLink &link) const
{
    if (const auto expiry = link.disconnect->properties.integer(PropertyId::SessionExpiryInterval))
        session.expiry = capped(*expiry);
    if (link.disconnect->reason == ReasonCode::Success)
        session.will.reset();
}

void SessionWatch::closed(const TraceRecord &record)
{
    const auto found = m_links.find(record.link);
    if (found == m_links.end() || std::exchange(found->second.isClosed, true))
        return;
    WatchedLink &link = found->second;
    link.requests.clear();
    const auto owner = m_sessions.find(link.clientId);
    if (owner == m_sessions.end() || owner->second.link != record.link)
        return;
    WatchedSession &session = owner->second;
    if (link.disconnect)
        applyDisconnect(session, link);
    session.link = {};
    const bool hasEnd = session.expiry != sessionNeverExpires;
    if (hasEnd)
        session.endsAt = record.at + std::chrono::seconds(session.expiry);
    if (session.will) {
        const Instant delayed = record.at + std::chrono::seconds(session.will->delay);
        session.willDue = hasEnd ? std::min(delayed, *session.endsAt) : delayed;
    }
}

bool SessionWatch::isCleanStartFor(const QByteArray &clientId, TraceSeq cause) const
{
    for (const auto &[id, link] : m_links) {
        if (link.decidedAt == cause)
            return link.connect.cleanStart && link.clientId == clientId;
    }
    return false;
}

bool SessionWatch::mayEnd(const WatchedSession &session, SessionEnd why, const TraceRecord &record) const
{
    const bool isOver = !session.isConnected() && session.endsAt && *session.endsAt <= record.at;
    switch (why) {
    case SessionEnd::Administrative:
    case SessionEnd::QueueFull:
        return true;
    case SessionEnd::CleanStart:
        return isCleanStartFor(session.clientId, record.cause);
    default:
        return isOver;
    }
}

void SessionWatch::changed(const ServerSessionChanged &change, const TraceRecord &record)
{
    if (change.change == SessionChange::Ended)
        return ended(change, record);
    // An identifier that the broker chose is told nowhere else before 5.0.
    if (const auto found = m_links.find(change.link); found != m_links.end() && found->second.clientId.isEmpty())
        found->second.clientId = change.clientId;
}

void SessionWatch::ended(const ServerSessionChanged &change, const TraceRecord &record)
{
    const SessionEnd why = change.why.value_or(SessionEnd::ConnectionClosed);
    const bool isOrdered = why == SessionEnd::Administrative || why == SessionEnd::QueueFull;
    if (isOrdered && m_early && m_early->clientId == change.clientId)
        m_early.reset();
    const auto found = m_sessions.find(change.clientId);
    if (found == m_sessions.end())
        return breach(SessionLife, record.seq, change.clientId, QStringLiteral("ended, and there was none"));
    judgeOldLink(found->second, record);
    if (!mayEnd(found->second, why, record))
        breach(SessionLife, record.seq, change.clientId,
               QStringLiteral("ended though it was not due: ") + sessionEndText(why));
    if (found->second.will)
        breach(WillOnceWhenDue, record.seq, change.clientId, QStringLiteral("ended without publishing its will"));
    m_sessions.erase(found);
}

std::optional<PublishPacket> SessionWatch::willPublished(const WillPublished &will, const TraceRecord &record)
{
    const auto found = m_sessions.find(will.clientId);
    if (found == m_sessions.end() || !found->second.will || found->second.will->publish.topic != will.topic) {
        breach(WillOnceWhenDue, record.seq, will.clientId,
               QStringLiteral("a will is published that was published, deleted or replaced before"));
        return {};
    }
    WatchedSession &session = found->second;
    const bool isDue = session.willDue && *session.willDue <= record.at;
    if (!isDue && !isCleanStartFor(will.clientId, record.cause))
        m_early = {will.clientId, record.seq, record.cause};
    const PublishPacket publish = session.will->publish;
    session.will.reset();
    return publish;
}

void SessionWatch::next(const TraceRecord &record)
{
    if (m_early && record.cause != m_early->cause)
        judgeEarlyWill();
}

void SessionWatch::judgeEarlyWill()
{
    breach(WillOnceWhenDue, m_early->at, m_early->clientId, QStringLiteral("the will is published too early"));
    m_early.reset();
}

void SessionWatch::forget()
{
    m_sessions.clear();
    m_links.clear();
    m_early.reset();
}

// ---- at rest ----

void SessionWatch::checkDue(Instant now, TraceSeq at)
{
    checkKeepAlive(now, at);
    if (m_early)
        judgeEarlyWill();
    for (const auto &[clientId, session] : m_sessions) {
        if (session.isConnected())
            continue;
        if (session.will && session.willDue && *session.willDue <= now)
            breach(WillOnceWhenDue, at, clientId, QStringLiteral("the will is due and not published"));
        if (session.endsAt && *session.endsAt <= now)
            breach(SessionLife, at, clientId, QStringLiteral("the session is over and not ended"));
    }
}

void SessionWatch::checkKeepAlive(Instant now, TraceSeq at)
{
    for (const auto &[id, link] : m_links) {
        const Duration longest = Duration(std::chrono::seconds(link.keepAlive)) * 3 / 2;
        const bool isOpen = link.isAccepted() && !link.isClosed && link.keepAlive != 0;
        if (isOpen && link.lastReceived + longest <= now)
            breach(KeepAlive, at, link.clientId,
                   QStringLiteral("nothing came for 1.5 times the keep alive of %1 s, and the connection stays")
                       .arg(link.keepAlive));
    }
}

void SessionWatch::checkAgainst(const BrokerView &view, TraceSeq at)
{
    for (const ServerSessionView &row : view.sessions) {
        if (const WatchedSession *watched = session(row.clientId))
            compare(*watched, row, at);
        else
            breach(SessionLife, at, row.clientId, QStringLiteral("it is there and should not be"));
    }
    if (view.sessionsTotal < qsizetype(m_sessions.size()))
        breach(SessionLife, at, {},
               QStringLiteral("%1 sessions, %2 should be there").arg(view.sessionsTotal).arg(m_sessions.size()));
}

void SessionWatch::compare(const WatchedSession &session, const ServerSessionView &view, TraceSeq at)
{
    const auto differs = [&](const QString &what) { breach(BothEndsAgree, at, session.clientId, what); };
    if (view.connected != session.isConnected())
        return differs(QStringLiteral("connected or not differs from what the packets say"));
    if (view.sessionExpiryInterval != session.expiry)
        differs(
            QStringLiteral("expiry is %1 s and should be %2 s").arg(view.sessionExpiryInterval).arg(session.expiry));
    if (view.endsAt != session.endsAt)
        breach(SessionLife, at, session.clientId, QStringLiteral("its end is set to another time than its close says"));
    if (view.will.has_value() != session.will.has_value())
        breach(WillOnceWhenDue, at, session.clientId, QStringLiteral("a will waits, or lacks, against the packets"));
    if (view.subscriptionsTotal != qsizetype(session.subscriptions.size()))
        return differs(QStringLiteral("%1 subscriptions, %2 were granted")
                           .arg(view.subscriptionsTotal)
                           .arg(session.subscriptions.size()));
    for (const SubscriptionView &row : view.subscriptions) {
        const auto known = session.subscriptions.find(row.filter);
        const bool isSame = known != session.subscriptions.end() && known->second == row.options &&
                            session.identifiers.at(row.filter) == row.identifier.value_or(0);
        if (!isSame)
            differs(QStringLiteral("subscription %1 differs").arg(QString::fromUtf8(row.filter)));
    }
}

} // namespace sessionscope
