// The desktop's keyring, for both programs. Only ever read: nothing is stored there by this program.
#pragma once

#include "core/profile/secret.h"

namespace sessionscope {

/// Waits for the keyring, and with it for whoever has to unlock it, up to two minutes. Needs an application object.
FoundSecret readKeyring(const QString &service, const QString &key);

} // namespace sessionscope
