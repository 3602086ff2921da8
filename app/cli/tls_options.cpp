#include "app/cli/tls_options.h"

#include "app/cli/console.h"

#include <QDir>

#include <algorithm>

namespace sessionscope::cli {

namespace {

struct TlsOption
{
    const char *name;
    const char *valueName; ///< nullptr: a flag
    const char *help;
};

constexpr TlsOption tlsOptions[] = {
    {"ca-file", "FILE", "TLS: trust certificates that those in FILE signed, instead of those the system trusts (PEM)."},
    {"cert", "FILE", "TLS: the client's own certificate (PEM)."},
    {"key", "FILE", "TLS: its private key, without a passphrase (PEM)."},
    {"server-name", "NAME", "TLS: whom the broker's certificate has to be for (default: the host of the URL)."},
    {"alpn", "NAME", "TLS: the application protocol to offer."},
    {"insecure", nullptr, "TLS: talk to whoever answers, whatever the certificate."},
};

QString option(const char *name)
{
    return QString::fromLatin1(name);
}

bool isTls(const Endpoint *broker)
{
    return usesTls(broker->scheme);
}

std::optional<UsageError> apply(const Options &options, TlsSettings &tls)
{
    const std::pair<const char *, QString &> files[] = {
        {"ca-file", tls.caFile}, {"cert", tls.certificateFile}, {"key", tls.keyFile}};
    for (const auto &[name, file] : files)
        file = options.isSet(option(name)) ? QDir().absoluteFilePath(options.value(option(name))) : tls.pathOf(file);
    tls.folder.clear();
    if (options.isSet(option("server-name")))
        tls.serverName = options.value(option("server-name"));
    if (options.isSet(option("alpn")))
        tls.alpn = options.value(option("alpn"));
    tls.insecure = tls.insecure || options.isSet(option("insecure"));
    if (!tls.certificateFile.isEmpty() && tls.keyFile.isEmpty())
        return UsageError{QStringLiteral("--cert needs --key")};
    if (!tls.keyFile.isEmpty() && tls.certificateFile.isEmpty())
        return UsageError{QStringLiteral("--key needs --cert")};
    return std::nullopt;
}

} // namespace

void addTlsOptions(Options &options)
{
    for (const TlsOption &one : tlsOptions) {
        if (one.valueName)
            options.addValue(option(one.name), option(one.valueName), option(one.help));
        else
            options.addFlag(option(one.name), option(one.help));
    }
}

std::optional<UsageError> applyTlsOptions(const Options &options, const std::vector<Endpoint *> &brokers)
{
    for (const TlsOption &one : tlsOptions) {
        if (options.isSet(option(one.name)) && std::ranges::none_of(brokers, isTls))
            return UsageError{QStringLiteral("--%1 needs an address of mqtts:// or wss://").arg(option(one.name))};
    }
    for (Endpoint *broker : brokers) {
        if (!isTls(broker))
            continue;
        if (const auto error = apply(options, broker->tls))
            return error;
    }
    return std::nullopt;
}

void warnOfInsecure(const QString &command, const Endpoint &broker)
{
    if (broker.tls.insecure)
        printNote(QStringLiteral("sessionscope-cli %1: WARNING: insecure: the broker's certificate is not checked, and "
                                 "anybody on the way can be the broker")
                      .arg(command));
}

} // namespace sessionscope::cli
