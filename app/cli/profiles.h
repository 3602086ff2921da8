// Profiles and brokers as the command line names them.
#pragma once

#include "core/notation/values.h"
#include "core/profile/profile.h"

namespace sessionscope::cli {

/// A profile by its file or name. The error has a line for each problem of the file.
Parsed<Profile> readProfileNamed(const QString &name);

struct BrokerTarget
{
    Endpoint endpoint;
    std::optional<BrokerLogin> login;
};
/// A URL, or a profile that names its broker. What is both the name of a profile and of a host is the profile; what is
/// nearly the name of a profile has to be said as a URL to be a host.
Parsed<BrokerTarget> readBrokerTarget(const QString &text);

} // namespace sessionscope::cli
