// The comparison of a password with its hash, with Qt's cryptography. A function of its arguments alone, which the
// broker is handed (BrokerAccess::passwordCheck).
#pragma once

#include "core/broker/access.h"

namespace sessionscope {

/// True when password has this hash. Takes as long for a wrong one as for the right one.
bool matchesPassword(const PasswordHash &hash, const QByteArray &password);

} // namespace sessionscope
