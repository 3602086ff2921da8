// SCRAM (RFC 5802, RFC 7677) at the server's end, by GNU SASL: an Authentication Method that knows verifiers, never
// passwords, and proves to its clients that it does. Nobody learns from it which users there are: an unknown one is
// sent iterations and a salt as well, the same each time, and fails where a wrong password fails.
#pragma once

#include "core/broker/access.h"

namespace sessionscope {

/// The method of these users for SCRAM-SHA-256 or SCRAM-SHA-1; nullptr for any other name.
std::shared_ptr<const AuthenticationMethod> makeScramMethod(const QByteArray &name, const ScramUsers &users);

/// The same for users whose passwords are at hand. A user whose name or password SASLprep refuses is left out.
std::shared_ptr<const AuthenticationMethod>
makeScramMethodOfPasswords(const QByteArray &name, const std::map<QByteArray, QByteArray> &passwords);

} // namespace sessionscope
