// Acknowledgements that wait: held on purpose by the user, or until an application has dealt with its message.
// Whatever the order of their release, they leave in the order in which they were due (MQTT-4.6.0-2 to -4), unless the
// release says otherwise. PUBCOMP has no order to keep.
#include "core/session/client_turn.h"

#include <algorithm>

namespace sessionscope {

namespace {

bool isAcknowledgement(PacketType type)
{
    return type == PacketType::Puback || type == PacketType::Pubrec || type == PacketType::Pubrel ||
           type == PacketType::Pubcomp;
}

} // namespace

void ClientTurn::command(const HoldAcknowledgements &command)
{
    if (!std::ranges::all_of(command.types, isAcknowledgement))
        return refuse("only PUBACK, PUBREC, PUBREL and PUBCOMP can be held");
    m_session.heldAckTypes = command.types;
}

void ClientTurn::command(const ReleaseAcknowledgements &command)
{
    auto &held = m_session.heldAcks;
    const auto isMeant = [&command](const HeldAcknowledgement &ack) {
        return !command.packetId || ack.packetId == *command.packetId;
    };
    if (std::ranges::none_of(held, isMeant))
        return refuse("no such acknowledgement is held");
    if (command.order == ReleaseOrder::AtOnce) {
        const auto rest = std::stable_partition(held.begin(), held.end(), std::not_fn(isMeant));
        const std::vector<HeldAcknowledgement> meant(rest, held.end());
        held.erase(rest, held.end());
        for (const HeldAcknowledgement &ack : meant)
            putAck(ack.type, ack.packetId, ack.reason);
    } else {
        for (HeldAcknowledgement &ack : held)
            ack.released = ack.released || isMeant(ack);
    }
    putReleased();
}

/// An acknowledgement is due: sends it, or holds it.
void ClientTurn::acknowledge(PacketType type, PacketId id, ReasonCode reason)
{
    const bool holds = std::ranges::find(m_session.heldAckTypes, type) != m_session.heldAckTypes.end();
    if (!holds && !isHeldBack(type))
        return putAck(type, id, reason);
    auto &held = m_session.heldAcks;
    const bool known = std::ranges::any_of(
        held, [type, id](const HeldAcknowledgement &ack) { return ack.type == type && ack.packetId == id; });
    if (known)
        return;
    held.push_back({type, id, reason, m_now, !holds});
    emit(AcknowledgementHeld{type, id});
}

/// Whether an acknowledgement of this type has to stand behind one that is held.
bool ClientTurn::isHeldBack(PacketType type) const
{
    return type != PacketType::Pubcomp &&
           std::ranges::any_of(m_session.heldAcks, [type](const auto &ack) { return ack.type == type; });
}

/// What counts against the Receive Maximum counts until the answer leaves.
void ClientTurn::putAck(PacketType type, PacketId id, ReasonCode reason)
{
    if (type == PacketType::Puback)
        m_session.inbox.answeredQos1(id);
    else if (type == PacketType::Pubrec && isFailure(reason))
        m_session.inbox.refused(id);
    sendAck(type, id, reason);
}

void ClientTurn::putReleased()
{
    auto &held = m_session.heldAcks;
    std::vector<HeldAcknowledgement> waiting;
    for (const HeldAcknowledgement &ack : std::exchange(held, {})) {
        const bool isBehind =
            ack.type != PacketType::Pubcomp &&
            std::ranges::any_of(waiting, [&ack](const auto &before) { return before.type == ack.type; });
        if (ack.released && !isBehind)
            putAck(ack.type, ack.packetId, ack.reason);
        else
            waiting.push_back(ack);
    }
    held = std::move(waiting);
}

} // namespace sessionscope
