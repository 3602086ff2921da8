#include "core/rules/duty.h"

#include <QByteArrayView>

namespace sessionscope::rules {

namespace {

std::optional<PacketType> acknowledgementOf(PacketType type)
{
    switch (type) {
    case PacketType::Publish:
        return PacketType::Puback;
    case PacketType::Subscribe:
        return PacketType::Suback;
    case PacketType::Unsubscribe:
        return PacketType::Unsuback;
    default:
        return {};
    }
}

Duty closing(const Finding &finding, PacketType in, Version version)
{
    const bool answersConnect = in == PacketType::Connect;
    if (version != Version::V5) {
        const auto code = answersConnect ? v3ConnackReturnCode(finding.reason) : std::nullopt;
        return code ? Duty{PacketType::Connack, *code, true} : Duty{{}, 0, true};
    }
    const PacketType answer = answersConnect ? PacketType::Connack : PacketType::Disconnect;
    const Sender receiver = finding.blame == Sender::Client ? Sender::Server : Sender::Client;
    const ReasonCode reason = isListed(finding.reason, answer, receiver) ? finding.reason : ReasonCode::ProtocolError;
    return {answer, quint8(reason), true};
}

} // namespace

Severity severityOf(const Finding &finding)
{
    const QByteArrayView statement = finding.statement;
    if (statement.isEmpty() || statement == QByteArrayView("v5 §4.13.2") || statement == QByteArrayView("v5 §5.4.2"))
        return Severity::Limit;
    return finding.answer == Answer::Refuse ? Severity::Refusable : Severity::Fatal;
}

Duty dutyOf(const Finding &finding, PacketType in, Version version)
{
    const auto acknowledgement = acknowledgementOf(in);
    if (finding.answer == Answer::Refuse && version == Version::V5 && acknowledgement)
        return {acknowledgement, quint8(finding.reason), false};
    return closing(finding, in, version);
}

} // namespace sessionscope::rules
