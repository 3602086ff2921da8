// The subcommands. Each takes the arguments behind its name and returns when it is done.
#pragma once

#include "app/cli/console.h"
#include "app/cli/options.h"

#include <QStringList>

#include <optional>

namespace sessionscope::cli {

ExitCode runCheck(const QStringList &arguments);
ExitCode runNew(const QStringList &arguments);
ExitCode runRun(const QStringList &arguments);
ExitCode runBroker(const QStringList &arguments);
ExitCode runConnect(const QStringList &arguments);
ExitCode runRecord(const QStringList &arguments);
ExitCode runProfile(const QStringList &arguments);
ExitCode runCompare(const QStringList &arguments);
ExitCode runExplore(const QStringList &arguments);
ExitCode runShow(const QStringList &arguments);
ExitCode runDemo(const QStringList &arguments);
ExitCode runStatements(const QStringList &arguments);

/// Parses the arguments behind a command's name. The exit code when that was all: help was wanted, or they are wrong.
std::optional<ExitCode> readArguments(Options &options, const QString &command, const QStringList &arguments);

/// Prints what was wrong and where help is.
ExitCode usageError(const QString &command, const QString &text);

} // namespace sessionscope::cli
