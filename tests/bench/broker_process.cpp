#include "broker_process.h"

#include "load_client.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace sessionscope::bench {

namespace {

constexpr auto startLimit = std::chrono::seconds(10);
constexpr auto stopLimit = std::chrono::seconds(10);
constexpr auto step = std::chrono::milliseconds(20);

// Free at this moment; nobody else is told.
std::uint16_t freePort()
{
    const int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    const bool bound = bind(probe, reinterpret_cast<sockaddr *>(&address), length) == 0 &&
                       getsockname(probe, reinterpret_cast<sockaddr *>(&address), &length) == 0;
    close(probe);
    if (!bound)
        throw std::runtime_error("no free port on 127.0.0.1");
    return ntohs(address.sin_port);
}

void replaceAll(std::string &text, const std::string &what, const std::string &with)
{
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
}

bool accepts(std::uint16_t port)
{
    try {
        LoadClient probe(port);
        return true;
    } catch (const std::runtime_error &) {
        return false;
    }
}

} // namespace

BrokerProcess::BrokerProcess(const std::string &command) : m_port(freePort())
{
    try {
        start(command);
    } catch (...) {
        stop();
        throw;
    }
}

void BrokerProcess::start(const std::string &command)
{
    std::string folder = (std::filesystem::temp_directory_path() / "sessionscope-bench-XXXXXX").string();
    if (!mkdtemp(folder.data()))
        throw std::runtime_error("cannot make a folder for the broker");
    m_folder = folder;
    std::filesystem::permissions(m_folder, std::filesystem::perms::all); // brokers started as root give their rights up
    std::string text = "exec " + command;
    replaceAll(text, "{port}", std::to_string(m_port));
    replaceAll(text, "{dir}", m_folder);
    m_pid = fork();
    if (m_pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        const int null = open("/dev/null", O_RDWR);
        dup2(null, STDIN_FILENO);
        dup2(null, STDOUT_FILENO);
        execl("/bin/sh", "sh", "-c", text.c_str(), nullptr);
        _exit(127);
    }
    const auto begin = std::chrono::steady_clock::now();
    while (!accepts(m_port)) {
        if (waitpid(m_pid, nullptr, WNOHANG) != 0)
            m_pid = -1;
        if (m_pid < 0 || std::chrono::steady_clock::now() - begin > startLimit)
            throw std::runtime_error("the broker did not start: " + text);
        std::this_thread::sleep_for(step);
    }
}

BrokerProcess::~BrokerProcess()
{
    stop();
}

void BrokerProcess::stop()
{
    if (m_pid > 0) {
        kill(m_pid, SIGTERM);
        const auto begin = std::chrono::steady_clock::now();
        while (waitpid(m_pid, nullptr, WNOHANG) == 0) {
            if (std::chrono::steady_clock::now() - begin > stopLimit)
                kill(m_pid, SIGKILL);
            std::this_thread::sleep_for(step);
        }
    }
    std::error_code ignored;
    if (!m_folder.empty())
        std::filesystem::remove_all(m_folder, ignored);
}

std::uint64_t BrokerProcess::cpuMicroseconds() const
{
    std::ifstream file("/proc/" + std::to_string(m_pid) + "/stat");
    std::string text;
    std::getline(file, text);
    // The name, which may hold spaces, stands in brackets; user and system time are the 12th and 13th field behind it.
    std::istringstream fields(text.substr(text.rfind(')') + 1));
    std::string skipped;
    for (int i = 0; i < 11; ++i)
        fields >> skipped;
    std::uint64_t user = 0;
    std::uint64_t system = 0;
    fields >> user >> system;
    return (user + system) * 1'000'000 / std::uint64_t(sysconf(_SC_CLK_TCK));
}

std::uint64_t BrokerProcess::residentBytes() const
{
    std::ifstream file("/proc/" + std::to_string(m_pid) + "/statm");
    std::uint64_t size = 0;
    std::uint64_t resident = 0;
    file >> size >> resident;
    return resident * std::uint64_t(sysconf(_SC_PAGESIZE));
}

} // namespace sessionscope::bench
