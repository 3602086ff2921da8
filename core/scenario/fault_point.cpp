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

} // namespace

bool isCrash(ExploreFault fault)
{
    return fault == ExploreFault::BrokerCrash || fault == ExploreFault::BrokerLosesStore;
}

Fault faultOf(const FaultPoint &point)
{
    return {.match = point.match, .kind = kindOf(point)};
}

Node verbOf(const Fault &fault)
{
    Node match;
    if (fault.match.type)
        setEntry(match, QStringLiteral("packet"), scalarNode(QString::fromLatin1(packetTypeName(*fault.match.type))));
    setEntry(match, QStringLiteral("nth"), numberNode(fault.match.nth));
    if (fault.match.qos)
        setEntry(match, QStringLiteral("qos"), numberNode(quint8(*fault.match.qos)));
    if (!fault.match.topic.isEmpty())
        setEntry(match, QStringLiteral("topic"), scalarNode(QString::fromUtf8(fault.match.topic)));
    if (fault.match.dup)
        setEntry(match, QStringLiteral("dup"), flagNode(*fault.match.dup));
    if (fault.match.packetId)
        setEntry(match, QStringLiteral("packet_id"), numberNode(fault.match.packetId->value));
    const auto *cut = std::get_if<CutFault>(&fault.kind);
    const bool isBefore = !cut || cut->moment == Moment::Before; // a silence holds its packet back, too
    const bool isSent = fault.match.direction == Direction::Sent;
    Node when = mapNode(QString::fromLatin1(isBefore ? "before_" : "after_") +
                            QString::fromLatin1(isSent ? "sending" : "receiving"),
                        match);
    if (cut && cut->afterBytes)
        setEntry(when, QStringLiteral("bytes"), numberNode(quint64(*cut->afterBytes)));
    Node fields = mapNode(QStringLiteral("when"), when);
    if (const auto *silence = std::get_if<SilenceFault>(&fault.kind); silence && silence->lasts)
        setEntry(fields, QStringLiteral("lasts"), scalarNode(spanText(*silence->lasts)));
    if (cut && cut->how != CloseHow::Reset)
        setEntry(fields, QStringLiteral("how"), closeNode(cut->how));
    if (fault.times != 1)
        setEntry(fields, QStringLiteral("times"), numberNode(fault.times));
    return mapNode(cut ? QStringLiteral("cut") : QStringLiteral("silence"), fields);
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
