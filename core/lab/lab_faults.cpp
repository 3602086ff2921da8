// Faults on purpose: the filter between a client's packets and the network's bytes. Of what the client sends the trace
// has the packet and then what the fault made of it; of what arrives first the fault and then the packet, if it comes.
// A link gets its filter when it opens, or when the first fault comes; links without one pay a flag.
#include "core/lab/lab_step.h"

#include "core/trace/text.h"

namespace sessionscope {

namespace {

/// The topic of a PUBLISH with its alias resolved.
QByteArray topicOf(const ClientSession &session, Direction direction, const Packet &packet)
{
    const auto *publish = packet.as<PublishPacket>();
    if (!publish || !publish->topic.isEmpty())
        return publish ? publish->topic : QByteArray();
    const auto alias = publish->properties.integer(PropertyId::TopicAlias);
    if (direction == Direction::Received) {
        const auto found = session.inboundAliases.find(quint16(alias.value_or(0)));
        return found == session.inboundAliases.end() ? QByteArray() : found->second;
    }
    for (const auto &[topic, number] : session.outboundAliases) {
        if (number == alias)
            return topic;
    }
    return {};
}

} // namespace

// ---- commands ----

void LabStep::carryOut(const ArmFault &command)
{
    const auto found = m_lab.clients.find(command.key);
    if (found == m_lab.clients.end())
        return refuse(command.key, noClient);
    if (const auto *armed = std::get_if<CutFault>(&command.fault.kind)) {
        if (const char *why = whyNotClosed(found->second.broker.scheme, armed->how))
            return refuse(command.key, why);
    }
    ClientFaults &faults = found->second.faults;
    faults.armed.push_back({command.fault, ++faults.armedSoFar});
    filterOpen(found->second);
}

void LabStep::carryOut(const DisarmFaults &command)
{
    const auto found = m_lab.clients.find(command.key);
    if (found == m_lab.clients.end())
        return refuse(command.key, noClient);
    found->second.faults.armed.clear();
}

void LabStep::carryOut(const SilenceLink &command)
{
    LabLink *link = openLinkOf(command.key);
    if (!link)
        return refuse(command.key, noConnection);
    LinkFaults &faults = filter(*link);
    if (command.lasts == Duration{}) {
        endSilence(*link, faults, command.which);
        return pass(*link, faults);
    }
    m_lab.trace.append(contextOf(*link),
                       FaultTrace{FaultAct::Silenced, 0, silenceText(command.which, command.lasts), {}});
    silence(*link, command.which, command.lasts);
}

void LabStep::carryOut(const ThrottleLink &command)
{
    const auto found = m_lab.clients.find(command.key);
    if (found == m_lab.clients.end())
        return refuse(command.key, noClient);
    throttle(found->second, {command.bytesPerSecond, command.which, command.lasts});
    if (LabLink *link = m_lab.links.find(found->second.link); link && link->stage != LinkStage::Closing)
        pass(*link, filter(*link));
}

LabLink *LabStep::openLinkOf(ClientKey key)
{
    const auto found = m_lab.clients.find(key);
    LabLink *link = found == m_lab.clients.end() ? nullptr : m_lab.links.find(found->second.link);
    return link && link->stage == LinkStage::Open ? link : nullptr;
}

/// From now on faults are looked for on the client's connection, if there is one.
void LabStep::filterOpen(const LabClient &client)
{
    if (LabLink *link = m_lab.links.find(client.link); link && link->stage != LinkStage::Closing)
        filter(*link);
}

/// Of a link of a client. A packet that has begun to arrive is the filter's from now on.
LinkFaults &LabStep::filter(LabLink &link)
{
    LinkFaults &faults = m_lab.linkFaults[link.id];
    if (link.isFiltered)
        return faults;
    link.isFiltered = true;
    faults.framer = std::exchange(link.framer, Framer(link.framer.maximumPacketSize()));
    faults.framer.setMaximumPacketSize(Framer::defaultMaximum);
    if (const auto found = m_lab.clients.find(link.client); found != m_lab.clients.end()) {
        faults.out.throttle(found->second.faults.sent);
        faults.in.throttle(found->second.faults.received);
    }
    return faults;
}

// ---- packets ----

Filtered LabStep::applyFaults(LabLink &link, const PassingPacket &passing, const QByteArray &bytes)
{
    Filtered filtered{.bytes = bytes};
    const auto found = m_lab.clients.find(link.client);
    if (found == m_lab.clients.end() || found->second.faults.armed.empty())
        return filtered;
    const QByteArray topic = topicOf(found->second.session, passing.direction, passing.packet);
    auto &armed = found->second.faults.armed;
    for (ArmedFault &one : armed) {
        if (!matches(one.fault.match, passing.direction, passing.packet, topic) || !concerns(one.fault.kind, passing) ||
            !one.count())
            continue;
        auto trace = act(one.fault.kind, passing, filtered);
        if (!trace)
            continue;
        trace->fault = one.number;
        if (passing.direction == Direction::Received)
            trace->bytes = bytes;
        else if (filtered.bytes != bytes && filtered.copies > 0)
            trace->bytes = filtered.bytes;
        filtered.record = m_lab.trace.append(contextOf(link), *std::move(trace));
    }
    std::erase_if(armed, [](const ArmedFault &one) { return one.isSpent(); });
    if (filtered.silence)
        silence(link, filtered.silence->which, filtered.silence->lasts);
    if (filtered.throttle)
        throttle(found->second, *filtered.throttle);
    return filtered;
}

void LabStep::push(Lane &lane, Filtered &&filtered)
{
    const Instant due = m_now + filtered.delay;
    for (int copy = 1; copy <= filtered.copies; ++copy) {
        Parcel parcel{.bytes = filtered.bytes, .notBefore = due, .cause = filtered.record};
        // The first copy may be delayed from one of its bytes on.
        if (copy == 1 && filtered.delayFrom > 0 && filtered.delayFrom < parcel.bytes.size()) {
            lane.push({.bytes = parcel.bytes.first(filtered.delayFrom), .cause = filtered.record}, m_now);
            parcel.bytes.remove(0, filtered.delayFrom);
        }
        if (copy == filtered.copies && filtered.cut)
            parcel.cut = DueCut{*filtered.cut, filtered.record};
        lane.push(std::move(parcel), m_now);
    }
    if (filtered.copies == 0 && filtered.cut)
        lane.push({.notBefore = due, .cause = filtered.record, .cut = DueCut{*filtered.cut, filtered.record}}, m_now);
}

void LabStep::sendFiltered(LabLink &link, const Packet &packet)
{
    const QByteArray bytes = encode(packet, link.version);
    const TraceSeq record =
        m_lab.trace.appendPacket(contextOf(link), Direction::Sent, link.version, packet.type(), bytes);
    judgeOwn(link, packet, record);
    LinkFaults &faults = filter(link);
    if (faults.isMute)
        return;
    const TraceSeq cause = std::exchange(m_cause, record);
    push(faults.out, applyFaults(link, {Direction::Sent, link.version, packet}, bytes));
    m_cause = cause;
    passOut(link, faults);
}

// What cannot be read as a packet matches no fault.
void LabStep::arriveFiltered(LabLink &link, const QByteArray &bytes)
{
    LinkFaults &faults = filter(link);
    faults.framer.append(bytes);
    while (link.stage == LinkStage::Open && !faults.isMute) {
        const auto next = faults.framer.next();
        m_cause = {};
        if (const auto *frame = std::get_if<QByteArray>(&next)) {
            const auto packet = decode(*frame, link.version);
            Filtered filtered{.bytes = *frame};
            bool isAside = false;
            if (packet) {
                const PassingPacket passing{Direction::Received, link.version, *packet};
                filtered = applyFaults(link, passing, *frame);
                isAside = setsAside(link, faults, passing, filtered);
            }
            if (!isAside)
                push(faults.in, std::move(filtered));
        } else if (const auto *malformed = std::get_if<Malformed>(&next)) {
            faults.in.push({.broken = *malformed}, m_now);
            return passIn(link, faults);
        } else {
            return;
        }
        passIn(link, faults);
    }
}

// ---- lanes ----

void LabStep::passOut(LabLink &link, LinkFaults &faults)
{
    while (const auto passed = faults.out.pass(m_now)) {
        if (!passed->piece.isEmpty())
            pendingOf(link) += passed->piece;
        if (passed->whole && passed->whole->cut) {
            faults.cut = passed->whole->cut;
            faults.isMute = true;
            faults.out.clear();
        }
    }
    const bool isFull = faults.out.size() > Network::highWaterMark;
    const bool isDrained = faults.isFull && faults.out.size() <= Network::lowWaterMark;
    if (faults.cut || isFull || isDrained || (faults.closeOwed && faults.out.isEmpty()))
        m_unsettled.push_back(link.id);
}

void LabStep::passIn(LabLink &link, LinkFaults &faults)
{
    while (link.stage == LinkStage::Open && !faults.isMute) {
        const auto passed = faults.in.pass(m_now);
        if (!passed)
            break;
        if (!passed->whole)
            continue;
        const Parcel &parcel = *passed->whole;
        // Nothing that the client answers to this packet leaves.
        faults.isMute = parcel.cut.has_value();
        m_cause = m_arrival = parcel.cause;
        if (parcel.broken) {
            readBroken(link, {}, *parcel.broken);
        } else {
            link.framer.append(parcel.bytes);
            readFrames(link);
        }
        m_arrival = {};
        if (parcel.cut) {
            faults.cut = parcel.cut;
            m_unsettled.push_back(link.id);
        }
    }
    controlReading(link, faults);
    if (faults.lost)
        m_unsettled.push_back(link.id);
}

void LabStep::pass(LabLink &link, LinkFaults &faults)
{
    passOut(link, faults);
    passIn(link, faults);
}

// ---- silence ----

void LabStep::silence(LabLink &link, LinkSide which, std::optional<Duration> lasts)
{
    LinkFaults &faults = filter(link);
    const auto until = lasts ? std::optional(m_now + *lasts) : std::nullopt;
    if (isOf(which, LinkSide::Sent))
        faults.out.silence(until);
    if (isOf(which, LinkSide::Received))
        faults.in.silence(until);
    controlReading(link, faults);
}

void LabStep::endSilence(LabLink &link, LinkFaults &faults, LinkSide which)
{
    const bool endsOut = isOf(which, LinkSide::Sent) && faults.out.isSilent();
    const bool endsIn = isOf(which, LinkSide::Received) && faults.in.isSilent();
    if (!endsOut && !endsIn)
        return;
    if (endsOut)
        faults.out.endSilence(m_now);
    if (endsIn)
        faults.in.endSilence(m_now);
    const QString sides = endsOut && endsIn ? QString() : endsOut ? QStringLiteral("sent") : QStringLiteral("received");
    m_cause = m_lab.trace.append(contextOf(link), FaultTrace{FaultAct::SilenceOver, 0, sides, {}});
}

void LabStep::throttle(LabClient &client, const ThrottleFault &how)
{
    const Throttle throttle{how.bytesPerSecond, how.lasts ? std::optional(m_now + *how.lasts) : std::nullopt};
    if (isOf(how.which, LinkSide::Sent))
        client.faults.sent = throttle;
    if (isOf(how.which, LinkSide::Received))
        client.faults.received = throttle;
    LabLink *link = m_lab.links.find(client.link);
    if (!link || link->stage == LinkStage::Closing)
        return;
    LinkFaults &faults = filter(*link);
    faults.out.throttle(client.faults.sent);
    faults.in.throttle(client.faults.received);
}

/// What waits on its way in waits in the network, so that the other end is slowed by its own socket.
void LabStep::controlReading(const LabLink &link, LinkFaults &faults)
{
    const bool reads = link.stage != LinkStage::Open || (faults.in.isEmpty() && !faults.in.isSilent());
    if (reads == faults.isReading || faults.lost)
        return;
    faults.isReading = reads;
    m_effects.push_back(SetReading{link.id, reads ? Reading::Resume : Reading::Stop});
}

// ---- the end ----

/// Whether the client cannot know yet that the link is closed: an end arrives behind all that arrived before it, and in
/// a silence not at all.
bool LabStep::isHeldBack(const LabLink &link, const LinkClosed &event)
{
    LinkFaults &faults = m_lab.linkFaults.at(link.id);
    const bool waits = faults.in.isSilent() || (event.by == ClosedBy::Peer && !faults.in.isEmpty());
    if (link.stage != LinkStage::Open || !waits)
        return false;
    faults.lost = LostLink{event.by, event.detail};
    return true;
}

/// Whether the client's end of a link is closed now and the network's later, or has been.
bool LabStep::closesLater(LabLink &link, CloseHow how)
{
    LinkFaults &faults = m_lab.linkFaults.at(link.id);
    faults.isMute = true;
    faults.in = {};
    faults.aside.clear();
    controlReading(link, faults);
    if (faults.out.isSilent()) {
        faults.out.clear();
        how = CloseHow::Reset;
    } else if (!faults.lost && (how == CloseHow::Reset || faults.out.isEmpty())) {
        faults.out.clear();
        return false;
    }
    faults.closeOwed = how;
    m_unsettled.push_back(link.id);
    return true;
}

/// What could not be done in the middle of a step.
void LabStep::settle(LabLink &link)
{
    LinkFaults &faults = m_lab.linkFaults.at(link.id);
    const auto found = m_lab.clients.find(link.client);
    LabClient *client = found != m_lab.clients.end() && found->second.link == link.id ? &found->second : nullptr;
    if (const auto due = std::exchange(faults.cut, {}); due && client && link.stage == LinkStage::Open) {
        m_cause = due->cause;
        // A server may have sent the client over to another transport meanwhile.
        if (const char *why = whyNotClosed(client->target.scheme, due->how))
            refuse(client->key, why);
        return cut(*client, due->how == CloseHow::Reset ? CloseHow(CloseHow::ResetWhenSent) : due->how);
    }
    if (link.stage == LinkStage::Open) {
        if (faults.lost && !faults.in.isSilent() && (faults.in.isEmpty() || faults.lost->by != ClosedBy::Peer)) {
            const LostLink lost = *std::exchange(faults.lost, {});
            return (*this)(LinkClosed{link.id, lost.by, lost.detail});
        }
        const bool wasFull = faults.isFull;
        if (faults.out.size() > Network::highWaterMark) {
            faults.isFull = true;
            (*this)(LinkBacklog{link.id, faults.out.size()});
        } else if (wasFull && faults.out.size() <= Network::lowWaterMark) {
            faults.isFull = false;
            (*this)(LinkDrained{link.id});
        }
        return;
    }
    if (!faults.closeOwed)
        return;
    const bool isLost = faults.lost.has_value();
    if (!isLost && faults.out.isEmpty() && !faults.out.isSilent()) {
        flush(link);
        m_effects.push_back(CloseLink{link.id, *std::exchange(faults.closeOwed, {})});
    }
    const bool wasDetached = link.isDetached;
    link.isDetached = true;
    if (client && !wasDetached) {
        m_cause = m_lab.trace.append(contextOf(link), LinkTrace{LinkChange::ClosedByUs, {}});
        client->link = {};
    }
    if (isLost)
        remove(link);
    if (client && !wasDetached)
        stepClient(*client, TransportClosed{});
}

void LabStep::finish()
{
    while (!m_unsettled.empty()) {
        const LinkId id = m_unsettled.back();
        m_unsettled.pop_back();
        if (LabLink *link = m_lab.links.find(id))
            settle(*link);
    }
    flushPending();
}

void LabStep::tickFaults()
{
    std::vector<LinkId> due;
    for (const auto &[id, faults] : m_lab.linkFaults) {
        if (const auto deadline = faults.nextDeadline(); deadline && *deadline <= m_now)
            due.push_back(id);
    }
    for (const LinkId id : due) {
        LabLink *link = m_lab.links.find(id);
        LinkFaults &faults = m_lab.linkFaults.at(id);
        m_cause = {};
        const bool isOutOver = faults.out.isSilenceOver(m_now);
        const bool isInOver = faults.in.isSilenceOver(m_now);
        if (isOutOver || isInOver)
            endSilence(*link, faults,
                       isOutOver && isInOver ? LinkSide::Both
                       : isOutOver           ? LinkSide::Sent
                                             : LinkSide::Received);
        pass(*link, faults);
    }
}

} // namespace sessionscope
