// How long sockets may take for things that a peer or a network can delay for ever, and other times of theirs.
#pragma once

#include <chrono>

namespace sessionscope {

struct SocketLimits
{
    /// From open() to the connection or its failure, name resolution included.
    std::chrono::milliseconds connect{10'000};
    /// For one address of a host while others are left to try.
    std::chrono::milliseconds address{2'500};
    /// From there to the end of the handshakes of TLS and WebSocket, at either end.
    std::chrono::milliseconds handshake{10'000};
    /// From close(Close) to the peer's FIN; then the connection is reset, whatever the peer has not read.
    std::chrono::milliseconds linger{5'000};
    /// After this long the event loop has its turn, however much there is left to read.
    std::chrono::milliseconds turnsInRow{2};
    /// When the system has no descriptor left, accepting waits this long, or until a connection ends.
    std::chrono::milliseconds acceptRetry{100};
};

} // namespace sessionscope
