// Makes a counterexample of a broker elsewhere smaller. Runs take real time there, so those of one round go on side by
// side: each leaves out one step, then those that still broke the invariant are left out together. What is kept at last
// has the names that the scenario has, and is played once more as it is kept.
#pragma once

#include "core/scenario/distant_runs.h"
#include "core/scenario/reduction.h"

namespace sessionscope {

class DistantReduction
{
public:
    /// Further runs that are spent on one counterexample.
    static constexpr std::size_t runLimit = 200;

    /// All outlive it. example: of all.exploration.counterexamples.
    DistantReduction(const Scenario &scenario, const ExplorePlan &plan, const DistantPlan &distant,
                     const DistantRuns &all, std::size_t example);
    Q_DISABLE_COPY_MOVE(DistantReduction)

    /// Scenario files to be played now, side by side; none: it is done.
    std::vector<QByteArray> next();
    /// What came of them, in their order.
    void take(const std::vector<RunResult> &results);
    /// So many runs so far.
    std::size_t runs() const { return m_runs; }
    /// Call when there is nothing more to be played.
    const Counterexample &result() const { return m_example; }

private:
    enum class Round : quint8
    {
        One,      ///< each run leaves out one step
        Together, ///< each run leaves out one more of those that can be left out alone
        Last      ///< the file as it is kept
    };
    struct Try
    {
        RunParts parts;
        Omission omission; ///< of Round::One
        QByteArray file;
    };

    std::vector<QByteArray> oneLess();
    std::vector<QByteArray> together();
    std::vector<QByteArray> asKept();
    /// Not when the fault is not reached any more, the run waits too long, or there were runs enough.
    void add(const Omission &omission, std::optional<RunParts> parts);
    std::vector<QByteArray> files() const;
    bool breaks(const RunResult &result) const;

    const Scenario &m_scenario;
    const ExplorePlan &m_plan;
    const DistantPlan &m_distant;
    const ExploreCell &m_cell;
    Counterexample m_example;
    RunParts m_least;
    Round m_round = Round::One;
    std::vector<Try> m_tries;
    std::vector<Omission> m_omissions; ///< that can be made alone
    std::size_t m_runs = 0;
    bool m_isDone = false;
};

} // namespace sessionscope
