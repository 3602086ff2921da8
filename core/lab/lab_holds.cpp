// What a user does to a link besides faults that wait for a packet: acknowledgements of the other end that are set
// aside until they are released, and bytes that are sent as they are.
#include "core/lab/lab_step.h"

#include "core/trace/text.h"

#include <algorithm>

namespace sessionscope {

namespace {

bool isAnswer(PacketType type)
{
    return type == PacketType::Suback || type == PacketType::Unsuback;
}

/// What a server sends in the order of what it answers (MQTT-4.6.0-2 to -4).
bool hasOrder(PacketType type)
{
    return type == PacketType::Puback || type == PacketType::Pubrec || type == PacketType::Pubrel;
}

bool isAcknowledgement(PacketType type)
{
    return hasOrder(type) || isAnswer(type) || type == PacketType::Pubcomp;
}

/// "PUBREL #1, 3 bytes": what there is to read in bytes that were sent as they are.
QString rawText(const QByteArray &bytes, Version version)
{
    QStringList parts;
    Framer framer;
    framer.append(bytes);
    qsizetype rest = bytes.size();
    for (auto next = framer.next(); const auto *frame = std::get_if<QByteArray>(&next); next = framer.next()) {
        const auto packet = decode(*frame, version);
        if (!packet)
            break;
        parts.append(packetText(*packet, version));
        rest -= frame->size();
    }
    if (rest > 0)
        parts.append(QStringLiteral("%1 bytes").arg(rest));
    return parts.join(QStringLiteral(", "));
}

} // namespace

// ---- acknowledgements that are set aside ----

void LabStep::carryOut(const HoldReceived &command)
{
    const auto found = m_lab.clients.find(command.key);
    if (found == m_lab.clients.end())
        return refuse(command.key, noClient);
    if (!std::ranges::all_of(command.types, isAcknowledgement))
        return refuse(command.key, "only acknowledgements can be held");
    found->second.faults.heldTypes = command.types;
    filterOpen(found->second);
}

void LabStep::carryOut(const ReleaseReceived &command)
{
    const auto found = m_lab.clients.find(command.key);
    if (found == m_lab.clients.end())
        return refuse(command.key, noClient);
    if (!releaseAside(found->second, command.which, isAcknowledgement))
        refuse(command.key, "no such acknowledgement is held");
}

/// Its engine has those that it sends.
void LabStep::holdOwn(LabClient &client, HoldAcknowledgements command)
{
    auto &held = client.faults.heldTypes;
    std::erase_if(held, isAnswer);
    std::ranges::copy_if(command.types, std::back_inserter(held), isAnswer);
    std::erase_if(command.types, isAnswer);
    if (!held.empty())
        filterOpen(client);
    stepClient(client, ClientCommand(std::move(command)));
}

void LabStep::releaseOwn(LabClient &client, const ReleaseAcknowledgements &command)
{
    const auto isMeant = [&command](const HeldAcknowledgement &ack) {
        return !command.packetId || ack.packetId == *command.packetId;
    };
    const bool isOwn = std::ranges::any_of(client.session.heldAcks, isMeant);
    const TraceSeq cause = m_cause;
    if (releaseAside(client, command, isAnswer) && !isOwn)
        return;
    m_cause = cause;
    stepClient(client, ClientCommand(command));
}

/// Whether something was meant.
bool LabStep::releaseAside(LabClient &client, const ReleaseAcknowledgements &which, bool (*isOf)(PacketType))
{
    LabLink *link = openLinkOf(client.key);
    if (!link || !link->isFiltered)
        return false;
    LinkFaults &faults = filter(*link);
    const auto isMeant = [&](const AsidePacket &one) {
        return isOf(one.type) && (!which.packetId || one.packetId == *which.packetId);
    };
    if (std::ranges::none_of(faults.aside, isMeant))
        return false;
    std::vector<AsidePacket> waiting;
    for (AsidePacket &one : std::exchange(faults.aside, {})) {
        const bool isNow = isMeant(one);
        one.isReleased = one.isReleased || isNow;
        const bool isBehind = hasOrder(one.type) && !(isNow && which.order == ReleaseOrder::AtOnce) &&
                              std::ranges::find(waiting, one.type, &AsidePacket::type) != waiting.end();
        if (one.isReleased && !isBehind)
            faults.in.push(std::move(one.parcel), m_now);
        else
            waiting.push_back(std::move(one));
    }
    faults.aside = std::move(waiting);
    passIn(*link, faults);
    return true;
}

/// Whether a packet that has passed the faults waits for its release, as what stands behind such a one has to.
bool LabStep::setsAside(const LabLink &link, LinkFaults &faults, const PassingPacket &passing, const Filtered &filtered)
{
    const auto client = m_lab.clients.find(link.client);
    if (client == m_lab.clients.end() || filtered.copies == 0 || filtered.cut)
        return false;
    const PacketType type = passing.packet.type();
    const auto &types = client->second.faults.heldTypes;
    const bool isHeld = std::ranges::find(types, type) != types.end();
    const bool isBehind =
        hasOrder(type) && std::ranges::find(faults.aside, type, &AsidePacket::type) != faults.aside.end();
    if (!isHeld && !isBehind)
        return false;
    TraceContext context = contextOf(link);
    context.cause = filtered.record;
    FaultTrace what{FaultAct::Held, 0, packetText(passing.packet, passing.version), {}};
    // What came is told once, by the first fault.
    if (!filtered.record.value)
        what.bytes = filtered.bytes;
    const TraceSeq record = m_lab.trace.append(context, std::move(what));
    const AsidePacket aside{.type = type,
                            .packetId = packetIdOf(passing.packet),
                            .since = m_now,
                            .isReleased = !isHeld,
                            .parcel = {.bytes = filtered.bytes,
                                       .notBefore = m_now + filtered.delay,
                                       .cause = filtered.record.value ? filtered.record : record}};
    faults.aside.insert(faults.aside.end(), std::size_t(filtered.copies), aside);
    return true;
}

// ---- raw bytes ----

void LabStep::carryOut(const SendRaw &command)
{
    LabLink *link = openLinkOf(command.key);
    if (!link)
        return refuse(command.key, noConnection);
    m_lab.trace.append(contextOf(*link),
                       FaultTrace{FaultAct::Raw, 0, rawText(command.bytes, link->version), command.bytes});
    if (link->isFiltered) {
        LinkFaults &faults = filter(*link);
        faults.out.push({.bytes = command.bytes}, m_now);
        return passOut(*link, faults);
    }
    if (command.bytes.isEmpty())
        return;
    pendingOf(*link) += command.bytes;
}

} // namespace sessionscope
