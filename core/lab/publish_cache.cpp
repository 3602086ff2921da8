#include "core/lab/publish_cache.h"

#include <QtEndian>

namespace sessionscope {

namespace {

qsizetype encode(QByteArray &out, const BrokerSendPublish &publish, Version version)
{
    const Message &message = *publish.delivery.message;
    const auto part = message.payload.size() <= PublishCache::joinedPayload ? PayloadPart::Joined : PayloadPart::Apart;
    const auto encodeWith = [&](const Properties &properties) {
        const Delivery &delivery = publish.delivery;
        return encodePublishTo(
            out,
            {message.topic, message.payload, publish.packetId, delivery.qos, publish.dup, delivery.retain, properties},
            version, part);
    };
    if (!publish.messageExpiryInterval && publish.delivery.subscriptionIdentifiers.isEmpty())
        return encodeWith(message.properties);
    Properties properties = message.properties;
    if (publish.messageExpiryInterval)
        properties.add(PropertyId::MessageExpiryInterval, *publish.messageExpiryInterval);
    for (const quint32 identifier : publish.delivery.subscriptionIdentifiers)
        properties.add(PropertyId::SubscriptionIdentifier, identifier);
    return encodeWith(properties);
}

} // namespace

void PublishCache::appendTo(QByteArray &out, const BrokerSendPublish &publish, Version version)
{
    const Message *message = publish.delivery.message.get();
    if (message != m_message) {
        m_message = message;
        m_used = m_oldest = 0;
        encode(out, publish, version);
        return;
    }
    const Shape &shape = shapeOf(publish, version);
    const qsizetype start = out.size();
    // All receivers of QoS 0 get the very same bytes, so they can share them.
    if (out.isEmpty() && shape.packetIdOffset < 0)
        out = shape.bytes;
    else
        out.append(QByteArrayView(shape.bytes));
    if (shape.packetIdOffset >= 0)
        qToBigEndian(publish.packetId.value, out.data() + start + shape.packetIdOffset);
}

const PublishCache::Shape &PublishCache::shapeOf(const BrokerSendPublish &publish, Version version)
{
    const Delivery &delivery = publish.delivery;
    for (std::size_t i = 0; i < m_used; ++i) {
        const Shape &shape = m_shapes[i];
        if (shape.version == version && shape.qos == delivery.qos && shape.retain == delivery.retain &&
            shape.dup == publish.dup && shape.messageExpiryInterval == publish.messageExpiryInterval &&
            shape.subscriptionIdentifiers == delivery.subscriptionIdentifiers)
            return shape;
    }
    Shape &shape = m_used < m_shapes.size() ? m_shapes[m_used++] : m_shapes[m_oldest++ % m_shapes.size()];
    shape = {version,
             delivery.qos,
             delivery.retain,
             publish.dup,
             delivery.subscriptionIdentifiers,
             publish.messageExpiryInterval};
    shape.packetIdOffset = encode(shape.bytes, publish, version);
    return shape;
}

} // namespace sessionscope
