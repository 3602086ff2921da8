#include "core/lab/publish_cache.h"

#include <QtEndian>

namespace sessionscope {

PublishPacket publishPacket(const BrokerSendPublish &publish)
{
    const Message &message = *publish.delivery.message;
    PublishPacket packet;
    packet.topic = message.topic;
    packet.payload = message.payload;
    packet.packetId = publish.packetId;
    packet.qos = publish.delivery.qos;
    packet.dup = publish.dup;
    packet.retain = publish.delivery.retain;
    packet.properties = message.properties;
    if (publish.messageExpiryInterval)
        packet.properties.add(PropertyId::MessageExpiryInterval, *publish.messageExpiryInterval);
    for (const quint32 identifier : publish.delivery.subscriptionIdentifiers)
        packet.properties.add(PropertyId::SubscriptionIdentifier, identifier);
    return packet;
}

const QByteArray &PublishCache::encoded(const BrokerSendPublish &publish, Version version)
{
    const Delivery &delivery = publish.delivery;
    const auto fits = [&](const Shape &shape) {
        return shape.message == delivery.message.get() && shape.version == version && shape.qos == delivery.qos &&
               shape.retain == delivery.retain && shape.dup == publish.dup &&
               shape.messageExpiryInterval == publish.messageExpiryInterval &&
               shape.subscriptionIdentifiers == delivery.subscriptionIdentifiers;
    };
    Shape *found = nullptr;
    for (std::size_t i = 0; i < m_used && !found; ++i) {
        if (fits(m_shapes[i]))
            found = &m_shapes[i];
    }
    if (!found) {
        if (m_used < m_shapes.size())
            found = &m_shapes[m_used++];
        else
            found = &m_shapes[m_oldest++ % m_shapes.size()];
        found->message = delivery.message.get();
        found->version = version;
        found->qos = delivery.qos;
        found->retain = delivery.retain;
        found->dup = publish.dup;
        found->subscriptionIdentifiers = delivery.subscriptionIdentifiers;
        found->messageExpiryInterval = publish.messageExpiryInterval;
        found->bytes.resize(0); // keeps its memory: most messages go to one receiver, and are many
        encodePublishHeadTo(found->bytes, publishPacket(publish), version, &found->packetIdOffset);
        if (delivery.message->payload.size() <= joinedPayload)
            found->bytes.append(delivery.message->payload);
    }
    if (found->packetIdOffset >= 0)
        qToBigEndian(publish.packetId.value, found->bytes.data() + found->packetIdOffset);
    return found->bytes;
}

void PublishCache::clear()
{
    for (std::size_t i = 0; i < m_used; ++i) {
        if (m_shapes[i].bytes.capacity() > keptCapacity)
            m_shapes[i].bytes = QByteArray();
    }
    m_used = 0;
    m_oldest = 0;
}

} // namespace sessionscope
