// The works that brokers are compared by. Each drives one running broker from one thread and says what it cost.
#pragma once

#include "broker_process.h"

#include <array>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace sessionscope::bench {

struct Measurement
{
    double perSecond = 0; ///< deliveries, connections or round trips
    double cost = 0;      ///< the figure to compare by, in the work's unit
    std::uint64_t lost = 0;
};

struct Work
{
    std::string name;
    std::string unit; ///< of cost
    /// What the cost of Debian's mosquitto 2.0.11 divided by ours should reach: with trace counters, with every packet
    /// in the trace. 0 where nothing is set.
    std::array<double, 2> targets;
    std::function<Measurement(const BrokerProcess &, std::chrono::milliseconds)> run;
};

const std::vector<Work> &works();

} // namespace sessionscope::bench
