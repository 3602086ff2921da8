// The rows about single properties: values that are out of range and places where they may not stand
// (private to core/rules; 5.0 only).
#pragma once

#include "core/mqtt/topic.h"
#include "core/rules/row.h"

namespace sessionscope::rules {

/// One property where it stands.
struct PlacedProperty
{
    const Property &property;
    const PropertyInfo &info;
    PropertyPlaces place; ///< one bit
    int earlier = 0;      ///< how many of the same identifier stand before it in the list

    bool is(PropertyId id) const { return property.id == id; }
    bool isIn(PacketType type) const { return place == sessionscope::place(type); }
    quint32 integer() const
    {
        const auto *value = std::get_if<quint32>(&property.value);
        return value ? *value : 0;
    }
    QByteArrayView bytes() const
    {
        const auto *value = std::get_if<QByteArray>(&property.value);
        return value ? QByteArrayView(*value) : QByteArrayView();
    }
    const StringPair *pair() const { return std::get_if<StringPair>(&property.value); }
};

/// For the bytes that say yes or no, and for Maximum QoS, whose 2 is said by its absence.
template<PropertyId Id> bool isAboveOne(const PlacedProperty &p, const Context &)
{
    return p.is(Id) && p.integer() > 1;
}

inline constexpr Row<PlacedProperty> propertyRows[] = {
    {"v5 §2.2.2.2", nullptr, ReasonCode::MalformedPacket, "property that has no place here",
     [](const PlacedProperty &p, const Context &) { return (p.info.allowedIn & p.place) == 0; }},
    {"v5 §2.2.2.2", nullptr, ReasonCode::ProtocolError, "property that may stand only once",
     [](const PlacedProperty &p, const Context &) { return p.earlier == 1 && !p.info.repeatable; }},
    {"v5 §3.8.2.1.2", nullptr, ReasonCode::ProtocolError, "second Subscription Identifier in SUBSCRIBE",
     [](const PlacedProperty &p, const Context &) {
         return p.is(PropertyId::SubscriptionIdentifier) && p.isIn(PacketType::Subscribe) && p.earlier == 1;
     }},
    {"MQTT-1.5.4-1", nullptr, ReasonCode::MalformedPacket, "string property is not UTF-8",
     [](const PlacedProperty &p, const Context &) {
         const bool hasRowOfItsOwn = p.is(PropertyId::ResponseTopic) || p.is(PropertyId::ContentType);
         return p.info.type == PropertyType::Utf8String && !hasRowOfItsOwn && !isUtf8(p.bytes());
     }},
    {"MQTT-3.3.2-13", nullptr, ReasonCode::MalformedPacket, "Response Topic is not UTF-8",
     [](const PlacedProperty &p, const Context &) { return p.is(PropertyId::ResponseTopic) && !isUtf8(p.bytes()); }},
    {"MQTT-3.3.2-19", nullptr, ReasonCode::MalformedPacket, "Content Type is not UTF-8",
     [](const PlacedProperty &p, const Context &) { return p.is(PropertyId::ContentType) && !isUtf8(p.bytes()); }},
    {"MQTT-1.5.4-2", nullptr, ReasonCode::MalformedPacket, "U+0000 in a string property",
     [](const PlacedProperty &p, const Context &) {
         return p.info.type == PropertyType::Utf8String && p.bytes().contains('\0');
     }},
    {"MQTT-1.5.7-1", nullptr, ReasonCode::MalformedPacket, "User Property is not UTF-8 or holds U+0000",
     [](const PlacedProperty &p, const Context &) {
         const auto *pair = p.pair();
         return pair && !(isMqttString(pair->name) && isMqttString(pair->value));
     }},
    {"v5 §3.3.2.3.2", nullptr, ReasonCode::ProtocolError, "Payload Format Indicator other than 0 and 1",
     isAboveOne<PropertyId::PayloadFormatIndicator>},
    {"v5 §3.1.2.11.6", nullptr, ReasonCode::ProtocolError, "Request Response Information other than 0 and 1",
     isAboveOne<PropertyId::RequestResponseInformation>},
    {"v5 §3.1.2.11.7", nullptr, ReasonCode::ProtocolError, "Request Problem Information other than 0 and 1",
     isAboveOne<PropertyId::RequestProblemInformation>},
    {"v5 §3.2.2.3.4", nullptr, ReasonCode::ProtocolError, "Maximum QoS other than 0 and 1",
     isAboveOne<PropertyId::MaximumQos>},
    {"v5 §3.2.2.3.5", nullptr, ReasonCode::ProtocolError, "Retain Available other than 0 and 1",
     isAboveOne<PropertyId::RetainAvailable>},
    {"v5 §3.2.2.3.11", nullptr, ReasonCode::ProtocolError, "Wildcard Subscription Available other than 0 and 1",
     isAboveOne<PropertyId::WildcardSubscriptionAvailable>},
    {"v5 §3.2.2.3.12", nullptr, ReasonCode::ProtocolError, "Subscription Identifier Available other than 0 and 1",
     isAboveOne<PropertyId::SubscriptionIdentifierAvailable>},
    {"v5 §3.2.2.3.13", nullptr, ReasonCode::ProtocolError, "Shared Subscription Available other than 0 and 1",
     isAboveOne<PropertyId::SharedSubscriptionAvailable>},
    {"MQTT-3.3.2-14", nullptr, ReasonCode::ProtocolError, "wildcard in the Response Topic",
     [](const PlacedProperty &p, const Context &) {
         return p.is(PropertyId::ResponseTopic) && hasWildcard(p.bytes());
     }},
    {"MQTT-4.7.3-1", nullptr, ReasonCode::ProtocolError, "empty Response Topic",
     [](const PlacedProperty &p, const Context &) { return p.is(PropertyId::ResponseTopic) && p.bytes().isEmpty(); }},
    {"v5 §3.8.2.1.2", nullptr, ReasonCode::ProtocolError, "Subscription Identifier of 0",
     [](const PlacedProperty &p, const Context &) {
         return p.is(PropertyId::SubscriptionIdentifier) && p.integer() == 0;
     }},
    {"MQTT-3.3.4-6", nullptr, ReasonCode::ProtocolError, "Subscription Identifier in a client's PUBLISH",
     [](const PlacedProperty &p, const Context &context) {
         return p.is(PropertyId::SubscriptionIdentifier) && p.isIn(PacketType::Publish) &&
                context.from == Sender::Client;
     }},
    {"MQTT-3.14.2-2", nullptr, ReasonCode::ProtocolError, "Session Expiry Interval in a server's DISCONNECT",
     [](const PlacedProperty &p, const Context &context) {
         return p.is(PropertyId::SessionExpiryInterval) && p.isIn(PacketType::Disconnect) &&
                context.from == Sender::Server;
     }},
    {"v5 §3.14.2.2.5", nullptr, ReasonCode::ProtocolError, "Server Reference in a client's DISCONNECT",
     [](const PlacedProperty &p, const Context &context) {
         return p.is(PropertyId::ServerReference) && p.isIn(PacketType::Disconnect) && context.from == Sender::Client;
     }},
    {"v5 §3.1.2.11.3", nullptr, ReasonCode::ProtocolError, "Receive Maximum of 0",
     [](const PlacedProperty &p, const Context &) { return p.is(PropertyId::ReceiveMaximum) && p.integer() == 0; }},
    {"v5 §3.1.2.11.4", nullptr, ReasonCode::ProtocolError, "Maximum Packet Size of 0",
     [](const PlacedProperty &p, const Context &) { return p.is(PropertyId::MaximumPacketSize) && p.integer() == 0; }},
    {"MQTT-3.3.2-8", nullptr, ReasonCode::TopicAliasInvalid, "Topic Alias of 0",
     [](const PlacedProperty &p, const Context &) { return p.is(PropertyId::TopicAlias) && p.integer() == 0; }},
    {"MQTT-3.3.2-9", nullptr, ReasonCode::TopicAliasInvalid, "Topic Alias above the server's maximum",
     [](const PlacedProperty &p, const Context &context) {
         return p.is(PropertyId::TopicAlias) && p.integer() > context.topicAliasMaximum &&
                context.from == Sender::Client;
     }},
    {"MQTT-3.3.2-11", nullptr, ReasonCode::TopicAliasInvalid, "Topic Alias above the client's maximum",
     [](const PlacedProperty &p, const Context &context) {
         return p.is(PropertyId::TopicAlias) && p.integer() > context.topicAliasMaximum &&
                context.from == Sender::Server;
     }},
    {"MQTT-3.1.2-29", nullptr, ReasonCode::ProtocolError, "problem information that the client asked not to be sent",
     [](const PlacedProperty &p, const Context &context) {
         constexpr PropertyPlaces always =
             place(PacketType::Publish) | place(PacketType::Connack) | place(PacketType::Disconnect);
         const bool isProblemInformation = p.is(PropertyId::ReasonString) || p.is(PropertyId::UserProperty);
         return isProblemInformation && !context.requestProblemInformation && context.from == Sender::Server &&
                (p.place & always) == 0;
     }},
};

} // namespace sessionscope::rules
