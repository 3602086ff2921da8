// Secrets from where only their owner can read them.
#pragma once

#include "core/notation/values.h"

namespace sessionscope::cli {

/// The first line of a file that only its owner may read.
Parsed<QByteArray> readSecret(const QString &fileName);

} // namespace sessionscope::cli
