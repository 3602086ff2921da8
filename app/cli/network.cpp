#include "app/cli/network.h"

#include "core/net/tcp_network.h"

namespace sessionscope::cli {

std::unique_ptr<Network> makeNetwork()
{
    return std::make_unique<TcpNetwork>();
}

} // namespace sessionscope::cli
