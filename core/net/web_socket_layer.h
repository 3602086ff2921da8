// WebSocket with the subprotocol "mqtt", either end: the upgrade from HTTP, then frames. Each send() is one binary
// frame.
#pragma once

#include "core/net/layer.h"
#include "core/net/web_socket_frames.h"

namespace sessionscope {

class WebSocketLayer final : public Layer
{
public:
    /// The largest request or response that is read before it has to end.
    static constexpr qsizetype largestHead = 8 * 1024;

    /// Where a client goes, or what a listener serves.
    WebSocketLayer(LayerEnd end, const Endpoint &endpoint);

    QString name() const override { return QStringLiteral("WebSocket"); }
    void start() override;
    void receive(const QByteArray &bytes) override;
    void send(const QByteArray &bytes) override;
    void setBacklogged(bool on) override;
    void close(CloseHow how) override;
    QString cutShort() const override { return QStringLiteral("without a WebSocket close frame"); }

private:
    void readHead();
    void readFrames();
    void readControl(const FrameReader::Control &control);
    void sendFrame(FrameKind kind, const QByteArray &payload);

    const LayerEnd m_end;
    const Endpoint m_endpoint;
    QByteArray m_key;  ///< that a client sent
    QByteArray m_head; ///< what there is of the request or response
    FrameReader m_reader;
    std::optional<QByteArray> m_owedPong;  ///< to the latest Ping
    std::optional<QByteArray> m_owedClose; ///< to the other end's close frame (RFC 6455 §5.5.1)
    bool m_isBacklogged = false;
};

} // namespace sessionscope
