// One run as a scenario of its own: variables and the row of the table written out, includes and profiles taken in, the
// seed fixed, the broker and the clock it was played with. Playing it does what the run did.
#pragma once

#include "core/scenario/run_commands.h"

namespace sessionscope {

/// A scenario file. source: the one it was made of, for its first line. Passwords stay references, and what
/// authentication methods send has to be given again, by the variables that its head names.
QByteArray flattened(const Scenario &scenario, const RunOptions &options, const QString &program);

/// A file that was made of parts of scenario, as it may be kept: the same is true of its passwords and its data.
QByteArray withoutSecrets(const QByteArray &file, const Scenario &scenario);

} // namespace sessionscope
