#include "core/net/socket_watcher.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace sessionscope {

namespace {

epoll_event wish(quint64 token, quint8 interest)
{
    epoll_event event{};
    event.events = (interest & SocketWatcher::Readable ? quint32(EPOLLIN) : 0) |
                   (interest & SocketWatcher::Writable ? quint32(EPOLLOUT) : 0);
    event.data.u64 = token;
    return event;
}

} // namespace

SocketWatcher::SocketWatcher(std::function<void()> whenReady) : m_epoll(epoll_create1(EPOLL_CLOEXEC))
{
    if (m_epoll < 0)
        qFatal("no descriptor left for an epoll set");
    m_notifier = std::make_unique<QSocketNotifier>(m_epoll, QSocketNotifier::Read);
    QObject::connect(m_notifier.get(), &QSocketNotifier::activated, m_notifier.get(), std::move(whenReady));
}

SocketWatcher::~SocketWatcher()
{
    m_notifier.reset();
    close(m_epoll);
}

void SocketWatcher::add(int descriptor, quint64 token, quint8 interest)
{
    epoll_event event = wish(token, interest);
    epoll_ctl(m_epoll, EPOLL_CTL_ADD, descriptor, &event);
}

void SocketWatcher::modify(int descriptor, quint64 token, quint8 interest)
{
    epoll_event event = wish(token, interest);
    epoll_ctl(m_epoll, EPOLL_CTL_MOD, descriptor, &event);
}

void SocketWatcher::remove(int descriptor)
{
    epoll_ctl(m_epoll, EPOLL_CTL_DEL, descriptor, nullptr);
}

int SocketWatcher::poll(Ready *ready, int capacity)
{
    std::array<epoll_event, pollCapacity> events;
    const int count = epoll_wait(m_epoll, events.data(), std::min(capacity, pollCapacity), 0);
    for (int i = 0; i < count; ++i) {
        const quint32 what = events[size_t(i)].events;
        ready[i] = {events[size_t(i)].data.u64, (what & EPOLLIN) != 0, (what & EPOLLOUT) != 0,
                    (what & (EPOLLERR | EPOLLHUP)) != 0};
    }
    return std::max(count, 0);
}

} // namespace sessionscope
