// The layers of one connection, the lowest next to the socket, as one: it is open when all are.
#pragma once

#include "core/net/layer.h"

#include <memory>
#include <vector>

namespace sessionscope {

class LayerStack
{
public:
    /// Above those that are there.
    void add(std::unique_ptr<Layer> layer) { m_layers.push_back(std::move(layer)); }

    /// The socket is connected.
    void start();
    /// Bytes from the socket.
    void receive(const QByteArray &bytes);
    /// Bytes of the owner, while canSend().
    void send(const QByteArray &bytes);
    /// Whether much of what was sent is still unread.
    void setBacklogged(bool on);
    /// Every layer that can says goodbye, from the top, as far as how wants it.
    void close(CloseHow how);

    /// Handshaking, Open, Ended or Failed.
    Layer::State state() const;
    /// Whether the other end still takes something: while Open, and when it Ended.
    bool canSend() const;
    /// In Handshaking: what for. "TLS"
    QString handshake() const;
    /// What was agreed on, "TLSv1.3"; may be empty.
    QString agreed() const;
    /// In Ended and Failed: what the matter is; may be empty after Ended.
    QString words() const;
    /// How an end of the socket is called now.
    QString cutShort() const;
    /// For the owner, and for the socket.
    QByteArray takeUp() { return std::exchange(m_up, {}); }
    QByteArray takeDown();

private:
    void moveDown();

    std::vector<std::unique_ptr<Layer>> m_layers;
    QByteArray m_up;
};

} // namespace sessionscope
