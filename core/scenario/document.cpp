#include "core/scenario/document.h"

#include <set>
#include <yaml-cpp/yaml.h>

namespace sessionscope {

namespace {

class Reader
{
public:
    explicit Reader(const QString &file) : m_file(file) {}

    Node read(const YAML::Node &yaml, int depth)
    {
        Node node;
        node.place = placeOf(yaml.Mark());
        if (depth > documentDepthLimit || ++m_nodes > documentNodesLimit) {
            if (!m_isTooLarge)
                report(node.place, QStringLiteral("too much in one file: expected at most %1 values, %2 levels deep")
                                       .arg(documentNodesLimit)
                                       .arg(documentDepthLimit));
            m_isTooLarge = true;
            return node;
        }
        if (yaml.IsScalar()) {
            node.kind = Node::Kind::Scalar;
            node.text = QString::fromStdString(yaml.Scalar());
            node.isQuoted = yaml.Tag() == "!";
        } else if (yaml.IsSequence()) {
            node.kind = Node::Kind::List;
            for (const YAML::Node &item : yaml)
                if (!m_isTooLarge)
                    node.items.push_back(read(item, depth + 1));
        } else if (yaml.IsMap()) {
            readMap(node, yaml, depth);
        }
        return node;
    }

    Place placeOf(const YAML::Mark &mark) const
    {
        // A null mark, as an empty document has, counts as the beginning.
        return {m_file, std::max(mark.line, 0) + 1, std::max(mark.column, 0) + 1};
    }
    void report(const Place &place, const QString &what) { m_problems.push_back({place, what}); }
    Problems takeProblems() { return std::move(m_problems); }

private:
    void readMap(Node &node, const YAML::Node &yaml, int depth)
    {
        node.kind = Node::Kind::Map;
        std::set<std::string> seen;
        for (const auto &entry : yaml) {
            if (m_isTooLarge)
                return;
            const Place place = placeOf(entry.first.Mark());
            if (!entry.first.IsScalar()) {
                report(place, QStringLiteral("a key that is not text: expected NAME: VALUE"));
                continue;
            }
            const QString key = QString::fromStdString(entry.first.Scalar());
            if (!seen.insert(entry.first.Scalar()).second)
                report(place, QStringLiteral("\"%1\" stands here twice: expected it once").arg(key));
            Node value = read(entry.second, depth + 1);
            // Where nothing stands, the parser points behind it.
            if (value.kind == Node::Kind::Null)
                value.place = place;
            node.entries.push_back({key, place, std::move(value)});
        }
    }

    QString m_file;
    Problems m_problems;
    int m_nodes = 0;
    bool m_isTooLarge = false;
};

} // namespace

QString placeText(const Place &place)
{
    return QStringLiteral("%1:%2:%3").arg(place.file).arg(place.line).arg(place.column);
}

QString problemText(const Problem &problem)
{
    return placeText(problem.place) + QStringLiteral(": ") + problem.what;
}

const Node *Node::find(QStringView key) const
{
    for (const Entry &entry : entries) {
        if (entry.key == key)
            return &entry.value;
    }
    return nullptr;
}

Result<Node, Problems> readDocument(const QByteArray &text, const QString &file)
{
    Reader reader(file);
    Node node;
    if (text.size() > documentBytesLimit) {
        reader.report(
            {file},
            QStringLiteral("the file has %1 bytes: expected at most %2").arg(text.size()).arg(documentBytesLimit));
        return reader.takeProblems();
    }
    try {
        node = reader.read(YAML::Load(text.toStdString()), 0);
    } catch (const YAML::Exception &error) {
        reader.report(reader.placeOf(error.mark),
                      QStringLiteral("not YAML: %1").arg(QString::fromStdString(error.msg)));
    }
    Problems problems = reader.takeProblems();
    if (!problems.empty())
        return problems;
    return node;
}

QString kindText(Node::Kind kind)
{
    switch (kind) {
    case Node::Kind::Null:
        return QStringLiteral("nothing");
    case Node::Kind::Scalar:
        return QStringLiteral("a single value");
    case Node::Kind::List:
        return QStringLiteral("a list");
    case Node::Kind::Map:
        return QStringLiteral("a mapping");
    }
    return {};
}

} // namespace sessionscope
