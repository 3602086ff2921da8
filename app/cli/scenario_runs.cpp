#include "app/cli/scenario_runs.h"

#include "app/cli/network.h"
#include "app/cli/scenario_files.h"

#include "core/auth/scram_authenticator.h"
#include "core/engine/scenario_run.h"

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
    void waits(const QString &name, const QString &step)
    {
        if (m_isTerminal)
            return show(name + QStringLiteral(": ") + step);
        if (m_telling == Telling::Results)
            printNote(QStringLiteral("%1 waits: %2").arg(name, step));
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

class RealRuns
{
public:
    RealRuns(const std::vector<Scenario> &scenarios, const RunWays &ways, std::vector<RunResult> &results,
             Progress &progress)
        : m_scenarios(scenarios), m_ways(ways), m_results(results), m_progress(progress)
    {
        for (std::size_t i = 0; i < scenarios.size(); ++i) {
            if (scenarios[i].clockInForce() == RunClock::Real)
                m_waiting.push_back(i);
        }
    }
    Q_DISABLE_COPY_MOVE(RealRuns)

    void run()
    {
        if (m_waiting.empty())
            return;
        for (int job = 0; job < m_ways.jobs; ++job)
            startNext();
        m_loop.exec();
    }

private:
    void startNext()
    {
        if (m_next == m_waiting.size()) {
            if (m_running == 0)
                m_loop.quit();
            return;
        }
        const std::size_t index = m_waiting[m_next++];
        ++m_running;
        const Scenario &scenario = m_scenarios[index];
        auto *run = new ScenarioRun(scenario, m_ways.options, makeNetwork, &m_loop);
        QObject::connect(run, &ScenarioRun::waits, run,
                         [this, name = scenario.name](const QString &step) { m_progress.waits(name, step); });
        QObject::connect(
            run, &ScenarioRun::finished, run,
            [this, run, index] {
                m_results[index] = run->takeResult();
                m_progress.ended(m_results[index]);
                run->deleteLater();
                --m_running;
                startNext();
            },
            Qt::QueuedConnection);
        run->start();
    }

    const std::vector<Scenario> &m_scenarios;
    const RunWays &m_ways;
    std::vector<RunResult> &m_results;
    Progress &m_progress;
    QEventLoop m_loop;
    std::vector<std::size_t> m_waiting;
    std::size_t m_next = 0;
    int m_running = 0;
};

/// The number of an option, within its range; fallback where it is not given.
Parsed<qint64> readNumber(const Options &options, const QString &name, qint64 least, qint64 most, qint64 fallback)
{
    if (!options.isSet(name))
        return fallback;
    const auto number = parseNumber(options.value(name), least, most);
    if (!number)
        return UsageError{QStringLiteral("--%1: %2").arg(name, number.error().text)};
    return qint64(*number);
}

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
                     QStringLiteral("For everything that is left to chance. Default: 1."));
}

Parsed<RunWays> readRunWays(const Options &options, const std::vector<Scenario> &scenarios)
{
    RunWays ways;
    const auto secrets = readSecrets(scenarios);
    if (!secrets)
        return secrets.error();
    ways.options.secrets = *secrets;
    ways.options.makeAuthenticator = makeScramAuthenticator;
    const auto seed =
        readNumber(options, QStringLiteral("seed"), 0, std::numeric_limits<qint64>::max(), qint64(ways.options.seed));
    if (!seed)
        return seed.error();
    const auto jobs = readNumber(options, QStringLiteral("jobs"), 1, 100, ways.jobs);
    if (!jobs)
        return jobs.error();
    ways.options.seed = quint64(*seed);
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

std::vector<RunResult> playScenarios(const std::vector<Scenario> &scenarios, const RunWays &ways, Telling telling)
{
    std::vector<RunResult> results(scenarios.size());
    Progress progress(scenarios.size(), telling);
    for (std::size_t i = 0; i < scenarios.size(); ++i) {
        if (scenarios[i].clockInForce() == RunClock::Real)
            continue;
        results[i] = runVirtually(scenarios[i], ways.options);
        progress.ended(results[i]);
    }
    RealRuns(scenarios, ways, results, progress).run();
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
