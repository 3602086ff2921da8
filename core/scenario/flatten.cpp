#include "core/scenario/flatten.h"

#include "core/scenario/write_command.h"
#include "core/scenario/write_document.h"

namespace sessionscope {

namespace {

void erase(Node &map, QStringView key)
{
    std::erase_if(map.entries, [key](const Node::Entry &entry) { return entry.key == key; });
}

/// Every variable has been replaced: what looks like one is text.
void escape(Node &node)
{
    const auto escaped = [](QString text) { return text.replace(QStringLiteral("${"), QStringLiteral("$${")); };
    if (node.isScalar())
        node.text = escaped(node.text);
    for (Node &item : node.items)
        escape(item);
    for (Node::Entry &entry : node.entries) {
        entry.key = escaped(entry.key);
        escape(entry.value);
    }
}

/// Files are named from where the scenario stood, and it will stand elsewhere.
void freePasswordFile(Node &owner, const SecretReference &from)
{
    if (from.source == SecretSource::File && !from.folder.isEmpty() && !from.name.startsWith(u'/'))
        setEntry(owner, QStringLiteral("password"),
                 passwordNode(SecretReference{from.source, from.folder + u'/' + from.name}));
}

void setClients(Node &root, const Scenario &scenario)
{
    const auto clients = std::ranges::find(root.entries, QStringLiteral("clients"), &Node::Entry::key);
    if (clients == root.entries.end())
        return;
    for (Node::Entry &entry : clients->value.entries) {
        const ClientKey key = scenario.keyOf(entry.key.toUtf8());
        if (!key.value)
            continue;
        const ScenarioClient &client = scenario.clients[key.value - 1];
        freePasswordFile(entry.value, client.passwordFrom);
        if (Node tls = tlsNode(client.tls, FileNames::Resolved); !tls.entries.empty()) {
            escape(tls);
            setEntry(entry.value, QStringLiteral("tls"), std::move(tls));
        }
    }
}

/// Where it was played: what the file said, unless the command line said otherwise.
void setBroker(Node &root, const Scenario &scenario)
{
    if (!scenario.broker)
        return;
    Node broker = brokerNode(*scenario.broker);
    if (scenario.login && scenario.login->userName)
        setEntry(broker, QStringLiteral("username"), textNode(*scenario.login->userName));
    if (scenario.login && !scenario.login->passwordFrom.isNone()) {
        setEntry(broker, QStringLiteral("password"), passwordNode(scenario.login->passwordFrom));
        freePasswordFile(broker, scenario.login->passwordFrom);
    }
    setEntry(root, QStringLiteral("broker"), std::move(broker));
}

} // namespace

QByteArray flattened(const Scenario &scenario, const RunOptions &options, const QString &program)
{
    Node root = scenario.source ? *scenario.source : Node();
    erase(root, u"variables");
    erase(root, u"with");
    escape(root);
    setEntry(root, QStringLiteral("scenario"), textNode(scenario.name.toUtf8()));
    setEntry(root, QStringLiteral("seed"), numberNode(seedOf(scenario, options)));
    if (scenario.clock)
        setEntry(root, QStringLiteral("clock"),
                 scalarNode(*scenario.clock == RunClock::Real ? QStringLiteral("real") : QStringLiteral("virtual")));
    setBroker(root, scenario);
    setClients(root, scenario);
    const QString head = QStringLiteral("# One run of %1, by %2.\n").arg(scenario.place.file, program);
    return head.toUtf8() + writeDocument(root);
}

} // namespace sessionscope
