#include "core/engine/scenario_run.h"

#include "core/lab/driver.h"
#include "core/scenario/leftovers.h"
#include "core/scenario/own_ids.h"

#include <QDateTime>
#include <QRandomGenerator>

namespace sessionscope {

namespace {

/// Waits shorter than this are not worth telling.
constexpr Duration toldFrom = std::chrono::seconds(1);

/// "-x7k2p9": short enough for servers that take 23 characters, and unlike that of any other run.
QByteArray ownSuffix()
{
    constexpr int letters = 6;
    constexpr quint32 base = 36;
    QByteArray suffix("-");
    for (int i = 0; i < letters; ++i)
        suffix += QByteArray::number(QRandomGenerator::global()->bounded(base), int(base));
    return suffix;
}

/// Whether it meets a broker that was there before it, and will be afterwards.
bool meetsOthers(const Scenario &scenario)
{
    return scenario.broker ||
           std::ranges::any_of(scenario.clients, [](const auto &one) { return one.broker.has_value(); });
}

} // namespace

/// One lab with its sockets, and the runner on it.
struct ScenarioRun::Stage
{
    Stage(const Scenario &scenario, const RunOptions &options, const Engine::MakeNetwork &makeNetwork,
          Driver::Clock clock)
        : network(makeNetwork()), driver(lab, *network, std::move(clock), options.makeAuthenticator)
    {
        Endpoint broker = scenario.broker.value_or(Endpoint{.port = 0});
        if (!scenario.broker) {
            const auto listening = driver.listen(broker);
            if (listening)
                broker = *listening;
            else
                failure = listening.error();
        }
        runner = std::make_unique<Runner>(
            scenario, lab, [this](const LabCommand &command) { driver.submit(command); }, broker,
            scenario.broker ? Sight::OurClients : Sight::OurBroker, options);
    }
    Q_DISABLE_COPY_MOVE(Stage)
    ~Stage() = default;

    Lab lab;
    std::unique_ptr<Network> network;
    Driver driver;
    std::unique_ptr<Runner> runner;
    std::unique_ptr<Sweeper> sweeper; ///< once the runner has finished
    TraceSeq seen;
    QString failure; ///< why the broker does not listen
};

ScenarioRun::ScenarioRun(Scenario scenario, RunOptions options, const Engine::MakeNetwork &makeNetwork, QObject *parent)
    : QObject(parent), m_scenario(std::move(scenario)), m_options(std::move(options)), m_makeNetwork(makeNetwork),
      m_start(std::chrono::steady_clock::now()), m_lullTimer(this), m_deadlineTimer(this), m_totalTimer(this)
{
    if (meetsOthers(m_scenario))
        m_clientIds = giveOwnIds(m_scenario, ownSuffix());
    m_control = controlOf(m_scenario);
    for (QTimer *timer : {&m_lullTimer, &m_deadlineTimer, &m_totalTimer}) {
        timer->setSingleShot(true);
        timer->setTimerType(Qt::PreciseTimer);
    }
    connect(&m_lullTimer, &QTimer::timeout, this, &ScenarioRun::lullCame);
    connect(&m_deadlineTimer, &QTimer::timeout, this, [this] {
        m_stage->driver.tick();
        newsCame();
    });
    connect(&m_totalTimer, &QTimer::timeout, this, [this] {
        if (m_stage->sweeper)
            return m_totalTimer.start(lull);
        m_stage->runner->abandon(now(), QStringLiteral("the limit of the whole scenario is reached"));
        end();
    });
}

ScenarioRun::~ScenarioRun() = default;

Instant ScenarioRun::now() const
{
    return Instant(std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - m_start));
}

void ScenarioRun::start()
{
    m_isControl = !m_control.steps.empty();
    m_totalTimer.start(std::chrono::duration_cast<std::chrono::milliseconds>(m_scenario.limits.total));
    begin(m_isControl ? m_control : m_scenario);
}

void ScenarioRun::begin(const Scenario &scenario)
{
    m_start = std::chrono::steady_clock::now();
    m_startedAt = QDateTime::currentMSecsSinceEpoch();
    m_stage = std::make_unique<Stage>(scenario, m_options, m_makeNetwork, [this] { return now(); });
    m_stage->driver.setAfterFlush([this] { newsCame(); });
    if (!m_stage->failure.isEmpty()) {
        m_stage->runner->abandon(now(), QStringLiteral("the bundled broker cannot listen: ") + m_stage->failure);
        return end();
    }
    m_lullTimer.start(0);
}

/// Looked at when a lull follows; deadlines of the lab are kept meanwhile.
void ScenarioRun::newsCame()
{
    if (!m_stage || !m_stage->runner)
        return;
    if (m_stage->lab.trace.last() != m_stage->seen || !m_lullTimer.isActive())
        m_lullTimer.start(lull);
    m_stage->seen = m_stage->lab.trace.last();
    const auto deadline = m_stage->driver.nextDeadline();
    if (!deadline)
        return m_deadlineTimer.stop();
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(*deadline - now());
    m_deadlineTimer.start(
        std::clamp<std::chrono::milliseconds>(wait, std::chrono::milliseconds(0), std::chrono::hours(1)));
}

void ScenarioRun::lullCame()
{
    if (m_stage->sweeper)
        return sweep();
    Runner &runner = *m_stage->runner;
    const TraceSeq before = m_stage->lab.trace.last();
    runner.goOn(now());
    if (runner.isFinished())
        return end();
    if (m_stage->lab.trace.last() != before)
        return newsCame();
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(runner.deadline() - now());
    if (wait >= toldFrom && runner.currentStep() != m_told) {
        m_told = runner.currentStep();
        Q_EMIT waits(m_told, wait);
    }
    m_lullTimer.start(std::clamp<std::chrono::milliseconds>(wait, std::chrono::milliseconds(1), std::chrono::hours(1)));
}

/// The run has come to its end. On a broker that others meet, too, it leaves nothing behind.
void ScenarioRun::end()
{
    if (!meetsOthers(m_scenario))
        return finish();
    m_stage->sweeper = std::make_unique<Sweeper>(
        m_scenario, m_options, m_stage->lab, [this](const LabCommand &command) { m_stage->driver.submit(command); });
    sweep();
}

void ScenarioRun::sweep()
{
    if (m_stage->sweeper->goOn(now()))
        return finish();
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(m_stage->sweeper->deadline() - now());
    m_lullTimer.start(std::clamp<std::chrono::milliseconds>(wait, std::chrono::milliseconds(1), lull));
}

void ScenarioRun::finish()
{
    m_lullTimer.stop();
    m_deadlineTimer.stop();
    RunResult result = m_stage->runner->takeResult();
    m_stage.reset();
    result.clientIds = m_clientIds;
    result.startedAt = m_startedAt;
    if (m_isControl && result.verdict == Verdict::Passed) {
        m_isControl = false;
        return begin(m_scenario);
    }
    m_totalTimer.stop();
    m_result = m_isControl ? inconclusiveAfter(std::move(result), m_scenario) : std::move(result);
    Q_EMIT finished();
}

} // namespace sessionscope
