#include "core/profile/json_fields.h"

#include <QJsonArray>
#include <QJsonDocument>

namespace sessionscope {

QJsonValue JsonFields::value(const QString &key)
{
    m_asked.insert(key);
    return m_object.value(key);
}

QString JsonFields::text(const QString &key)
{
    const QJsonValue found = value(key);
    if (found.isString())
        return found.toString();
    if (found.isDouble())
        return QString::number(found.toDouble(), 'g', 15);
    if (!isEmptyJson(found))
        tell(QStringLiteral("%1 is left out: it is no text").arg(key));
    return {};
}

std::optional<qint64> JsonFields::number(const QString &key, qint64 least, qint64 most)
{
    const QJsonValue found = value(key);
    if (found.isUndefined() || found.isNull() || (found.isString() && found.toString().isEmpty()))
        return std::nullopt;
    bool isNumber = found.isDouble();
    const double number = isNumber ? found.toDouble() : found.toString().toDouble(&isNumber);
    if (isNumber && number >= double(least) && number <= double(most) && number == double(qint64(number)))
        return qint64(number);
    tell(QStringLiteral("%1 is left out: expected a number from %2 to %3").arg(key).arg(least).arg(most));
    return std::nullopt;
}

std::optional<bool> JsonFields::flag(const QString &key)
{
    const QJsonValue found = value(key);
    if (found.isBool())
        return found.toBool();
    const QString word = found.isDouble() ? QString::number(found.toInt(-1)) : found.toString();
    if (word == u"1" || word == u"true")
        return true;
    if (word == u"0" || word == u"false")
        return false;
    if (!isEmptyJson(found))
        tell(QStringLiteral("%1 is left out: expected true or false").arg(key));
    return std::nullopt;
}

void JsonFields::ignore(std::initializer_list<const char *> keys)
{
    for (const char *key : keys)
        m_asked.insert(QLatin1String(key));
}

void JsonFields::leaveOut(const QString &key, const QString &why)
{
    if (!isEmptyJson(value(key)))
        tell(QStringLiteral("%1 is left out: %2").arg(key, why));
}

void JsonFields::leaveOutRest()
{
    for (auto field = m_object.constBegin(); field != m_object.constEnd(); ++field) {
        if (!m_asked.contains(field.key()) && !isEmptyJson(field.value()))
            tell(QStringLiteral("%1 is left out: a profile has nothing like it").arg(field.key()));
    }
}

bool isEmptyJson(const QJsonValue &value)
{
    switch (value.type()) {
    case QJsonValue::Null:
    case QJsonValue::Undefined:
        return true;
    case QJsonValue::Bool:
        return !value.toBool();
    case QJsonValue::Double:
        return value.toDouble() == 0;
    case QJsonValue::String:
        return value.toString().isEmpty();
    case QJsonValue::Array:
        return value.toArray().isEmpty();
    case QJsonValue::Object:
        return value.toObject().isEmpty();
    }
    return true;
}

void takeUserProperties(Properties &properties, const QJsonValue &value, JsonFields &fields)
{
    // Some versions keep the object as a text.
    const QJsonObject object =
        value.isString() ? QJsonDocument::fromJson(value.toString().toUtf8()).object() : value.toObject();
    for (auto pair = object.constBegin(); pair != object.constEnd(); ++pair) {
        const QJsonValue one = pair->isArray() ? pair->toArray().first() : pair.value();
        if (pair->isArray() && pair->toArray().size() > 1)
            fields.tell(QStringLiteral("the User Property %1 has several values: only the first is taken over")
                            .arg(pair.key()));
        properties.addUserProperty(pair.key().toUtf8(), one.toVariant().toString().toUtf8());
    }
}

} // namespace sessionscope
