#include "core/scenario/explore_script.h"

#include "core/lab/virtual_driver.h"
#include "core/scenario/scalars.h"
#include "core/scenario/virtual_run.h"
#include "core/trace/text.h"

namespace sessionscope {

namespace {

/// What a step says beside its action.
const QStringList &wordsOfExpecting()
{
    static const QStringList words{QStringLiteral("expect"), QStringLiteral("never"), QStringLiteral("for"),
                                   QStringLiteral("limit"), QStringLiteral("note")};
    return words;
}

Node actionOnly(const Node &step)
{
    Node node = step;
    std::erase_if(node.entries, [](const Node::Entry &entry) { return wordsOfExpecting().contains(entry.key); });
    return node;
}

/// Whether a client that should be connected for it has to be.
bool isForConnected(const Action &action)
{
    if (std::holds_alternative<PublishAction>(action))
        return true;
    const auto *one = std::get_if<CommandAction>(&action);
    const auto *done = one ? std::get_if<ClientDo>(&one->command) : nullptr;
    if (!done)
        return one && std::holds_alternative<SendRaw>(one->command);
    return !std::holds_alternative<ConnectCommand>(done->command) &&
           !std::holds_alternative<ReconnectCommand>(done->command) &&
           !std::holds_alternative<DisconnectCommand>(done->command) &&
           !std::holds_alternative<ForgetCommand>(done->command) &&
           !std::holds_alternative<HoldAcknowledgements>(done->command);
}

bool connects(const Action &action)
{
    const auto *one = std::get_if<CommandAction>(&action);
    const auto *done = one ? std::get_if<ClientDo>(&one->command) : nullptr;
    return done && (std::holds_alternative<ConnectCommand>(done->command) ||
                    std::holds_alternative<ReconnectCommand>(done->command));
}

/// Listens to a run without a fault.
class Learner
{
public:
    Learner(const Scenario &scenario, const RunOptions &options)
        : m_scenario(scenario), m_options(options), m_driver(options.makeAuthenticator)
    {
        m_options.acts = [this](const Step &step, quint32 number) { act(step, number); };
        m_script.connects.resize(scenario.clients.size());
        note(scenario.steps, scenario.source->find(u"steps"));
        note(scenario.finally, scenario.source->find(u"finally"));
    }
    Q_DISABLE_COPY_MOVE(Learner)

    ExploreScript learn()
    {
        const auto listening = m_driver.listen();
        Q_ASSERT(listening);
        Runner runner(
            m_scenario, m_driver.lab(), [this](const LabCommand &command) { m_driver.submit(command); }, *listening,
            Sight::BothEnds, m_options);
        drive(m_driver, runner);
        lookAtNew();
        writeWait();
        return std::move(m_script);
    }

private:
    // ---- steps ----

    /// Which node says each step.
    void note(const Steps &steps, const Node *list)
    {
        Q_ASSERT(steps.size() == (list ? list->items.size() : 0));
        for (std::size_t i = 0; i < steps.size(); ++i) {
            const Node &node = list->items[i];
            m_nodes[&steps[i]] = &node;
            if (const auto *repeat = std::get_if<RepeatAction>(&steps[i].action))
                note(*repeat->steps, node.find(u"repeat")->find(u"steps"));
            const auto *parallel = std::get_if<ParallelAction>(&steps[i].action);
            for (std::size_t branch = 0; parallel && branch < parallel->branches->size(); ++branch) {
                const Node &one = node.find(u"parallel")->items[branch];
                note((*parallel->branches)[branch].steps, one.isList() ? &one : one.find(u"steps"));
            }
        }
    }

    void act(const Step &step, quint32 number)
    {
        lookAtNew();
        writeWait();
        ScriptStep written{.action = step.action, .node = actionOnly(*m_nodes.at(&step))};
        if (auto *publish = std::get_if<PublishAction>(&written.action); publish && number > 0)
            takeOne(*publish, written.node, number);
        for (const Node::Entry &entry : written.node.entries)
            written.client = written.client.value ? written.client : m_scenario.keyOf(entry.key.toUtf8());
        written.needsConnection =
            written.client.value && isForConnected(written.action) &&
            m_driver.lab().clients.at(written.client).session.connection == ClientConnection::Connected;
        if (connects(written.action)) {
            Node &connect = m_script.connects[written.client.value - 1];
            if (connect.kind == Node::Kind::Null)
                connect = written.node.entries.front().value;
        }
        m_script.steps.push_back(std::move(written));
    }

    /// Of messages with time between them each is a step.
    static void takeOne(PublishAction &publish, Node &node, quint32 number)
    {
        publish.message = numberedPublish(publish.message, number).message;
        publish.count = 1;
        publish.every = {};
        Node &verb = node.entries.front().value.entries.front().value;
        std::erase_if(verb.entries,
                      [](const Node::Entry &entry) { return entry.key == u"count" || entry.key == u"every"; });
        for (Node::Entry &entry : verb.entries)
            entry.value.text.replace(QStringLiteral("{n}"), QString::number(number));
    }

    /// The time since the latest one, in whole milliseconds, which files can say.
    void writeWait()
    {
        const Duration now = std::chrono::ceil<std::chrono::milliseconds>(m_driver.now() - Instant{});
        const Duration waited = now - std::exchange(m_written, now);
        if (waited > Duration{})
            m_script.steps.push_back(
                {.action = WaitAction{waited}, .node = mapNode(QStringLiteral("wait"), scalarNode(spanText(waited)))});
    }

    // ---- packets ----

    void lookAtNew()
    {
        const Trace &trace = m_driver.lab().trace;
        while (m_seen < trace.last()) {
            ++m_seen.value;
            if (const auto record = trace.record(m_seen))
                look(*record);
        }
    }

    void look(const TraceRecord &record)
    {
        const auto *trace = std::get_if<PacketTrace>(&record.what);
        if (!trace || record.role != Role::Client || trace->malformed)
            return;
        const auto decoded = decode(trace->frame(), trace->version);
        if (!decoded)
            return;
        ScriptPacket packet{.client = record.client, .size = trace->size()};
        packet.match.direction = trace->direction;
        packet.match.type = decoded->type();
        packet.match.nth = ++m_counts[{record.client, trace->direction, decoded->type()}];
        const bool isSent = trace->direction == Direction::Sent;
        packet.text = QStringLiteral("%1 %2 %3")
                          .arg(QString::fromUtf8(m_scenario.clients[record.client.value - 1].name),
                               isSent ? QStringLiteral("sends") : QStringLiteral("receives"),
                               packetText(*decoded, trace->version));
        packet.others = m_sent;
        packet.others.erase(record.client);
        if (isSent)
            ++m_sent[record.client];
        m_script.packets.push_back(std::move(packet));
    }

    const Scenario &m_scenario;
    RunOptions m_options;
    VirtualDriver m_driver;
    std::map<const Step *, const Node *> m_nodes;
    ExploreScript m_script;
    std::map<std::tuple<ClientKey, Direction, PacketType>, quint32> m_counts;
    std::map<ClientKey, quint32> m_sent;
    TraceSeq m_seen;
    Duration m_written{}; ///< time that the script has told
};

bool isTampering(const Action &action)
{
    const auto *one = std::get_if<CommandAction>(&action);
    return one && tampers(one->command);
}

} // namespace

std::optional<QString> whyNotExplorable(const Scenario &scenario)
{
    const bool isElsewhere = scenario.broker || std::ranges::any_of(scenario.clients, [](const ScenarioClient &client) {
                                 return client.broker.has_value();
                             });
    if (isElsewhere)
        return QStringLiteral("it is about another broker than the bundled one");
    if (scenario.clockInForce() == RunClock::Real)
        return QStringLiteral("it is played in real time");
    if (!scenario.checksInvariants)
        return QStringLiteral("it has its invariants off, and nothing else could be looked for");
    if (!scenario.breaks.empty())
        return QStringLiteral("it breaks an invariant as it stands");
    bool isTampered = false;
    for (const Steps *steps : {&scenario.steps, &scenario.finally})
        forEachStep(*steps, [&](const Step &step) { isTampered = isTampered || isTampering(step.action); });
    if (isTampered)
        return QStringLiteral("it changes packets on their way, so that nothing can be said of the ends");
    return std::nullopt;
}

ExploreScript learnScript(const Scenario &scenario, const RunOptions &options)
{
    return Learner(scenario, options).learn();
}

} // namespace sessionscope
