#include "core/scenario/runner.h"

#include "core/base/overloaded.h"
#include "core/scenario/scalars.h"
#include "core/scenario/verbs.h"

namespace sessionscope {

namespace {

/// What only a broker of ours can be told or asked.
bool isOfBundledBroker(const Action &action)
{
    const auto *one = std::get_if<CommandAction>(&action);
    return std::holds_alternative<SettingsAction>(action) || std::holds_alternative<UntilExpiryAction>(action) ||
           (one &&
            (std::holds_alternative<RestartBroker>(one->command) || std::holds_alternative<BrokerDo>(one->command) ||
             std::holds_alternative<MisbehaveBroker>(one->command)));
}

/// How a command ends a connection, now or later.
std::optional<CloseHow> closeHowOf(const LabCommand &command)
{
    if (const auto *cut = std::get_if<CutLink>(&command))
        return cut->how;
    const auto *armed = std::get_if<ArmFault>(&command);
    const auto *cut = armed ? std::get_if<CutFault>(&armed->fault.kind) : nullptr;
    return cut ? std::optional(cut->how) : std::nullopt;
}

} // namespace

Runner::Runner(const Scenario &scenario, const Lab &lab, Submit submit, const Endpoint &broker, Sight sight,
               RunOptions options)
    : m_scenario(scenario), m_lab(lab), m_submit(std::move(submit)), m_broker(broker), m_sight(sight),
      m_options(std::move(options)), m_config(configOf(scenario, m_options)),
      m_invariants(scenario.config.maximumSessionExpiry)
{
    m_result.name = scenario.name;
    m_result.place = scenario.place;
    m_result.statements = scenario.statements;
    m_result.invariantsChecked = scenario.checksInvariants;
    m_evidence.seesBroker = sight != Sight::OurClients;
    m_main.frames.push_back({&scenario.steps});
}

Instant deadlineOf(const Strand &strand)
{
    return soonestOf(strand).deadline;
}

const Strand &soonestOf(const Strand &strand)
{
    const Strand *soonest = &strand;
    for (const auto &branch : strand.branches) {
        if (const Strand &other = soonestOf(*branch); other.deadline < soonest->deadline)
            soonest = &other;
    }
    return *soonest;
}

void Runner::goOn(Instant now)
{
    m_now = now;
    look();
    m_view.reset();
    if (!m_isSetUp && !isFinished()) {
        m_isSetUp = true;
        if (m_sight == Sight::OurClients && m_scenario.hasSettings) {
            unsupported(m_scenario.place, QStringLiteral("broker"), QStringLiteral("a broker with these settings"),
                        QStringLiteral("only the bundled broker can be given any"));
            return finish(now);
        }
        setUp();
    }
    goOn(m_main);
}

/// One step after the other until something is under way again.
void Runner::goOn(Strand &strand)
{
    while (!isFinished() && advance(strand)) {
    }
}

/// False when it is time to let the lab work, or to wait.
bool Runner::advance(Strand &strand)
{
    switch (strand.phase) {
    case Strand::Phase::Next:
        return beginStep(strand);
    case Strand::Phase::Acting:
        return goOnActing(strand);
    case Strand::Phase::Expecting:
        return goOnExpecting(strand);
    case Strand::Phase::Watching:
        return goOnWatching(strand);
    case Strand::Phase::Over:
        break;
    }
    return false;
}

void Runner::setUp()
{
    for (LabCommand &command : openingCommands(m_scenario, m_options, m_broker))
        submit(std::move(command));
}

bool Runner::beginStep(Strand &strand)
{
    auto &frames = strand.frames;
    while (!frames.empty() && frames.back().next == frames.back().steps->size()) {
        Strand::Frame &frame = frames.back();
        frame.next = 0;
        if (--frame.timesLeft == 0)
            frames.pop_back();
        if (frames.empty() && &strand == &m_main && !m_isFinal) {
            m_isFinal = true;
            frames.push_back({&m_scenario.finally});
        }
    }
    if (frames.empty()) {
        if (&strand != &m_main) {
            strand.phase = Strand::Phase::Over;
            strand.deadline = Instant::max();
        } else if (!settles()) {
            m_isPlayedOut = true;
            finish(m_now);
        }
        return false;
    }
    Strand::Frame &frame = frames.back();
    strand.step = &(*frame.steps)[frame.next++];
    strand.stepBegan = m_seen;
    strand.published = 0;
    strand.news = {};
    strand.connectedClients.clear();
    for (const auto &[key, client] : m_lab.clients) {
        if (!strand.step->never.empty() && client.session.connection == ClientConnection::Connected)
            strand.connectedClients.insert(key);
    }
    strand.phase = Strand::Phase::Acting;
    strand.deadline = m_now + limitOf(strand);
    return act(strand);
}

Duration Runner::limitOf(const Strand &strand) const
{
    return strand.step->limit.value_or(m_scenario.limits.step);
}

/// Whether something is missing at the end that may still be under way over sockets.
bool Runner::settles()
{
    if (m_sight == Sight::BothEnds || !m_result.invariantsChecked || m_isTampered ||
        m_strangers.missing(view()).empty())
        return false;
    if (!m_settlesUntil)
        m_settlesUntil = m_now + m_scenario.limits.step;
    m_main.deadline = *m_settlesUntil;
    return m_now < *m_settlesUntil;
}

/// Whether this broker, or the way to it, has nothing like the action.
bool Runner::isUnsupported(const Strand &strand)
{
    const Action &action = strand.step->action;
    if (m_sight == Sight::OurClients && isOfBundledBroker(action)) {
        unsupported(strand.step->place, strand.stepText(), QStringLiteral("a broker that can be told this"),
                    QStringLiteral("only the bundled broker can"));
        return true;
    }
    const auto *one = std::get_if<CommandAction>(&action);
    const auto how = one ? closeHowOf(one->command) : std::nullopt;
    const quint32 key = how ? clientOf(one->command).value : 0;
    if (key == 0 || key > m_scenario.clients.size())
        return false;
    const ScenarioClient &client = m_scenario.clients[key - 1];
    const Endpoint endpoint = client.endpoint(m_broker);
    const char *why = whyNotClosed(endpoint.scheme, *how);
    if (!why)
        return false;
    const QString where = m_sight == Sight::BothEnds ? QStringLiteral("the bundled broker in memory") : toUrl(endpoint);
    unsupported(
        strand.step->place, strand.stepText(), QStringLiteral("a transport that can be cut so: ") + closeText(*how),
        QStringLiteral("%1 is connected to %2: %3").arg(QString::fromUtf8(client.name), where, QLatin1String(why)));
    return true;
}

/// Once for each place: what is waited for is looked at again and again.
void Runner::unsupported(const Place &place, const QString &step, const QString &wanted, const QString &why)
{
    if (m_result.verdict == Verdict::Passed)
        m_result.verdict = Verdict::Unsupported;
    const bool isKnown = std::ranges::any_of(m_result.failures, [&](const Failure &one) {
        return one.place == place && one.step == step && one.waitedFor == wanted;
    });
    if (!isKnown)
        m_result.failures.push_back({place, step, wanted, why, {}});
}

/// What the action begins. True when it is done at once.
bool Runner::act(Strand &strand)
{
    const Action &action = strand.step->action;
    if (isUnsupported(strand)) {
        finish(m_now);
        return false;
    }
    return std::visit(Overloaded{[](const NoAction &) { return true; },
                                 [&](const CommandAction &one) {
                                     tell(strand);
                                     submit(one.command, one.passwordFrom);
                                     for (const LabCommand &other : one.others)
                                         submit(other);
                                     return false;
                                 },
                                 [&](const PublishAction &one) { return publishNext(strand, one); },
                                 [&](const WaitAction &one) {
                                     strand.deadline = m_now + one.duration;
                                     return true;
                                 },
                                 [&](const UntilExpiryAction &one) { return actUntilExpiry(strand, one); },
                                 [&](const UntilAction &) {
                                     strand.deadline = m_now + strand.step->limit.value_or(untilLimit);
                                     return true;
                                 },
                                 [&](const RepeatAction &one) {
                                     if (one.steps && !one.steps->empty() && one.times > 0)
                                         strand.frames.push_back({one.steps.get(), 0, one.times});
                                     strand.phase = Strand::Phase::Next;
                                     return true;
                                 },
                                 [&](const ParallelAction &one) {
                                     branchOut(strand, one);
                                     return true;
                                 },
                                 [&](const SettingsAction &one) {
                                     tell(strand);
                                     applySettings(m_config, one.settings);
                                     submit(ConfigureBroker{m_config});
                                     return false;
                                 }},
                      action);
}

/// A limit beside the step is for all branches together; without one each of their steps has its own.
void Runner::branchOut(Strand &strand, const ParallelAction &action)
{
    strand.deadline = strand.step->limit ? m_now + *strand.step->limit : Instant::max();
    for (const Branch &branch : *action.branches) {
        auto &one = strand.branches.emplace_back(std::make_unique<Strand>());
        const bool isBoth = !strand.name.isEmpty() && !branch.name.isEmpty();
        one->name = strand.name + (isBoth ? QStringLiteral(", ") : QString()) + branch.name;
        one->frames.push_back({&branch.steps});
    }
}

bool Runner::actUntilExpiry(Strand &strand, const UntilExpiryAction &action)
{
    const auto &sessions = view().broker.sessions;
    const auto session = std::ranges::find(sessions, action.clientId, &ServerSessionView::clientId);
    if (session == sessions.end() || !session->endsAt) {
        fail(strand, strand.step->place,
             QStringLiteral("the end of the session of %1").arg(QString::fromUtf8(action.clientId)),
             session == sessions.end() ? QStringLiteral("there is no such session")
                                       : QStringLiteral("it is connected, or never expires"),
             {});
        return false;
    }
    strand.deadline = std::max(m_now, *session->endsAt + action.offset);
    return true;
}

bool Runner::publishNext(Strand &strand, const PublishAction &action)
{
    tell(strand, action.every == Duration{} ? 0 : strand.published + 1);
    do {
        ++strand.published;
        submit(ClientDo{action.client, numberedPublish(action.message, strand.published)});
    } while (strand.published < action.count && action.every == Duration{});
    strand.deadline = m_now + (strand.published < action.count ? action.every : limitOf(strand));
    return false;
}

/// What is about to be done; of several publishes one after the other, which.
void Runner::tell(const Strand &strand, quint32 number) const
{
    if (m_options.acts)
        m_options.acts(*strand.step, number);
}

void Runner::submit(LabCommand command, const SecretReference &passwordFrom)
{
    if (tampers(command))
        m_isTampered = true;
    const auto *restart = std::get_if<RestartBroker>(&command);
    const bool forgets = restart && restart->how == BrokerRestart::CrashLosingStore;
    m_submit(completed(std::move(command), m_scenario, m_options, m_lab, passwordFrom));
    if (forgets) {
        look();
        m_invariants.brokerForgot();
    }
}

const LabView &Runner::view()
{
    if (!m_view)
        m_view = viewOf(m_lab, m_now);
    return *m_view;
}

QString Runner::currentStep() const
{
    return isFinished() ? QString() : soonestOf(m_main).stepText();
}

RunResult Runner::takeResult()
{
    Q_ASSERT(isFinished());
    return std::move(m_result);
}

} // namespace sessionscope
