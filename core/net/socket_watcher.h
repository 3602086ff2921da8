// Tells which of many descriptors are ready, at a cost that does not grow with the idle ones: an epoll set of our own,
// whose one descriptor is watched by the thread's ordinary Qt event loop. (Qt's dispatchers poll every notifier on
// every turn, which costs milliseconds with thousands of sockets.) Readiness is level-triggered: what is not handled
// comes again.
//
// On a system without epoll the same few functions can stand on one QSocketNotifier a descriptor.
#pragma once

#include <QSocketNotifier>

#include <functional>
#include <memory>

namespace sessionscope {

class SocketWatcher
{
public:
    /// What to wait for. Errors and hang-ups are always reported.
    enum Interest : quint8
    {
        Nothing = 0,
        Readable = 1,
        Writable = 2
    };

    struct Ready
    {
        quint64 token = 0; ///< as given to add()
        bool readable = false;
        bool writable = false;
        bool broken = false; ///< error or hang-up
    };

    /// whenReady is called from the event loop of the thread that made the watcher.
    explicit SocketWatcher(std::function<void()> whenReady);
    ~SocketWatcher();
    SocketWatcher(const SocketWatcher &) = delete;
    SocketWatcher &operator=(const SocketWatcher &) = delete;

    void add(int descriptor, quint64 token, quint8 interest);
    void modify(int descriptor, quint64 token, quint8 interest);
    void remove(int descriptor);
    /// Fills ready with at most capacity descriptors and returns how many; never waits.
    int poll(Ready *ready, int capacity);

    /// How many descriptors one poll() can report.
    static constexpr int pollCapacity = 256;

private:
    int m_epoll = -1;
    std::unique_ptr<QSocketNotifier> m_notifier;
};

} // namespace sessionscope
