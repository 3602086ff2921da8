// sessionscope, the window: command line, wiring, and nothing else.
#include "app/keyring/keyring.h"
#include "core/auth/scram_authenticator.h"
#include "core/engine/buffer_memory.h"
#include "core/engine/engine.h"
#include "core/net/socket_network.h"
#include "ui/common/icons.h"
#include "ui/common/translation.h"
#include "ui/shell/main_window.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QSettings>

#include <cstdio>

namespace {

using namespace sessionscope;

/// The exit code for a command line that cannot be used.
constexpr int wrongUsage = 2;

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(CommandLine)
};

/// One address: the window shows what its broker does, over whichever transport.
Result<Endpoint, QString> readCommandLine(const QApplication &application)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(Words::tr("An oscilloscope for MQTT sessions."));
    parser.addHelpOption();
    parser.addVersionOption();
    const QCommandLineOption listen(QStringLiteral("listen"),
                                    Words::tr("Where the bundled broker listens; port 0 takes a free one."),
                                    QStringLiteral("URL"), QStringLiteral("127.0.0.1:1883"));
    const QCommandLineOption certificate(QStringLiteral("tls-cert"),
                                         Words::tr("Its certificate, for mqtts:// and wss:// (PEM)."),
                                         QStringLiteral("FILE"));
    const QCommandLineOption key(QStringLiteral("tls-key"), Words::tr("The certificate's private key (PEM)."),
                                 QStringLiteral("FILE"));
    parser.addOptions({listen, certificate, key});
    parser.process(application);
    if (!parser.positionalArguments().isEmpty())
        return Words::tr("\"%1\" is not understood; there is --listen URL").arg(parser.positionalArguments().first());
    const auto endpoint = parseEndpoint(parser.value(listen));
    if (!endpoint)
        return Words::tr("--listen: %1").arg(endpoint.error());
    Endpoint listener = *endpoint;
    listener.tls.certificateFile = parser.value(certificate);
    listener.tls.keyFile = parser.value(key);
    return listener;
}

} // namespace

int main(int argc, char *argv[])
{
    keepFreedMemory();
    QApplication application(argc, argv);
    QApplication::setOrganizationName(QStringLiteral("Sessionscope"));
    QApplication::setApplicationName(QStringLiteral("sessionscope"));
    QApplication::setApplicationVersion(QStringLiteral(SESSIONSCOPE_VERSION));
    QApplication::setDesktopFileName(QStringLiteral("sessionscope"));
    initResources();
    installTranslations();
    const auto listen = readCommandLine(application);
    if (!listen) {
        std::fputs(qPrintable(QStringLiteral("sessionscope: ") + listen.error() + QLatin1Char('\n')), stderr);
        return wrongUsage;
    }
    applyTheme(ThemeChoice(QSettings().value(QStringLiteral("window/theme"), 0).toInt()));
    Engine engine([] { return std::make_unique<SocketNetwork>(); }, {.makeAuthenticator = makeScramAuthenticator});
    MainWindow window(engine, *listen);
    window.setSecretWays({.keyring = readKeyring});
    window.show();
    return QApplication::exec();
}
