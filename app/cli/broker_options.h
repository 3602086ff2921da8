// The broker's limits as options, named after the fields of BrokerConfig.
#pragma once

#include "app/cli/options.h"
#include "core/broker/broker.h"

namespace sessionscope::cli {

void addBrokerOptions(Options &options);
/// The configuration that the parsed options describe, or the first value that is wrong.
Parsed<BrokerConfig> brokerConfig(const Options &options);

} // namespace sessionscope::cli
