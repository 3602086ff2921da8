// A whole run on the virtual clock and in-memory pipes: the same scenario and seed give the same trace, byte for byte.
#pragma once

#include "core/scenario/runner.h"

namespace sessionscope {

class VirtualDriver;

/// Has a runner, whose commands go to the driver, play to its end.
void drive(VirtualDriver &driver, Runner &runner);
/// Plays the scenario, and its control first when it has one.
RunResult runVirtually(const Scenario &scenario, const RunOptions &options = {});

/// The scenario with the steps of its control instead of its own.
Scenario controlOf(const Scenario &scenario);
/// What remains to be said when the control did not pass.
RunResult inconclusiveAfter(RunResult control, const Scenario &scenario);

} // namespace sessionscope
