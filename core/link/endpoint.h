// Where a broker is: the parsed form of mqtt://host:port and its relatives.
#pragma once

#include "core/base/result.h"
#include "core/link/tls_settings.h"

#include <QByteArray>
#include <QString>

namespace sessionscope {

enum class Scheme : quint8
{
    Tcp,
    Tls,
    WebSocket,
    SecureWebSocket,
    UnixSocket
};

struct Endpoint
{
    Scheme scheme = Scheme::Tcp;
    QString host = QStringLiteral("127.0.0.1");
    quint16 port = 1883;  ///< 0 when listening: any free one
    QString path = {};    ///< of a WebSocket or Unix socket
    TlsSettings tls = {}; ///< of Tls and SecureWebSocket; no part of the URL

    bool operator==(const Endpoint &) const = default;
};

/// mqtt:// tcp:// mqtts:// ssl:// ws:// wss:// unix:///path, or HOST:PORT, [IPv6]:PORT, HOST. The error names what is
/// wrong and where. User name and password in a URL are refused: they would end up in logs.
Result<Endpoint, QString> parseEndpoint(const QString &text);

/// Where a server points in CONNACK or DISCONNECT (v5 §4.11): the first of a list of HOST or HOST:PORT, reached in the
/// way of the server that said so; some servers give a URL. Refused where it would lead from TLS to a connection
/// without. Its TLS settings are those of that server, but for the name.
Result<Endpoint, QString> parseServerReference(const QByteArray &reference, const Endpoint &from);

/// Whether both name one listener of this machine, under whichever of its loopback names; else, whether they are equal.
bool isSameListener(const Endpoint &one, const Endpoint &other);

/// The canonical URL.
QString toUrl(const Endpoint &endpoint);

constexpr bool usesTls(Scheme scheme)
{
    return scheme == Scheme::Tls || scheme == Scheme::SecureWebSocket;
}
constexpr bool usesWebSocket(Scheme scheme)
{
    return scheme == Scheme::WebSocket || scheme == Scheme::SecureWebSocket;
}

} // namespace sessionscope
