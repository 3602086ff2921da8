// What a misbehaving broker makes of events, and what it does to the state of sessions.
#include "core/lab/misbehaving_broker.h"

#include "core/lab/broker_misstep.h"

namespace sessionscope {

// ---- the value ----

BrokerWays MisbehavingBroker::waysTowards(const QByteArray &clientId) const
{
    const auto found = towards.find(clientId);
    return found == towards.end() ? towardsAll : towardsAll | found->second;
}

void behave(MisbehavingBroker &misbehaving, const BrokerWays &ways, const QByteArray &clientId)
{
    if (!clientId.isEmpty()) {
        misbehaving.towards[clientId] = ways;
        return;
    }
    misbehaving.towardsAll = ways;
    misbehaving.towards.clear();
}

MisledBrokerEffects step(MisbehavingBroker &misbehaving, Broker &broker, BrokerEvent &&event, Instant now)
{
    return BrokerMisstep(misbehaving, broker, now)(std::move(event));
}

std::optional<Instant> nextDeadline(const MisbehavingBroker &misbehaving)
{
    std::optional<Instant> earliest;
    for (const auto &one : misbehaving.heldBack)
        earliest = std::min(earliest.value_or(one.until), one.until);
    return earliest;
}

// ---- the step ----

MisledBrokerEffects BrokerMisstep::operator()(BrokerEvent &&event)
{
    releaseHeldBack();
    if (std::visit([this](auto &one) { return before(one); }, event))
        run(std::move(event));
    after();
    return std::move(m_out);
}

void BrokerMisstep::run(BrokerEvent &&event)
{
    BrokerEffects effects;
    sessionscope::step(m_broker, std::move(event), m_now, effects);
    if (m_isQuiet)
        return;
    for (BrokerEffect &effect : effects)
        std::visit([this](auto &one) { pass(one); }, effect);
}

void BrokerMisstep::runQuietly(BrokerEvent &&event)
{
    m_isQuiet = true;
    run(std::move(event));
    m_isQuiet = false;
}

ServerSession *BrokerMisstep::sessionOf(const QByteArray &clientId) const
{
    const auto found = m_broker.sessions.find(clientId);
    return found == m_broker.sessions.end() ? nullptr : found->get();
}

ServerConnection *BrokerMisstep::connectionOf(LinkId link) const
{
    const auto found = m_broker.connections.find(link);
    return found == m_broker.connections.end() ? nullptr : &found->second;
}

/// Also of a connection that this event has ended.
QByteArray BrokerMisstep::clientOf(LinkId link) const
{
    const ServerConnection *connection = connectionOf(link);
    if (connection && connection->session)
        return connection->session->clientId;
    return link == m_link || link == m_replaced ? m_clientId : QByteArray();
}

void BrokerMisstep::deed(Way way, const QString &detail, Misdeed<Way>::About about)
{
    m_out.emplace_back(std::in_place_index<1>, Misdeed<Way>{way, about, m_link, detail});
}

// ---- events ----

bool BrokerMisstep::before(BrokerPacketArrived &arrived)
{
    m_link = arrived.link;
    m_clientId = clientOf(m_link);
    const ServerConnection *connection = connectionOf(m_link);
    if (!connection)
        return true;
    if (auto *connect = arrived.packet.as<ConnectPacket>())
        return connection->session || before(*connect);
    if (!connection->session)
        return true;
    if (auto *publish = arrived.packet.as<PublishPacket>())
        return before(*publish, arrived);
    if (auto *ack = arrived.packet.as<AckPacket>())
        return before(*ack);
    if (const auto *unsubscribe = arrived.packet.as<UnsubscribePacket>())
        return before(*unsubscribe);
    if (auto *disconnect = arrived.packet.as<DisconnectPacket>())
        return before(*disconnect);
    if (const auto *subscribe = arrived.packet.as<SubscribePacket>())
        m_subscribe = *subscribe;
    return true;
}

bool BrokerMisstep::before(const ConnectionClosed &closed)
{
    m_link = closed.link;
    m_clientId = clientOf(m_link);
    std::erase_if(m_misbehaving.heldBack, [this](const auto &one) { return one.link == m_link; });
    ServerSession *session = sessionOf(m_clientId);
    if (session && session->link() == m_link && session->sessionExpiryInterval == 0 && does(Way::SessionNeverExpires))
        session->sessionExpiryInterval = 1; // afterDetach() takes its end away
    return true;
}

bool BrokerMisstep::before(ConnectPacket &connect)
{
    m_isConnect = true;
    m_clientId = connect.clientId;
    memory().publishedAgain.clear();
    memory().will.reset();
    if (ServerSession *session = sessionOf(m_clientId)) {
        m_replaced = session->link();
        beforeResume(connect, *session);
    }
    ignoreLimits(connect);
    if (!connect.will)
        return true;
    if (does(Way::IgnoresWillDelay) && connect.will->properties.contains(PropertyId::WillDelayInterval)) {
        connect.will->properties.removeAll(PropertyId::WillDelayInterval);
        deed(Way::IgnoresWillDelay, QStringLiteral("the will is due at once"));
    }
    if (does(Way::WillTwice))
        memory().will = connect.will;
    if (does(Way::ForgetsWill)) {
        connect.will.reset();
        deed(Way::ForgetsWill, QStringLiteral("the will is forgotten"));
    }
    return true;
}

void BrokerMisstep::beforeResume(ConnectPacket &connect, ServerSession &session)
{
    const bool leaks = does(Way::LeaksOldSession);
    if (connect.cleanStart && (leaks || does(Way::IgnoresCleanStart))) {
        connect.cleanStart = false;
        m_hidesSession = leaks;
        if (!leaks)
            deed(Way::IgnoresCleanStart, QStringLiteral("the old session goes on"));
    } else if (!connect.cleanStart) {
        forgetMessages(session);
    }
}

void BrokerMisstep::forgetMessages(ServerSession &session)
{
    if (!session.messages)
        return;
    DeliveryQueue &queue = session.messages->queue;
    if (does(Way::ForgetsQueue) && !queue.isEmpty()) {
        deed(Way::ForgetsQueue, QStringLiteral("%1 messages are forgotten").arg(queue.size()));
        m_broker.queuedMessages -= queue.size();
        m_broker.queuedBytes -= queue.bytes();
        queue.takeAll();
    }
    Outbox &outbox = session.messages->outbox;
    if (does(Way::ForgetsInflight) && !outbox.isEmpty()) {
        deed(Way::ForgetsInflight, QStringLiteral("%1 messages are forgotten").arg(outbox.size()));
        m_broker.openBytes -= outbox.bytes();
        for (PacketId id{1}; !outbox.isEmpty(); ++id.value)
            outbox.drop(id);
    }
}

void BrokerMisstep::ignoreLimits(ConnectPacket &connect)
{
    static constexpr struct
    {
        Way way;
        PropertyId property;
    } limits[] = {{Way::IgnoresReceiveMaximum, PropertyId::ReceiveMaximum},
                  {Way::IgnoresMaximumPacketSize, PropertyId::MaximumPacketSize}};
    for (const auto &[way, property] : limits) {
        if (!does(way) || !connect.properties.contains(property))
            continue;
        deed(way, QStringLiteral("%1 of %2 is not heeded")
                      .arg(QLatin1String(propertyInfo(property)->name))
                      .arg(connect.properties.integerOrDefault(property)));
        connect.properties.removeAll(property);
    }
}

bool BrokerMisstep::before(PublishPacket &publish, const BrokerPacketArrived &arrived)
{
    m_interval = publish.properties.integer(PropertyId::MessageExpiryInterval);
    if (m_interval && does(Way::ForgetsMessageExpiry)) {
        publish.properties.removeAll(PropertyId::MessageExpiryInterval);
        m_interval.reset();
        deed(Way::ForgetsMessageExpiry, QStringLiteral("it will not expire"));
    }
    if (publish.qos != Qos::ExactlyOnce || !arrived.findings.isEmpty())
        return true;
    ServerSession &session = *connectionOf(m_link)->session;
    const bool isHeld = session.messages && session.messages->inbox.isHeld(publish.packetId);
    if (isHeld && does(Way::Qos2TakenAgain)) {
        session.messages->inbox.released(publish.packetId);
        deed(Way::Qos2TakenAgain, QStringLiteral("#%1 is taken for a new message").arg(publish.packetId.value));
    } else if (!isHeld && does(Way::Qos2RoutedTwice)) {
        routeOnceMore(publish, arrived);
    }
    return true;
}

/// The same message as one of its own, whose handshake nobody hears of.
void BrokerMisstep::routeOnceMore(const PublishPacket &publish, const BrokerPacketArrived &arrived)
{
    const ServerSession &session = *connectionOf(m_link)->session;
    PacketId id{0xFFFF};
    while (id == publish.packetId || session.messagesOrNone().inbox.isHeld(id))
        --id.value;
    deed(Way::Qos2RoutedTwice, QStringLiteral("#%1 is handed on once more").arg(publish.packetId.value));
    PublishPacket again = publish;
    again.packetId = id;
    m_quietId = id;
    run(BrokerPacketArrived{arrived.link, Packet{std::move(again)}, {}});
    run(BrokerPacketArrived{arrived.link, Packet{AckPacket{PacketType::Pubrel, id}}, {}});
    m_quietId.reset();
}

bool BrokerMisstep::before(AckPacket &ack)
{
    if (ack.type == PacketType::Pubrel)
        return true;
    ack.packetId = memory().renamed.ownIdOf(ack.packetId);
    if (ack.type != PacketType::Pubrec) {
        memory().renamed.forget(ack.packetId);
        memory().publishedAgain.erase(ack.packetId);
    }
    return true;
}

bool BrokerMisstep::before(const UnsubscribePacket &unsubscribe)
{
    if (!does(Way::IgnoresUnsubscribe))
        return true;
    ServerConnection &connection = *connectionOf(m_link);
    connection.lastReceived = m_now;
    UnsubackPacket answer{unsubscribe.packetId, {}, {}};
    if (connection.version == Version::V5)
        answer.reasons = QList<ReasonCode>(unsubscribe.filters.size(), ReasonCode::Success);
    BrokerSend send{m_link, Packet{std::move(answer)}};
    pass(send);
    deed(Way::IgnoresUnsubscribe, QStringLiteral("the subscription stays"));
    return false;
}

bool BrokerMisstep::before(DisconnectPacket &disconnect)
{
    ServerSession &session = *connectionOf(m_link)->session;
    if (does(Way::SessionNeverExpires)) {
        disconnect.properties.removeAll(PropertyId::SessionExpiryInterval);
        session.sessionExpiryInterval = std::max(session.sessionExpiryInterval, 1u);
    }
    if (session.will && disconnect.reason == ReasonCode::Success && does(Way::WillAtDisconnect)) {
        disconnect.reason = ReasonCode::DisconnectWithWillMessage;
        deed(Way::WillAtDisconnect, QStringLiteral("the will is kept"));
    }
    return true;
}

// ---- state ----

void BrokerMisstep::after()
{
    if (m_isConnect)
        afterConnect();
    if (m_subscribe)
        afterSubscribe();
    if (m_interval)
        afterPublish();
    for (const QByteArray &clientId : std::exchange(m_detached, {}))
        afterDetach(clientId);
    for (const QByteArray &clientId : std::exchange(m_wills, {}))
        afterWill(clientId);
}

void BrokerMisstep::afterConnect()
{
    ServerConnection *connection = connectionOf(m_link);
    if (!connection || !connection->session)
        return;
    ServerSession &session = *connection->session;
    if (connection->keepAlive && does(Way::IgnoresKeepAlive)) {
        deed(Way::IgnoresKeepAlive, QStringLiteral("a keep alive of %1 s is not watched").arg(connection->keepAlive));
        connection->keepAlive = 0;
    }
    if (session.subscriptions.empty() || !does(Way::ForgetsSubscriptions))
        return;
    UnsubscribePacket all;
    for (const auto &subscription : session.subscriptions)
        all.filters.append(subscription->filter);
    deed(Way::ForgetsSubscriptions, QStringLiteral("%1 subscriptions are forgotten").arg(all.filters.size()));
    runQuietly(BrokerPacketArrived{m_link, Packet{std::move(all)}, {}});
}

/// The options that the broker goes by are not those that it answered.
void BrokerMisstep::afterSubscribe()
{
    const ServerConnection *connection = connectionOf(m_link);
    if (!connection)
        return;
    for (const auto &subscription : connection->session->subscriptions) {
        const auto isThis = [&](const auto &entry) { return entry.filter == subscription->filter; };
        if (std::ranges::none_of(m_subscribe->entries, isThis))
            continue;
        SubscriptionOptions &options = subscription->options;
        const QString filter = QString::fromUtf8(subscription->filter);
        if (does(Way::UpgradesQos) && options.maximumQos != Qos::ExactlyOnce) {
            options.maximumQos = Qos::ExactlyOnce;
            deed(Way::UpgradesQos, QStringLiteral("%1 is kept with QoS 2").arg(filter));
        } else if (does(Way::DowngradesQos) && options.maximumQos != Qos::AtMostOnce) {
            options.maximumQos = Qos(quint8(options.maximumQos) - 1);
            deed(Way::DowngradesQos,
                 QStringLiteral("%1 is kept with QoS %2").arg(filter).arg(quint8(options.maximumQos)));
        }
        if (options.noLocal && does(Way::IgnoresNoLocal)) {
            options.noLocal = false;
            deed(Way::IgnoresNoLocal, QStringLiteral("%1 is kept without No Local").arg(filter));
        }
    }
}

/// For subscribers to whom the interval is told as it came.
void BrokerMisstep::afterPublish()
{
    auto &intervals = m_misbehaving.intervals;
    std::erase_if(intervals, [](const auto &one) { return one.first.expired(); });
    if (m_broker.latestMessage && m_broker.latestMessage.use_count() > 1)
        intervals.emplace_back(m_broker.latestMessage, *m_interval);
}

void BrokerMisstep::afterDetach(const QByteArray &clientId)
{
    ServerSession *session = sessionOf(clientId);
    if (!session || session->isConnected())
        return;
    const BrokerWays ways = m_misbehaving.waysTowards(clientId);
    const std::optional<Instant> willDue = session->will ? session->will->dueAt : OptionalInstant();
    if (ways.has(Way::SessionNeverExpires) && session->endsAt) {
        session->endsAt.reset();
        deed(Way::SessionNeverExpires, QStringLiteral("the session stays"));
        if (willDue)
            m_broker.sessionDeadlines.arm(*session, *willDue);
        else
            m_broker.sessionDeadlines.disarm(*session);
        return;
    }
    const bool forgets = ways.has(Way::ForgetsSession);
    if (!forgets && !(ways.has(Way::SessionExpiresEarly) && session->endsAt))
        return;
    session->endsAt = forgets ? m_now : m_now + (*session->endsAt - m_now) / 2;
    m_broker.sessionDeadlines.arm(*session, std::min(*session->endsAt, willDue.value_or(*session->endsAt)));
    deed(forgets ? Way::ForgetsSession : Way::SessionExpiresEarly,
         forgets ? QStringLiteral("the session ends") : QStringLiteral("the session will end early"));
    if (forgets)
        run(Tick{});
}

/// A session that ended with its will comes back for it, and ends again unheard.
void BrokerMisstep::afterWill(const QByteArray &clientId)
{
    const auto known = m_misbehaving.clients.find(clientId);
    if (known == m_misbehaving.clients.end() || !known->second.will)
        return;
    const Will will = *std::exchange(known->second.will, {});
    ServerSession *session = sessionOf(clientId);
    if (!session) {
        auto unheard = std::make_unique<ServerSession>();
        unheard->clientId = clientId;
        unheard->endsAt = m_now;
        session = m_broker.sessions.insert(std::move(unheard)).first->get();
        m_unheard = clientId;
    } else if (session->isConnected()) {
        return;
    }
    session->will = std::make_unique<ServerWill>(ServerWill{will, 0, m_now});
    m_broker.sessionDeadlines.arm(*session, m_now);
    deed(Way::WillTwice, QStringLiteral("the will comes again"));
    run(Tick{});
    m_unheard.reset();
}

} // namespace sessionscope
