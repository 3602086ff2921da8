#include "core/scenario/shape.h"

#include "core/notation/values.h"

#include <QJsonArray>
#include <QRegularExpression>

#include <set>

#include <map>

namespace sessionscope {

namespace {

void report(Problems &problems, const Place &place, const QString &what)
{
    problems.push_back({place, what});
}

QString found(const Node &node)
{
    return node.isScalar() ? QStringLiteral("\"%1\"").arg(node.text) : kindText(node.kind);
}

bool fitsKind(const Node &node, const Shape &shape)
{
    switch (shape.kind) {
    case Shape::Kind::Scalar:
    case Shape::Kind::Words:
        return node.isScalar();
    case Shape::Kind::List:
        return node.isList();
    case Shape::Kind::Map:
        return node.isMap();
    case Shape::Kind::Empty:
        return node.kind == Node::Kind::Null;
    case Shape::Kind::Any:
        return std::ranges::any_of(shape.any, [&](const Shape *one) { return fitsKind(node, *one); });
    }
    return false;
}

const Shape *shapeOfKey(const Shape &map, const QString &key)
{
    for (const KeyPattern &pattern : map.patterns) {
        if (QRegularExpression(QRegularExpression::anchoredPattern(pattern.expression)).match(key).hasMatch())
            return pattern.shape;
    }
    return nullptr;
}

void checkMap(const Node &node, const Shape &shape, Problems &problems)
{
    for (const Node::Entry &entry : node.entries) {
        const auto field = std::ranges::find(shape.fields, entry.key, &Field::name);
        if (field != shape.fields.end())
            checkShape(entry.value, *field->shape, problems);
        else if (const Shape *other = shapeOfKey(shape, entry.key))
            checkShape(entry.value, *other, problems);
        else
            report(problems, entry.place,
                   QStringLiteral("unknown key \"%1\": expected %2.%3")
                       .arg(entry.key, shape.what, nearestKey(shape, entry.key)));
    }
    for (const Field &field : shape.fields) {
        if (field.need == Need::Required && !node.find(field.name))
            report(problems, node.place,
                   QStringLiteral("\"%1\" is missing: expected %2").arg(field.name, field.shape->what));
    }
}

/// The one of several shapes that was meant: the first of the right kind that fits, else the first of the right kind.
void checkAny(const Node &node, const Shape &shape, Problems &problems)
{
    const Shape *meant = nullptr;
    int candidates = 0;
    for (const Shape *one : shape.any) {
        if (!fitsKind(node, *one))
            continue;
        Problems found;
        checkShape(node, *one, found);
        if (found.empty())
            return;
        if (!meant)
            meant = one;
        ++candidates;
    }
    if (meant && candidates == 1)
        return checkShape(node, *meant, problems);
    report(problems, node.place, QStringLiteral("%1 is not %2").arg(found(node), shape.what));
}

} // namespace

Shape mapOf(const QString &what, std::vector<Field> fields)
{
    return {.kind = Shape::Kind::Map, .what = what, .fields = std::move(fields)};
}

Shape listOf(const QString &what, const Shape &item)
{
    return {.kind = Shape::Kind::List, .what = what, .item = &item};
}

Shape anyOf(const QString &what, std::vector<const Shape *> any)
{
    return {.kind = Shape::Kind::Any, .what = what, .any = std::move(any)};
}

Shape wordsOf(const QString &what, const QStringList &words)
{
    return {.kind = Shape::Kind::Words, .what = what, .words = words};
}

QString nearestKey(const Shape &map, const QString &key)
{
    const auto other = std::ranges::find(map.otherNames, key, &std::pair<QString, QString>::first);
    if (other != map.otherNames.end())
        return QStringLiteral(" Did you mean \"%1\"?").arg(other->second);
    QStringList known;
    for (const Field &field : map.fields)
        known << field.name;
    // The last part of CLIENT.received is the name of a field, too.
    const qsizetype dot = key.lastIndexOf(u'.') + 1;
    if (dot == 0 || map.patterns.empty())
        return didYouMean(key, known);
    for (const QString &name : QStringList(known))
        known << key.left(dot) + name;
    return didYouMean(key, known);
}

void checkShape(const Node &node, const Shape &shape, Problems &problems)
{
    if (shape.kind == Shape::Kind::Any)
        return checkAny(node, shape, problems);
    if (!fitsKind(node, shape))
        return report(problems, node.place, QStringLiteral("%1 is not %2").arg(found(node), shape.what));
    switch (shape.kind) {
    case Shape::Kind::Scalar:
        if (const auto wrong = shape.wrong ? shape.wrong(node) : std::nullopt)
            report(problems, node.place, *wrong);
        break;
    case Shape::Kind::Words:
        if (!shape.words.contains(node.text))
            report(problems, node.place,
                   QStringLiteral("\"%1\" is not %2: expected %3.%4")
                       .arg(node.text, shape.what, shape.words.join(QStringLiteral(", ")),
                            didYouMean(node.text, shape.words)));
        break;
    case Shape::Kind::List:
        for (const Node &item : node.items)
            checkShape(item, *shape.item, problems);
        break;
    case Shape::Kind::Map:
        checkMap(node, shape, problems);
        break;
    case Shape::Kind::Any:
    case Shape::Kind::Empty:
        break;
    }
}

namespace {

/// Writes each mapping once, under $defs, because the grammar refers to itself.
class SchemaWriter
{
public:
    QJsonObject schemaOf(const Shape &shape)
    {
        switch (shape.kind) {
        case Shape::Kind::Scalar:
            return described(shape.schema.isEmpty()
                                 ? QJsonObject{{QStringLiteral("type"),
                                                QJsonArray{QStringLiteral("string"), QStringLiteral("number"),
                                                           QStringLiteral("boolean")}}}
                                 : shape.schema,
                             shape);
        case Shape::Kind::Words:
            return described({{QStringLiteral("enum"), QJsonArray::fromStringList(shape.words)}}, shape);
        case Shape::Kind::List:
            return listSchemaOf(shape);
        case Shape::Kind::Map:
            return {{QStringLiteral("$ref"), QStringLiteral("#/$defs/") + nameOf(shape)}};
        case Shape::Kind::Empty:
            return described({{QStringLiteral("type"), QStringLiteral("null")}}, shape);
        case Shape::Kind::Any:
            break;
        }
        QJsonArray any;
        for (const Shape *one : shape.any)
            any.append(schemaOf(*one));
        return described({{QStringLiteral("anyOf"), any}}, shape);
    }
    const QJsonObject &definitions() const { return m_definitions; }

private:
    static QJsonObject described(QJsonObject object, const Shape &shape)
    {
        object.insert(QStringLiteral("description"), shape.what);
        return object;
    }

    /// A list that may hold lists like itself is told once; inside of it, any list will do.
    QJsonObject listSchemaOf(const Shape &shape)
    {
        QJsonObject list{{QStringLiteral("type"), QStringLiteral("array")}};
        if (m_openLists.insert(&shape).second) {
            list.insert(QStringLiteral("items"), schemaOf(*shape.item));
            m_openLists.erase(&shape);
        }
        return described(std::move(list), shape);
    }

    QString nameOf(const Shape &shape)
    {
        if (const auto known = m_names.find(&shape); known != m_names.end())
            return known->second;
        const QString name = QStringLiteral("map%1").arg(m_names.size() + 1);
        m_names.emplace(&shape, name);
        QJsonObject properties;
        QJsonArray required;
        for (const Field &field : shape.fields) {
            QJsonObject one = schemaOf(*field.shape);
            if (!field.help.isEmpty())
                one.insert(QStringLiteral("description"), field.help);
            properties.insert(field.name, one);
            if (field.need == Need::Required)
                required.append(field.name);
        }
        QJsonObject object{{QStringLiteral("type"), QStringLiteral("object")},
                           {QStringLiteral("properties"), properties}};
        QJsonObject patterns;
        for (const KeyPattern &pattern : shape.patterns) {
            QJsonObject one = schemaOf(*pattern.shape);
            one.insert(QStringLiteral("description"), pattern.help);
            patterns.insert(u'^' + pattern.expression + u'$', one);
        }
        if (!patterns.isEmpty())
            object.insert(QStringLiteral("patternProperties"), patterns);
        object.insert(QStringLiteral("additionalProperties"), false);
        if (!required.isEmpty())
            object.insert(QStringLiteral("required"), required);
        m_definitions.insert(name, described(object, shape));
        return name;
    }

    std::map<const Shape *, QString> m_names;
    std::set<const Shape *> m_openLists; ///< being written
    QJsonObject m_definitions;
};

} // namespace

QJsonObject jsonSchemaOf(const Shape &shape, const QString &title)
{
    SchemaWriter writer;
    QJsonObject root = writer.schemaOf(shape);
    root.insert(QStringLiteral("$schema"), QStringLiteral("https://json-schema.org/draft/2020-12/schema"));
    root.insert(QStringLiteral("title"), title);
    root.insert(QStringLiteral("$defs"), writer.definitions());
    return root;
}

} // namespace sessionscope
