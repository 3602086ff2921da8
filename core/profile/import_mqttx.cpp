// MQTTX. Its exports have changed over the years: MQTT 5 properties stood beside the other fields before they moved
// into an object of their own, and the will's likewise; the protocol was told by ssl alone. All of these are read.
#include "core/profile/json_fields.h"

#include "core/mqtt/topic.h"
#include "core/scenario/scalars.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QMap>

#include <limits>

namespace sessionscope {

namespace {

constexpr qint64 most32 = std::numeric_limits<quint32>::max();

const QString &onlyForTheEye()
{
    static const QString text = QStringLiteral("it is only for the eye");
    return text;
}

/// The fields of an object of properties laid over those that stand beside it.
QJsonObject withProperties(const QJsonObject &object)
{
    QJsonObject all = object;
    all.remove(QStringLiteral("properties"));
    const QJsonObject inner = object.value(QStringLiteral("properties")).toObject();
    for (auto field = inner.constBegin(); field != inner.constEnd(); ++field) {
        if (!field.value().isNull())
            all.insert(field.key(), field.value());
    }
    return all;
}

void takeVersion(JsonFields &fields, ConnectPacket &connect)
{
    const QString name = fields.text(QStringLiteral("mqttVersion"));
    const auto level = fields.number(QStringLiteral("protocolVersion"), 3, 5);
    Version version = Version::V311;
    if (name == u"5.0" || name == u"5" || (name.isEmpty() && level == 5))
        version = Version::V5;
    else if (name == u"3.1" || name == u"3" || (name.isEmpty() && level == 3))
        version = Version::V31;
    else if (!name.isEmpty() && name != u"3.1.1" && name != u"4")
        fields.tell(QStringLiteral("mqttVersion %1 is not known: taken for 3.1.1").arg(name));
    connect.protocolLevel = quint8(version);
    connect.protocolName = version == Version::V31 ? "MQIsdp" : "MQTT";
}

QString takeAddress(JsonFields &fields, Profile &profile)
{
    QString scheme = fields.text(QStringLiteral("protocol"));
    QString host = fields.text(QStringLiteral("host"));
    const bool isSecure = fields.flag(QStringLiteral("ssl")).value_or(false);
    if (const qsizetype end = host.indexOf(u"://"); end >= 0) {
        scheme = host.left(end);
        host = host.mid(end + 3);
    }
    scheme.remove(QStringLiteral("://"));
    if (scheme.isEmpty())
        scheme = isSecure ? QStringLiteral("mqtts") : QStringLiteral("mqtt");
    static const QMap<QString, Scheme> schemes{{QStringLiteral("mqtt"), Scheme::Tcp},
                                               {QStringLiteral("mqtts"), Scheme::Tls},
                                               {QStringLiteral("ws"), Scheme::WebSocket},
                                               {QStringLiteral("wss"), Scheme::SecureWebSocket}};
    if (!schemes.contains(scheme))
        return QStringLiteral("the protocol \"%1\" is not known").arg(scheme);
    Endpoint endpoint{schemes.value(scheme), host, 1883, {}};
    endpoint.port = quint16(fields.number(QStringLiteral("port"), 1, 65'535).value_or(1883));
    const QString path = fields.text(QStringLiteral("path"));
    if (endpoint.scheme == Scheme::WebSocket || endpoint.scheme == Scheme::SecureWebSocket)
        endpoint.path = path;
    return takeBroker(profile, endpoint);
}

void takeTls(JsonFields &fields, Profile &profile)
{
    if (!usesTls(profile.client.broker->scheme)) {
        for (const char *key : {"ca", "cert", "key", "ALPNProtocols"})
            fields.leaveOut(QLatin1String(key), QStringLiteral("the address is not one of TLS"));
        return;
    }
    TlsSettings &tls = profile.client.tls;
    tls.caFile = fields.text(QStringLiteral("ca"));
    tls.certificateFile = fields.text(QStringLiteral("cert"));
    tls.keyFile = fields.text(QStringLiteral("key"));
    tls.alpn = fields.text(QStringLiteral("ALPNProtocols")).section(u',', 0, 0).trimmed();
    tls.insecure = !fields.flag(QStringLiteral("rejectUnauthorized")).value_or(true);
    if (tls.certificateFile.isEmpty() != tls.keyFile.isEmpty()) {
        fields.tell(QStringLiteral("cert and key are left out: one of them is missing"));
        tls.certificateFile.clear();
        tls.keyFile.clear();
    }
}

void takeProperties(JsonFields &fields, Properties &properties)
{
    struct Row
    {
        const char *key;
        PropertyId id;
        qint64 least;
        qint64 most;
    };
    static constexpr Row rows[] = {
        {"sessionExpiryInterval", PropertyId::SessionExpiryInterval, 0, most32},
        {"receiveMaximum", PropertyId::ReceiveMaximum, 1, 65'535},
        {"maximumPacketSize", PropertyId::MaximumPacketSize, 1, most32},
        {"topicAliasMaximum", PropertyId::TopicAliasMaximum, 0, 65'535},
    };
    for (const Row &row : rows) {
        if (const auto value = fields.number(QLatin1String(row.key), row.least, row.most))
            properties.add(row.id, quint32(*value));
    }
    if (const auto wanted = fields.flag(QStringLiteral("requestResponseInformation")))
        properties.add(PropertyId::RequestResponseInformation, quint32(*wanted));
    if (const auto wanted = fields.flag(QStringLiteral("requestProblemInformation")))
        properties.add(PropertyId::RequestProblemInformation, quint32(*wanted));
    takeUserProperties(properties, fields.value(QStringLiteral("userProperties")), fields);
}

void takeWill(const QJsonObject &object, const QString &name, QStringList &notes, ConnectPacket &connect)
{
    JsonFields fields(withProperties(object), name + QStringLiteral(": will"), notes);
    Will will;
    will.topic = fields.text(QStringLiteral("lastWillTopic")).toUtf8();
    if (will.topic.isEmpty())
        return;
    will.payload = fields.text(QStringLiteral("lastWillPayload")).toUtf8();
    will.qos = Qos(fields.number(QStringLiteral("lastWillQos"), 0, 2).value_or(0));
    will.retain = fields.flag(QStringLiteral("lastWillRetain")).value_or(false);
    if (connect.protocolLevel == quint8(Version::V5)) {
        if (const auto delay = fields.number(QStringLiteral("willDelayInterval"), 0, most32))
            will.properties.add(PropertyId::WillDelayInterval, quint32(*delay));
        if (const auto expiry = fields.number(QStringLiteral("messageExpiryInterval"), 0, most32))
            will.properties.add(PropertyId::MessageExpiryInterval, quint32(*expiry));
        if (const QString type = fields.text(QStringLiteral("contentType")); !type.isEmpty())
            will.properties.add(PropertyId::ContentType, type.toUtf8());
        if (const QString topic = fields.text(QStringLiteral("responseTopic")); !topic.isEmpty())
            will.properties.add(PropertyId::ResponseTopic, topic.toUtf8());
        if (const QString data = fields.text(QStringLiteral("correlationData")); !data.isEmpty())
            will.properties.add(PropertyId::CorrelationData, data.toUtf8());
        takeUserProperties(will.properties, fields.value(QStringLiteral("userProperties")), fields);
    }
    fields.leaveOut(QStringLiteral("payloadFormatIndicator"), QStringLiteral("the will of a profile has none"));
    fields.ignore({"id", "connection"});
    fields.leaveOutRest();
    connect.will = will;
}

void takeSubscription(const QJsonObject &object, ProfileImport &import, Profile &profile)
{
    const QString filter = object.value(QStringLiteral("topic")).toString();
    JsonFields fields(object, profile.name + QStringLiteral(": subscription ") + filter, import.notes);
    fields.ignore({"topic", "id", "createAt", "connectionId", "connection", "retain", "disabled"});
    SubscribePacket::Entry entry;
    entry.filter = filter.toUtf8();
    if (!isTopicFilter(entry.filter))
        return fields.tell(QStringLiteral("is left out: this is not a topic filter"));
    entry.options.maximumQos = Qos(fields.number(QStringLiteral("qos"), 0, 2).value_or(0));
    SubscribeCommand command;
    if (profile.client.connect.protocolLevel == quint8(Version::V5)) {
        entry.options.noLocal = fields.flag(QStringLiteral("nl")).value_or(false);
        entry.options.retainAsPublished = fields.flag(QStringLiteral("rap")).value_or(false);
        entry.options.retainHandling = RetainHandling(fields.number(QStringLiteral("rh"), 0, 2).value_or(0));
        const QString identifier = QStringLiteral("subscriptionIdentifier");
        if (const auto value = fields.number(identifier, 0, 268'435'455); value.value_or(0) > 0)
            command.properties.add(PropertyId::SubscriptionIdentifier, quint32(*value));
        takeUserProperties(command.properties, fields.value(QStringLiteral("userProperties")), fields);
    }
    fields.leaveOut(QStringLiteral("alias"), onlyForTheEye());
    fields.ignore({"color"});
    fields.leaveOutRest();
    command.entries.append(entry);
    profile.subscribe.push_back(command);
}

void takeWays(JsonFields &fields, ClientPolicy &policy)
{
    policy.reconnect.automatic = fields.flag(QStringLiteral("reconnect")).value_or(false);
    if (const auto period = fields.number(QStringLiteral("reconnectPeriod"), 1, 3'600'000);
        period && policy.reconnect.automatic)
        policy.reconnect.firstWait = policy.reconnect.longestWait = std::chrono::milliseconds(*period);
    policy.resubscribeWhenFresh = fields.flag(QStringLiteral("resubscribe")).value_or(false);
    if (const auto wait = fields.number(QStringLiteral("connectTimeout"), 1, 3600))
        policy.answerWait = std::chrono::seconds(*wait);
}

void takeLogin(JsonFields &fields, ProfileImport &import, Profile &profile)
{
    if (const QString user = fields.text(QStringLiteral("username")); !user.isEmpty())
        profile.client.connect.userName = user.toUtf8();
    const bool hasPassword = !isEmptyJson(fields.value(QStringLiteral("password")));
    if (hasPassword)
        askForPassword(import, profile);
    const QString method = fields.text(QStringLiteral("authenticationMethod"));
    if (method == u"SCRAM-SHA-256" || method == u"SCRAM-SHA-1") {
        if (profile.client.connect.userName && hasPassword)
            profile.authMethod = method.toUtf8();
        else
            fields.tell(QStringLiteral("authenticationMethod is left out: it needs a user name and a password"));
    } else if (!method.isEmpty()) {
        fields.tell(
            QStringLiteral("authenticationMethod %1 is left out: expected SCRAM-SHA-256 or SCRAM-SHA-1").arg(method));
    }
    // Its value may be a secret as well.
    fields.leaveOut(QStringLiteral("authenticationData"), QStringLiteral("it may be a secret"));
}

void leaveOutTheRest(JsonFields &fields)
{
    fields.leaveOut(QStringLiteral("clientIdWithTime"),
                    QStringLiteral("the Client Identifier stays as it is, so that its session can be resumed"));
    if (const auto messages = fields.value(QStringLiteral("messages")).toArray().size())
        fields.tell(QStringLiteral("%1 messages are left out: a profile keeps none").arg(messages));
    fields.ignore({"id", "name", "createAt", "updateAt", "unreadMessageCount", "client", "isCollection", "parentId",
                   "parent", "orderId", "rejectUnauthorized", "certType", "clientuuid", "brokeruuid"});
    fields.leaveOutRest();
}

QString takeConnection(const QJsonObject &object, const QString &folder, ProfileImport &import)
{
    Profile profile;
    profile.name = object.value(QStringLiteral("name")).toString().trimmed();
    if (profile.name.isEmpty())
        profile.name = object.value(QStringLiteral("clientId")).toString();
    profile.client.name = profile.name.toUtf8();
    QJsonObject flat = withProperties(object);
    QJsonObject will = flat.take(QStringLiteral("will")).toObject();
    const QJsonArray subscriptions = flat.take(QStringLiteral("subscriptions")).toArray();
    // Before the will had an object of its own.
    for (const char *key : {"lastWillTopic", "lastWillPayload", "lastWillQos", "lastWillRetain"}) {
        const QJsonValue beside = flat.take(QLatin1String(key));
        if (!beside.isUndefined() && !will.contains(QLatin1String(key)))
            will.insert(QLatin1String(key), beside);
    }
    // What the publish form last held.
    for (const QString &key : flat.keys()) {
        if (key.startsWith(u"pushProps"))
            flat.remove(key);
    }
    JsonFields fields(flat, profile.name, import.notes);
    if (const QString wrong = takeAddress(fields, profile); !wrong.isEmpty())
        return QStringLiteral("%1: the address: %2").arg(profile.name, wrong);
    takeTls(fields, profile);
    ConnectPacket &connect = profile.client.connect;
    takeVersion(fields, connect);
    connect.clientId = fields.text(QStringLiteral("clientId")).toUtf8();
    connect.cleanStart = fields.flag(QStringLiteral("clean")).value_or(true);
    connect.keepAlive = quint16(fields.number(QStringLiteral("keepalive"), 0, 65'535).value_or(60));
    Properties properties;
    takeProperties(fields, properties);
    if (connect.protocolLevel == quint8(Version::V5))
        connect.properties = properties;
    else if (!properties.isEmpty())
        fields.tell(QStringLiteral("properties are left out: they came with MQTT 5"));
    takeLogin(fields, import, profile);
    takeWays(fields, profile.client.policy);
    takeWill(will, profile.name, import.notes, connect);
    for (const QJsonValue &subscription : subscriptions)
        takeSubscription(subscription.toObject(), import, profile);
    leaveOutTheRest(fields);
    import.profiles.push_back({folder, profile});
    return {};
}

/// The paths of collections by their ids. A collection that is its own ancestor ends there.
class Folders
{
public:
    explicit Folders(const QJsonArray &records)
    {
        for (const QJsonValue &record : records) {
            if (record[u"isCollection"].toBool())
                m_records.insert(record[u"id"].toString(), record.toObject());
        }
    }
    QString pathOf(const QString &id) const
    {
        QStringList names;
        QString next = id;
        while (m_records.contains(next) && names.size() < m_records.size()) {
            const QJsonObject &record = *m_records.constFind(next);
            names.prepend(record.value(QStringLiteral("name")).toString());
            next = record.value(QStringLiteral("parentId")).toString();
        }
        return names.join(u'/');
    }

private:
    QMap<QString, QJsonObject> m_records;
};

} // namespace

ImportResult importMqttx(const QByteArray &json)
{
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(json, &error);
    if (document.isNull())
        return QStringLiteral("not JSON: %1 at byte %2").arg(error.errorString()).arg(error.offset);
    const QJsonArray records = document.isArray() ? document.array() : QJsonArray{document.object()};
    const Folders folders(records);
    ProfileImport import;
    bool isMqttx = false;
    for (const QJsonValue &record : records) {
        if (record[u"isCollection"].toBool())
            continue;
        if (!record[u"host"].isString() || !record[u"clientId"].isString()) {
            import.notes << QStringLiteral("a record is left out: expected a connection with host and clientId");
            continue;
        }
        isMqttx = true;
        const QString wrong = takeConnection(record.toObject(), folders.pathOf(record[u"parentId"].toString()), import);
        if (!wrong.isEmpty())
            import.notes << wrong;
    }
    if (!isMqttx)
        return QStringLiteral("no export of MQTTX: expected an array of connections, each with name, host, port and "
                              "clientId");
    return import;
}

} // namespace sessionscope
