// A lab on a clock that jumps: in-memory pipes, and time that passes only when it is told to.
// An hour costs as much as what happens in it. The same calls give the same trace, byte for byte.
#pragma once

#include "core/lab/driver.h"
#include "core/link/pipe_network.h"

namespace sessionscope {

class VirtualDriver
{
public:
    /// Turns that runUntilQuiet() does at most: two ends that answer each other for ever are a fault, not a wait.
    static constexpr int turnLimit = 1'000'000;

    explicit VirtualDriver(MakeAuthenticator makeAuthenticator = {});

    Lab &lab() { return m_lab; }
    const Lab &lab() const { return m_lab; }
    /// For cuts at a byte, and for looking at what is under way.
    PipeNetwork &network() { return m_network; }
    Instant now() const { return m_now; }

    Result<Endpoint, QString> listen(const Endpoint &endpoint = {}) { return m_driver.listen(endpoint); }
    void stopListening() { m_driver.stopListening(); }
    /// Carries out a command; nothing it sends arrives before the next turn.
    void submit(const LabCommand &command) { m_driver.submit(command); }

    /// Delivers what is under way, and what that causes, without time passing. False when turnLimit was reached.
    bool runUntilQuiet();
    /// Lets time pass, from deadline to deadline, quiet at each. Includes what is due at the last instant.
    void advance(Duration duration);
    /// Gives the lab no Tick until time has passed, as a timer would that fires late.
    void advanceWithoutTick(Duration duration) { m_now += duration; }

    LabView view() const { return viewOf(m_lab, m_now); }

private:
    Lab m_lab;
    PipeNetwork m_network;
    Instant m_now;
    Driver m_driver;
};

} // namespace sessionscope
