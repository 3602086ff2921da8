#include "core/broker/retained_store.h"

namespace sessionscope {

namespace {

bool isLive(const MessagePtr &message, Instant now)
{
    return message && (!message->expiresAt || now < *message->expiresAt);
}

} // namespace

RetainedStore::RetainedStore() : m_root(std::make_unique<Node>()) {}

void RetainedStore::set(MessagePtr message)
{
    Node *node = m_root.get();
    const QByteArrayView topic = message->topic;
    for (qsizetype offset = 0; offset <= topic.size();) {
        const QByteArrayView level = takeLevel(topic, offset);
        auto child = node->children.find(level);
        if (child == node->children.end())
            child = node->children.emplace(level.toByteArray(), std::make_unique<Node>()).first;
        node = child->second.get();
    }
    put(*node, std::move(message));
}

/// In place of what was there; null takes it away.
void RetainedStore::put(Node &node, MessagePtr message)
{
    for (const auto &[changed, sign] : {std::pair(&node.message, -1), std::pair(&message, 1)}) {
        m_size += *changed ? sign : 0;
        m_bytes += *changed ? sign * retainedBytes(**changed) : 0;
    }
    node.message = std::move(message);
}

bool RetainedStore::remove(QByteArrayView topic)
{
    struct Edge
    {
        Node *parent = nullptr;
        std::map<QByteArray, std::unique_ptr<Node>, std::less<>>::iterator child;
    };
    std::vector<Edge> path;
    Node *node = m_root.get();
    for (qsizetype offset = 0; offset <= topic.size();) {
        const auto child = node->children.find(takeLevel(topic, offset));
        if (child == node->children.end())
            return false;
        path.push_back({node, child});
        node = child->second.get();
    }
    if (!node->message)
        return false;
    put(*node, {});
    for (; !path.empty(); path.pop_back()) {
        const Edge &edge = path.back();
        if (edge.child->second->message || !edge.child->second->children.empty())
            break;
        edge.parent->children.erase(edge.child);
    }
    return true;
}

MessagePtr RetainedStore::find(QByteArrayView topic, Instant now) const
{
    const Node *node = m_root.get();
    for (qsizetype offset = 0; offset <= topic.size();) {
        const auto child = node->children.find(takeLevel(topic, offset));
        if (child == node->children.end())
            return {};
        node = child->second.get();
    }
    return isLive(node->message, now) ? node->message : MessagePtr{};
}

qsizetype RetainedStore::match(QByteArrayView filter, Instant now, std::vector<MessagePtr> &messages)
{
    const Search search{filter, now, &messages};
    matchLevel(*m_root, 0, IsRoot::Yes, search);
    return search.looks;
}

qsizetype RetainedStore::removeExpired(Instant now)
{
    const qsizetype before = m_size;
    visitAll(*m_root, IsRoot::No, {{}, now, nullptr});
    return before - m_size;
}

void RetainedStore::matchLevel(Node &node, qsizetype offset, IsRoot isRoot, const Search &search)
{
    ++search.looks;
    if (offset > search.filter.size()) {
        visit(node, search);
        return;
    }
    const QByteArrayView level = takeLevel(search.filter, offset);
    if (level == "#") {
        visitAll(node, isRoot, search);
        return;
    }
    if (level == "+") {
        eachChild(node, isRoot, [&](Node &child) { matchLevel(child, offset, IsRoot::No, search); });
        return;
    }
    const auto child = node.children.find(level);
    if (child == node.children.end())
        return;
    matchLevel(*child->second, offset, IsRoot::No, search);
    if (isEmpty(*child->second))
        node.children.erase(child);
}

void RetainedStore::visitAll(Node &node, IsRoot isRoot, const Search &search)
{
    ++search.looks;
    visit(node, search);
    eachChild(node, isRoot, [&](Node &child) { visitAll(child, IsRoot::No, search); });
}

void RetainedStore::visit(Node &node, const Search &search)
{
    if (!node.message)
        return;
    if (!isLive(node.message, search.now)) {
        put(node, {});
    } else if (search.messages) {
        search.messages->push_back(node.message);
    }
}

template<class Descend> void RetainedStore::eachChild(Node &node, IsRoot isRoot, Descend &&descend)
{
    for (auto child = node.children.begin(); child != node.children.end();) {
        // A wildcard in first place stands for no level that begins with "$" (MQTT-4.7.2-1).
        if (isRoot == IsRoot::Yes && child->first.startsWith('$')) {
            ++child;
            continue;
        }
        descend(*child->second);
        child = isEmpty(*child->second) ? node.children.erase(child) : std::next(child);
    }
}

} // namespace sessionscope
