#include "core/profile/write_profile.h"

#include "core/notation/values.h"
#include "core/scenario/grammar.h"
#include "core/scenario/scalars.h"
#include "core/scenario/write_command.h"

#include <algorithm>

namespace sessionscope {

namespace {

void remove(Node &map, const QString &key, const QString &value)
{
    std::erase_if(map.entries, [&](const Node::Entry &entry) { return entry.key == key && entry.value.text == value; });
}

Node *entryOf(Node &map, const QString &key)
{
    const auto found = std::ranges::find(map.entries, key, &Node::Entry::key);
    return found == map.entries.end() ? nullptr : &found->value;
}

/// What a reader has anyway unless told.
void removeDefaults(Node &node, const Profile &profile)
{
    remove(node, QStringLiteral("client_id"), profile.name);
    remove(node, QStringLiteral("clean_start"), QStringLiteral("true"));
    if (Node *will = entryOf(node, QStringLiteral("will")); will && profile.client.connect.will->payload.isEmpty())
        remove(*will, QStringLiteral("payload"), {});
    if (Node *reconnect = entryOf(node, QStringLiteral("auto_reconnect"))) {
        const ReconnectPolicy usual;
        remove(*reconnect, QStringLiteral("first_wait"), spanText(usual.firstWait));
        remove(*reconnect, QStringLiteral("longest_wait"), spanText(usual.longestWait));
        remove(*reconnect, QStringLiteral("attempts"), QString::number(usual.maximumAttempts));
        if (reconnect->entries.empty())
            *reconnect = scalarNode(QStringLiteral("true"));
    }
}

/// In a profile nothing is replaced, so nothing has to be kept from being replaced.
void unescape(Node &node)
{
    node.text.replace(QStringLiteral("$${"), QStringLiteral("${"));
    for (Node &item : node.items)
        unescape(item);
    for (Node::Entry &entry : node.entries)
        unescape(entry.value);
}

/// The one of several shapes that a node of this kind has.
const Shape &shapeFor(const Node &node, const Shape &shape)
{
    const auto wanted = node.isMap() ? Shape::Kind::Map : Shape::Kind::List;
    for (const Shape *one : shape.any) {
        if (one->kind == wanted)
            return *one;
    }
    return shape;
}

/// Keys in the order in which the grammar names them.
void order(Node &node, const Shape &any)
{
    const Shape &shape = shapeFor(node, any);
    for (Node &item : node.items) {
        if (shape.item)
            order(item, *shape.item);
    }
    const auto field = [&shape](const Node::Entry &entry) {
        return std::ranges::find(shape.fields, entry.key, &Field::name);
    };
    for (Node::Entry &entry : node.entries) {
        if (const auto found = field(entry); found != shape.fields.end())
            order(entry.value, *found->shape);
    }
    std::ranges::stable_sort(node.entries, {}, field);
}

} // namespace

Node profileNode(const Profile &profile)
{
    Node node = connectNode(profile.client.connect);
    for (Node::Entry &entry : policyNode(profile.client.policy).entries)
        setEntry(node, entry.key, std::move(entry.value));
    std::vector<Node> subscriptions;
    for (const SubscribeCommand &command : profile.subscribe) {
        Node one = subscribeNode(command);
        subscriptions.push_back(one.entries.size() == 1 ? one.entries.front().value : std::move(one));
    }
    if (!subscriptions.empty())
        setEntry(node, QStringLiteral("subscribe"), listNode(std::move(subscriptions)));
    removeDefaults(node, profile);
    unescape(node);
    setEntry(node, QStringLiteral("profile"), scalarNode(profile.name));
    if (!profile.about.isEmpty())
        setEntry(node, QStringLiteral("about"), scalarNode(profile.about));
    if (profile.client.broker)
        setEntry(node, QStringLiteral("broker"), scalarNode(toUrl(*profile.client.broker)));
    if (!profile.client.passwordFrom.isNone())
        setEntry(node, QStringLiteral("password"), passwordNode(profile.client.passwordFrom));
    if (Node tls = tlsNode(profile.client.tls, FileNames::AsWritten); !tls.entries.empty())
        setEntry(node, QStringLiteral("tls"), std::move(tls));
    if (!profile.authMethod.isEmpty())
        setEntry(node, QStringLiteral("auth_method"), scalarNode(QString::fromUtf8(profile.authMethod)));
    order(node, profileShape());
    return node;
}

QByteArray writeProfile(const Profile &profile)
{
    return writeDocument(profileNode(profile));
}

} // namespace sessionscope
