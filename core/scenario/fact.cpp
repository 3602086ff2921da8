#include "core/scenario/fact.h"

#include "core/notation/values.h"
#include "core/scenario/scalars.h"
#include "core/trace/text.h"

namespace sessionscope {

namespace {

template<class T> const T *get(const std::optional<FactValue> &value)
{
    return value ? std::get_if<T>(&*value) : nullptr;
}

/// Less, equal or greater; nothing where the two cannot be compared.
std::partial_ordering compare(const FactValue &a, const FactValue &b)
{
    if (a.index() != b.index())
        return std::partial_ordering::unordered;
    if (const auto *number = std::get_if<qint64>(&a))
        return *number <=> std::get<qint64>(b);
    if (const auto *duration = std::get_if<Duration>(&a))
        return *duration <=> std::get<Duration>(b);
    return a == b ? std::partial_ordering::equivalent : std::partial_ordering::unordered;
}

Shape rangeShape(const Shape &value, const QString &what)
{
    Shape shape{.kind = Shape::Kind::Map, .what = what};
    shape.fields = {{QStringLiteral("at_least"), &value, QStringLiteral("the smallest that is right")},
                    {QStringLiteral("at_most"), &value, QStringLiteral("the largest that is right")}};
    return shape;
}

} // namespace

QString factText(const FactValue &value)
{
    if (const auto *flag = std::get_if<bool>(&value))
        return *flag ? QStringLiteral("true") : QStringLiteral("false");
    if (const auto *number = std::get_if<qint64>(&value))
        return QString::number(*number);
    if (const auto *duration = std::get_if<Duration>(&value))
        return spanText(*duration);
    if (const auto *text = std::get_if<QByteArray>(&value))
        return payloadText(*text);
    if (const auto *list = std::get_if<QByteArrayList>(&value)) {
        QStringList texts;
        for (const QByteArray &one : *list)
            texts << QString::fromUtf8(one);
        return u'[' + texts.join(QStringLiteral(", ")) + u']';
    }
    return QStringLiteral("none");
}

bool holds(const Condition &condition, const FactValue &value)
{
    if (condition.equals && compare(value, *condition.equals) != 0)
        return false;
    if (condition.atLeast && !(compare(value, *condition.atLeast) >= 0))
        return false;
    if (condition.atMost && !(compare(value, *condition.atMost) <= 0))
        return false;
    if (condition.contains.isEmpty())
        return true;
    if (const auto *text = std::get_if<QByteArray>(&value))
        return text->contains(condition.contains);
    const auto *list = std::get_if<QByteArrayList>(&value);
    return list && list->contains(condition.contains);
}

QString shownText(const QString &fact, const FactValue &value)
{
    const bool isSecret = fact == u"authentication_data" && std::holds_alternative<QByteArray>(value);
    return isSecret ? QStringLiteral("(hidden)") : factText(value);
}

QString conditionText(const Condition &condition)
{
    QStringList parts;
    if (condition.equals)
        parts << shownText(condition.fact, *condition.equals);
    if (condition.atLeast)
        parts << QStringLiteral("at least ") + shownText(condition.fact, *condition.atLeast);
    if (condition.atMost)
        parts << QStringLiteral("at most ") + shownText(condition.fact, *condition.atMost);
    if (!condition.contains.isEmpty())
        parts << QStringLiteral("containing ") + shownText(condition.fact, condition.contains);
    return condition.fact + QStringLiteral(": ") + parts.join(QStringLiteral(", "));
}

const Shape &constraintShape(FactType type, const QStringList &words)
{
    switch (type) {
    case FactType::Flag:
        return flagShape();
    case FactType::Number: {
        static const Shape range = rangeShape(countShape(), QStringLiteral("at_least or at_most"));
        static const Shape shape =
            anyOf(QStringLiteral("a number, or a range such as { at_least: 1 }"), {&countShape(), &range});
        return shape;
    }
    case FactType::Time: {
        static const Shape range = rangeShape(durationShape(), QStringLiteral("at_least or at_most"));
        static const Shape shape =
            anyOf(QStringLiteral("a duration, never, or a range such as { at_most: 5s }"), {&durationShape(), &range});
        return shape;
    }
    case FactType::Text: {
        static const Shape part{
            .kind = Shape::Kind::Map,
            .what = QStringLiteral("contains"),
            .fields = {{QStringLiteral("contains"), &textShape(), QStringLiteral("a part of it"), Need::Required}}};
        static const Shape shape =
            anyOf(QStringLiteral("a text, or a part of it such as { contains: door }"), {&textShape(), &part});
        return shape;
    }
    case FactType::Texts: {
        static const Shape list{
            .kind = Shape::Kind::List, .what = QStringLiteral("a list of texts"), .item = &textShape()};
        static const Shape part{
            .kind = Shape::Kind::Map,
            .what = QStringLiteral("contains"),
            .fields = {{QStringLiteral("contains"), &textShape(), QStringLiteral("one of them"), Need::Required}}};
        static const Shape shape = anyOf(QStringLiteral("a list of texts, or { contains: TEXT }"), {&list, &part});
        return shape;
    }
    case FactType::ReasonCode:
        return reasonShape();
    case FactType::Words:
        break;
    }
    static std::map<QString, Shape> shapes;
    const QString key = words.join(u'|');
    const auto found = shapes.find(key);
    if (found != shapes.end())
        return found->second;
    return shapes
        .emplace(key, Shape{.kind = Shape::Kind::Words, .what = QStringLiteral("one of these words"), .words = words})
        .first->second;
}

FactValue readFactValue(FactType type, const Node &node)
{
    switch (type) {
    case FactType::Flag:
        return readFlag(node);
    case FactType::Number:
        return readCount(node);
    case FactType::Time:
        return readDuration(node);
    case FactType::ReasonCode:
        return qint64(reasonOf(node.text).value_or(0));
    case FactType::Text:
    case FactType::Words:
        return node.text.toUtf8();
    case FactType::Texts:
        break;
    }
    QByteArrayList texts;
    for (const Node &item : node.items)
        texts << item.text.toUtf8();
    return texts;
}

Condition readCondition(const QString &fact, std::size_t row, FactType type, const Node &node)
{
    Condition condition{.fact = fact, .row = row};
    if (!node.isMap()) {
        condition.equals = readFactValue(type, node);
        return condition;
    }
    if (const Node *least = node.find(u"at_least"))
        condition.atLeast = readFactValue(type, *least);
    if (const Node *most = node.find(u"at_most"))
        condition.atMost = readFactValue(type, *most);
    if (const Node *part = node.find(u"contains"))
        condition.contains = part->text.toUtf8();
    return condition;
}

QString snakeCase(const char *name)
{
    QString text = QString::fromLatin1(name).toLower();
    text.remove(u'\'');
    for (QChar &c : text) {
        if (!c.isLetterOrNumber())
            c = u'_';
    }
    return text;
}

std::optional<quint8> reasonOf(const QString &text)
{
    bool isNumber = false;
    const uint number = text.toUInt(&isNumber, 0);
    if (isNumber)
        return number <= 0xFF ? std::optional(quint8(number)) : std::nullopt;
    for (const ReasonCodeInfo &info : reasonCodeTable()) {
        if (snakeCase(info.name) == text)
            return quint8(info.code);
    }
    return std::nullopt;
}

} // namespace sessionscope
