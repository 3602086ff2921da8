// The Network over everything that this program speaks: plain sockets, TLS, WebSocket, and WebSocket over TLS. It sends
// each connection to the class that serves its scheme; the plain ones pay one look into a hash for the others.
#pragma once

#include "core/net/layered_network.h"

namespace sessionscope {

class SocketNetwork final : public Network
{
public:
    explicit SocketNetwork(const SocketLimits &limits = {}) : m_limits(limits), m_plain(limits) {}

    void setSink(LinkSink *sink) override;
    /// May be called again for a further address, of any scheme.
    Result<Endpoint, QString> listen(const Endpoint &endpoint) override;
    void stopListening() override;
    void open(LinkId link, const Endpoint &endpoint) override;
    void send(LinkId link, const QByteArray &head, const QByteArray &payload = {}) override;
    void flush() override;
    void close(LinkId link, CloseHow how) override;
    qsizetype unsentBytes(LinkId link) const override;
    void setReading(LinkId link, bool on) override;

private:
    Network &forScheme(Scheme scheme);
    bool isLayered(LinkId link) const { return m_layered && m_layered->knows(link); }

    const SocketLimits m_limits;
    LinkSink *m_sink = nullptr;
    TcpNetwork m_plain;
    std::unique_ptr<LayeredNetwork> m_layered; // once anything needs it
};

} // namespace sessionscope
