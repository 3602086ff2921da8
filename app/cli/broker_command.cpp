#include "app/cli/access_files.h"
#include "app/cli/behave.h"
#include "app/cli/broker_file.h"
#include "app/cli/broker_options.h"
#include "app/cli/commands.h"
#include "app/cli/network.h"

#include "core/engine/engine.h"
#include "core/trace/masker.h"

#include <QCoreApplication>
#include <QFileInfo>

namespace sessionscope::cli {

namespace {

Options declareOptions()
{
    Options options(
        QStringLiteral("broker [options]"),
        QStringLiteral(
            "Runs the bundled broker until SIGINT or SIGTERM. When it is ready it prints a line,\n"
            "\"listening on URL\", for each address to standard output. SIGHUP reads password file,\n"
            "SCRAM file and ACL file again; connections and sessions stay, except those of clients that may\n"
            "not connect any more."));
    options.addValue(QStringLiteral("config"), QStringLiteral("FILE"),
                     QStringLiteral("Read settings from this file first: a line \"NAME: VALUE\" for each, with the "
                                    "names of the options below, which override it."));
    options.addFlag(QStringLiteral("print-config"),
                    QStringLiteral("Print the settings in force, in the form of the file, and exit."));
    options.addValue(
        QStringLiteral("behave"), QStringLiteral("NAME,…"),
        QStringLiteral("Misbehave on purpose in these ways, to see what a client makes of it; \"list\" shows "
                       "them all. What is done is told by --log."));
    options.addValue(QStringLiteral("behave-only-for"), QStringLiteral("CLIENT-ID"),
                     QStringLiteral("Misbehave towards this client only. May be given several times."));
    addBrokerOptions(options);
    return options;
}

/// File first, options on top.
Parsed<BrokerSettings> readSettings(const Options &options)
{
    BrokerSettings settings;
    if (options.isSet(QStringLiteral("config"))) {
        const QString fileName = options.value(QStringLiteral("config"));
        const auto text = readWholeFile(fileName, largestSettingsFile);
        if (!text)
            return UsageError{QStringLiteral("--config: ") + text.error().text};
        if (const auto error = applyFile(settings, *text, QFileInfo(fileName).absolutePath()))
            return UsageError{placedText(fileName, *error)};
    }
    if (const auto error = applyOptions(settings, options))
        return *error;
    if (const auto error = contradictionIn(settings))
        return *error;
    return settings;
}

void note(const QString &text)
{
    printNote(QStringLiteral("sessionscope-cli broker: ") + text);
}

void printBatch(const EngineBatch &batch, Masker &masker)
{
    if (batch.skipped)
        printNote(QStringLiteral("… %1 records left out").arg(batch.skipped));
    for (const TraceRecord &record : batch.records)
        printNote(recordText(record, {}, masker));
}

/// Reads the files again and hands them over; what cannot be read leaves everything as it was.
void reload(Engine &engine, const BrokerSettings &settings)
{
    const auto files = readAccessFiles(settings);
    if (!files)
        return note(QStringLiteral("nothing changed: ") + files.error().text);
    for (const QString &warning : files->warnings)
        note(warning);
    engine.submit(BrokerDo{ChangeAccess{files->access}});
    note(QStringLiteral("password file, SCRAM file and ACL file read again"));
}

/// What --behave asks for.
Parsed<std::vector<MisbehaveBroker>> readBehaviour(const Options &options)
{
    const QStringList clients = options.values(QStringLiteral("behave-only-for"));
    if (!options.isSet(QStringLiteral("behave"))) {
        if (!clients.isEmpty())
            return UsageError{QStringLiteral("--behave-only-for needs --behave")};
        return std::vector<MisbehaveBroker>();
    }
    const auto ways = parseWays<BrokerMisbehaviour>(options.value(QStringLiteral("behave")));
    if (!ways)
        return UsageError{QStringLiteral("--behave: ") + ways.error().text};
    std::vector<MisbehaveBroker> commands;
    for (const QString &client : clients)
        commands.push_back({*ways, client.toUtf8()});
    if (clients.isEmpty())
        commands.push_back({*ways});
    return commands;
}

ExitCode serve(const BrokerSettings &settings, const BrokerAccess &access,
               const std::vector<MisbehaveBroker> &behaviour)
{
    StopSignals interrupts(StopSignals::Hangup::Reloads);
    Masker masker;
    Engine engine(makeNetwork, EngineOptions{settings.trace, {}});
    QObject::connect(&interrupts, &StopSignals::stopAsked, &engine, [] { QCoreApplication::exit(int(ExitCode::Ok)); });
    QObject::connect(&interrupts, &StopSignals::reloadAsked, &engine, [&] { reload(engine, settings); });
    QObject::connect(&engine, &Engine::brokerListening, &engine,
                     [](const QString &url) { printResult(QStringLiteral("listening on ") + url); });
    QObject::connect(&engine, &Engine::brokerFailed, &engine, [](const QString &why, const QString &url) {
        note(QStringLiteral("cannot listen on %1: %2").arg(url, why));
        QCoreApplication::exit(int(ExitCode::Failed));
    });
    if (settings.log)
        QObject::connect(&engine, &Engine::batchReady, &engine, [&] { printBatch(engine.takeBatch(), masker); });
    engine.submit(BrokerDo{ChangeAccess{access}});
    for (const MisbehaveBroker &command : behaviour) {
        note(commandText(command));
        engine.submit(command);
    }
    for (const Endpoint &listener : listenersOf(settings))
        engine.listen(listener, settings.config);
    return ExitCode(QCoreApplication::exec());
}

} // namespace

ExitCode runBroker(const QStringList &arguments)
{
    const QString name = QStringLiteral("broker");
    Options options = declareOptions();
    if (const auto code = readArguments(options, name, arguments))
        return *code;
    if (options.value(QStringLiteral("behave")) == listWord) {
        printResult(waysList<BrokerMisbehaviour>());
        return ExitCode::Ok;
    }
    const auto settings = readSettings(options);
    if (!settings)
        return usageError(name, settings.error().text);
    const auto behaviour = readBehaviour(options);
    if (!behaviour)
        return usageError(name, behaviour.error().text);
    const auto files = readAccessFiles(*settings);
    if (!files)
        return usageError(name, files.error().text);
    for (const QString &warning : files->warnings)
        note(warning);
    if (options.isSet(QStringLiteral("print-config"))) {
        printResult(fileText(*settings).trimmed());
        return ExitCode::Ok;
    }
    return serve(*settings, files->access, *behaviour);
}

} // namespace sessionscope::cli
