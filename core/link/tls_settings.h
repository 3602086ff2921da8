// How one end of a TLS connection proves itself and whom it trusts. Files hold PEM and are read when a connection is
// opened or a listener begins, never earlier; a key is known by its file only.
#pragma once

#include <QString>

namespace sessionscope {

struct TlsSettings
{
    /// Certificates that sign those of the other end. Empty: those that the system trusts. A listener with a file
    /// demands a certificate of each client, one without demands none.
    QString caFile = {};
    QString certificateFile = {}; ///< our own, with those between it and the CA's; a client needs none
    QString keyFile = {};         ///< the private key of the certificate, without a passphrase
    /// What a client asks for (SNI) and what the server's certificate has to be for. Empty: the endpoint's host.
    QString serverName = {};
    QString alpn = {};     ///< the application protocol that a client offers; empty: none
    bool insecure = false; ///< a client talks to whoever answers
    /// What the names of files are relative to, with a slash at its end; empty: where the program runs.
    QString folder = {};

    /// A name of these files, from the folder unless it is empty or begins with / or ~/.
    QString pathOf(const QString &file) const
    {
        const bool isWhole = file.isEmpty() || file.startsWith(u'/') || file.startsWith(QLatin1String("~/"));
        return isWhole ? file : folder + file;
    }
    bool operator==(const TlsSettings &) const = default;
};

} // namespace sessionscope
