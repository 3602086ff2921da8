#include "core/notation/values.h"

#include "core/mqtt/topic.h"

#include <QRegularExpression>

#include <algorithm>
#include <limits>

namespace sessionscope {

UsageError wrongValue(const QString &text, const QString &expected)
{
    return {QStringLiteral("\"%1\" is not %2").arg(text, expected)};
}

namespace {

struct WithQos
{
    QString name;
    Qos qos = Qos::AtMostOnce;
    bool retain = false;
};

/// Takes a QoS from the end of a topic or filter. A colon that no digit follows belongs to the name.
Parsed<WithQos> splitQos(const QString &text)
{
    static const QRegularExpression suffix(QStringLiteral("^(.*):([0-9]+)(r?)$"),
                                           QRegularExpression::DotMatchesEverythingOption);
    const auto match = suffix.match(text);
    if (!match.hasMatch())
        return WithQos{text, Qos::AtMostOnce, false};
    const QString qos = match.captured(2);
    if (qos != u"0" && qos != u"1" && qos != u"2")
        return wrongValue(qos, QStringLiteral("a QoS (in \"%1\"): expected 0, 1 or 2").arg(text));
    return WithQos{match.captured(1), Qos(qos.toInt()), !match.captured(3).isEmpty()};
}

qsizetype distance(const QString &a, const QString &b)
{
    QList<qsizetype> row(b.size() + 1);
    for (qsizetype j = 0; j <= b.size(); ++j)
        row[j] = j;
    for (qsizetype i = 1; i <= a.size(); ++i) {
        qsizetype diagonal = row[0];
        row[0] = i;
        for (qsizetype j = 1; j <= b.size(); ++j) {
            const qsizetype replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row[b.size()];
}

} // namespace

Parsed<Duration> parseDuration(const QString &text)
{
    static const QRegularExpression whole(QStringLiteral("^(?:[0-9]+(?:ms|s|min|h|d))+$"));
    static const QRegularExpression part(QStringLiteral("([0-9]+)(ms|s|min|h|d)"));
    if (text == u"0")
        return Duration{};
    if (!whole.match(text).hasMatch())
        return wrongValue(
            text, QStringLiteral("a duration: expected a number with its unit, such as 250ms, 2s, 5min or 1h30min"));
    constexpr qint64 longest = 200LL * 365 * 86'400'000;
    qint64 sum = 0;
    for (auto parts = part.globalMatch(text); parts.hasNext();) {
        const auto match = parts.next();
        const QString unit = match.captured(2);
        const qint64 scale = unit == u"ms"    ? 1
                             : unit == u"s"   ? 1000
                             : unit == u"min" ? 60'000
                             : unit == u"h"   ? 3'600'000
                                              : 86'400'000;
        bool ok = false;
        const qint64 number = match.captured(1).toLongLong(&ok);
        if (!ok || number > longest / scale || sum + number * scale > longest)
            return wrongValue(text, QStringLiteral("a duration: it is too long"));
        sum += number * scale;
    }
    return Duration(std::chrono::milliseconds(sum));
}

Parsed<quint32> parseSeconds(const QString &text, quint32 maximum, Never never)
{
    if (text == u"never" && never == Never::Allowed)
        return sessionNeverExpires;
    qint64 seconds = 0;
    bool isNumber = false;
    seconds = text.toLongLong(&isNumber);
    if (!isNumber) {
        const auto duration = parseDuration(text);
        if (!duration)
            return UsageError{duration.error().text +
                              (never == Never::Allowed ? QStringLiteral(", or never") : QString())};
        if (*duration % std::chrono::seconds(1) != Duration{})
            return wrongValue(text, QStringLiteral("a number of whole seconds"));
        seconds = std::chrono::duration_cast<std::chrono::seconds>(*duration).count();
    }
    if (seconds < 0 || seconds > maximum)
        return wrongValue(text, QStringLiteral("within 0 to %1 seconds").arg(maximum));
    return quint32(seconds);
}

Parsed<qint64> parseNumber(const QString &text, qint64 minimum, qint64 maximum)
{
    bool ok = false;
    const qint64 number = text.toLongLong(&ok);
    if (!ok || number < minimum || number > maximum)
        return wrongValue(text, QStringLiteral("a number from %1 to %2").arg(minimum).arg(maximum));
    return number;
}

Parsed<bool> parseFlag(const QString &text)
{
    if (text != u"0" && text != u"1")
        return wrongValue(text, QStringLiteral("0 or 1"));
    return text == u"1";
}

Parsed<bool> parseSwitch(const QString &text)
{
    if (text == u"true" || text == u"yes")
        return true;
    if (text == u"false" || text == u"no")
        return false;
    return wrongValue(text, QStringLiteral("true or false"));
}

Parsed<qint64> parseBytes(const QString &text, qint64 minimum, qint64 maximum)
{
    static const QRegularExpression form(QStringLiteral("^([0-9]+)(KiB|MiB|GiB)?$"));
    const auto match = form.match(text);
    const QString unit = match.captured(2);
    const int shift = unit.isEmpty() ? 0 : unit == u"KiB" ? 10 : unit == u"MiB" ? 20 : 30;
    bool ok = false;
    const qint64 number = match.captured(1).toLongLong(&ok);
    if (!ok || number > (std::numeric_limits<qint64>::max() >> shift) || (number << shift) < minimum ||
        (number << shift) > maximum)
        return wrongValue(
            text,
            QStringLiteral("a number of bytes from %1 to %2, such as 65536, 64KiB or 2MiB").arg(minimum).arg(maximum));
    return number << shift;
}

QString bytesText(qint64 bytes)
{
    for (const auto &[unit, shift] : {std::pair("GiB", 30), std::pair("MiB", 20), std::pair("KiB", 10)}) {
        if (bytes > 0 && (bytes >> shift) << shift == bytes)
            return QString::number(bytes >> shift) + QLatin1String(unit);
    }
    return QString::number(bytes);
}

QString durationText(quint32 seconds)
{
    if (seconds == sessionNeverExpires)
        return QStringLiteral("never");
    QString text;
    const auto part = [&text](quint32 count, const char *unit) {
        if (count)
            text += QString::number(count) + QLatin1String(unit);
    };
    part(seconds / 86'400, "d");
    part(seconds / 3'600 % 24, "h");
    part(seconds / 60 % 60, "min");
    part(seconds % 60, "s");
    return text.isEmpty() ? QStringLiteral("0") : text;
}

Parsed<Version> parseVersion(const QString &text)
{
    if (text == u"5" || text == u"5.0")
        return Version::V5;
    if (text == u"3.1.1")
        return Version::V311;
    if (text == u"3.1")
        return Version::V31;
    return wrongValue(text, QStringLiteral("a version of MQTT: expected 5, 3.1.1 or 3.1"));
}

Parsed<SubscribePacket::Entry> parseSubscription(const QString &text)
{
    const auto split = splitQos(text);
    if (!split)
        return split.error();
    const QByteArray filter = split->name.toUtf8();
    if (split->retain || !isTopicFilter(filter))
        return wrongValue(text, QStringLiteral("FILTER[:QOS] with a valid topic filter"));
    SubscribePacket::Entry entry;
    entry.filter = filter;
    entry.options.maximumQos = split->qos;
    return entry;
}

Parsed<Message> parsePublish(const QString &text)
{
    const qsizetype equals = text.indexOf(u'=');
    if (equals < 0)
        return wrongValue(text, QStringLiteral("TOPIC[:QOS[r]]=PAYLOAD"));
    const auto split = splitQos(text.left(equals));
    if (!split)
        return split.error();
    Message message;
    message.topic = split->name.toUtf8();
    if (!isTopicName(message.topic))
        return wrongValue(split->name, QStringLiteral("a topic name: it must not be empty and must hold no + or #"));
    message.payload = text.mid(equals + 1).toUtf8();
    message.qos = split->qos;
    message.retain = split->retain;
    return message;
}

Parsed<ReasonCode> parseReason(const QString &text)
{
    if (text == u"normal")
        return ReasonCode::Success;
    if (text == u"with-will")
        return ReasonCode::DisconnectWithWillMessage;
    bool ok = false;
    const uint code = text.toUInt(&ok, 0);
    if (!ok || code > 0xFF)
        return wrongValue(text, QStringLiteral("a reason code: expected normal, with-will, or a number such as 0x04"));
    return ReasonCode(code);
}

Parsed<StringPair> parseUserProperty(const QString &text)
{
    const qsizetype equals = text.indexOf(u'=');
    if (equals < 0)
        return wrongValue(text, QStringLiteral("NAME=VALUE"));
    return StringPair{text.left(equals).toUtf8(), text.mid(equals + 1).toUtf8()};
}

Parsed<std::vector<PacketType>> parseAcknowledgements(const QString &text)
{
    using enum PacketType;
    std::vector<PacketType> types;
    if (text == u"none")
        return types;
    for (const QString &word : text.split(u'+')) {
        const auto isMeant = [&word](PacketType type) {
            return word.compare(QLatin1String(packetTypeName(type)), Qt::CaseInsensitive) == 0;
        };
        static constexpr PacketType known[] = {Puback, Pubrec, Pubrel, Pubcomp, Suback, Unsuback};
        const auto found = std::ranges::find_if(known, isMeant);
        if (found == std::end(known))
            return wrongValue(
                word, QStringLiteral("PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK or UNSUBACK, joined by +; or none"));
        types.push_back(*found);
    }
    return types;
}

QString nearest(const QString &word, const QStringList &known)
{
    QString best;
    qsizetype least = word.size() / 3 + 2;
    for (const QString &one : known) {
        const qsizetype d = one.startsWith(word) && word.size() > 2 ? 1 : distance(word, one);
        if (d < least) {
            least = d;
            best = one;
        }
    }
    return best;
}

QString didYouMean(const QString &word, const QStringList &known)
{
    const QString best = nearest(word, known);
    return best.isEmpty() ? QString() : QStringLiteral(" Did you mean \"%1\"?").arg(best);
}

} // namespace sessionscope
