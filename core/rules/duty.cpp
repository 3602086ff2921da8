#include "core/rules/duty.h"

#include <QByteArrayView>

#include <algorithm>

namespace sessionscope::rules {

namespace {

/// What says when a receiver may or has to say no to somebody who broke nothing: limits and rights that a sender need
/// not know, an identifier or a password that is not liked, silence that the network may be to blame for.
constexpr const char *rightsOfReceivers[] = {
    "v5 §3.1",         "v5 §4.7.2",     "v5 §4.13.2",      "v5 §5.4.2",     "MQTT-3.1.2-22", "v3:MQTT-3.1.2-24",
    "MQTT-3.1.2-25",   "MQTT-3.1.3-8",  "v3:MQTT-3.1.3-9", "MQTT-3.1.4-2",  "MQTT-3.2.2-12", "MQTT-3.2.2-13",
    "v3:MQTT-3.3.5-2", "MQTT-4.12.0-1", "MQTT-4.12.0-4",   "MQTT-4.12.1-2",
};

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
    // Nobody answers a DISCONNECT of a server, which is closing.
    if (in == PacketType::Disconnect && finding.blame == Sender::Server)
        return {{}, 0, true};
    const PacketType answer = answersConnect ? PacketType::Connack : PacketType::Disconnect;
    const Sender receiver = finding.blame == Sender::Client ? Sender::Server : Sender::Client;
    const ReasonCode reason = isListed(finding.reason, answer, receiver) ? finding.reason : ReasonCode::ProtocolError;
    return {answer, quint8(reason), true};
}

} // namespace

Severity severityOf(const Finding &finding)
{
    const QByteArrayView statement = finding.statement;
    const auto is = [statement](const char *right) { return statement == QByteArrayView(right); };
    if (statement.isEmpty() || std::ranges::any_of(rightsOfReceivers, is))
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
