// The rows of the single packet types (private to core/rules). Statement numbers are those of the two standards'
// appendices; what they leave unnumbered is cited by section.
// An identifier of 0, an empty list and a reserved bit look alike in many packets and still are rows of their own:
// each has its own statement.
#pragma once

#include "core/mqtt/topic.h"
#include "core/rules/row.h"

#include <ranges>

namespace sessionscope::rules {

using enum ReasonCode;

inline bool hasNull(QByteArrayView text)
{
    return text.contains('\0');
}

inline bool anyEntry(const SubscribePacket &packet, bool (*test)(const SubscribePacket::Entry &))
{
    return std::ranges::any_of(packet.entries, test);
}

inline bool anyFilter(const UnsubscribePacket &packet, bool (*test)(QByteArrayView))
{
    return std::ranges::any_of(packet.filters, test);
}

/// True for a reason that is not in the standard's list for this packet type and sender.
inline bool isUnlisted(ReasonCode reason, PacketType type, const Context &context)
{
    return !isListed(reason, type, context.from);
}

/// "$share/" with nothing where the share name belongs.
inline bool lacksShareName(QByteArrayView filter)
{
    return filter == QByteArrayView("$share/") || filter.startsWith(QByteArrayView("$share//"));
}

inline bool isBadSharedFilter(QByteArrayView filter)
{
    return isSharedFilter(filter) && !parseSharedFilter(filter) && !lacksShareName(filter);
}

inline constexpr Row<ConnectPacket> connectRows[] = {
    {"MQTT-3.1.2-3", "v3:MQTT-3.1.2-3", MalformedPacket, "reserved Connect Flag is set",
     [](const ConnectPacket &p, const Context &) { return (p.strayFlags & 0x01) != 0; }, Answer::Close, Since::Mqtt311},
    {"MQTT-3.1.2-11", "v3:MQTT-3.1.2-13", MalformedPacket, "Will QoS without a will",
     [](const ConnectPacket &p, const Context &) { return (p.strayFlags & 0x18) != 0; }, Answer::Close, Since::Mqtt311},
    {"MQTT-3.1.2-13", "v3:MQTT-3.1.2-15", MalformedPacket, "Will Retain without a will",
     [](const ConnectPacket &p, const Context &) { return (p.strayFlags & 0x20) != 0; }, Answer::Close, Since::Mqtt311},
    {"MQTT-3.1.2-12", "v3:MQTT-3.1.2-14", MalformedPacket, "Will QoS of 3",
     [](const ConnectPacket &p, const Context &) { return p.will && p.will->qos == Qos::Reserved; }},
    {nullptr, "v3:MQTT-3.1.2-22", MalformedPacket, "password without a user name",
     [](const ConnectPacket &p, const Context &) { return p.password && !p.userName; }},
    {nullptr, "v3:MQTT-3.1.3-8", ClientIdentifierNotValid, "empty Client Identifier with Clean Session 0",
     [](const ConnectPacket &p, const Context &) { return p.clientId.isEmpty() && !p.cleanStart; }},
    {"MQTT-3.1.3-4", "v3:MQTT-3.1.3-4", MalformedPacket, "Client Identifier is not UTF-8",
     [](const ConnectPacket &p, const Context &) { return !isUtf8(p.clientId); }},
    {"MQTT-3.1.3-11", "v3:MQTT-3.1.3-10", MalformedPacket, "Will Topic is not UTF-8",
     [](const ConnectPacket &p, const Context &) { return p.will && !isUtf8(p.will->topic); }},
    {"MQTT-3.1.3-12", "v3:MQTT-3.1.3-11", MalformedPacket, "User Name is not UTF-8",
     [](const ConnectPacket &p, const Context &) { return p.userName && !isUtf8(*p.userName); }},
    {"MQTT-1.5.4-2", "v3:MQTT-1.5.3-2", MalformedPacket, "U+0000 in a string",
     [](const ConnectPacket &p, const Context &) {
         return hasNull(p.clientId) || (p.will && hasNull(p.will->topic)) || (p.userName && hasNull(*p.userName));
     }},
    {"MQTT-4.7.0-1", "v3:MQTT-4.7.1-1", TopicNameInvalid, "wildcard in the Will Topic",
     [](const ConnectPacket &p, const Context &) { return p.will && hasWildcard(p.will->topic); }},
    {"MQTT-4.7.3-1", "v3:MQTT-4.7.3-1", ProtocolError, "empty Will Topic",
     [](const ConnectPacket &p, const Context &) { return p.will && p.will->topic.isEmpty(); }},
    {"v5 §3.1.2.11.10", nullptr, ProtocolError, "Authentication Data without an Authentication Method",
     [](const ConnectPacket &p, const Context &) {
         return p.properties.contains(PropertyId::AuthenticationData) &&
                !p.properties.contains(PropertyId::AuthenticationMethod);
     }},
};

inline constexpr Row<ConnackPacket> connackRows[] = {
    {"MQTT-3.2.2-1", "v3 §3.2.2.1", MalformedPacket, "reserved Connect Acknowledge Flags are set",
     [](const ConnackPacket &p, const Context &) { return p.strayFlags != 0; }, Answer::Close, Since::Mqtt311},
    {"MQTT-3.2.2-6", "v3:MQTT-3.2.2-4", ProtocolError, "Session Present in a refusal",
     [](const ConnackPacket &p, const Context &context) {
         const quint8 firstRefusal = context.version == Version::V5 ? 0x80 : 1;
         return p.sessionPresent && p.reason >= firstRefusal;
     },
     Answer::Close, Since::Mqtt311},
    {"MQTT-3.2.2-8", nullptr, ProtocolError, "reason code that CONNACK does not have",
     [](const ConnackPacket &p, const Context &context) {
         return isUnlisted(p.reasonCode(), PacketType::Connack, context);
     }},
    {nullptr, "v3:MQTT-3.2.2-6", ProtocolError, "reserved return code",
     [](const ConnackPacket &p, const Context &) { return !v3ReturnCodeName(p.reason); }},
    {"v5 §3.2.2.3.18", nullptr, ProtocolError, "Authentication Data without an Authentication Method",
     [](const ConnackPacket &p, const Context &) {
         return p.properties.contains(PropertyId::AuthenticationData) &&
                !p.properties.contains(PropertyId::AuthenticationMethod);
     }},
};

inline constexpr Row<PublishPacket> publishRows[] = {
    {"MQTT-3.3.1-4", "v3:MQTT-3.3.1-4", MalformedPacket, "QoS of 3",
     [](const PublishPacket &p, const Context &) { return p.qos == Qos::Reserved; }},
    {"MQTT-3.3.1-2", "v3:MQTT-3.3.1-2", MalformedPacket, "DUP with QoS 0",
     [](const PublishPacket &p, const Context &) { return p.dup && p.qos == Qos::AtMostOnce; }},
    {"MQTT-2.2.1-3", "v3:MQTT-2.3.1-1", ProtocolError, "Packet Identifier of 0 from a client",
     [](const PublishPacket &p, const Context &context) {
         return p.packetId.value == 0 && p.qos != Qos::AtMostOnce && context.from == Sender::Client;
     }},
    {"MQTT-2.2.1-4", "v3:MQTT-2.3.1-4", ProtocolError, "Packet Identifier of 0 from a server",
     [](const PublishPacket &p, const Context &context) {
         return p.packetId.value == 0 && p.qos != Qos::AtMostOnce && context.from == Sender::Server;
     }},
    {"MQTT-4.7.3-1", nullptr, ProtocolError, "empty Topic Name without a Topic Alias",
     [](const PublishPacket &p, const Context &) {
         return p.topic.isEmpty() && !p.properties.contains(PropertyId::TopicAlias);
     }},
    {nullptr, "v3:MQTT-4.7.3-1", ProtocolError, "empty Topic Name",
     [](const PublishPacket &p, const Context &) { return p.topic.isEmpty(); }},
    {"v5 §3.3.2.3.2", nullptr, PayloadFormatInvalid, "payload is not UTF-8 as its Payload Format Indicator says",
     [](const PublishPacket &p, const Context &) {
         return p.properties.integer(PropertyId::PayloadFormatIndicator) == 1u && !isUtf8(p.payload);
     },
     Answer::Refuse},
};

/// What can be wrong with a Topic Name that is not plain (isPlainTopic).
inline constexpr Row<PublishPacket> topicNameRows[] = {
    {"MQTT-3.3.2-1", "v3:MQTT-3.3.2-1", MalformedPacket, "Topic Name is not UTF-8",
     [](const PublishPacket &p, const Context &) { return !isUtf8(p.topic); }},
    {"MQTT-1.5.4-2", "v3:MQTT-1.5.3-2", MalformedPacket, "U+0000 in a string",
     [](const PublishPacket &p, const Context &) { return hasNull(p.topic); }},
    {"MQTT-3.3.2-2", "v3:MQTT-3.3.2-2", TopicNameInvalid, "wildcard in the Topic Name",
     [](const PublishPacket &p, const Context &) { return hasWildcard(p.topic); }},
};

inline constexpr Row<AckPacket> ackRows[] = {
    {"MQTT-2.2.1-5", "v3:MQTT-2.3.1-6", ProtocolError, "Packet Identifier of 0",
     [](const AckPacket &p, const Context &) { return p.packetId.value == 0; }},
    {"MQTT-3.4.2-1", nullptr, ProtocolError, "reason code that PUBACK does not have",
     [](const AckPacket &p, const Context &context) {
         return p.type == PacketType::Puback && isUnlisted(p.reason, p.type, context);
     }},
    {"MQTT-3.5.2-1", nullptr, ProtocolError, "reason code that PUBREC does not have",
     [](const AckPacket &p, const Context &context) {
         return p.type == PacketType::Pubrec && isUnlisted(p.reason, p.type, context);
     }},
    {"MQTT-3.6.2-1", nullptr, ProtocolError, "reason code that PUBREL does not have",
     [](const AckPacket &p, const Context &context) {
         return p.type == PacketType::Pubrel && isUnlisted(p.reason, p.type, context);
     }},
    {"MQTT-3.7.2-1", nullptr, ProtocolError, "reason code that PUBCOMP does not have",
     [](const AckPacket &p, const Context &context) {
         return p.type == PacketType::Pubcomp && isUnlisted(p.reason, p.type, context);
     }},
};

inline constexpr Row<SubscribePacket> subscribeRows[] = {
    {"MQTT-3.8.3-5", "v3:MQTT-3.8.3-4", MalformedPacket, "reserved bits of the Subscription Options are set",
     [](const SubscribePacket &p, const Context &) {
         return anyEntry(p, [](const SubscribePacket::Entry &entry) { return entry.options.reservedBits != 0; });
     },
     Answer::Close, Since::Mqtt311},
    {nullptr, "v3:MQTT-3.8.3-4", MalformedPacket, "options of 5.0 in the Requested QoS",
     [](const SubscribePacket &p, const Context &) {
         return anyEntry(p, [](const SubscribePacket::Entry &entry) {
             return entry.options.noLocal || entry.options.retainAsPublished ||
                    entry.options.retainHandling != RetainHandling::SendAtSubscribe;
         });
     },
     Answer::Close, Since::Mqtt311},
    {"v5 §3.8.3.1", "v3:MQTT-3.8.3-4", ProtocolError, "requested QoS of 3",
     [](const SubscribePacket &p, const Context &) {
         return anyEntry(p,
                         [](const SubscribePacket::Entry &entry) { return entry.options.maximumQos == Qos::Reserved; });
     }},
    {"v5 §3.8.3.1", nullptr, ProtocolError, "Retain Handling of 3",
     [](const SubscribePacket &p, const Context &) {
         return anyEntry(p, [](const SubscribePacket::Entry &entry) {
             return entry.options.retainHandling == RetainHandling::Reserved;
         });
     }},
    {"MQTT-3.8.3-4", nullptr, ProtocolError, "No Local on a Shared Subscription",
     [](const SubscribePacket &p, const Context &) {
         return anyEntry(p, [](const SubscribePacket::Entry &entry) {
             return entry.options.noLocal && isSharedFilter(entry.filter);
         });
     }},
    {"MQTT-3.8.3-1", "v3:MQTT-3.8.3-1", MalformedPacket, "Topic Filter is not UTF-8",
     [](const SubscribePacket &p, const Context &) {
         return anyEntry(p, [](const SubscribePacket::Entry &entry) { return !isUtf8(entry.filter); });
     }},
    {"MQTT-1.5.4-2", "v3:MQTT-1.5.3-2", MalformedPacket, "U+0000 in a string",
     [](const SubscribePacket &p, const Context &) {
         return anyEntry(p, [](const SubscribePacket::Entry &entry) { return hasNull(entry.filter); });
     }},
    {"MQTT-2.2.1-3", "v3:MQTT-2.3.1-1", ProtocolError, "Packet Identifier of 0",
     [](const SubscribePacket &p, const Context &) { return p.packetId.value == 0; }},
    {"MQTT-3.8.3-2", "v3:MQTT-3.8.3-3", ProtocolError, "no Topic Filter",
     [](const SubscribePacket &p, const Context &) { return p.entries.isEmpty(); }},
    {"MQTT-4.7.3-1", "v3:MQTT-4.7.3-1", TopicFilterInvalid, "empty Topic Filter",
     [](const SubscribePacket &p, const Context &) {
         return anyEntry(p, [](const SubscribePacket::Entry &entry) { return entry.filter.isEmpty(); });
     },
     Answer::Refuse},
    {"MQTT-4.7.1-1", "v3:MQTT-4.7.1-2", TopicFilterInvalid, "# that is not alone on the last level",
     [](const SubscribePacket &p, const Context &) {
         return anyEntry(p, [](const SubscribePacket::Entry &entry) { return hasMisplacedHash(entry.filter); });
     },
     Answer::Refuse},
    {"MQTT-4.7.1-2", "v3:MQTT-4.7.1-3", TopicFilterInvalid, "+ that does not fill its level",
     [](const SubscribePacket &p, const Context &) {
         return anyEntry(p, [](const SubscribePacket::Entry &entry) { return hasMisplacedPlus(entry.filter); });
     },
     Answer::Refuse},
    {"MQTT-4.8.2-1", nullptr, TopicFilterInvalid, "Shared Subscription without a share name",
     [](const SubscribePacket &p, const Context &) {
         return anyEntry(p, [](const SubscribePacket::Entry &entry) { return lacksShareName(entry.filter); });
     },
     Answer::Refuse},
    {"MQTT-4.8.2-2", nullptr, TopicFilterInvalid, "Shared Subscription with a bad share name or without a filter",
     [](const SubscribePacket &p, const Context &) {
         return anyEntry(p, [](const SubscribePacket::Entry &entry) { return isBadSharedFilter(entry.filter); });
     },
     Answer::Refuse},
};

inline constexpr Row<SubackPacket> subackRows[] = {
    {"MQTT-2.2.1-6", "v3:MQTT-2.3.1-7", ProtocolError, "Packet Identifier of 0",
     [](const SubackPacket &p, const Context &) { return p.packetId.value == 0; }},
    {"MQTT-3.8.4-6", "v3:MQTT-3.8.4-5", ProtocolError, "no reason code",
     [](const SubackPacket &p, const Context &) { return p.reasons.isEmpty(); }},
    {"MQTT-3.9.3-2", nullptr, ProtocolError, "reason code that SUBACK does not have",
     [](const SubackPacket &p, const Context &context) {
         return std::ranges::any_of(p.reasons,
                                    [&](ReasonCode reason) { return isUnlisted(reason, PacketType::Suback, context); });
     }},
    {nullptr, "v3:MQTT-3.9.3-2", ProtocolError, "return code that SUBACK does not have",
     [](const SubackPacket &p, const Context &) {
         return std::ranges::any_of(
             p.reasons, [](ReasonCode reason) { return reason > GrantedQos2 && reason != UnspecifiedError; });
     }},
};

inline constexpr Row<UnsubscribePacket> unsubscribeRows[] = {
    {"MQTT-3.10.3-1", "v3:MQTT-3.10.3-1", MalformedPacket, "Topic Filter is not UTF-8",
     [](const UnsubscribePacket &p, const Context &) {
         return anyFilter(p, [](QByteArrayView filter) { return !isUtf8(filter); });
     }},
    {"MQTT-1.5.4-2", "v3:MQTT-1.5.3-2", MalformedPacket, "U+0000 in a string",
     [](const UnsubscribePacket &p, const Context &) { return anyFilter(p, hasNull); }},
    {"MQTT-2.2.1-3", "v3:MQTT-2.3.1-1", ProtocolError, "Packet Identifier of 0",
     [](const UnsubscribePacket &p, const Context &) { return p.packetId.value == 0; }},
    {"MQTT-3.10.3-2", "v3:MQTT-3.10.3-2", ProtocolError, "no Topic Filter",
     [](const UnsubscribePacket &p, const Context &) { return p.filters.isEmpty(); }},
    {"MQTT-4.7.3-1", "v3:MQTT-4.7.3-1", TopicFilterInvalid, "empty Topic Filter",
     [](const UnsubscribePacket &p, const Context &) {
         return anyFilter(p, [](QByteArrayView filter) { return filter.isEmpty(); });
     },
     Answer::Refuse},
    {"MQTT-4.7.1-1", "v3:MQTT-4.7.1-2", TopicFilterInvalid, "# that is not alone on the last level",
     [](const UnsubscribePacket &p, const Context &) { return anyFilter(p, hasMisplacedHash); }, Answer::Refuse},
    {"MQTT-4.7.1-2", "v3:MQTT-4.7.1-3", TopicFilterInvalid, "+ that does not fill its level",
     [](const UnsubscribePacket &p, const Context &) { return anyFilter(p, hasMisplacedPlus); }, Answer::Refuse},
    {"MQTT-4.8.2-1", nullptr, TopicFilterInvalid, "Shared Subscription without a share name",
     [](const UnsubscribePacket &p, const Context &) { return anyFilter(p, lacksShareName); }, Answer::Refuse},
    {"MQTT-4.8.2-2", nullptr, TopicFilterInvalid, "Shared Subscription with a bad share name or without a filter",
     [](const UnsubscribePacket &p, const Context &) { return anyFilter(p, isBadSharedFilter); }, Answer::Refuse},
};

inline constexpr Row<UnsubackPacket> unsubackRows[] = {
    {"MQTT-2.2.1-6", "v3:MQTT-2.3.1-7", ProtocolError, "Packet Identifier of 0",
     [](const UnsubackPacket &p, const Context &) { return p.packetId.value == 0; }},
    {"v5 §3.11.3", nullptr, ProtocolError, "no reason code",
     [](const UnsubackPacket &p, const Context &) { return p.reasons.isEmpty(); }},
    {"MQTT-3.11.3-2", nullptr, ProtocolError, "reason code that UNSUBACK does not have",
     [](const UnsubackPacket &p, const Context &context) {
         return std::ranges::any_of(
             p.reasons, [&](ReasonCode reason) { return isUnlisted(reason, PacketType::Unsuback, context); });
     }},
};

inline constexpr Row<DisconnectPacket> disconnectRows[] = {
    {"MQTT-3.14.2-1", nullptr, ProtocolError, "reason code that DISCONNECT of this sender does not have",
     [](const DisconnectPacket &p, const Context &context) {
         return isUnlisted(p.reason, PacketType::Disconnect, context);
     }},
};

inline constexpr Row<AuthPacket> authRows[] = {
    {"MQTT-3.15.2-1", nullptr, ProtocolError, "reason code that AUTH of this sender does not have",
     [](const AuthPacket &p, const Context &context) { return isUnlisted(p.reason, PacketType::Auth, context); }},
    {"v5 §3.15.2.2.2", nullptr, ProtocolError, "AUTH without an Authentication Method",
     [](const AuthPacket &p, const Context &) { return !p.properties.contains(PropertyId::AuthenticationMethod); }},
};

} // namespace sessionscope::rules
