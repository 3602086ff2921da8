#include "core/net/socket_network.h"

namespace sessionscope {

void SocketNetwork::setSink(LinkSink *sink)
{
    m_sink = sink;
    m_plain.setSink(sink);
    if (m_layered)
        m_layered->setSink(sink);
}

Network &SocketNetwork::forScheme(Scheme scheme)
{
    if (!usesTls(scheme) && !usesWebSocket(scheme))
        return m_plain;
    if (!m_layered) {
        m_layered = std::make_unique<LayeredNetwork>(m_limits);
        m_layered->setSink(m_sink);
    }
    return *m_layered;
}

Result<Endpoint, QString> SocketNetwork::listen(const Endpoint &endpoint)
{
    return forScheme(endpoint.scheme).listen(endpoint);
}

void SocketNetwork::stopListening()
{
    m_plain.stopListening();
    if (m_layered)
        m_layered->stopListening();
}

void SocketNetwork::open(LinkId link, const Endpoint &endpoint)
{
    forScheme(endpoint.scheme).open(link, endpoint);
}

void SocketNetwork::send(LinkId link, const QByteArray &head, const QByteArray &payload)
{
    if (isLayered(link))
        m_layered->send(link, head, payload);
    else
        m_plain.send(link, head, payload);
}

void SocketNetwork::flush()
{
    m_plain.flush();
    if (m_layered)
        m_layered->flush();
}

void SocketNetwork::close(LinkId link, CloseHow how)
{
    if (isLayered(link))
        m_layered->close(link, how);
    else
        m_plain.close(link, how);
}

qsizetype SocketNetwork::unsentBytes(LinkId link) const
{
    return isLayered(link) ? m_layered->unsentBytes(link) : m_plain.unsentBytes(link);
}

void SocketNetwork::setReading(LinkId link, bool on)
{
    if (isLayered(link))
        m_layered->setReading(link, on);
    else
        m_plain.setReading(link, on);
}

} // namespace sessionscope
