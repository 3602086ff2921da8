#include "core/lab/packet_filter.h"

#include "core/mqtt/codec.h"
#include "core/trace/text.h"

#include <algorithm>

namespace sessionscope {

namespace {

QString byteText(char byte)
{
    return QStringLiteral("0x%1").arg(quint8(byte), 2, 16, QChar(u'0'));
}

FaultTrace traceOf(FaultAct act, const PassingPacket &passing, const QString &what = {})
{
    const QString packet = packetText(passing.packet, passing.version);
    return {act, 0, what.isEmpty() ? packet : packet + QStringLiteral(": ") + what, {}};
}

std::optional<FaultTrace> act(const CutFault &fault, const PassingPacket &passing, Filtered &filtered)
{
    if (filtered.cut)
        return {};
    const qsizetype size = filtered.bytes.size();
    const qsizetype passes = fault.afterBytes                ? std::clamp<qsizetype>(*fault.afterBytes, 0, size)
                             : fault.moment == Moment::After ? size
                                                             : 0;
    filtered.cut = fault.how;
    if (passes == size)
        return traceOf(FaultAct::CutAfter, passing);
    filtered.bytes.truncate(passes);
    if (passes > 0)
        return traceOf(FaultAct::CutWithin, passing, QStringLiteral("%1 of %2 bytes").arg(passes).arg(size));
    filtered.copies = 0;
    return traceOf(FaultAct::CutBefore, passing);
}

/// What there is of the part; no part is the whole.
ByteRange within(const std::optional<ByteRange> &part, qsizetype size)
{
    const ByteRange wanted = part.value_or(ByteRange());
    const qsizetype offset = std::clamp<qsizetype>(wanted.offset, 0, size);
    return {offset, std::clamp<qsizetype>(wanted.count, 0, size - offset)};
}

QString partText(const ByteRange &part, const char *what)
{
    return QStringLiteral("%1 bytes from byte %2 on %3")
        .arg(part.count)
        .arg(part.offset)
        .arg(QString::fromLatin1(what));
}

std::optional<FaultTrace> act(const DropFault &fault, const PassingPacket &passing, Filtered &filtered)
{
    const ByteRange part = within(fault.part, filtered.bytes.size());
    if (part.count == filtered.bytes.size()) {
        filtered.copies = 0;
        return traceOf(FaultAct::Dropped, passing);
    }
    if (part.count == 0)
        return {};
    filtered.bytes.remove(part.offset, part.count);
    return traceOf(FaultAct::Corrupted, passing, partText(part, "dropped"));
}

std::optional<FaultTrace> act(const DuplicateFault &fault, const PassingPacket &passing, Filtered &filtered)
{
    const ByteRange part = within(fault.part, filtered.bytes.size());
    if (part.count == filtered.bytes.size()) {
        filtered.copies *= 2;
        return traceOf(FaultAct::Duplicated, passing);
    }
    if (part.count == 0)
        return {};
    filtered.bytes.insert(part.offset, filtered.bytes.mid(part.offset, part.count));
    return traceOf(FaultAct::Corrupted, passing, partText(part, "duplicated"));
}

std::optional<FaultTrace> act(const DelayFault &fault, const PassingPacket &passing, Filtered &filtered)
{
    if (fault.offset < 0 || fault.offset >= filtered.bytes.size())
        return {};
    filtered.delay += fault.delay;
    filtered.delayFrom = std::min(filtered.delayFrom, fault.offset);
    const QString part = fault.offset == 0 ? QString() : QStringLiteral(", from byte %1 on").arg(fault.offset);
    return traceOf(FaultAct::Delayed, passing, durationText(fault.delay) + part);
}

std::optional<FaultTrace> act(const CorruptFault &fault, const PassingPacket &passing, Filtered &filtered)
{
    if (fault.offset < 0 || fault.offset >= filtered.bytes.size() || fault.mask == 0)
        return {};
    const char before = filtered.bytes[fault.offset];
    const char after = char(quint8(before) ^ fault.mask);
    filtered.bytes[fault.offset] = after;
    return traceOf(FaultAct::Corrupted, passing,
                   QStringLiteral("byte %1 %2 → %3").arg(fault.offset).arg(byteText(before), byteText(after)));
}

std::optional<FaultTrace> act(const AnswerFault &fault, const PassingPacket &passing, Filtered &filtered)
{
    Packet answer = passing.packet;
    std::visit(
        [&fault](auto &body) {
            if constexpr (std::is_same_v<std::decay_t<decltype(body)>, AckPacket>)
                body.reason = fault.reason;
            else if constexpr (requires { body.reasons; })
                body.reasons.fill(fault.reason);
        },
        answer.body);
    filtered.bytes = encode(answer, passing.version);
    return traceOf(FaultAct::Answered, passing, reasonText(fault.reason, answer.type()));
}

std::optional<FaultTrace> act(const SilenceFault &fault, const PassingPacket &passing, Filtered &filtered)
{
    filtered.silence = fault;
    return traceOf(FaultAct::Silenced, passing, silenceText(fault.which, fault.lasts));
}

std::optional<FaultTrace> act(const ThrottleFault &fault, const PassingPacket &passing, Filtered &filtered)
{
    filtered.throttle = fault;
    return traceOf(FaultAct::Throttled, passing, throttleText(fault));
}

} // namespace

bool concerns(const FaultKind &kind, const PassingPacket &passing)
{
    if (!std::holds_alternative<AnswerFault>(kind) || passing.packet.as<SubackPacket>())
        return true;
    return passing.version == Version::V5 && (passing.packet.as<AckPacket>() || passing.packet.as<UnsubackPacket>());
}

std::optional<FaultTrace> act(const FaultKind &kind, const PassingPacket &passing, Filtered &filtered)
{
    return std::visit([&](const auto &one) { return act(one, passing, filtered); }, kind);
}

} // namespace sessionscope
