// compare: the same scenarios against several brokers, and what differs.
#include "app/cli/commands.h"
#include "app/cli/scenario_files.h"
#include "app/cli/scenario_runs.h"
#include "app/cli/tls_options.h"

#include "core/scenario/comparison.h"

namespace sessionscope::cli {

namespace {

Options declareOptions()
{
    Options options(QStringLiteral("compare FILE… --brokers A,B,C [options]"),
                    QStringLiteral("Plays each scenario against each broker, and says where they differ. The bundled "
                                   "broker is played on the virtual clock, the others in real time."));
    options.addPositionals(QStringLiteral("FILE…"),
                           QStringLiteral("Files and folders of scenarios; \"library/any-broker\" for those that ask "
                                          "for nothing that only the bundled broker has."));
    options.addValue(
        QStringLiteral("brokers"), QStringLiteral("LIST"),
        QStringLiteral("bundled, URLs and profiles, with commas between them. The first is what the others are "
                       "compared with."));
    options.addValue(QStringLiteral("report"), QStringLiteral("FORMAT:FILE"),
                     QStringLiteral("Write a report: %1; FILE - is standard output. Can be given several times.")
                         .arg(comparisonFormatNames()));
    addTlsOptions(options);
    addRunOptions(options);
    options.setEpilogue(
        QStringLiteral("Exit codes: 0 all passed with every broker; 1 one failed; 2 a mistake in a file or on the "
                       "command line; 3 nothing failed, and some are inconclusive or unsupported."));
    return options;
}

struct ComparePlan
{
    std::vector<QString> brokers;
    std::vector<Scenario> scenarios; ///< those of the first broker, then those of the second …
    std::vector<ReportFile> reports;
    RunWays ways;
};

std::optional<UsageError> addBrokers(ComparePlan &plan, const Options &options, const std::vector<Scenario> &scenarios)
{
    const auto wrong = [](const QString &what) { return UsageError{QStringLiteral("--brokers: ") + what}; };
    std::vector<std::optional<BrokerTarget>> brokers;
    for (const QString &word : options.value(QStringLiteral("brokers")).split(u',', Qt::SkipEmptyParts)) {
        const auto broker = readBroker(word.trimmed());
        if (!broker)
            return wrong(broker.error().text);
        const QString name = brokerName(*broker);
        if (std::ranges::find(plan.brokers, name) != plan.brokers.end())
            return wrong(QStringLiteral("%1 stands twice").arg(name));
        plan.brokers.push_back(name);
        brokers.push_back(*broker);
    }
    std::vector<Endpoint *> endpoints;
    for (auto &broker : brokers) {
        if (broker)
            endpoints.push_back(&broker->endpoint);
    }
    if (const auto error = applyTlsOptions(options, endpoints))
        return error;
    for (const auto &broker : brokers) {
        if (broker)
            warnOfInsecure(QStringLiteral("compare"), broker->endpoint);
        std::vector<Scenario> own = scenarios;
        useBroker(own, broker);
        // Other brokers are in real time anyway.
        if (!broker) {
            if (const auto error = applyClock(options, own))
                return error;
        }
        std::ranges::move(own, std::back_inserter(plan.scenarios));
    }
    if (plan.brokers.size() < 2)
        return wrong(QStringLiteral("expected two or more, such as bundled,mqtt://localhost:1883"));
    return std::nullopt;
}

std::optional<UsageError> apply(ComparePlan &plan, const Options &options, const std::vector<Scenario> &scenarios)
{
    for (const Scenario &scenario : scenarios) {
        if (scenario.broker)
            return UsageError{QStringLiteral("%1 names its broker itself: expected scenarios that leave it open")
                                  .arg(scenario.place.file)};
    }
    if (const auto error = addBrokers(plan, options, scenarios))
        return error;
    const auto ways = readRunWays(options, plan.scenarios);
    if (!ways)
        return ways.error();
    plan.ways = *ways;
    plan.ways.options.ladders = Ladders::Kept;
    for (const QString &text : options.values(QStringLiteral("report"))) {
        const auto report = readReportFile(text, comparisonFormatNames());
        if (!report)
            return UsageError{QStringLiteral("--report: ") + report.error().text};
        plan.reports.push_back(*report);
    }
    return std::nullopt;
}

ExitCode play(const ComparePlan &plan)
{
    std::vector<RunResult> results = playScenarios(plan.scenarios, plan.ways, Telling::Quiet);
    const ExitCode code = exitCodeOf(totalsOf(results));
    Comparison comparison{.program = QStringLiteral("sessionscope-cli " SESSIONSCOPE_VERSION),
                          .seed = plan.ways.options.seed.value_or(1)};
    const auto each = qsizetype(plan.scenarios.size() / plan.brokers.size());
    auto begin = std::make_move_iterator(results.begin());
    for (const QString &broker : plan.brokers) {
        comparison.columns.push_back({broker, std::vector<RunResult>(begin, begin + each)});
        begin += each;
    }
    printResult(comparisonText(comparison).trimmed());
    for (const ReportFile &target : plan.reports) {
        const ComparisonFormat format = comparisonFormatOf(target.format).value_or(ComparisonFormat::Text);
        if (!writeReportFile(target, writeComparison(comparison, format), QStringLiteral("compare")))
            return ExitCode::Usage;
    }
    return code;
}

} // namespace

ExitCode runCompare(const QStringList &arguments)
{
    const QString name = QStringLiteral("compare");
    Options options = declareOptions();
    if (const auto code = readArguments(options, name, arguments))
        return *code;
    const auto scenarios = readScenarioArguments(options, name);
    if (!scenarios)
        return scenarios.error();
    ComparePlan plan;
    if (const auto error = apply(plan, options, *scenarios))
        return usageError(name, error->text);
    return play(plan);
}

} // namespace sessionscope::cli
