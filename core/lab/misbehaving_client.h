// One of our clients with ways of its own: a filter around its step, as misbehaving_broker.h is around the broker's.
// core/session knows of none of it, and so it works against the bundled broker and any other.
#pragma once

#include "core/lab/misbehaviour_parts.h"
#include "core/session/client_session.h"

#include <set>

namespace sessionscope {

using ClientWays = Ways<ClientMisbehaviour>;
using MisledClientEffects = MisledEffects<ClientMisbehaviour, ClientEffect>;

struct MisbehavingClient
{
    ClientWays ways;
    RenamedIds renamed;
    std::set<PacketId> publishedAgain; ///< whose PUBREC has come and PUBCOMP has not
    std::vector<HeldBack<ClientMisbehaviour, ClientEffect>> heldBack;

    /// Nothing is left to be done: the client is its engine.
    bool isIdle() const { return ways.isEmpty() && heldBack.empty(); }
};

/// The client's step, as it is with these ways.
MisledClientEffects step(MisbehavingClient &misbehaving, ClientSession &session, ClientEvent event, Instant now);

/// When it has to have a Tick besides those of its session.
std::optional<Instant> nextDeadline(const MisbehavingClient &misbehaving);

} // namespace sessionscope
