// The desktop's keyring, for both programs: read by reference, and written only when somebody asks for exactly that.
#pragma once

#include "core/profile/secret.h"

namespace sessionscope {

/// Waits for the keyring, and with it for whoever has to unlock it, up to two minutes. Needs an application object. The
/// error says whether there is a keyring, whether it is locked, and what to do about it.
FoundSecret readKeyring(const QString &service, const QString &key);

/// Stores a secret, over one that is there. Why it could not be done; nothing when it was. Waits as reading does.
std::optional<QString> writeKeyring(const QString &service, const QString &key, const QByteArray &secret);

} // namespace sessionscope
