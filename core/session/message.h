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

/// What limits of memory count: topic, payload and properties.
inline qsizetype storedBytes(const Message &message)
{
    const qsizetype bytes = message.topic.size() + message.payload.size();
    return message.properties.isEmpty() ? bytes : bytes + message.properties.storedBytes();
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

} // namespace sessionscope
