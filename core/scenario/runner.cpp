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
    m_frames.push_back({&scenario.steps});
}

void Runner::goOn(Instant now)
{
    m_now = now;
    look();
    m_view.reset();
    // One step after the other until something is under way again.
    while (!isFinished() && advance(now)) {
    }
}

/// False when it is time to let the lab work, or to wait.
bool Runner::advance(Instant now)
{
    switch (m_phase) {
    case Phase::Setup:
        if (m_sight == Sight::OurClients && m_scenario.hasSettings) {
            m_result.verdict = Verdict::Unsupported;
            finish(now);
            return false;
        }
        setUp();
        m_phase = Phase::Next;
        return true;
    case Phase::Next:
        return beginStep(now);
    case Phase::Acting:
        return goOnActing(now);
    case Phase::Expecting:
        return goOnExpecting(now);
    case Phase::Watching:
        return goOnWatching(now);
    case Phase::Finished:
        break;
    }
    return false;
}

void Runner::setUp()
{
    for (LabCommand &command : openingCommands(m_scenario, m_options, m_broker))
        submit(std::move(command));
}

bool Runner::beginStep(Instant now)
{
    while (!m_frames.empty() && m_frames.back().next == m_frames.back().steps->size()) {
        Frame &frame = m_frames.back();
        frame.next = 0;
        if (--frame.timesLeft == 0)
            m_frames.pop_back();
        if (m_frames.empty() && !m_isFinal) {
            m_isFinal = true;
            m_frames.push_back({&m_scenario.finally});
        }
    }
    if (m_frames.empty()) {
        if (!settles(now))
            finish(now);
        return false;
    }
    Frame &frame = m_frames.back();
    m_step = &(*frame.steps)[frame.next++];
    m_stepBegan = m_seen;
    m_published = 0;
    m_news = {};
    m_phase = Phase::Acting;
    m_deadline = now + m_step->limit.value_or(m_scenario.limits.step);
    return act(m_step->action, now);
}

/// Whether something is missing at the end that may still be under way over sockets.
bool Runner::settles(Instant now)
{
    if (m_sight == Sight::BothEnds || !m_result.invariantsChecked || m_isTampered ||
        m_strangers.missing(view(now)).empty())
        return false;
    if (!m_settlesUntil)
        m_settlesUntil = now + m_scenario.limits.step;
    m_deadline = *m_settlesUntil;
    return now < m_deadline;
}

/// Whether this broker, or the way to it, has nothing like the action.
bool Runner::isUnsupported(const Action &action)
{
    if (m_sight == Sight::OurClients && isOfBundledBroker(action))
        return true;
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
    m_result.failures.push_back(
        {m_step->place, m_step->text, QStringLiteral("a transport that can be cut so: ") + closeText(*how),
         QStringLiteral("%1 is connected to %2: %3").arg(QString::fromUtf8(client.name), where, QLatin1String(why)),
         m_seen});
    return true;
}

/// What the action begins. True when it is done at once.
bool Runner::act(const Action &action, Instant now)
{
    if (isUnsupported(action)) {
        m_result.verdict = Verdict::Unsupported;
        finish(now);
        return false;
    }
    return std::visit(Overloaded{[](const NoAction &) { return true; },
                                 [this](const CommandAction &one) {
                                     submit(one.command);
                                     return false;
                                 },
                                 [&](const PublishAction &one) { return publishNext(one, now); },
                                 [&](const WaitAction &one) {
                                     m_deadline = now + one.duration;
                                     return true;
                                 },
                                 [&](const UntilExpiryAction &one) { return actUntilExpiry(one, now); },
                                 [&](const UntilAction &) {
                                     m_deadline = now + m_step->limit.value_or(untilLimit);
                                     return true;
                                 },
                                 [this](const RepeatAction &one) {
                                     if (one.steps && !one.steps->empty() && one.times > 0)
                                         m_frames.push_back({one.steps.get(), 0, one.times});
                                     m_phase = Phase::Next;
                                     return true;
                                 },
                                 [this](const SettingsAction &one) {
                                     applySettings(m_config, one.settings);
                                     submit(ConfigureBroker{m_config});
                                     return false;
                                 }},
                      action);
}

bool Runner::actUntilExpiry(const UntilExpiryAction &action, Instant now)
{
    const auto &sessions = view(now).broker.sessions;
    const auto session = std::ranges::find(sessions, action.clientId, &ServerSessionView::clientId);
    if (session == sessions.end() || !session->endsAt) {
        fail(m_step->place, QStringLiteral("the end of the session of %1").arg(QString::fromUtf8(action.clientId)),
             session == sessions.end() ? QStringLiteral("there is no such session")
                                       : QStringLiteral("it is connected, or never expires"),
             {});
        return false;
    }
    m_deadline = std::max(now, *session->endsAt + action.offset);
    return true;
}

bool Runner::publishNext(const PublishAction &action, Instant now)
{
    do {
        ++m_published;
        submit(ClientDo{action.client, numberedPublish(action.message, m_published)});
    } while (m_published < action.count && action.every == Duration{});
    m_deadline = now + (m_published < action.count ? action.every : m_step->limit.value_or(m_scenario.limits.step));
    return false;
}

bool Runner::goOnActing(Instant now)
{
    const Action &action = m_step->action;
    ClientKey client;
    if (const auto *publish = std::get_if<PublishAction>(&action)) {
        client = publish->client;
        if (m_published < publish->count)
            return now >= m_deadline ? publishNext(*publish, now) : false;
        if (!isPublished(*publish, now))
            return false;
    } else if (const auto *command = std::get_if<CommandAction>(&action)) {
        client = clientOf(command->command);
        const bool mayGoOn = isAnswered(command->awaits, client) || !m_step->expect.empty() ||
                             m_news.refused.contains(client) || m_news.impossible.contains(client);
        if (!mayGoOn && now < m_deadline)
            return false;
        if (!mayGoOn)
            fail(m_step->place, QStringLiteral("an answer to it"),
                 QStringLiteral("none within %1").arg(spanText(m_step->limit.value_or(m_scenario.limits.step))),
                 m_seen);
    } else if (std::holds_alternative<WaitAction>(action) || std::holds_alternative<UntilExpiryAction>(action)) {
        if (now < m_deadline)
            return false;
    }
    const auto impossible = m_news.impossible.find(client);
    if (impossible != m_news.impossible.end())
        fail(m_step->place, QStringLiteral("that it can be done"), impossible->second, m_seen);
    else if (const auto why = refusal(client); why && m_step->expect.empty())
        fail(m_step->place, QStringLiteral("that it succeeds"), *why, m_seen);
    if (isFinished())
        return false;
    if (!std::holds_alternative<UntilAction>(action))
        m_deadline = now + m_step->limit.value_or(m_scenario.limits.step);
    m_phase = Phase::Expecting;
    return true;
}

bool Runner::isAnswered(Awaits awaits, ClientKey client) const
{
    if (m_news.closes.contains(client))
        return true;
    switch (awaits) {
    case Awaits::Nothing:
        return true;
    case Awaits::Connack:
        return m_news.connacks.contains(client);
    case Awaits::Answered:
        return m_news.answers.contains(client);
    case Awaits::Closed:
        break;
    }
    return m_sight == Sight::BothEnds;
}

/// On pipes nothing is under way any more. On sockets an acknowledgement may be, and is waited for, within the limit.
bool Runner::isPublished(const PublishAction &publish, Instant now) const
{
    const auto open = m_news.openPublishes.find(publish.client);
    return m_sight == Sight::BothEnds || publish.message.qos == Qos::AtMostOnce || now >= m_deadline ||
           m_news.closes.contains(publish.client) || open == m_news.openPublishes.end() || open->second <= 0;
}

std::optional<QString> Runner::refusal(ClientKey client) const
{
    const auto found = m_news.refused.find(client);
    if (found != m_news.refused.end())
        return found->second;
    const auto *command = std::get_if<CommandAction>(&m_step->action);
    if (command && command->awaits == Awaits::Connack && !m_news.connacks.contains(client))
        return QStringLiteral("the connection closed without a CONNACK");
    if (command && command->awaits == Awaits::Answered && !m_news.answers.contains(client))
        return QStringLiteral("the connection closed without an answer");
    return std::nullopt;
}

/// Beside an action only what came of it counts; alone, the whole run does.
TraceSeq Runner::countedAfter() const
{
    return std::holds_alternative<NoAction>(m_step->action) ? TraceSeq{} : m_stepBegan;
}

bool Runner::goOnExpecting(Instant now)
{
    const auto *until = std::get_if<UntilAction>(&m_step->action);
    bool isComplete = true;
    const auto judgeAll = [&](const std::vector<Expectation> &expectations, TraceSeq after) {
        for (const Expectation &expectation : expectations) {
            const Judgement judgement = judge(expectation, m_evidence, view(now), after);
            if (judgement.met == Met::Yes)
                continue;
            if (judgement.met == Met::Unsupported) {
                if (m_result.verdict == Verdict::Passed)
                    m_result.verdict = Verdict::Unsupported;
                continue;
            }
            isComplete = false;
            if (judgement.met == Met::Never || now >= m_deadline) {
                fail(expectation.place, judgement.waitedFor, judgement.closest, judgement.at);
                return;
            }
        }
    };
    judgeAll(m_step->expect, countedAfter());
    if (until && !isFinished())
        judgeAll(until->expectations, m_stepBegan);
    if (isFinished() || !isComplete)
        return false;
    m_deadline = now + m_step->neverFor;
    m_phase = Phase::Watching;
    return true;
}

bool Runner::goOnWatching(Instant now)
{
    for (const Expectation &expectation : m_step->never) {
        const Judgement judgement = judge(expectation, m_evidence, view(now), countedAfter());
        if (judgement.met != Met::Yes)
            continue;
        QStringList patterns;
        for (const Pattern &pattern : expectation.patterns)
            patterns << pattern.text;
        fail(expectation.place,
             QStringLiteral("never: %1 %2")
                 .arg(QString::fromUtf8(expectation.name), patterns.join(QStringLiteral("; ")))
                 .simplified(),
             QStringLiteral("it came"), m_seen);
        return false;
    }
    if (!m_step->never.empty() && now < m_deadline)
        return false;
    ++m_result.stepsDone;
    m_deadline = Instant::max();
    m_phase = Phase::Next;
    return true;
}

void Runner::submit(LabCommand command)
{
    if (tampers(command))
        m_isTampered = true;
    const auto *restart = std::get_if<RestartBroker>(&command);
    const bool forgets = restart && restart->how == BrokerRestart::CrashLosingStore;
    m_submit(completed(std::move(command), m_scenario, m_options, m_lab));
    if (forgets) {
        look();
        m_invariants.brokerForgot();
    }
}

const LabView &Runner::view(Instant now)
{
    if (!m_view)
        m_view = viewOf(m_lab, now);
    return *m_view;
}

QString Runner::currentStep() const
{
    return m_step && !isFinished() ? m_step->text : QString();
}

RunResult Runner::takeResult()
{
    Q_ASSERT(isFinished());
    return std::move(m_result);
}

} // namespace sessionscope
