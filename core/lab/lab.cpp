#include "core/lab/lab.h"

#include "core/lab/lab_step.h"

#include <algorithm>
#include <limits>

namespace sessionscope {

namespace {

bool isDue(const std::optional<Instant> &deadline, Instant now)
{
    return deadline && *deadline <= now;
}

/// What waits on the client's link is held back as much as what it does not send itself.
void addAside(ClientView &row, const Lab &lab, const LabClient &client)
{
    row.heldReceivedTypes.assign(client.faults.heldTypes.begin(), client.faults.heldTypes.end());
    const auto faults = lab.linkFaults.find(client.link);
    if (faults == lab.linkFaults.end())
        return;
    for (const AsidePacket &one : faults->second.aside) {
        ++row.heldAcksTotal;
        if (row.heldAcks.size() < viewRowLimit)
            row.heldAcks.append({one.type, one.packetId, one.since, one.isReleased});
    }
}

} // namespace

LinkId dealLink(Lab &lab)
{
    return lab.links.deal();
}

std::span<char> roomFor(Lab &lab, LinkId link)
{
    LabLink *found = lab.links.find(link);
    return found && found->stage == LinkStage::Open && !found->isFiltered ? found->framer.room() : std::span<char>();
}

void step(Lab &lab, const LabEvent &event, Instant now, LabEffects &effects)
{
    LabStep labStep(lab, now, effects);
    std::visit(labStep, event);
    labStep.finish();
}

std::optional<Instant> nextDeadline(const Lab &lab)
{
    std::optional<Instant> earliest = nextDeadline(lab.broker);
    const auto look = [&earliest](const std::optional<Instant> &deadline) {
        if (deadline && (!earliest || *deadline < *earliest))
            earliest = deadline;
    };
    if (lab.misbehaving)
        look(nextDeadline(*lab.misbehaving));
    for (const auto &[key, client] : lab.clients) {
        look(nextDeadline(client.session));
        look(nextDeadline(client.misbehaving));
    }
    for (const auto &[id, faults] : lab.linkFaults)
        look(faults.nextDeadline());
    return earliest;
}

LabView viewOf(const Lab &lab, Instant now)
{
    LabView view;
    view.at = now;
    std::set<QByteArray> own;
    for (const auto &[key, client] : lab.clients) {
        ClientView row = viewOf(client.session);
        row.key = key;
        row.name = client.name;
        row.broker = toUrl(client.link.value ? client.target : client.broker);
        row.link = client.link;
        row.delivered = client.delivered;
        addAside(row, lab, client);
        own.insert(sessionIdOf(row));
        view.clients.append(std::move(row));
    }
    view.broker = viewOf(lab.broker, own);
    view.broker.listening = !lab.listenerUrl.isEmpty();
    view.broker.url = lab.listenerUrl;
    view.lastSeq = lab.trace.last();
    view.counters = lab.trace.counters();
    return view;
}

// ---- commands ----

void LabStep::operator()(const LabCommand &command)
{
    const auto keyOf = [](const auto &one) {
        if constexpr (requires { one.key; })
            return one.key;
        else
            return ClientKey{};
    };
    const ClientKey key = std::visit(keyOf, command);
    TraceContext context{{}, m_now, key.value ? Role::Client : Role::Broker, key, {}};
    if (const auto found = m_lab.clients.find(key); found != m_lab.clients.end())
        context.link = found->second.link;
    m_cause = m_lab.trace.append(context, CommandTrace{commandText(command)});
    std::visit([this](const auto &one) { carryOut(one); }, command);
}

void LabStep::carryOut(const AddClient &command)
{
    if (!command.key.value || m_lab.clients.contains(command.key))
        return refuse(command.key, "the key of a client must be new");
    LabClient &client = m_lab.clients[command.key];
    client.key = command.key;
    client.name = command.name;
    client.broker = command.broker;
    configure(client, command.policy, command.authentication);
}

void LabStep::carryOut(const ConfigureClient &command)
{
    const auto found = m_lab.clients.find(command.key);
    if (found == m_lab.clients.end())
        return refuse(command.key, noClient);
    configure(found->second, command.policy, command.authentication);
}

void LabStep::configure(LabClient &client, const ClientPolicy &policy,
                        const std::optional<Authentication> &authentication)
{
    client.session.policy = policy;
    client.session.policy.authenticatorAnswers = authentication.has_value();
    client.authentication = authentication;
}

void LabStep::carryOut(const RemoveClient &command)
{
    const auto found = m_lab.clients.find(command.key);
    if (found == m_lab.clients.end())
        return refuse(command.key, noClient);
    cut(found->second, CloseHow::Reset);
    m_lab.clients.erase(found);
}

void LabStep::carryOut(const ClientDo &command)
{
    const auto found = m_lab.clients.find(command.key);
    if (found == m_lab.clients.end())
        return refuse(command.key, noClient);
    LabClient &client = found->second;
    if (const auto *hold = std::get_if<HoldAcknowledgements>(&command.command))
        return holdOwn(client, *hold);
    if (const auto *release = std::get_if<ReleaseAcknowledgements>(&command.command))
        return releaseOwn(client, *release);
    const auto *connect = std::get_if<ConnectCommand>(&command.command);
    if (!connect || !client.authentication)
        return stepClient(client, command.command);
    ConnectCommand named = *connect;
    named.packet.properties.removeAll(PropertyId::AuthenticationMethod);
    named.packet.properties.add(PropertyId::AuthenticationMethod, client.authentication->method);
    stepClient(client, std::move(named));
}

void LabStep::carryOut(const CutLink &command)
{
    const auto found = m_lab.clients.find(command.key);
    if (found == m_lab.clients.end())
        return refuse(command.key, noClient);
    if (!found->second.link.value)
        return refuse(command.key, "there is no connection to cut");
    if (const char *why = whyNotClosed(found->second.target.scheme, command.how))
        return refuse(command.key, why);
    cut(found->second, command.how);
}

// The client learns of the cut at once; the link's own end follows when the network has carried it out.
void LabStep::cut(LabClient &client, CloseHow how)
{
    LabLink *link = m_lab.links.find(client.link);
    if (!link)
        return;
    const QString detail = how == CloseHow::Close ? QStringLiteral("without DISCONNECT") : closeText(how);
    m_cause = m_lab.trace.append(contextOf(*link), LinkTrace{LinkChange::Cut, detail});
    link->isDetached = true;
    close(*link, how);
    client.link = {};
    stepClient(client, TransportClosed{});
}

void LabStep::refuse(ClientKey key, const char *why)
{
    m_lab.trace.append({m_cause, m_now, Role::Client, key, {}}, ClientNote{CommandRefused{why}});
}

// ---- links ----

void LabStep::operator()(const LinkAccepted &event)
{
    LabLink &link = m_lab.links.insert(event.link);
    link.role = Role::Broker;
    link.stage = LinkStage::Open;
    link.topicAliasMaximum = m_lab.broker.config.topicAliasMaximum;
    link.awaitsConnect = true;
    const BrokerConfig &config = m_lab.broker.config;
    link.framer.setMaximumPacketSize(std::min(config.maximumConnectSize, config.maximumPacketSize));
    link.opened = m_lab.trace.append(contextOf(link), LinkTrace{LinkChange::Accepted, event.peer});
    m_cause = link.opened;
    stepBroker(ConnectionOpened{event.link});
}

void LabStep::operator()(const LinkOpened &event)
{
    LabLink *link = m_lab.links.find(event.link);
    if (!link || link->stage != LinkStage::Opening)
        return;
    link->stage = LinkStage::Open;
    m_cause = link->opened;
    m_cause = link->opened = m_lab.trace.append(contextOf(*link), LinkTrace{LinkChange::Opened, event.peer});
    if (const auto found = m_lab.clients.find(link->client); found != m_lab.clients.end())
        stepClient(found->second, TransportOpened{});
}

void LabStep::operator()(const LinkFailed &event)
{
    LabLink *link = m_lab.links.find(event.link);
    if (!link)
        return;
    m_cause = link->opened;
    m_cause = m_lab.trace.append(contextOf(*link), LinkTrace{LinkChange::Failed, event.why});
    const auto found = m_lab.clients.find(link->client);
    const bool isCurrent = found != m_lab.clients.end() && !link->isDetached;
    remove(*link);
    if (!isCurrent)
        return;
    found->second.link = {};
    stepClient(found->second, TransportFailed{event.why.toUtf8()});
}

void LabStep::operator()(const LinkClosed &event)
{
    static constexpr LinkChange changes[] = {LinkChange::ClosedByUs, LinkChange::ClosedByPeer, LinkChange::ResetByPeer,
                                             LinkChange::Error};
    LabLink *link = m_lab.links.find(event.link);
    if (!link || (link->isFiltered && isHeldBack(*link, event)))
        return;
    const bool isDetached = link->isDetached;
    const Role role = link->role;
    const ClientKey key = link->client;
    if (!isDetached)
        m_cause = m_lab.trace.append(contextOf(*link), LinkTrace{changes[quint8(event.by)], event.detail});
    remove(*link);
    if (role == Role::Broker)
        return stepBroker(ConnectionClosed{event.link});
    const auto found = m_lab.clients.find(key);
    if (isDetached || found == m_lab.clients.end())
        return;
    found->second.link = {};
    stepClient(found->second, TransportClosed{});
}

void LabStep::operator()(const LinkBacklog &event)
{
    LabLink *link = m_lab.links.find(event.link);
    if (!link || link->stage == LinkStage::Closing)
        return;
    const auto client = m_lab.clients.find(link->client);
    const bool isNew = link->pressure == LinkPressure::None;
    // One step may well send more than a limit, to a peer that had no time to read any of it.
    if (isNew)
        link->unsentWhenBlocked = quint32(std::min<qsizetype>(event.unsent, std::numeric_limits<quint32>::max()));
    const qsizetype since = event.unsent - link->unsentWhenBlocked;
    if (isNew && client != m_lab.clients.end()) {
        link->pressure = LinkPressure::Blocked;
        noteLimit(*link, "the other end reads too slowly: messages to it wait");
        return stepClient(client->second, TransportBlocked{});
    }
    if (since >= linkClosesAt) { // (v3:MQTT-4.8.0-2)
        noteLimit(*link, "the other end does not read: the limit of unsent bytes is reached");
        return close(*link, CloseHow::Reset);
    }
    // Our own clients go on reading whatever happens: two ends that both wait for the other to read would wait for
    // ever.
    if (link->role != Role::Broker)
        return;
    if (isNew) {
        link->pressure = LinkPressure::Blocked;
        noteLimit(*link, "the other end reads too slowly: delivery to it pauses");
        stepBroker(ConnectionBlocked{event.link});
    }
    if (link->pressure == LinkPressure::Blocked && since >= linkStopsReadingAt) {
        link->pressure = LinkPressure::NotReading;
        noteLimit(*link, "the other end reads too slowly: its own packets wait, too");
        m_effects.push_back(SetReading{event.link, Reading::Stop});
    }
}

void LabStep::operator()(const LinkDrained &event)
{
    LabLink *link = m_lab.links.find(event.link);
    if (!link || link->pressure == LinkPressure::None)
        return;
    if (link->pressure == LinkPressure::NotReading)
        m_effects.push_back(SetReading{event.link, Reading::Resume});
    link->pressure = LinkPressure::None;
    link->unsentWhenBlocked = 0;
    if (link->stage != LinkStage::Open)
        return;
    if (link->role == Role::Broker)
        return stepBroker(ConnectionDrained{event.link});
    if (const auto client = m_lab.clients.find(link->client); client != m_lab.clients.end())
        stepClient(client->second, TransportDrained{});
}

void LabStep::operator()(const ListenerChanged &event)
{
    // The first of several is the one to show.
    if (event.url.isEmpty() || m_lab.listenerUrl.isEmpty())
        m_lab.listenerUrl = event.url;
    const QString text =
        event.url.isEmpty() ? QStringLiteral("stop listening") : QStringLiteral("listen on %1").arg(event.url);
    m_lab.trace.append(brokerContext(), CommandTrace{text});
}

void LabStep::operator()(const Tick &)
{
    tickFaults();
    for (auto &[key, client] : m_lab.clients) {
        if (isDue(nextDeadline(client.session), m_now) || isDue(nextDeadline(client.misbehaving), m_now))
            stepClient(client, Tick{});
    }
    const bool owesPackets = m_lab.misbehaving && isDue(nextDeadline(*m_lab.misbehaving), m_now);
    if (owesPackets || isDue(nextDeadline(m_lab.broker), m_now))
        stepBroker(Tick{});
}

// ---- the engines ----

void LabStep::stepClient(LabClient &client, const ClientEvent &event)
{
    if (!client.misbehaving.isIdle())
        return stepMisbehavingClient(client, event);
    ClientEffects effects = std::exchange(m_lab.clientEffects, {});
    step(client.session, event, m_now, effects);
    for (const ClientEffect &effect : effects)
        perform(client, effect);
    effects.clear();
    m_lab.clientEffects = std::move(effects);
}

void LabStep::perform(LabClient &client, const ClientEffect &effect)
{
    std::visit(
        [&](const auto &one) {
            using Effect = std::decay_t<decltype(one)>;
            LabLink *link = m_lab.links.find(client.link);
            if constexpr (std::is_same_v<Effect, OpenTransport>) {
                openLink(client);
            } else if constexpr (std::is_same_v<Effect, SendPacket>) {
                if (link)
                    send(*link, one.packet);
            } else if constexpr (std::is_same_v<Effect, CloseTransport>) {
                if (link)
                    close(*link, CloseHow::Close);
            } else {
                if constexpr (std::is_same_v<Effect, MessageDelivered>)
                    ++client.delivered;
                m_lab.trace.append(contextOf(client), ClientNote{one});
                if constexpr (std::is_same_v<Effect, ServerRedirected>)
                    redirect(client, one);
                else if constexpr (std::is_same_v<Effect, AuthenticationAsked>)
                    ask(client, one);
            }
        },
        effect);
}

void LabStep::openLink(LabClient &client)
{
    LabLink &link = m_lab.links.insert(m_lab.links.deal());
    link.role = Role::Client;
    link.client = client.key;
    link.version = client.session.version();
    client.link = link.id;
    client.target = std::exchange(client.visits, {}).value_or(client.broker);
    link.opened = m_lab.trace.append(contextOf(link), LinkTrace{LinkChange::Opening, toUrl(client.target)});
    if (!client.faults.isEmpty())
        filter(link);
    m_effects.push_back(OpenLink{link.id, client.target});
}

void LabStep::redirect(LabClient &client, const ServerRedirected &redirected)
{
    const auto target = parseServerReference(redirected.serverReference, client.broker);
    if (!target)
        return refuse(client.key, "the Server Reference names no server that can be reached");
    if (redirected.permanent)
        client.broker = *target;
    else
        client.visits = *target;
}

void LabStep::ask(const LabClient &client, const AuthenticationAsked &asked)
{
    if (client.authentication)
        m_effects.push_back(AskAuthenticator{client.key, *client.authentication, asked});
}

// ---- the trace ----

TraceContext LabStep::contextOf(const LabLink &link) const
{
    return {m_cause, m_now, link.role, link.client, link.id};
}

TraceContext LabStep::contextOf(const LabClient &client) const
{
    return {m_cause, m_now, Role::Client, client.key, client.link};
}

TraceContext LabStep::brokerContext(LinkId link) const
{
    return {m_cause, m_now, Role::Broker, {}, link};
}

void LabStep::noteLimit(const LabLink &link, const char *what)
{
    const Sender blame = link.role == Role::Broker ? Sender::Client : Sender::Server;
    const rules::Finding finding{"", ReasonCode::QuotaExceeded, blame, what};
    m_lab.trace.append(contextOf(link), FindingTrace{finding});
}

} // namespace sessionscope
