// Scenario files named on the command line: one by one, whole folders, or the library that ships with the program.
#pragma once

#include "app/cli/console.h"
#include "app/cli/options.h"

#include "core/scenario/read_scenario.h"

namespace sessionscope::cli {

/// Where the library is: "library" names all of it, "library/sessions" a folder or a file of it.
inline constexpr QLatin1String libraryName("library");

struct ScenarioFiles
{
    std::vector<Scenario> scenarios;
    Problems problems;
    int files = 0;
};

/// Reads every file; of a folder all *.yaml in it and below, but those whose name begins with _, which are for
/// including.
ScenarioFiles readScenarioFiles(const QStringList &names, const Variables &variables);

/// NAME=VALUE, several times.
Parsed<Variables> readVariables(const QStringList &settings);

/// The scenarios that a command's positional arguments name, with its --set. Problems are printed, every one, and the
/// exit code is the error: nothing is played before every file is in order.
Result<std::vector<Scenario>, ExitCode> readScenarioArguments(const Options &options, const QString &command);

/// The passwords that the scenarios have by reference. What is asked for is asked once.
using Secrets = std::map<SecretReference, QByteArray>;
Parsed<Secrets> readSecrets(const std::vector<Scenario> &scenarios);

} // namespace sessionscope::cli
