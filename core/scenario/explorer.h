// The fault explorer: plays a scenario once to learn its packets, then again for every packet, fault and way back, and
// checks the invariants each time. What the scenario itself expects is not looked at, because a fault changes it; that
// messages arrive as often as they have to is an invariant. Of every invariant that broke it keeps a scenario that
// shows it, as small as leaving out steps makes it.
#pragma once

#include "core/scenario/fault_run.h"

namespace sessionscope {

enum class FaultsPerRun : quint8
{
    One,
    Two ///< the second one behind the first one's way back
};

struct ExplorePlan
{
    std::vector<ExploreFault> faults; ///< empty: all
    FaultsPerRun perRun = FaultsPerRun::One;
    std::size_t sample = 0; ///< so many runs, drawn by chance; 0: all
    quint64 seed = 1;       ///< of the draw
    RunOptions options;
};

enum class CellOutcome : quint8
{
    Ok,
    Breach,
    NotReached, ///< no such packet any more, or a session that never expires
    TooLong,    ///< over sockets: not played, because it waits too long
    Stuck,      ///< over sockets: a step did not come about, and no invariant broke
};

/// One run.
struct ExploreCell
{
    std::size_t packet = 0; ///< in Exploration::packets
    ExploreFault fault = ExploreFault::CutBefore;
    Recovery recovery = Recovery::Resume;
    std::optional<FaultPoint> second = {};
    CellOutcome outcome = CellOutcome::Ok;
    Breaches breaches;
    QString stuckAt = {}; ///< of CellOutcome::Stuck
};

/// The faults of the cell's run.
std::vector<FaultPoint> pointsOf(const ExploreScript &script, const ExploreCell &cell);

struct Counterexample
{
    Breach breach;             ///< of the replay, when it shows there
    QString cell;              ///< packet, fault and way back
    QByteArray file;           ///< a scenario
    bool isReproduced = false; ///< played as a scenario, it breaks the same invariant
};

struct Exploration
{
    QString name;
    std::vector<ScriptPacket> packets;
    std::vector<ExploreFault> faults;
    std::vector<ExploreCell> cells;              ///< that were drawn, in their order
    std::vector<Counterexample> counterexamples; ///< one an invariant
};

/// Says after a run how many of how many there were.
using ExploreProgress = std::function<void(std::size_t done, std::size_t all)>;

/// Of a scenario on the bundled broker and the virtual clock. What tampers with packets may break invariants by itself,
/// so whoever means to find faults of the ends asks whyNotExplorable() first.
Exploration explore(const Scenario &scenario, const ExplorePlan &plan, const ExploreProgress &progress = {});

/// A row a packet, a column a fault; a letter a way back: . held, X broken, - not reached.
QString gridText(const Exploration &exploration);
/// "door sends PUBREC #1, cut-after, Clean Start 0".
QString cellText(const Exploration &exploration, const ExploreCell &cell);
std::size_t countOf(const Exploration &exploration, CellOutcome outcome);

} // namespace sessionscope
