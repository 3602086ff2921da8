// Properties of MQTT 5.0: an ordered list with duplicates allowed, driven by one table.
// A new property is one row here; decoding, encoding, rules, forms and help all read the table.
#pragma once

#include "core/mqtt/types.h"

#include <QByteArray>
#include <QSharedData>

#include <algorithm>
#include <optional>
#include <span>
#include <variant>
#include <vector>

namespace sessionscope {

enum class PropertyId : quint8
{
    PayloadFormatIndicator = 0x01,
    MessageExpiryInterval = 0x02,
    ContentType = 0x03,
    ResponseTopic = 0x08,
    CorrelationData = 0x09,
    SubscriptionIdentifier = 0x0B,
    SessionExpiryInterval = 0x11,
    AssignedClientIdentifier = 0x12,
    ServerKeepAlive = 0x13,
    AuthenticationMethod = 0x15,
    AuthenticationData = 0x16,
    RequestProblemInformation = 0x17,
    WillDelayInterval = 0x18,
    RequestResponseInformation = 0x19,
    ResponseInformation = 0x1A,
    ServerReference = 0x1C,
    ReasonString = 0x1F,
    ReceiveMaximum = 0x21,
    TopicAliasMaximum = 0x22,
    TopicAlias = 0x23,
    MaximumQos = 0x24,
    RetainAvailable = 0x25,
    UserProperty = 0x26,
    MaximumPacketSize = 0x27,
    WildcardSubscriptionAvailable = 0x28,
    SubscriptionIdentifierAvailable = 0x29,
    SharedSubscriptionAvailable = 0x2A,
};

enum class PropertyType : quint8
{
    Byte,
    TwoByteInteger,
    FourByteInteger,
    VariableByteInteger,
    Utf8String,
    BinaryData,
    StringPair
};

/// Where a property may stand: a packet type, or the will part of CONNECT (bit 0, the reserved type, stands for it).
using PropertyPlaces = quint16;
constexpr PropertyPlaces place(PacketType type)
{
    return PropertyPlaces(1u << quint8(type));
}
inline constexpr PropertyPlaces willPlace = 1;

/// One row of v5 table 2-4 (wire-format §4).
struct PropertyInfo
{
    PropertyId id;
    const char *name; ///< as the standard prints it
    PropertyType type;
    PropertyPlaces allowedIn;
    bool repeatable;         ///< User Property; Subscription Identifier in PUBLISH
    quint32 absentMeans = 0; ///< for integers: the value in force when the property is absent
};

/// No identifier of the table is above this one.
inline constexpr quint8 highestPropertyId = 0x2A;

std::span<const PropertyInfo> propertyTable();
/// nullptr for an identifier that the standard does not define.
const PropertyInfo *propertyInfo(PropertyId id);

struct StringPair
{
    QByteArray name{};
    QByteArray value{};
    bool operator==(const StringPair &) const = default;
};

/// Integers of every width share one alternative; strings and binary data share another (the table tells which).
using PropertyValue = std::variant<quint32, QByteArray, StringPair>;

struct Property
{
    PropertyId id{};
    PropertyValue value{};
    bool operator==(const Property &) const = default;
};

/// The properties of one packet in wire order. Absent is not the same as default; both can be asked for.
class Properties
{
public:
    Properties() = default;
    Properties(std::initializer_list<Property> rows)
    {
        if (rows.size() > 0)
            own() = rows;
    }

    bool isEmpty() const { return begin() == end(); }
    /// Memory that the list and its texts take, for limits: many small properties take more than their bytes on the
    /// wire.
    qsizetype storedBytes() const;
    qsizetype size() const { return end() - begin(); }
    const Property *begin() const { return m_list ? m_list->rows.data() : nullptr; }
    const Property *end() const { return m_list ? m_list->rows.data() + m_list->rows.size() : nullptr; }

    void add(PropertyId id, quint32 value) { own().push_back({id, value}); }
    void add(PropertyId id, const QByteArray &value) { own().push_back({id, value}); }
    void addUserProperty(const QByteArray &name, const QByteArray &value);
    void append(Property property) { own().push_back(std::move(property)); }
    /// Room for count properties without another allocation.
    void reserve(qsizetype count) { own().reserve(std::size_t(count)); }
    void removeAll(PropertyId id);

    bool contains(PropertyId id) const { return find(id) != nullptr; }
    int count(PropertyId id) const;
    /// The first one of this id, or nullptr.
    const Property *find(PropertyId id) const;
    /// The first integer of this id; nothing when absent.
    std::optional<quint32> integer(PropertyId id) const;
    /// The first integer of this id, or what the table says absence means.
    quint32 integerOrDefault(PropertyId id) const;
    /// The first string or binary of this id; nothing when absent.
    std::optional<QByteArray> bytes(PropertyId id) const;

    bool operator==(const Properties &other) const { return std::ranges::equal(*this, other); }

private:
    struct List : QSharedData
    {
        std::vector<Property> rows;
    };
    /// To be changed: not shared with anybody.
    std::vector<Property> &own()
    {
        if (!m_list)
            m_list = new List;
        return m_list->rows;
    }

    QSharedDataPointer<List> m_list; ///< null: none, as nearly always
};

} // namespace sessionscope
