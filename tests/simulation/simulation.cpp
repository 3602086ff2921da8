#include "tests/simulation/simulation.h"

#include "core/trace/text.h"

#include <QStringList>

namespace sessionscope {

using namespace std::chrono_literals;

namespace {

constexpr quint32 fewestPlayers = 3;
constexpr quint32 mostMorePlayers = 3;

/// Turns after which two ends that still answer each other do so for ever.
constexpr int turnLimit = 10'000;

/// What a client that keeps its session in a store finds there after a restart.
ClientSession restored(const ClientSession &stored)
{
    ClientSession session;
    session.policy = stored.policy;
    session.record = stored.record;
    session.outbox = stored.outbox;
    session.inbox = stored.inbox;
    session.connect = stored.connect;
    session.cleanStartAsked = stored.cleanStartAsked;
    session.cleanStartOwed = stored.cleanStartOwed;
    session.unansweredResumes = stored.unansweredResumes;
    session.nextToken = stored.nextToken;
    if (stored.record)
        session.connect.clientId = stored.record->clientId;
    return session;
}

} // namespace

Simulation::Simulation(quint64 seed, SimulationSize size)
    : m_chance(seed), m_size(size), m_config(drawConfig()), m_invariants(m_config.maximumSessionExpiry)
{
    submit(ConfigureBroker{m_config});
    [[maybe_unused]] const auto listening = m_driver.listen();
    Q_ASSERT(listening);
    const quint32 players = fewestPlayers + m_chance.below(mostMorePlayers + 1);
    for (quint32 number = 1; number <= players; ++number)
        addPlayer(number);
}

BrokerConfig Simulation::drawConfig()
{
    BrokerConfig config;
    config.receiveMaximum = m_chance.pick<quint16>({1, 2, 5, 20});
    config.maximumQueuedMessages = m_chance.pick<qsizetype>({3, 100'000, 100'000});
    config.overflow = m_chance.pick({Overflow::DropNewest, Overflow::DropNewest, Overflow::DropOldest,
                                     Overflow::RefusePublisher, Overflow::EndSession});
    config.queueQos0Offline = m_chance.oneIn(3);
    if (m_chance.oneIn(3))
        config.maximumSessionExpiry = 30;
    config.minimumSessionExpiry = m_chance.pick<quint32>({0, 0, 5});
    config.maximumKeepAlive = m_chance.pick<quint16>({0, 0, 10});
    config.topicAliasMaximum = m_chance.pick<quint16>({0, 2, 10});
    config.seed = m_chance.next();
    return config;
}

void Simulation::addPlayer(quint32 number)
{
    Player player;
    player.key = ClientKey{number};
    player.version = m_chance.pick({Version::V5, Version::V5, Version::V311, Version::V31});
    player.usesCleanSession = m_chance.oneIn(4);
    // Now and then two share an identifier, and take the session over from each other.
    const quint32 name = m_chance.oneIn(5) ? 1 : number;
    player.clientId = "client-" + QByteArray::number(name);
    ClientPolicy policy;
    policy.resubscribeWhenFresh = m_chance.oneIn(2);
    policy.useTopicAliases = m_chance.oneIn(2);
    policy.cleanAfterUnansweredResume = m_chance.oneIn(3);
    policy.v3SendMaximum = m_chance.pick<quint16>({1, 3, 20});
    submit(AddClient{player.key, "player-" + QByteArray::number(number), {}, policy});
    m_players.push_back(player);
}

// ---- the run ----

void Simulation::run()
{
    for (int round = 0; round < m_size.rounds && failures().isEmpty(); ++round) {
        for (int i = 0; i < m_size.actionsPerRound && failures().isEmpty(); ++i) {
            if (m_chance.oneIn(3))
                harm();
            else
                act();
            if (m_chance.oneIn(2))
                deliverSome();
        }
        comeToRest();
    }
    if (failures().isEmpty())
        endAll();
}

void Simulation::submit(const LabCommand &command)
{
    m_driver.submit(command);
    look();
}

void Simulation::look()
{
    const Trace &trace = m_driver.lab().trace;
    while (m_seen < trace.last()) {
        ++m_seen.value;
        const TraceRecord record = *trace.record(m_seen);
        const auto *link = std::get_if<LinkTrace>(&record.what);
        // The in-memory network names the other end when a connection opens.
        if (link && link->change == LinkChange::Opened)
            m_invariants.linked(record.link, LinkId{link->detail.section(QLatin1Char(' '), -1).toUInt()});
        const auto *fault = std::get_if<FaultTrace>(&record.what);
        m_faultsActed += fault && fault->fault != 0;
        m_invariants.look(record);
    }
}

void Simulation::fail(const QString &what)
{
    m_failures.append(what);
}

QStringList Simulation::failures() const
{
    QStringList lines = m_failures;
    for (const Breach &breach : m_invariants.breaches())
        lines.append(breachText(breach));
    return lines;
}

TraceSeq Simulation::failedAt() const
{
    return m_invariants.breaches().empty() ? m_seen : m_invariants.breaches().front().at;
}

quint64 Simulation::delivered() const
{
    quint64 sum = 0;
    for (const auto &[key, client] : m_driver.lab().clients)
        sum += client.delivered;
    return sum;
}

QString Simulation::traceText(TraceSeq last, qsizetype lines) const
{
    const Trace &trace = m_driver.lab().trace;
    QStringList text;
    const quint64 first = last.value > quint64(lines) ? last.value - quint64(lines) + 1 : 1;
    for (TraceSeq seq{first}; seq <= last; ++seq.value) {
        const auto record = trace.record(seq);
        if (!record)
            continue;
        const QString who = QStringLiteral("player-%1").arg(record->client.value);
        text.append(QStringLiteral("%1 <-%2 link %3  %4")
                        .arg(seq.value, 5)
                        .arg(record->cause.value, 5)
                        .arg(record->link.value, 3)
                        .arg(recordText(*record, who)));
    }
    return text.join(QLatin1Char('\n'));
}

// ---- what applications do ----

void Simulation::act()
{
    Player &player = anyPlayer();
    if (isClosed(player) && !m_chance.oneIn(4))
        return connect(player);
    const quint32 kind = m_chance.below(20);
    if (kind < 11)
        publish(player);
    else if (kind < 15)
        subscribe(player);
    else if (kind < 16)
        unsubscribe(player);
    else if (kind < 18)
        disconnect(player);
    else if (kind < 19)
        restart(player);
    else
        submit(ClientDo{player.key, PingCommand{}});
}

void Simulation::connect(Player &player)
{
    if (!isClosed(player))
        return;
    const bool wasConnected = !sessionOf(player).connect.clientId.isEmpty();
    if (wasConnected && !m_chance.oneIn(4))
        return submit(ClientDo{player.key, ReconnectCommand{}});
    submit(ClientDo{player.key, ConnectCommand{drawConnect(player)}});
}

ConnectPacket Simulation::drawConnect(const Player &player)
{
    ConnectPacket packet;
    packet.clientId = player.clientId;
    packet.protocolLevel = quint8(player.version);
    if (player.version == Version::V31)
        packet.protocolName = "MQIsdp";
    packet.keepAlive = m_chance.pick<quint16>({0, 0, 5, 20});
    const bool isV5 = player.version == Version::V5;
    packet.cleanStart = isV5 ? m_chance.oneIn(4) : player.usesCleanSession || m_chance.oneIn(8);
    if (isV5 && m_chance.oneIn(12))
        packet.clientId.clear();
    if (m_chance.oneIn(2)) {
        packet.will = Will{.topic = "w", .payload = drawPayload(), .qos = drawQos(), .retain = m_chance.oneIn(8)};
        if (isV5 && m_chance.oneIn(2))
            packet.will->properties.add(PropertyId::WillDelayInterval, m_chance.pick<quint32>({1, 4, 15, 100}));
        if (isV5 && m_chance.oneIn(4))
            packet.will->properties.add(PropertyId::MessageExpiryInterval, m_chance.pick<quint32>({1, 10}));
    }
    if (!isV5)
        return packet;
    if (!m_chance.oneIn(6))
        packet.properties.add(PropertyId::SessionExpiryInterval,
                              m_chance.pick<quint32>({0, 3, 10, 60, 60, 3600, sessionNeverExpires}));
    if (m_chance.oneIn(2))
        packet.properties.add(PropertyId::ReceiveMaximum, m_chance.pick<quint32>({1, 2, 3, 10}));
    return packet;
}

QByteArray Simulation::drawPayload()
{
    QByteArray payload = QByteArray::number(++m_lastPayload);
    // Large ones travel beside their head and not in one piece with it.
    if (m_chance.oneIn(12))
        payload += QByteArray(1500, '.');
    return payload;
}

void Simulation::publish(const Player &player)
{
    Message message;
    message.topic = drawTopic();
    message.qos = drawQos();
    message.payload = drawPayload();
    message.retain = m_chance.oneIn(10);
    if (player.version == Version::V5 && m_chance.oneIn(6))
        message.properties.add(PropertyId::MessageExpiryInterval, m_chance.pick<quint32>({0, 1, 5, 60}));
    submit(ClientDo{player.key, PublishCommand{message}});
}

void Simulation::subscribe(const Player &player)
{
    SubscribeCommand command;
    const quint32 entries = 1 + m_chance.below(2);
    for (quint32 i = 0; i < entries; ++i) {
        SubscriptionOptions options;
        options.maximumQos = drawQos();
        const QByteArray filter =
            m_chance.pick<const char *>({"a", "a", "b", "c/+", "c/d", "#", "w", "w", "$share/g/s", "$share/h/s"});
        if (player.version == Version::V5) {
            options.noLocal = !filter.startsWith('$') && m_chance.oneIn(6);
            options.retainAsPublished = m_chance.oneIn(6);
            options.retainHandling = RetainHandling(m_chance.below(3));
        }
        command.entries.append({filter, options});
    }
    if (player.version == Version::V5 && m_chance.oneIn(2))
        command.properties.add(PropertyId::SubscriptionIdentifier, 1 + m_chance.below(300));
    submit(ClientDo{player.key, command});
}

void Simulation::unsubscribe(const Player &player)
{
    const QByteArray filter = m_chance.pick<const char *>({"a", "b", "c/+", "#", "$share/g/s", "never"});
    submit(ClientDo{player.key, UnsubscribeCommand{{filter}, {}}});
}

void Simulation::disconnect(const Player &player)
{
    DisconnectCommand command;
    const ClientSession &session = sessionOf(player);
    if (session.version() == Version::V5 && m_chance.oneIn(2))
        command.reason = ReasonCode::DisconnectWithWillMessage;
    const bool mayChange = session.connect.properties.integerOrDefault(PropertyId::SessionExpiryInterval) > 0;
    if (mayChange && m_chance.oneIn(2))
        command.sessionExpiryInterval = m_chance.pick<quint32>({0, 2, 30});
    submit(ClientDo{player.key, command});
}

/// With its store, or as a device that lost it.
void Simulation::restart(Player &player)
{
    if (linkOf(player).value)
        submit(CutLink{player.key, m_chance.pick({CloseHow::Reset, CloseHow::Close})});
    if (m_chance.oneIn(3))
        return submit(ClientDo{player.key, ForgetCommand{}});
    if (isClosed(player))
        sessionOf(player) = restored(sessionOf(player));
}

// ---- what goes wrong ----

void Simulation::harm()
{
    const quint32 kind = m_chance.below(28);
    if (kind >= 24)
        armFault();
    else if (kind < 8)
        cutAtAByte();
    else if (kind < 11)
        freeze();
    else if (kind < 14)
        thaw();
    else if (kind < 20)
        passTime();
    else if (kind < 22)
        orderBroker();
    else if (const Player &player = anyPlayer(); kind < 23 && linkOf(player).value)
        submit(CutLink{player.key, m_chance.pick({CloseHow::Reset, CloseHow::Close})});
    else if (m_chance.oneIn(8))
        loseBroker();
}

/// Some bytes pass in each direction and then none does.
void Simulation::cutAtAByte()
{
    PipeNetwork &network = m_driver.network();
    const LinkId near = linkOf(anyPlayer());
    const LinkId far = network.peerOf(near);
    for (const LinkId sender : {near, far}) {
        const auto underWay = quint32(network.bytesUnderWay(sender));
        network.deliver(sender, m_chance.below(underWay + 1));
        look();
    }
    network.cut(near);
    m_frozen.erase(near);
    m_frozen.erase(far);
}

/// Waits for a packet of a player, exact to it. None that TCP itself could not bring about.
void Simulation::armFault()
{
    using enum PacketType;
    Fault fault;
    fault.match.direction = m_chance.pick({Direction::Sent, Direction::Received});
    if (!m_chance.oneIn(4))
        fault.match.type = m_chance.pick({Connect, Connack, Publish, Puback, Pubrec, Pubrel, Pubcomp, Suback});
    fault.match.nth = 1 + m_chance.below(2);
    CutFault cut{m_chance.pick({Moment::Before, Moment::After}), {}, m_chance.pick({CloseHow::Reset, CloseHow::Close})};
    if (m_chance.oneIn(4))
        cut.afterBytes = m_chance.below(12);
    const quint32 kind = m_chance.below(6);
    if (kind < 4)
        fault.kind = cut;
    else if (kind < 5)
        fault.kind = DelayFault{m_chance.pick<Duration>({1ms, 300ms, 2s})};
    else
        fault.kind = SilenceFault{m_chance.pick({LinkSide::Sent, LinkSide::Received, LinkSide::Both}),
                                  m_chance.pick<Duration>({300ms, 2s, 4s})};
    submit(ArmFault{anyPlayer().key, fault});
}

/// No fault waits any more, and those that act have come to their end.
void Simulation::endFaults()
{
    for (const Player &player : m_players)
        submit(DisarmFaults{player.key});
    const auto lasts = [](const auto &link) { return link.second.nextDeadline().has_value(); };
    const auto &faults = m_driver.lab().linkFaults;
    while (std::any_of(faults.begin(), faults.end(), lasts)) {
        m_driver.advance(1s);
        look();
    }
}

/// Nothing arrives at one end any more, and neither end is told.
void Simulation::freeze()
{
    PipeNetwork &network = m_driver.network();
    const LinkId near = linkOf(anyPlayer());
    const LinkId end = m_chance.oneIn(2) ? near : network.peerOf(near);
    if (!end.value)
        return;
    network.setReading(end, false);
    m_frozen.insert(end);
}

void Simulation::thaw()
{
    for (const LinkId end : m_frozen)
        m_driver.network().setReading(end, true);
    m_frozen.clear();
}

void Simulation::deliverSome()
{
    PipeNetwork &network = m_driver.network();
    if (m_chance.oneIn(3)) {
        const LinkId near = linkOf(anyPlayer());
        network.deliver(m_chance.oneIn(2) ? near : network.peerOf(near), 1 + m_chance.below(20));
        return look();
    }
    for (quint32 turns = 1 + m_chance.below(4); turns > 0 && network.deliver(); --turns)
        look();
}

void Simulation::passTime()
{
    const Duration duration = m_chance.pick<Duration>({1ms, 300ms, 1s, 1s, 3s, 7s, 40s});
    if (m_chance.oneIn(2))
        m_driver.advanceWithoutTick(duration); // the timer is late
    else
        m_driver.advance(duration);
    look();
}

void Simulation::orderBroker()
{
    const QByteArray clientId = anyPlayer().clientId;
    const quint32 kind = m_chance.below(12);
    if (kind < 4)
        submit(BrokerDo{KickClient{clientId}});
    else if (kind < 6)
        submit(BrokerDo{EndSession{clientId}});
    else if (kind < 10)
        submit(BrokerDo{StoreChanged{m_chance.oneIn(2) ? StoreState::Failing : StoreState::Working}});
    else if (kind < 11)
        submit(RestartBroker{BrokerRestart::Clean});
    else // it dies and comes back with all that it had stored
        submit(RestartBroker{BrokerRestart::Crash});
}

/// The broker dies and comes back without a store.
void Simulation::loseBroker()
{
    m_invariants.brokerForgot();
    submit(RestartBroker{BrokerRestart::CrashLosingStore});
}

// ---- rest ----

/// All that is under way arrives, whoever is away comes back, and both ends are compared.
void Simulation::comeToRest()
{
    thaw();
    endFaults();
    submit(BrokerDo{StoreChanged{StoreState::Working}});
    const bool allConnect = !m_chance.oneIn(3);
    if (allConnect)
        reconnectAll();
    for (int turn = 0; m_driver.network().deliver(); ++turn) {
        look();
        if (turn == turnLimit)
            return fail(QStringLiteral("the two ends answer each other for ever"));
    }
    m_driver.advance({});
    look();
    if (failures().isEmpty())
        m_invariants.lookAtRest(m_driver.view());
}

void Simulation::reconnectAll()
{
    // A client that was asked for twice under one identifier is thrown out again: that is no rest, but it is quiet.
    for (Player &player : m_players) {
        while (m_driver.network().deliver())
            look();
        if (isClosed(player))
            connect(player);
    }
}

/// Everybody leaves, every session is ended: what is left then is a leak.
void Simulation::endAll()
{
    for (const Player &player : m_players) {
        if (!isClosed(player))
            submit(ClientDo{player.key, DisconnectCommand{}});
    }
    m_driver.advance(24h);
    look();
    QList<QByteArray> left;
    for (const auto &session : m_driver.lab().broker.sessions)
        left.append(session->clientId);
    for (const QByteArray &clientId : left)
        submit(BrokerDo{EndSession{clientId}});
    m_driver.advance({});
    look();
    m_invariants.lookAtRest(m_driver.view());
    expectNothingLeft();
}

void Simulation::expectNothingLeft()
{
    const Lab &lab = m_driver.lab();
    const auto expectNone = [this](qsizetype count, const char *what) {
        if (count != 0)
            fail(QStringLiteral("%1 %2 left").arg(count).arg(QLatin1String(what)));
    };
    expectNone(qsizetype(lab.broker.sessions.size()), "sessions");
    expectNone(qsizetype(lab.broker.connections.size()), "connections of the broker");
    expectNone(lab.broker.connectedSessions, "connected sessions");
    expectNone(lab.broker.queuedMessages, "queued messages");
    expectNone(lab.broker.subscriptions.size(), "subscriptions");
    expectNone(lab.broker.subscriptions.nodeCount(), "nodes of the subscription tree");
    expectNone(qsizetype(lab.links.size()), "links");
    expectNone(m_driver.network().endCount(), "ends of the network");
    if (lab.broker.sessionDeadlines.next() || lab.broker.connectionDeadlines.next())
        fail(QStringLiteral("a deadline of the broker is left"));
}

} // namespace sessionscope
