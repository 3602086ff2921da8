#include "core/scenario/runner.h"

#include "core/base/overloaded.h"
#include "core/scenario/scalars.h"
#include "core/scenario/verbs.h"
#include "core/trace/text.h"

namespace sessionscope {

namespace {

/// For until without a limit of its own.
constexpr Duration untilLimit = std::chrono::hours(1);

ClientKey clientOf(const LabCommand &command)
{
    return std::visit(
        [](const auto &one) {
            if constexpr (requires { one.key; })
                return one.key;
            else
                return ClientKey{};
        },
        command);
}

/// What only a broker of ours can be told.
bool isOfBundledBroker(const Action &action)
{
    const auto *one = std::get_if<CommandAction>(&action);
    return std::holds_alternative<SettingsAction>(action) ||
           (one &&
            (std::holds_alternative<RestartBroker>(one->command) || std::holds_alternative<BrokerDo>(one->command)));
}

QByteArray numbered(QByteArray text, quint32 number)
{
    return text.replace("{n}", QByteArray::number(number));
}

} // namespace

bool tampers(const LabCommand &command)
{
    if (const auto *armed = std::get_if<ArmFault>(&command))
        return !std::holds_alternative<CutFault>(armed->fault.kind) &&
               !std::holds_alternative<SilenceFault>(armed->fault.kind) &&
               !std::holds_alternative<DelayFault>(armed->fault.kind);
    if (const auto *done = std::get_if<ClientDo>(&command)) {
        const auto *release = std::get_if<ReleaseAcknowledgements>(&done->command);
        return release && release->order == ReleaseOrder::AtOnce;
    }
    return std::holds_alternative<SendRaw>(command);
}

const char *verdictText(Verdict verdict)
{
    switch (verdict) {
    case Verdict::Passed:
        return "passed";
    case Verdict::Failed:
        return "failed";
    case Verdict::Inconclusive:
        return "inconclusive";
    case Verdict::Unsupported:
        return "unsupported";
    case Verdict::Error:
        break;
    }
    return "error";
}

Runner::Runner(const Scenario &scenario, const Lab &lab, Submit submit, const Endpoint &broker, Sight sight,
               RunOptions options)
    : m_scenario(scenario), m_lab(lab), m_submit(std::move(submit)), m_broker(broker), m_sight(sight),
      m_options(std::move(options)), m_config(scenario.config), m_invariants(scenario.config.maximumSessionExpiry)
{
    m_result.name = scenario.name;
    m_result.place = scenario.place;
    m_result.statements = scenario.statements;
    m_result.invariantsChecked = scenario.checksInvariants && sight == Sight::BothEnds;
    m_evidence.seesBroker = sight != Sight::OurClients;
    m_frames.push_back({&scenario.steps});
}

void Runner::goOn(Instant now)
{
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
    m_config.seed = m_options.seed;
    submit(ConfigureBroker{m_config});
    for (std::size_t i = 0; i < m_scenario.clients.size(); ++i) {
        const ScenarioClient &client = m_scenario.clients[i];
        ClientPolicy policy = client.policy;
        policy.reconnect.seed = m_options.seed + i;
        submit(AddClient{ClientKey{quint32(i + 1)}, client.name, client.broker.value_or(m_broker), policy});
    }
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
        finish(now);
        return false;
    }
    Frame &frame = m_frames.back();
    m_step = &(*frame.steps)[frame.next++];
    m_stepBegan = m_seen;
    m_published = 0;
    m_impossible.clear();
    m_refused.clear();
    m_openPublishes.clear();
    m_answers.clear();
    m_connacks.clear();
    m_closes.clear();
    m_phase = Phase::Acting;
    m_deadline = now + m_step->limit.value_or(m_scenario.limits.step);
    return act(m_step->action, now);
}

/// What the action begins. True when it is done at once.
bool Runner::act(const Action &action, Instant now)
{
    if (m_sight == Sight::OurClients && isOfBundledBroker(action)) {
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
    if (m_sight == Sight::OurClients || session == sessions.end() || !session->endsAt) {
        fail(m_step->place, QStringLiteral("the end of the session of %1").arg(QString::fromUtf8(action.clientId)),
             m_sight == Sight::OurClients ? QStringLiteral("a broker whose inside cannot be seen: use wait")
             : session == sessions.end()  ? QStringLiteral("there is no such session")
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
        Message message = action.message;
        message.topic = numbered(message.topic, m_published);
        message.payload = numbered(message.payload, m_published);
        submit(ClientDo{action.client, PublishCommand{std::move(message)}});
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
                             m_refused.contains(client) || m_impossible.contains(client);
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
    const auto impossible = m_impossible.find(client);
    if (impossible != m_impossible.end())
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
    if (m_closes.contains(client))
        return true;
    switch (awaits) {
    case Awaits::Nothing:
        return true;
    case Awaits::Connack:
        return m_connacks.contains(client);
    case Awaits::Answered:
        return m_answers.contains(client);
    case Awaits::Closed:
        break;
    }
    return m_sight == Sight::BothEnds;
}

/// On pipes nothing is under way any more. On sockets an acknowledgement may be, and is waited for, within the limit.
bool Runner::isPublished(const PublishAction &publish, Instant now) const
{
    const auto open = m_openPublishes.find(publish.client);
    return m_sight == Sight::BothEnds || publish.message.qos == Qos::AtMostOnce || now >= m_deadline ||
           m_closes.contains(publish.client) || open == m_openPublishes.end() || open->second <= 0;
}

std::optional<QString> Runner::refusal(ClientKey client) const
{
    const auto found = m_refused.find(client);
    if (found != m_refused.end())
        return found->second;
    const auto *command = std::get_if<CommandAction>(&m_step->action);
    if (command && command->awaits == Awaits::Connack && !m_connacks.contains(client))
        return QStringLiteral("the connection closed without a CONNACK");
    if (command && command->awaits == Awaits::Answered && !m_answers.contains(client))
        return QStringLiteral("the connection closed without an answer");
    return std::nullopt;
}

Window Runner::windowOf(const Step &step) const
{
    // Beside an action only what came of it counts; alone, the whole run does.
    const bool isAlone = std::holds_alternative<NoAction>(step.action);
    return {isAlone ? TraceSeq{} : m_stepBegan, {}};
}

bool Runner::goOnExpecting(Instant now)
{
    const auto *until = std::get_if<UntilAction>(&m_step->action);
    bool isComplete = true;
    const auto judgeAll = [&](const std::vector<Expectation> &expectations, const Window &window) {
        for (const Expectation &expectation : expectations) {
            const Judgement judgement = judge(expectation, m_evidence, view(now), window);
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
    judgeAll(m_step->expect, windowOf(*m_step));
    if (until && !isFinished())
        judgeAll(until->expectations, {m_stepBegan, {}});
    if (isFinished() || !isComplete)
        return false;
    m_deadline = now + m_step->neverFor;
    m_phase = Phase::Watching;
    return true;
}

bool Runner::goOnWatching(Instant now)
{
    for (const Expectation &expectation : m_step->never) {
        const Judgement judgement = judge(expectation, m_evidence, view(now), windowOf(*m_step));
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
    if (auto *done = std::get_if<ClientDo>(&command)) {
        auto *connect = std::get_if<ConnectCommand>(&done->command);
        if (connect && done->key.value <= m_scenario.clients.size()) {
            const auto secret = m_options.secrets.find(m_scenario.clients[done->key.value - 1].passwordFrom);
            if (secret != m_options.secrets.end())
                connect->packet.password = secret->second;
        }
    }
    const auto *restart = std::get_if<RestartBroker>(&command);
    const bool forgets = restart && restart->how == BrokerRestart::CrashLosingStore;
    m_submit(command);
    if (forgets) {
        look();
        m_invariants.brokerForgot();
    }
}

void Runner::look()
{
    const Trace &trace = m_lab.trace;
    while (m_seen < trace.last()) {
        ++m_seen.value;
        const auto record = trace.record(m_seen);
        if (!record)
            continue;
        const auto *link = std::get_if<LinkTrace>(&record->what);
        // The in-memory network names the other end when a connection opens.
        if (link && link->change == LinkChange::Opened && m_sight == Sight::BothEnds)
            m_invariants.linked(record->link, LinkId{link->detail.section(QLatin1Char(' '), -1).toUInt()});
        if (m_result.invariantsChecked && !m_isTampered)
            m_invariants.look(*record);
        const std::size_t closes = m_evidence.closes.size();
        m_evidence.look(*record);
        if (m_evidence.closes.size() > closes)
            ++m_closes[record->client];
        if (std::holds_alternative<PacketTrace>(record->what))
            ++m_result.packets;
        if (const auto *note = std::get_if<ClientNote>(&record->what))
            take(note->effect, record->client);
    }
}

void Runner::take(const ClientReport &report, ClientKey client)
{
    if (std::holds_alternative<ConnectionAccepted>(report))
        ++m_connacks[client];
    if (const auto *refused = std::get_if<ConnectionRefused>(&report)) {
        ++m_connacks[client];
        m_refused[client] = QStringLiteral("connection refused: ") + connackReasonText(refused->reason, Version::V5);
    }
    if (const auto *refused = std::get_if<CommandRefused>(&report))
        m_impossible[client] = QString::fromLatin1(refused->why);
    if (std::holds_alternative<PublishAccepted>(report))
        ++m_openPublishes[client];
    if (std::holds_alternative<PublishCompleted>(report) || std::holds_alternative<PublishLost>(report))
        --m_openPublishes[client];
    if (const auto *completed = std::get_if<PublishCompleted>(&report); completed && isFailure(completed->reason))
        m_refused[client] = QStringLiteral("publish refused: ") + reasonText(completed->reason, PacketType::Puback);
    if (const auto *completed = std::get_if<RequestCompleted>(&report)) {
        ++m_answers[client];
        for (const ReasonCode reason : completed->reasons) {
            if (isFailure(reason))
                m_refused[client] = QStringLiteral("refused: ") + reasonText(reason, PacketType::Suback);
        }
    }
}

void Runner::fail(const Place &place, const QString &waitedFor, const QString &closest, TraceSeq at)
{
    m_result.failures.push_back({place, m_step ? m_step->text : QString(), waitedFor, closest, at});
    m_result.verdict = Verdict::Failed;
    finish(m_lab.trace.last().value ? m_lab.trace.record(m_lab.trace.last())->at : Instant{});
}

void Runner::abandon(Instant now, const QString &why)
{
    m_result.failures.push_back({m_step ? m_step->place : m_scenario.place, currentStep(), why, {}, {}});
    m_result.verdict = Verdict::Error;
    finish(now);
}

void Runner::finish(Instant now)
{
    if (isFinished())
        return;
    look();
    m_phase = Phase::Finished;
    m_deadline = now;
    m_result.span = now - Instant{};
    if (m_isTampered)
        m_result.invariantsChecked = false;
    if (m_result.invariantsChecked) {
        m_view.reset();
        if (m_result.verdict != Verdict::Error && m_result.failures.empty())
            m_invariants.lookAtRest(view(now));
        m_result.breaches = m_invariants.breaches();
        if (!m_result.breaches.empty())
            m_result.verdict = Verdict::Failed;
    }
    if (m_result.verdict != Verdict::Passed && m_result.verdict != Verdict::Unsupported)
        m_result.trace = traceText();
}

QStringList Runner::traceText() const
{
    QStringList lines;
    const Trace &trace = m_lab.trace;
    for (TraceSeq seq = trace.first(); seq <= trace.last(); ++seq.value) {
        const auto record = trace.record(seq);
        if (!record)
            continue;
        const auto client = m_lab.clients.find(record->client);
        const QString who = client == m_lab.clients.end() ? QString() : QString::fromUtf8(client->second.name);
        lines << QStringLiteral("%1  %2").arg(seq.value, 5).arg(recordText(*record, who));
    }
    return lines;
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
