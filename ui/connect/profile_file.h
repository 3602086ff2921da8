// Between a profile's file and the connect form. What the form has no field for stays as the profile has it; a password
// that was typed is never part of a profile.
#pragma once

#include "core/profile/profile.h"
#include "ui/connect/connect_values.h"

namespace sessionscope {

/// What the form shows of a profile.
ConnectValues toValues(const Profile &profile);

/// The values, under a name, laid over base. With a typed password and no reference yet, the profile asks for it.
Profile toProfile(const ConnectValues &values, const QString &name, const Profile &base);

} // namespace sessionscope
