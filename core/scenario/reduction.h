// Making a run that breaks an invariant smaller: the runs that have a step less.
#pragma once

#include "core/scenario/explore_script.h"
#include "core/scenario/fault_point.h"

namespace sessionscope {

/// What a run with faults is made of, but for the way back.
struct RunParts
{
    ExploreScript script;
    std::vector<FaultPoint> points;
};

/// What leaving a step out means for the first fault's packet.
enum class Counting : quint8
{
    Same,
    OneFewer ///< the step made such a packet as the fault waits for
};

/// A step to leave out.
struct Omission
{
    std::size_t step = 0;
    Counting counting = Counting::Same;
};

/// Nothing when the fault's packet would be the one before the first.
std::optional<RunParts> without(RunParts parts, const Omission &omission);

/// The time that steps of a scenario file wait in all.
Duration waitsOf(const std::vector<Node> &steps);

} // namespace sessionscope
