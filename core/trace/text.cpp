// The words and numbers that lines are made of.
#include "core/trace/text_parts.h"

#include <QStringBuilder>
#include <QStringDecoder>

#include <algorithm>

namespace sessionscope {

namespace {

/// Stands for itself in quotation marks.
bool isPlain(char c)
{
    return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

bool isPrintable(const QString &text)
{
    for (const QChar c : text) {
        if (!c.isPrint() && !c.isSurrogate() && c != u'\n' && c != u'\t')
            return false;
    }
    return true;
}

QString escaped(QString text)
{
    text.replace(u'\\', QStringLiteral("\\\\"));
    text.replace(u'"', QStringLiteral("\\\""));
    text.replace(u'\n', QStringLiteral("\\n"));
    text.replace(u'\t', QStringLiteral("\\t"));
    return text;
}

} // namespace

QString instantText(Instant at)
{
    const auto micros = at.time_since_epoch().count();
    return QStringLiteral("%1.%2").arg(micros / 1'000'000).arg(micros % 1'000'000, 6, 10, QLatin1Char('0'));
}

QString secondsText(quint32 seconds)
{
    if (seconds == sessionNeverExpires)
        return QStringLiteral("never");
    QStringList parts;
    const auto part = [&parts](quint32 count, const char *unit) {
        if (count)
            parts.append(QString::number(count) + latin1(unit));
    };
    part(seconds / 86'400, "d");
    part(seconds / 3'600 % 24, "h");
    part(seconds / 60 % 60, "min");
    part(seconds % 60, "s");
    return parts.isEmpty() ? QStringLiteral("0s") : parts.join(u' ');
}

QString payloadText(const QByteArray &payload, qsizetype limit)
{
    // A character takes at most four bytes, so this much is enough to see whether it is text.
    const auto start = QByteArrayView(payload).first(qMin(payload.size(), 4 * limit));
    if (std::ranges::all_of(start, isPlain)) { // nearly always
        const QLatin1StringView shown(start.first(qMin(start.size(), limit)));
        if (shown.size() == payload.size())
            return u'"' % shown % u'"';
        return u'"' % shown % QStringLiteral("\" … ") % sizeText(payload.size());
    }
    QStringDecoder toUtf16(QStringDecoder::Utf8, QStringDecoder::Flag::Stateless);
    QString asText = toUtf16(start);
    if (payload.size() > start.size() && asText.endsWith(QChar::ReplacementCharacter))
        asText.chop(1);
    const bool isText = isPrintable(asText) && !asText.contains(QChar::ReplacementCharacter);
    QString line;
    if (isText)
        line = u'"' + escaped(asText.left(limit)) + u'"';
    else
        line = QStringLiteral("0x") + latin1(payload.first(qMin(payload.size(), limit / 2)).toHex().constData());
    const bool isCut = isText ? asText.size() > limit || payload.size() > start.size() : payload.size() > limit / 2;
    return isCut ? line + QStringLiteral(" … ") + sizeText(payload.size()) : line;
}

QString reasonText(ReasonCode reason, PacketType in)
{
    const char *name = reasonCodeName(reason, in);
    return QStringLiteral("%1 (0x%2)")
        .arg(name ? latin1(name) : QStringLiteral("unlisted"))
        .arg(quint8(reason), 2, 16, QLatin1Char('0'));
}

QString connackReasonText(quint8 reason, Version version)
{
    if (version == Version::V5)
        return reasonText(ReasonCode(reason), PacketType::Connack);
    const char *name = v3ReturnCodeName(reason);
    return QStringLiteral("%1 (%2)").arg(name ? latin1(name) : QStringLiteral("reserved")).arg(reason);
}

QString sessionEndText(SessionEnd why)
{
    switch (why) {
    case SessionEnd::ConnectionClosed:
        return QStringLiteral("its connection closed");
    case SessionEnd::Expired:
        return QStringLiteral("expired");
    case SessionEnd::CleanStart:
        return QStringLiteral("Clean Start");
    case SessionEnd::SessionNotPresent:
        return QStringLiteral("the server no longer has it");
    case SessionEnd::Forgotten:
        return QStringLiteral("forgotten");
    case SessionEnd::TakenOver:
        return QStringLiteral("taken over");
    case SessionEnd::Administrative:
        return QStringLiteral("ended by hand");
    case SessionEnd::QueueFull:
        return QStringLiteral("its queue was full");
    }
    return {};
}

QString dropCauseText(DropCause cause)
{
    switch (cause) {
    case DropCause::QueueFull:
        return QStringLiteral("queue full");
    case DropCause::Expired:
        return QStringLiteral("message expired");
    case DropCause::TooLargeForReceiver:
        return QStringLiteral("larger than the receiver takes");
    case DropCause::QosZeroOffline:
        return QStringLiteral("QoS 0 while the receiver is offline");
    case DropCause::QosZeroBlocked:
        return QStringLiteral("QoS 0 while the receiver does not read");
    case DropCause::RefusedByReceiver:
        return QStringLiteral("refused by the receiver");
    case DropCause::NotAuthorized:
        return QStringLiteral("the receiver may not read the topic");
    }
    return {};
}

QString linkChangeText(LinkChange change)
{
    switch (change) {
    case LinkChange::Opening:
        return QStringLiteral("opening connection");
    case LinkChange::Opened:
        return QStringLiteral("connection open");
    case LinkChange::Accepted:
        return QStringLiteral("connection accepted");
    case LinkChange::Failed:
        return QStringLiteral("connection failed");
    case LinkChange::ClosedByUs:
        return QStringLiteral("connection closed by this end");
    case LinkChange::Cut:
        return QStringLiteral("connection cut");
    case LinkChange::ClosedByPeer:
        return QStringLiteral("connection closed by the other end");
    case LinkChange::ResetByPeer:
        return QStringLiteral("connection reset by the other end");
    case LinkChange::Error:
        return QStringLiteral("connection lost");
    }
    return {};
}

QString faultActText(FaultAct act)
{
    switch (act) {
    case FaultAct::CutBefore:
        return QStringLiteral("cut before");
    case FaultAct::CutAfter:
        return QStringLiteral("cut after");
    case FaultAct::CutWithin:
        return QStringLiteral("cut within");
    case FaultAct::Dropped:
        return QStringLiteral("dropped");
    case FaultAct::Duplicated:
        return QStringLiteral("duplicated");
    case FaultAct::Delayed:
        return QStringLiteral("delayed");
    case FaultAct::Held:
        return QStringLiteral("held back");
    case FaultAct::Corrupted:
        return QStringLiteral("corrupted");
    case FaultAct::Answered:
        return QStringLiteral("answered otherwise");
    case FaultAct::Silenced:
        return QStringLiteral("silence begins");
    case FaultAct::SilenceOver:
        return QStringLiteral("silence is over");
    case FaultAct::Throttled:
        return QStringLiteral("throttled");
    case FaultAct::Raw:
        return QStringLiteral("raw bytes");
    case FaultAct::Misbehaved:
        return QStringLiteral("misbehaves");
    }
    return {};
}

QString reasonsText(const QList<ReasonCode> &reasons, PacketType in)
{
    QStringList list;
    for (const ReasonCode reason : reasons)
        list.append(reasonText(reason, in));
    return list.join(QStringLiteral(", "));
}

} // namespace sessionscope
