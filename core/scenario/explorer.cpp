#include "core/scenario/distant_runs.h"

#include "core/base/split_mix.h"
#include "core/scenario/read_scenario.h"
#include "core/scenario/reduction.h"
#include "core/scenario/virtual_run.h"

#include <numeric>

namespace sessionscope {

namespace {

/// Runs that are spent on making one counterexample smaller.
constexpr int reductionLimit = 2'000;

bool breaks(const Breaches &breaches, Invariant invariant)
{
    return std::ranges::find(breaches, invariant, &Breach::invariant) != breaches.end();
}

class Explorer
{
public:
    Explorer(const Scenario &scenario, const ExplorePlan &plan, const ExploreProgress &progress)
        : m_scenario(scenario), m_plan(plan), m_progress(progress), m_script(learnScript(scenario, plan.options))
    {
        m_all.name = scenario.name;
        m_all.packets = m_script.packets;
        m_all.faults = plan.faults;
        for (std::size_t i = 0; plan.faults.empty() && i < exploreFaultCount; ++i)
            m_all.faults.push_back(ExploreFault(i));
    }
    Q_DISABLE_COPY_MOVE(Explorer)

    Exploration explore()
    {
        const std::vector<Candidate> candidates = drawn();
        m_all.cells.reserve(candidates.size());
        for (const Candidate &candidate : candidates) {
            runCell(m_all.cells.emplace_back(cellOf(candidate)));
            if (m_progress)
                m_progress(m_all.cells.size(), candidates.size());
        }
        keepCounterexamples();
        return std::move(m_all);
    }

    DistantRuns distant(const DistantPlan &distant)
    {
        std::erase_if(m_all.faults, isCrash);
        DistantRuns all;
        for (const Candidate &candidate : drawn()) {
            ExploreCell &cell = m_all.cells.emplace_back(cellOf(candidate));
            const FaultRunResult tried =
                runWithFaults(m_scenario, m_plan.options, m_script, pointsOf(cell), cell.recovery);
            cell.outcome = CellOutcome::NotReached;
            if (!tried.wasReached)
                continue;
            cell.outcome = waitsOf(tried.steps) > distant.longestWait ? CellOutcome::TooLong : CellOutcome::Stuck;
            if (cell.outcome == CellOutcome::Stuck)
                all.runs.push_back({m_all.cells.size() - 1, distantFile(m_scenario, cellText(m_all, cell), tried.steps,
                                                                        distant.broker, tagOf(distant))});
        }
        all.script = std::move(m_script);
        all.exploration = std::move(m_all);
        return all;
    }

private:
    /// Of the run of the latest cell.
    QString tagOf(const DistantPlan &distant) const
    {
        return QStringLiteral("%1-%2").arg(QString::fromUtf8(distant.tag)).arg(m_all.cells.size());
    }

    /// A run that may be drawn; of pairs there are many.
    struct Candidate
    {
        quint32 packet = 0;
        ExploreFault fault = ExploreFault::CutBefore;
        Recovery recovery = Recovery::Resume;
        ExploreFault second = ExploreFault::CutBefore;
        Direction direction = Direction::Sent;
        quint32 nth = 0; ///< of the second fault's packet; 0: there is none
    };

    ExploreCell cellOf(const Candidate &candidate) const
    {
        ExploreCell cell{.packet = candidate.packet, .fault = candidate.fault, .recovery = candidate.recovery};
        if (candidate.nth > 0)
            cell.second = FaultPoint{.client = m_script.packets[candidate.packet].client,
                                     .match = {.direction = candidate.direction, .nth = candidate.nth},
                                     .fault = candidate.second};
        return cell;
    }

    std::vector<FaultPoint> pointsOf(const ExploreCell &cell) const { return sessionscope::pointsOf(m_script, cell); }

    std::vector<Candidate> singles() const
    {
        std::vector<Candidate> all;
        for (quint32 packet = 0; packet < m_script.packets.size(); ++packet) {
            for (const ExploreFault fault : m_all.faults) {
                for (std::size_t recovery = 0; recovery < recoveryCount; ++recovery)
                    all.push_back({.packet = packet, .fault = fault, .recovery = Recovery(recovery)});
            }
        }
        return all;
    }

    /// In place of the runs with one fault, which show how many packets follow.
    std::vector<Candidate> pairsOf(const std::vector<Candidate> &firsts) const
    {
        std::vector<Candidate> pairs;
        for (Candidate pair : firsts) {
            const FaultRunResult result =
                runWithFaults(m_scenario, m_plan.options, m_script, pointsOf(cellOf(pair)), pair.recovery);
            if (!result.wasReached)
                continue;
            for (const Direction direction : {Direction::Sent, Direction::Received}) {
                pair.direction = direction;
                const quint32 count = direction == Direction::Sent ? result.sentAfter : result.receivedAfter;
                for (pair.nth = 1; pair.nth <= count; ++pair.nth) {
                    for (const ExploreFault second : m_all.faults) {
                        pair.second = second;
                        pairs.push_back(pair);
                    }
                }
            }
        }
        return pairs;
    }

    std::vector<Candidate> drawn() const
    {
        std::vector<Candidate> candidates = singles();
        if (m_plan.perRun == FaultsPerRun::Two)
            candidates = pairsOf(candidates);
        draw(candidates);
        return candidates;
    }

    /// Each as likely as any other, and in their order.
    void draw(std::vector<Candidate> &candidates) const
    {
        if (m_plan.sample == 0 || m_plan.sample >= candidates.size())
            return;
        std::vector<std::size_t> indexes(candidates.size());
        std::iota(indexes.begin(), indexes.end(), std::size_t(0));
        quint64 state = m_plan.seed;
        for (std::size_t i = 0; i < m_plan.sample; ++i) {
            const auto left = quint64(indexes.size() - i);
            std::swap(indexes[i], indexes[i + std::size_t(splitMix(state) % left)]);
            state += splitMixStep;
        }
        indexes.resize(m_plan.sample);
        std::ranges::sort(indexes);
        std::vector<Candidate> drawn;
        drawn.reserve(indexes.size());
        for (const std::size_t index : indexes)
            drawn.push_back(candidates[index]);
        candidates = std::move(drawn);
    }

    void runCell(ExploreCell &cell)
    {
        FaultRunResult result = runWithFaults(m_scenario, m_plan.options, m_script, pointsOf(cell), cell.recovery);
        cell.outcome = !result.breaches.empty() ? CellOutcome::Breach
                       : result.wasReached      ? CellOutcome::Ok
                                                : CellOutcome::NotReached;
        cell.breaches = std::move(result.breaches);
    }

    // ---- counterexamples ----

    void keepCounterexamples()
    {
        std::vector<Invariant> kept;
        for (const ExploreCell &cell : m_all.cells) {
            for (const Breach &breach : cell.breaches) {
                if (std::ranges::find(kept, breach.invariant) != kept.end())
                    continue;
                kept.push_back(breach.invariant);
                m_all.counterexamples.push_back(counterexample(cell, breach));
            }
        }
    }

    Counterexample counterexample(const ExploreCell &cell, const Breach &breach) const
    {
        const RunParts least = reduced(cell, breach.invariant);
        const FaultRunResult result =
            runWithFaults(m_scenario, m_plan.options, least.script, least.points, cell.recovery);
        Counterexample example{.breach = breach, .cell = cellText(m_all, cell)};
        example.file = fileOf(result.steps, example.cell, breach);
        if (const auto found = replay(example.file, breach.invariant)) {
            example.breach = *found;
            example.isReproduced = true;
        }
        return example;
    }

    /// Without every step that the breach does not need. Where a step made such a packet as the fault waits for, the
    /// fault waits for one fewer.
    RunParts reduced(const ExploreCell &cell, Invariant invariant) const
    {
        RunParts least{m_script, pointsOf(cell)};
        int left = reductionLimit;
        const auto isEnough = [&](const std::optional<RunParts> &smaller) {
            if (!smaller || left == 0)
                return false;
            --left;
            const FaultRunResult result =
                runWithFaults(m_scenario, m_plan.options, smaller->script, smaller->points, cell.recovery);
            return result.wasReached && breaks(result.breaches, invariant);
        };
        for (bool hasShrunk = true; hasShrunk;) {
            hasShrunk = false;
            for (std::size_t i = least.script.steps.size(); i-- > 0;) {
                for (const Counting counting : {Counting::Same, Counting::OneFewer}) {
                    auto smaller = without(least, {i, counting});
                    if (!isEnough(smaller))
                        continue;
                    least = std::move(*smaller);
                    hasShrunk = true;
                    break;
                }
            }
        }
        return least;
    }

    QByteArray fileOf(const std::vector<Node> &steps, const QString &cell, const Breach &breach) const
    {
        Node root = mapNode(QStringLiteral("scenario"), scalarNode(m_scenario.name + QStringLiteral(": ") + cell));
        setEntry(root, QStringLiteral("about"),
                 scalarNode(QStringLiteral("Breaks an invariant: %1: %2")
                                .arg(QString::fromLatin1(invariantText(breach.invariant)), breach.what)));
        for (const QString &key : {QStringLiteral("broker"), QStringLiteral("clients")}) {
            if (const Node *node = m_scenario.source->find(key))
                setEntry(root, key, *node);
        }
        setEntry(root, QStringLiteral("steps"), listNode(steps));
        return writeDocument(root);
    }

    std::optional<Breach> replay(const QByteArray &file, Invariant invariant) const
    {
        const auto scenarios = readScenarios(file, m_scenario.place.file);
        if (!scenarios)
            return std::nullopt;
        const RunResult result = runVirtually(scenarios->front(), m_plan.options);
        const auto found = std::ranges::find(result.breaches, invariant, &Breach::invariant);
        return found == result.breaches.end() ? std::nullopt : std::optional(*found);
    }

    const Scenario &m_scenario;
    const ExplorePlan &m_plan;
    const ExploreProgress &m_progress;
    ExploreScript m_script;
    Exploration m_all;
};

/// One letter for each packet, fault and way back: of all its runs the worst; a blank where none was drawn.
using Letters = std::map<std::tuple<std::size_t, ExploreFault, Recovery>, QChar>;

Letters lettersOf(const Exploration &exploration)
{
    Letters letters;
    for (const ExploreCell &cell : exploration.cells) {
        QChar &letter = letters.try_emplace({cell.packet, cell.fault, cell.recovery}, u'-').first->second;
        if (cell.outcome == CellOutcome::Breach)
            letter = u'X';
        else if (cell.outcome == CellOutcome::Ok && letter == u'-')
            letter = u'.';
        else if (cell.outcome == CellOutcome::TooLong && letter == u'-')
            letter = u'w';
        else if (cell.outcome == CellOutcome::Stuck && letter != u'X')
            letter = u'?';
    }
    return letters;
}

} // namespace

Exploration explore(const Scenario &scenario, const ExplorePlan &plan, const ExploreProgress &progress)
{
    Q_ASSERT(scenario.clockInForce() == RunClock::Virtual && scenario.source);
    return Explorer(scenario, plan, progress).explore();
}

DistantRuns distantRuns(const Scenario &scenario, const ExplorePlan &plan, const DistantPlan &distant)
{
    Q_ASSERT(scenario.source);
    const ExploreProgress silent;
    return Explorer(scenario, plan, silent).distant(distant);
}

std::vector<FaultPoint> pointsOf(const ExploreScript &script, const ExploreCell &cell)
{
    const ScriptPacket &packet = script.packets[cell.packet];
    std::vector<FaultPoint> points{{packet.client, packet.match, packet.size, cell.fault, packet.others}};
    if (cell.second)
        points.push_back(*cell.second);
    return points;
}

QString cellText(const Exploration &exploration, const ExploreCell &cell)
{
    const ScriptPacket &packet = exploration.packets[cell.packet];
    QString text = QStringLiteral("%1, %2").arg(packet.text, QString::fromLatin1(exploreFaultName(cell.fault)));
    if (cell.second)
        text += QStringLiteral(", then %1 at packet %2 %3")
                    .arg(QString::fromLatin1(exploreFaultName(cell.second->fault)))
                    .arg(cell.second->match.nth)
                    .arg(cell.second->match.direction == Direction::Sent ? QStringLiteral("sent")
                                                                         : QStringLiteral("received"));
    return text + QStringLiteral(", ") + QString::fromLatin1(recoveryName(cell.recovery));
}

QString gridText(const Exploration &exploration)
{
    constexpr int packetWidth = 44;
    constexpr int numberWidth = 4;
    QString text = QString(numberWidth + 1 + packetWidth, u' ');
    for (const ExploreFault fault : exploration.faults)
        text += u' ' + QString::fromLatin1(exploreFaultName(fault));
    text += u'\n';
    const Letters letters = lettersOf(exploration);
    for (std::size_t i = 0; i < exploration.packets.size(); ++i) {
        text += QStringLiteral("%1 %2")
                    .arg(i + 1, numberWidth)
                    .arg(exploration.packets[i].text.left(packetWidth), -packetWidth);
        for (const ExploreFault fault : exploration.faults) {
            QString cell;
            for (std::size_t recovery = 0; recovery < recoveryCount; ++recovery) {
                const auto letter = letters.find({i, fault, Recovery(recovery)});
                cell += letter == letters.end() ? QChar(u' ') : letter->second;
            }
            text += u' ' + cell.leftJustified(qsizetype(qstrlen(exploreFaultName(fault))));
        }
        while (text.endsWith(u' '))
            text.chop(1);
        text += u'\n';
    }
    return text + QStringLiteral("\nEach letter a way back: Clean Start 0, Clean Start 1, after the expiry. "
                                 ". held, X broken, - not reached, w waits too long, ? stuck\n");
}

std::size_t countOf(const Exploration &exploration, CellOutcome outcome)
{
    return std::size_t(std::ranges::count(exploration.cells, outcome, &ExploreCell::outcome));
}

} // namespace sessionscope
