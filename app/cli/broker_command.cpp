#include "app/cli/broker_options.h"
#include "app/cli/commands.h"
#include "app/cli/network.h"

#include "core/engine/engine.h"
#include "core/trace/text.h"

#include <QCoreApplication>

namespace sessionscope::cli {

namespace {

Options declareOptions()
{
    Options options(
        QStringLiteral("broker [options]"),
        QStringLiteral("Runs the bundled broker until SIGINT or SIGTERM. When it is ready it prints one line,\n"
                       "\"listening on URL\", to standard output."));
    options.addValue(QStringLiteral("listen"), QStringLiteral("HOST:PORT"),
                     QStringLiteral("Where to listen; port 0 takes a free one (default 127.0.0.1:1883)."));
    options.addValue(QStringLiteral("trace"), QStringLiteral("LEVEL"),
                     QStringLiteral("What is recorded: packets, counters (default) or off."));
    options.addFlag(QStringLiteral("log"), QStringLiteral("Write what is recorded to standard error, a line each."));
    addBrokerOptions(options);
    return options;
}

Parsed<TraceLevel> parseLevel(const QString &text)
{
    if (text == u"packets")
        return TraceLevel::Packets;
    if (text == u"counters")
        return TraceLevel::Counters;
    if (text == u"off")
        return TraceLevel::Off;
    return UsageError{QStringLiteral("--trace: \"%1\" is not a level: expected packets, counters or off").arg(text)};
}

void printBatch(const EngineBatch &batch)
{
    if (batch.skipped)
        printNote(QStringLiteral("… %1 records left out").arg(batch.skipped));
    for (const TraceRecord &record : batch.records)
        printNote(recordText(record, {}));
}

} // namespace

ExitCode runBroker(const QStringList &arguments)
{
    const QString name = QStringLiteral("broker");
    Options options = declareOptions();
    const auto error = options.parse(arguments);
    if (options.wantsHelp()) {
        printResult(options.helpText());
        return ExitCode::Ok;
    }
    if (error)
        return usageError(name, error->text);
    const auto config = brokerConfig(options);
    if (!config)
        return usageError(name, config.error().text);
    const auto endpoint =
        parseEndpoint(options.isSet(QStringLiteral("listen")) ? options.value(QStringLiteral("listen"))
                                                              : QStringLiteral("127.0.0.1:1883"));
    if (!endpoint)
        return usageError(name, QStringLiteral("--listen: ") + endpoint.error());
    const auto level = options.isSet(QStringLiteral("trace")) ? parseLevel(options.value(QStringLiteral("trace")))
                                                              : Parsed<TraceLevel>(TraceLevel::Counters);
    if (!level)
        return usageError(name, level.error().text);

    StopSignals stop;
    Engine engine(makeNetwork, EngineOptions{*level, {}});
    QObject::connect(&stop, &StopSignals::stopAsked, &engine, [] { QCoreApplication::exit(int(ExitCode::Ok)); });
    QObject::connect(&engine, &Engine::brokerListening, &engine,
                     [](const QString &url) { printResult(QStringLiteral("listening on ") + url); });
    QObject::connect(&engine, &Engine::brokerFailed, &engine, [&endpoint](const QString &why) {
        printNote(QStringLiteral("sessionscope-cli broker: cannot listen on %1: %2").arg(toUrl(*endpoint), why));
        QCoreApplication::exit(int(ExitCode::Failed));
    });
    if (options.isSet(QStringLiteral("log")))
        QObject::connect(&engine, &Engine::batchReady, &engine, [&engine] { printBatch(engine.takeBatch()); });
    engine.listen(*endpoint, *config);
    return ExitCode(QCoreApplication::exec());
}

} // namespace sessionscope::cli
