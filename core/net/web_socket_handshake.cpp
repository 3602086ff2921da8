#include "core/net/web_socket_handshake.h"

#include <QCryptographicHash>
#include <QRandomGenerator>
#include <QUrl>

#include <algorithm>
#include <array>

namespace sessionscope {

namespace {

// MQTT-6.0.0-3 and -4, v3:MQTT-6.0.0-3 and -4
constexpr const char *subprotocol = "mqtt";

QByteArray acceptFor(const QByteArray &key)
{
    // The standard's own constant (RFC 6455 §1.3).
    return QCryptographicHash::hash(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", QCryptographicHash::Sha1).toBase64();
}

QByteArray hostField(const Endpoint &endpoint)
{
    const bool isIpv6 = endpoint.host.contains(u':');
    const QByteArray host = isIpv6 ? '[' + endpoint.host.toLatin1() + ']' : QUrl::toAce(endpoint.host);
    const quint16 usual = endpoint.scheme == Scheme::WebSocket ? 80 : 443;
    return endpoint.port == usual ? host : host + ':' + QByteArray::number(endpoint.port);
}

/// The path as a request line has it.
QByteArray requestTarget(const QString &path)
{
    return QUrl::toPercentEncoding(path, "/?&=:@!$'()*+,;%");
}

QString shown(const QByteArray &text)
{
    constexpr qsizetype longest = 80;
    QString cut = QString::fromLatin1(text.left(longest));
    for (QChar &c : cut) {
        if (c.unicode() < 0x20 || c.unicode() > 0x7E)
            c = u'?';
    }
    return u'"' + cut + (text.size() > longest ? QStringLiteral("…\"") : QStringLiteral("\""));
}

UpgradeAnswer refuse(const QByteArray &status, const QString &why, const QByteArray &fields = {})
{
    const QByteArray body = why.toUtf8() + '\n';
    const QByteArray length = QByteArray::number(body.size());
    return {"HTTP/1.1 " + status + "\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n" + fields +
                "Content-Length: " + length + "\r\n\r\n" + body,
            QStringLiteral("WebSocket: ") + why};
}

bool isKey(const QByteArray &key)
{
    const auto decoded = QByteArray::fromBase64Encoding(key, QByteArray::AbortOnBase64DecodingErrors);
    return decoded && decoded.decoded.size() == 16;
}

} // namespace

QByteArray HttpHead::value(const QByteArray &name) const
{
    QByteArrayList values;
    for (const auto &[field, value] : fields) {
        if (field == name)
            values << value;
    }
    return values.join(", ");
}

bool HttpHead::hasToken(const QByteArray &name, const QByteArray &token, Qt::CaseSensitivity caseSensitivity) const
{
    const QByteArrayList tokens = value(name).split(',');
    return std::any_of(tokens.begin(), tokens.end(),
                       [&](const QByteArray &one) { return one.trimmed().compare(token, caseSensitivity) == 0; });
}

std::optional<HttpHead> takeHttpHead(QByteArray &bytes)
{
    const qsizetype end = bytes.indexOf("\r\n\r\n");
    if (end < 0)
        return std::nullopt;
    const QByteArray head = bytes.left(end);
    bytes.remove(0, end + 4);
    HttpHead result;
    for (const QByteArray &line : head.split('\n')) {
        if (result.firstLine.isNull()) {
            result.firstLine = line.trimmed();
            continue;
        }
        const qsizetype colon = line.indexOf(':');
        result.fields.emplace_back(line.left(colon).trimmed().toLower(),
                                   colon < 0 ? QByteArray() : line.mid(colon + 1).trimmed());
    }
    return result;
}

QByteArray newWebSocketKey()
{
    std::array<quint32, 4> random{};
    QRandomGenerator::system()->fillRange(random.data(), qsizetype(random.size()));
    return QByteArray(reinterpret_cast<const char *>(random.data()), sizeof random).toBase64();
}

QByteArray upgradeRequest(const Endpoint &endpoint, const QByteArray &key)
{
    const QByteArray target = requestTarget(endpoint.path);
    return "GET " + target + " HTTP/1.1\r\nHost: " + hostField(endpoint) +
           "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: " + key +
           "\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: " + subprotocol + "\r\n\r\n";
}

std::optional<QString> refusalIn(const HttpHead &response, const QByteArray &key)
{
    const QByteArrayList parts = response.firstLine.split(' ');
    if (!parts.first().startsWith("HTTP/1.") || parts.size() < 2)
        return QStringLiteral("WebSocket: the other end does not speak HTTP: %1").arg(shown(response.firstLine));
    if (parts[1] != "101") {
        const QByteArray location = response.value("location");
        const QString where = location.isEmpty() ? QString() : QStringLiteral(", and points to ") + shown(location);
        return QStringLiteral("WebSocket: the server answers %1 instead of 101 Switching Protocols%2")
            .arg(shown(response.firstLine.mid(parts[0].size() + 1)), where);
    }
    if (!response.hasToken("upgrade", "websocket", Qt::CaseInsensitive) ||
        !response.hasToken("connection", "upgrade", Qt::CaseInsensitive))
        return QStringLiteral("WebSocket: the server's answer does not upgrade to websocket");
    if (response.value("sec-websocket-accept") != acceptFor(key))
        return QStringLiteral("WebSocket: the server's Sec-WebSocket-Accept does not fit our key");
    if (const QByteArray extensions = response.value("sec-websocket-extensions"); !extensions.isEmpty())
        return QStringLiteral("WebSocket: the server uses an extension that was not offered: %1")
            .arg(shown(extensions));
    const QByteArray chosen = response.value("sec-websocket-protocol");
    if (chosen != subprotocol) // (MQTT-6.0.0-4, v3:MQTT-6.0.0-4)
        return chosen.isEmpty()
                   ? QStringLiteral("WebSocket: the server chose no subprotocol, expected \"mqtt\" (MQTT-6.0.0-4)")
                   : QStringLiteral("WebSocket: the server chose the subprotocol %1, expected \"mqtt\" (MQTT-6.0.0-4)")
                         .arg(shown(chosen));
    return std::nullopt;
}

UpgradeAnswer answerUpgrade(const HttpHead &request, const QString &path)
{
    const QByteArrayList parts = request.firstLine.split(' ');
    if (parts.size() != 3 || parts[0] != "GET" || !parts[2].startsWith("HTTP/1."))
        return refuse("400 Bad Request",
                      QStringLiteral("expected a GET request, and not %1").arg(shown(request.firstLine)));
    if (!request.hasToken("upgrade", "websocket", Qt::CaseInsensitive) ||
        !request.hasToken("connection", "upgrade", Qt::CaseInsensitive))
        return refuse("426 Upgrade Required", QStringLiteral("this is MQTT over WebSocket, no page for a browser"),
                      "Upgrade: websocket\r\n");
    if (parts[1] != requestTarget(path))
        return refuse("404 Not Found", QStringLiteral("MQTT is at %1, and not at %2").arg(path, shown(parts[1])));
    if (request.value("sec-websocket-version") != "13")
        return refuse("426 Upgrade Required",
                      QStringLiteral("expected version 13 of WebSocket, and not %1")
                          .arg(shown(request.value("sec-websocket-version"))),
                      "Sec-WebSocket-Version: 13\r\n");
    const QByteArray key = request.value("sec-websocket-key");
    if (!isKey(key))
        return refuse("400 Bad Request", QStringLiteral("Sec-WebSocket-Key is not 16 bytes in base64"));
    if (!request.hasToken("sec-websocket-protocol", subprotocol, Qt::CaseSensitive))
        return refuse("400 Bad Request",
                      QStringLiteral("the subprotocol \"mqtt\" is not among those that the client offers: %1 "
                                     "(MQTT-6.0.0-3)")
                          .arg(shown(request.value("sec-websocket-protocol"))));
    return {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
                acceptFor(key) + "\r\nSec-WebSocket-Protocol: " + subprotocol + "\r\n\r\n",
            {}};
}

} // namespace sessionscope
