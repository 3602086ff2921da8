// A broker as a process of its own: started on a free port, measured from outside, ended with its owner.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace sessionscope::bench {

class BrokerProcess
{
public:
    /// Runs command through the shell with {port} and {dir} (an empty folder of its own) replaced and waits until the
    /// port takes connections. Throws std::runtime_error when it does not within 10 s.
    explicit BrokerProcess(const std::string &command);
    ~BrokerProcess();
    BrokerProcess(const BrokerProcess &) = delete;
    BrokerProcess &operator=(const BrokerProcess &) = delete;

    std::uint16_t port() const { return m_port; }
    /// User and system time of all its threads so far, in microseconds (steps of a clock tick).
    std::uint64_t cpuMicroseconds() const;
    /// Bytes of resident memory now.
    std::uint64_t residentBytes() const;

private:
    void start(const std::string &command);
    void stop();

    pid_t m_pid = -1;
    std::uint16_t m_port = 0;
    std::string m_folder;
};

} // namespace sessionscope::bench
