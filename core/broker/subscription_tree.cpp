#include "core/broker/subscription_tree.h"

#include "core/mqtt/topic.h"

#include <QHashFunctions>

#include <utility>

namespace sessionscope {

namespace {

constexpr std::size_t firstBuckets = 16;
/// A list is given less room again when it uses less than a quarter of it and had at least this much.
constexpr qsizetype smallestShrink = 16;

void shrink(SubscriptionList &list)
{
    if (list.capacity() >= smallestShrink && list.size() < list.capacity() / 4)
        list.squeeze();
}

std::size_t hashUnder(const FilterNode *node, QByteArrayView text)
{
    return qHash(text, std::size_t(reinterpret_cast<quintptr>(node) >> 4));
}

void place(SubscriptionList &list, qsizetype slot, Subscription *subscription)
{
    list[slot] = subscription;
    subscription->slot = quint32(slot);
}

void swapMembers(SubscriptionList &list, qsizetype a, qsizetype b)
{
    Subscription *first = list[a];
    place(list, a, list[b]);
    place(list, b, first);
}

} // namespace

Subscription &ShareGroup::choose()
{
    const quint32 preferred = connected ? connected : quint32(members.size());
    return *members[turn++ % preferred];
}

std::size_t ShareIdHash::operator()(const ShareId &id) const noexcept
{
    return hashUnder(id.node, id.name);
}

SubscriptionTree::SubscriptionTree() : m_root(std::make_unique<FilterNode>()), m_buckets(firstBuckets) {}

void SubscriptionTree::add(Subscription &subscription, Presence presence)
{
    if (const auto shared = parseSharedFilter(subscription.filter)) {
        join(subscription, shared->shareName, obtainPath(shared->filter), presence);
    } else {
        FilterNode &node = obtainPath(subscription.filter);
        subscription.node = &node;
        subscription.slot = quint32(node.subscribers.size());
        node.subscribers.push_back(&subscription);
    }
    ++m_size;
    ++m_revision;
}

void SubscriptionTree::remove(Subscription &subscription)
{
    FilterNode *node = subscription.node;
    if (subscription.group) {
        leave(subscription);
    } else {
        auto &list = node->subscribers;
        place(list, subscription.slot, list.back());
        list.pop_back();
        shrink(list);
    }
    subscription.node = nullptr;
    --m_size;
    ++m_revision;
    prune(node);
}

void SubscriptionTree::join(Subscription &subscription, QByteArrayView name, FilterNode &node, Presence presence)
{
    const auto found = m_groupsById.find({&node, name});
    ShareGroup &group = found == m_groupsById.end() ? establish(name, node) : *found->second;
    subscription.node = &node;
    subscription.group = &group;
    subscription.slot = quint32(group.members.size());
    group.members.push_back(&subscription);
    setPresence(subscription, presence);
}

void SubscriptionTree::leave(Subscription &subscription)
{
    setPresence(subscription, Presence::Detached);
    ShareGroup &group = *subscription.group;
    subscription.group = nullptr;
    place(group.members, subscription.slot, group.members.back());
    group.members.pop_back();
    shrink(group.members);
    if (!group.members.isEmpty())
        return;
    dissolve(group);
}

ShareGroup &SubscriptionTree::establish(QByteArrayView name, FilterNode &node)
{
    if (!node.groups)
        node.groups = std::make_unique<std::vector<std::unique_ptr<ShareGroup>>>();
    ShareGroup &group = *node.groups->emplace_back(std::make_unique<ShareGroup>());
    group.key.value = ++m_lastShareKey;
    group.name = name.toByteArray();
    group.node = &node;
    group.slot = quint32(node.groups->size() - 1);
    m_groups.emplace(group.key.value, &group);
    m_groupsById.emplace(ShareId{&node, group.name}, &group);
    return group;
}

/// The last one of the list takes the place, so that thousands of groups on one filter end in linear time.
void SubscriptionTree::dissolve(ShareGroup &group)
{
    m_groups.erase(group.key.value);
    m_groupsById.erase(ShareId{group.node, group.name});
    auto &groups = group.node->groups;
    auto &vacant = (*groups)[group.slot];
    groups->back()->slot = group.slot;
    std::swap(vacant, groups->back());
    groups->pop_back();
    if (groups->empty())
        groups.reset();
}

void SubscriptionTree::setPresence(Subscription &shared, Presence presence)
{
    Q_ASSERT(shared.group);
    ShareGroup &group = *shared.group;
    const bool isInFront = shared.slot < group.connected;
    if (isInFront == (presence == Presence::Connected))
        return;
    if (presence == Presence::Connected)
        swapMembers(group.members, shared.slot, group.connected++);
    else
        swapMembers(group.members, shared.slot, --group.connected);
}

ShareGroup *SubscriptionTree::group(ShareKey key) const
{
    const auto found = m_groups.find(key.value);
    return found == m_groups.end() ? nullptr : found->second;
}

void SubscriptionTree::match(QByteArrayView topic, Matches &matches) const
{
    const auto take = [&matches](const FilterNode *node) {
        if (!node->subscribers.isEmpty() || node->groups)
            matches.push_back(node);
    };
    const bool isSystemTopic = topic.startsWith('$');
    m_work.clear();
    m_work.push_back({m_root.get(), 0});
    while (!m_work.empty()) {
        auto [node, offset] = m_work.back();
        m_work.pop_back();
        const bool wildcardsAllowed = node != m_root.get() || !isSystemTopic;
        // "#" stands for the parent level too, hence before the question whether a level is left.
        if (node->multiLevel && wildcardsAllowed)
            take(node->multiLevel);
        if (offset > topic.size()) {
            take(node);
            continue;
        }
        const QByteArrayView level = takeLevel(topic, offset);
        if (node->singleLevel && wildcardsAllowed)
            m_work.push_back({node->singleLevel, offset});
        if (const FilterNode *next = node->children ? child(node, level) : nullptr;
            next && next != node->singleLevel && next != node->multiLevel)
            m_work.push_back({next, offset});
    }
}

FilterNode *SubscriptionTree::child(const FilterNode *parent, QByteArrayView level) const
{
    const std::size_t hash = hashUnder(parent, level);
    for (FilterNode *node = m_buckets[hash & (m_buckets.size() - 1)].get(); node; node = node->next.get()) {
        if (node->hash == hash && node->parent == parent && QByteArrayView(node->level) == level)
            return node;
    }
    return nullptr;
}

FilterNode &SubscriptionTree::obtain(FilterNode &parent, QByteArrayView level)
{
    if (FilterNode *present = child(&parent, level))
        return *present;
    if (std::size_t(m_nodeCount) >= m_buckets.size())
        grow();
    auto node = std::make_unique<FilterNode>();
    node->parent = &parent;
    node->level = level.toByteArray();
    node->hash = hashUnder(&parent, level);
    FilterNode &created = *node;
    if (level == "+")
        parent.singleLevel = &created;
    else if (level == "#")
        parent.multiLevel = &created;
    auto &bucket = m_buckets[created.hash & (m_buckets.size() - 1)];
    node->next = std::move(bucket);
    bucket = std::move(node);
    ++parent.children;
    ++m_nodeCount;
    return created;
}

FilterNode &SubscriptionTree::obtainPath(QByteArrayView filter)
{
    FilterNode *node = m_root.get();
    for (qsizetype offset = 0; offset <= filter.size();)
        node = &obtain(*node, takeLevel(filter, offset));
    return *node;
}

void SubscriptionTree::prune(FilterNode *node)
{
    while (node->parent && node->subscribers.isEmpty() && !node->groups && node->children == 0) {
        FilterNode *parent = node->parent;
        if (parent->singleLevel == node)
            parent->singleLevel = nullptr;
        if (parent->multiLevel == node)
            parent->multiLevel = nullptr;
        auto *link = &m_buckets[node->hash & (m_buckets.size() - 1)];
        while (link->get() != node)
            link = &(*link)->next;
        *link = std::move((*link)->next);
        --parent->children;
        --m_nodeCount;
        node = parent;
    }
}

void SubscriptionTree::grow()
{
    auto old = std::exchange(m_buckets, std::vector<std::unique_ptr<FilterNode>>(m_buckets.size() * 2));
    for (auto &first : old) {
        while (first) {
            auto node = std::move(first);
            first = std::move(node->next);
            auto &bucket = m_buckets[node->hash & (m_buckets.size() - 1)];
            node->next = std::move(bucket);
            bucket = std::move(node);
        }
    }
}

} // namespace sessionscope
