// Encodes a message once for all receivers of one shape: same version, QoS, flags, identifiers and remaining expiry.
// Receivers of a shape differ in the Packet Identifier only, which is written over the encoded bytes.
#pragma once

#include "core/broker/broker.h"

#include <array>

namespace sessionscope {

class PublishCache
{
public:
    /// Payloads up to this size stand behind their head in one piece; larger ones stay shared.
    static constexpr qsizetype joinedPayload = 1024;

    /// The bytes up to the payload, or all of them when the payload is small, with this receiver's Packet Identifier.
    /// The reference holds until the next call; the bytes must be copied unless QoS is 0.
    const QByteArray &encoded(const BrokerSendPublish &publish, Version version);

    /// Forgets everything. Needed before the messages it has seen may go.
    void clear();

private:
    struct Shape
    {
        const Message *message = nullptr;
        Version version = Version::V5;
        Qos qos = Qos::AtMostOnce;
        bool retain = false;
        bool dup = false;
        QList<quint32> subscriptionIdentifiers;
        std::optional<quint32> messageExpiryInterval;
        QByteArray bytes;
        qsizetype packetIdOffset = -1;
    };

    // Memory that a shape keeps from one message to the next.
    static constexpr qsizetype keptCapacity = 4096;

    // A broad fan-out has receivers of both versions and three QoS; more shapes than this only cost a second encoding.
    std::array<Shape, 6> m_shapes;
    std::size_t m_used = 0;
    std::size_t m_oldest = 0;
};

/// The packet behind a delivery to one receiver.
PublishPacket publishPacket(const BrokerSendPublish &publish);

} // namespace sessionscope
