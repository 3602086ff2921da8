// The test certificates (tests/certificates, which says how they were made) as TLS settings.
#pragma once

#include "core/link/tls_settings.h"

namespace sessionscope {

/// The path of a file there, "ca.pem".
inline QString certificate(const char *file)
{
    return QStringLiteral(SESSIONSCOPE_SOURCE_DIR "/tests/certificates/") + QLatin1String(file);
}

/// A listener's: for localhost and 127.0.0.1, of the test CA.
inline TlsSettings serverTls()
{
    return {.certificateFile = certificate("server.pem"), .keyFile = certificate("server-key.pem")};
}

/// A client's that trusts the test CA.
inline TlsSettings clientTls()
{
    return {.caFile = certificate("ca.pem")};
}

/// The same with a certificate of its own.
inline TlsSettings knownClientTls()
{
    TlsSettings settings = clientTls();
    settings.certificateFile = certificate("client.pem");
    settings.keyFile = certificate("client-key.pem");
    return settings;
}

} // namespace sessionscope
