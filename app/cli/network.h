// The one place where the command line chooses what its engine stands on.
#pragma once

#include "core/link/network.h"

#include <memory>

namespace sessionscope::cli {

/// Sockets, over every transport. Called on the engine's thread.
std::unique_ptr<Network> makeNetwork();

} // namespace sessionscope::cli
