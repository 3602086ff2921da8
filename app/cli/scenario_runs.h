// Playing scenarios for a command: on the virtual clock one after the other, over sockets several at once, with
// progress on the terminal; and the options, the files and the exit codes that those commands have in common.
#pragma once

#include "app/cli/console.h"
#include "app/cli/options.h"
#include "app/cli/profiles.h"

#include "core/scenario/report.h"

namespace sessionscope::cli {

/// How scenarios are played, as --jobs, --seed and --clock say.
struct RunWays
{
    RunOptions options;
    int jobs = 4; ///< at once, in real time
    /// Called for each run that ended and was told; may be left out.
    std::function<void(const Scenario &, RunResult &)> ended = {};
};

/// --set, --clock, --jobs and --seed.
void addRunOptions(Options &options);
/// What those say, and the passwords that scenarios take from the environment.
Parsed<RunWays> readRunWays(const Options &options, const std::vector<Scenario> &scenarios);
/// --clock for scenarios that already have their broker.
std::optional<UsageError> applyClock(const Options &options, std::vector<Scenario> &scenarios);

/// The broker that a word names: "bundled", which is no target, a URL, or a profile.
Parsed<std::optional<BrokerTarget>> readBroker(const QString &word);
/// As a report names it.
QString brokerName(const std::optional<BrokerTarget> &broker);
/// Has the scenarios meet this broker instead of their own; in real time, unless it is the bundled one.
void useBroker(std::vector<Scenario> &scenarios, const std::optional<BrokerTarget> &broker);

/// A part of a report's argument, "FORMAT:FILE".
struct ReportFile
{
    QString format;
    QString file; ///< "-": standard output
};
Parsed<ReportFile> readReportFile(const QString &text, const QString &formats);
/// False when that failed, which has been told.
bool writeReportFile(const ReportFile &target, const QByteArray &text, const QString &command);

/// What somebody who plays many scenarios wants of each, by its index.
struct RunHooks
{
    std::function<Scenario(std::size_t)> scenarioOf; ///< when its turn comes
    std::function<void(std::size_t, RunResult)> ended;
    /// For a step that takes time, at most so long.
    std::function<void(std::size_t, const QString &, Duration)> waits = {};
};
/// Plays them over sockets, so many at once, in one event loop, until all have ended.
void playAtOnce(std::size_t count, int jobs, const RunOptions &options, const RunHooks &hooks);

/// What is printed of each run that ended, beside the bar on a terminal.
enum class Telling : quint8
{
    Results, ///< its verdict, and what failed
    Quiet
};
/// One result a scenario, in their order.
std::vector<RunResult> playScenarios(const std::vector<Scenario> &scenarios, const RunWays &ways,
                                     Telling telling = Telling::Results);

/// 2 for an error, 1 for a failure, 3 when nothing failed and not everything passed.
ExitCode exitCodeOf(const Totals &totals);

} // namespace sessionscope::cli
