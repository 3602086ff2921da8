#include "core/net/connect_attempt.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace sessionscope {

void ConnectAttempt::setAddresses(const QHostInfo &info)
{
    lookup = -1;
    if (info.error() != QHostInfo::NoError) {
        m_error = m_endpoint.host + QLatin1String(": ") + info.errorString();
        return;
    }
    std::vector<SocketAddress> first;
    std::vector<SocketAddress> second;
    for (const QHostAddress &each : info.addresses()) {
        const auto address = socketAddress(each, m_endpoint.port);
        (first.empty() || first.front().family() == address.family() ? first : second).push_back(address);
    }
    for (size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
        if (i < first.size())
            m_addresses.push_back(first[i]);
        if (i < second.size())
            m_addresses.push_back(second[i]);
    }
}

ConnectAttempt::Progress ConnectAttempt::tryNext(int &descriptor)
{
    while (m_next < m_addresses.size()) {
        const SocketAddress &address = m_addresses[m_next++];
        m_address = QDeadlineTimer(m_limits.address);
        descriptor = openSocket(address.family());
        if (descriptor < 0) {
            noteFailure(errno);
            continue;
        }
        if (connect(descriptor, address.get(), address.length) == 0)
            return Progress::Connected;
        if (errno == EINPROGRESS)
            return Progress::InProgress;
        noteFailure(errno);
        close(descriptor);
    }
    descriptor = -1;
    return Progress::Failed;
}

void ConnectAttempt::noteFailure(int systemError)
{
    m_error = currentName() + QLatin1String(": ") + qt_error_string(systemError);
}

void ConnectAttempt::noteOverdue()
{
    const auto spent = isOverdue() ? m_limits.connect : m_limits.address;
    m_error = QStringLiteral("%1: no answer within %2 s").arg(currentName()).arg(double(spent.count()) / 1000);
}

QString ConnectAttempt::currentName() const
{
    if (m_endpoint.scheme == Scheme::UnixSocket)
        return m_endpoint.path;
    return m_next == 0 ? m_endpoint.host : addressName(m_addresses[m_next - 1]);
}

} // namespace sessionscope
