#include "core/scenario/scalars.h"

#include "core/notation/values.h"
#include "core/scenario/fact.h"

#include <QJsonArray>
#include <QRegularExpression>

#include <limits>

namespace sessionscope {

namespace {

using Wrong = std::optional<QString>;

template<class T> Wrong wrongOf(const Parsed<T> &parsed)
{
    return parsed ? Wrong() : Wrong(parsed.error().text);
}

QJsonObject pattern(const char *expression)
{
    return {{QStringLiteral("type"), QJsonArray{QStringLiteral("string"), QStringLiteral("number")}},
            {QStringLiteral("pattern"), QString::fromLatin1(expression)}};
}

QJsonObject integers(qint64 least, qint64 most)
{
    return {{QStringLiteral("type"), QStringLiteral("integer")},
            {QStringLiteral("minimum"), least},
            {QStringLiteral("maximum"), most}};
}

Wrong wrongSeconds(const Node &node, quint32 most, Never never)
{
    bool isNumber = false;
    if (node.text.toLongLong(&isNumber) != 0 && isNumber)
        return QStringLiteral("\"%1\" has no unit: expected a duration such as %1s or 1h").arg(node.text);
    return wrongOf(parseSeconds(node.text, most, never));
}

} // namespace

const Shape &textShape()
{
    static const Shape shape{.what = QStringLiteral("text")};
    return shape;
}

const Shape &flagShape()
{
    static const Shape shape{.what = QStringLiteral("true or false"),
                             .wrong = [](const Node &node) { return wrongOf(parseSwitch(node.text)); },
                             .schema = {{QStringLiteral("type"), QStringLiteral("boolean")}}};
    return shape;
}

Shape numberShape(qint64 least, qint64 most, const QString &what)
{
    return {.what = what,
            .wrong = [least, most](const Node &node) { return wrongOf(parseNumber(node.text, least, most)); },
            .schema = integers(least, most)};
}

const Shape &countShape()
{
    static const Shape shape =
        numberShape(0, std::numeric_limits<quint32>::max(), QStringLiteral("a number of at least 0"));
    return shape;
}

const Shape &durationShape()
{
    static const Shape shape{.what = QStringLiteral("a duration with its unit, such as 250ms, 20min or 1h30min"),
                             .wrong = [](const Node &node) -> Wrong {
                                 return node.text == u"never" ? Wrong() : wrongOf(parseDuration(node.text));
                             },
                             .schema = pattern("^(0|never|([0-9]+(ms|s|min|h|d))+)$")};
    return shape;
}

const Shape &secondsShape()
{
    static const Shape shape{
        .what = QStringLiteral("a duration of whole seconds with its unit, such as 30s or 1h, or never"),
        .wrong = [](const Node &node) { return wrongSeconds(node, sessionNeverExpires, Never::Allowed); },
        .schema = pattern("^(0|never|([0-9]+(ms|s|min|h|d))+)$")};
    return shape;
}

const Shape &keepAliveShape()
{
    static const Shape shape{.what = QStringLiteral("a duration of whole seconds up to 65535s"),
                             .wrong = [](const Node &node) { return wrongSeconds(node, 65'535, Never::NotAllowed); },
                             .schema = pattern("^(0|([0-9]+(ms|s|min|h|d))+)$")};
    return shape;
}

const Shape &qosShape()
{
    static const Shape shape = numberShape(0, 2, QStringLiteral("a QoS: 0, 1 or 2"));
    return shape;
}

const Shape &versionShape()
{
    static const Shape shape{
        .what = QStringLiteral("a version of MQTT: 5, 3.1.1 or 3.1"),
        .wrong = [](const Node &node) { return wrongOf(parseVersion(node.text)); },
        .schema = {{QStringLiteral("enum"),
                    QJsonArray{5, QStringLiteral("5.0"), QStringLiteral("3.1.1"), 3.1, QStringLiteral("3.1")}}}};
    return shape;
}

const Shape &reasonShape()
{
    static const Shape shape{.what = QStringLiteral("a reason code, such as success, not_authorized or 0x87"),
                             .wrong = [](const Node &node) -> Wrong {
                                 if (reasonOf(node.text))
                                     return {};
                                 QStringList known;
                                 for (const ReasonCodeInfo &info : reasonCodeTable())
                                     known << snakeCase(info.name);
                                 return QStringLiteral(
                                            "\"%1\" is not a reason code: expected a name of the standard such as "
                                            "not_authorized, or a number such as 0x87.%2")
                                     .arg(node.text, didYouMean(node.text, known));
                             },
                             .schema = pattern("^([a-z_]+|[0-9]+|0x[0-9A-Fa-f]{1,2})$")};
    return shape;
}

const Shape &statementShape()
{
    static const Shape shape{
        .what = QStringLiteral("the id of a statement, such as MQTT-4.3.3-2"),
        .wrong = [](const Node &node) -> Wrong {
            static const QRegularExpression form(QStringLiteral("^(v3:)?MQTT-[0-9]+\\.[0-9]+\\.[0-9]+-[0-9]+$"));
            if (form.match(node.text).hasMatch())
                return {};
            return QStringLiteral("\"%1\" is not the id of a statement: expected one such as MQTT-4.3.3-2")
                .arg(node.text);
        },
        .schema = pattern("^(v3:)?MQTT-[0-9]+\\.[0-9]+\\.[0-9]+-[0-9]+$")};
    return shape;
}

const Shape &hexShape()
{
    static const Shape shape{
        .what = QStringLiteral("bytes in hex, such as \"10 0c 00 04\""),
        .wrong = [](const Node &node) -> Wrong {
            if (readHex(node.text))
                return {};
            return QStringLiteral("\"%1\" is not hex: expected pairs of digits such as \"10 0c\"").arg(node.text);
        },
        .schema = pattern("^([0-9A-Fa-f]{2}\\s*)*$")};
    return shape;
}

const Shape &base64Shape()
{
    static const Shape shape{
        .what = QStringLiteral("bytes in base64"), .wrong = [](const Node &node) -> Wrong {
            if (QByteArray::fromBase64Encoding(node.text.toLatin1(), QByteArray::AbortOnBase64DecodingErrors))
                return {};
            return QStringLiteral("\"%1\" is not base64").arg(node.text);
        }};
    return shape;
}

bool readFlag(const Node &node)
{
    const auto flag = parseSwitch(node.text);
    return flag && *flag;
}

qint64 readCount(const Node &node)
{
    return node.text.toLongLong();
}

Duration readDuration(const Node &node)
{
    if (node.text == u"never")
        return Duration::max();
    const auto duration = parseDuration(node.text);
    return duration ? *duration : Duration{};
}

quint32 readSeconds(const Node &node)
{
    const auto seconds = parseSeconds(node.text, sessionNeverExpires, Never::Allowed);
    return seconds ? *seconds : 0;
}

Qos readQos(const Node &node)
{
    return Qos(node.text.toInt() & 3);
}

Version readVersion(const Node &node)
{
    const auto version = parseVersion(node.text);
    return version ? *version : Version::V5;
}

QByteArray readText(const Node &node)
{
    return node.text.toUtf8();
}

ReasonCode readReason(const Node &node)
{
    return ReasonCode(reasonOf(node.text).value_or(0));
}

PacketType packetTypeOf(const QString &name)
{
    for (int type = 1; type <= 15; ++type) {
        if (name == QLatin1String(packetTypeName(PacketType(type))))
            return PacketType(type);
    }
    return PacketType::Reserved;
}

std::optional<QByteArray> readHex(const QString &text)
{
    QString digits = text;
    static const QRegularExpression space(QStringLiteral("\\s"));
    digits.remove(space);
    static const QRegularExpression form(QStringLiteral("^([0-9A-Fa-f]{2})*$"));
    if (!form.match(digits).hasMatch())
        return std::nullopt;
    return QByteArray::fromHex(digits.toLatin1());
}

QString spanText(Duration duration)
{
    if (duration == Duration::max())
        return QStringLiteral("never");
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
    const QString rest = milliseconds % 1000 ? QStringLiteral("%1ms").arg(milliseconds % 1000) : QString();
    const qint64 seconds = milliseconds / 1000;
    if (seconds == 0)
        return rest.isEmpty() ? QStringLiteral("0") : rest;
    return durationText(quint32(std::min<qint64>(seconds, sessionNeverExpires - 1))) + rest;
}

} // namespace sessionscope
