// Client ids that nobody else uses: two runs at once, or one after the other, against the same broker must not meet in
// the same session. An id that a file says itself is meant, and stays.
#pragma once

#include "core/scenario/scenario.h"

namespace sessionscope {

/// Puts suffix behind the id of every client that is named by the scenario only. Says which, "door: door-x7k2p9".
QStringList giveOwnIds(Scenario &scenario, const QByteArray &suffix);

} // namespace sessionscope
