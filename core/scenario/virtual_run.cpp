#include "core/scenario/virtual_run.h"

#include "core/lab/virtual_driver.h"

namespace sessionscope {

namespace {

/// Times that the clock jumps in one run; more is a run that does not end.
constexpr int jumpLimit = 1'000'000;

RunResult runOnce(const Scenario &scenario, const RunOptions &options)
{
    VirtualDriver driver(options.makeAuthenticator);
    const auto listening = driver.listen();
    Q_ASSERT(listening);
    Runner runner(
        scenario, driver.lab(), [&driver](const LabCommand &command) { driver.submit(command); }, *listening,
        Sight::BothEnds, options);
    drive(driver, runner);
    return runner.takeResult();
}

} // namespace

void drive(VirtualDriver &driver, Runner &runner)
{
    for (int jumps = 0; !runner.isFinished(); ++jumps) {
        if (!driver.runUntilQuiet() || jumps > jumpLimit) {
            runner.abandon(driver.now(), QStringLiteral("both ends answer each other without end"));
            break;
        }
        const TraceSeq before = driver.lab().trace.last();
        runner.goOn(driver.now());
        // What it asked for comes before time passes.
        if (runner.isFinished() || driver.lab().trace.last() != before)
            continue;
        Instant next = runner.deadline();
        if (const auto deadline = nextDeadline(driver.lab()); deadline && *deadline < next)
            next = *deadline;
        if (next == Instant::max()) {
            runner.abandon(driver.now(), QStringLiteral("nothing will ever happen again"));
            break;
        }
        driver.advance(std::max(Duration{}, next - driver.now()));
    }
}

Scenario controlOf(const Scenario &scenario)
{
    Scenario control = scenario;
    control.steps = scenario.control;
    control.finally.clear();
    control.control.clear();
    control.breaks.clear();
    return control;
}

RunResult inconclusiveAfter(RunResult control, const Scenario &scenario)
{
    control.name = scenario.name;
    control.verdict = control.verdict == Verdict::Failed ? Verdict::Inconclusive : control.verdict;
    return control;
}

RunResult runVirtually(const Scenario &scenario, const RunOptions &options)
{
    if (!scenario.control.empty()) {
        RunResult control = runOnce(controlOf(scenario), options);
        if (control.verdict != Verdict::Passed)
            return inconclusiveAfter(std::move(control), scenario);
    }
    return runOnce(scenario, options);
}

} // namespace sessionscope
