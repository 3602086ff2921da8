#include "broker_works.h"

#include "load_client.h"

#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <deque>
#include <memory>
#include <stdexcept>

namespace sessionscope::bench {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr auto patience = std::chrono::seconds(20);
constexpr auto drainLimit = std::chrono::seconds(2); // without a delivery: the rest is lost
constexpr std::string_view topic = "bench/load";

double secondsSince(Clock::time_point begin)
{
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

// Clients in one epoll set.
class Crowd
{
public:
    explicit Crowd(std::uint16_t port) : m_port(port), m_epoll(epoll_create1(EPOLL_CLOEXEC)) {}
    ~Crowd() { close(m_epoll); }
    Crowd(const Crowd &) = delete;
    Crowd &operator=(const Crowd &) = delete;

    /// Connects; does not wait for CONNACK.
    LoadClient &add(const std::string &connectPacket)
    {
        auto &client = *m_clients.emplace_back(std::make_unique<LoadClient>(m_port));
        client.queue(connectPacket);
        client.write();
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = &client;
        epoll_ctl(m_epoll, EPOLL_CTL_ADD, client.descriptor(), &event);
        return client;
    }

    /// Reads and writes what is ready, waiting at most wait for something.
    void turn(milliseconds wait)
    {
        std::array<epoll_event, 256> events;
        const int count = epoll_wait(m_epoll, events.data(), int(events.size()), int(wait.count()));
        for (int i = 0; i < count; ++i) {
            auto &client = *static_cast<LoadClient *>(events[std::size_t(i)].data.ptr);
            const auto before = client.publishes;
            if (!client.read() || !client.write())
                throw std::runtime_error("the broker closed a connection");
            received += client.publishes - before;
        }
    }

    /// Until the broker has closed its end, as it does after a DISCONNECT.
    void waitForEnd(LoadClient &client)
    {
        const auto begin = Clock::now();
        while (client.read()) {
            if (Clock::now() - begin > patience)
                throw std::runtime_error("a connection did not end within 20 s");
            pollfd waiting{client.descriptor(), POLLIN, 0};
            poll(&waiting, 1, 10);
        }
        epoll_ctl(m_epoll, EPOLL_CTL_DEL, client.descriptor(), nullptr);
    }

    template<class Condition> void waitFor(Condition condition, const char *what)
    {
        const auto begin = Clock::now();
        while (!condition()) {
            if (Clock::now() - begin > patience)
                throw std::runtime_error(std::string("no ") + what + " within 20 s");
            turn(milliseconds(10));
        }
    }

    std::uint64_t received = 0; ///< PUBLISH packets, all clients together

private:
    std::uint16_t m_port;
    int m_epoll;
    std::vector<std::unique_ptr<LoadClient>> m_clients;
};

LoadClient &connected(Crowd &crowd, const std::string &connectPacket)
{
    LoadClient &client = crowd.add(connectPacket);
    crowd.waitFor([&] { return client.connacks == 1; }, "CONNACK");
    return client;
}

void subscribeTo(Crowd &crowd, LoadClient &client, std::string_view filter, int qos, int version)
{
    client.queue(packets::subscribe(filter, qos, version));
    client.write();
    crowd.waitFor([&] { return client.subacks == 1; }, "SUBACK");
}

struct Stream
{
    int qos = 0;
    std::size_t payloadSize = 16;
    int subscribers = 1;
    std::uint64_t window = 1000; ///< messages published and not yet delivered to all and acknowledged
};

// One publisher as fast as the window lets it, for a time; then the rest is awaited.
Measurement runStream(const BrokerProcess &broker, milliseconds duration, const Stream &stream)
{
    Crowd crowd(broker.port());
    for (int i = 0; i < stream.subscribers; ++i) {
        LoadClient &subscriber = connected(crowd, packets::connect5("sub" + std::to_string(i)));
        subscribeTo(crowd, subscriber, topic, stream.qos, 5);
    }
    LoadClient &publisher = connected(crowd, packets::connect311("pub"));
    const std::string payload(stream.payloadSize, 'p');
    const std::string plain = packets::publish(topic, payload, 0);
    const auto fanOut = std::uint64_t(stream.subscribers);

    std::uint64_t sent = 0;
    const auto done = [&] {
        const std::uint64_t delivered = crowd.received / fanOut;
        return stream.qos == 0 ? delivered : std::min(delivered, publisher.completed);
    };
    const auto publishMore = [&] {
        // A few writes of some size, not one a message.
        const std::uint64_t free = stream.window - (sent - done());
        if (free < stream.window / 4 && sent > 0)
            return;
        for (std::uint64_t i = 0; i < free; ++i, ++sent) {
            if (stream.qos == 0)
                publisher.queue(plain);
            else
                publisher.queue(packets::publish(topic, payload, stream.qos, std::uint16_t(1 + sent % 65'535)));
        }
        publisher.write();
    };

    const auto cpuBefore = broker.cpuMicroseconds();
    const auto begin = Clock::now();
    while (Clock::now() - begin < duration) {
        publishMore();
        // A window that is not read to its end keeps the publisher's socket full.
        if (publisher.queued() > 0)
            publisher.write();
        crowd.turn(milliseconds(publisher.queued() > 0 ? 0 : 10));
    }
    for (auto lastProgress = Clock::now(); done() < sent && Clock::now() - lastProgress < drainLimit;) {
        const auto before = done();
        publisher.write();
        crowd.turn(milliseconds(10));
        if (done() > before)
            lastProgress = Clock::now();
    }
    const double seconds = secondsSince(begin);
    const auto cpu = double(broker.cpuMicroseconds() - cpuBefore);
    Measurement result;
    result.perSecond = double(crowd.received) / seconds;
    result.cost = cpu / double(std::max<std::uint64_t>(crowd.received, 1));
    result.lost = sent * fanOut - std::min(sent * fanOut, crowd.received);
    return result;
}

// Connect, CONNACK, close, over and over, some at a time.
Measurement runConnects(const BrokerProcess &broker, milliseconds duration)
{
    constexpr int batch = 100;
    std::uint64_t count = 0;
    const auto cpuBefore = broker.cpuMicroseconds();
    const auto begin = Clock::now();
    while (Clock::now() - begin < duration) {
        Crowd crowd(broker.port());
        std::vector<LoadClient *> clients;
        for (int i = 0; i < batch; ++i)
            clients.push_back(&crowd.add(packets::connect311("c" + std::to_string(i))));
        crowd.waitFor(
            [&] { return std::all_of(clients.begin(), clients.end(), [](auto *each) { return each->connacks == 1; }); },
            "CONNACK");
        for (LoadClient *each : clients) {
            each->queue(packets::disconnect());
            each->write();
        }
        count += batch;
    }
    return {double(count) / secondsSince(begin), double(broker.cpuMicroseconds() - cpuBefore) / double(count)};
}

// Resident bytes of a connection that does nothing.
Measurement runIdle(const BrokerProcess &broker, milliseconds)
{
    constexpr int count = 5000;
    Crowd crowd(broker.port());
    connected(crowd, packets::connect311("first")); // what comes with the first connection is not counted
    const auto before = broker.residentBytes();
    const auto begin = Clock::now();
    for (int i = 0; i < count; ++i)
        connected(crowd, packets::connect311("idle" + std::to_string(i)));
    const double seconds = secondsSince(begin);
    return {double(count) / seconds, double(broker.residentBytes() - before) / count};
}

// Resident bytes of a session with one subscription whose client is away.
Measurement runSessions(const BrokerProcess &broker, milliseconds)
{
    constexpr int count = 10'000;
    const auto visit = [&](const std::string &name) {
        Crowd crowd(broker.port());
        LoadClient &client = connected(crowd, packets::connect311(name, false));
        subscribeTo(crowd, client, "session/" + name, 1, 4);
        client.queue(packets::disconnect());
        client.write();
        crowd.waitForEnd(client);
    };
    visit("first"); // what comes with the first session is not counted
    const auto before = broker.residentBytes();
    const auto begin = Clock::now();
    for (int i = 0; i < count; ++i)
        visit("away" + std::to_string(i));
    const double seconds = secondsSince(begin);
    return {double(count) / seconds, double(broker.residentBytes() - before) / count};
}

// Resident bytes of a QoS 1 message of 64 bytes that waits for a client that is away.
Measurement runQueued(const BrokerProcess &broker, milliseconds)
{
    constexpr std::uint64_t count = 50'000;
    constexpr std::uint64_t window = 15; // what brokers take at once unless told otherwise
    const std::string payload(64, 'p');
    {
        Crowd crowd(broker.port());
        LoadClient &away = connected(crowd, packets::connect311("away", false));
        subscribeTo(crowd, away, topic, 1, 4);
        away.queue(packets::disconnect());
        away.write();
        crowd.waitForEnd(away);
    }
    Crowd crowd(broker.port());
    LoadClient &publisher = connected(crowd, packets::connect311("pub"));
    std::uint64_t sent = 0;
    const auto publishUntil = [&](std::uint64_t last) {
        while (publisher.completed < last) {
            for (; sent < last && sent - publisher.completed < window; ++sent)
                publisher.queue(packets::publish(topic, payload, 1, std::uint16_t(1 + sent % 65'535)));
            publisher.write();
            const auto before = publisher.completed;
            crowd.waitFor([&] { return publisher.completed > before; }, "PUBACK");
        }
    };
    publishUntil(100);
    const auto before = broker.residentBytes();
    const auto begin = Clock::now();
    publishUntil(100 + count);
    const double seconds = secondsSince(begin);
    return {double(count) / seconds, double(broker.residentBytes() - before) / double(count)};
}

// The middle round trip of one small message beside many idle connections.
Measurement runPingPong(const BrokerProcess &broker, milliseconds duration)
{
    Crowd crowd(broker.port());
    for (int i = 0; i < 5000; ++i)
        connected(crowd, packets::connect311("idle" + std::to_string(i)));
    LoadClient &client = connected(crowd, packets::connect311("player"));
    subscribeTo(crowd, client, topic, 0, 4);
    const std::string ping = packets::publish(topic, "0123456789abcdef", 0);
    std::vector<double> trips;
    const auto begin = Clock::now();
    while (Clock::now() - begin < duration) {
        const auto start = Clock::now();
        const auto before = client.publishes;
        client.queue(ping);
        client.write();
        crowd.waitFor([&] { return client.publishes > before; }, "echo");
        trips.push_back(secondsSince(start) * 1e6);
    }
    std::nth_element(trips.begin(), trips.begin() + std::ptrdiff_t(trips.size() / 2), trips.end());
    return {double(trips.size()) / secondsSince(begin), trips[trips.size() / 2]};
}

// The time from the first of 1 000 connects to the last CONNACK; a lost SYN costs a second.
Measurement runConnectStorm(const BrokerProcess &broker, milliseconds)
{
    constexpr int count = 1000;
    Crowd crowd(broker.port());
    std::vector<LoadClient *> clients;
    const auto begin = Clock::now();
    for (int i = 0; i < count; ++i)
        clients.push_back(&crowd.add(packets::connect311("storm" + std::to_string(i))));
    crowd.waitFor(
        [&] { return std::all_of(clients.begin(), clients.end(), [](auto *each) { return each->connacks == 1; }); },
        "CONNACK");
    const double seconds = secondsSince(begin);
    return {count / seconds, seconds * 1000};
}

Work streamWork(const char *name, std::array<double, 2> targets, const Stream &stream)
{
    return {name, "CPU us/delivery", targets, [stream](const BrokerProcess &broker, milliseconds duration) {
                return runStream(broker, duration, stream);
            }};
}

} // namespace

const std::vector<Work> &works()
{
    static const std::vector<Work> all{
        streamWork("1-1-qos0-16B", {28, 12}, {.qos = 0, .window = 10'000}),
        streamWork("1-1-qos1-16B", {36, 15}, {.qos = 1}),
        streamWork("1-1-qos2-16B", {50, 20}, {.qos = 2}),
        streamWork("1-1-qos0-64KiB", {3.6, 3}, {.qos = 0, .payloadSize = 64 * 1024, .window = 32}),
        streamWork("1-1000-qos0-16B", {18, 10}, {.qos = 0, .subscribers = 1000, .window = 40}),
        {"connect", "CPU us/connection", {41.0 / 33, 41.0 / 45}, runConnects},
        {"connect-storm-1000", "ms to the last CONNACK", {0, 0}, runConnectStorm},
        {"idle-connection", "resident bytes", {730.0 / 700, 0}, runIdle},
        {"persistent-session", "resident bytes", {1013.0 / 900, 0}, runSessions},
        {"queued-message-64B", "resident bytes", {400.0 / 240, 0}, runQueued},
        {"ping-pong-5000-idle", "us, middle round trip", {29.0 / 28, 0}, runPingPong},
    };
    return all;
}

} // namespace sessionscope::bench
