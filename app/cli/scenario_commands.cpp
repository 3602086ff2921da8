// check and new: what helps to write scenarios.
#include "app/cli/commands.h"
#include "app/cli/scenario_files.h"
#include "core/scenario/grammar.h"

#include <QFile>
#include <QJsonDocument>

namespace sessionscope::cli {

namespace {

const char *const templateText =
    R"(# A scenario: who takes part, what happens, what is expected. "sessionscope-cli check --language" lists every key.
scenario: A command waits for a sleeping door
about: Published while the door is offline, delivered once when it comes back.

clients:
  door: { clean_start: false, session_expiry: 1h }   # its session outlives the connection by an hour
  backend:                                           # MQTT 5, Clean Start 1, its name as Client Identifier

steps:
  - door: connect
    expect: { connack: { session_present: false } }  # beside an action: what came of it
  - door: { subscribe: { filter: door/#, qos: 1 } }
  - door: { cut: reset }                             # the connection breaks, without DISCONNECT
  - backend: connect
  - backend: { publish: { topic: door/open, qos: 1, payload: go } }
  - expect: { broker.sessions.door: { state: inactive, mqueue: 1, expires_in: 1h } }
  - wait: 20min                                      # no time passes for you: the clock is virtual
  - door: connect
    expect: { connack: { session_present: true } }

finally:                                             # when everything is quiet
  - expect:
      door.received: [ { topic: door/open, payload: go, times: 1 } ]
      broker.sessions.door: { mqueue: 0, inflight_out: 0 }
)";

} // namespace

ExitCode runCheck(const QStringList &arguments)
{
    const QString name = QStringLiteral("check");
    Options options(QStringLiteral("check FILE… [options]"),
                    QStringLiteral("Reads scenario files and lists every mistake in them. Nothing is played."));
    options.addPositionals(QStringLiteral("FILE…"), QStringLiteral("Files and folders of scenarios, or \"library\"."));
    options.addValue(QStringLiteral("set"), QStringLiteral("NAME=VALUE"),
                     QStringLiteral("A value for ${NAME}. Can be given several times."));
    options.addFlag(QStringLiteral("language"), QStringLiteral("List every key, verb and fact of the language."));
    options.addFlag(QStringLiteral("schema"), QStringLiteral("Print the JSON Schema, for editors."));
    if (const auto code = readArguments(options, name, arguments))
        return *code;
    if (options.isSet(QStringLiteral("language"))) {
        printResult(scenarioHelp().trimmed());
        return ExitCode::Ok;
    }
    if (options.isSet(QStringLiteral("schema"))) {
        printResult(QString::fromUtf8(QJsonDocument(scenarioSchema()).toJson()).trimmed());
        return ExitCode::Ok;
    }
    if (options.positional().isEmpty())
        return usageError(name, QStringLiteral("expected files or folders of scenarios"));
    const auto variables = readVariables(options.values(QStringLiteral("set")));
    if (!variables)
        return usageError(name, variables.error().text);
    const ScenarioFiles files = readScenarioFiles(options.positional(), *variables);
    for (const Problem &problem : files.problems)
        printNote(problemText(problem));
    printResult(QStringLiteral("%1 files, %2 scenarios, %3 problems")
                    .arg(files.files)
                    .arg(files.scenarios.size())
                    .arg(files.problems.size()));
    return files.problems.empty() ? ExitCode::Ok : ExitCode::Usage;
}

ExitCode runNew(const QStringList &arguments)
{
    const QString name = QStringLiteral("new");
    Options options(QStringLiteral("new [FILE]"),
                    QStringLiteral("Writes a commented scenario to begin with. An existing file is left alone."));
    options.addPositional(QStringLiteral("[FILE]"), QStringLiteral("Where to; without it, to standard output."));
    if (const auto code = readArguments(options, name, arguments))
        return *code;
    if (options.positional().isEmpty()) {
        printResult(QString::fromUtf8(templateText).trimmed());
        return ExitCode::Ok;
    }
    QFile file(options.positional().first());
    if (!file.open(QIODevice::WriteOnly | QIODevice::NewOnly) || file.write(templateText) < 0) {
        printNote(QStringLiteral("sessionscope-cli new: \"%1\": %2").arg(file.fileName(), file.errorString()));
        return ExitCode::Failed;
    }
    return ExitCode::Ok;
}

} // namespace sessionscope::cli
