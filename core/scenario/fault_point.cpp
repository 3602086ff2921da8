#include "core/scenario/fault_point.h"

#include "core/scenario/scalars.h"
#include "core/scenario/write_command.h"

namespace sessionscope {

namespace {

FaultKind kindOf(const FaultPoint &point)
{
    switch (point.fault) {
    case ExploreFault::CutBefore:
        return CutFault{.moment = Moment::Before};
    case ExploreFault::CutWithin:
        return CutFault{.moment = Moment::After, .afterBytes = std::max<qsizetype>(1, point.size / 2)};
    case ExploreFault::Silence:
        return SilenceFault{};
    case ExploreFault::ShortSilence:
        return SilenceFault{.lasts = shortSilence};
    case ExploreFault::CutAfter:
    case ExploreFault::ClientLosesStore:
    case ExploreFault::BrokerCrash:
    case ExploreFault::BrokerLosesStore:
        break;
    }
    return CutFault{.moment = Moment::After};
}

/// Anything but a cut holds its packet back or changes it before it goes on.
Node whenNode(const PacketMatch &wanted, Moment moment)
{
    Node match;
    if (wanted.type)
        setEntry(match, QStringLiteral("packet"), scalarNode(QString::fromLatin1(packetTypeName(*wanted.type))));
    setEntry(match, QStringLiteral("nth"), numberNode(wanted.nth));
    if (wanted.qos)
        setEntry(match, QStringLiteral("qos"), numberNode(quint8(*wanted.qos)));
    if (!wanted.topic.isEmpty())
        setEntry(match, QStringLiteral("topic"), textNode(wanted.topic));
    if (wanted.dup)
        setEntry(match, QStringLiteral("dup"), flagNode(*wanted.dup));
    if (wanted.packetId)
        setEntry(match, QStringLiteral("packet_id"), numberNode(wanted.packetId->value));
    const bool isSent = wanted.direction == Direction::Sent;
    return mapNode(QString::fromLatin1(moment == Moment::Before ? "before_" : "after_") +
                       QString::fromLatin1(isSent ? "sending" : "receiving"),
                   std::move(match));
}

// The verb of each kind; what belongs to it is added to its fields.

QString addFields(Node &fields, const CutFault &cut)
{
    if (cut.how != CloseHow::Reset)
        setEntry(fields, QStringLiteral("how"), closeNode(cut.how));
    return QStringLiteral("cut");
}

void addPart(Node &fields, const std::optional<ByteRange> &part)
{
    if (!part)
        return;
    setEntry(fields, QStringLiteral("offset"), numberNode(quint64(part->offset)));
    if (part->count != ByteRange().count)
        setEntry(fields, QStringLiteral("bytes"), numberNode(quint64(part->count)));
}

QString addFields(Node &fields, const DropFault &drop)
{
    addPart(fields, drop.part);
    return QStringLiteral("drop");
}

QString addFields(Node &fields, const DuplicateFault &duplicate)
{
    addPart(fields, duplicate.part);
    return QStringLiteral("duplicate");
}

QString addFields(Node &fields, const DelayFault &delay)
{
    if (delay.offset != 0)
        setEntry(fields, QStringLiteral("offset"), numberNode(quint64(delay.offset)));
    setEntry(fields, QStringLiteral("by"), scalarNode(spanText(delay.delay)));
    return QStringLiteral("delay");
}

QString addFields(Node &fields, const CorruptFault &corrupt)
{
    setEntry(fields, QStringLiteral("offset"), numberNode(quint64(corrupt.offset)));
    setEntry(fields, QStringLiteral("mask"), numberNode(corrupt.mask));
    return QStringLiteral("corrupt");
}

QString addFields(Node &, const AnswerFault &)
{
    return QStringLiteral("answer_with");
}

QString addFields(Node &fields, const SilenceFault &silence)
{
    addSideAndSpan(fields, silence.which, silence.lasts);
    return QStringLiteral("silence");
}

QString addFields(Node &fields, const ThrottleFault &throttle)
{
    setEntry(fields, QStringLiteral("rate"), numberNode(throttle.bytesPerSecond));
    addSideAndSpan(fields, throttle.which, throttle.lasts);
    return QStringLiteral("throttle");
}

std::optional<Node> answerNode(const Fault &fault, ReasonCode reason)
{
    const PacketMatch next{.direction = fault.match.direction, .type = fault.match.type};
    if (!fault.match.type || !(fault.match == next) || fault.times != 1)
        return std::nullopt;
    const bool isRequests = *fault.match.type == PacketType::Suback || *fault.match.type == PacketType::Unsuback;
    Node answer = mapNode(QString::fromLatin1(packetTypeName(*fault.match.type)), reasonNode(quint8(reason)));
    if (fault.match.direction == Direction::Received && !isRequests)
        answer = mapNode(QStringLiteral("received"), std::move(answer));
    return mapNode(QStringLiteral("answer_with"), std::move(answer));
}

} // namespace

void addSideAndSpan(Node &fields, LinkSide which, const std::optional<Duration> &lasts)
{
    if (which != LinkSide::Both)
        setEntry(fields, QStringLiteral("direction"),
                 scalarNode(which == LinkSide::Sent ? QStringLiteral("sent") : QStringLiteral("received")));
    if (lasts)
        setEntry(fields, QStringLiteral("lasts"), scalarNode(spanText(*lasts)));
}

bool isCrash(ExploreFault fault)
{
    return fault == ExploreFault::BrokerCrash || fault == ExploreFault::BrokerLosesStore;
}

Fault faultOf(const FaultPoint &point)
{
    return {.match = point.match, .kind = kindOf(point)};
}

std::optional<Node> verbOf(const Fault &fault)
{
    if (const auto *answer = std::get_if<AnswerFault>(&fault.kind))
        return answerNode(fault, answer->reason);
    const auto *cut = std::get_if<CutFault>(&fault.kind);
    Node when = whenNode(fault.match, cut ? cut->moment : Moment::Before);
    if (cut && cut->afterBytes)
        setEntry(when, QStringLiteral("bytes"), numberNode(quint64(*cut->afterBytes)));
    Node fields = mapNode(QStringLiteral("when"), std::move(when));
    const QString verb = std::visit([&fields](const auto &kind) { return addFields(fields, kind); }, fault.kind);
    if (fault.times != 1)
        setEntry(fields, QStringLiteral("times"), numberNode(fault.times));
    return mapNode(verb, std::move(fields));
}

const char *exploreFaultName(ExploreFault fault)
{
    static constexpr const char *names[exploreFaultCount] = {"cut-before",   "cut-within",    "cut-after",
                                                             "silence",      "short-silence", "client-forgets",
                                                             "broker-crash", "broker-forgets"};
    return names[std::size_t(fault)];
}

std::optional<ExploreFault> exploreFaultOf(const QString &name)
{
    for (std::size_t i = 0; i < exploreFaultCount; ++i) {
        if (name == QLatin1String(exploreFaultName(ExploreFault(i))))
            return ExploreFault(i);
    }
    return std::nullopt;
}

const char *recoveryName(Recovery recovery)
{
    static constexpr const char *names[recoveryCount] = {"Clean Start 0", "Clean Start 1", "after the expiry"};
    return names[std::size_t(recovery)];
}

} // namespace sessionscope
