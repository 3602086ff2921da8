// Plays the explorer's runs against a broker over sockets, several at once in one event loop.
#pragma once

#include "core/scenario/distant_runs.h"

namespace sessionscope::cli {

/// Fills in what every run has come to. progress is told after each.
void playDistant(DistantRuns &all, const RunOptions &options, int jobs, const ExploreProgress &progress);

} // namespace sessionscope::cli
