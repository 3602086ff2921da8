// explore: plays scenarios with a fault at every packet and shows where an invariant broke.
#include "app/cli/commands.h"
#include "app/cli/scenario_files.h"
#include "app/cli/scenario_runs.h"
#include "app/cli/tls_options.h"

#include "core/auth/scram_authenticator.h"
#include "core/auth/scram_method.h"
#include "core/scenario/distant_reduction.h"
#include "core/scenario/flatten.h"
#include "core/scenario/read_scenario.h"
#include "core/scenario/report.h"
#include "core/scenario/virtual_run.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QRandomGenerator>

#include <unistd.h>

namespace sessionscope::cli {

namespace {

QString faultNames()
{
    QStringList names;
    for (std::size_t i = 0; i < exploreFaultCount; ++i)
        names << QString::fromLatin1(exploreFaultName(ExploreFault(i)));
    return names.join(QStringLiteral(", "));
}

Options declareOptions()
{
    Options options(QStringLiteral("explore FILE… [options]"),
                    QStringLiteral("Plays scenarios on the bundled broker, again and again, with a fault at each of "
                                   "their packets and each way back from it, and checks what must always hold."));
    options.addPositionals(QStringLiteral("FILE…"), QStringLiteral("Scenarios, as run takes them."));
    options.addValue(QStringLiteral("broker"), QStringLiteral("URL|PROFILE"),
                     QStringLiteral("Explore this broker, over sockets and in real time. Each run has Client "
                                    "Identifiers and topics of its own."));
    addTlsOptions(options);
    options.addValue(QStringLiteral("jobs"), QStringLiteral("N"),
                     QStringLiteral("With --broker: runs at once. Default: 50."));
    options.addValue(QStringLiteral("longest-wait"), QStringLiteral("DURATION"),
                     QStringLiteral("With --broker: runs that wait longer are left out. Default: 10s."));
    options.addValue(QStringLiteral("faults"), QStringLiteral("NAME,…"),
                     QStringLiteral("Only these of %1.").arg(faultNames()));
    options.addFlag(QStringLiteral("pairs"),
                    QStringLiteral("Two faults in a run, the second one behind the way back from the first."));
    options.addValue(QStringLiteral("sample"), QStringLiteral("N"),
                     QStringLiteral("So many runs of each scenario, drawn by chance, instead of all."));
    options.addValue(QStringLiteral("seed"), QStringLiteral("N"), QStringLiteral("Of the draw. Default: 1."));
    options.addValue(QStringLiteral("set"), QStringLiteral("NAME=VALUE"),
                     QStringLiteral("A value for ${NAME}. Can be given several times."));
    options.addValue(QStringLiteral("output"), QStringLiteral("DIR"),
                     QStringLiteral("Where counterexamples are written, for run. Default: this folder."));
    options.setEpilogue(
        QStringLiteral("Exit codes: 0 everything held; 1 an invariant broke; 2 a mistake in a file or "
                       "on the command line; 3 a scenario cannot be explored, or runs could not go on."));
    return options;
}

std::optional<UsageError> readPlan(ExplorePlan &plan, const Options &options)
{
    if (options.isSet(QStringLiteral("faults"))) {
        for (const QString &name : options.value(QStringLiteral("faults")).split(u',')) {
            const auto fault = exploreFaultOf(name.trimmed());
            if (!fault)
                return UsageError{QStringLiteral("--faults: ") +
                                  wrongValue(name, QStringLiteral("some of ") + faultNames()).text};
            plan.faults.push_back(*fault);
        }
    }
    if (options.isSet(QStringLiteral("pairs")))
        plan.perRun = FaultsPerRun::Two;
    constexpr qint64 most = std::numeric_limits<qint64>::max();
    const auto sample = readNumber(options, QStringLiteral("sample"), 1, most, 0);
    if (!sample)
        return sample.error();
    const auto seed = readNumber(options, QStringLiteral("seed"), 0, most, qint64(plan.seed));
    if (!seed)
        return seed.error();
    plan.sample = std::size_t(*sample);
    plan.seed = quint64(*seed);
    return std::nullopt;
}

/// The broker that is explored over sockets, and how.
struct Distant
{
    DistantPlan plan;
    std::optional<BrokerLogin> login;
    int jobs = 50;
};

/// What --broker says; nothing when it is the bundled one.
Parsed<std::optional<Distant>> readDistant(const Options &options)
{
    const QString word = options.value(QStringLiteral("broker"));
    if (word.isEmpty() || word == u"bundled") {
        for (const char *name : {"jobs", "longest-wait"}) {
            if (options.isSet(QString::fromLatin1(name)))
                return UsageError{QStringLiteral("--%1 needs another broker").arg(QString::fromLatin1(name))};
        }
        if (const auto error = applyTlsOptions(options, {}))
            return *error;
        return std::optional<Distant>();
    }
    const auto target = readBrokerTarget(word);
    if (!target)
        return UsageError{QStringLiteral("--broker: ") + target.error().text};
    Distant distant{.plan = {.broker = target->endpoint}, .login = target->login};
    if (const auto error = applyTlsOptions(options, {&distant.plan.broker}))
        return *error;
    warnOfInsecure(QStringLiteral("explore"), distant.plan.broker);
    const auto jobs = readNumber(options, QStringLiteral("jobs"), 1, 1000, distant.jobs);
    if (!jobs)
        return jobs.error();
    distant.jobs = int(*jobs);
    if (options.isSet(QStringLiteral("longest-wait"))) {
        const auto wait = parseDuration(options.value(QStringLiteral("longest-wait")));
        if (!wait)
            return UsageError{QStringLiteral("--longest-wait: ") + wait.error().text};
        distant.plan.longestWait = *wait;
    }
    // Two calls one after the other must not meet each other's sessions.
    distant.plan.tag = QByteArray::number(QRandomGenerator::global()->generate(), 36);
    return std::optional(distant);
}

class Progress
{
public:
    explicit Progress(const QString &name) : m_name(name), m_isTerminal(::isatty(STDERR_FILENO) == 1) {}

    void show(std::size_t done, std::size_t all) const
    {
        constexpr std::size_t every = 100;
        if (m_isTerminal && (done % every == 0 || done == all)) {
            std::fputs(QStringLiteral("\r\033[K%1: %2/%3").arg(m_name).arg(done).arg(all).toUtf8().constData(), stderr);
            std::fflush(stderr);
        }
    }
    void clear() const
    {
        if (m_isTerminal)
            std::fputs("\r\033[K", stderr);
    }

private:
    QString m_name;
    bool m_isTerminal;
};

/// "sleeping-door-exactly-once.yaml": of the scenario's file and the invariant.
QString fileNameOf(const Scenario &scenario, const Counterexample &example, int number)
{
    QString base = QFileInfo(scenario.place.file).completeBaseName();
    if (base.isEmpty())
        base = QStringLiteral("scenario");
    QString invariant = QString::fromLatin1(invariantText(example.breach.invariant));
    return QStringLiteral("%1-counterexample-%2-%3.yaml").arg(base).arg(number).arg(invariant.replace(u' ', u'-'));
}

class Exploring
{
public:
    Exploring(ExplorePlan plan, std::optional<Distant> distant, const QString &output)
        : m_plan(std::move(plan)), m_distant(std::move(distant)), m_output(output)
    {
    }

    ExitCode exploreAll(const std::vector<Scenario> &scenarios)
    {
        for (const Scenario &scenario : scenarios) {
            if (const auto code = exploreOne(scenario); code == ExitCode::Usage)
                return code;
            else if (code != ExitCode::Ok && m_code != ExitCode::Failed)
                m_code = code;
        }
        return m_code;
    }

private:
    ExitCode exploreOne(const Scenario &scenario)
    {
        if (const auto why = whyNotExplorable(scenario)) {
            printNote(QStringLiteral("%1: not explored: %2").arg(scenario.name, *why));
            return ExitCode::Inconclusive;
        }
        const RunResult plain = runVirtually(scenario, m_plan.options);
        if (plain.verdict != Verdict::Passed) {
            printNote(QStringLiteral("%1: not explored: it has to pass without a fault, and is %2\n%3")
                          .arg(scenario.name, QString::fromLatin1(verdictText(plain.verdict)), failureText(plain)));
            return plain.verdict == Verdict::Failed ? ExitCode::Failed : ExitCode::Inconclusive;
        }
        Progress progress(scenario.name);
        QElapsedTimer timer;
        timer.start();
        const Exploration exploration =
            play(scenario, [&](std::size_t done, std::size_t all) { progress.show(done, all); });
        progress.clear();
        print(exploration, timer.nsecsElapsed());
        return keep(scenario, exploration);
    }

    Exploration play(const Scenario &scenario, const ExploreProgress &progress)
    {
        m_furtherRuns = 0;
        if (!m_distant)
            return explore(scenario, m_plan, progress);
        DistantRuns all = distantRuns(scenario, m_plan, m_distant->plan);
        std::vector<QByteArray> files;
        for (const DistantRun &run : all.runs)
            files.push_back(run.file);
        std::size_t done = 0;
        playFiles(scenario, files, [&](std::size_t index, const RunResult &result) {
            takeResult(all, all.runs[index], result);
            progress(++done, all.runs.size());
        });
        for (std::size_t example = 0; example < all.exploration.counterexamples.size(); ++example)
            all.exploration.counterexamples[example] = smaller(scenario, all, example);
        return std::move(all.exploration);
    }

    using Ended = std::function<void(std::size_t, RunResult)>;

    void playFiles(const Scenario &scenario, const std::vector<QByteArray> &files, const Ended &ended) const
    {
        const auto scenarioOf = [&](std::size_t index) {
            Scenario one = readScenarios(files[index], scenario.place.file)->front();
            one.login = m_distant->login;
            return one;
        };
        playAtOnce(files.size(), m_distant->jobs, m_plan.options, {.scenarioOf = scenarioOf, .ended = ended});
    }

    Counterexample smaller(const Scenario &scenario, const DistantRuns &all, std::size_t example)
    {
        DistantReduction reduction(scenario, m_plan, m_distant->plan, all, example);
        const Progress progress(scenario.name + QStringLiteral(": making a counterexample smaller"));
        for (auto files = reduction.next(); !files.empty(); files = reduction.next()) {
            std::vector<RunResult> results(files.size());
            playFiles(scenario, files,
                      [&](std::size_t index, RunResult result) { results[index] = std::move(result); });
            reduction.take(results);
            progress.show(reduction.runs(), DistantReduction::runLimit);
        }
        m_furtherRuns += reduction.runs();
        return reduction.result();
    }

    static void print(const Exploration &exploration, qint64 nanoseconds)
    {
        printResult(exploration.name);
        printResult(gridText(exploration));
        printResult(QStringLiteral("%1 runs: %2 held, %3 broke an invariant, %4 not reached%6; %5 runs/s")
                        .arg(exploration.cells.size())
                        .arg(countOf(exploration, CellOutcome::Ok))
                        .arg(countOf(exploration, CellOutcome::Breach))
                        .arg(countOf(exploration, CellOutcome::NotReached))
                        .arg(qint64(double(exploration.cells.size()) * 1e9 / double(std::max<qint64>(nanoseconds, 1))))
                        .arg(distantText(exploration)));
        constexpr int shown = 20;
        int count = 0;
        for (const ExploreCell &cell : exploration.cells) {
            if (cell.breaches.empty() || ++count > shown)
                continue;
            printResult(QStringLiteral("%1: %2").arg(cellText(exploration, cell), breachText(cell.breaches.front())));
        }
        if (count > shown)
            printResult(QStringLiteral("and %1 more").arg(count - shown));
        const auto stuck = std::ranges::find(exploration.cells, CellOutcome::Stuck, &ExploreCell::outcome);
        if (stuck != exploration.cells.end())
            printResult(QStringLiteral("%1: could not go on at %2").arg(cellText(exploration, *stuck), stuck->stuckAt));
    }

    /// What only runs over sockets come to.
    static QString distantText(const Exploration &exploration)
    {
        QString text;
        if (const auto count = countOf(exploration, CellOutcome::TooLong))
            text += QStringLiteral(", %1 left out because they wait too long").arg(count);
        if (const auto count = countOf(exploration, CellOutcome::Stuck))
            text += QStringLiteral(", %1 could not go on").arg(count);
        return text;
    }

    ExitCode keep(const Scenario &scenario, const Exploration &exploration)
    {
        for (const Counterexample &example : exploration.counterexamples) {
            const QString name = fileNameOf(scenario, example, ++m_kept);
            QFile file(QDir(m_output).filePath(name));
            const QByteArray text = withoutSecrets(example.file, scenario);
            if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size() || !file.flush()) {
                printNote(
                    QStringLiteral("sessionscope-cli explore: \"%1\": %2").arg(file.fileName(), file.errorString()));
                return ExitCode::Usage;
            }
            printResult(QStringLiteral("%1: %2%3")
                            .arg(file.fileName(), breachText(example.breach),
                                 example.isReproduced ? QString() : QStringLiteral(" (does not show when it is run)")));
        }
        if (m_furtherRuns > 0)
            printResult(QStringLiteral("%1 further runs, at most %2 for each, to make them smaller")
                            .arg(m_furtherRuns)
                            .arg(DistantReduction::runLimit));
        if (countOf(exploration, CellOutcome::Breach) > 0)
            return ExitCode::Failed;
        return countOf(exploration, CellOutcome::Stuck) > 0 ? ExitCode::Inconclusive : ExitCode::Ok;
    }

    ExplorePlan m_plan;
    std::optional<Distant> m_distant;
    QString m_output;
    ExitCode m_code = ExitCode::Ok;
    int m_kept = 0;
    std::size_t m_furtherRuns = 0; ///< of the latest scenario, for making counterexamples smaller
};

} // namespace

ExitCode runExplore(const QStringList &arguments)
{
    const QString name = QStringLiteral("explore");
    Options options = declareOptions();
    if (const auto code = readArguments(options, name, arguments))
        return *code;
    const auto scenarios = readScenarioArguments(options, name);
    if (!scenarios)
        return scenarios.error();
    const auto distant = readDistant(options);
    if (!distant)
        return usageError(name, distant.error().text);
    std::vector<Scenario> played = *scenarios;
    for (Scenario &scenario : played)
        scenario.login = *distant ? (*distant)->login : scenario.login;
    const auto secrets = readSecrets(played);
    if (!secrets)
        return usageError(name, secrets.error().text);
    ExplorePlan plan;
    plan.options.secrets = *secrets;
    plan.options.makeAuthenticator = makeScramAuthenticator;
    plan.options.makePasswordMethod = makeScramMethodOfPasswords;
    if (const auto error = readPlan(plan, options))
        return usageError(name, error->text);
    const QString output =
        options.isSet(QStringLiteral("output")) ? options.value(QStringLiteral("output")) : QStringLiteral(".");
    if (!QFileInfo(output).isDir())
        return usageError(name, QStringLiteral("--output: ") + wrongValue(output, QStringLiteral("a folder")).text);
    return Exploring(std::move(plan), *distant, output).exploreAll(*scenarios);
}

} // namespace sessionscope::cli
