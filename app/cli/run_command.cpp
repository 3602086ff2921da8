// run: plays scenarios and reports.
#include "app/cli/commands.h"
#include "app/cli/keep_failing.h"
#include "app/cli/scenario_files.h"
#include "app/cli/scenario_runs.h"
#include "app/cli/tls_options.h"

namespace sessionscope::cli {

namespace {

struct RunPlan
{
    std::vector<Scenario> scenarios;
    std::vector<ReportFile> reports;
    RunWays ways;
    QString keepFolder; ///< of what failed; empty: nothing is kept
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
        QStringLiteral("Play against this broker, in real time. A profile has the broker's URL, and a user name and "
                       "password for clients that have none of their own. Clients without a client_id of their own "
                       "get one for this run, and what the run leaves is removed."));
    addTlsOptions(options);
    options.addValue(QStringLiteral("report"), QStringLiteral("FORMAT:FILE"),
                     QStringLiteral("Write a report: %1; FILE - is standard output. Can be given several times.")
                         .arg(reportFormatNames()));
    options.addValue(QStringLiteral("keep-failing"), QStringLiteral("FOLDER"),
                     QStringLiteral("Keep of each run that does not pass, unsupported ones apart, in FOLDER: itself as "
                                    "a scenario (.yaml), what happened (.recording.jsonl, for show), a capture for "
                                    "Wireshark (.pcapng) and a report (.md)."));
    addRunOptions(options);
    options.setEpilogue(
        QStringLiteral("Exit codes: 0 all passed; 1 one failed; 2 a mistake in a file or on the command line; "
                       "3 nothing failed, and some are inconclusive or unsupported."));
    return options;
}

/// What the command line says of every scenario.
std::optional<UsageError> apply(RunPlan &plan, const Options &options)
{
    std::optional<BrokerTarget> broker;
    if (const QString word = options.value(QStringLiteral("broker")); !word.isEmpty()) {
        const auto read = readBroker(word);
        if (!read)
            return UsageError{QStringLiteral("--broker: ") + read.error().text};
        broker = *read;
    }
    if (const auto error =
            applyTlsOptions(options, broker ? std::vector{&broker->endpoint} : std::vector<Endpoint *>()))
        return error;
    if (broker)
        warnOfInsecure(QStringLiteral("run"), broker->endpoint);
    if (options.isSet(QStringLiteral("broker")))
        useBroker(plan.scenarios, broker);
    QStringList brokers;
    for (const Scenario &scenario : plan.scenarios) {
        if (const QString name = brokerNameOf(scenario); !brokers.contains(name))
            brokers << name;
    }
    plan.broker = brokers.join(QStringLiteral(", "));
    if (const auto error = applyClock(options, plan.scenarios))
        return error;
    const auto ways = readRunWays(options, plan.scenarios);
    if (!ways)
        return ways.error();
    plan.ways = *ways;
    plan.keepFolder = options.value(QStringLiteral("keep-failing"));
    if (options.isSet(QStringLiteral("keep-failing"))) {
        if (plan.keepFolder.isEmpty())
            return UsageError{QStringLiteral("--keep-failing: expected a folder")};
        plan.ways.options.recordings = Recordings::Kept;
    }
    for (const QString &text : options.values(QStringLiteral("report"))) {
        const auto report = readReportFile(text, reportFormatNames());
        if (!report)
            return UsageError{QStringLiteral("--report: ") + report.error().text};
        plan.reports.push_back(*report);
        if (reportFormatOf(report->format) == ReportFormat::Html)
            plan.ways.options.ladders = Ladders::Kept;
    }
    return std::nullopt;
}

ExitCode play(RunPlan plan)
{
    Report report{.program = QStringLiteral("sessionscope-cli " SESSIONSCOPE_VERSION), .broker = plan.broker};
    report.seed = plan.ways.options.seed.value_or(1);
    KeepFailing keep(plan.keepFolder, report, plan.ways.options);
    if (!plan.keepFolder.isEmpty())
        plan.ways.ended = [&keep](const Scenario &scenario, RunResult &run) { keep.take(scenario, run); };
    report.runs = playScenarios(plan.scenarios, plan.ways);
    const Totals totals = totalsOf(report.runs);
    printResult(totalsText(totals));
    for (const ReportFile &target : plan.reports) {
        const ReportFormat format = reportFormatOf(target.format).value_or(ReportFormat::Text);
        if (!writeReportFile(target, writeReport(report, format), QStringLiteral("run")))
            return ExitCode::Usage;
    }
    return keep.isWhole() ? exitCodeOf(totals) : ExitCode::Usage;
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
    return play(std::move(plan));
}

} // namespace sessionscope::cli
