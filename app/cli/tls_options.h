// The options for TLS that connect, run, explore and compare have in common.
#pragma once

#include "app/cli/options.h"

#include "core/link/endpoint.h"

namespace sessionscope::cli {

/// --ca-file, --cert, --key, --server-name, --alpn and --insecure.
void addTlsOptions(Options &options);
/// Lays what they say over the settings of each broker that uses TLS; names of files become whole paths. An error where
/// one is given and no broker uses TLS.
std::optional<UsageError> applyTlsOptions(const Options &options, const std::vector<Endpoint *> &brokers);
/// Says it loudly when the broker's certificate is not checked.
void warnOfInsecure(const QString &command, const Endpoint &broker);

} // namespace sessionscope::cli
