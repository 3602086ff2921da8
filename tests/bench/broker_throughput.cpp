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

  --broker NAME=COMMAND  a broker; {port} and {dir} are replaced. The first one is compared with each other one.
                         Default: sessionscope=sessionscope-cli beside this program, mosquitto=mosquitto
  --work NAME            only this work (may be repeated)
  --repetitions N        default 5
  --seconds S            how long the works with a stream of messages run, default 2
  --list                 print the names of the works
)";

struct Broker
{
    std::string name;
    std::string command;
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

std::vector<Broker> defaultBrokers()
{
    const auto here = std::filesystem::read_symlink("/proc/self/exe").parent_path();
    return {{"sessionscope", (here / "sessionscope-cli").string() + " broker --listen 127.0.0.1:{port}"},
            {"mosquitto", mosquittoCommand}};
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

void report(const Work &work, const std::vector<Broker> &brokers, const std::vector<Series> &series)
{
    std::printf("%s (%s)\n", work.name.c_str(), work.unit.c_str());
    for (std::size_t i = 0; i < brokers.size(); ++i) {
        std::printf("  %-14s %12.0f /s   %10.2f", brokers[i].name.c_str(), median(series[i].rates),
                    median(series[i].costs));
        if (i > 0) {
            std::vector<double> ratios;
            for (std::size_t k = 0; k < series[i].costs.size(); ++k)
                ratios.push_back(series[i].costs[k] / series[0].costs[k]);
            const auto [low, high] = std::minmax_element(ratios.begin(), ratios.end());
            std::printf("   = %.2f x ours (%.2f .. %.2f), to reach: %.2f", median(ratios), *low, *high, work.target);
        }
        if (series[i].lost > 0)
            std::printf("   lost: %llu", static_cast<unsigned long long>(series[i].lost));
        std::printf("\n");
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
            options.brokers.push_back({value.substr(0, equals), value.substr(equals + 1)});
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
        options.brokers = defaultBrokers();
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
