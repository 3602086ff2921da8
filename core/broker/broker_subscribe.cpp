// SUBSCRIBE and UNSUBSCRIBE: one reason a filter, then the retained messages that Retain Handling asks for.
#include "core/broker/broker_step.h"

#include "core/mqtt/topic.h"

#include <algorithm>
#include <set>

namespace sessionscope {

namespace {

using OwnSubscriptions = std::vector<std::unique_ptr<Subscription>>;

OwnSubscriptions::iterator placeOf(OwnSubscriptions &subscriptions, QByteArrayView filter)
{
    return std::lower_bound(
        subscriptions.begin(), subscriptions.end(), filter,
        [](const auto &subscription, QByteArrayView wanted) { return QByteArrayView(subscription->filter) < wanted; });
}

/// Where filter stands, or nullptr.
Subscription *findOwn(OwnSubscriptions &subscriptions, QByteArrayView filter)
{
    const auto place = placeOf(subscriptions, filter);
    return place == subscriptions.end() || QByteArrayView((*place)->filter) != filter ? nullptr : place->get();
}

} // namespace

/// One answer with one code a filter, in their order (MQTT-3.8.4-1, -2, -5, -7, MQTT-3.9.3-1, v3:MQTT-3.8.4-1, -2,
/// -4, v3:MQTT-3.9.3-1), then retained messages (MQTT-3.3.1-9 to -11, v3:MQTT-3.3.1-6, -8).
void BrokerStep::arrived(ServerConnection &connection, SubscribePacket &packet, const Findings &findings)
{
    if (!mayAnswerFilters(connection, findings))
        return;
    ServerSession &session = *connection.session;
    const bool isV5 = connection.version == Version::V5;
    const auto objection = isV5 ? unavailableIn(packet) : std::nullopt;
    if (objection && !goesOnDespite(connection, *objection))
        return;
    if (connection.version == Version::V31 && refusesWhole(connection, packet))
        return;
    const auto refusal = requestRefusal(connection, packet.packetId);
    const quint32 identifier = packet.properties.integer(PropertyId::SubscriptionIdentifier).value_or(0);
    SubackPacket answer{packet.packetId, {}, {}};
    std::vector<const Subscription *> toReplay;
    const auto isSystem = [](const auto &entry) { return isSystemFilter(entry.filter); };
    if (std::any_of(packet.entries.begin(), packet.entries.end(), isSystem))
        publishSystemTopics();
    for (const auto &entry : packet.entries) {
        const Subscribed done = refusal ? Subscribed{nullptr, *refusal, false} : subscribe(session, entry, identifier);
        answer.reasons.append(isV5 || !isFailure(done.reason) ? done.reason : ReasonCode::UnspecifiedError);
        const RetainHandling handling = entry.options.retainHandling;
        const bool replays =
            handling == RetainHandling::SendAtSubscribe || (handling == RetainHandling::SendIfNew && done.isNew);
        if (done.subscription && !done.subscription->group && replays)
            toReplay.push_back(done.subscription);
    }
    if (m_broker.systemDueAt && m_broker.systemSubscriptions == 0) // none of them was granted
        forgetSystemTopics();
    send(connection, std::move(answer));
    const qsizetype bytesAtOnce = std::min(qsizetype(deliveredBytesAtOnce), m_broker.config.maximumQueuedBytes);
    ReplayRoom room{deliveriesAtOnce, bytesAtOnce, retainedLooksAtOnce};
    for (const Subscription *subscription : toReplay) {
        if (room.looks <= 0) {
            report(BrokerRefused{connection.link,
                                 {"v5 §4.13.2", ReasonCode::QuotaExceeded, Sender::Client,
                                  "filters of one SUBSCRIBE match too many retained messages: the rest gets none"}});
            break;
        }
        replayRetained(*subscription, room);
    }
    if (room.isUsedUp()) // what waits goes with the next Tick
        m_broker.connectionDeadlines.arm(connection, m_now);
}

/// A SUBACK of 3.1 has no code for a refusal: its client is closed, and nothing of the request is done [D-42].
bool BrokerStep::refusesWhole(ServerConnection &connection, const SubscribePacket &packet)
{
    ServerSession &session = *connection.session;
    if (lacksStore(session)) {
        refuseForStore(connection);
        return true;
    }
    FilterCount before;
    std::set<QByteArrayView> named;
    for (const auto &entry : packet.entries) {
        if (!named.insert(entry.filter).second || findOwn(session.subscriptions, entry.filter))
            continue;
        if (const ReasonCode reason = subscriptionRefusal(session, entry.filter, before); isFailure(reason)) {
            connection.notesOnly = false;
            refuse(connection,
                   {"v5 §4.13.2", reason, Sender::Client, "filter refused, which a SUBACK of 3.1 cannot tell"});
            return true;
        }
        before.filters += 1;
        before.bytes += subscriptionBytes(entry.filter);
    }
    return false;
}

/// Answered even when there was nothing to delete (MQTT-3.10.4-4 to -6, MQTT-3.11.3-1, v3:MQTT-3.10.4-4 to -6).
void BrokerStep::arrived(ServerConnection &connection, UnsubscribePacket &packet, const Findings &findings)
{
    if (!mayAnswerFilters(connection, findings))
        return;
    ServerSession &session = *connection.session;
    const bool isV5 = connection.version == Version::V5;
    if (!isV5 && lacksStore(session)) // its UNSUBACK cannot say no
        return refuseForStore(connection);
    const auto refusal = requestRefusal(connection, packet.packetId);
    UnsubackPacket answer{packet.packetId, {}, {}};
    for (const auto &filter : packet.filters) {
        const ReasonCode reason = refusal ? *refusal : unsubscribe(session, filter);
        if (isV5)
            answer.reasons.append(reason);
    }
    send(connection, std::move(answer));
}

/// A bad filter is answered in its place of the acknowledgement in 5.0, and by a close before [D-30].
bool BrokerStep::mayAnswerFilters(ServerConnection &connection, const Findings &findings)
{
    if (findings.isEmpty())
        return true;
    if (connection.version != Version::V5) {
        refuse(connection, findings.first());
        return false;
    }
    for (const Finding &finding : findings)
        report(BrokerRefused{connection.link, finding});
    return true;
}

/// What stands against every filter of the request: its identifier is busy [D-38], or no change can be kept [D-41].
std::optional<ReasonCode> BrokerStep::requestRefusal(const ServerConnection &connection, PacketId id)
{
    const ServerSession &session = *connection.session;
    if (connection.version == Version::V5 && session.messagesOrNone().inbox.isHeld(id))
        return ReasonCode::PacketIdentifierInUse;
    if (!lacksStore(session))
        return {};
    report(BrokerRefused{connection.link, storeFails});
    return storeFails.reason;
}

/// What CONNACK said is not to be had; asking for it is a protocol error in 5.0.
std::optional<rules::Finding> BrokerStep::unavailableIn(const SubscribePacket &packet) const
{
    const BrokerConfig &config = m_broker.config;
    const auto asksFor = [&packet](auto has) {
        return std::any_of(packet.entries.begin(), packet.entries.end(),
                           [has](const auto &entry) { return has(entry.filter); });
    };
    if (!config.wildcardSubscriptionAvailable && asksFor([](const QByteArray &filter) { return hasWildcard(filter); }))
        return Finding{"v5 §3.2.2.3.11", ReasonCode::WildcardSubscriptionsNotSupported, Sender::Client,
                       "wildcard subscription where there are none"};
    if (!config.subscriptionIdentifierAvailable && packet.properties.contains(PropertyId::SubscriptionIdentifier))
        return Finding{"v5 §3.2.2.3.12", ReasonCode::SubscriptionIdentifiersNotSupported, Sender::Client,
                       "Subscription Identifier where there are none"};
    if (!config.sharedSubscriptionAvailable && asksFor([](const QByteArray &filter) { return isSharedFilter(filter); }))
        return Finding{"v5 §3.2.2.3.13", ReasonCode::SharedSubscriptionsNotSupported, Sender::Client,
                       "shared subscription where there are none"};
    return {};
}

ReasonCode BrokerStep::subscriptionRefusal(const ServerSession &session, const QByteArray &filter,
                                           const FilterCount &before) const
{
    if (!isTopicFilter(filter))
        return ReasonCode::TopicFilterInvalid;
    // 3.x comes so far with these (v3:MQTT-3.8.3-2), and 5.0 where its connection goes on all the same.
    if (!m_broker.config.wildcardSubscriptionAvailable && hasWildcard(filter))
        return ReasonCode::WildcardSubscriptionsNotSupported;
    const bool isOlder = session.version != Version::V5; // [D-23]
    const bool canShare = m_broker.config.sharedSubscriptionAvailable && !(isOlder && m_broker.config.sharesWithV5Only);
    if (!canShare && isSharedFilter(filter))
        return ReasonCode::SharedSubscriptionsNotSupported;
    const BrokerConfig &config = m_broker.config;
    const qsizetype bytes = before.bytes + subscriptionBytes(filter);
    const bool isTooMany = before.filters + qsizetype(session.subscriptions.size()) >= config.maximumSubscriptions ||
                           before.filters + m_broker.subscriptions.size() >= config.maximumSubscriptionsInAll ||
                           session.subscriptionBytes + bytes > config.maximumSubscriptionBytes ||
                           m_broker.subscriptionBytes + bytes > config.maximumSubscriptionBytesInAll;
    return isTooDeep(filter) || isTooMany ? ReasonCode::QuotaExceeded : ReasonCode::Success;
}

/// Replaces without a gap (MQTT-3.8.4-4, v3:MQTT-3.8.4-3) and grants what the server has (MQTT-3.2.2-10).
BrokerStep::Subscribed BrokerStep::subscribe(ServerSession &session, const SubscribePacket::Entry &entry,
                                             quint32 identifier)
{
    Subscription *own = findOwn(session.subscriptions, entry.filter);
    const bool isNew = !own;
    if (isNew) {
        if (const ReasonCode refusal = subscriptionRefusal(session, entry.filter, {}); isFailure(refusal))
            return {nullptr, refusal, false};
        auto created = std::make_unique<Subscription>();
        own = created.get();
        own->session = &session;
        own->filter = entry.filter;
        session.subscriptions.insert(placeOf(session.subscriptions, entry.filter), std::move(created));
        m_broker.subscriptions.add(*own, SubscriptionTree::Presence::Connected);
        session.sharedSubscriptions += own->group ? 1 : 0;
        m_broker.sharedSubscriptions += own->group ? 1 : 0;
        session.subscriptionBytes += subscriptionBytes(own->filter);
        m_broker.subscriptionBytes += subscriptionBytes(own->filter);
        systemSubscribed(own->filter);
    }
    // Present or not, the options are this packet's from now on (MQTT-3.8.4-3); queued copies keep theirs [D-18].
    own->options = entry.options;
    own->options.maximumQos = std::min(entry.options.maximumQos, m_broker.config.maximumQos);
    own->identifier = identifier;
    return {own, ReasonCode(own->options.maximumQos), isNew};
}

/// The equal filter and no other; what is on its way stays on it (MQTT-3.10.4-1 to -3, v3:MQTT-3.10.4-1 to -3).
ReasonCode BrokerStep::unsubscribe(ServerSession &session, const QByteArray &filter)
{
    if (!isTopicFilter(filter))
        return ReasonCode::TopicFilterInvalid;
    Subscription *own = findOwn(session.subscriptions, filter);
    if (!own)
        return ReasonCode::NoSubscriptionExisted;
    session.sharedSubscriptions -= own->group ? 1 : 0;
    m_broker.sharedSubscriptions -= own->group ? 1 : 0;
    session.subscriptionBytes -= subscriptionBytes(own->filter);
    m_broker.subscriptionBytes -= subscriptionBytes(own->filter);
    m_broker.subscriptions.remove(*own);
    systemUnsubscribed(own->filter);
    session.subscriptions.erase(placeOf(session.subscriptions, filter));
    return ReasonCode::Success;
}

/// What has no room to go at once waits in the queue, whose limits then hold.
void BrokerStep::replayRetained(const Subscription &subscription, ReplayRoom &room)
{
    ServerSession &session = *subscription.session;
    std::vector<MessagePtr> found;
    room.looks -= m_broker.retained.match(subscription.filter, m_now, found);
    for (MessagePtr &message : found) {
        Delivery delivery{std::move(message), {}, true, {}};
        delivery.qos = deliveredQos(*delivery.message, subscription.options.maximumQos);
        if (subscription.identifier)
            delivery.subscriptionIdentifiers.append(subscription.identifier);
        const bool mayRead = !session.rights || session.rights->mayRead(delivery.message->topic);
        const bool goesAtOnce = !room.isUsedUp() || !mayRead; // which tells that it is dropped
        --room.messages;
        room.bytes -= delivery.message->payload.size();
        if (goesAtOnce)
            deliver(session, std::move(delivery));
        else
            enqueue(session, std::move(delivery), {});
    }
}

} // namespace sessionscope
