// Bytes to packet and back, one frame at a time. Decoding keeps whatever is structurally readable and refuses the rest
// with its position; encoding never validates.
#pragma once

#include "core/base/result.h"
#include "core/mqtt/packet.h"

#include <QByteArray>

namespace sessionscope {

/// Why a frame cannot be read as a packet (MQTT-4.13.1-1: the connection has to close).
struct Malformed
{
    enum class Problem : quint8
    {
        ReservedType,       ///< type 0, or AUTH before 5.0
        BadLength,          ///< a Variable Byte Integer of more than four bytes, in 5.0 also one longer than needed
        TooLarge,           ///< larger than the limit in force
        FieldRunsPastEnd,   ///< a length inside the packet points behind its end
        BytesLeftOver,      ///< the packet is longer than its fields
        UnknownProperty,    ///< nothing behind an unknown identifier can be read
        UnsupportedVersion, ///< a CONNECT of a protocol that is none of the three; field tells name from level
        BadPropertyLength,  ///< a property list whose length does not fit its properties
    };
    Problem problem{};
    qsizetype offset = 0;   ///< of the byte where reading stopped, counted from the first byte of the packet
    const char *field = ""; ///< the standard's name of the field that could not be read
    ReasonCode reason = ReasonCode::MalformedPacket;
    quint8 protocolLevel = 0; ///< of a CONNECT that could be read this far; else 0
    bool operator==(const Malformed &) const = default;
};

/// A stable English phrase for logs and reports; the window has its own words.
const char *problemText(Malformed::Problem problem);

using DecodeResult = Result<Packet, Malformed>;

/// Decodes one whole frame (fixed header included). For CONNECT the version argument is not used: the packet says it.
/// Large payloads share frame's storage; small ones are copied, so that a short message does not pin a read buffer.
DecodeResult decode(const QByteArray &frame, Version version);

/// The same into packet, whose memory serves one frame after the other: its body is made in its place. Says why when
/// the frame cannot be read; packet is any packet then.
std::optional<Malformed> decodeTo(Packet &packet, const QByteArray &frame, Version version);

/// decodeTo() for a reader that lets go of most packets at once and copies what it keeps (keptBytes): the payload of a
/// PUBLISH shares frame's storage whatever its size, and the topic is lastTopic where that has the same text, else its
/// new value.
std::optional<Malformed> decodeSharedTo(Packet &packet, const QByteArray &frame, Version version,
                                        QByteArray &lastTopic);

/// The packet's bytes. Fields too long for their length prefix are cut to 65 535 bytes.
QByteArray encode(const Packet &packet, Version version);

/// Appends the packet's bytes to out.
void encodeTo(QByteArray &out, const Packet &packet, Version version);
void encodeTo(QByteArray &out, const AckPacket &packet, Version version);

/// The fields of a PUBLISH by reference: what is sent to many receivers is not copied for each.
struct PublishFields
{
    QByteArrayView topic;
    QByteArrayView payload;
    PacketId packetId{}; ///< written for QoS above 0 only
    Qos qos = Qos::AtMostOnce;
    bool dup = false;
    bool retain = false;
    const Properties &properties;
};
PublishFields fieldsOf(const PublishPacket &publish);

/// A PUBLISH up to its payload, so that one payload can be shared by many receivers.
/// packetIdOffset receives where the two bytes of the id stand in the result, -1 at QoS 0.
QByteArray encodePublishHead(const PublishPacket &publish, Version version, qsizetype *packetIdOffset = nullptr);

enum class PayloadPart : quint8
{
    Joined, ///< behind its head
    Apart,  ///< sent by itself, and only its length is written
};

/// Appends a PUBLISH to out. Returns where in out the two bytes of the Packet Identifier stand, -1 at QoS 0.
qsizetype encodePublishTo(QByteArray &out, const PublishFields &publish, Version version, PayloadPart payload);

/// Bytes that encode would return.
qsizetype encodedSize(const Packet &packet, Version version);

/// Whether the packet is at most limit bytes long, perhaps without what may be left out for that: the User Properties
/// and then the Reason String of CONNACK (MQTT-3.2.2-19, -20), PUBACK (MQTT-3.4.2-2, -3), PUBREC (MQTT-3.5.2-2, -3),
/// PUBREL (MQTT-3.6.2-2, -3), PUBCOMP (MQTT-3.7.2-2, -3), SUBACK (MQTT-3.9.2-1, -2), UNSUBACK (MQTT-3.11.2-1, -2),
/// DISCONNECT (MQTT-3.14.2-3, -4) and AUTH (MQTT-3.15.2-2, -3). A limit of 0 is none.
bool fitInto(Packet &packet, Version version, qsizetype limit);

} // namespace sessionscope
