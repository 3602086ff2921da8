// The setting of a client and of its broker as a file says it, beside the fields of its CONNECT.
#include "core/scenario/scalars.h"
#include "core/scenario/write_command.h"

namespace sessionscope {

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

Node policyNode(const ClientPolicy &policy)
{
    Node node;
    const auto flag = [&node](const QString &key, bool is) {
        if (is)
            setEntry(node, key, flagNode(true));
    };
    flag(QStringLiteral("follow_redirects"), policy.followRedirects);
    flag(QStringLiteral("resubscribe"), policy.resubscribeWhenFresh);
    flag(QStringLiteral("republish_lost"), policy.republishLost);
    flag(QStringLiteral("adopt_unknown_session"), policy.adoptUnknownSession);
    flag(QStringLiteral("clean_after_unanswered_resume"), policy.cleanAfterUnansweredResume);
    flag(QStringLiteral("topic_aliases"), policy.useTopicAliases);
    flag(QStringLiteral("ignore_server_limits"), policy.ignoreServerLimits);
    if (policy.noteViolationsOnly)
        setEntry(node, QStringLiteral("on_violation"), scalarNode(QStringLiteral("note")));
    const ClientPolicy usual;
    if (policy.v3SendMaximum != usual.v3SendMaximum)
        setEntry(node, QStringLiteral("v3_send_maximum"), numberNode(policy.v3SendMaximum));
    if (policy.answerWait != usual.answerWait)
        setEntry(node, QStringLiteral("answer_wait"), scalarNode(spanText(policy.answerWait)));
    if (policy.reconnect.automatic) {
        Node reconnect = mapNode(QStringLiteral("first_wait"), scalarNode(spanText(policy.reconnect.firstWait)));
        setEntry(reconnect, QStringLiteral("longest_wait"), scalarNode(spanText(policy.reconnect.longestWait)));
        setEntry(reconnect, QStringLiteral("attempts"), numberNode(policy.reconnect.maximumAttempts));
        if (policy.reconnect.afterTakeover)
            setEntry(reconnect, QStringLiteral("after_takeover"), flagNode(true));
        setEntry(node, QStringLiteral("auto_reconnect"), std::move(reconnect));
    }
    return node;
}

Node tlsNode(const TlsSettings &tls, FileNames names)
{
    Node node;
    const auto add = [&node](const char *key, const QString &text) {
        if (!text.isEmpty())
            setEntry(node, QLatin1String(key), scalarNode(text));
    };
    const auto file = [&tls, names](const QString &name) {
        return names == FileNames::Resolved ? tls.pathOf(name) : name;
    };
    add("ca_file", file(tls.caFile));
    add("cert", file(tls.certificateFile));
    add("key", file(tls.keyFile));
    add("server_name", tls.serverName);
    add("alpn", tls.alpn);
    if (tls.insecure)
        add("insecure", QStringLiteral("true"));
    return node;
}

Node brokerNode(const Endpoint &broker)
{
    Node node = mapNode(QStringLiteral("url"), scalarNode(toUrl(broker)));
    if (Node tls = tlsNode(broker.tls, FileNames::Resolved); !tls.entries.empty())
        setEntry(node, QStringLiteral("tls"), std::move(tls));
    return node;
}

} // namespace sessionscope
