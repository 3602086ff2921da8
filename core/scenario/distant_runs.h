// Runs of the explorer for a broker that is reached over sockets and in real time. What a run does is tried on the
// bundled broker first, which says what to do at which packet and how to come back; the steps that were done there are
// what is played. Every run has Client Identifiers and topics of its own, so that many can go on side by side.
#pragma once

#include "core/scenario/explorer.h"

namespace sessionscope {

/// One run: a scenario file.
struct DistantRun
{
    std::size_t cell = 0; ///< in Exploration::cells
    QByteArray file;
};

struct DistantPlan
{
    Endpoint broker;
    Duration longestWait = std::chrono::seconds(10); ///< runs that wait longer in all are not played
    QByteArray tag; ///< goes into identifiers and topics; different for each call that shares a broker
};

/// All that was drawn; cells that have a run are not decided yet. Faults of the broker itself are left out: only the
/// bundled one can be crashed.
struct DistantRuns
{
    Exploration exploration; ///< its counterexamples are whole runs; DistantReduction makes them smaller
    std::vector<DistantRun> runs;
    ExploreScript script;
    std::vector<std::size_t> exampleCells; ///< of each counterexample, in Exploration::cells
};
DistantRuns distantRuns(const Scenario &scenario, const ExplorePlan &plan, const DistantPlan &distant);

/// What a run has come to.
void takeResult(DistantRuns &all, const DistantRun &run, const RunResult &result);

/// A scenario file of the steps, for a broker elsewhere. what: of its name, behind the scenario's. tag: as in
/// withOwnNames(); without one the names are those of the scenario.
QByteArray distantFile(const Scenario &scenario, const QString &what, const std::vector<Node> &steps,
                       const Endpoint &broker, const QString &tag);

/// The steps or clients of a scenario with every Client Identifier and topic made its own. clients: fill in
/// identifiers that were left to the client's name.
Node withOwnNames(Node node, const QString &tag);

} // namespace sessionscope
