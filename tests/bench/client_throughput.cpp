// Compares our client's engine with libmosquitto: both publish to and receive from the bundled broker, in turn, several
// times over. What is printed are messages a second of the client's own processor time, for the broker has a core of
// its own; ours records every packet meanwhile.
#include "broker_process.h"
#include "client_subject.h"
#include "load_client.h"

#include <QCoreApplication>

#include <time.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace sessionscope::bench;

constexpr int repetitions = 5;
constexpr std::uint64_t messages = 200'000;
constexpr std::string_view topic = "bench/load";
constexpr std::size_t payloadSize = 64;

double threadSeconds()
{
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return double(time.tv_sec) + double(time.tv_nsec) * 1e-9;
}

// Publishes messages from a thread of its own, never far ahead of what the subject has received.
class Source
{
public:
    Source(std::uint16_t port, int qos) : m_thread([this, port, qos] { run(port, qos); }) {}
    ~Source()
    {
        m_isOver = true;
        m_thread.join();
    }
    Source(const Source &) = delete;
    Source &operator=(const Source &) = delete;

    void received(std::uint64_t count) { m_received = count; }

private:
    void run(std::uint16_t port, int qos)
    {
        constexpr std::uint64_t ahead = 5000;
        LoadClient client(port);
        client.queue(packets::connect311("source"));
        const std::string payload(payloadSize, 'p');
        for (std::uint64_t sent = 0; !m_isOver && client.write() && client.read();) {
            const std::uint64_t done = qos == 0 ? m_received.load() : std::min(m_received.load(), client.completed);
            if (client.connacks == 0 || client.queued() > 0 || sent == messages || sent - done > ahead / 2)
                std::this_thread::yield();
            for (; client.connacks > 0 && sent < messages && sent - done < ahead; ++sent)
                client.queue(packets::publish(topic, payload, qos, std::uint16_t(1 + sent % 65'535)));
        }
    }

    std::atomic<std::uint64_t> m_received = 0;
    std::atomic<bool> m_isOver = false;
    std::thread m_thread;
};

struct Work
{
    const char *name;
    double target; ///< messages a second that ours should reach
    bool publishes;
    int qos;
};
constexpr Work works[]{{"publish QoS 0", 1e6, true, 0},
                       {"receive QoS 0", 1e6, false, 0},
                       {"publish QoS 1", 4e5, true, 1},
                       {"receive QoS 1", 4e5, false, 1}};

double rateOf(ClientSubject &subject, const BrokerProcess &broker, const Work &work)
{
    subject.connect(broker.port());
    if (work.publishes) {
        const double begin = threadSeconds();
        subject.publish(topic, std::string(payloadSize, 'p'), work.qos, messages);
        return double(messages) / (threadSeconds() - begin);
    }
    subject.subscribe(topic, work.qos);
    Source source(broker.port(), work.qos);
    const double begin = threadSeconds();
    subject.receive(messages, [&](std::uint64_t count) { source.received(count); });
    return double(messages) / (threadSeconds() - begin);
}

struct Contender
{
    const char *name;
    std::function<std::unique_ptr<ClientSubject>()> make;
    std::vector<double> rates;
};

void run(const Work &work, const std::string &command)
{
    std::vector<Contender> contenders{{"ours", makeOurClient, {}}};
#ifdef SESSIONSCOPE_LIBMOSQUITTO
    contenders.push_back({"libmosquitto", makeMosquittoClient, {}});
#endif
    for (int i = 0; i < repetitions; ++i) {
        for (Contender &contender : contenders) {
            const BrokerProcess broker(command);
            contender.rates.push_back(rateOf(*contender.make(), broker, work));
        }
    }
    std::printf("%s (messages a second of the client's processor time; ours to reach: %.0f)\n", work.name, work.target);
    for (Contender &contender : contenders) {
        std::ranges::sort(contender.rates);
        std::printf("  %-12s %9.0f   (%.0f .. %.0f)\n", contender.name, contender.rates[contender.rates.size() / 2],
                    contender.rates.front(), contender.rates.back());
    }
    std::fflush(stdout);
}

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    const auto here = std::filesystem::read_symlink("/proc/self/exe").parent_path();
    const auto command = (here / "sessionscope-cli").string() +
                         " broker --listen 127.0.0.1:{port} --trace off --max-inflight 65535 --max-queued 1000000";
    try {
        for (const Work &work : works)
            run(work, command);
    } catch (const std::exception &failure) {
        std::fprintf(stderr, "%s\n", failure.what());
        return 1;
    }
    return 0;
}
