// What can be asked of packets, of the ends of connections and of wills. The properties of 5.0 come from their table.
#include "core/scenario/fact.h"

#include "core/trace/text.h"

namespace sessionscope {

namespace {

template<class Body> const Body *bodyOf(const SeenPacket &seen)
{
    return std::get_if<Body>(&seen.packet.body);
}

/// The first member of this name among the bodies that have it.
template<class Get> FactValue fromBody(const SeenPacket &seen, Get get)
{
    return std::visit([&](const auto &body) -> FactValue { return get(body); }, seen.packet.body);
}

FactValue reasonFact(const SeenPacket &seen)
{
    return fromBody(seen, [](const auto &body) -> FactValue {
        if constexpr (requires { body.reason; })
            return qint64(quint8(body.reason));
        else
            return {};
    });
}

FactValue reasonsFact(const SeenPacket &seen)
{
    return fromBody(seen, [](const auto &body) -> FactValue {
        if constexpr (requires { body.reasons; }) {
            QByteArrayList codes;
            for (const ReasonCode code : body.reasons)
                codes << "0x" + QByteArray::number(quint8(code), 16).rightJustified(2, '0').toUpper();
            return codes;
        } else {
            return {};
        }
    });
}

FactValue filtersFact(const SeenPacket &seen)
{
    QByteArrayList filters;
    if (const auto *subscribe = bodyOf<SubscribePacket>(seen)) {
        for (const auto &entry : subscribe->entries)
            filters << entry.filter;
        return filters;
    }
    if (const auto *unsubscribe = bodyOf<UnsubscribePacket>(seen))
        return QByteArrayList(unsubscribe->filters.begin(), unsubscribe->filters.end());
    return {};
}

FactValue propertyFact(const SeenPacket &seen, const PropertyInfo &info)
{
    const Properties *properties = propertiesOf(seen.packet);
    const Property *property = properties ? properties->find(info.id) : nullptr;
    if (!property)
        return {};
    if (const auto *number = std::get_if<quint32>(&property->value))
        return qint64(*number);
    if (const auto *bytes = std::get_if<QByteArray>(&property->value))
        return *bytes;
    QByteArrayList pairs;
    for (const Property &one : *properties) {
        if (const auto *pair = std::get_if<StringPair>(&one.value))
            pairs << pair->name + '=' + pair->value;
    }
    return pairs;
}

FactType factTypeOf(const PropertyInfo &info)
{
    switch (info.type) {
    case PropertyType::Byte:
    case PropertyType::TwoByteInteger:
    case PropertyType::FourByteInteger:
    case PropertyType::VariableByteInteger:
        return FactType::Number;
    case PropertyType::Utf8String:
    case PropertyType::BinaryData:
        return FactType::Text;
    case PropertyType::StringPair:
        break;
    }
    return FactType::Texts;
}

/// Seconds are told as durations; 0xFFFFFFFF of a session's expiry is never.
bool isSeconds(PropertyId id)
{
    using enum PropertyId;
    return id == MessageExpiryInterval || id == SessionExpiryInterval || id == WillDelayInterval ||
           id == ServerKeepAlive;
}

FactValue secondsFact(const FactValue &value)
{
    const auto *seconds = std::get_if<qint64>(&value);
    if (!seconds)
        return {};
    if (*seconds == sessionNeverExpires)
        return Duration::max();
    return Duration(std::chrono::seconds(*seconds));
}

FactRows<SeenPacket> makePacketFacts()
{
    const auto publish = [](auto member) {
        return [member](const SeenPacket &seen) -> FactValue {
            const auto *packet = bodyOf<PublishPacket>(seen);
            return packet ? FactValue(packet->*member) : FactValue();
        };
    };
    FactRows<SeenPacket> rows{
        {QStringLiteral("topic"), FactType::Text, QStringLiteral("of a PUBLISH"), publish(&PublishPacket::topic)},
        {QStringLiteral("payload"), FactType::Text, QStringLiteral("of a PUBLISH"), publish(&PublishPacket::payload)},
        {QStringLiteral("qos"), FactType::Number, QStringLiteral("of a PUBLISH"),
         [](const SeenPacket &seen) -> FactValue {
             const auto *packet = bodyOf<PublishPacket>(seen);
             return packet ? FactValue(qint64(packet->qos)) : FactValue();
         }},
        {QStringLiteral("dup"), FactType::Flag, QStringLiteral("of a PUBLISH"), publish(&PublishPacket::dup)},
        {QStringLiteral("retain"), FactType::Flag, QStringLiteral("of a PUBLISH"), publish(&PublishPacket::retain)},
        {QStringLiteral("packet_id"), FactType::Number, QStringLiteral("the Packet Identifier"),
         [](const SeenPacket &seen) -> FactValue {
             const PacketId id = packetIdOf(seen.packet);
             return id.value ? FactValue(qint64(id.value)) : FactValue();
         }},
        {QStringLiteral("reason"), FactType::ReasonCode, QStringLiteral("the reason code, or 3.1.1's return code"),
         reasonFact},
        {QStringLiteral("reasons"), FactType::Texts, QStringLiteral("of SUBACK and UNSUBACK, as 0x00"), reasonsFact},
        {QStringLiteral("filters"), FactType::Texts, QStringLiteral("of SUBSCRIBE and UNSUBSCRIBE"), filtersFact},
        {QStringLiteral("session_present"), FactType::Flag, QStringLiteral("of a CONNACK"),
         [](const SeenPacket &seen) -> FactValue {
             const auto *packet = bodyOf<ConnackPacket>(seen);
             return packet ? FactValue(packet->sessionPresent) : FactValue();
         }},
        {QStringLiteral("clean_start"), FactType::Flag, QStringLiteral("of a CONNECT; Clean Session before 5.0"),
         [](const SeenPacket &seen) -> FactValue {
             const auto *packet = bodyOf<ConnectPacket>(seen);
             return packet ? FactValue(packet->cleanStart) : FactValue();
         }},
        {QStringLiteral("client_id"), FactType::Text, QStringLiteral("of a CONNECT"),
         [](const SeenPacket &seen) -> FactValue {
             const auto *packet = bodyOf<ConnectPacket>(seen);
             return packet ? FactValue(packet->clientId) : FactValue();
         }},
        {QStringLiteral("keep_alive"), FactType::Time, QStringLiteral("of a CONNECT"),
         [](const SeenPacket &seen) -> FactValue {
             const auto *packet = bodyOf<ConnectPacket>(seen);
             return packet ? FactValue(Duration(std::chrono::seconds(packet->keepAlive))) : FactValue();
         }},
    };
    for (const PropertyInfo &info : propertyTable()) {
        const bool isTime = isSeconds(info.id);
        rows.push_back({snakeCase(info.name), isTime ? FactType::Time : factTypeOf(info),
                        QStringLiteral("the property %1").arg(QLatin1String(info.name)),
                        [info, isTime](const SeenPacket &seen) {
                            const FactValue value = propertyFact(seen, info);
                            return isTime ? secondsFact(value) : value;
                        }});
    }
    return rows;
}

} // namespace

const FactRows<SeenPacket> &packetFacts()
{
    static const FactRows<SeenPacket> rows = makePacketFacts();
    return rows;
}

const FactRows<SeenClose> &closeFacts()
{
    static const FactRows<SeenClose> rows{
        {QStringLiteral("by"),
         FactType::Words,
         QStringLiteral("who ended the connection"),
         [](const SeenClose &seen) -> FactValue {
             // The client closes what the server has left or refused.
             if (seen.reason && seen.change == LinkChange::ClosedByUs)
                 return QByteArray("server");
             switch (seen.change) {
             case LinkChange::ClosedByUs:
                 return QByteArray("client");
             case LinkChange::Cut:
                 return QByteArray("cut");
             case LinkChange::ClosedByPeer:
                 return QByteArray("server");
             case LinkChange::ResetByPeer:
                 return QByteArray("reset");
             default:
                 return QByteArray("network");
             }
         },
         {QStringLiteral("client"), QStringLiteral("server"), QStringLiteral("cut"), QStringLiteral("reset"),
          QStringLiteral("network")}},
        {QStringLiteral("reason"), FactType::ReasonCode,
         QStringLiteral("of the DISCONNECT or refusing CONNACK that came before it"),
         [](const SeenClose &seen) -> FactValue {
             return seen.reason ? FactValue(qint64(*seen.reason)) : FactValue();
         }},
    };
    return rows;
}

const FactRows<SeenWill> &willFacts()
{
    static const FactRows<SeenWill> rows{
        {QStringLiteral("client"), FactType::Text, QStringLiteral("the Client Identifier whose will it is"),
         [](const SeenWill &seen) { return FactValue(seen.clientId); }},
        {QStringLiteral("topic"), FactType::Text, QStringLiteral("where it was published"),
         [](const SeenWill &seen) { return FactValue(seen.topic); }},
        {QStringLiteral("payload"), FactType::Text, QStringLiteral("what was published"),
         [](const SeenWill &seen) { return FactValue(seen.payload); }},
        {QStringLiteral("qos"), FactType::Number, QStringLiteral("its QoS"),
         [](const SeenWill &seen) { return FactValue(qint64(seen.qos)); }},
        {QStringLiteral("retain"), FactType::Flag, QStringLiteral("whether it was published with RETAIN"),
         [](const SeenWill &seen) { return FactValue(seen.retain); }},
        {QStringLiteral("after"), FactType::Time, QStringLiteral("so long after its client's connection had ended"),
         [](const SeenWill &seen) { return FactValue(seen.after); }},
    };
    return rows;
}

} // namespace sessionscope
