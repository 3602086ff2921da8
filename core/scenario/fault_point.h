// What the explorer tries at a packet, and the ways back from it: names, the lab's fault behind each, and how a
// scenario file says it.
#pragma once

#include "core/scenario/scenario.h"
#include "core/scenario/write_document.h"

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
/// How long a short one is.
inline constexpr Duration shortSilence = std::chrono::seconds(10);
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
bool isCrash(ExploreFault fault);
/// What the client's link is armed with. A fault that is more than a broken link begins with one.
Fault faultOf(const FaultPoint &point);
/// { cut: { when: { after_sending: { packet: PUBREC, nth: 2 } } } }. Nothing for an answer at another than the next
/// packet of its type, which no verb says.
std::optional<Node> verbOf(const Fault &fault);
/// direction and lasts, as silence and throttle have them.
void addSideAndSpan(Node &fields, LinkSide which, const std::optional<Duration> &lasts);

} // namespace sessionscope
