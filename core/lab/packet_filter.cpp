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

std::optional<FaultTrace> act(const DropFault &, const PassingPacket &passing, Filtered &filtered)
{
    filtered.copies = 0;
    return traceOf(FaultAct::Dropped, passing);
}

std::optional<FaultTrace> act(const DuplicateFault &, const PassingPacket &passing, Filtered &filtered)
{
    filtered.copies *= 2;
    return traceOf(FaultAct::Duplicated, passing);
}

std::optional<FaultTrace> act(const DelayFault &fault, const PassingPacket &passing, Filtered &filtered)
{
    filtered.delay += fault.delay;
    return traceOf(FaultAct::Delayed, passing, durationText(fault.delay));
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
    AckPacket answer = *passing.packet.as<AckPacket>();
    answer.reason = fault.reason;
    filtered.bytes = encode(Packet{answer, {}}, passing.version);
    return traceOf(FaultAct::Answered, passing, reasonText(fault.reason, answer.type));
}

std::optional<FaultTrace> act(const SilenceFault &fault, const PassingPacket &passing, Filtered &filtered)
{
    filtered.silence = fault;
    return traceOf(FaultAct::Silenced, passing, silenceText(fault.which, fault.lasts));
}

} // namespace

bool concerns(const FaultKind &kind, const PassingPacket &passing)
{
    return !std::holds_alternative<AnswerFault>(kind) ||
           (passing.packet.as<AckPacket>() && passing.version == Version::V5);
}

std::optional<FaultTrace> act(const FaultKind &kind, const PassingPacket &passing, Filtered &filtered)
{
    return std::visit([&](const auto &one) { return act(one, passing, filtered); }, kind);
}

} // namespace sessionscope
