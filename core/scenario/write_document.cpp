#include "core/scenario/write_document.h"

#include <algorithm>
#include <yaml-cpp/yaml.h>

namespace sessionscope {

namespace {

/// The root, its lists, and the items of these.
constexpr int blockDepth = 3;
/// What is longer stands in a block further down, too.
constexpr qsizetype lineLimit = 110;

/// Characters of the node in one line, about.
qsizetype widthOf(const Node &node)
{
    qsizetype width = node.text.size() + 2;
    for (const Node &item : node.items)
        width += widthOf(item);
    for (const Node::Entry &entry : node.entries)
        width += entry.key.size() + 2 + widthOf(entry.value);
    return width;
}

/// A text that YAML itself would read as nothing.
bool readsAsNothing(const QString &text)
{
    return text.isEmpty() || text == u"~" || text.compare(u"null", Qt::CaseInsensitive) == 0;
}

void write(YAML::Emitter &out, const Node &node, int depth)
{
    const bool isFlow = depth >= blockDepth && (depth > 2 * blockDepth || widthOf(node) <= lineLimit);
    switch (node.kind) {
    case Node::Kind::Null:
        out << YAML::Null;
        break;
    case Node::Kind::Scalar:
        if (node.isQuoted || readsAsNothing(node.text))
            out << YAML::DoubleQuoted;
        out << node.text.toStdString();
        break;
    case Node::Kind::List:
        out << (isFlow ? YAML::Flow : YAML::Block) << YAML::BeginSeq;
        for (const Node &item : node.items)
            write(out, item, depth + 1);
        out << YAML::EndSeq;
        break;
    case Node::Kind::Map:
        out << (isFlow ? YAML::Flow : YAML::Block) << YAML::BeginMap;
        for (const Node::Entry &entry : node.entries) {
            out << YAML::Key << entry.key.toStdString() << YAML::Value;
            write(out, entry.value, depth + 1);
        }
        out << YAML::EndMap;
        break;
    }
}

} // namespace

QByteArray writeDocument(const Node &root)
{
    YAML::Emitter out;
    write(out, root, 0);
    return QByteArray(out.c_str()) + '\n';
}

Node scalarNode(const QString &text)
{
    Node node;
    node.kind = Node::Kind::Scalar;
    node.text = text;
    return node;
}

Node flagNode(bool flag)
{
    return scalarNode(flag ? QStringLiteral("true") : QStringLiteral("false"));
}

Node numberNode(quint64 number)
{
    return scalarNode(QString::number(number));
}

Node listNode(std::vector<Node> items)
{
    Node node;
    node.kind = Node::Kind::List;
    node.items = std::move(items);
    return node;
}

Node mapNode(const QString &key, Node value)
{
    Node node;
    node.kind = Node::Kind::Map;
    node.entries.push_back({key, {}, std::move(value)});
    return node;
}

void setEntry(Node &map, const QString &key, Node value)
{
    const auto found = std::ranges::find(map.entries, key, &Node::Entry::key);
    map.kind = Node::Kind::Map;
    if (found != map.entries.end())
        found->value = std::move(value);
    else
        map.entries.push_back({key, {}, std::move(value)});
}

} // namespace sessionscope
