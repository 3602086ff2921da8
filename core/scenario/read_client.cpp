#include "core/scenario/read_client.h"

#include "core/scenario/scalars.h"
#include "core/scenario/verbs.h"

namespace sessionscope {

namespace {

void readReconnect(const Node &node, ReconnectPolicy &reconnect)
{
    reconnect.automatic = node.isMap() || readFlag(node);
    if (const Node *first = node.find(u"first_wait"))
        reconnect.firstWait = readDuration(*first);
    if (const Node *longest = node.find(u"longest_wait"))
        reconnect.longestWait = readDuration(*longest);
    if (const Node *attempts = node.find(u"attempts"))
        reconnect.maximumAttempts = quint32(readCount(*attempts));
    if (const Node *after = node.find(u"after_takeover"))
        reconnect.afterTakeover = readFlag(*after);
}

void readPolicy(const Node &node, ClientPolicy &policy)
{
    const auto flag = [&node](QStringView key, bool &field) {
        if (const Node *value = node.find(key))
            field = readFlag(*value);
    };
    flag(u"follow_redirects", policy.followRedirects);
    flag(u"resubscribe", policy.resubscribeWhenFresh);
    flag(u"republish_lost", policy.republishLost);
    flag(u"adopt_unknown_session", policy.adoptUnknownSession);
    flag(u"clean_after_unanswered_resume", policy.cleanAfterUnansweredResume);
    flag(u"topic_aliases", policy.useTopicAliases);
    flag(u"ignore_server_limits", policy.ignoreServerLimits);
    if (const Node *violation = node.find(u"on_violation"))
        policy.noteViolationsOnly = violation->text == u"note";
    if (const Node *maximum = node.find(u"v3_send_maximum"))
        policy.v3SendMaximum = quint16(readCount(*maximum));
    if (const Node *wait = node.find(u"answer_wait"))
        policy.answerWait = readDuration(*wait);
    if (const Node *reconnect = node.find(u"auto_reconnect"))
        readReconnect(*reconnect, policy.reconnect);
}

/// The part before the last slash, with it; empty for a plain name.
QString folderOf(const QString &file)
{
    return file.left(file.lastIndexOf(u'/') + 1);
}

} // namespace

std::optional<Endpoint> readUrl(const Node &node, Problems &problems)
{
    const auto endpoint = parseEndpoint(node.text);
    if (endpoint)
        return *endpoint;
    problems.push_back({node.place, endpoint.error()});
    return std::nullopt;
}

SecretReference readPassword(const Node &node, const QString &asker, Problems &problems)
{
    std::vector<SecretReference> ways;
    if (const Node *variable = node.find(u"env"))
        ways.push_back({SecretSource::Environment, variable->text});
    if (const Node *file = node.find(u"file"))
        ways.push_back({SecretSource::File, file->text, folderOf(file->place.file)});
    if (const Node *entry = node.find(u"keyring"))
        ways.push_back({SecretSource::Keyring, entry->text});
    if (node.find(u"ask"))
        ways.push_back({SecretSource::Asked, asker});
    if (ways.size() == 1)
        return ways.front();
    // Anything but a map has been told by the shape.
    if (node.isMap())
        problems.push_back(
            {node.place,
             QStringLiteral("%1 ways to a password: expected one of env, file, keyring and ask").arg(ways.size())});
    return {};
}

TlsSettings readTls(const Node &node, Problems &problems)
{
    TlsSettings tls{.folder = folderOf(node.place.file)};
    const auto text = [&node](QStringView key, QString &field) {
        if (const Node *value = node.find(key))
            field = value->text;
    };
    text(u"ca_file", tls.caFile);
    text(u"cert", tls.certificateFile);
    text(u"key", tls.keyFile);
    text(u"server_name", tls.serverName);
    text(u"alpn", tls.alpn);
    if (const Node *insecure = node.find(u"insecure"))
        tls.insecure = readFlag(*insecure);
    if (tls.certificateFile.isEmpty() != tls.keyFile.isEmpty())
        problems.push_back({node.place, QStringLiteral("a certificate and its key go together: expected both cert and "
                                                       "key, or neither")});
    return tls;
}

void readClient(const Node &map, const Place &place, ScenarioClient &client, Problems &problems)
{
    readConnect(map, client.connect);
    readPolicy(map, client.policy);
    if (const Node *password = map.find(u"password"))
        client.passwordFrom =
            readPassword(*password, QString::fromUtf8(client.connect.userName.value_or(client.name)), problems);
    if (const Node *tls = map.find(u"tls"); tls && tls->isMap())
        client.tls = readTls(*tls, problems);
    const bool isV5 = client.connect.protocolLevel == quint8(Version::V5);
    if (!isV5 && !client.connect.properties.isEmpty())
        problems.push_back({place, QStringLiteral("%1 has properties, which MQTT 5 brought: expected version: 5, "
                                                  "or no session_expiry, receive_maximum and the like")
                                       .arg(QString::fromUtf8(client.name))});
}

} // namespace sessionscope
