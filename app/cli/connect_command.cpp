#include "app/cli/commands.h"
#include "app/cli/connect_run.h"

#include <QCoreApplication>

namespace sessionscope::cli {

ExitCode runConnect(const QStringList &arguments)
{
    Options options = declareConnectOptions();
    if (const auto code = readArguments(options, QStringLiteral("connect"), arguments))
        return *code;
    const auto plan = connectPlan(options);
    if (!plan)
        return usageError(QStringLiteral("connect"), plan.error().text);

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

} // namespace sessionscope::cli
