// Secrets on the command line: from where only their owner can read them, or typed without being shown.
#pragma once

#include "core/notation/values.h"
#include "core/profile/secret.h"

namespace sessionscope::cli {

/// The keyring, and asking on the terminal.
SecretWays secretWays();

/// The first line of a file that only its owner may read.
Parsed<QByteArray> readPasswordFile(const QString &fileName);

/// What is typed at the terminal, without an echo. An error when there is no terminal, or it was left with Ctrl+C.
FoundSecret askSecret(const QString &whose);

} // namespace sessionscope::cli
