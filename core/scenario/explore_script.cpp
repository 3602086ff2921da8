#include "core/scenario/explore_script.h"

#include "core/scenario/explore_stage.h"
#include "core/scenario/scalars.h"
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

class Learner
{
public:
    Learner(const Scenario &scenario, const RunOptions &options)
        : m_scenario(scenario), m_stage(scenario, options, [this](const TraceRecord &record) { look(record); })
    {
        m_script.connects.resize(scenario.clients.size());
    }
    Q_DISABLE_COPY_MOVE(Learner)

    ExploreScript learn()
    {
        for (const auto &[name, steps] : {std::pair(QStringLiteral("steps"), &m_scenario.steps),
                                          std::pair(QStringLiteral("finally"), &m_scenario.finally)}) {
            if (const Node *list = m_scenario.source ? m_scenario.source->find(name) : nullptr)
                play(*steps, *list);
        }
        return std::move(m_script);
    }

private:
    void play(const Steps &steps, const Node &list)
    {
        Q_ASSERT(steps.size() == list.items.size());
        for (std::size_t i = 0; i < steps.size(); ++i) {
            const auto *repeat = std::get_if<RepeatAction>(&steps[i].action);
            const Node *inner = repeat ? list.items[i].find(u"repeat") : nullptr;
            inner = inner ? inner->find(u"steps") : nullptr;
            for (quint32 time = 0; inner && time < repeat->times; ++time)
                play(*repeat->steps, *inner);
            if (!repeat)
                play(steps[i], actionOnly(list.items[i]));
        }
    }

    void play(const Step &step, const Node &node)
    {
        const TraceSeq before = m_stage.lab().trace.last();
        if (const auto *wait = std::get_if<WaitAction>(&step.action)) {
            pass(wait->duration);
        } else if (const auto *until = std::get_if<UntilExpiryAction>(&step.action)) {
            passUntilExpiry(*until);
        } else if (const auto *publish = std::get_if<PublishAction>(&step.action);
                   publish && publish->every > Duration{}) {
            playOneByOne(*publish, node);
        } else if (!std::holds_alternative<NoAction>(step.action) &&
                   !std::holds_alternative<UntilAction>(step.action)) {
            perform(step.action, node);
        }
        awaitExpected(step, before);
        pass(step.neverFor);
        flushWait();
    }

    void perform(const Action &action, const Node &node)
    {
        ScriptStep step{.action = action, .node = node};
        for (const Node::Entry &entry : node.entries)
            step.client = step.client.value ? step.client : m_scenario.keyOf(entry.key.toUtf8());
        step.needsConnection = step.client.value && isForConnected(action) &&
                               m_stage.connectionOf(step.client) == ClientConnection::Connected;
        if (connects(action)) {
            Node &connect = m_script.connects[step.client.value - 1];
            if (connect.kind == Node::Kind::Null)
                connect = node.entries.front().value;
        }
        m_stage.perform(action);
        m_script.steps.push_back(std::move(step));
    }

    /// A publish each, with the time between them as steps of its own.
    void playOneByOne(const PublishAction &publish, const Node &node)
    {
        for (quint32 number = 1; number <= publish.count; ++number) {
            PublishAction one = publish;
            one.message = numberedPublish(publish.message, number).message;
            one.count = 1;
            one.every = {};
            Node written = node;
            Node &verb = written.entries.front().value.entries.front().value;
            std::erase_if(verb.entries,
                          [](const Node::Entry &entry) { return entry.key == u"count" || entry.key == u"every"; });
            for (Node::Entry &entry : verb.entries)
                entry.value.text.replace(QStringLiteral("{n}"), QString::number(number));
            perform(one, written);
            if (number < publish.count)
                pass(publish.every);
            flushWait();
        }
    }

    void passUntilExpiry(const UntilExpiryAction &until)
    {
        const auto view = m_stage.view();
        const auto session = std::ranges::find(view.broker.sessions, until.clientId, &ServerSessionView::clientId);
        if (session != view.broker.sessions.end() && session->endsAt)
            pass(*session->endsAt + until.offset - m_stage.now());
    }

    void awaitExpected(const Step &step, TraceSeq before)
    {
        const auto *until = std::get_if<UntilAction>(&step.action);
        const bool isAlone = std::holds_alternative<NoAction>(step.action);
        const Instant limit = m_stage.now() + step.limit.value_or(until ? untilLimit : m_scenario.limits.step);
        const auto isMet = [&](const std::vector<Expectation> &all, TraceSeq after) {
            return std::ranges::all_of(all, [&](const Expectation &one) {
                const Met met = judge(one, m_evidence, m_stage.view(), after).met;
                return met == Met::Yes || met == Met::Unsupported;
            });
        };
        while (m_stage.now() < limit &&
               !(isMet(step.expect, isAlone ? TraceSeq{} : before) && (!until || isMet(until->expectations, before))))
            m_waited += m_stage.passSome(limit - m_stage.now());
    }

    void pass(Duration duration)
    {
        const Instant end = m_stage.now() + std::chrono::ceil<std::chrono::milliseconds>(duration);
        while (m_stage.now() < end)
            m_waited += m_stage.passSome(end - m_stage.now());
    }

    void flushWait()
    {
        const Duration waited = std::exchange(m_waited, {});
        if (waited > Duration{})
            m_script.steps.push_back(
                {.action = WaitAction{waited}, .node = mapNode(QStringLiteral("wait"), scalarNode(spanText(waited)))});
    }

    void look(const TraceRecord &record)
    {
        m_evidence.look(record);
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
    ExploreScript m_script;
    Evidence m_evidence;
    std::map<std::tuple<ClientKey, Direction, PacketType>, quint32> m_counts;
    std::map<ClientKey, quint32> m_sent;
    Duration m_waited{};
    ExploreStage m_stage;
};

/// Whether the action of one of the steps, or of those within it, is of this kind.
template<class Is> bool anyAction(const Steps &steps, Is is)
{
    return std::ranges::any_of(steps, [is](const Step &step) {
        const auto *repeat = std::get_if<RepeatAction>(&step.action);
        const auto *parallel = std::get_if<ParallelAction>(&step.action);
        return is(step.action) || (repeat && repeat->steps && anyAction(*repeat->steps, is)) ||
               (parallel && std::ranges::any_of(*parallel->branches,
                                                [is](const Branch &branch) { return anyAction(branch.steps, is); }));
    });
}

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
    if (anyAction(scenario.steps, isTampering) || anyAction(scenario.finally, isTampering))
        return QStringLiteral("it changes packets on their way, so that nothing can be said of the ends");
    const auto branchesOut = [](const Action &action) { return std::holds_alternative<ParallelAction>(action); };
    if (anyAction(scenario.steps, branchesOut) || anyAction(scenario.finally, branchesOut))
        return QStringLiteral("its steps go on side by side, and faults are tried at steps one after the other");
    return std::nullopt;
}

ExploreScript learnScript(const Scenario &scenario, const RunOptions &options)
{
    return Learner(scenario, options).learn();
}

} // namespace sessionscope
