// A packet is a value: one struct a packet type, the same for 3.1, 3.1.1 and 5.0.
// What arrived is represented, not judged (core/rules judges), and what is illegal can be written down and sent.
// Text fields hold the bytes of the wire, which should be UTF-8 and need not be.
#pragma once

#include "core/mqtt/property.h"
#include "core/mqtt/reason_code.h"
#include "core/mqtt/types.h"

#include <QByteArray>
#include <QList>

#include <concepts>
#include <optional>
#include <variant>

namespace sessionscope {

/// The Session Expiry Interval that never ends (v5 §3.1.2.11.2). A flag, not a number of seconds.
inline constexpr quint32 sessionNeverExpires = 0xFFFFFFFF;

struct Will
{
    QByteArray topic{};
    QByteArray payload{};
    Qos qos = Qos::AtMostOnce;
    bool retain = false;
    Properties properties{};
    bool operator==(const Will &) const = default;
};

struct ConnectPacket
{
    QByteArray protocolName = QByteArrayLiteral("MQTT");
    quint8 protocolLevel = quint8(Version::V5);
    bool cleanStart = true; ///< Clean Session in 3.1 and 3.1.1
    quint16 keepAlive = 0;  ///< seconds; 0 switches the check off
    QByteArray clientId{};
    Properties properties{};
    std::optional<Will> will{};
    std::optional<QByteArray> userName{};
    std::optional<QByteArray> password{};
    /// Connect flag bits as they arrived where they contradict the fields above: bit 0 (reserved), and will QoS and
    /// will retain (bits 3 to 5) without a will. Zero in a legal packet.
    quint8 strayFlags = 0;
    bool operator==(const ConnectPacket &) const = default;
};

struct ConnackPacket
{
    bool sessionPresent = false;
    quint8 strayFlags = 0; ///< acknowledge flag bits 7 to 1, zero in a legal packet (MQTT-3.2.2-1)
    quint8 reason = 0;     ///< ReasonCode in 5.0, return code in 3.1 and 3.1.1
    Properties properties{};
    ReasonCode reasonCode() const { return ReasonCode(reason); }
    bool operator==(const ConnackPacket &) const = default;
};

struct PublishPacket
{
    QByteArray topic{};
    QByteArray payload{};
    PacketId packetId{}; ///< written for QoS above 0 only
    Qos qos = Qos::AtMostOnce;
    bool dup = false;
    bool retain = false;
    Properties properties{};
    bool operator==(const PublishPacket &) const = default;
};

/// PUBACK, PUBREC, PUBREL and PUBCOMP share one shape.
struct AckPacket
{
    PacketType type = PacketType::Puback;
    PacketId packetId{};
    ReasonCode reason = ReasonCode::Success;
    Properties properties{};
    bool operator==(const AckPacket &) const = default;
};

enum class RetainHandling : quint8
{
    SendAtSubscribe = 0,
    SendIfNew = 1,
    DoNotSend = 2,
    Reserved = 3
};

struct SubscriptionOptions
{
    Qos maximumQos = Qos::AtMostOnce; ///< the requested QoS
    bool noLocal = false;
    bool retainAsPublished = false;
    RetainHandling retainHandling = RetainHandling::SendAtSubscribe;
    quint8 reservedBits = 0; ///< bits 7 and 6, zero in a legal packet (MQTT-3.8.3-5)
    bool operator==(const SubscriptionOptions &) const = default;

    static SubscriptionOptions fromByte(quint8 byte);
    quint8 toByte() const;
};

struct SubscribePacket
{
    struct Entry
    {
        QByteArray filter{};
        SubscriptionOptions options{};
        bool operator==(const Entry &) const = default;
    };
    PacketId packetId{};
    Properties properties{};
    QList<Entry> entries{};
    bool operator==(const SubscribePacket &) const = default;
};

struct SubackPacket
{
    PacketId packetId{};
    Properties properties{};
    QList<ReasonCode> reasons{};
    bool operator==(const SubackPacket &) const = default;
};

struct UnsubscribePacket
{
    PacketId packetId{};
    Properties properties{};
    QList<QByteArray> filters{};
    bool operator==(const UnsubscribePacket &) const = default;
};

struct UnsubackPacket
{
    PacketId packetId{};
    Properties properties{};
    QList<ReasonCode> reasons{}; ///< none in 3.1 and 3.1.1
    bool operator==(const UnsubackPacket &) const = default;
};

struct PingreqPacket
{
    bool operator==(const PingreqPacket &) const = default;
};

struct PingrespPacket
{
    bool operator==(const PingrespPacket &) const = default;
};

struct DisconnectPacket
{
    ReasonCode reason = ReasonCode::Success;
    Properties properties{};
    bool operator==(const DisconnectPacket &) const = default;
};

struct AuthPacket
{
    ReasonCode reason = ReasonCode::Success;
    Properties properties{};
    bool operator==(const AuthPacket &) const = default;
};

using PacketBody =
    std::variant<ConnectPacket, ConnackPacket, PublishPacket, AckPacket, SubscribePacket, SubackPacket,
                 UnsubscribePacket, UnsubackPacket, PingreqPacket, PingrespPacket, DisconnectPacket, AuthPacket>;

struct Packet
{
    PacketBody body{};
    /// The low four bits of the first byte where they are not those that the type demands. Never set for PUBLISH,
    /// whose flags are its fields.
    std::optional<quint8> illegalFlags{};

    Packet() = default;
    /// The body is made in its place: it is large to move.
    template<class Body>
        requires std::constructible_from<PacketBody, Body>
    Packet(Body &&packet, std::optional<quint8> flags = {}) : body(std::forward<Body>(packet)), illegalFlags(flags)
    {
    }

    template<class T> const T *as() const { return std::get_if<T>(&body); }
    template<class T> T *as() { return std::get_if<T>(&body); }
    PacketType type() const;

    bool operator==(const Packet &) const = default;
};

/// The Packet Identifier a packet carries; 0 when its type has none.
PacketId packetIdOf(const Packet &packet);

/// The properties of a packet, nullptr for the two that have none.
const Properties *propertiesOf(const Packet &packet);
Properties *propertiesOf(Packet &packet);

} // namespace sessionscope
