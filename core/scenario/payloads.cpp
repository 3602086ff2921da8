#include "core/scenario/payloads.h"

#include "core/scenario/scalars.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QRegularExpression>

namespace sessionscope {

namespace {

QByteArray jsonString(const QString &text)
{
    const QByteArray list = QJsonDocument(QJsonArray{text}).toJson(QJsonDocument::Compact);
    return list.mid(1, list.size() - 2);
}

bool isJsonWord(const QString &text)
{
    static const QRegularExpression number(QStringLiteral("^-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?$"));
    return text == u"true" || text == u"false" || text == u"null" || number.match(text).hasMatch();
}

class PayloadFiles
{
public:
    PayloadFiles(const LoadFile &load, Problems &problems) : m_load(load), m_problems(problems) {}

    void look(Node &node)
    {
        static const QStringList expecting{QStringLiteral("expect"), QStringLiteral("never"), QStringLiteral("until")};
        static const QStringList bytes{QStringLiteral("payload"), QStringLiteral("correlation_data"),
                                       QStringLiteral("data"), QStringLiteral("challenge"), QStringLiteral("response")};
        for (Node &item : node.items)
            look(item);
        for (Node::Entry &entry : node.entries) {
            if (expecting.contains(entry.key))
                continue;
            if (bytes.contains(entry.key))
                takeIn(entry.value);
            for (Node &item : entry.key == u"script" ? entry.value.items : m_none)
                takeIn(item);
            look(entry.value);
        }
    }

private:
    void takeIn(Node &content)
    {
        if (content.entries.size() != 1 || !content.find(u"file"))
            return;
        Node::Entry &entry = content.entries.front();
        const auto wrong = [&](const QString &what) { m_problems.push_back({entry.value.place, what}); };
        if (!m_load)
            return wrong(QStringLiteral("no other file can be read from here"));
        const auto loaded = m_load(entry.value.text, entry.value.place.file, LoadKind::Payload);
        if (!loaded)
            return wrong(loaded.error());
        if (loaded->text.size() > payloadFileLimit)
            return wrong(QStringLiteral("\"%1\" is too large: expected at most %2 bytes")
                             .arg(entry.value.text, QString::number(payloadFileLimit)));
        entry.key = QStringLiteral("base64");
        entry.value.text = QString::fromLatin1(loaded->text.toBase64());
    }

    const LoadFile &m_load;
    Problems &m_problems;
    std::vector<Node> m_none;
};

struct JsonShapes
{
    Shape list;
    Shape map;
    Shape nothing{.kind = Shape::Kind::Empty, .what = QStringLiteral("nothing")};
    Shape any;

    JsonShapes()
    {
        const QString what = QStringLiteral("a value of JSON");
        any = anyOf(what, {&textShape(), &map, &list, &nothing});
        list = listOf(QStringLiteral("a list of values"), any);
        map = Shape{.kind = Shape::Kind::Map, .what = QStringLiteral("names and values")};
        map.patterns = {{QStringLiteral(".*"), &any, what}};
    }
    Q_DISABLE_COPY_MOVE(JsonShapes)
};

} // namespace

const Shape &jsonShape()
{
    static const JsonShapes shapes;
    return shapes.any;
}

QByteArray readJson(const Node &node)
{
    QByteArrayList parts;
    switch (node.kind) {
    case Node::Kind::Null:
        return "null";
    case Node::Kind::Scalar:
        return !node.isQuoted && isJsonWord(node.text) ? node.text.toLatin1() : jsonString(node.text);
    case Node::Kind::List:
        for (const Node &item : node.items)
            parts << readJson(item);
        return '[' + parts.join(',') + ']';
    case Node::Kind::Map:
        break;
    }
    for (const Node::Entry &entry : node.entries)
        parts << jsonString(entry.key) + ':' + readJson(entry.value);
    return '{' + parts.join(',') + '}';
}

void takeInPayloads(Node &root, const LoadFile &load, Problems &problems)
{
    PayloadFiles(load, problems).look(root);
}

} // namespace sessionscope
