// profile import: from the exports of other programs to files of profiles.
#pragma once

#include "app/cli/console.h"

#include <QStringList>

namespace sessionscope::cli {

/// Takes the arguments behind "profile import".
ExitCode runProfileImport(const QStringList &arguments);

} // namespace sessionscope::cli
