#include "core/lab/fault.h"

#include "core/base/overloaded.h"
#include "core/mqtt/topic.h"
#include "core/trace/text.h"

namespace sessionscope {

namespace {

QString latin1(const char *text)
{
    return QString::fromLatin1(text);
}

QString ordinalText(quint32 number)
{
    if (number == 1)
        return QStringLiteral("first");
    const quint32 tens = number / 10 % 10;
    const char *const endings[] = {"th", "st", "nd", "rd"};
    const quint32 digit = number % 10;
    return QString::number(number) + latin1(endings[tens != 1 && digit < 4 ? digit : 0]);
}

QString packetsText(const PacketMatch &match)
{
    QString text = match.type ? latin1(packetTypeName(*match.type)) : QStringLiteral("packet");
    if (match.packetId)
        text += QStringLiteral(" #%1").arg(match.packetId->value);
    if (match.qos)
        text += QStringLiteral(" QoS %1").arg(quint8(*match.qos));
    if (match.dup)
        text += *match.dup ? QStringLiteral(" DUP") : QStringLiteral(" without DUP");
    if (!match.topic.isEmpty())
        text += u' ' + payloadText(match.topic);
    return text + (match.direction == Direction::Sent ? QStringLiteral(" sent") : QStringLiteral(" received"));
}

QString whichText(const PacketMatch &match, quint32 times)
{
    const QString packets = packetsText(match);
    if (times == 1)
        return QStringLiteral("the %1 %2").arg(ordinalText(match.nth), packets);
    const QString count = times == 0 ? QStringLiteral("every") : QString::number(times);
    const QString from = match.nth == 1 ? QString() : QStringLiteral(" from the %1 on").arg(ordinalText(match.nth));
    return count + u' ' + packets + from;
}

QString text(const CutFault &cut)
{
    if (cut.afterBytes)
        return QStringLiteral("cut behind its first %1 bytes, %2").arg(*cut.afterBytes).arg(closeText(cut.how));
    return QStringLiteral("cut %1 it, %2")
        .arg(cut.moment == Moment::Before ? QStringLiteral("before") : QStringLiteral("after"), closeText(cut.how));
}

/// "drop", "drop 3 bytes of it from byte 2 on".
QString partText(const char *what, const std::optional<ByteRange> &part)
{
    if (!part)
        return latin1(what);
    const QString count = part->count == ByteRange().count ? QStringLiteral("all") : QString::number(part->count);
    return QStringLiteral("%1 %2 bytes of it from byte %3 on").arg(latin1(what), count).arg(part->offset);
}

QString text(const DelayFault &fault)
{
    const QString part =
        fault.offset == 0 ? QString() : QStringLiteral("what is behind its first %1 bytes ").arg(fault.offset);
    return QStringLiteral("delay %1by %2").arg(part, durationText(fault.delay));
}

QString kindText(const FaultKind &kind)
{
    return std::visit(
        Overloaded{
            [](const CutFault &cut) { return text(cut); },
            [](const DropFault &fault) { return partText("drop", fault.part); },
            [](const DuplicateFault &fault) { return partText("duplicate", fault.part); },
            [](const DelayFault &fault) { return text(fault); },
            [](const CorruptFault &fault) {
                return QStringLiteral("corrupt byte %1 by 0x%2").arg(fault.offset).arg(fault.mask, 2, 16, QChar(u'0'));
            },
            [](const AnswerFault &fault) {
                return QStringLiteral("answer with ") + reasonText(fault.reason, PacketType::Puback);
            },
            [](const SilenceFault &fault) { return silenceText(fault.which, fault.lasts); },
            [](const ThrottleFault &fault) { return throttleText(fault); }},
        kind);
}

} // namespace

QString closeText(CloseHow how)
{
    switch (how.way) {
    case CloseHow::Close:
        return QStringLiteral("close");
    case CloseHow::Reset:
    case CloseHow::ResetWhenSent:
        break;
    case CloseHow::WithoutCloseNotify:
        return QStringLiteral("without close_notify");
    case CloseHow::WebSocketClose:
        return QStringLiteral("WebSocket close %1").arg(how.status);
    }
    return QStringLiteral("reset");
}

const char *whyNotClosed(Scheme scheme, CloseHow how)
{
    if (canClose(scheme, how))
        return nullptr;
    return how == CloseHow::WithoutCloseNotify ? "the connection is not over TLS, and has no close_notify to leave out"
                                               : "the connection is not over WebSocket, and has no close frame to send";
}

bool matches(const PacketMatch &match, Direction direction, const Packet &packet, const QByteArray &topic)
{
    const auto fits = [](const auto &wanted, const auto &found) { return !wanted || *wanted == found; };
    if (match.direction != direction || !fits(match.type, packet.type()) || !fits(match.packetId, packetIdOf(packet)))
        return false;
    if (!match.qos && !match.dup && match.topic.isEmpty())
        return true;
    const auto *publish = packet.as<PublishPacket>();
    return publish && fits(match.qos, publish->qos) && fits(match.dup, publish->dup) &&
           (match.topic.isEmpty() || filterMatches(match.topic, topic));
}

QString durationText(Duration duration)
{
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration);
    if (seconds == duration && seconds.count() < std::numeric_limits<quint32>::max())
        return secondsText(quint32(seconds.count()));
    return QStringLiteral("%1 ms").arg(double(duration.count()) / 1000);
}

QString silenceText(LinkSide which, const std::optional<Duration> &lasts)
{
    const char *const sides[] = {"silence what is sent", "silence what is received", "silence"};
    QString text = latin1(sides[quint8(which)]);
    if (lasts)
        text += QStringLiteral(" for ") + durationText(*lasts);
    return text;
}

QString throttleText(const ThrottleFault &throttle)
{
    const char *const sides[] = {"throttle what is sent ", "throttle what is received ", "throttle "};
    QString text = latin1(sides[quint8(throttle.which)]);
    if (throttle.bytesPerSecond == 0)
        return text + QStringLiteral("no more");
    text += QStringLiteral("to %1 bytes a second").arg(throttle.bytesPerSecond);
    return throttle.lasts ? text + QStringLiteral(" for ") + durationText(*throttle.lasts) : text;
}

QString faultText(const Fault &fault)
{
    return whichText(fault.match, fault.times) + QStringLiteral(": ") + kindText(fault.kind);
}

} // namespace sessionscope
