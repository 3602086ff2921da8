#include "core/scenario/read_scenario.h"

#include "core/notation/values.h"
#include "core/scenario/grammar.h"
#include "core/scenario/payloads.h"
#include "core/scenario/read_client.h"
#include "core/scenario/read_step.h"
#include "core/scenario/scalars.h"
#include "core/scenario/take_profiles.h"
#include "core/scenario/told_client.h"
#include "core/scenario/verbs.h"

#include <QRegularExpression>

namespace sessionscope {

namespace {

// ---- includes and variables, on the tree ----

class Includer
{
public:
    Includer(const LoadFile &load, Problems &problems) : m_load(load), m_problems(problems) {}

    /// Puts the steps of other files where a list names them.
    void expand(Node &node, int depth = 0)
    {
        for (Node::Entry &entry : node.entries)
            expand(entry.value, depth);
        if (!node.isList())
            return;
        std::vector<Node> items;
        for (Node &item : node.items) {
            expand(item, depth);
            if (const Node *include = item.find(u"include"); include && item.isMap())
                take(items, *include, depth);
            else
                items.push_back(std::move(item));
        }
        node.items = std::move(items);
    }

private:
    void report(const Place &place, const QString &what) { m_problems.push_back({place, what}); }

    void take(std::vector<Node> &items, const Node &include, int depth)
    {
        if (depth >= includeDepthLimit)
            return report(include.place,
                          QStringLiteral("files include each other more than %1 deep").arg(includeDepthLimit));
        if (!m_load)
            return report(include.place, QStringLiteral("no other file can be read from here"));
        const auto loaded = m_load(include.text, include.place.file, LoadKind::Included);
        if (!loaded)
            return report(include.place, loaded.error());
        auto document = readDocument(loaded->text, loaded->file);
        if (!document) {
            m_problems.insert(m_problems.end(), document.error().begin(), document.error().end());
            return;
        }
        Node steps = std::move(document).value();
        if (const Node *inside = steps.find(u"steps"))
            steps = Node(*inside);
        if (!steps.isList())
            return report(include.place, QStringLiteral("\"%1\" holds no list of steps").arg(include.text));
        expand(steps, depth + 1);
        for (Node &step : steps.items)
            items.push_back(std::move(step));
    }

    const LoadFile &m_load;
    Problems &m_problems;
};

/// Replaces ${NAME} in every text and every key; $${ stands for ${.
class Replacer
{
public:
    Replacer(const Variables &variables, Problems &problems) : m_variables(variables), m_problems(problems) {}

    void replace(Node &node)
    {
        if (node.isScalar() && node.text.contains(u"${"))
            node.text = replaced(node.text, node.place);
        for (Node &item : node.items)
            replace(item);
        QStringList keys;
        for (Node::Entry &entry : node.entries) {
            if (entry.key.contains(u"${"))
                entry.key = replaced(entry.key, entry.place);
            if (keys.contains(entry.key))
                m_problems.push_back({entry.place, QStringLiteral("the key \"%1\" stands twice").arg(entry.key)});
            keys << entry.key;
            replace(entry.value);
        }
    }

private:
    QString replaced(const QString &text, const Place &place)
    {
        static const QRegularExpression name(QStringLiteral("(\\$?)\\$\\{([^}]*)\\}"));
        QString result;
        qsizetype from = 0;
        for (auto matches = name.globalMatch(text); matches.hasNext();) {
            const auto match = matches.next();
            result += text.mid(from, match.capturedStart() - from);
            from = match.capturedEnd();
            if (!match.captured(1).isEmpty())
                result += match.captured().mid(1);
            else if (const auto value = m_variables.find(match.captured(2)); value != m_variables.end())
                result += value->second;
            else
                unknown(match.captured(2), place);
        }
        return result + text.mid(from);
    }

    void unknown(const QString &name, const Place &place)
    {
        QStringList known;
        for (const auto &[key, value] : m_variables)
            known << key;
        m_problems.push_back(
            {place, QStringLiteral("${%1} has no value: expected it under variables, in a row of with, "
                                   "or by --set %1=VALUE.%2")
                        .arg(name, didYouMean(name, known))});
    }

    const Variables &m_variables;
    Problems &m_problems;
};

Variables variablesOf(const Node *map)
{
    Variables variables;
    for (const Node::Entry &entry : map ? map->entries : std::vector<Node::Entry>())
        variables[entry.key] = entry.value.text;
    return variables;
}

// ---- the parts of a scenario ----

bool isScram(const QByteArray &method)
{
    return method == "SCRAM-SHA-256" || method == "SCRAM-SHA-1";
}

/// As the command line's --auth-method and --auth-data have it.
void readAuthentication(const Node::Entry &entry, ScenarioClient &client, Problems &problems)
{
    const Node *node = entry.value.find(u"authentication");
    const Node *method = node ? node->find(u"method") : nullptr;
    if (!method)
        return;
    const auto wrong = [&](const QString &what) { problems.push_back({node->place, what}); };
    if (client.connect.protocolLevel != quint8(Version::V5))
        wrong(QStringLiteral("MQTT 5 brought enhanced authentication: expected version: 5"));
    Authentication authentication{.method = readText(*method)};
    if (const Node *script = node->find(u"script")) {
        for (const Node &item : script->items)
            authentication.script.push_back(readPayload(item));
    }
    if (authentication.script.empty()) {
        if (!isScram(authentication.method))
            wrong(QStringLiteral("\"%1\" is not known here: expected SCRAM-SHA-256 or SCRAM-SHA-1, or a script with "
                                 "the data to send")
                      .arg(method->text));
        else if (!client.connect.userName || client.passwordFrom.isNone())
            wrong(QStringLiteral("%1 proves a password: expected username and password beside it").arg(method->text));
        authentication.userName = std::exchange(client.connect.userName, {}).value_or(QByteArray());
    }
    client.authentication = std::move(authentication);
}

ScenarioClient readScenarioClient(const Node::Entry &entry, Problems &problems)
{
    ScenarioClient client;
    client.name = entry.key.toUtf8();
    client.connect.clientId = client.name;
    client.hasGivenId = entry.value.find(u"client_id") != nullptr;
    readClient(entry.value, entry.place, client, problems);
    if (const Node *broker = entry.value.find(u"broker"))
        client.broker = readUrl(*broker, problems);
    readAuthentication(entry, client, problems);
    return client;
}

void readLogin(const Node &broker, Scenario &scenario, Problems &problems)
{
    const Node *userName = broker.find(u"username");
    const Node *password = broker.find(u"password");
    if (!userName && !password)
        return;
    BrokerLogin login;
    if (userName)
        login.userName = readText(*userName);
    if (password)
        login.passwordFrom =
            readPassword(*password, userName ? userName->text : QStringLiteral("the broker's clients"), problems);
    scenario.login = login;
}

void readUsers(const Node &users, ScenarioMethod &method, Problems &problems)
{
    method.users.emplace();
    for (const Node::Entry &entry : users.entries)
        method.users->emplace_back(entry.key.toUtf8(), readPassword(entry.value, entry.key, problems));
    if (!isScram(method.name))
        problems.push_back({users.place, QStringLiteral("users prove their passwords by SCRAM-SHA-256 or SCRAM-SHA-1: "
                                                        "expected one of these methods, or exchanges")});
}

void readMethods(const Node &list, Scenario &scenario, Problems &problems)
{
    for (const Node &item : list.items) {
        ScenarioMethod method;
        if (const Node *name = item.find(u"method"))
            method.name = readText(*name);
        const Node *exchanges = item.find(u"exchanges");
        const Node *users = item.find(u"users");
        if (item.isMap() && !exchanges == !users)
            problems.push_back({item.place, QStringLiteral("a method is played from exchanges or has users: expected "
                                                           "one of the two")});
        for (const Node &one : exchanges ? exchanges->items : std::vector<Node>()) {
            const Node *challenge = one.find(u"challenge");
            const Node *response = one.find(u"response");
            if (challenge && response)
                method.script.push_back({readPayload(*challenge), readPayload(*response)});
        }
        if (users)
            readUsers(*users, method, problems);
        scenario.methods.push_back(std::move(method));
    }
}

void readBroker(const Node *node, Scenario &scenario, Problems &problems)
{
    if (!node || !node->isMap())
        return;
    readLogin(*node, scenario, problems);
    const Node *settings = node->find(u"settings");
    const Node *limits = node->find(u"limits");
    if (settings && limits)
        problems.push_back(
            {limits->place, QStringLiteral("limits is another word for settings: expected one of them")});
    settings = settings ? settings : limits;
    const Node *methods = node->find(u"authentication");
    if (const Node *url = node->find(u"url")) {
        scenario.broker = readUrl(*url, problems);
        if (settings)
            problems.push_back({settings->place, QStringLiteral("settings are those of the bundled broker: expected "
                                                                "either url or settings")});
        if (methods)
            problems.push_back({methods->place, QStringLiteral("methods of authentication are those of the bundled "
                                                               "broker: expected either url or authentication")});
    }
    if (const Node *tls = node->find(u"tls"); tls && tls->isMap()) {
        if (scenario.broker)
            scenario.broker->tls = readTls(*tls, problems);
        else if (!node->find(u"url"))
            problems.push_back({tls->place, QStringLiteral("tls is for a broker that is reached by TLS: expected url "
                                                           "or profile beside it")});
    }
    if (settings)
        applySettings(scenario.config, readSettings(*settings));
    if (methods)
        readMethods(*methods, scenario, problems);
    scenario.hasSettings = settings || methods;
}

/// The broker does nothing about somebody it does not know, so a misspelt name would go by without a word.
void checkToldClients(const Scenario &scenario, Problems &problems)
{
    QByteArrayList known;
    bool isAnybody = false; // who has an id that no file can say, or connects by bytes
    for (const ScenarioClient &client : scenario.clients) {
        known << client.name << client.connect.clientId;
        isAnybody = isAnybody || client.connect.clientId.isEmpty();
    }
    const auto forEach = [&scenario](const auto &take) {
        for (const Steps *steps : {&scenario.control, &scenario.steps, &scenario.finally})
            forEachStep(*steps, take);
    };
    forEach([&](const Step &step) {
        const auto *one = std::get_if<CommandAction>(&step.action);
        const auto *done = one ? std::get_if<ClientDo>(&one->command) : nullptr;
        if (const auto *connect = done ? std::get_if<ConnectCommand>(&done->command) : nullptr)
            known << connect->packet.clientId;
        isAnybody = isAnybody || (one && std::holds_alternative<SendRaw>(one->command));
    });
    forEach([&](const Step &step) {
        const QByteArray *told = toldClientId(step.action);
        if (!told || isAnybody || known.contains(*told))
            return;
        const QString name = QString::fromUtf8(*told);
        QStringList names;
        for (const ScenarioClient &client : scenario.clients)
            names << QString::fromUtf8(client.name);
        problems.push_back({step.place, QStringLiteral("\"%1\" is neither a client of this scenario nor a Client "
                                                       "Identifier that one connects with: expected %2.%3")
                                            .arg(name, names.join(QStringLiteral(", ")), didYouMean(name, names))});
    });
}

Scenario readScenario(const Node &root, Problems &problems)
{
    Scenario scenario;
    scenario.place = root.place;
    if (const Node *name = root.find(u"scenario"))
        scenario.name = name->text;
    if (const Node *about = root.find(u"about"))
        scenario.about = about->text;
    if (const Node *statements = root.find(u"statements")) {
        for (const Node &item : statements->items)
            scenario.statements << item.text;
    }
    readBroker(root.find(u"broker"), scenario, problems);
    if (const Node *clock = root.find(u"clock")) {
        scenario.clock = clock->text == u"real" ? RunClock::Real : RunClock::Virtual;
        if (scenario.broker && scenario.clock == RunClock::Virtual)
            problems.push_back(
                {clock->place, QStringLiteral("another broker lives in real time: expected clock: real")});
    }
    if (const Node *seed = root.find(u"seed"))
        scenario.seed = quint64(readCount(*seed));
    if (const Node *limits = root.find(u"limits")) {
        if (const Node *step = limits->find(u"step"))
            scenario.limits.step = readDuration(*step);
        if (const Node *total = limits->find(u"total"))
            scenario.limits.total = readDuration(*total);
    }
    if (const Node *invariants = root.find(u"invariants"))
        scenario.checksInvariants = invariants->text != u"off";
    if (const Node *breaks = root.find(u"breaks")) {
        for (const Node &item : breaks->items) {
            for (std::size_t i = 0; i < invariantCount; ++i) {
                if (item.text == invariantName(Invariant(i)))
                    scenario.breaks.push_back(Invariant(i));
            }
        }
        if (!scenario.breaks.empty() && !scenario.checksInvariants)
            problems.push_back({breaks->place, QStringLiteral("nothing is broken while the invariants are off")});
    }
    if (const Node *clients = root.find(u"clients")) {
        for (const Node::Entry &entry : clients->entries)
            scenario.clients.push_back(readScenarioClient(entry, problems));
    }
    if (const Node *control = root.find(u"control"))
        scenario.control = readSteps(*control, scenario, problems);
    if (const Node *steps = root.find(u"steps"))
        scenario.steps = readSteps(*steps, scenario, problems);
    if (const Node *last = root.find(u"finally"))
        scenario.finally = readSteps(*last, scenario, problems);
    checkToldClients(scenario, problems);
    return scenario;
}

QString rowText(const Node &row)
{
    QStringList parts;
    for (const Node::Entry &entry : row.entries)
        parts << entry.key + u'=' + entry.value.text;
    return QStringLiteral(" [%1]").arg(parts.join(QStringLiteral(", ")));
}

/// The whole of what is said once, however many rows of the table show it.
void addNew(Problems &all, const Problems &more)
{
    for (const Problem &problem : more) {
        if (std::ranges::find(all, problem) == all.end())
            all.push_back(problem);
    }
}

Scenario readRow(Node root, const Variables &variables, const LoadFile &load, Problems &problems)
{
    Problems found;
    Replacer(variables, found).replace(root);
    takeProfiles(root, load, found);
    takeInPayloads(root, load, found);
    checkShape(root, scenarioShape(), found);
    // Names and numbers are worth a look even beside a misspelt key.
    Scenario scenario;
    if (root.isMap())
        scenario = readScenario(root, found);
    addNew(problems, found);
    scenario.source = std::make_shared<const Node>(std::move(root));
    return scenario;
}

} // namespace

ClientKey Scenario::keyOf(const QByteArray &wanted) const
{
    const auto found = std::ranges::find(clients, wanted, &ScenarioClient::name);
    return found == clients.end() ? ClientKey{} : ClientKey{quint32(found - clients.begin()) + 1};
}

Result<std::vector<Scenario>, Problems> readScenarios(const QByteArray &text, const QString &file,
                                                      const Variables &variables, const LoadFile &load)
{
    auto document = readDocument(text, file);
    if (!document)
        return document.error();
    Problems problems;
    Node root = std::move(document).value();
    Includer(load, problems).expand(root);
    const Node *table = root.find(u"with");
    std::vector<Node> rows;
    if (table)
        rows = table->items;
    if (rows.empty())
        rows.emplace_back();
    std::vector<Scenario> scenarios;
    for (const Node &row : rows) {
        Variables values = variablesOf(root.find(u"variables"));
        for (const auto &[name, value] : variablesOf(&row))
            values[name] = value;
        for (const auto &[name, value] : variables)
            values[name] = value;
        Scenario scenario = readRow(root, values, load, problems);
        if (row.isMap())
            scenario.name += rowText(row);
        scenarios.push_back(std::move(scenario));
    }
    if (!problems.empty()) {
        std::ranges::stable_sort(problems, [](const Problem &a, const Problem &b) {
            return std::tie(a.place.file, a.place.line, a.place.column) <
                   std::tie(b.place.file, b.place.line, b.place.column);
        });
        return problems;
    }
    return scenarios;
}

} // namespace sessionscope
