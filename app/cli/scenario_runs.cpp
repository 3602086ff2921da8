#include "app/cli/scenario_runs.h"

#include "app/cli/network.h"
#include "app/cli/scenario_files.h"

#include "core/auth/scram_authenticator.h"
#include "core/auth/scram_method.h"
#include "core/engine/scenario_run.h"
#include "core/scenario/scalars.h"

#include <QEventLoop>
#include <QFile>

#include <unistd.h>

namespace sessionscope::cli {

namespace {

/// A line for each run that ended, or a bar on a terminal.
class Progress
{
public:
    Progress(std::size_t all, Telling telling)
        : m_all(all), m_isTerminal(::isatty(STDERR_FILENO) == 1), m_telling(telling)
    {
    }

    void ended(const RunResult &result)
    {
        ++m_done;
        clear();
        if (m_telling == Telling::Quiet)
            return show({});
        if (!m_isTerminal || result.verdict != Verdict::Passed)
            printResult(resultLine(result));
        if (const QString failure = failureText(result); !failure.isEmpty())
            printResult(failure.trimmed().prepend(QStringLiteral("  ")));
        show({});
    }
    void waits(const QString &name, const QString &step, Duration atMost)
    {
        if (m_isTerminal)
            return show(name + QStringLiteral(": ") + step);
        if (m_telling == Telling::Results)
            printNote(QStringLiteral("%1 waits: %2 (%3 at most)").arg(name, step, spanText(atMost)));
    }
    void clear() const
    {
        if (m_isTerminal)
            std::fputs("\r\033[K", stderr);
    }

private:
    void show(const QString &what) const
    {
        if (!m_isTerminal)
            return;
        clear();
        constexpr std::size_t width = 24;
        const auto filled = qsizetype(width * m_done / std::max<std::size_t>(m_all, 1));
        const QString bar = QString(filled, u'#') + QString(qsizetype(width) - filled, u'.');
        std::fputs(
            QStringLiteral("[%1] %2/%3 %4").arg(bar).arg(m_done).arg(m_all).arg(what.left(40)).toUtf8().constData(),
            stderr);
        std::fflush(stderr);
    }

    std::size_t m_all;
    std::size_t m_done = 0;
    bool m_isTerminal;
    Telling m_telling;
};

class RunsAtOnce
{
public:
    RunsAtOnce(std::size_t count, const RunOptions &options, const RunHooks &hooks)
        : m_count(count), m_options(options), m_hooks(hooks)
    {
    }
    Q_DISABLE_COPY_MOVE(RunsAtOnce)

    void play(int jobs)
    {
        for (int job = 0; job < jobs; ++job)
            startNext();
        if (m_running > 0)
            m_loop.exec();
    }

private:
    void startNext()
    {
        if (m_next == m_count)
            return;
        const std::size_t index = m_next++;
        ++m_running;
        auto *run = new ScenarioRun(m_hooks.scenarioOf(index), m_options, makeNetwork, &m_loop);
        if (m_hooks.waits)
            QObject::connect(run, &ScenarioRun::waits, run,
                             [this, index](const QString &step, Duration most) { m_hooks.waits(index, step, most); });
        QObject::connect(
            run, &ScenarioRun::finished, run,
            [this, run, index] {
                m_hooks.ended(index, run->takeResult());
                run->deleteLater();
                --m_running;
                startNext();
                if (m_running == 0)
                    m_loop.quit();
            },
            Qt::QueuedConnection);
        run->start();
    }

    std::size_t m_count;
    const RunOptions &m_options;
    const RunHooks &m_hooks;
    QEventLoop m_loop;
    std::size_t m_next = 0;
    int m_running = 0;
};

} // namespace

void addRunOptions(Options &options)
{
    options.addValue(QStringLiteral("clock"), QStringLiteral("CLOCK"),
                     QStringLiteral("virtual or real, instead of what the scenario says."));
    options.addValue(QStringLiteral("set"), QStringLiteral("NAME=VALUE"),
                     QStringLiteral("A value for ${NAME}. Can be given several times."));
    options.addValue(QStringLiteral("jobs"), QStringLiteral("N"),
                     QStringLiteral("Scenarios at once in real time. Default: 4."));
    options.addValue(QStringLiteral("seed"), QStringLiteral("N"),
                     QStringLiteral("For everything that is left to chance. Default: what the scenario says, or 1."));
}

Parsed<RunWays> readRunWays(const Options &options, const std::vector<Scenario> &scenarios)
{
    RunWays ways;
    const auto secrets = readSecrets(scenarios);
    if (!secrets)
        return secrets.error();
    ways.options.secrets = *secrets;
    ways.options.makeAuthenticator = makeScramAuthenticator;
    ways.options.makePasswordMethod = makeScramMethodOfPasswords;
    if (options.isSet(QStringLiteral("seed"))) {
        const auto seed = readNumber(options, QStringLiteral("seed"), 0, std::numeric_limits<qint64>::max(), 1);
        if (!seed)
            return seed.error();
        ways.options.seed = quint64(*seed);
    }
    const auto jobs = readNumber(options, QStringLiteral("jobs"), 1, 100, ways.jobs);
    if (!jobs)
        return jobs.error();
    ways.jobs = int(*jobs);
    return ways;
}

std::optional<UsageError> applyClock(const Options &options, std::vector<Scenario> &scenarios)
{
    const QString clock = options.value(QStringLiteral("clock"));
    if (clock.isEmpty())
        return std::nullopt;
    if (clock != u"real" && clock != u"virtual")
        return UsageError{QStringLiteral("--clock: ") + wrongValue(clock, QStringLiteral("virtual or real")).text};
    for (Scenario &scenario : scenarios) {
        if (clock == u"virtual" && scenario.broker)
            return UsageError{QStringLiteral("--clock: another broker lives in real time")};
        scenario.clock = clock == u"real" ? RunClock::Real : RunClock::Virtual;
    }
    return std::nullopt;
}

Parsed<std::optional<BrokerTarget>> readBroker(const QString &word)
{
    if (word == u"bundled")
        return std::optional<BrokerTarget>();
    const auto target = readBrokerTarget(word);
    if (!target)
        return target.error();
    return std::optional(*target);
}

QString brokerName(const std::optional<BrokerTarget> &broker)
{
    return broker ? toUrl(broker->endpoint) : QStringLiteral("bundled");
}

void useBroker(std::vector<Scenario> &scenarios, const std::optional<BrokerTarget> &broker)
{
    for (Scenario &scenario : scenarios) {
        scenario.broker.reset();
        scenario.login.reset();
        if (!broker)
            continue;
        scenario.broker = broker->endpoint;
        scenario.login = broker->login;
        scenario.clock = RunClock::Real;
    }
}

Parsed<ReportFile> readReportFile(const QString &text, const QString &formats)
{
    const qsizetype colon = text.indexOf(u':');
    const ReportFile target{text.left(colon), text.mid(colon + 1)};
    if (colon < 1 || target.file.isEmpty() || !formats.split(QStringLiteral(", ")).contains(target.format))
        return wrongValue(text, QStringLiteral("FORMAT:FILE with one of the formats %1").arg(formats));
    return target;
}

bool writeReportFile(const ReportFile &target, const QByteArray &text, const QString &command)
{
    QFile file(target.file);
    const bool isOpen = target.file == u"-" ? file.open(stdout, QIODevice::WriteOnly) : file.open(QIODevice::WriteOnly);
    if (isOpen && file.write(text) == text.size() && file.flush())
        return true;
    printNote(QStringLiteral("sessionscope-cli %1: \"%2\": %3").arg(command, target.file, file.errorString()));
    return false;
}

void playAtOnce(std::size_t count, int jobs, const RunOptions &options, const RunHooks &hooks)
{
    RunsAtOnce(count, options, hooks).play(jobs);
}

std::vector<RunResult> playScenarios(const std::vector<Scenario> &scenarios, const RunWays &ways, Telling telling)
{
    std::vector<RunResult> results(scenarios.size());
    Progress progress(scenarios.size(), telling);
    const auto ended = [&](std::size_t index) {
        progress.ended(results[index]);
        if (ways.ended)
            ways.ended(scenarios[index], results[index]);
    };
    std::vector<std::size_t> real;
    for (std::size_t i = 0; i < scenarios.size(); ++i) {
        if (scenarios[i].clockInForce() == RunClock::Real) {
            real.push_back(i);
            continue;
        }
        results[i] = runVirtually(scenarios[i], ways.options);
        ended(i);
    }
    const RunHooks hooks{.scenarioOf = [&](std::size_t index) { return scenarios[real[index]]; },
                         .ended =
                             [&](std::size_t index, RunResult result) {
                                 results[real[index]] = std::move(result);
                                 ended(real[index]);
                             },
                         .waits = [&](std::size_t index, const QString &step,
                                      Duration most) { progress.waits(scenarios[real[index]].name, step, most); }};
    playAtOnce(real.size(), ways.jobs, ways.options, hooks);
    progress.clear();
    return results;
}

ExitCode exitCodeOf(const Totals &totals)
{
    const auto count = [&totals](Verdict verdict) { return totals.byVerdict[std::size_t(verdict)]; };
    if (count(Verdict::Error) > 0)
        return ExitCode::Usage;
    if (count(Verdict::Failed) > 0)
        return ExitCode::Failed;
    return count(Verdict::Inconclusive) + count(Verdict::Unsupported) > 0 ? ExitCode::Inconclusive : ExitCode::Ok;
}

} // namespace sessionscope::cli
