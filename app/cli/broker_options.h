// The broker's settings as options of the same names.
#pragma once

#include "app/cli/options.h"

#include "core/notation/broker_settings.h"

namespace sessionscope::cli {

void addBrokerOptions(Options &options);
/// Sets what the parsed options say, on top of what is set already; or the first value that is wrong.
std::optional<UsageError> applyOptions(BrokerSettings &settings, const Options &options);

} // namespace sessionscope::cli
