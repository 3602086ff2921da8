#include "core/mqtt/types.h"

#include <array>

namespace sessionscope {

const char *packetTypeName(PacketType type)
{
    static constexpr std::array<const char *, 16> names{
        "Reserved",  "CONNECT", "CONNACK",     "PUBLISH",  "PUBACK",  "PUBREC",   "PUBREL",     "PUBCOMP",
        "SUBSCRIBE", "SUBACK",  "UNSUBSCRIBE", "UNSUBACK", "PINGREQ", "PINGRESP", "DISCONNECT", "AUTH"};
    return names[quint8(type) & 0x0F];
}

} // namespace sessionscope
