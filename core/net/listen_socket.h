// The descriptors of one listen(): a TCP port on every address of its host, or a Unix socket and its file.
#pragma once

#include "core/net/socket_address.h"

#include <vector>

namespace sessionscope {

class ListenSocket
{
public:
    /// Opens them all or none; the error is the system's words with the address in front.
    static Result<ListenSocket, QString> open(const Endpoint &endpoint);

    ~ListenSocket() { close(); }
    ListenSocket(ListenSocket &&other) noexcept { *this = std::move(other); }
    ListenSocket &operator=(ListenSocket &&other) noexcept;
    ListenSocket(const ListenSocket &) = delete;
    ListenSocket &operator=(const ListenSocket &) = delete;

    /// With the real port.
    const Endpoint &endpoint() const { return m_endpoint; }
    const std::vector<int> &descriptors() const { return m_descriptors; }

private:
    ListenSocket() = default;
    QString bindTo(const SocketAddress &address, const QString &name);
    void close();

    Endpoint m_endpoint;
    std::vector<int> m_descriptors;
};

} // namespace sessionscope
