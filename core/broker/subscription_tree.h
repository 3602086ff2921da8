// Every subscription of every session, found by topic: a tree by topic level whose edges stand in one hash table.
// A node exists exactly while a subscription stands on it or below it, so a topic remembers nothing of its past.
// One session has at most one ordinary subscription on a node; merging the copies of several nodes is the router's.
#pragma once

#include "core/broker/delivery_queue.h"
#include "core/broker/topic_levels.h"
#include "core/mqtt/packet.h"

#include <QByteArrayView>
#include <QVarLengthArray>

#include <memory>
#include <unordered_map>
#include <vector>

namespace sessionscope {

struct FilterNode;
struct ServerSession;
struct ShareGroup;

/// One subscription of one session (S1). Owned by the session, linked into the tree.
struct Subscription
{
    ServerSession *session = nullptr;
    QByteArray filter;           ///< as subscribed, $share/NAME/ included
    SubscriptionOptions options; ///< maximumQos is the granted one
    quint32 identifier = 0;      ///< Subscription Identifier; 0: none
    FilterNode *node = nullptr;  ///< the tree's
    ShareGroup *group = nullptr; ///< of a shared subscription
    quint32 slot = 0;            ///< the tree's: place in the node's or group's list
};

/// What limits of memory count of a subscription: its filter, and a node for each level of it.
inline qsizetype subscriptionBytes(QByteArrayView filter)
{
    return filter.size() + levelBytes(filter);
}

/// Most filters have one subscription, which takes no storage of its own.
using SubscriptionList = QVarLengthArray<Subscription *, 1>;

/// The members of one $share/NAME/FILTER. Connected members stand in front.
struct ShareGroup
{
    ShareKey key;
    QByteArray name;
    FilterNode *node = nullptr;
    SubscriptionList members;
    quint32 connected = 0; ///< how many of the members, counted from the first
    quint32 turn = 0;      ///< round robin among those preferred
    quint32 slot = 0;      ///< the tree's: place in the node's list

    /// The member whose turn it is, a connected one if there is any (v5 §4.8.2). There always is a member.
    Subscription &choose();
};

/// What a share group is found by: the same ShareName on another filter is another group (v5 §4.8.2).
struct ShareId
{
    const FilterNode *node = nullptr;
    QByteArrayView name; ///< the group's own
    bool operator==(const ShareId &) const = default;
};

struct ShareIdHash
{
    std::size_t operator()(const ShareId &id) const noexcept;
};

/// A filter, or the beginning of one.
struct FilterNode
{
    FilterNode *parent = nullptr;
    FilterNode *singleLevel = nullptr; ///< child "+"
    FilterNode *multiLevel = nullptr;  ///< child "#"
    std::unique_ptr<FilterNode> next;  ///< in its bucket of the edge table
    QByteArray level;
    std::size_t hash = 0; ///< of parent and level
    quint32 children = 0;
    SubscriptionList subscribers;
    std::unique_ptr<std::vector<std::unique_ptr<ShareGroup>>> groups; ///< null: none
};
static_assert(sizeof(FilterNode) <= levelOverhead);

class SubscriptionTree
{
public:
    enum class Presence : quint8
    {
        Connected,
        Detached
    };
    using Matches = std::vector<const FilterNode *>;

    SubscriptionTree();

    /// Links subscription in under its filter, which must be well formed. Presence matters for shared ones only.
    void add(Subscription &subscription, Presence presence);
    /// Takes it out and prunes what it leaves empty.
    void remove(Subscription &subscription);
    /// The session of a shared subscription connected or disconnected.
    void setPresence(Subscription &shared, Presence presence);

    /// Appends every node whose filter matches topic (MQTT-4.7.1-1 to -4.7.2-1). A single node means that no session
    /// can be met twice among ordinary subscriptions.
    void match(QByteArrayView topic, Matches &matches) const;
    /// nullptr when the group's last member left.
    ShareGroup *group(ShareKey key) const;

    /// Changes whenever a subscription is added or removed: what match() gave before stays true until then.
    quint64 revision() const { return m_revision; }
    /// Nodes in the tree, without the root.
    qsizetype nodeCount() const { return m_nodeCount; }
    qsizetype size() const { return m_size; }

private:
    struct Visit
    {
        const FilterNode *node = nullptr;
        qsizetype offset = 0; ///< of the next level in the topic; past its end: no level is left
    };

    FilterNode *child(const FilterNode *parent, QByteArrayView level) const;
    FilterNode &obtain(FilterNode &parent, QByteArrayView level);
    FilterNode &obtainPath(QByteArrayView filter);
    void prune(FilterNode *node);
    void grow();
    void join(Subscription &subscription, QByteArrayView name, FilterNode &node, Presence presence);
    void leave(Subscription &subscription);
    ShareGroup &establish(QByteArrayView name, FilterNode &node);
    void dissolve(ShareGroup &group);

    std::unique_ptr<FilterNode> m_root;
    std::vector<std::unique_ptr<FilterNode>> m_buckets; ///< size is a power of two
    std::unordered_map<quint32, ShareGroup *> m_groups;
    std::unordered_map<ShareId, ShareGroup *, ShareIdHash> m_groupsById;
    quint32 m_lastShareKey = 0;
    quint64 m_revision = 1;
    qsizetype m_nodeCount = 0;
    qsizetype m_size = 0;
    mutable std::vector<Visit> m_work; ///< of match(), kept for its storage
};

} // namespace sessionscope
