// sessionscope-cli: chooses the subcommand.
#include "app/cli/commands.h"
#include "core/engine/buffer_memory.h"
#include "core/notation/values.h"

#include <QCoreApplication>

namespace sessionscope::cli {

namespace {

struct Command
{
    const char *name;
    const char *summary;
    ExitCode (*run)(const QStringList &arguments);
};

constexpr Command commands[] = {
    {"connect", "Connect a client, show what happens and both ends of its session.", runConnect},
    {"record", "The same, and write what was done and seen as a scenario.", runRecord},
    {"broker", "Run the bundled broker until it is stopped.", runBroker},
    {"run", "Play scenarios and say which passed.", runRun},
    {"compare", "Play scenarios against several brokers and say where they differ.", runCompare},
    {"explore", "Play scenarios with a fault at every packet and check what must always hold.", runExplore},
    {"show", "Show a recording: what happened, as lines or as a ladder; or make a capture of it.", runShow},
    {"profile", "List, check, begin and import profiles: connections with a name.", runProfile},
    {"check", "Look for mistakes in scenario files; show the language.", runCheck},
    {"new", "Write a commented scenario to begin with.", runNew},
    {"demo", "Show in a minute what a session is; needs no broker and no network.", runDemo},
    {"statements", "Show what the standard demands and where it is checked and tested.", runStatements},
};

QString helpText()
{
    QString text = QStringLiteral("Usage: sessionscope-cli COMMAND [options]\n"
                                  "An oscilloscope for MQTT sessions, on the command line.\n\nCommands:\n");
    for (const Command &command : commands)
        text += QStringLiteral("  %1%2\n")
                    .arg(QString::fromLatin1(command.name), -12)
                    .arg(QString::fromLatin1(command.summary));
    return text +
           QStringLiteral(
               "\nOptions:\n"
               "  -h, --help  Show this help; behind a command, that command's.\n"
               "  --version   Show the version.\n\n"
               "Exit codes: 0 done; 1 what was asked for failed (refused, lost, timed out); 2 wrong usage or file;\n"
               "3 nothing failed, and not everything could be shown.");
}

ExitCode run(const QStringList &arguments)
{
    if (arguments.isEmpty()) {
        printNote(helpText());
        return ExitCode::Usage;
    }
    const QString &name = arguments.first();
    if (name == u"-h" || name == u"--help" || name == u"help") {
        printResult(helpText());
        return ExitCode::Ok;
    }
    if (name == u"--version" || name == u"-v") {
        printResult(QStringLiteral("sessionscope-cli " SESSIONSCOPE_VERSION));
        return ExitCode::Ok;
    }
    QStringList names;
    for (const Command &command : commands) {
        if (name == QLatin1String(command.name))
            return command.run(arguments.mid(1));
        names << QString::fromLatin1(command.name);
    }
    printNote(QStringLiteral("sessionscope-cli: unknown command \"%1\": expected %2.%3")
                  .arg(name, names.join(QStringLiteral(", ")), didYouMean(name, names)));
    return ExitCode::Usage;
}

} // namespace

std::optional<ExitCode> readArguments(Options &options, const QString &command, const QStringList &arguments)
{
    const auto error = options.parse(arguments);
    if (options.wantsHelp()) {
        printResult(options.helpText());
        return ExitCode::Ok;
    }
    if (error)
        return usageError(command, error->text);
    return std::nullopt;
}

ExitCode usageError(const QString &command, const QString &text)
{
    printNote(QStringLiteral("sessionscope-cli %1: %2").arg(command, text));
    printNote(QStringLiteral("See \"sessionscope-cli %1 --help\".").arg(command));
    return ExitCode::Usage;
}

} // namespace sessionscope::cli

int main(int argc, char *argv[])
{
    sessionscope::keepFreedMemory();
    QCoreApplication application(argc, argv);
    QCoreApplication::setApplicationName(QStringLiteral("sessionscope-cli"));
    QCoreApplication::setApplicationVersion(QStringLiteral(SESSIONSCOPE_VERSION));
    return int(sessionscope::cli::run(QCoreApplication::arguments().mid(1)));
}
