// run: plays scenarios, on the virtual clock one after the other, over sockets several at once, and reports.
#include "app/cli/commands.h"
#include "app/cli/network.h"
#include "app/cli/profiles.h"
#include "app/cli/scenario_files.h"

#include "core/engine/scenario_run.h"
#include "core/scenario/report.h"

#include <QCoreApplication>
#include <QEventLoop>
#include <QFile>

#include <unistd.h>

namespace sessionscope::cli {

namespace {

struct ReportFile
{
    ReportFormat format = ReportFormat::Text;
    QString file; ///< "-": standard output
};

struct RunPlan
{
    std::vector<Scenario> scenarios;
    std::vector<ReportFile> reports;
    RunOptions options;
    int jobs = 4;
    QString broker = QStringLiteral("bundled");
};

Options declareOptions()
{
    Options options(
        QStringLiteral("run FILE… [options]"),
        QStringLiteral("Plays scenarios and says which passed. On the virtual clock an hour takes no time."));
    options.addPositionals(QStringLiteral("FILE…"),
                           QStringLiteral("Files and folders of scenarios; \"library\" for those that ship with the "
                                          "program, \"library/NAME\" for some of them."));
    options.addValue(
        QStringLiteral("broker"), QStringLiteral("URL|PROFILE"),
        QStringLiteral("Play against this broker, in real time. A profile has the broker's URL, and a user "
                       "name and password for clients that have none of their own."));
    options.addValue(QStringLiteral("clock"), QStringLiteral("CLOCK"),
                     QStringLiteral("virtual or real, instead of what the scenario says."));
    options.addValue(QStringLiteral("report"), QStringLiteral("FORMAT:FILE"),
                     QStringLiteral("Write a report: %1; FILE - is standard output. Can be given several times.")
                         .arg(reportFormatNames()));
    options.addValue(QStringLiteral("set"), QStringLiteral("NAME=VALUE"),
                     QStringLiteral("A value for ${NAME}. Can be given several times."));
    options.addValue(QStringLiteral("jobs"), QStringLiteral("N"),
                     QStringLiteral("Scenarios at once in real time. Default: 4."));
    options.addValue(QStringLiteral("seed"), QStringLiteral("N"),
                     QStringLiteral("For everything that is left to chance. Default: 1."));
    options.setEpilogue(
        QStringLiteral("Exit codes: 0 all passed; 1 one failed; 2 a mistake in a file or on the command line; "
                       "3 nothing failed, and some are inconclusive or unsupported."));
    return options;
}

Parsed<ReportFile> readReport(const QString &text)
{
    const qsizetype colon = text.indexOf(u':');
    const auto format = reportFormatOf(text.left(colon));
    if (colon < 1 || !format || colon + 1 == text.size())
        return wrongValue(text, QStringLiteral("FORMAT:FILE with one of the formats %1").arg(reportFormatNames()));
    return ReportFile{*format, text.mid(colon + 1)};
}

/// What the command line says of every scenario.
std::optional<UsageError> apply(RunPlan &plan, const Options &options)
{
    const QString url = options.value(QStringLiteral("broker"));
    if (!url.isEmpty() && url != u"bundled") {
        const auto target = readBrokerTarget(url);
        if (!target)
            return UsageError{QStringLiteral("--broker: ") + target.error().text};
        plan.broker = toUrl(target->endpoint);
        for (Scenario &scenario : plan.scenarios) {
            scenario.broker = target->endpoint;
            scenario.login = target->login;
            scenario.clock = RunClock::Real;
        }
    }
    const QString clock = options.value(QStringLiteral("clock"));
    if (!clock.isEmpty() && clock != u"real" && clock != u"virtual")
        return UsageError{QStringLiteral("--clock: ") + wrongValue(clock, QStringLiteral("virtual or real")).text};
    for (Scenario &scenario : plan.scenarios) {
        if (clock == u"real")
            scenario.clock = RunClock::Real;
        else if (clock == u"virtual" && scenario.broker)
            return UsageError{QStringLiteral("--clock: another broker lives in real time")};
        else if (clock == u"virtual")
            scenario.clock = RunClock::Virtual;
    }
    const auto secrets = readSecrets(plan.scenarios);
    if (!secrets)
        return secrets.error();
    plan.options.secrets = *secrets;
    if (options.isSet(QStringLiteral("seed"))) {
        const auto seed = parseNumber(options.value(QStringLiteral("seed")), 0, std::numeric_limits<qint64>::max());
        if (!seed)
            return UsageError{QStringLiteral("--seed: ") + seed.error().text};
        plan.options.seed = quint64(*seed);
    }
    if (options.isSet(QStringLiteral("jobs"))) {
        const auto jobs = parseNumber(options.value(QStringLiteral("jobs")), 1, 100);
        if (!jobs)
            return UsageError{QStringLiteral("--jobs: ") + jobs.error().text};
        plan.jobs = int(*jobs);
    }
    for (const QString &text : options.values(QStringLiteral("report"))) {
        const auto report = readReport(text);
        if (!report)
            return UsageError{QStringLiteral("--report: ") + report.error().text};
        plan.reports.push_back(*report);
    }
    return std::nullopt;
}

/// A line for each run that ended, or a bar on a terminal.
class Progress
{
public:
    explicit Progress(std::size_t all) : m_all(all), m_isTerminal(::isatty(STDERR_FILENO) == 1) {}

    void ended(const RunResult &result)
    {
        ++m_done;
        clear();
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
};

class RealRuns
{
public:
    RealRuns(const RunPlan &plan, std::vector<RunResult> &results, Progress &progress)
        : m_plan(plan), m_results(results), m_progress(progress)
    {
        for (std::size_t i = 0; i < plan.scenarios.size(); ++i) {
            if (plan.scenarios[i].clockInForce() == RunClock::Real)
                m_waiting.push_back(i);
        }
    }
    Q_DISABLE_COPY_MOVE(RealRuns)

    void run()
    {
        if (m_waiting.empty())
            return;
        for (int job = 0; job < m_plan.jobs; ++job)
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
        const Scenario &scenario = m_plan.scenarios[index];
        auto *run = new ScenarioRun(scenario, m_plan.options, makeNetwork, &m_loop);
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

    const RunPlan &m_plan;
    std::vector<RunResult> &m_results;
    Progress &m_progress;
    QEventLoop m_loop;
    std::vector<std::size_t> m_waiting;
    std::size_t m_next = 0;
    int m_running = 0;
};

bool write(const ReportFile &target, const Report &report)
{
    const QByteArray text = writeReport(report, target.format);
    QFile file(target.file);
    const bool isOpen = target.file == u"-" ? file.open(stdout, QIODevice::WriteOnly) : file.open(QIODevice::WriteOnly);
    if (isOpen && file.write(text) == text.size() && file.flush())
        return true;
    printNote(QStringLiteral("sessionscope-cli run: \"%1\": %2").arg(target.file, file.errorString()));
    return false;
}

ExitCode exitCodeOf(const Report &report)
{
    const Totals totals = totalsOf(report.runs);
    const auto count = [&totals](Verdict verdict) { return totals.byVerdict[std::size_t(verdict)]; };
    if (!report.problems.empty() || count(Verdict::Error) > 0)
        return ExitCode::Usage;
    if (count(Verdict::Failed) > 0)
        return ExitCode::Failed;
    return count(Verdict::Inconclusive) + count(Verdict::Unsupported) > 0 ? ExitCode::Inconclusive : ExitCode::Ok;
}

ExitCode play(const RunPlan &plan)
{
    Report report{.program = QStringLiteral("sessionscope-cli " SESSIONSCOPE_VERSION), .broker = plan.broker};
    report.seed = plan.options.seed;
    report.runs.resize(plan.scenarios.size());
    Progress progress(plan.scenarios.size());
    for (std::size_t i = 0; i < plan.scenarios.size(); ++i) {
        if (plan.scenarios[i].clockInForce() == RunClock::Real)
            continue;
        report.runs[i] = runVirtually(plan.scenarios[i], plan.options);
        progress.ended(report.runs[i]);
    }
    RealRuns(plan, report.runs, progress).run();
    progress.clear();
    printResult(totalsText(totalsOf(report.runs)));
    for (const ReportFile &target : plan.reports) {
        if (!write(target, report))
            return ExitCode::Usage;
    }
    return exitCodeOf(report);
}

} // namespace

ExitCode runRun(const QStringList &arguments)
{
    const QString name = QStringLiteral("run");
    Options options = declareOptions();
    if (const auto code = readArguments(options, name, arguments))
        return *code;
    auto scenarios = readScenarioArguments(options, name);
    if (!scenarios)
        return scenarios.error();
    RunPlan plan{.scenarios = std::move(scenarios).value()};
    if (const auto error = apply(plan, options))
        return usageError(name, error->text);
    return play(plan);
}

} // namespace sessionscope::cli
