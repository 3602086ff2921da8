// One run of a learned script with faults at chosen packets, and everybody's way back to rest.
//
// The way back is a rule. A client that should be connected for its next action, and is not, reconnects before it; who
// is not connected at the end reconnects then. The first time after a fault it does so as the run's recovery says, any
// other time with Clean Start 0. A connection that went silent is given up by its client first. What was done is
// written down as steps, so that a scenario of them does the same again.
#pragma once

#include "core/scenario/explore_script.h"

namespace sessionscope {

enum class ExploreFault : quint8
{
    CutBefore, ///< also a client that restarts with its store, as the other cuts
    CutWithin, ///< half of the packet arrives
    CutAfter,
    Silence,      ///< from the packet on, until keep alive or a missing answer ends it, or the client gives up
    ShortSilence, ///< for ten seconds; what was held arrives, and then the connection breaks
    ClientLosesStore,
    BrokerCrash,      ///< with a store that was written in time
    BrokerLosesStore, ///< sessions, wills and retained messages are gone
};
inline constexpr std::size_t exploreFaultCount = 8;
/// "cut-before"
const char *exploreFaultName(ExploreFault fault);
std::optional<ExploreFault> exploreFaultOf(const QString &name);

/// How a client that a fault threw out comes back.
enum class Recovery : quint8
{
    Resume,     ///< at once, Clean Start 0
    CleanStart, ///< at once, Clean Start 1
    AfterExpiry ///< Clean Start 0 when its session has ended at the server
};
inline constexpr std::size_t recoveryCount = 3;
/// "after the expiry"
const char *recoveryName(Recovery recovery);

/// A fault and the packet it waits for.
struct FaultPoint
{
    ClientKey client;
    PacketMatch match;
    qsizetype size = 2; ///< of the packet
    ExploreFault fault = ExploreFault::CutBefore;
    std::map<ClientKey, quint32> others = {}; ///< ScriptPacket::others; empty: not known
};

struct FaultRunResult
{
    bool wasReached = false; ///< every fault has acted, and the recovery could be carried out
    Breaches breaches;
    std::vector<Node> steps; ///< what was done
    quint32 sentAfter = 0;   ///< packets that the first fault's client sent from its recovery on
    quint32 receivedAfter = 0;
};

/// Plays the script. The second fault is armed when the first one's client comes back, and counts its packets from
/// there.
FaultRunResult runWithFaults(const Scenario &scenario, const RunOptions &options, const ExploreScript &script,
                             const std::vector<FaultPoint> &faults, Recovery recovery);

} // namespace sessionscope
