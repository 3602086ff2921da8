// Verbs that send packets of messages, subscriptions and requests.
#include "core/mqtt/codec.h"
#include "core/mqtt/topic.h"
#include "core/scenario/grammar.h"
#include "core/scenario/payloads.h"
#include "core/scenario/read_fields.h"
#include "core/scenario/verb_readers.h"

namespace sessionscope {

namespace {

Message readMessage(const Node &node, const VerbContext &context)
{
    Message message;
    readContent(node, message);
    const Node *illegal = node.find(u"illegal");
    const bool isMeant = illegal && readFlag(*illegal);
    if (const Node *topic = node.find(u"topic"); topic && !isMeant && !isTopicName(message.topic))
        report(context, topic->place,
               QStringLiteral("\"%1\" is not a topic: expected a name without + and #, or illegal: true beside it")
                   .arg(topic->text));
    return message;
}

/// Fields that a client's engine decides about itself. With one of them the packet is sent behind its back.
constexpr QStringView forcedFields[] = {u"dup", u"packet_id", u"topic_alias", u"subscription_identifier"};

/// The first one of a PUBLISH; empty: none is.
QString forcedField(const Node &publish)
{
    const auto field = std::ranges::find_if(forcedFields, [&publish](QStringView key) { return publish.find(key); });
    return field == std::end(forcedFields) ? QString() : field->toString();
}

SubscribePacket::Entry readEntry(const Node &node, Problems &problems)
{
    SubscribePacket::Entry entry;
    const Node *filter = node.isScalar() ? &node : node.find(u"filter");
    if (filter) {
        entry.filter = readText(*filter);
        if (!isTopicFilter(entry.filter))
            problems.push_back({filter->place, QStringLiteral("\"%1\" is not a topic filter").arg(filter->text)});
    }
    if (const Node *qos = node.find(u"qos"))
        entry.options.maximumQos = readQos(*qos);
    if (const Node *noLocal = node.find(u"no_local"))
        entry.options.noLocal = readFlag(*noLocal);
    if (const Node *asPublished = node.find(u"retain_as_published"))
        entry.options.retainAsPublished = readFlag(*asPublished);
    if (const Node *handling = node.find(u"retain_handling"))
        entry.options.retainHandling = RetainHandling(readCount(*handling));
    return entry;
}

/// Adds the filter that node holds to the SUBSCRIBE.
void addSubscription(SubscribeCommand &command, const Node &node, Problems &problems)
{
    command.entries.append(readEntry(node, problems));
    // One identifier stands for the whole packet (v5 §3.8.2.1.2).
    if (const Node *identifier = node.find(u"identifier")) {
        command.properties.removeAll(PropertyId::SubscriptionIdentifier);
        command.properties.add(PropertyId::SubscriptionIdentifier, quint32(readCount(*identifier)));
    }
    addUserProperties(command.properties, node.find(u"user_properties"));
}

const Shape &entryShape()
{
    static const Shape handling = numberShape(0, 2, QStringLiteral("0, 1 or 2"));
    static const Shape identifier = numberShape(1, 268'435'455, QStringLiteral("a number from 1 to 268435455"));
    static const Shape shape{
        .kind = Shape::Kind::Map,
        .what = QStringLiteral("filter, qos, no_local, retain_as_published, retain_handling, identifier"),
        .fields = {
            {QStringLiteral("filter"), &textShape(), QStringLiteral("the topic filter"), Need::Required},
            {QStringLiteral("qos"), &qosShape(), QStringLiteral("0 unless given")},
            {QStringLiteral("no_local"), &flagShape(), QStringLiteral("No Local (5.0)")},
            {QStringLiteral("retain_as_published"), &flagShape(), QStringLiteral("Retain As Published (5.0)")},
            {QStringLiteral("retain_handling"), &handling, QStringLiteral("Retain Handling (5.0)")},
            {QStringLiteral("identifier"), &identifier, QStringLiteral("Subscription Identifier (5.0)")},
            {QStringLiteral("user_properties"), &userPropertiesShape(), QStringLiteral("User Properties (5.0)")}}};
    return shape;
}

} // namespace

QByteArray readPayload(const Node &node)
{
    if (const Node *hex = node.find(u"hex"))
        return readHex(hex->text).value_or(QByteArray());
    if (const Node *base64 = node.find(u"base64"))
        return QByteArray::fromBase64(base64->text.toLatin1());
    if (const Node *json = node.find(u"json"))
        return readJson(*json);
    return readText(node);
}

// ---- verbs ----

const Shape &publishShape()
{
    static const Shape count = numberShape(1, 100'000, QStringLiteral("a number from 1 to 100000"));
    static const Shape id = numberShape(0, 65'535, QStringLiteral("a number from 0 to 65535"));
    static const Shape identifier = numberShape(0, 268'435'455, QStringLiteral("a number from 0 to 268435455"));
    static const Shape shape{
        .kind = Shape::Kind::Map,
        .what = QStringLiteral("topic, payload, qos, retain, message_expiry, count, every and other fields of PUBLISH"),
        .fields = {{QStringLiteral("topic"), &textShape(), QStringLiteral("where to"), Need::Required},
                   {QStringLiteral("payload"), &payloadShape(), QStringLiteral("what; {n} is its number")},
                   {QStringLiteral("qos"), &qosShape(), QStringLiteral("0 unless given")},
                   {QStringLiteral("retain"), &flagShape(), QStringLiteral("false unless given")},
                   {QStringLiteral("message_expiry"), &secondsShape(), QStringLiteral("Message Expiry Interval (5.0)")},
                   {QStringLiteral("payload_format"), &flagShape(), QStringLiteral("true: the payload is UTF-8 (5.0)")},
                   {QStringLiteral("content_type"), &textShape(), QStringLiteral("Content Type (5.0)")},
                   {QStringLiteral("response_topic"), &textShape(), QStringLiteral("Response Topic (5.0)")},
                   {QStringLiteral("correlation_data"), &payloadShape(), QStringLiteral("Correlation Data (5.0)")},
                   {QStringLiteral("user_properties"), &userPropertiesShape(), QStringLiteral("User Properties (5.0)")},
                   {QStringLiteral("illegal"), &flagShape(),
                    QStringLiteral("true: the topic may be one that no client may publish to, such as a/#")},
                   {QStringLiteral("dup"), &flagShape(),
                    QStringLiteral("forced: sent as it stands, behind the back of the client's engine")},
                   {QStringLiteral("packet_id"), &id, QStringLiteral("the same, with this Packet Identifier")},
                   {QStringLiteral("topic_alias"), &id,
                    QStringLiteral("the same, with this Topic Alias, also one that is not allowed; topic: \"\" for an "
                                   "alias alone (5.0)")},
                   {QStringLiteral("subscription_identifier"), &identifier,
                    QStringLiteral("the same, with what only a server may send (5.0)")},
                   {QStringLiteral("count"), &count, QStringLiteral("how many; 1 unless given")},
                   {QStringLiteral("every"), &durationShape(), QStringLiteral("time between two of them")}}};
    return shape;
}

namespace {

/// A PUBLISH that the client's engine would not send: it knows nothing of it, and what is wrong with it is for the
/// other end to find.
Action readForcedPublish(const Node &node, const VerbContext &context)
{
    Message message;
    readContent(node, message);
    PropertyReader forced(node, message.properties);
    forced.number(u"topic_alias", PropertyId::TopicAlias);
    forced.number(u"subscription_identifier", PropertyId::SubscriptionIdentifier);
    PublishPacket packet{.topic = message.topic, .payload = message.payload};
    packet.qos = message.qos;
    packet.retain = message.retain;
    packet.properties = message.properties;
    if (const Node *dup = node.find(u"dup"))
        packet.dup = readFlag(*dup);
    if (const Node *id = node.find(u"packet_id"))
        packet.packetId = PacketId{quint16(readCount(*id))};
    else if (packet.qos != Qos::AtMostOnce)
        report(context, node.place,
               QStringLiteral("%1 is forced: expected packet_id beside it, as QoS is above 0").arg(forcedField(node)));
    if (node.find(u"count") || node.find(u"every"))
        report(context, node.place, QStringLiteral("a PUBLISH with a forced field is one: expected no count"));
    packet.payload.replace("{n}", "1");
    const Version version = Version(context.client->connect.protocolLevel);
    if (version != Version::V5 && !packet.properties.isEmpty())
        report(context, node.place, QStringLiteral("MQTT 5 brought the properties of PUBLISH: expected version: 5"));
    return CommandAction{SendRaw{context.key, encode(Packet{packet, {}}, version)}};
}

} // namespace

Action readPublish(const Node &node, const VerbContext &context)
{
    if (!forcedField(node).isEmpty())
        return readForcedPublish(node, context);
    PublishAction action{.client = context.key, .message = readMessage(node, context)};
    if (const Node *count = node.find(u"count"))
        action.count = quint32(readCount(*count));
    if (const Node *every = node.find(u"every"))
        action.every = readDuration(*every);
    return action;
}

Action readRequest(const Node &node, const VerbContext &context)
{
    for (const QStringView key : forcedFields) {
        if (const Node *forced = node.find(key))
            report(context, forced->place, QStringLiteral("\"%1\" cannot be forced for a request").arg(key));
    }
    for (const QStringView key : {u"count", u"every"}) {
        if (const Node *several = node.find(key))
            report(context, several->place, QStringLiteral("a request is one: expected no %1").arg(key));
    }
    RequestCommand command{.message = readMessage(node, context), .responseTopic = {}};
    if (const auto topic = command.message.properties.bytes(PropertyId::ResponseTopic))
        command.responseTopic = *topic;
    command.message.properties.removeAll(PropertyId::ResponseTopic);
    return CommandAction{ClientDo{context.key, command}};
}

const Shape &subscriptionShape()
{
    static const Shape shape{.kind = Shape::Kind::Any,
                             .what = QStringLiteral("a filter, or { filter: …, qos: … }"),
                             .any = {&textShape(), &entryShape()}};
    return shape;
}

SubscribeCommand readSubscription(const Node &node, Problems &problems)
{
    SubscribeCommand command;
    addSubscription(command, node, problems);
    return command;
}

const Shape &subscribeShape()
{
    static const Shape list{
        .kind = Shape::Kind::List, .what = QStringLiteral("a list of filters"), .item = &subscriptionShape()};
    static const Shape shape{.kind = Shape::Kind::Any,
                             .what = QStringLiteral("a filter, { filter: …, qos: … }, or a list of them"),
                             .any = {&textShape(), &entryShape(), &list}};
    return shape;
}

Action readSubscribe(const Node &node, const VerbContext &context)
{
    SubscribeCommand command;
    if (!node.isList())
        addSubscription(command, node, context.problems);
    for (const Node &item : node.items)
        addSubscription(command, item, context.problems);
    return CommandAction{ClientDo{context.key, command}, Awaits::Answered};
}

const Shape &unsubscribeShape()
{
    static const Shape list{
        .kind = Shape::Kind::List, .what = QStringLiteral("a list of filters"), .item = &textShape()};
    static const Shape map =
        mapOf(QStringLiteral("filters, user_properties"),
              {{QStringLiteral("filters"), &list, QStringLiteral("the topic filters"), Need::Required},
               {QStringLiteral("user_properties"), &userPropertiesShape(), QStringLiteral("User Properties (5.0)")}});
    static const Shape shape{.kind = Shape::Kind::Any,
                             .what = QStringLiteral("a filter, a list of filters, or { filters: […], … }"),
                             .any = {&textShape(), &list, &map}};
    return shape;
}

Action readUnsubscribe(const Node &node, const VerbContext &context)
{
    UnsubscribeCommand command;
    if (node.isScalar())
        command.filters << readText(node);
    const Node *filters = node.find(u"filters");
    for (const Node &item : (filters ? filters : &node)->items)
        command.filters << readText(item);
    addUserProperties(command.properties, node.find(u"user_properties"));
    return CommandAction{ClientDo{context.key, command}, Awaits::Answered};
}

} // namespace sessionscope
