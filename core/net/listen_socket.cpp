#include "core/net/listen_socket.h"

#include <QFile>

#include <netinet/in.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace sessionscope {

namespace {

// A broker that was killed leaves its socket file behind; nobody answers there any more.
void removeStaleSocketFile(const SocketAddress &address, const QString &path)
{
    struct stat info
    {
    };
    const QByteArray name = QFile::encodeName(path);
    if (lstat(name.constData(), &info) != 0 || !S_ISSOCK(info.st_mode))
        return;
    const int probe = openSocket(AF_UNIX);
    if (probe < 0)
        return;
    if (connect(probe, address.get(), address.length) != 0 && errno == ECONNREFUSED)
        unlink(name.constData());
    ::close(probe);
}

void setOption(int descriptor, int level, int option, int value)
{
    setsockopt(descriptor, level, option, &value, sizeof value);
}

} // namespace

Result<ListenSocket, QString> ListenSocket::open(const Endpoint &endpoint)
{
    ListenSocket listener;
    listener.m_endpoint = endpoint;
    if (endpoint.scheme == Scheme::UnixSocket) {
        const auto address = unixAddress(endpoint.path);
        if (!address)
            return address.error();
        removeStaleSocketFile(*address, endpoint.path);
        const QString error = listener.bindTo(*address, endpoint.path);
        if (!error.isEmpty())
            return error;
        return listener;
    }
    const auto addresses = listenAddresses(endpoint.host, endpoint.port);
    if (!addresses)
        return addresses.error();
    for (const SocketAddress &each : *addresses) {
        // All addresses of a name share the port that the first one was given.
        const SocketAddress address = withPort(each, listener.m_endpoint.port);
        const QString error = listener.bindTo(address, addressName(address));
        // A machine may know an address family only by name.
        if (!error.isEmpty() && (addresses->size() == 1 || listener.m_descriptors.empty() || errno != EADDRNOTAVAIL))
            return error;
        if (!listener.m_descriptors.empty())
            listener.m_endpoint.port = localPort(listener.m_descriptors.front());
    }
    return listener;
}

ListenSocket &ListenSocket::operator=(ListenSocket &&other) noexcept
{
    close();
    m_endpoint = other.m_endpoint;
    m_descriptors = std::exchange(other.m_descriptors, {});
    return *this;
}

// Empty, or why it cannot be.
QString ListenSocket::bindTo(const SocketAddress &address, const QString &name)
{
    const int descriptor = openSocket(address.family());
    bool fits = descriptor >= 0;
    if (fits && address.family() == AF_INET6) {
        // "::" alone stands for both families; any other address for itself.
        const bool isAny = IN6_IS_ADDR_UNSPECIFIED(&reinterpret_cast<const sockaddr_in6 *>(address.get())->sin6_addr);
        setOption(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, isAny && m_descriptors.empty() ? 0 : 1);
    }
    if (fits && address.family() != AF_UNIX)
        setOption(descriptor, SOL_SOCKET, SO_REUSEADDR, 1);
    fits = fits && bind(descriptor, address.get(), address.length) == 0 && ::listen(descriptor, SOMAXCONN) == 0;
    if (fits) {
        m_descriptors.push_back(descriptor);
        return {};
    }
    const int why = errno;
    if (descriptor >= 0)
        ::close(descriptor);
    errno = why;
    return name + QLatin1String(": ") + qt_error_string(why);
}

void ListenSocket::close()
{
    if (m_descriptors.empty())
        return;
    for (const int each : m_descriptors)
        ::close(each);
    m_descriptors.clear();
    if (m_endpoint.scheme == Scheme::UnixSocket)
        unlink(QFile::encodeName(m_endpoint.path).constData());
}

} // namespace sessionscope
