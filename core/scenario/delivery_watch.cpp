#include "core/scenario/delivery_watch.h"

#include "core/mqtt/topic.h"
#include "core/trace/text.h"

#include <algorithm>

namespace sessionscope {

using enum Invariant;

namespace {

QString nameOf(const PublishPacket &publish)
{
    return QStringLiteral("%1 %2").arg(QString::fromUtf8(publish.topic), payloadText(publish.payload));
}

QList<quint32> identifiersOf(const PublishPacket &publish)
{
    QList<quint32> identifiers;
    for (const Property &property : publish.properties) {
        if (property.id == PropertyId::SubscriptionIdentifier)
            identifiers.append(std::get<quint32>(property.value));
    }
    std::sort(identifiers.begin(), identifiers.end());
    return identifiers;
}

} // namespace

void DeliveryWatch::breach(Invariant invariant, TraceSeq at, const QString &what)
{
    m_breaches.push_back({invariant, at, what});
}

// ---- in ----

void DeliveryWatch::published(const PublishPacket &publish)
{
    ++m_published[keyOf(publish)];
}

void DeliveryWatch::taken(const PublishPacket &publish, const QByteArray &publisher, const TraceRecord &record)
{
    const Key key = keyOf(publish);
    const WatchedSession *from = m_sessions.session(publisher);
    checkRouting(key, publish, from, record);
    Taking taking{.index = ++m_lastIndex,
                  .by = record.seq,
                  .publisher = publisher,
                  .qos = publish.qos,
                  .retain = publish.retain,
                  .at = record.at};
    if (const auto expiry = publish.properties.integer(PropertyId::MessageExpiryInterval))
        taking.expiresAt = record.at + std::chrono::seconds(*expiry);
    for (const auto &[clientId, session] : m_sessions.sessions()) {
        for (const auto &[filter, options] : session.subscriptions) {
            const auto shared = parseSharedFilter(filter);
            if (shared && filterMatches(shared->filter, publish.topic))
                taking.shareGroups.insert(filter);
        }
    }
    for (const auto &[clientId, session] : m_sessions.sessions())
        promise(session, taking, publish);
    m_takings[key].push_back(std::move(taking));
}

/// A QoS 2 message that the application published once is new to the broker once.
void DeliveryWatch::checkRouting(const Key &key, const PublishPacket &publish, const WatchedSession *publisher,
                                 const TraceRecord &record)
{
    if (publish.qos != Qos::ExactlyOnce || !publisher || isDoubtful(publisher->incarnation))
        return;
    const auto times = m_published.find(key);
    const auto before = m_takings.find(key);
    const std::size_t taken = before == m_takings.end() ? 0 : before->second.size();
    if (times != m_published.end() && taken >= times->second)
        breach(ExactlyOnce, record.seq, QStringLiteral("the broker takes %1 again as new").arg(nameOf(publish)));
}

void DeliveryWatch::promise(const WatchedSession &session, const Taking &taking, const PublishPacket &publish)
{
    Copy copy{.index = taking.index, .by = taking.by, .publisher = taking.publisher, .publishedQos = publish.qos};
    bool isOrdinary = false;
    quint32 shared = 0;
    for (const auto &[filter, options] : session.subscriptions) {
        if (taking.shareGroups.contains(filter)) {
            ++shared;
            continue;
        }
        const bool isOwn = options.noLocal && session.clientId == taking.publisher;
        if (isSharedFilter(filter) || isOwn || !filterMatches(filter, publish.topic))
            continue;
        const bool isFirst = !std::exchange(isOrdinary, true);
        copy.qos = std::max(copy.qos, std::min(publish.qos, options.maximumQos));
        const bool keepsRetain = options.retainAsPublished && publish.retain;
        copy.mustRetain = keepsRetain && (isFirst || copy.mustRetain);
        copy.mayRetain = copy.mayRetain || keepsRetain;
        if (const quint32 identifier = session.identifiers.at(filter))
            copy.identifiers.append(identifier);
    }
    if (!isOrdinary && shared == 0)
        return;
    Copies &copies = m_inbound[session.incarnation].messages[keyOf(publish)];
    copies.shared += shared;
    if (!isOrdinary)
        return;
    std::sort(copy.identifiers.begin(), copy.identifiers.end());
    copies.all.push_back(std::move(copy));
}

void DeliveryWatch::refused(TraceSeq takenBy)
{
    const auto isOfIt = [takenBy](const auto &one) { return one.by == takenBy; };
    for (auto &[key, takings] : m_takings)
        std::erase_if(takings, isOfIt);
    for (auto &[incarnation, inbound] : m_inbound) {
        for (auto &[key, copies] : inbound.messages)
            std::erase_if(copies.all, isOfIt);
    }
}

// ---- out ----

void DeliveryWatch::sent(const PublishPacket &publish, const TraceRecord &record)
{
    const WatchedSession *to = m_sessions.sessionOf(record.link);
    if (!to)
        return;
    const Key key = keyOf(publish);
    const auto takings = m_takings.find(key);
    if (!publish.dup && takings != m_takings.end())
        checkExpiry(takings->second, publish, *to, record);
    if (publish.topic.startsWith("$SYS/"))
        return; // the broker's own
    if (isDoubtful(to->incarnation))
        return;
    const auto &messages = m_inbound[to->incarnation].messages;
    const auto found = messages.find(key);
    if (found != messages.end())
        checkRetain(found->second, publish, *to, record);
    if (publish.retain)
        return; // a replay of a retained message follows SUBSCRIBE, and no publish
    const bool isShared =
        takings != m_takings.end() && std::any_of(takings->second.begin(), takings->second.end(),
                                                  [](const Taking &taking) { return !taking.shareGroups.empty(); });
    if (isShared)
        return;
    if (found == messages.end() || found->second.all.empty())
        return breach(RightReceiver, record.seq,
                      QStringLiteral("%1 goes to %2, which has no matching subscription")
                          .arg(nameOf(publish), QString::fromUtf8(to->clientId)));
    checkIdentifiers(found->second, publish, *to, record);
    checkQos(found->second, publish, *to, record);
}

void DeliveryWatch::checkQos(const Copies &copies, const PublishPacket &publish, const WatchedSession &to,
                             const TraceRecord &record)
{
    const auto fits = [&](const Copy &copy) { return copy.qos == publish.qos; };
    if (std::none_of(copies.all.begin(), copies.all.end(), fits))
        breach(GrantedQos, record.seq,
               QStringLiteral("%1 goes to %2 at QoS %3, which is not the smaller of published and granted")
                   .arg(nameOf(publish), QString::fromUtf8(to.clientId))
                   .arg(quint8(publish.qos)));
}

/// With RETAIN 1 a replay looks like a live copy, but for its cause.
void DeliveryWatch::checkRetain(const Copies &copies, const PublishPacket &publish, const WatchedSession &to,
                                const TraceRecord &record)
{
    if (copies.shared > 0 || copies.all.empty())
        return;
    const auto isLive = [&](const Copy &copy) { return copy.by == record.cause; };
    const auto live = std::find_if(copies.all.begin(), copies.all.end(), isLive);
    const auto mustRetain = [](const Copy &copy) { return copy.mustRetain; };
    const bool isTooMuch = publish.retain && live != copies.all.end() && !live->mayRetain;
    const bool isTooLittle = !publish.retain && std::all_of(copies.all.begin(), copies.all.end(), mustRetain);
    if (isTooMuch || isTooLittle)
        breach(RetainFlag, record.seq,
               QStringLiteral("%1 goes to %2 with RETAIN %3")
                   .arg(nameOf(publish), QString::fromUtf8(to.clientId))
                   .arg(publish.retain ? 1 : 0));
}

void DeliveryWatch::checkExpiry(const std::vector<Taking> &takings, const PublishPacket &publish,
                                const WatchedSession &to, const TraceRecord &record)
{
    const auto told = publish.properties.integer(PropertyId::MessageExpiryInterval);
    for (const Taking &taking : takings) {
        if (!taking.expiresAt)
            return;
        const auto left = std::chrono::ceil<std::chrono::seconds>(*taking.expiresAt - record.at).count();
        const bool isAlive = left > 0 || taking.at == record.at; // at once, even with an interval of 0 [D-14]
        const bool isTold = to.version != Version::V5 || told == quint32(std::max<qint64>(left, 0));
        if (isAlive && isTold)
            return;
    }
    if (!takings.empty())
        breach(MessageExpiry, record.seq,
               QStringLiteral("%1 is sent after its end, or with another interval than is left").arg(nameOf(publish)));
}

void DeliveryWatch::checkIdentifiers(const Copies &copies, const PublishPacket &publish, const WatchedSession &to,
                                     const TraceRecord &record)
{
    if (to.version != Version::V5)
        return;
    const QList<quint32> identifiers = identifiersOf(publish);
    const auto fits = [&](const Copy &copy) { return copy.identifiers == identifiers; };
    if (std::none_of(copies.all.begin(), copies.all.end(), fits))
        breach(SubscriptionIdentifiers, record.seq,
               QStringLiteral("%1 to %2 does not carry the identifiers of its subscriptions")
                   .arg(nameOf(publish), QString::fromUtf8(to.clientId)));
}

void DeliveryWatch::dropped(const MessageDropped &drop)
{
    const bool isOfQos0 = drop.cause == DropCause::QosZeroOffline || drop.cause == DropCause::QosZeroBlocked;
    if (const WatchedSession *session = m_sessions.session(drop.clientId); session && !isOfQos0)
        ++m_inbound[session->incarnation].drops[drop.topic];
}

void DeliveryWatch::delivered(const PublishPacket &publish, LinkId brokerLink, const TraceRecord &record)
{
    const WatchedLink *link = m_sessions.link(brokerLink);
    if (!link)
        return;
    Inbound &inbound = m_inbound[link->incarnation];
    const auto found = inbound.messages.find(keyOf(publish));
    if (found == inbound.messages.end())
        return;
    Copies &copies = found->second;
    const bool isFirst = !std::exchange(copies.isDelivered, true);
    if (publish.retain || isDoubtful(link->incarnation))
        return;
    if (publish.qos == Qos::ExactlyOnce) {
        const auto allowed = quint32(copies.all.size()) + copies.shared;
        if (++copies.deliveredTwice > allowed)
            breach(ExactlyOnce, record.seq, QStringLiteral("%1 is delivered again at QoS 2").arg(nameOf(publish)));
    }
    if (isFirst)
        checkOrder(inbound, copies, publish, record);
}

/// First occurrences only; a message that came twice and lost its first copy shows its second one, which came later.
void DeliveryWatch::checkOrder(Inbound &inbound, const Copies &copies, const PublishPacket &publish,
                               const TraceRecord &record)
{
    const bool isLossy = publish.qos == Qos::AtMostOnce && copies.all.size() > 1;
    if (copies.all.empty() || isLossy || copies.shared > 0 || inbound.drops.contains(publish.topic))
        return;
    const Copy &copy = copies.all.front();
    const QByteArray stream = publish.topic + '\0' + copy.publisher + '\0' + char('0' + int(copy.publishedQos)) +
                              char('0' + int(publish.qos));
    quint64 &last = inbound.lastIndex[stream];
    if (copy.index < last)
        breach(Order, record.seq,
               QStringLiteral("%1 is delivered after one that was published later").arg(nameOf(publish)));
    last = std::max(last, copy.index);
}

// ---- at rest ----

/// What is missing must wait for its session, or its loss must have been told.
void DeliveryWatch::checkAtRest(const BrokerView &view, TraceSeq at)
{
    for (const ServerSessionView &row : view.sessions) {
        const WatchedSession *session = m_sessions.session(row.clientId);
        const auto inbound = session ? m_inbound.find(session->incarnation) : m_inbound.end();
        if (inbound == m_inbound.end() || isDoubtful(session->incarnation))
            continue;
        std::map<QByteArray, qint64> missing;
        for (const auto &[key, copies] : inbound->second.messages) {
            const auto isKept = [](const Copy &copy) { return copy.qos != Qos::AtMostOnce; };
            if (!copies.isDelivered && !copies.all.empty() && std::all_of(copies.all.begin(), copies.all.end(), isKept))
                ++missing[key.topic];
        }
        for (const auto &[topic, drops] : inbound->second.drops)
            missing[topic] -= drops;
        for (const QueuedView &queued : row.queued)
            missing[queued.topic] -= queued.qos == Qos::AtMostOnce ? 0 : 1;
        for (const ExchangeView &exchange : row.sent)
            missing[exchange.topic] -= exchange.waitsFor == PacketType::Pubcomp ? 0 : 1;
        for (const auto &[topic, count] : missing) {
            if (count > 0)
                breach(AtLeastOnce, at,
                       QStringLiteral("%1 messages on %2 for %3 are neither delivered nor waiting nor dropped")
                           .arg(count)
                           .arg(QString::fromUtf8(topic), QString::fromUtf8(row.clientId)));
        }
    }
}

} // namespace sessionscope
