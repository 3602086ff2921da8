// From one message to the copies of its receivers: matching, No Local, merging of overlapping subscriptions, the choice
// in share groups. A client gets one copy with the highest QoS and all identifiers of its matching ordinary
// subscriptions, and one more for each of its share groups whose turn it has.
#include "core/broker/broker_step.h"

namespace sessionscope {

namespace {

/// The lower QoS of the two (MQTT-3.8.4-8, v3:MQTT-3.8.4-6), RETAIN as the subscription asks (MQTT-3.3.1-12, -13,
/// v3:MQTT-3.3.1-9).
Delivery deliveryFor(const Subscription &subscription, const MessagePtr &message)
{
    Delivery delivery{message,
                      deliveredQos(*message, subscription.options.maximumQos),
                      message->retain && subscription.options.retainAsPublished,
                      {}};
    if (subscription.identifier)
        delivery.subscriptionIdentifiers.append(subscription.identifier);
    return delivery;
}

// MQTT-3.8.3-3.
bool isOwn(const Subscription &subscription, const ServerSession *publisher)
{
    return subscription.options.noLocal && subscription.session == publisher;
}

} // namespace

/// To every session that subscribes, connected or not (MQTT-4.5.0-1, v3:MQTT-3.1.2-5, v3:MQTT-4.5.0-1), each topic in
/// order of arrival (MQTT-4.6.0-5, -6, v3:MQTT-4.6.0-5, -6).
qsizetype BrokerStep::route(const MessagePtr &message, const ServerSession *publisher)
{
    findMatches(message->topic);
    const auto &matches = m_broker.matches;
    if (matches.empty())
        return 0;
    // On one node nobody has two subscriptions, so there is nothing to merge.
    qsizetype receivers =
        matches.size() == 1 ? fanOut(*matches.front(), message, publisher) : fanOutMerged(message, publisher);
    for (const FilterNode *node : matches)
        receivers += node->groups ? fanOutToGroups(*node, message) : 0;
    return receivers;
}

/// A publisher's next message mostly has the topic of its last one, and then even shares its text: no new search.
void BrokerStep::findMatches(const QByteArray &topic)
{
    const QByteArray &matched = m_broker.matchedTopic;
    const bool isSameText = topic.constData() == matched.constData() && topic.size() == matched.size();
    if (isSameText && m_broker.matchedRevision == m_broker.subscriptions.revision())
        return;
    m_broker.matches.clear();
    m_broker.subscriptions.match(topic, m_broker.matches);
    m_broker.matchedTopic = topic;
    m_broker.matchedRevision = m_broker.subscriptions.revision();
}

qsizetype BrokerStep::fanOut(const FilterNode &node, const MessagePtr &message, const ServerSession *publisher)
{
    qsizetype receivers = 0;
    for (const Subscription *subscription : node.subscribers) {
        if (isOwn(*subscription, publisher))
            continue;
        deliver(*subscription->session, deliveryFor(*subscription, message));
        ++receivers;
    }
    return receivers;
}

/// MQTT-4.8.2-3.
qsizetype BrokerStep::fanOutToGroups(const FilterNode &node, const MessagePtr &message)
{
    for (const auto &group : *node.groups) {
        const Subscription &member = memberFor(message, *group);
        deliver(*member.session, deliveryFor(member, message), group->key);
    }
    return qsizetype(node.groups->size());
}

/// The member whose turn it is. One that does not read at the moment, may not read this topic or has no room for it is
/// passed over while there is another.
Subscription &BrokerStep::memberFor(const MessagePtr &message, ShareGroup &group) const
{
    const auto canTake = [this, &message](const Subscription &member) {
        const ServerSession &session = *member.session;
        const bool isBlocked = session.connection && session.connection->blocked;
        return !isBlocked && (!session.rights || session.rights->mayRead(message->topic)) &&
               !isFullFor(session, copyBytes(storedBytes(*message), 1));
    };
    Subscription &first = group.choose();
    Subscription *member = &first;
    const quint32 candidates = group.connected ? group.connected : quint32(group.members.size());
    for (quint32 i = 1; i < candidates && !canTake(*member); ++i)
        member = &group.choose();
    return canTake(*member) ? *member : first;
}

qsizetype BrokerStep::fanOutMerged(const MessagePtr &message, const ServerSession *publisher)
{
    auto &copies = m_broker.copies;
    copies.clear();
    ++m_broker.routingSerial;
    for (const FilterNode *node : m_broker.matches) {
        for (const Subscription *subscription : node->subscribers) {
            if (!isOwn(*subscription, publisher))
                merge(*subscription, message);
        }
    }
    for (RoutedCopy &copy : copies)
        deliver(*copy.session, std::move(copy.delivery));
    const auto receivers = qsizetype(copies.size());
    copies.clear();
    return receivers;
}

// MQTT-3.3.4-2, -4, v3:MQTT-3.3.5-1.
void BrokerStep::merge(const Subscription &subscription, const MessagePtr &message)
{
    auto &copies = m_broker.copies;
    ServerSession &session = *subscription.session;
    if (session.routedBy != m_broker.routingSerial) {
        session.routedBy = m_broker.routingSerial;
        session.routedSlot = quint32(copies.size());
        copies.push_back({&session, deliveryFor(subscription, message)});
        return;
    }
    Delivery &delivery = copies[session.routedSlot].delivery;
    delivery.qos = std::max(delivery.qos, deliveredQos(*message, subscription.options.maximumQos));
    delivery.retain = delivery.retain || (message->retain && subscription.options.retainAsPublished);
    if (subscription.identifier)
        delivery.subscriptionIdentifiers.append(subscription.identifier);
}

void BrokerStep::redispatch(const MessagePtr &message, ShareKey share)
{
    ShareGroup *group = share.value ? m_broker.subscriptions.group(share) : nullptr;
    if (!group)
        return;
    const Subscription &member = memberFor(message, *group);
    // To this member it would be a first sending (MQTT-3.3.2-5).
    if (isOver(*message, m_now))
        return dropped(*member.session, *message, DropCause::Expired);
    deliver(*member.session, deliveryFor(member, message), share);
}

} // namespace sessionscope
