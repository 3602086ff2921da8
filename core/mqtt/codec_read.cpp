#include "core/mqtt/packet_walk.h"

#include <array>

namespace sessionscope {

const char *problemText(Malformed::Problem problem)
{
    static constexpr std::array<const char *, 8> texts{"packet type is reserved",
                                                       "length is not encoded as it should be",
                                                       "packet is larger than the limit",
                                                       "field runs past the end of the packet",
                                                       "bytes are left over behind the last field",
                                                       "property identifier is unknown",
                                                       "protocol name and version are none that is spoken here",
                                                       "property length does not fit the properties"};
    return texts[std::size_t(problem)];
}

DecodeResult decode(const QByteArray &frame, Version version)
{
    Packet packet;
    if (const auto malformed = decodeTo(packet, frame, version))
        return *malformed;
    return packet;
}

std::optional<Malformed> decodeTo(Packet &packet, const QByteArray &frame, Version version)
{
    NoRecorder silent;
    return walk::readPacket(packet, frame, version, silent);
}

std::optional<Malformed> decodeSharedTo(Packet &packet, const QByteArray &frame, Version version, QByteArray &lastTopic)
{
    NoRecorder silent;
    return walk::readPacket(packet, frame, version, silent, &lastTopic);
}

} // namespace sessionscope
