// One end of one connection: what a lab calls a socket or a pipe end. Never reused within a lab.
#pragma once

#include "core/base/strong_id.h"

namespace sessionscope {

/// 0 means "no link". A connection inside this program has two ends and therefore two ids.
using LinkId = StrongId<struct LinkIdTag, quint32>;

} // namespace sessionscope
