#include "ui/common/words.h"

#include "core/mqtt/topic.h"

#include <QCoreApplication>
#include <QLocale>

namespace sessionscope::words {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(Words)
};

QString twoDigits(qint64 value)
{
    return QStringLiteral("%1").arg(value, 2, 10, QLatin1Char('0'));
}

bool isText(const QByteArray &bytes)
{
    if (!bytes.isValidUtf8())
        return false;
    for (const char c : bytes) {
        if (quint8(c) < 0x20 && c != '\n' && c != '\r' && c != '\t')
            return false;
    }
    return true;
}

} // namespace

QString connection(ClientConnection state)
{
    switch (state) {
    case ClientConnection::Closed:
        return Words::tr("offline");
    case ClientConnection::Opening:
        return Words::tr("connecting");
    case ClientConnection::AwaitConnack:
        return Words::tr("awaiting CONNACK");
    case ClientConnection::Connected:
        return Words::tr("connected");
    case ClientConnection::Closing:
        return Words::tr("closing");
    }
    return {};
}

QString version(Version version)
{
    switch (version) {
    case Version::V31:
        return QStringLiteral("MQTT 3.1");
    case Version::V311:
        return QStringLiteral("MQTT 3.1.1");
    case Version::V5:
        return QStringLiteral("MQTT 5.0");
    }
    return Words::tr("MQTT level %1").arg(int(version));
}

QString qos(Qos qos)
{
    return QStringLiteral("QoS %1").arg(int(qos));
}

QString packet(PacketType type)
{
    return QString::fromLatin1(packetTypeName(type));
}

QString reason(ReasonCode code, PacketType in)
{
    const char *name = reasonCodeName(code, in);
    const auto number = QStringLiteral("0x%1").arg(QString::number(quint8(code), 16).toUpper(), 2, QLatin1Char('0'));
    return name ? number + QLatin1Char(' ') + QString::fromLatin1(name) : number;
}

QString connackReason(quint8 reason, Version version)
{
    if (version == Version::V5)
        return words::reason(ReasonCode(reason), PacketType::Connack);
    const char *name = v3ReturnCodeName(reason);
    const auto number = QString::number(reason);
    return name ? number + QLatin1Char(' ') + QString::fromLatin1(name) : number;
}

QString sessionEnd(SessionEnd why)
{
    switch (why) {
    case SessionEnd::ConnectionClosed:
        return Words::tr("session ended with the connection");
    case SessionEnd::Expired:
        return Words::tr("session expired");
    case SessionEnd::CleanStart:
        return Words::tr("session ended by a Clean Start");
    case SessionEnd::SessionNotPresent:
        return Words::tr("session ended: the broker answered Session Present 0");
    case SessionEnd::Forgotten:
        return Words::tr("session forgotten");
    case SessionEnd::TakenOver:
        return Words::tr("session ended by a takeover");
    case SessionEnd::Administrative:
        return Words::tr("session ended by an administrator");
    case SessionEnd::QueueFull:
        return Words::tr("session ended: its queue was full");
    }
    return {};
}

QString clock(Instant at)
{
    const qint64 ms = std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count();
    const qint64 s = ms / 1000;
    return twoDigits(s / 3600) + QLatin1Char(':') + twoDigits(s / 60 % 60) + QLatin1Char(':') + twoDigits(s % 60) +
           QStringLiteral(".%1").arg(ms % 1000, 3, 10, QLatin1Char('0'));
}

QString span(Duration length)
{
    const qint64 ms = std::max<qint64>(0, std::chrono::duration_cast<std::chrono::milliseconds>(length).count());
    if (ms < 60'000)
        return Words::tr("%1 s", "seconds").arg(QString::number(double(ms / 100) / 10, 'f', 1));
    const qint64 s = ms / 1000;
    const auto minutes = twoDigits(s / 60 % 60) + QLatin1Char(':') + twoDigits(s % 60);
    if (s < 3600)
        return minutes;
    if (s < 86'400)
        return QString::number(s / 3600) + QLatin1Char(':') + minutes;
    return Words::tr("%1 d", "days").arg(s / 86'400) + QLatin1Char(' ') + twoDigits(s / 3600 % 24) + QLatin1Char(':') +
           minutes;
}

QString seconds(quint32 count)
{
    if (count && count % 86'400 == 0)
        return Words::tr("%1 d", "days").arg(count / 86'400);
    if (count && count % 3600 == 0)
        return Words::tr("%1 h", "hours").arg(count / 3600);
    if (count && count % 60 == 0)
        return Words::tr("%1 min", "minutes").arg(count / 60);
    return Words::tr("%1 s", "seconds").arg(count);
}

QString expiry(std::optional<quint32> interval)
{
    if (!interval)
        return Words::tr("absent", "property not sent");
    if (*interval == 0)
        return QStringLiteral("0");
    if (*interval == sessionNeverExpires)
        return Words::tr("never expires");
    const auto plain = Words::tr("%1 s", "seconds").arg(*interval);
    const auto readable = seconds(*interval);
    return plain == readable ? plain : readable + QStringLiteral(" (") + plain + QLatin1Char(')');
}

QString bytes(qint64 count)
{
    return QLocale::c().formattedDataSize(count, count < 1024 ? 0 : 1);
}

QString text(const QByteArray &utf8)
{
    QString result = QString::fromUtf8(utf8);
    for (QChar &c : result) {
        if (c.category() == QChar::Other_Control)
            c = c.unicode() < 0x20 ? QChar(0x2400 + c.unicode()) : QChar(QChar::ReplacementCharacter);
    }
    return result;
}

QString payloadPreview(const QByteArray &payload, qsizetype limit)
{
    if (isText(payload)) {
        // One character takes at most four bytes, so what is cut here is never shown.
        const auto shown = text(payload.first(std::min(payload.size(), limit * 4)));
        return shown.size() <= limit ? shown : shown.first(limit) + QChar(0x2026);
    }
    const auto shown = QString::fromLatin1(payload.first(std::min(payload.size(), limit / 3)).toHex(' '));
    return payload.size() <= limit / 3 ? shown : shown + QStringLiteral(" \u2026");
}

QString payloadInFull(const QByteArray &payload)
{
    return isText(payload) ? QString::fromUtf8(payload) : QString::fromLatin1(payload.toHex(' '));
}

QString subscriptionOptions(const QByteArray &filter, const SubscriptionOptions &options)
{
    QStringList parts;
    if (options.noLocal)
        parts << QStringLiteral("NL");
    if (options.retainAsPublished)
        parts << QStringLiteral("RAP");
    if (options.retainHandling != RetainHandling::SendAtSubscribe)
        parts << QStringLiteral("RH%1").arg(int(options.retainHandling));
    if (isSharedFilter(filter))
        parts << Words::tr("shared");
    return parts.join(QLatin1Char(' '));
}

} // namespace sessionscope::words
