// The bundled broker with ways of its own: a filter around its step. What can be done to packets is done to its
// effects; what needs a broker that forgets, or whose time passes otherwise, is done to the event or to its plain
// values right before or after the step. core/broker knows of none of it. Deterministic, like the step itself.
#pragma once

#include "core/broker/broker.h"
#include "core/lab/misbehaviour_parts.h"

#include <set>

namespace sessionscope {

using BrokerWays = Ways<BrokerMisbehaviour>;
using MisledBrokerEffects = MisledEffects<BrokerMisbehaviour, BrokerEffect>;

struct MisbehavingBroker
{
    BrokerWays towardsAll;
    std::map<QByteArray, BrokerWays> towards; ///< by Client Identifier: besides those towards all

    /// What is remembered of one client.
    struct Client
    {
        RenamedIds renamed;
        std::set<PacketId> publishedAgain; ///< whose PUBREC has come and PUBCOMP has not
        std::optional<Will> will;          ///< not yet published twice
        quint64 messages = 0;
    };
    std::map<QByteArray, Client> clients;
    std::vector<HeldBack<BrokerMisbehaviour, BrokerEffect>> heldBack;
    /// Message Expiry Intervals as they came, of the messages that wait.
    std::vector<std::pair<std::weak_ptr<const Message>, quint32>> intervals;

    /// Its ways with what a client sends and with what is sent to it.
    BrokerWays waysTowards(const QByteArray &clientId) const;
};

/// From now on these ways, and no other, towards this client; towards all, and nobody else, if clientId is empty. What
/// they have done so far stays done.
void behave(MisbehavingBroker &misbehaving, const BrokerWays &ways, const QByteArray &clientId);

/// The broker's step, as it is with these ways.
MisledBrokerEffects step(MisbehavingBroker &misbehaving, Broker &broker, BrokerEvent &&event, Instant now);

/// When it has to have a Tick besides those of the broker.
std::optional<Instant> nextDeadline(const MisbehavingBroker &misbehaving);

} // namespace sessionscope
