// MQTT Explorer: its settings hold a map of connections, which newer versions also export alone; the oldest kept one
// connection without a name. It always connects with MQTT 3.1.1, Clean Session 1 and a Keep Alive of 60 s.
#include "core/profile/json_fields.h"

#include "core/mqtt/topic.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QRegularExpression>

namespace sessionscope {

namespace {

QString takeAddress(JsonFields &fields, Profile &profile)
{
    const QString protocol = fields.text(QStringLiteral("protocol")).remove(QStringLiteral("://"));
    const bool isSecure =
        fields.flag(QStringLiteral("encryption")).value_or(false) || fields.flag(QStringLiteral("tls")).value_or(false);
    Endpoint endpoint;
    if (protocol == u"ws")
        endpoint.scheme = isSecure ? Scheme::SecureWebSocket : Scheme::WebSocket;
    else if (protocol == u"mqtt" || protocol == u"tcp" || protocol.isEmpty())
        endpoint.scheme = isSecure ? Scheme::Tls : Scheme::Tcp;
    else
        return QStringLiteral("the protocol \"%1\" is not known").arg(protocol);
    endpoint.host = fields.text(QStringLiteral("host"));
    endpoint.port = quint16(fields.number(QStringLiteral("port"), 1, 65'535).value_or(1883));
    const QString path = fields.text(QStringLiteral("basePath"));
    if (protocol == u"ws")
        endpoint.path = path.startsWith(u'/') ? path : u'/' + path;
    return takeBroker(profile, endpoint);
}

void takeSubscriptions(const QJsonArray &list, ProfileImport &import, Profile &profile)
{
    for (const QJsonValue &item : list) {
        // Before there was a QoS, each was its filter.
        const QString filter = item.isString() ? item.toString() : item[u"topic"].toString();
        SubscribePacket::Entry entry;
        entry.filter = filter.toUtf8();
        entry.options.maximumQos = Qos(std::clamp(item[u"qos"].toInt(), 0, 2));
        if (!isTopicFilter(entry.filter)) {
            import.notes << QStringLiteral("%1: subscription %2 is left out: this is not a topic filter")
                                .arg(profile.name, filter);
            continue;
        }
        SubscribeCommand command;
        command.entries.append(entry);
        profile.subscribe.push_back(command);
    }
}

void takeConnection(const QString &key, const QJsonObject &object, ProfileImport &import)
{
    Profile profile;
    profile.name = object.value(QStringLiteral("name")).toString().trimmed();
    if (profile.name.isEmpty())
        profile.name = key.isEmpty() ? object.value(QStringLiteral("host")).toString() : key;
    profile.client.name = profile.name.toUtf8();
    JsonFields fields(object, profile.name, import.notes);
    if (const QString wrong = takeAddress(fields, profile); !wrong.isEmpty())
        return fields.tell(QStringLiteral("is left out: the address: %1").arg(wrong));
    ConnectPacket &connect = profile.client.connect;
    connect.protocolLevel = quint8(Version::V311);
    connect.keepAlive = 60;
    // Made up anew at each start: no identifier that somebody chose.
    static const QRegularExpression madeUp(QStringLiteral("^mqtt-explorer-[0-9a-f]{8}$"));
    const QString clientId = fields.text(QStringLiteral("clientId"));
    if (madeUp.match(clientId).hasMatch())
        fields.tell(QStringLiteral("clientId is left out: it was made up; the broker assigns one"));
    else
        connect.clientId = clientId.toUtf8();
    if (const QString user = fields.text(QStringLiteral("username")); !user.isEmpty())
        connect.userName = user.toUtf8();
    if (!isEmptyJson(fields.value(QStringLiteral("password"))))
        askForPassword(import, profile);
    takeSubscriptions(fields.value(QStringLiteral("subscriptions")).toArray(), import, profile);
    for (const char *certificate : {"selfSignedCertificate", "clientCertificate", "clientKey"})
        fields.leaveOut(QLatin1String(certificate),
                        QStringLiteral("it is the certificate itself: write it to a file and "
                                       "name that under tls"));
    if (usesTls(profile.client.broker->scheme))
        profile.client.tls.insecure = !fields.flag(QStringLiteral("certValidation")).value_or(true);
    fields.ignore({"name", "id", "configVersion", "type", "certValidation", "order", "favorite", "connectionId"});
    fields.leaveOutRest();
    import.profiles.push_back({{}, profile});
}

} // namespace

ImportResult importMqttExplorer(const QByteArray &json)
{
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(json, &error);
    if (document.isNull())
        return QStringLiteral("not JSON: %1 at byte %2").arg(error.errorString()).arg(error.offset);
    const QJsonObject root = document.object();
    const QJsonValue settings = root.value(QStringLiteral("ConnectionManager_connections"));
    const QJsonObject connections = settings.isObject() ? settings.toObject() : root;
    ProfileImport import;
    if (connections.value(QStringLiteral("host")).isString()) {
        takeConnection({}, connections, import);
    } else {
        for (auto connection = connections.constBegin(); connection != connections.constEnd(); ++connection) {
            if (connection.value()[u"host"].isString())
                takeConnection(connection.key(), connection->toObject(), import);
            else
                import.notes << QStringLiteral("%1 is left out: it is no connection").arg(connection.key());
        }
    }
    if (import.profiles.empty() && import.notes.isEmpty())
        return QStringLiteral("no connections of MQTT Explorer: expected settings.json with "
                              "ConnectionManager_connections, or exported connections");
    return import;
}

} // namespace sessionscope
