#include "core/profile/write_profile.h"

#include "core/notation/values.h"
#include "core/scenario/scalars.h"
#include "core/scenario/write_document.h"

#include <algorithm>

namespace sessionscope {

namespace {

/// Text where it can be written and read as text, else hex.
Node payloadNode(const QByteArray &bytes)
{
    const QString text = QString::fromUtf8(bytes);
    const bool isPlain = std::ranges::all_of(text, [](QChar c) { return c.isPrint() || c == u'\n' || c == u'\t'; });
    if (isPlain && text.toUtf8() == bytes)
        return scalarNode(text);
    return mapNode(QStringLiteral("hex"), scalarNode(QString::fromLatin1(bytes.toHex(' '))));
}

/// Appends keys to a map, defaults left out.
class MapWriter
{
public:
    MapWriter() { m_map.kind = Node::Kind::Map; }

    void put(const char *key, Node value) { setEntry(m_map, QLatin1String(key), std::move(value)); }
    void text(const char *key, const QString &value) { put(key, scalarNode(value)); }
    void bytes(const char *key, const QByteArray &value) { text(key, QString::fromUtf8(value)); }
    void number(const char *key, qint64 value) { text(key, QString::number(value)); }
    void flag(const char *key, bool value) { text(key, value ? QStringLiteral("true") : QStringLiteral("false")); }
    void flagIfSet(const char *key, bool value)
    {
        if (value)
            flag(key, true);
    }

    void secondsOf(const Properties &properties, const char *key, PropertyId id)
    {
        if (const auto value = properties.integer(id))
            text(key, durationText(*value));
    }
    void numberOf(const Properties &properties, const char *key, PropertyId id)
    {
        if (const auto value = properties.integer(id))
            number(key, *value);
    }
    void flagOf(const Properties &properties, const char *key, PropertyId id)
    {
        if (const auto value = properties.integer(id))
            flag(key, *value != 0);
    }
    void textOf(const Properties &properties, const char *key, PropertyId id)
    {
        if (const auto value = properties.bytes(id))
            bytes(key, *value);
    }
    void userPropertiesOf(const Properties &properties)
    {
        Node map;
        for (const Property &property : properties) {
            if (const auto *pair = std::get_if<StringPair>(&property.value))
                setEntry(map, QString::fromUtf8(pair->name), scalarNode(QString::fromUtf8(pair->value)));
        }
        if (map.isMap())
            put("user_properties", std::move(map));
    }
    Node take() { return std::move(m_map); }

private:
    Node m_map;
};

Node willNode(const Will &will)
{
    MapWriter map;
    map.bytes("topic", will.topic);
    if (!will.payload.isEmpty())
        map.put("payload", payloadNode(will.payload));
    if (will.qos != Qos::AtMostOnce)
        map.number("qos", int(will.qos));
    map.flagIfSet("retain", will.retain);
    map.secondsOf(will.properties, "delay", PropertyId::WillDelayInterval);
    map.secondsOf(will.properties, "message_expiry", PropertyId::MessageExpiryInterval);
    map.textOf(will.properties, "content_type", PropertyId::ContentType);
    map.textOf(will.properties, "response_topic", PropertyId::ResponseTopic);
    if (const auto data = will.properties.bytes(PropertyId::CorrelationData))
        map.put("correlation_data", payloadNode(*data));
    map.userPropertiesOf(will.properties);
    return map.take();
}

void writeConnect(MapWriter &map, const Profile &profile)
{
    const ConnectPacket &connect = profile.client.connect;
    if (connect.protocolLevel != quint8(Version::V5))
        map.text("version",
                 connect.protocolLevel == quint8(Version::V31) ? QStringLiteral("3.1") : QStringLiteral("3.1.1"));
    if (connect.clientId != profile.name.toUtf8())
        map.bytes("client_id", connect.clientId);
    if (!connect.cleanStart)
        map.flag("clean_start", false);
    map.secondsOf(connect.properties, "session_expiry", PropertyId::SessionExpiryInterval);
    if (connect.keepAlive != 0)
        map.text("keep_alive", durationText(connect.keepAlive));
    map.numberOf(connect.properties, "receive_maximum", PropertyId::ReceiveMaximum);
    map.numberOf(connect.properties, "maximum_packet_size", PropertyId::MaximumPacketSize);
    map.numberOf(connect.properties, "topic_alias_maximum", PropertyId::TopicAliasMaximum);
    map.flagOf(connect.properties, "request_response_information", PropertyId::RequestResponseInformation);
    map.flagOf(connect.properties, "request_problem_information", PropertyId::RequestProblemInformation);
    map.userPropertiesOf(connect.properties);
    if (connect.userName)
        map.bytes("username", *connect.userName);
    if (connect.will)
        map.put("will", willNode(*connect.will));
}

Node passwordNode(const SecretReference &reference)
{
    switch (reference.source) {
    case SecretSource::Environment:
        return mapNode(QStringLiteral("env"), scalarNode(reference.name));
    case SecretSource::File:
        return mapNode(QStringLiteral("file"), scalarNode(reference.name));
    case SecretSource::Keyring:
        return mapNode(QStringLiteral("keyring"), scalarNode(reference.name));
    case SecretSource::Asked:
        return mapNode(QStringLiteral("ask"), scalarNode(QStringLiteral("true")));
    case SecretSource::None:
        break;
    }
    return {};
}

Node reconnectNode(const ReconnectPolicy &policy)
{
    const ReconnectPolicy usual;
    MapWriter map;
    if (policy.firstWait != usual.firstWait)
        map.text("first_wait", spanText(policy.firstWait));
    if (policy.longestWait != usual.longestWait)
        map.text("longest_wait", spanText(policy.longestWait));
    if (policy.maximumAttempts != usual.maximumAttempts)
        map.number("attempts", policy.maximumAttempts);
    Node node = map.take();
    return node.entries.empty() ? scalarNode(QStringLiteral("true")) : node;
}

void writeWays(MapWriter &map, const ClientPolicy &policy)
{
    const ClientPolicy usual;
    if (policy.reconnect.automatic)
        map.put("auto_reconnect", reconnectNode(policy.reconnect));
    map.flagIfSet("follow_redirects", policy.followRedirects);
    map.flagIfSet("resubscribe", policy.resubscribeWhenFresh);
    map.flagIfSet("republish_lost", policy.republishLost);
    map.flagIfSet("adopt_unknown_session", policy.adoptUnknownSession);
    map.flagIfSet("clean_after_unanswered_resume", policy.cleanAfterUnansweredResume);
    map.flagIfSet("topic_aliases", policy.useTopicAliases);
    map.flagIfSet("ignore_server_limits", policy.ignoreServerLimits);
    if (policy.v3SendMaximum != usual.v3SendMaximum)
        map.number("v3_send_maximum", policy.v3SendMaximum);
    if (policy.answerWait != usual.answerWait)
        map.text("answer_wait", spanText(policy.answerWait));
    if (policy.noteViolationsOnly)
        map.text("on_violation", QStringLiteral("note"));
}

Node subscriptionNode(const SubscribeCommand &command)
{
    const SubscribePacket::Entry entry = command.entries.value(0);
    MapWriter map;
    map.bytes("filter", entry.filter);
    if (entry.options.maximumQos != Qos::AtMostOnce)
        map.number("qos", int(entry.options.maximumQos));
    map.flagIfSet("no_local", entry.options.noLocal);
    map.flagIfSet("retain_as_published", entry.options.retainAsPublished);
    if (entry.options.retainHandling != SubscriptionOptions{}.retainHandling)
        map.number("retain_handling", int(entry.options.retainHandling));
    map.numberOf(command.properties, "identifier", PropertyId::SubscriptionIdentifier);
    map.userPropertiesOf(command.properties);
    Node node = map.take();
    return node.entries.size() == 1 ? scalarNode(QString::fromUtf8(entry.filter)) : node;
}

} // namespace

Node profileNode(const Profile &profile)
{
    MapWriter map;
    map.text("profile", profile.name);
    if (!profile.about.isEmpty())
        map.text("about", profile.about);
    if (profile.client.broker)
        map.text("broker", toUrl(*profile.client.broker));
    writeConnect(map, profile);
    if (!profile.client.passwordFrom.isNone())
        map.put("password", passwordNode(profile.client.passwordFrom));
    writeWays(map, profile.client.policy);
    if (!profile.authMethod.isEmpty())
        map.bytes("auth_method", profile.authMethod);
    std::vector<Node> subscriptions;
    for (const SubscribeCommand &command : profile.subscribe)
        subscriptions.push_back(subscriptionNode(command));
    if (!subscriptions.empty())
        map.put("subscribe", listNode(std::move(subscriptions)));
    Node node = map.take();
    const QStringList order = profileKeys();
    std::ranges::stable_sort(node.entries, {}, [&order](const Node::Entry &entry) { return order.indexOf(entry.key); });
    return node;
}

QByteArray writeProfile(const Profile &profile)
{
    return writeDocument(profileNode(profile));
}

} // namespace sessionscope
