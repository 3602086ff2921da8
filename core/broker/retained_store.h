// Retained messages: at most one a topic, belonging to the topic and to no session (MQTT-3.3.1-5).
// A tree by topic level in byte order, so that a replay's order depends on the topics alone. An expired message is as
// good as absent and is removed when somebody comes across it. Recursion is as deep as a topic has levels: the broker
// limits those.
#pragma once

#include "core/broker/topic_levels.h"
#include "core/session/message.h"

#include <QByteArrayView>

#include <map>
#include <memory>
#include <vector>

namespace sessionscope {

/// What limits of memory count of a retained message: the message, and a node for each level of its topic.
inline qsizetype retainedBytes(QByteArrayView topic, qsizetype messageBytes)
{
    return messageBytes + levelBytes(topic);
}
inline qsizetype retainedBytes(const Message &message)
{
    return retainedBytes(message.topic, storedBytes(message));
}

class RetainedStore
{
public:
    RetainedStore();

    /// Stores message under its topic in place of the one before.
    void set(MessagePtr message);
    /// False when there was none.
    bool remove(QByteArrayView topic);
    /// The topic's message, or null; an expired one counts as none.
    MessagePtr find(QByteArrayView topic, Instant now) const;
    /// Appends the live messages whose topic the filter (without $share part) matches, and removes expired ones it
    /// meets. Returns at how many places of the store it looked.
    qsizetype match(QByteArrayView filter, Instant now, std::vector<MessagePtr> &messages);
    /// Removes every expired message; returns how many.
    qsizetype removeExpired(Instant now);

    /// Messages held, expired ones that nobody came across included.
    qsizetype size() const { return m_size; }
    bool isEmpty() const { return m_size == 0; }
    /// The retainedBytes() of these messages.
    qsizetype bytes() const { return m_bytes; }

private:
    struct Node
    {
        std::map<QByteArray, std::unique_ptr<Node>, std::less<>> children;
        MessagePtr message;
    };
    static_assert(sizeof(Node) <= levelOverhead);
    struct Search
    {
        QByteArrayView filter;
        Instant now;
        std::vector<MessagePtr> *messages = nullptr; ///< null: only remove expired ones
        mutable qsizetype looks = 0;
    };

    enum class IsRoot : quint8
    {
        No,
        Yes
    };

    void put(Node &node, MessagePtr message);
    static bool isEmpty(const Node &node) { return !node.message && node.children.empty(); }
    void matchLevel(Node &node, qsizetype offset, IsRoot isRoot, const Search &search);
    void visitAll(Node &node, IsRoot isRoot, const Search &search);
    void visit(Node &node, const Search &search);
    template<class Descend> void eachChild(Node &node, IsRoot isRoot, Descend &&descend);

    std::unique_ptr<Node> m_root;
    qsizetype m_size = 0;
    qsizetype m_bytes = 0;
};

} // namespace sessionscope
