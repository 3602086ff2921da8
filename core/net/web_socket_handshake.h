// HTTP's part of a WebSocket connection (RFC 6455 §4): one request, one response, as values and as bytes.
#pragma once

#include "core/link/endpoint.h"

#include <QByteArrayList>

#include <optional>
#include <utility>
#include <vector>

namespace sessionscope {

/// What goes in front of a WebSocket stream: a request or a response, without body.
struct HttpHead
{
    QByteArray firstLine;
    std::vector<std::pair<QByteArray, QByteArray>> fields; ///< names in lower case

    /// The values of all fields of this name (lower case), joined by commas.
    QByteArray value(const QByteArray &name) const;
    /// Whether the comma-separated value has this token; case does not count for HTTP's own words.
    bool hasToken(const QByteArray &name, const QByteArray &token, Qt::CaseSensitivity caseSensitivity) const;
};

/// Takes a whole head off the front of bytes; nothing while its end has not arrived.
std::optional<HttpHead> takeHttpHead(QByteArray &bytes);

/// A new value for Sec-WebSocket-Key.
QByteArray newWebSocketKey();
/// The client's request. It offers the subprotocol "mqtt" (MQTT-6.0.0-3, v3:MQTT-6.0.0-3).
QByteArray upgradeRequest(const Endpoint &endpoint, const QByteArray &key);
/// What the server got wrong in its response to a request with this key; nothing: the WebSocket is open.
std::optional<QString> refusalIn(const HttpHead &response, const QByteArray &key);

struct UpgradeAnswer
{
    QByteArray response;
    QString refusal; ///< why the request is not granted; empty when it is
};
/// The server's answer to a request, on a listener that serves this path.
UpgradeAnswer answerUpgrade(const HttpHead &request, const QString &path);

} // namespace sessionscope
