// A profile as YAML: always the same text for the same profile, keys in the grammar's order, defaults left out. What is
// written reads back as the same profile.
#pragma once

#include "core/profile/profile.h"

namespace sessionscope {

QByteArray writeProfile(const Profile &profile);

/// The same as a tree.
Node profileNode(const Profile &profile);

} // namespace sessionscope
