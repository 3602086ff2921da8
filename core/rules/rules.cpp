#include "core/rules/packet_rows.h"
#include "core/rules/property_rows.h"

namespace sessionscope::rules {

namespace {

constexpr PropertyPlaces noTypes = 0;

// Which packet types a side may send (v5 table 2-1); before 5.0 no AUTH, and DISCONNECT from the client only.
bool maySend(PacketType type, const Context &context)
{
    constexpr PropertyPlaces clientOnly = place(PacketType::Connect) | place(PacketType::Subscribe) |
                                          place(PacketType::Unsubscribe) | place(PacketType::Pingreq);
    constexpr PropertyPlaces serverOnly = place(PacketType::Connack) | place(PacketType::Suback) |
                                          place(PacketType::Unsuback) | place(PacketType::Pingresp);
    const bool isV5 = context.version == Version::V5;
    if (context.from == Sender::Client)
        return (place(type) & (serverOnly | (isV5 ? noTypes : place(PacketType::Auth)))) == 0;
    constexpr PropertyPlaces newInV5 = place(PacketType::Disconnect) | place(PacketType::Auth);
    return (place(type) & (clientOnly | (isV5 ? noTypes : newInV5))) == 0;
}

// The fixed-header flags of a type other than PUBLISH, by the statement that says so for it.
struct TypedPacket
{
    const Packet &packet;
    PacketType type;
};
constexpr Row<TypedPacket> flagRow(const char *v5, const char *v3)
{
    return {v5,
            v3,
            ReasonCode::MalformedPacket,
            "reserved flags of the fixed header",
            [](const TypedPacket &p, const Context &) { return p.packet.illegalFlags.has_value(); },
            Answer::Close,
            Since::Mqtt311};
}
constexpr auto anyFlags = flagRow("MQTT-2.1.3-1", "v3:MQTT-2.2.2-1");
constexpr auto pubrelFlags = flagRow("MQTT-3.6.1-1", "v3:MQTT-3.6.1-1");
constexpr auto subscribeFlags = flagRow("MQTT-3.8.1-1", "v3:MQTT-3.8.1-1");
constexpr auto unsubscribeFlags = flagRow("MQTT-3.10.1-1", "v3:MQTT-3.10.1-1");
constexpr auto disconnectFlags = flagRow("MQTT-3.14.1-1", "v3:MQTT-3.14.1-1");
constexpr auto authFlags = flagRow("MQTT-3.15.1-1", nullptr);

constexpr Row<TypedPacket> direction{
    "v5 §2.1.2", "v3 §2.2.1", ReasonCode::ProtocolError, "packet type that this side does not send",
    [](const TypedPacket &p, const Context &context) { return !maySend(p.type, context); }};

const Row<TypedPacket> &flagRowOf(PacketType type)
{
    switch (type) {
    case PacketType::Pubrel:
        return pubrelFlags;
    case PacketType::Subscribe:
        return subscribeFlags;
    case PacketType::Unsubscribe:
        return unsubscribeFlags;
    case PacketType::Disconnect:
        return disconnectFlags;
    case PacketType::Auth:
        return authFlags;
    default:
        return anyFlags;
    }
}

void runCommonRow(Findings &findings, const Row<TypedPacket> &row, const TypedPacket &packet, const Context &context)
{
    if (row.statement(context.version) && row.broken(packet, context))
        report(findings, row, context);
}

void runProperties(Findings &findings, const Properties &properties, PropertyPlaces place, const Context &context)
{
    if (context.version != Version::V5 || properties.isEmpty())
        return;
    std::array<quint8, highestPropertyId + 1> seen{};
    for (const auto &property : properties) {
        if (const auto *info = propertyInfo(property.id)) {
            const PlacedProperty placed{property, *info, place, seen[quint8(property.id)]};
            run<propertyRows>(findings, placed, context);
            auto &count = seen[quint8(property.id)];
            count = quint8(qMin(count + 1, 2));
        }
    }
}

void runPublish(Findings &findings, const PublishPacket &body, const Context &context)
{
    run<publishRows>(findings, body, context);
    if (!isPlainTopic(body.topic))
        run<topicNameRows>(findings, body, context);
}

void runBody(Findings &findings, const ConnectPacket &body, PacketType, const Context &context)
{
    run<connectRows>(findings, body, context);
    runProperties(findings, body.properties, place(PacketType::Connect), context);
    if (body.will)
        runProperties(findings, body.will->properties, willPlace, context);
}

template<class Body> void runBody(Findings &findings, const Body &body, PacketType type, const Context &context)
{
    if constexpr (std::is_same_v<Body, ConnackPacket>)
        run<connackRows>(findings, body, context);
    else if constexpr (std::is_same_v<Body, PublishPacket>)
        runPublish(findings, body, context);
    else if constexpr (std::is_same_v<Body, AckPacket>)
        run<ackRows>(findings, body, context);
    else if constexpr (std::is_same_v<Body, SubscribePacket>)
        run<subscribeRows>(findings, body, context);
    else if constexpr (std::is_same_v<Body, SubackPacket>)
        run<subackRows>(findings, body, context);
    else if constexpr (std::is_same_v<Body, UnsubscribePacket>)
        run<unsubscribeRows>(findings, body, context);
    else if constexpr (std::is_same_v<Body, UnsubackPacket>)
        run<unsubackRows>(findings, body, context);
    else if constexpr (std::is_same_v<Body, DisconnectPacket>)
        run<disconnectRows>(findings, body, context);
    else if constexpr (std::is_same_v<Body, AuthPacket>)
        run<authRows>(findings, body, context);
    if constexpr (requires { body.properties; })
        runProperties(findings, body.properties, place(type), context);
}

// What closes goes before what is refused, what cannot be parsed before what may not be said.
int gravity(const Finding &finding)
{
    return (finding.answer == Answer::Refuse ? 2 : 0) + (finding.reason == ReasonCode::MalformedPacket ? 0 : 1);
}

template<class Subject> RuleInfo infoOf(const Row<Subject> &row, PropertyPlaces packets)
{
    return {row.v5, row.v3, packets, row.reason, row.what, row.answer};
}

} // namespace

Findings check(const Packet &packet, const Context &context)
{
    // A CONNECT says its version itself.
    auto effective = context;
    if (const auto *connect = packet.as<ConnectPacket>())
        effective.version = Version(connect->protocolLevel);
    Findings findings;
    const auto type = packet.type();
    runCommonRow(findings, flagRowOf(type), {packet, type}, effective);
    runCommonRow(findings, direction, {packet, type}, effective);
    std::visit([&](const auto &body) { runBody(findings, body, type, effective); }, packet.body);
    if (findings.size() > 1)
        std::ranges::stable_sort(findings, {}, gravity);
    return findings;
}

QList<RuleInfo> ruleTable()
{
    QList<RuleInfo> table;
    const auto add = [&table](const auto &rows, PropertyPlaces packets) {
        for (const auto &row : rows)
            table.append(infoOf(row, packets));
    };
    constexpr PropertyPlaces everyType = 0xFFFE;
    constexpr PropertyPlaces acks =
        place(PacketType::Puback) | place(PacketType::Pubrec) | place(PacketType::Pubrel) | place(PacketType::Pubcomp);
    table.append(infoOf(direction, everyType));
    table.append(infoOf(anyFlags, everyType));
    table.append(infoOf(pubrelFlags, place(PacketType::Pubrel)));
    table.append(infoOf(subscribeFlags, place(PacketType::Subscribe)));
    table.append(infoOf(unsubscribeFlags, place(PacketType::Unsubscribe)));
    table.append(infoOf(disconnectFlags, place(PacketType::Disconnect)));
    table.append(infoOf(authFlags, place(PacketType::Auth)));
    add(connectRows, place(PacketType::Connect));
    add(connackRows, place(PacketType::Connack));
    add(publishRows, place(PacketType::Publish));
    add(topicNameRows, place(PacketType::Publish));
    add(ackRows, acks);
    add(subscribeRows, place(PacketType::Subscribe));
    add(subackRows, place(PacketType::Suback));
    add(unsubscribeRows, place(PacketType::Unsubscribe));
    add(unsubackRows, place(PacketType::Unsuback));
    add(disconnectRows, place(PacketType::Disconnect));
    add(authRows, place(PacketType::Auth));
    add(propertyRows, PropertyPlaces(everyType | willPlace));
    return table;
}

} // namespace sessionscope::rules
