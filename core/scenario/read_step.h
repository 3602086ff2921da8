// From nodes of the right shape to steps. Names are resolved here, and what no shape can tell is told here.
#pragma once

#include "core/scenario/scenario.h"

namespace sessionscope {

/// The steps of a list. Problems are appended; a step with one may be incomplete.
Steps readSteps(const Node &list, const Scenario &scenario, Problems &problems);

} // namespace sessionscope
