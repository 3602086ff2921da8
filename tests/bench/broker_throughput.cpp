// Compares the bundled broker with other brokers on this machine: every work runs with every broker in turn, several
// times over, and what is printed are the medians and the ratio of the costs with its spread. The machine's noise hits
// all of them alike, so the ratio is what counts.
#include "broker_works.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <string>

namespace {

using namespace sessionscope::bench;

constexpr const char *usage = R"(Usage: bench_broker_throughput [OPTION]...
Runs each work with each broker in turn and prints medians and cost ratios.

  --broker NAME=COMMAND  a broker of ours; {port} and {dir} are replaced. Default: sessionscope-cli beside this
                         program, once with trace counters and once with every packet in the trace
  --peer NAME=COMMAND    a broker to compare with. Default: mosquitto
  --work NAME            only this work (may be repeated)
  --repetitions N        default 5
  --seconds S            how long the works with a stream of messages run, default 2
  --list                 print the names of the works
)";

struct Broker
{
    std::string name;
    std::string command;
    bool isPeer = false;
};

struct Options
{
    std::vector<Broker> brokers;
    std::vector<std::string> works;
    int repetitions = 5;
    double seconds = 2;
};

// A mosquitto that accepts everybody and holds nothing back.
constexpr const char *mosquittoCommand =
    "sh -c 'printf \"listener {port} 127.0.0.1\\nallow_anonymous true\\nmax_inflight_messages 0\\n"
    "max_queued_messages 0\\nlog_type none\\npersistence false\\n\" > {dir}/conf; exec mosquitto -c {dir}/conf'";

std::vector<Broker> ourBrokers()
{
    const auto here = std::filesystem::read_symlink("/proc/self/exe").parent_path();
    const auto command = (here / "sessionscope-cli").string() + " broker --listen 127.0.0.1:{port} --trace ";
    return {{"counters", command + "counters"}, {"packets", command + "packets"}};
}

double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    const auto middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

struct Series
{
    std::vector<double> rates;
    std::vector<double> costs;
    std::uint64_t lost = 0;
};

void printRatio(const Broker &ours, const Series &our, const Series &peer, double target)
{
    std::vector<double> ratios;
    for (std::size_t i = 0; i < our.costs.size(); ++i)
        ratios.push_back(peer.costs[i] / our.costs[i]);
    const auto [low, high] = std::minmax_element(ratios.begin(), ratios.end());
    std::printf("    = %6.2f x %s (%.2f .. %.2f)", median(ratios), ours.name.c_str(), *low, *high);
    if (target > 0)
        std::printf(", to reach with mosquitto: %.2f", target);
    std::printf("\n");
}

void report(const Work &work, const std::vector<Broker> &brokers, const std::vector<Series> &series)
{
    std::printf("%s (%s)\n", work.name.c_str(), work.unit.c_str());
    for (std::size_t i = 0; i < brokers.size(); ++i) {
        std::printf("  %-12s %10.2f   %10.0f /s", brokers[i].name.c_str(), median(series[i].costs),
                    median(series[i].rates));
        if (series[i].lost > 0)
            std::printf("   lost: %llu", static_cast<unsigned long long>(series[i].lost));
        std::printf("\n");
        for (std::size_t k = 0; brokers[i].isPeer && k < brokers.size(); ++k) {
            if (!brokers[k].isPeer)
                printRatio(brokers[k], series[k], series[i], k < work.targets.size() ? work.targets[k] : 0);
        }
    }
    std::fflush(stdout);
}

void runWork(const Work &work, const Options &options)
{
    std::vector<Series> series(options.brokers.size());
    const auto duration = std::chrono::milliseconds(long(options.seconds * 1000));
    for (int i = 0; i < options.repetitions; ++i) {
        for (std::size_t k = 0; k < options.brokers.size(); ++k) {
            const BrokerProcess broker(options.brokers[k].command);
            const Measurement measured = work.run(broker, duration);
            series[k].rates.push_back(measured.perSecond);
            series[k].costs.push_back(measured.cost);
            series[k].lost += measured.lost;
        }
    }
    report(work, options.brokers, series);
}

[[noreturn]] void refuse(const std::string &why)
{
    std::fprintf(stderr, "%s\n%s", why.c_str(), usage);
    std::exit(2);
}

void listWorks()
{
    for (const Work &work : works())
        std::printf("%s\n", work.name.c_str());
}

Options parse(int argc, char **argv)
{
    Options options;
    std::vector<Broker> peers;
    for (int i = 1; i < argc; ++i) {
        const std::string name = argv[i];
        if (name == "--help" || name == "--list") {
            name == "--help" ? std::fputs(usage, stdout) : (listWorks(), 0);
            std::exit(0);
        }
        if (i + 1 == argc)
            refuse(name + " needs a value");
        const std::string value = argv[++i];
        const auto equals = value.find('=');
        if (name == "--broker" && equals != std::string::npos)
            options.brokers.push_back({value.substr(0, equals), value.substr(equals + 1), false});
        else if (name == "--peer" && equals != std::string::npos)
            peers.push_back({value.substr(0, equals), value.substr(equals + 1), true});
        else if (name == "--work")
            options.works.push_back(value);
        else if (name == "--repetitions")
            options.repetitions = std::max(1, std::atoi(value.c_str()));
        else if (name == "--seconds")
            options.seconds = std::max(0.1, std::atof(value.c_str()));
        else
            refuse("unknown option or value: " + name + ' ' + value);
    }
    if (options.brokers.empty())
        options.brokers = ourBrokers();
    if (peers.empty())
        peers.push_back({"mosquitto", mosquittoCommand, true});
    options.brokers.insert(options.brokers.end(), peers.begin(), peers.end());
    for (const std::string &name : options.works) {
        if (std::none_of(works().begin(), works().end(), [&](const Work &each) { return each.name == name; }))
            refuse("no work is called " + name);
    }
    return options;
}

} // namespace

int main(int argc, char **argv)
{
    const Options options = parse(argc, argv);
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    bool allWell = true;
    for (const Work &work : works()) {
        const auto &wanted = options.works;
        if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), work.name) == wanted.end())
            continue;
        try {
            runWork(work, options);
        } catch (const std::exception &failure) {
            std::fprintf(stderr, "%s: %s\n", work.name.c_str(), failure.what());
            allWell = false;
        }
    }
    return allWell ? 0 : 1;
}
