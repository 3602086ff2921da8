#include "app/cli/behave.h"
#include "app/cli/commands.h"
#include "app/cli/connect_run.h"
#include "app/cli/tls_options.h"

#include <QCoreApplication>

namespace sessionscope::cli {

ExitCode runConnect(const QStringList &arguments)
{
    Options options = declareConnectOptions();
    if (const auto code = readArguments(options, QStringLiteral("connect"), arguments))
        return *code;
    if (options.value(QStringLiteral("behave")) == listWord) {
        printResult(waysList<ClientMisbehaviour>());
        return ExitCode::Ok;
    }
    const auto plan = connectPlan(options);
    if (!plan)
        return usageError(QStringLiteral("connect"), plan.error().text);

    if (plan->broker)
        warnOfInsecure(QStringLiteral("connect"), *plan->broker);
    StopSignals stop;
    ConnectRun run(*plan);
    QObject::connect(&stop, &StopSignals::stopAsked, &run, &ConnectRun::stop);
    QObject::connect(&run, &ConnectRun::finished, &run, [](ExitCode code) { QCoreApplication::exit(int(code)); });
    std::unique_ptr<Keys> keys;
    if (Keys::areAvailable()) {
        keys = std::make_unique<Keys>();
        run.setInteractive();
        QObject::connect(keys.get(), &Keys::pressed, &run, &ConnectRun::keyPressed);
    }
    QMetaObject::invokeMethod(&run, &ConnectRun::start, Qt::QueuedConnection);
    return ExitCode(QCoreApplication::exec());
}

ExitCode runRecord(const QStringList &arguments)
{
    if (!arguments.isEmpty() && (arguments.first() == u"--help" || arguments.first() == u"-h")) {
        printResult(
            QStringLiteral("Usage: sessionscope-cli record FILE URL [options]\n"
                           "The same as connect URL [options] --record FILE: connects a client, and writes what "
                           "was done\nand what was seen to FILE, as a scenario that expects the same again."));
        return ExitCode::Ok;
    }
    if (arguments.size() < 2 || arguments.first().startsWith(u'-'))
        return usageError(QStringLiteral("record"), QStringLiteral("expected FILE, then URL and options of connect"));
    return runConnect(arguments.mid(1) << QStringLiteral("--record") << arguments.first());
}

} // namespace sessionscope::cli
