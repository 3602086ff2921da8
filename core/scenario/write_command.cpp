#include "core/scenario/write_command.h"

#include "core/base/overloaded.h"
#include "core/mqtt/dissect.h"
#include "core/mqtt/topic.h"
#include "core/notation/values.h"
#include "core/scenario/fact.h"
#include "core/scenario/fault_point.h"
#include "core/scenario/scalars.h"

#include <QStringDecoder>

namespace sessionscope {

namespace {

Node secondsNode(quint32 seconds)
{
    return scalarNode(durationText(seconds));
}

/// An entry for each property that is there.
class PropertyWriter
{
public:
    PropertyWriter(Node &node, const Properties &properties) : m_node(node), m_properties(properties) {}

    void seconds(const QString &key, PropertyId id) { number(key, id, secondsNode); }
    void count(const QString &key, PropertyId id) { number(key, id, numberNode); }
    void flag(const QString &key, PropertyId id)
    {
        number(key, id, [](quint32 value) { return flagNode(value != 0); });
    }
    void text(const QString &key, PropertyId id) { bytes(key, id, textNode); }
    void payload(const QString &key, PropertyId id) { bytes(key, id, payloadNode); }
    void userProperties()
    {
        Node pairs;
        std::vector<Node> list;
        for (const Property &property : m_properties) {
            const auto *pair = std::get_if<StringPair>(&property.value);
            if (!pair)
                continue;
            const QString name = textNode(pair->name).text;
            setEntry(pairs, name, textNode(pair->value));
            list.push_back(mapNode(name, textNode(pair->value)));
        }
        // A name that comes again has no place in a mapping.
        const bool isMapping = pairs.entries.size() == list.size();
        if (!list.empty())
            setEntry(m_node, QStringLiteral("user_properties"),
                     isMapping ? std::move(pairs) : listNode(std::move(list)));
    }

private:
    template<class Make> void number(const QString &key, PropertyId id, Make make)
    {
        if (const auto value = m_properties.integer(id))
            setEntry(m_node, key, make(*value));
    }
    template<class Make> void bytes(const QString &key, PropertyId id, Make make)
    {
        if (const auto value = m_properties.bytes(id))
            setEntry(m_node, key, make(*value));
    }

    Node &m_node;
    const Properties &m_properties;
};

/// What a will and a message have in common.
template<class Content> Node contentNode(const Content &content)
{
    Node node = mapNode(QStringLiteral("topic"), textNode(content.topic));
    setEntry(node, QStringLiteral("payload"), payloadNode(content.payload));
    if (content.qos != Qos::AtMostOnce)
        setEntry(node, QStringLiteral("qos"), numberNode(quint8(content.qos)));
    if (content.retain)
        setEntry(node, QStringLiteral("retain"), flagNode(true));
    PropertyWriter writer(node, content.properties);
    writer.flag(QStringLiteral("payload_format"), PropertyId::PayloadFormatIndicator);
    writer.seconds(QStringLiteral("message_expiry"), PropertyId::MessageExpiryInterval);
    writer.text(QStringLiteral("content_type"), PropertyId::ContentType);
    writer.text(QStringLiteral("response_topic"), PropertyId::ResponseTopic);
    writer.payload(QStringLiteral("correlation_data"), PropertyId::CorrelationData);
    writer.userProperties();
    return node;
}

Node messageNode(const Message &message)
{
    Node node = contentNode(message);
    if (!isTopicName(message.topic))
        setEntry(node, QStringLiteral("illegal"), flagNode(true));
    return node;
}

Node willNode(const Will &will)
{
    Node node = contentNode(will);
    PropertyWriter(node, will.properties).seconds(QStringLiteral("delay"), PropertyId::WillDelayInterval);
    return node;
}

Node entryNode(const SubscribePacket::Entry &entry)
{
    Node node = mapNode(QStringLiteral("filter"), textNode(entry.filter));
    const SubscriptionOptions &options = entry.options;
    if (options.maximumQos != Qos::AtMostOnce)
        setEntry(node, QStringLiteral("qos"), numberNode(quint8(options.maximumQos)));
    if (options.noLocal)
        setEntry(node, QStringLiteral("no_local"), flagNode(true));
    if (options.retainAsPublished)
        setEntry(node, QStringLiteral("retain_as_published"), flagNode(true));
    if (options.retainHandling != RetainHandling{})
        setEntry(node, QStringLiteral("retain_handling"), numberNode(quint8(options.retainHandling)));
    return node;
}

Node verb(const char *name, Node node = {})
{
    return mapNode(QString::fromLatin1(name), std::move(node));
}

Node typesNode(const std::vector<PacketType> &types)
{
    std::vector<Node> items;
    for (const PacketType type : types)
        items.push_back(scalarNode(QString::fromLatin1(packetTypeName(type))));
    return listNode(std::move(items));
}

Node disconnectNode(const DisconnectCommand &command)
{
    Node node;
    if (command.reason != ReasonCode::Success)
        setEntry(node, QStringLiteral("reason"), reasonNode(quint8(command.reason)));
    if (command.sessionExpiryInterval)
        setEntry(node, QStringLiteral("session_expiry"), secondsNode(*command.sessionExpiryInterval));
    PropertyWriter writer(node, command.properties);
    writer.text(QStringLiteral("reason_string"), PropertyId::ReasonString);
    writer.text(QStringLiteral("server_reference"), PropertyId::ServerReference);
    writer.userProperties();
    return node;
}

Node unsubscribeNode(const UnsubscribeCommand &command)
{
    std::vector<Node> filters;
    for (const QByteArray &filter : command.filters)
        filters.push_back(textNode(filter));
    Node properties;
    PropertyWriter(properties, command.properties).userProperties();
    if (!properties.isMap())
        return filters.size() == 1 ? filters.front() : listNode(std::move(filters));
    Node node = mapNode(QStringLiteral("filters"), listNode(std::move(filters)));
    setEntry(node, QStringLiteral("user_properties"), properties.entries.front().value);
    return node;
}

/// isReceived: of what comes from the other end.
Node releaseNode(const ReleaseAcknowledgements &command, bool isReceived)
{
    Node node;
    if (command.packetId)
        setEntry(node, QStringLiteral("packet_id"), numberNode(command.packetId->value));
    if (command.order == ReleaseOrder::AtOnce)
        setEntry(node, QStringLiteral("at_once"), flagNode(true));
    if (isReceived)
        setEntry(node, QStringLiteral("received"), flagNode(true));
    return node.isMap() ? node : scalarNode(QStringLiteral("all"));
}

Node requestNode(const RequestCommand &command)
{
    Node node = messageNode(command.message);
    if (!command.responseTopic.isEmpty())
        setEntry(node, QStringLiteral("response_topic"), textNode(command.responseTopic));
    return node;
}

Node publishNode(const PublishCommand &command)
{
    return messageNode(command.message);
}

std::optional<Node> verbOf(const ClientCommand &command)
{
    using Said = std::optional<Node>;
    return std::visit(
        Overloaded{[](const ConnectCommand &one) -> Said { return verb("connect", connectNode(one.packet)); },
                   [](const ReconnectCommand &) -> Said { return verb("reconnect"); },
                   [](const PublishCommand &one) -> Said { return verb("publish", publishNode(one)); },
                   [](const SubscribeCommand &one) -> Said { return verb("subscribe", subscribeNode(one)); },
                   [](const UnsubscribeCommand &one) -> Said { return verb("unsubscribe", unsubscribeNode(one)); },
                   [](const DisconnectCommand &one) -> Said { return verb("disconnect", disconnectNode(one)); },
                   [](const PingCommand &) -> Said { return verb("ping"); },
                   [](const ForgetCommand &) -> Said {
                       return verb("restart", mapNode(QStringLiteral("store"), scalarNode(QStringLiteral("lost"))));
                   },
                   [](const ReauthenticateCommand &) -> Said { return verb("reauthenticate"); },
                   [](const HoldAcknowledgements &one) -> Said { return verb("hold", typesNode(one.types)); },
                   [](const ReleaseAcknowledgements &one) -> Said { return verb("release", releaseNode(one, false)); },
                   [](const RequestCommand &one) -> Said { return verb("request", requestNode(one)); },
                   [](const auto &) -> Said { return std::nullopt; }},
        command);
}

/// Bytes that a user sends could hold a password: only whole packets without one are known not to.
bool isFreeOfSecrets(const QByteArray &bytes)
{
    const QList<QByteArray> frames = framesIn(bytes);
    return !frames.isEmpty() && std::ranges::all_of(frames, [](const QByteArray &frame) {
        return isWholeFrame(frame) && withoutSecrets(frame, Version::V5) == frame;
    });
}

Node silenceNode(const SilenceLink &command)
{
    Node node;
    addSideAndSpan(node, command.which, command.lasts);
    return node;
}

Node throttleNode(const ThrottleLink &command)
{
    const Node rate = numberNode(command.bytesPerSecond);
    if (command.which == LinkSide::Both && !command.lasts)
        return rate;
    Node node = mapNode(QStringLiteral("rate"), rate);
    addSideAndSpan(node, command.which, command.lasts);
    return node;
}

template<class Way> Node waysNode(const Ways<Way> &ways)
{
    if (ways.isEmpty())
        return scalarNode(QStringLiteral("none"));
    std::vector<Node> items;
    for (const auto &row : misbehaviours<Way>()) {
        if (ways.has(row.way))
            items.push_back(scalarNode(QString::fromLatin1(row.name)));
    }
    return listNode(std::move(items));
}

Node brokerWaysNode(const MisbehaveBroker &command)
{
    if (command.clientId.isEmpty())
        return waysNode(command.ways);
    Node node = mapNode(QStringLiteral("client"), textNode(command.clientId));
    setEntry(node, QStringLiteral("with"), waysNode(command.ways));
    return node;
}

Node kickNode(const KickClient &command)
{
    Node node = mapNode(QStringLiteral("client"), textNode(command.clientId));
    setEntry(node, QStringLiteral("reason"), reasonNode(quint8(command.reason)));
    if (!command.serverReference.isEmpty())
        setEntry(node, QStringLiteral("server_reference"), textNode(command.serverReference));
    if (!command.reasonString.isEmpty())
        setEntry(node, QStringLiteral("reason_string"), textNode(command.reasonString));
    return node;
}

} // namespace

Node textNode(const QByteArray &text)
{
    return scalarNode(QString::fromUtf8(text).replace(QStringLiteral("${"), QStringLiteral("$${")));
}

Node reasonNode(quint8 reason)
{
    return reason ? scalarNode(QStringLiteral("0x%1").arg(reason, 2, 16, QLatin1Char('0')))
                  : scalarNode(QStringLiteral("success"));
}

Node payloadNode(const QByteArray &payload)
{
    QStringDecoder decoder(QStringDecoder::Utf8);
    const QString text = decoder(payload);
    const auto isPrintable = [](QChar one) { return one.isPrint() || one == u'\n' || one.isSurrogate(); };
    // "{n}" would be replaced by the number of the message.
    if (!decoder.hasError() && std::ranges::all_of(text, isPrintable) && !text.contains(QStringLiteral("{n}")))
        return textNode(payload);
    return mapNode(QStringLiteral("hex"), scalarNode(QString::fromLatin1(payload.toHex(' '))));
}

Node subscribeNode(const SubscribeCommand &command)
{
    std::vector<Node> entries;
    for (const auto &entry : command.entries)
        entries.push_back(entryNode(entry));
    // Both are the whole packet's, and a file says them with its first filter.
    if (!entries.empty()) {
        PropertyWriter writer(entries.front(), command.properties);
        writer.count(QStringLiteral("identifier"), PropertyId::SubscriptionIdentifier);
        writer.userProperties();
    }
    return entries.size() == 1 ? entries.front() : listNode(std::move(entries));
}

Node connectNode(const ConnectPacket &connect)
{
    Node node;
    if (connect.protocolLevel != quint8(Version::V5))
        setEntry(node, QStringLiteral("version"),
                 scalarNode(connect.protocolLevel == quint8(Version::V31) ? QStringLiteral("3.1")
                                                                          : QStringLiteral("3.1.1")));
    setEntry(node, QStringLiteral("client_id"), textNode(connect.clientId));
    setEntry(node, QStringLiteral("clean_start"), flagNode(connect.cleanStart));
    PropertyWriter writer(node, connect.properties);
    writer.seconds(QStringLiteral("session_expiry"), PropertyId::SessionExpiryInterval);
    if (connect.keepAlive)
        setEntry(node, QStringLiteral("keep_alive"), secondsNode(connect.keepAlive));
    writer.count(QStringLiteral("receive_maximum"), PropertyId::ReceiveMaximum);
    writer.count(QStringLiteral("maximum_packet_size"), PropertyId::MaximumPacketSize);
    writer.count(QStringLiteral("topic_alias_maximum"), PropertyId::TopicAliasMaximum);
    writer.flag(QStringLiteral("request_response_information"), PropertyId::RequestResponseInformation);
    writer.flag(QStringLiteral("request_problem_information"), PropertyId::RequestProblemInformation);
    writer.userProperties();
    if (connect.userName)
        setEntry(node, QStringLiteral("username"), textNode(*connect.userName));
    if (connect.will)
        setEntry(node, QStringLiteral("will"), willNode(*connect.will));
    return node;
}

Node closeNode(CloseHow how)
{
    switch (how.way) {
    case CloseHow::Close:
        return scalarNode(QStringLiteral("close"));
    case CloseHow::Reset:
    case CloseHow::ResetWhenSent:
        break;
    case CloseHow::WithoutCloseNotify:
        return scalarNode(QStringLiteral("tls_without_close_notify"));
    case CloseHow::WebSocketClose:
        return mapNode(QStringLiteral("websocket_close"), numberNode(how.status));
    }
    return scalarNode(QStringLiteral("reset"));
}

std::optional<Node> verbOf(const LabCommand &command)
{
    using Said = std::optional<Node>;
    return std::visit(
        Overloaded{
            [](const ClientDo &one) -> Said { return verbOf(one.command); },
            [](const CutLink &one) -> Said {
                Node how = closeNode(one.how);
                return verb("cut", how.isMap() ? mapNode(QStringLiteral("how"), std::move(how)) : std::move(how));
            },
            [](const SilenceLink &one) -> Said { return verb("silence", silenceNode(one)); },
            [](const ThrottleLink &one) -> Said { return verb("throttle", throttleNode(one)); },
            [](const HoldReceived &one) -> Said {
                return verb("hold", mapNode(QStringLiteral("received"), typesNode(one.types)));
            },
            [](const ReleaseReceived &one) -> Said { return verb("release", releaseNode(one.which, true)); },
            [](const DisarmFaults &) -> Said { return verb("disarm"); },
            [](const ArmFault &one) -> Said { return verbOf(one.fault); },
            [](const SendRaw &one) -> Said {
                if (!isFreeOfSecrets(one.bytes))
                    return std::nullopt;
                return verb("send_raw", scalarNode(QString::fromLatin1(one.bytes.toHex(' '))));
            },
            [](const MisbehaveClient &one) -> Said { return verb("behave", waysNode(one.ways)); },
            [](const MisbehaveBroker &one) -> Said { return verb("behave", brokerWaysNode(one)); },
            [](const RestartBroker &one) -> Said {
                const char *const ways[] = {"clean", "crash", "crash_losing_store"};
                return verb("restart", scalarNode(QString::fromLatin1(ways[quint8(one.how)])));
            },
            [](const BrokerDo &one) -> Said {
                if (const auto *kick = std::get_if<KickClient>(&one.command))
                    return verb("kick", kickNode(*kick));
                if (const auto *end = std::get_if<EndSession>(&one.command))
                    return verb("end_session", textNode(end->clientId));
                if (const auto *store = std::get_if<StoreChanged>(&one.command))
                    return verb("store", scalarNode(store->state == StoreState::Failing ? QStringLiteral("failing")
                                                                                        : QStringLiteral("working")));
                return std::nullopt;
            },
            [](const auto &) -> Said { return std::nullopt; }},
        command);
}

} // namespace sessionscope
