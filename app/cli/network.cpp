#include "app/cli/network.h"

#include "core/net/socket_network.h"

namespace sessionscope::cli {

std::unique_ptr<Network> makeNetwork()
{
    return std::make_unique<SocketNetwork>();
}

} // namespace sessionscope::cli
