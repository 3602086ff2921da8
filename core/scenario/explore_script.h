// What a scenario does, learned by playing it once without a fault: its actions with the time between them, and the
// packets that they make. What it expects is left out, because a fault changes what it may see; the time that it spent
// on waiting for it stays.
#pragma once

#include "core/scenario/scenario.h"
#include "core/scenario/write_document.h"

#include "core/scenario/runner.h"

namespace sessionscope {

struct ScriptStep
{
    Action action; ///< a command, a publish, settings or a wait
    Node node;     ///< the same as a file says it
    ClientKey client;
    bool needsConnection = false; ///< without a fault the client was connected here, and it is not about leaving
};

/// A packet that a client sent or received.
struct ScriptPacket
{
    ClientKey client;
    PacketMatch match; ///< by direction, type and number
    qsizetype size = 0;
    QString text;                        ///< "door sends PUBREC #1"
    std::map<ClientKey, quint32> others; ///< how many packets each other client had sent by then
};

struct ExploreScript
{
    std::vector<ScriptStep> steps;
    std::vector<ScriptPacket> packets;
    std::vector<Node> connects; ///< of each client: the verb of its first connect; Null: it never connects
};

/// Why this scenario cannot be explored: it is about another broker, real time, or packets that are changed on their
/// way.
std::optional<QString> whyNotExplorable(const Scenario &scenario);

ExploreScript learnScript(const Scenario &scenario, const RunOptions &options);

} // namespace sessionscope
