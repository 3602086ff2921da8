#include "core/scenario/distant_reduction.h"

namespace sessionscope {

DistantReduction::DistantReduction(const Scenario &scenario, const ExplorePlan &plan, const DistantPlan &distant,
                                   const DistantRuns &all, std::size_t example)
    : m_scenario(scenario), m_plan(plan), m_distant(distant), m_cell(all.exploration.cells[all.exampleCells[example]]),
      m_example(all.exploration.counterexamples[example]), m_least{all.script, pointsOf(all.script, m_cell)}
{
    m_example.isReproduced = false;
}

std::vector<QByteArray> DistantReduction::next()
{
    m_tries.clear();
    if (m_isDone)
        return {};
    if (m_round == Round::Together) {
        if (auto runs = together(); !runs.empty())
            return runs;
        m_round = Round::One;
    }
    if (m_round == Round::One) {
        if (auto runs = oneLess(); !runs.empty())
            return runs;
        m_round = Round::Last;
    }
    return asKept();
}

std::vector<QByteArray> DistantReduction::oneLess()
{
    for (std::size_t step = 0; step < m_least.script.steps.size(); ++step) {
        for (const Counting counting : {Counting::Same, Counting::OneFewer})
            add({step, counting}, without(m_least, {step, counting}));
    }
    return files();
}

/// The last step first, so that the numbers of the others hold.
std::vector<QByteArray> DistantReduction::together()
{
    RunParts parts = m_least;
    for (std::size_t i = m_omissions.size(); i-- > 0;) {
        auto smaller = without(parts, m_omissions[i]);
        if (!smaller)
            continue;
        parts = *smaller;
        add(m_omissions[i], std::move(smaller));
    }
    return files();
}

std::vector<QByteArray> DistantReduction::asKept()
{
    const FaultRunResult tried =
        runWithFaults(m_scenario, m_plan.options, m_least.script, m_least.points, m_cell.recovery);
    m_example.file = distantFile(m_scenario, m_example.cell, tried.steps, m_distant.broker, {});
    m_isDone = true;
    m_tries.push_back({.parts = m_least, .omission = {}, .file = m_example.file});
    return files();
}

void DistantReduction::add(const Omission &omission, std::optional<RunParts> parts)
{
    if (!parts || m_runs + m_tries.size() >= runLimit)
        return;
    const FaultRunResult tried =
        runWithFaults(m_scenario, m_plan.options, parts->script, parts->points, m_cell.recovery);
    if (!tried.wasReached || waitsOf(tried.steps) > m_distant.longestWait)
        return;
    const QString tag = QStringLiteral("%1-less-%2-%3")
                            .arg(QString::fromUtf8(m_distant.tag))
                            .arg(int(m_example.breach.invariant))
                            .arg(m_runs + m_tries.size());
    m_tries.push_back({.parts = std::move(*parts),
                       .omission = omission,
                       .file = distantFile(m_scenario, m_example.cell, tried.steps, m_distant.broker, tag)});
}

std::vector<QByteArray> DistantReduction::files() const
{
    std::vector<QByteArray> all;
    for (const Try &one : m_tries)
        all.push_back(one.file);
    return all;
}

bool DistantReduction::breaks(const RunResult &result) const
{
    return std::ranges::find(result.breaches, m_example.breach.invariant, &Breach::invariant) != result.breaches.end();
}

void DistantReduction::take(const std::vector<RunResult> &results)
{
    Q_ASSERT(results.size() == m_tries.size());
    m_runs += results.size();
    std::vector<Omission> possible;
    const Try *least = nullptr;
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (!breaks(results[i]))
            continue;
        m_example.breach = *std::ranges::find(results[i].breaches, m_example.breach.invariant, &Breach::invariant);
        least = &m_tries[i];
        // Both ways of counting may do; then the first one does.
        if (possible.empty() || possible.back().step != least->omission.step)
            possible.push_back(least->omission);
    }
    if (m_isDone) {
        m_example.isReproduced = least;
        return;
    }
    if (m_round == Round::One && possible.size() > 1) {
        m_omissions = std::move(possible);
        m_round = Round::Together;
    } else if (least) {
        // Of those together the last one leaves out most.
        m_least = least->parts;
        m_round = Round::One;
    } else {
        m_round = m_round == Round::Together ? Round::One : Round::Last;
    }
}

} // namespace sessionscope
