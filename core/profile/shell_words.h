// A command line as text, cut into its words as a shell does: quotes, backslashes, lines that go on. Nothing is
// expanded.
#pragma once

#include "core/base/result.h"

#include <QStringList>

namespace sessionscope {

/// Or why it cannot be cut.
Result<QStringList, QString> shellWords(const QString &line);

} // namespace sessionscope
