// The small closed vocabularies of MQTT: versions, packet types, QoS, packet identifiers.
// Values outside the named ones can occur in an arriving packet and are kept as they are.
#pragma once

#include "core/base/strong_id.h"

#include <QtGlobal>

namespace sessionscope {

/// The protocol level byte of CONNECT.
enum class Version : quint8
{
    V31 = 3,
    V311 = 4,
    V5 = 5
};

/// The known version whose words a CONNECT of this level is answered in: its own, or the nearest.
constexpr Version nearestVersion(quint8 protocolLevel)
{
    if (protocolLevel >= quint8(Version::V5))
        return Version::V5;
    return protocolLevel == quint8(Version::V31) ? Version::V31 : Version::V311;
}

enum class PacketType : quint8
{
    Reserved = 0,
    Connect = 1,
    Connack = 2,
    Publish = 3,
    Puback = 4,
    Pubrec = 5,
    Pubrel = 6,
    Pubcomp = 7,
    Subscribe = 8,
    Suback = 9,
    Unsubscribe = 10,
    Unsuback = 11,
    Pingreq = 12,
    Pingresp = 13,
    Disconnect = 14,
    Auth = 15,
};

/// The name as the standard prints it, "PUBLISH".
const char *packetTypeName(PacketType type);

/// The fixed-header flags that the standard demands of a type other than PUBLISH (MQTT-2.1.3-1).
constexpr quint8 requiredFlags(PacketType type)
{
    return type == PacketType::Pubrel || type == PacketType::Subscribe || type == PacketType::Unsubscribe ? 0x2 : 0x0;
}

/// Reserved (3) can arrive and is malformed (MQTT-3.3.1-4).
enum class Qos : quint8
{
    AtMostOnce = 0,
    AtLeastOnce = 1,
    ExactlyOnce = 2,
    Reserved = 3
};

/// A Packet Identifier. 0 is never valid on the wire (MQTT-2.2.1-3) and here means "none".
using PacketId = StrongId<struct PacketIdTag, quint16>;

/// Who wrote a packet.
enum class Sender : quint8
{
    Client,
    Server
};

constexpr Sender other(Sender sender)
{
    return sender == Sender::Client ? Sender::Server : Sender::Client;
}

} // namespace sessionscope
