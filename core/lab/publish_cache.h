// Encodes the messages of one step. A message with one receiver is written straight to where it leaves from; one with
// more is encoded once for all receivers of one shape: same version, QoS, flags, identifiers and remaining expiry.
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

    /// Appends the packet for one receiver to out, without its payload when that is larger than joinedPayload.
    void appendTo(QByteArray &out, const BrokerSendPublish &publish, Version version);

    /// Forgets everything. Needed before the messages it has seen may go.
    void clear() { m_message = nullptr; }

private:
    struct Shape
    {
        Version version = Version::V5;
        Qos qos = Qos::AtMostOnce;
        bool retain = false;
        bool dup = false;
        QList<quint32> subscriptionIdentifiers;
        std::optional<quint32> messageExpiryInterval;
        QByteArray bytes;
        qsizetype packetIdOffset = -1;
    };

    const Shape &shapeOf(const BrokerSendPublish &publish, Version version);

    // A broad fan-out has receivers of both versions and three QoS; more shapes than this only cost a second encoding.
    std::array<Shape, 6> m_shapes;
    const Message *m_message = nullptr; ///< of the latest packet and of all shapes
    std::size_t m_used = 0;
    std::size_t m_oldest = 0;
};

} // namespace sessionscope
