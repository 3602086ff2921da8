#include "core/net/web_socket_layer.h"

#include "core/base/overloaded.h"
#include "core/net/web_socket_handshake.h"

#include <QRandomGenerator>

namespace sessionscope {

WebSocketLayer::WebSocketLayer(LayerEnd end, const Endpoint &endpoint)
    : m_end(end), m_endpoint(endpoint), m_reader(end == LayerEnd::Client ? FramesAre::Plain : FramesAre::Masked)
{
}

void WebSocketLayer::start()
{
    enter(State::Handshaking);
    if (m_end == LayerEnd::Server)
        return;
    m_key = newWebSocketKey();
    m_down = upgradeRequest(m_endpoint, m_key);
}

void WebSocketLayer::receive(const QByteArray &bytes)
{
    if (state() == State::Handshaking) {
        m_head += bytes;
        readHead();
    } else if (state() == State::Open) {
        m_reader.append(bytes);
        readFrames();
    }
}

void WebSocketLayer::readHead()
{
    const qsizetype size = m_head.size();
    const auto head = takeHttpHead(m_head);
    if (!head ? size > largestHead : size - m_head.size() > largestHead)
        return fail(QStringLiteral("WebSocket: the head of HTTP is larger than %1 bytes").arg(largestHead));
    if (!head)
        return;
    if (m_end == LayerEnd::Client) {
        if (const auto refusal = refusalIn(*head, m_key))
            return fail(*refusal);
    } else {
        const UpgradeAnswer answer = answerUpgrade(*head, m_endpoint.path);
        m_down += answer.response;
        if (!answer.refusal.isEmpty())
            return fail(answer.refusal);
    }
    enter(State::Open);
    m_reader.append(std::exchange(m_head, {}));
    readFrames();
}

void WebSocketLayer::readFrames()
{
    while (state() == State::Open) {
        const auto event = m_reader.next();
        if (!event)
            return;
        std::visit(Overloaded{[this](const FrameReader::Payload &payload) { m_up += payload.bytes; },
                              [this](const FrameReader::Control &control) { readControl(control); },
                              [this](const FrameReader::Violation &violation) {
                                  sendFrame(FrameKind::Close, closePayload(violation.status));
                                  fail(QStringLiteral("WebSocket: ") + violation.words);
                              }},
                   *event);
    }
}

void WebSocketLayer::readControl(const FrameReader::Control &control)
{
    if (control.kind == FrameKind::Ping && m_isBacklogged) {
        m_owedPong = control.payload; // the latest one is answered (RFC 6455 §5.5.3)
        return;
    }
    if (control.kind == FrameKind::Ping)
        return sendFrame(FrameKind::Pong, control.payload);
    if (control.kind != FrameKind::Close)
        return;
    const quint16 status = closeStatusOf(control.payload);
    m_owedClose = control.payload.left(2);
    const QString reason = QString::fromUtf8(control.payload.mid(2));
    const QString why = reason.isEmpty() ? QString() : QStringLiteral(": ") + reason;
    end(status == close_status::normal ? QString()
                                       : QStringLiteral("WebSocket close %1%2").arg(closeStatusText(status), why));
}

void WebSocketLayer::send(const QByteArray &bytes)
{
    if (!bytes.isEmpty())
        sendFrame(FrameKind::Binary, bytes);
}

void WebSocketLayer::setBacklogged(bool on)
{
    m_isBacklogged = on;
    if (!on && m_owedPong && state() == State::Open)
        sendFrame(FrameKind::Pong, *std::exchange(m_owedPong, {}));
}

void WebSocketLayer::close(CloseHow how)
{
    if (how == CloseHow::WithoutCloseNotify)
        return;
    const quint16 status = how.way == CloseHow::WebSocketClose ? how.status : close_status::normal;
    sendFrame(FrameKind::Close, m_owedClose ? *m_owedClose : closePayload(status));
}

void WebSocketLayer::sendFrame(FrameKind kind, const QByteArray &payload)
{
    const bool isMasked = m_end == LayerEnd::Client;
    m_down += frame(kind, payload, isMasked ? std::optional(QRandomGenerator::system()->generate()) : std::nullopt);
}

} // namespace sessionscope
