#include "core/scenario/flatten.h"

#include "core/scenario/read_client.h"
#include "core/scenario/recorder.h"
#include "core/scenario/write_command.h"
#include "core/scenario/write_document.h"

#include <functional>

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

/// Files are named from where the scenario stood, and it will stand elsewhere. key: of owner, where the password is.
void freePasswordFile(Node &owner, const SecretReference &from, const QString &key = QStringLiteral("password"))
{
    if (from.source == SecretSource::File && !from.folder.isEmpty() && !from.name.startsWith(u'/'))
        setEntry(owner, key, passwordNode(SecretReference{from.source, from.folder + u'/' + from.name}));
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

/// Of the connects of steps, which have passwords of their own.
void freePasswordFiles(Node &node)
{
    for (Node &item : node.items)
        freePasswordFiles(item);
    for (Node::Entry &entry : node.entries) {
        const Node *password = entry.key == u"connect" ? entry.value.find(u"password") : nullptr;
        Problems problems;
        if (password && password->isMap())
            freePasswordFile(entry.value, readPassword(*password, {}, problems));
        freePasswordFiles(entry.value);
    }
}

/// Of the users that the bundled broker knows.
void freeUserFiles(Node &broker)
{
    for (Node::Entry &methods : broker.entries) {
        if (methods.key != u"authentication")
            continue;
        for (Node &method : methods.value.items) {
            const auto users = std::ranges::find(method.entries, QStringLiteral("users"), &Node::Entry::key);
            if (users == method.entries.end())
                continue;
            Problems problems;
            for (const Node::Entry &user : users->value.entries)
                freePasswordFile(users->value, readPassword(user.value, {}, problems), user.key);
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

/// What authentication methods send may be a secret as much as a password, and whether it came by a variable shows no
/// more: the file demands all of it by variables, as a recording does.
class DataTaker
{
public:
    explicit DataTaker(const Scenario &scenario) : m_scenario(scenario) {}

    void takeFrom(Node &root)
    {
        for (Node::Entry &entry : root.entries) {
            if (entry.key == u"clients")
                takeScripts(entry.value);
            else if (entry.key == u"broker")
                takeExchanges(entry.value);
            else
                takeAuths(entry.value, {});
        }
    }
    const QStringList &names() const { return m_names; }

private:
    /// Calls take with the value of key, if there is one.
    static void with(Node &map, QStringView key, const std::function<void(Node &)> &take)
    {
        for (Node::Entry &entry : map.entries) {
            if (entry.key == key)
                take(entry.value);
        }
    }

    void takeScripts(Node &clients)
    {
        for (Node::Entry &client : clients.entries) {
            with(client.value, u"authentication", [this, &client](Node &authentication) {
                with(authentication, u"script", [this, &client](Node &script) {
                    for (Node &data : script.items)
                        replace(data, client.key);
                });
            });
        }
    }

    void takeExchanges(Node &broker)
    {
        const auto takeOne = [this](Node &data) { replace(data, QStringLiteral("broker")); };
        with(broker, u"authentication", [&takeOne](Node &methods) {
            for (Node &method : methods.items) {
                with(method, u"exchanges", [&takeOne](Node &exchanges) {
                    for (Node &exchange : exchanges.items) {
                        with(exchange, u"challenge", takeOne);
                        with(exchange, u"response", takeOne);
                    }
                });
            }
        });
    }

    /// Of all steps in here. under: the key that the node stands at; the client's name, of a verb.
    void takeAuths(Node &node, const QString &under)
    {
        const auto takeData = [this, &under](Node &verb) {
            with(verb, u"data", [this, &under](Node &data) { replace(data, under); });
        };
        const bool isClient = m_scenario.keyOf(under.toUtf8()).value != 0;
        for (Node &item : node.items)
            takeAuths(item, under);
        for (Node::Entry &entry : node.entries) {
            if (entry.key == u"auth" && isClient)
                takeData(entry.value);
            else if (entry.key == u"connect" && isClient)
                with(entry.value, u"authentication", takeData);
            else if (entry.key == u"authentication_data")
                replace(entry.value, QStringLiteral("expected"));
            else
                takeAuths(entry.value, entry.key);
        }
    }

    /// Bytes stay in the form in which they stood.
    void replace(Node &data, const QString &owner)
    {
        std::size_t number = 1;
        while (m_names.contains(Recorder::dataVariable(owner, number)))
            ++number;
        m_names << Recorder::dataVariable(owner, number);
        Node variable = scalarNode(QStringLiteral("${%1}").arg(m_names.back()));
        const bool isBytes =
            data.entries.size() == 1 && (data.entries.front().key == u"hex" || data.entries.front().key == u"base64");
        if (isBytes)
            data.entries.front().value = std::move(variable);
        else
            data = std::move(variable);
    }

    const Scenario &m_scenario;
    QStringList m_names;
};

/// root as a file that may be kept, behind head.
QByteArray written(Node root, const Scenario &scenario, QString head)
{
    setClients(root, scenario);
    for (Node::Entry &entry : root.entries) {
        if (entry.key != u"clients")
            freePasswordFiles(entry.value);
        if (entry.key == u"broker")
            freeUserFiles(entry.value);
    }
    DataTaker taker(scenario);
    taker.takeFrom(root);
    if (!taker.names().isEmpty())
        head += QStringLiteral("# What its authentication sends is not in it: give it by --set NAME=VALUE, for %1.\n")
                    .arg(taker.names().join(QStringLiteral(", ")));
    return head.toUtf8() + writeDocument(root);
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
    return written(std::move(root), scenario,
                   QStringLiteral("# One run of %1, by %2.\n").arg(scenario.place.file, program));
}

QByteArray withoutSecrets(const QByteArray &file, const Scenario &scenario)
{
    auto root = readDocument(file, scenario.place.file);
    Q_ASSERT(root);
    return written(std::move(*root), scenario, {});
}

} // namespace sessionscope
