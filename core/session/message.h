// An Application Message, shared and never copied: the publisher's PUBLISH, every queue and every open exchange hold
// the same one. What differs from receiver to receiver (QoS, RETAIN, identifiers) is the Delivery around it.
#pragma once

#include "core/base/instant.h"
#include "core/mqtt/packet.h"

#include <memory>

namespace sessionscope {

struct Message
{
    QByteArray topic;
    QByteArray payload;
    Qos qos = Qos::AtMostOnce; ///< as published
    bool retain = false;       ///< as published
    /// Those that are forwarded unaltered: no Message Expiry Interval, Topic Alias or Subscription Identifier.
    Properties properties;
    /// Receive time plus Message Expiry Interval; none when the publisher gave no interval. Expired at now ≥ expiresAt
    /// [D-13].
    OptionalInstant expiresAt;
    bool operator==(const Message &) const = default;
};

/// Bytes that limits of memory count of every message beside its text: itself, and the heap's share of its parts.
inline constexpr qsizetype messageOverhead = 160;
static_assert(sizeof(Message) <= messageOverhead);

/// What limits of memory count of a message: topic, payload, properties, and what every message costs.
inline qsizetype storedBytes(const QByteArray &topic, const QByteArray &payload, const Properties &properties)
{
    const qsizetype bytes = messageOverhead + topic.size() + payload.size();
    return properties.isEmpty() ? bytes : bytes + properties.storedBytes();
}
inline qsizetype storedBytes(const Message &message)
{
    return storedBytes(message.topic, message.payload, message.properties);
}

using MessagePtr = std::shared_ptr<const Message>;

/// One message on its way to one receiver.
struct Delivery
{
    MessagePtr message;
    Qos qos = Qos::AtMostOnce; ///< min(published, granted)
    bool retain = false;
    QList<quint32> subscriptionIdentifiers; ///< of every matching subscription that has one (MQTT-3.3.4-3 to -5)
    bool operator==(const Delivery &) const = default;
};

/// Bytes that limits of memory count of every copy beside its message: its place among those that wait or are open.
inline constexpr qsizetype copyOverhead = 96;

/// What they count of one receiver's copy with so many Subscription Identifiers, as if nobody else had the message.
inline qsizetype copyBytes(qsizetype messageBytes, qsizetype identifiers)
{
    return messageBytes + copyOverhead + identifiers * qsizetype(sizeof(quint32));
}
inline qsizetype copyBytes(const Delivery &delivery)
{
    return copyBytes(storedBytes(*delivery.message), delivery.subscriptionIdentifiers.size());
}

} // namespace sessionscope
