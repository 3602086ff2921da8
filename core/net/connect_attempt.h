// One open() on its way: the addresses of its host in the order to try, the one being tried, and what went wrong so
// far. Who drives it owns the clock and the waiting; this only knows what comes next.
#pragma once

#include "core/net/socket_address.h"
#include "core/net/socket_limits.h"

#include <QDeadlineTimer>
#include <QHostInfo>

namespace sessionscope {

class ConnectAttempt
{
public:
    enum class Progress : quint8
    {
        Connected,
        InProgress,
        Failed
    };

    ConnectAttempt(const Endpoint &endpoint, const SocketLimits &limits)
        : m_endpoint(endpoint), m_limits(limits), m_whole(limits.connect)
    {
    }

    const Endpoint &endpoint() const { return m_endpoint; }
    /// Of QHostInfo, -1 when no name is being looked up.
    int lookup = -1;

    /// The addresses of a looked-up name; families take turns, beginning with the one the resolver put first.
    void setAddresses(const QHostInfo &info);
    void setAddress(const SocketAddress &address) { m_addresses = {address}; }
    /// Opens a descriptor to the next address that lets itself be tried. Failed: error() has the last reason.
    Progress tryNext(int &descriptor);
    /// Notes why the address being tried did not work.
    void noteFailure(int systemError);
    /// The attempt, or the address being tried, took too long.
    bool isOverdue() const { return m_whole.hasExpired(); }
    bool isAddressOverdue() const { return hasMore() && m_address.hasExpired(); }
    void noteOverdue();
    const QString &error() const { return m_error; }
    /// What is being tried, for people: the address in numbers, or the path; the host while there is no address yet.
    QString currentName() const;

private:
    bool hasMore() const { return m_next > 0 && m_next < m_addresses.size(); }

    Endpoint m_endpoint;
    SocketLimits m_limits;
    std::vector<SocketAddress> m_addresses;
    size_t m_next = 0;
    QDeadlineTimer m_whole;
    QDeadlineTimer m_address{QDeadlineTimer::Forever};
    QString m_error = QStringLiteral("no address to connect to");
};

} // namespace sessionscope
