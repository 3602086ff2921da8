// Sockets with TLS and WebSocket upon them, both ends of each connection in one network.
#pragma once

#include "certificates.h"
#include "socket_world.h"

namespace sessionscope {

struct LayeredWorld : BasicSocketWorld<SocketNetwork>
{
    using BasicSocketWorld::BasicSocketWorld;

    /// Listens with the test's server certificate; open() connects as somebody who trusts its CA.
    bool listen(const char *url)
    {
        if (!BasicSocketWorld::listen(QLatin1String(url), serverTls()))
            return false;
        endpoint.tls = clientTls();
        return true;
    }
    bool pair() { return connectPair(client, server); }

    LinkId client;
    LinkId server;
};

} // namespace sessionscope
