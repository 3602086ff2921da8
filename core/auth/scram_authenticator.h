// SCRAM (RFC 5802, RFC 7677) as an Authentication Method, by GNU SASL: the password stays here, and the server has to
// prove that it knows it, too. The method's name is the mechanism's, as the standard's own example has it (v5 §4.12).
#pragma once

#include "core/session/authenticator.h"

namespace sessionscope {

/// An authenticator for SCRAM-SHA-256 or SCRAM-SHA-1; nullptr for any other method.
std::unique_ptr<Authenticator> makeScramAuthenticator(const Authentication &authentication);

} // namespace sessionscope
