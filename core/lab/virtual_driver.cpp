#include "core/lab/virtual_driver.h"

namespace sessionscope {

VirtualDriver::VirtualDriver(MakeAuthenticator makeAuthenticator)
    : m_driver(
          m_lab, m_network, [this] { return m_now; }, std::move(makeAuthenticator))
{
}

bool VirtualDriver::runUntilQuiet()
{
    for (int turn = 0; turn < turnLimit; ++turn) {
        if (!m_network.deliver())
            return true;
    }
    return false;
}

void VirtualDriver::advance(Duration duration)
{
    const Instant end = m_now + duration;
    runUntilQuiet();
    std::optional<Instant> last;
    for (auto due = m_driver.nextDeadline(); due && *due <= end && due != last; due = m_driver.nextDeadline()) {
        last = due;
        m_now = std::max(m_now, *due);
        m_driver.tick();
        runUntilQuiet();
    }
    m_now = end;
    m_driver.tick();
    runUntilQuiet();
}

} // namespace sessionscope
