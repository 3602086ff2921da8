#include "core/mqtt/property.h"

#include <algorithm>
#include <array>

namespace sessionscope {

namespace {

constexpr PropertyPlaces connect = place(PacketType::Connect);
constexpr PropertyPlaces connack = place(PacketType::Connack);
constexpr PropertyPlaces publish = place(PacketType::Publish);
constexpr PropertyPlaces subscribe = place(PacketType::Subscribe);
constexpr PropertyPlaces unsubscribe = place(PacketType::Unsubscribe);
constexpr PropertyPlaces disconnect = place(PacketType::Disconnect);
constexpr PropertyPlaces auth = place(PacketType::Auth);
constexpr PropertyPlaces acknowledgements = place(PacketType::Puback) | place(PacketType::Pubrec) |
                                            place(PacketType::Pubrel) | place(PacketType::Pubcomp) |
                                            place(PacketType::Suback) | place(PacketType::Unsuback);
constexpr PropertyPlaces message = publish | willPlace;
constexpr PropertyPlaces everywhere =
    connect | connack | publish | acknowledgements | subscribe | unsubscribe | disconnect | auth | willPlace;

using Type = PropertyType;
constexpr bool once = false;
constexpr bool repeatable = true;
constexpr quint32 unlimited = 0xFFFFFFFF;

constexpr auto table = std::to_array<PropertyInfo>({
    {PropertyId::PayloadFormatIndicator, "Payload Format Indicator", Type::Byte, message, once, 0},
    {PropertyId::MessageExpiryInterval, "Message Expiry Interval", Type::FourByteInteger, message, once, unlimited},
    {PropertyId::ContentType, "Content Type", Type::Utf8String, message, once},
    {PropertyId::ResponseTopic, "Response Topic", Type::Utf8String, message, once},
    {PropertyId::CorrelationData, "Correlation Data", Type::BinaryData, message, once},
    {PropertyId::SubscriptionIdentifier, "Subscription Identifier", Type::VariableByteInteger, publish | subscribe,
     repeatable},
    {PropertyId::SessionExpiryInterval, "Session Expiry Interval", Type::FourByteInteger,
     connect | connack | disconnect, once, 0},
    {PropertyId::AssignedClientIdentifier, "Assigned Client Identifier", Type::Utf8String, connack, once},
    {PropertyId::ServerKeepAlive, "Server Keep Alive", Type::TwoByteInteger, connack, once},
    {PropertyId::AuthenticationMethod, "Authentication Method", Type::Utf8String, connect | connack | auth, once},
    {PropertyId::AuthenticationData, "Authentication Data", Type::BinaryData, connect | connack | auth, once},
    {PropertyId::RequestProblemInformation, "Request Problem Information", Type::Byte, connect, once, 1},
    {PropertyId::WillDelayInterval, "Will Delay Interval", Type::FourByteInteger, willPlace, once, 0},
    {PropertyId::RequestResponseInformation, "Request Response Information", Type::Byte, connect, once, 0},
    {PropertyId::ResponseInformation, "Response Information", Type::Utf8String, connack, once},
    {PropertyId::ServerReference, "Server Reference", Type::Utf8String, connack | disconnect, once},
    {PropertyId::ReasonString, "Reason String", Type::Utf8String, connack | acknowledgements | disconnect | auth, once},
    {PropertyId::ReceiveMaximum, "Receive Maximum", Type::TwoByteInteger, connect | connack, once, 65'535},
    {PropertyId::TopicAliasMaximum, "Topic Alias Maximum", Type::TwoByteInteger, connect | connack, once, 0},
    {PropertyId::TopicAlias, "Topic Alias", Type::TwoByteInteger, publish, once, 0},
    {PropertyId::MaximumQos, "Maximum QoS", Type::Byte, connack, once, 2},
    {PropertyId::RetainAvailable, "Retain Available", Type::Byte, connack, once, 1},
    {PropertyId::UserProperty, "User Property", Type::StringPair, everywhere, repeatable},
    {PropertyId::MaximumPacketSize, "Maximum Packet Size", Type::FourByteInteger, connect | connack, once, unlimited},
    {PropertyId::WildcardSubscriptionAvailable, "Wildcard Subscription Available", Type::Byte, connack, once, 1},
    {PropertyId::SubscriptionIdentifierAvailable, "Subscription Identifier Available", Type::Byte, connack, once, 1},
    {PropertyId::SharedSubscriptionAvailable, "Shared Subscription Available", Type::Byte, connack, once, 1},
});

// From identifier to row number + 1, so that 0 says "no such property".
constexpr auto rowOfId = [] {
    std::array<quint8, highestPropertyId + 1> rows{};
    for (std::size_t i = 0; i < table.size(); ++i)
        rows[quint8(table[i].id)] = quint8(i + 1);
    return rows;
}();

} // namespace

std::span<const PropertyInfo> propertyTable()
{
    return table;
}

const PropertyInfo *propertyInfo(PropertyId id)
{
    const auto number = quint8(id);
    if (number > highestPropertyId || rowOfId[number] == 0)
        return nullptr;
    return &table[rowOfId[number] - 1u];
}

void Properties::addUserProperty(const QByteArray &name, const QByteArray &value)
{
    own().push_back({PropertyId::UserProperty, StringPair{name, value}});
}

qsizetype Properties::storedBytes() const
{
    qsizetype bytes = size() * qsizetype(sizeof(Property));
    for (const Property &property : *this) {
        if (const auto *text = std::get_if<QByteArray>(&property.value))
            bytes += text->size();
        else if (const auto *pair = std::get_if<StringPair>(&property.value))
            bytes += pair->name.size() + pair->value.size();
    }
    return bytes;
}

void Properties::removeAll(PropertyId id)
{
    if (contains(id))
        std::erase_if(own(), [id](const Property &property) { return property.id == id; });
}

int Properties::count(PropertyId id) const
{
    return int(std::count_if(begin(), end(), [id](const Property &property) { return property.id == id; }));
}

const Property *Properties::find(PropertyId id) const
{
    const Property *found = std::ranges::find(*this, id, &Property::id);
    return found == end() ? nullptr : found;
}

std::optional<quint32> Properties::integer(PropertyId id) const
{
    const auto *property = find(id);
    const auto *value = property ? std::get_if<quint32>(&property->value) : nullptr;
    return value ? std::optional(*value) : std::nullopt;
}

quint32 Properties::integerOrDefault(PropertyId id) const
{
    const auto *info = propertyInfo(id);
    return integer(id).value_or(info ? info->absentMeans : 0);
}

std::optional<QByteArray> Properties::bytes(PropertyId id) const
{
    const auto *property = find(id);
    const auto *value = property ? std::get_if<QByteArray>(&property->value) : nullptr;
    return value ? std::optional(*value) : std::nullopt;
}

} // namespace sessionscope
