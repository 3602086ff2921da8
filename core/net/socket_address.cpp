#include "core/net/socket_address.h"

#include <QFile>

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/un.h>

#include <array>
#include <cstring>
#include <memory>

namespace sessionscope {

namespace {

sockaddr_in &asV4(SocketAddress &address)
{
    return reinterpret_cast<sockaddr_in &>(address.storage);
}

sockaddr_in6 &asV6(SocketAddress &address)
{
    return reinterpret_cast<sockaddr_in6 &>(address.storage);
}

SocketAddress fromRaw(const sockaddr *raw, socklen_t length)
{
    SocketAddress address;
    std::memcpy(&address.storage, raw, length);
    address.length = length;
    return address;
}

} // namespace

std::optional<SocketAddress> numericAddress(const QString &host, quint16 port)
{
    QHostAddress address;
    if (!address.setAddress(host))
        return std::nullopt;
    return socketAddress(address, port);
}

SocketAddress socketAddress(const QHostAddress &address, quint16 port)
{
    SocketAddress result;
    if (address.protocol() == QAbstractSocket::IPv4Protocol) {
        auto &v4 = asV4(result);
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port);
        v4.sin_addr.s_addr = htonl(address.toIPv4Address());
        result.length = sizeof v4;
        return result;
    }
    auto &v6 = asV6(result);
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    const Q_IPV6ADDR bytes = address.toIPv6Address();
    std::memcpy(&v6.sin6_addr, &bytes, sizeof bytes);
    const QByteArray zone = address.scopeId().toLatin1();
    if (!zone.isEmpty()) {
        bool isNumber = false;
        const uint number = zone.toUInt(&isNumber);
        v6.sin6_scope_id = isNumber ? number : if_nametoindex(zone.constData());
    }
    result.length = sizeof v6;
    return result;
}

Result<SocketAddress, QString> unixAddress(const QString &path)
{
    SocketAddress result;
    auto &local = reinterpret_cast<sockaddr_un &>(result.storage);
    const QByteArray name = QFile::encodeName(path);
    if (name.size() >= qsizetype(sizeof local.sun_path))
        return QStringLiteral("the path of a Unix socket has at most %1 bytes").arg(sizeof local.sun_path - 1);
    local.sun_family = AF_UNIX;
    std::memcpy(local.sun_path, name.constData(), size_t(name.size()) + 1);
    result.length = sizeof local;
    return result;
}

Result<std::vector<SocketAddress>, QString> listenAddresses(const QString &host, quint16 port)
{
    if (const auto address = numericAddress(host, port))
        return std::vector{*address};
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE;
    addrinfo *found = nullptr;
    const QByteArray name = host.toUtf8();
    const int failure =
        getaddrinfo(name.isEmpty() ? nullptr : name.constData(), QByteArray::number(port).constData(), &hints, &found);
    if (failure != 0)
        return QStringLiteral("%1: %2").arg(host, QString::fromLocal8Bit(gai_strerror(failure)));
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, freeaddrinfo);
    std::vector<SocketAddress> addresses;
    for (const addrinfo *each = found; each; each = each->ai_next)
        addresses.push_back(fromRaw(each->ai_addr, each->ai_addrlen));
    return addresses;
}

SocketAddress withPort(SocketAddress address, quint16 port)
{
    if (address.family() == AF_INET6)
        asV6(address).sin6_port = htons(port);
    else
        asV4(address).sin_port = htons(port);
    return address;
}

QString addressName(const SocketAddress &address)
{
    SocketAddress copy = address;
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (copy.family() == AF_INET) {
        inet_ntop(AF_INET, &asV4(copy).sin_addr, text.data(), text.size());
        return QString::fromLatin1(text.data()) + u':' + QString::number(ntohs(asV4(copy).sin_port));
    }
    if (copy.family() == AF_INET6) {
        inet_ntop(AF_INET6, &asV6(copy).sin6_addr, text.data(), text.size());
        return u'[' + QString::fromLatin1(text.data()) + QLatin1String("]:") +
               QString::number(ntohs(asV6(copy).sin6_port));
    }
    return QStringLiteral("local");
}

quint16 localPort(int descriptor)
{
    SocketAddress address;
    address.length = sizeof address.storage;
    if (getsockname(descriptor, address.get(), &address.length) != 0)
        return 0;
    return ntohs(address.family() == AF_INET6 ? asV6(address).sin6_port : asV4(address).sin_port);
}

int openSocket(int family)
{
    const int descriptor = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor >= 0)
        setNoDelay(descriptor);
    return descriptor;
}

void setNoDelay(int descriptor)
{
    const int on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

int pendingError(int descriptor)
{
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size);
    return error;
}

int unacknowledgedBytes(int descriptor)
{
    int count = 0;
    return ioctl(descriptor, SIOCOUTQ, &count) == 0 ? count : 0;
}

void setResetOnClose(int descriptor)
{
    const linger none{1, 0};
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &none, sizeof none);
}

} // namespace sessionscope
