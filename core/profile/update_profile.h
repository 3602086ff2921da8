// A profile's file changed key by key: what did not change keeps its lines, with their comments, order and layout, so
// that the next diff shows what was changed and nothing else.
#pragma once

#include "core/profile/profile.h"

namespace sessionscope {

/// text, changed so that it reads back as profile. A text that is no profile, or not laid out with one key a line, is
/// written anew.
QByteArray updateProfile(const QByteArray &text, const Profile &profile);

} // namespace sessionscope
