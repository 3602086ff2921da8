// What readers of packets share: the properties of a packet by their keys, and what a will and a message have in
// common. For connect_verbs.cpp and packet_verbs.cpp only.
#pragma once

#include "core/scenario/scalars.h"
#include "core/scenario/verbs.h"

namespace sessionscope {

inline void report(const VerbContext &context, const Place &place, const QString &what)
{
    context.problems.push_back({place, what});
}

inline void addUserProperties(Properties &properties, const Node *node)
{
    if (!node)
        return;
    for (const Node::Entry &entry : node->entries)
        properties.addUserProperty(entry.key.toUtf8(), readText(entry.value));
    for (const Node &item : node->items)
        addUserProperties(properties, &item);
}

/// A property for each key that is there.
class PropertyReader
{
public:
    PropertyReader(const Node &node, Properties &properties) : m_node(node), m_properties(properties) {}

    void seconds(QStringView key, PropertyId id) { put(key, id, readSeconds); }
    void text(QStringView key, PropertyId id) { put(key, id, readText); }
    void payload(QStringView key, PropertyId id) { put(key, id, readPayload); }
    void number(QStringView key, PropertyId id)
    {
        put(key, id, [](const Node &node) { return quint32(readCount(node)); });
    }
    void flag(QStringView key, PropertyId id)
    {
        put(key, id, [](const Node &node) { return quint32(readFlag(node)); });
    }

private:
    template<class Read> void put(QStringView key, PropertyId id, Read read)
    {
        const Node *node = m_node.find(key);
        if (!node)
            return;
        m_properties.removeAll(id);
        m_properties.add(id, read(*node));
    }

    const Node &m_node;
    Properties &m_properties;
};

/// What a will and a message have in common.
template<class Content> void readContent(const Node &node, Content &content)
{
    if (const Node *topic = node.find(u"topic"))
        content.topic = readText(*topic);
    if (const Node *payload = node.find(u"payload"))
        content.payload = readPayload(*payload);
    if (const Node *qos = node.find(u"qos"))
        content.qos = readQos(*qos);
    if (const Node *retain = node.find(u"retain"))
        content.retain = readFlag(*retain);
    PropertyReader reader(node, content.properties);
    reader.flag(u"payload_format", PropertyId::PayloadFormatIndicator);
    reader.seconds(u"message_expiry", PropertyId::MessageExpiryInterval);
    reader.text(u"content_type", PropertyId::ContentType);
    reader.text(u"response_topic", PropertyId::ResponseTopic);
    reader.payload(u"correlation_data", PropertyId::CorrelationData);
    addUserProperties(content.properties, node.find(u"user_properties"));
}

} // namespace sessionscope
