// One run of a learned script with faults at chosen packets, and everybody's way back to rest.
//
// The way back is a rule. A client that should be connected for its next action, and is not, reconnects before it; who
// is not connected at the end reconnects then. The first time after a fault it does so as the run's recovery says, any
// other time with Clean Start 0. A connection that went silent is given up by its client first. What was done is
// written down as steps, so that a scenario of them does the same again.
#pragma once

#include "core/scenario/explore_script.h"
#include "core/scenario/fault_point.h"

namespace sessionscope {

struct FaultRunResult
{
    bool wasReached = false; ///< every fault has acted, and the recovery could be carried out
    Breaches breaches;
    std::vector<Node> steps; ///< what was done
    quint32 sentAfter = 0;   ///< packets that the first fault's client sent from its recovery on
    quint32 receivedAfter = 0;
};

/// Plays the script. The second fault is armed when the first one's client comes back, and counts its packets from
/// there.
FaultRunResult runWithFaults(const Scenario &scenario, const RunOptions &options, const ExploreScript &script,
                             const std::vector<FaultPoint> &faults, Recovery recovery);

} // namespace sessionscope
