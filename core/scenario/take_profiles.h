// Profiles in a scenario: a client, or the broker, names one and gets its keys, as far as it has none of its own.
// On the tree, so that whatever is wrong in a profile is told at its own place.
#pragma once

#include "core/scenario/read_scenario.h"

namespace sessionscope {

/// Replaces each profile under clients and broker by its keys. What a scenario says by its steps or for all of its
/// clients (broker, subscribe) is not taken into a client.
void takeProfiles(Node &root, const LoadFile &load, Problems &problems);

/// What is wrong with a file that should be a profile.
void checkProfile(const Node &root, Problems &problems);

} // namespace sessionscope
