// Socket addresses of the operating system as values, and the words for them.
// Descriptors made here are non-blocking and closed on exec.
#pragma once

#include "core/link/endpoint.h"

#include <QHostAddress>
#include <QString>

#include <sys/socket.h>

#include <optional>
#include <vector>

namespace sessionscope {

struct SocketAddress
{
    sockaddr_storage storage{};
    socklen_t length = 0;

    const sockaddr *get() const { return reinterpret_cast<const sockaddr *>(&storage); }
    sockaddr *get() { return reinterpret_cast<sockaddr *>(&storage); }
    int family() const { return storage.ss_family; }
};

/// An address in numbers; nothing when host is a name.
std::optional<SocketAddress> numericAddress(const QString &host, quint16 port);
SocketAddress socketAddress(const QHostAddress &address, quint16 port);
/// The error says when the path is longer than the system allows.
Result<SocketAddress, QString> unixAddress(const QString &path);
/// Where to listen for host: numbers, a name of this machine (asked at once, the resolver's own time limits apply), or
/// empty for every address. Never empty; the error is the resolver's words.
Result<std::vector<SocketAddress>, QString> listenAddresses(const QString &host, quint16 port);

/// The same address with another port.
SocketAddress withPort(SocketAddress address, quint16 port);
/// HOST:PORT in numbers, IPv6 in brackets; "local" for a Unix socket.
QString addressName(const SocketAddress &address);
/// The port that a bound descriptor really has.
quint16 localPort(int descriptor);
/// A new stream socket with TCP_NODELAY, or -1 with errno set.
int openSocket(int family);
/// Sends every segment at once: MQTT packets are small and waited for. No effect on a Unix socket.
void setNoDelay(int descriptor);
/// The error that the system keeps for a descriptor, which this takes away; 0 for none.
int pendingError(int descriptor);
/// Bytes that were written and that the peer's system has not taken.
int unacknowledgedBytes(int descriptor);
/// Makes close() send RST and throw away what is queued.
void setResetOnClose(int descriptor);

} // namespace sessionscope
