// What a misbehaving broker makes of the packets that its step sends.
#include "core/lab/broker_misstep.h"

#include "core/trace/text.h"

namespace sessionscope {

namespace {

PublishPacket packetOf(const BrokerSendPublish &publish)
{
    const Delivery &delivery = publish.delivery;
    const Message &message = *delivery.message;
    PublishPacket packet{message.topic, message.payload, publish.packetId,  delivery.qos,
                         publish.dup,   delivery.retain, message.properties};
    if (publish.messageExpiryInterval)
        packet.properties.add(PropertyId::MessageExpiryInterval, *publish.messageExpiryInterval);
    for (const quint32 identifier : delivery.subscriptionIdentifiers)
        packet.properties.add(PropertyId::SubscriptionIdentifier, identifier);
    return packet;
}

QString publishName(PacketId id)
{
    return ackName(PacketType::Publish, id);
}

} // namespace

void BrokerMisstep::packetDeed(Way way, LinkId link, const QString &detail)
{
    m_out.emplace_back(std::in_place_index<1>, Misdeed<Way>{way, Misdeed<Way>::About::Packet, link, detail});
}

// ---- packets that wait to be overtaken ----

void BrokerMisstep::emitInTurn(BrokerEffect effect, Way way, LinkId link, const QString &name)
{
    auto &heldBack = m_misbehaving.heldBack;
    const auto first =
        std::ranges::find_if(heldBack, [&](const auto &one) { return one.way == way && one.link == link; });
    if (first == heldBack.end()) {
        heldBack.push_back({std::move(effect), way, link, name, m_now + overtakenWithin});
        return;
    }
    emit(std::move(effect));
    packetDeed(way, link, QStringLiteral("before %1").arg(first->name));
    emit(std::move(first->effect));
    heldBack.erase(first);
}

void BrokerMisstep::releaseHeldBack()
{
    auto &heldBack = m_misbehaving.heldBack;
    for (auto &one : heldBack) {
        if (one.until > m_now)
            continue;
        emit(std::move(one.effect));
        packetDeed(one.way, one.link, QStringLiteral("late"));
    }
    std::erase_if(heldBack, [this](const auto &one) { return one.until <= m_now; });
}

// ---- PUBLISH ----

void BrokerMisstep::pass(BrokerSendPublish &publish)
{
    const QByteArray to = clientOf(publish.link);
    const BrokerWays ways = m_misbehaving.waysTowards(to);
    if (loses(publish, to, ways))
        return;
    PublishPacket packet = packetOf(publish);
    const LinkId link = publish.link;
    const PacketId id = publish.packetId;
    const bool comesTwice = isAboveQos0(packet) && !packet.dup && ways.has(Way::ResendWithoutReconnect);
    PublishPacket again = packet;
    again.dup = true;
    Spoils<Way> spoils = spoilOwn(packet, publish, to, ways);
    for (auto &one : spoil(packet, ways))
        spoils.push_back(std::move(one));
    BrokerEffect effect =
        spoils.empty() ? BrokerEffect(std::move(publish)) : BrokerSend{link, Packet{std::move(packet)}};
    if (ways.has(Way::OutOfOrder) && !again.retain)
        emitInTurn(std::move(effect), Way::OutOfOrder, link, publishName(id));
    else
        emit(std::move(effect));
    for (const auto &[way, detail] : spoils)
        packetDeed(way, link, detail);
    if (!comesTwice)
        return;
    emit(BrokerSend{link, Packet{std::move(again)}});
    packetDeed(Way::ResendWithoutReconnect, link, QStringLiteral("again"));
}

/// What is taken for delivered leaves no exchange behind.
bool BrokerMisstep::loses(const BrokerSendPublish &publish, const QByteArray &to, const BrokerWays &ways)
{
    if (publish.delivery.qos == Qos::AtMostOnce || publish.dup || !ways.has(Way::LosesMessages) ||
        ++m_misbehaving.clients[to].messages % 2 != 0)
        return false;
    if (const ServerSession *session = sessionOf(to); session && session->messages) {
        Outbox &outbox = session->messages->outbox;
        m_broker.openBytes -= outbox.bytes();
        outbox.drop(publish.packetId);
        m_broker.openBytes += outbox.bytes();
    }
    m_out.emplace_back(std::in_place_index<1>,
                       Misdeed<Way>{Way::LosesMessages, Misdeed<Way>::About::Event, publish.link,
                                    QStringLiteral("%1 is lost").arg(publishName(publish.packetId))});
    return true;
}

/// What only a broker can do wrong in a PUBLISH.
Spoils<BrokerMisbehaviour> BrokerMisstep::spoilOwn(PublishPacket &packet, const BrokerSendPublish &publish,
                                                   const QByteArray &to, const BrokerWays &ways)
{
    Spoils<Way> spoils;
    if (ways.has(Way::ResendWithNewPacketId) && isAboveQos0(packet)) {
        RenamedIds &renamed = m_misbehaving.clients[to].renamed;
        const ServerSession *session = sessionOf(to);
        const auto isFree = [session](PacketId id) { return !session->messagesOrNone().outbox.isInUse(id); };
        if (packet.dup) {
            packet.packetId = renamed.rename(publish.packetId, isFree);
            spoils.emplace_back(Way::ResendWithNewPacketId,
                                QStringLiteral("instead of #%1").arg(publish.packetId.value));
        } else {
            renamed.forget(publish.packetId);
        }
    }
    if (ways.has(Way::ForgetsSubscriptionIdentifiers) && !publish.delivery.subscriptionIdentifiers.isEmpty()) {
        packet.properties.removeAll(PropertyId::SubscriptionIdentifier);
        spoils.emplace_back(Way::ForgetsSubscriptionIdentifiers, QStringLiteral("without Subscription Identifier"));
    }
    if (ways.has(Way::ClearsRetain) && packet.retain) {
        packet.retain = false;
        spoils.emplace_back(Way::ClearsRetain, QStringLiteral("without RETAIN"));
    } else if (ways.has(Way::KeepsRetain) && !packet.retain && publish.delivery.message->retain) {
        packet.retain = true;
        spoils.emplace_back(Way::KeepsRetain, QStringLiteral("with RETAIN"));
    }
    const auto interval = originalInterval(publish.delivery.message);
    if (ways.has(Way::MessageExpiryNotCountedDown) && publish.messageExpiryInterval && interval &&
        *interval != *publish.messageExpiryInterval) {
        packet.properties.removeAll(PropertyId::MessageExpiryInterval);
        packet.properties.add(PropertyId::MessageExpiryInterval, *interval);
        spoils.emplace_back(Way::MessageExpiryNotCountedDown,
                            QStringLiteral("instead of %1").arg(secondsText(*publish.messageExpiryInterval)));
    }
    const ServerConnection *connection = connectionOf(publish.link);
    if (ways.has(Way::IgnoresTopicAliasMaximum) && connection && connection->version == Version::V5) {
        packet.properties.add(PropertyId::TopicAlias, 0xFFFFu);
        spoils.emplace_back(Way::IgnoresTopicAliasMaximum, QStringLiteral("with a Topic Alias"));
    }
    return spoils;
}

std::optional<quint32> BrokerMisstep::originalInterval(const MessagePtr &message) const
{
    for (const auto &[known, interval] : m_misbehaving.intervals) {
        if (known.lock() == message)
            return interval;
    }
    return std::nullopt;
}

// ---- acknowledgements ----

void BrokerMisstep::pass(BrokerSendAck &ack)
{
    if (m_quietId == ack.packetId && ack.link == m_link)
        return;
    const QByteArray to = clientOf(ack.link);
    const BrokerWays ways = m_misbehaving.waysTowards(to);
    const LinkId link = ack.link;
    if (ack.type == PacketType::Pubrel) {
        if (ways.has(Way::PublishAgainAfterPubrec))
            publishAgain(ack, to);
        ack.packetId = m_misbehaving.clients[to].renamed.wireIdOf(ack.packetId);
    }
    const QString name = ackName(ack.type, ack.packetId);
    if (const Way way = withholdingOf<Way>(ack.type); ways.has(way)) {
        m_out.emplace_back(std::in_place_index<1>, Misdeed<Way>{way, Misdeed<Way>::About::Event, link,
                                                                QStringLiteral("%1 is withheld").arg(name)});
        return;
    }
    if (!isFirstAnswer(ack.type))
        return emit(std::move(ack));
    const bool isWrong = ways.has(Way::WrongPacketIdInAck);
    if (isWrong)
        ack.packetId = idAfter(ack.packetId);
    if (ways.has(Way::AcksOutOfOrder))
        emitInTurn(ack, Way::AcksOutOfOrder, link, name);
    else
        emit(ack);
    if (isWrong)
        packetDeed(Way::WrongPacketIdInAck, link, QStringLiteral("instead of %1").arg(name));
    if (!ways.has(Way::AcksTwice))
        return;
    emit(ack);
    packetDeed(Way::AcksTwice, link, QStringLiteral("again"));
}

/// Once for each exchange: a receiver that answers with PUBREC again would have it go on for ever.
void BrokerMisstep::publishAgain(const BrokerSendAck &pubrel, const QByteArray &to)
{
    const ServerSession *session = sessionOf(to);
    const OpenExchange *row = session ? session->messagesOrNone().outbox.find(pubrel.packetId) : nullptr;
    if (!row || !m_misbehaving.clients[to].publishedAgain.insert(pubrel.packetId).second)
        return;
    emit(BrokerSendPublish{pubrel.link, row->delivery, pubrel.packetId, true, {}});
    packetDeed(Way::PublishAgainAfterPubrec, pubrel.link, QStringLiteral("again"));
}

// ---- other packets ----

void BrokerMisstep::pass(BrokerSend &send)
{
    const BrokerWays ways = m_misbehaving.waysTowards(clientOf(send.link));
    const auto *connack = send.packet.as<ConnackPacket>();
    if (connack && connack->reason == 0)
        passConnack(send, ways);
    else if (send.packet.as<SubackPacket>() && ways.has(Way::SubackTooFewCodes))
        passSuback(send, ways);
    else if (!withholds(send, ways))
        emit(std::move(send));
}

void BrokerMisstep::passConnack(BrokerSend &send, const BrokerWays &ways)
{
    const LinkId link = send.link;
    if (ways.has(Way::PacketBeforeConnack)) {
        emit(BrokerSend{link, Packet{PingrespPacket{}}});
        packetDeed(Way::PacketBeforeConnack, link, QStringLiteral("unasked"));
    }
    auto &connack = *send.packet.as<ConnackPacket>();
    const ServerConnection *connection = connectionOf(link);
    const bool hasFlag = connection && connection->version != Version::V31;
    const bool isResumed = connack.sessionPresent;
    std::optional<Way> lies;
    if (m_hidesSession)
        lies = Way::LeaksOldSession;
    else if (isResumed && ways.has(Way::SessionPresentFalse))
        lies = Way::SessionPresentFalse;
    else if (!isResumed && hasFlag && ways.has(Way::SessionPresentTrue))
        lies = Way::SessionPresentTrue;
    if (lies)
        connack.sessionPresent = *lies == Way::SessionPresentTrue;
    const bool comesTwice = ways.has(Way::ConnackTwice);
    BrokerSend again = send;
    emit(std::move(send));
    if (lies)
        packetDeed(*lies, link,
                   m_hidesSession ? QStringLiteral("the old session is kept")
                                  : QStringLiteral("instead of Session Present %1").arg(isResumed ? 1 : 0));
    if (!comesTwice)
        return;
    emit(std::move(again));
    packetDeed(Way::ConnackTwice, link, QStringLiteral("again"));
}

void BrokerMisstep::passSuback(BrokerSend &send, const BrokerWays &ways)
{
    if (withholds(send, ways))
        return;
    const LinkId link = send.link;
    auto &reasons = send.packet.as<SubackPacket>()->reasons;
    if (!reasons.isEmpty())
        reasons.removeLast();
    emit(std::move(send));
    packetDeed(Way::SubackTooFewCodes, link, QStringLiteral("a reason code is missing"));
}

bool BrokerMisstep::withholds(const BrokerSend &send, const BrokerWays &ways)
{
    static constexpr struct
    {
        Way way;
        PacketType type;
    } withheld[] = {{Way::WithholdsSuback, PacketType::Suback},
                    {Way::WithholdsUnsuback, PacketType::Unsuback},
                    {Way::WithholdsPingresp, PacketType::Pingresp},
                    {Way::KeepsReplacedConnection, PacketType::Disconnect}};
    for (const auto &[way, type] : withheld) {
        const bool isMeant = type != PacketType::Disconnect || (m_isConnect && send.link == m_replaced);
        if (!ways.has(way) || send.packet.type() != type || !isMeant)
            continue;
        const QString name = packetIdOf(send.packet).value ? ackName(type, packetIdOf(send.packet))
                                                           : QString::fromLatin1(packetTypeName(type));
        m_out.emplace_back(std::in_place_index<1>, Misdeed<Way>{way, Misdeed<Way>::About::Event, send.link,
                                                                QStringLiteral("%1 is withheld").arg(name)});
        return true;
    }
    return false;
}

void BrokerMisstep::pass(BrokerClose &close)
{
    const bool isReplaced = m_isConnect && close.link == m_replaced;
    if (!isReplaced || !does(Way::KeepsReplacedConnection))
        return emit(std::move(close));
    m_out.emplace_back(std::in_place_index<1>, Misdeed<Way>{Way::KeepsReplacedConnection, Misdeed<Way>::About::Event,
                                                            close.link, QStringLiteral("the connection stays open")});
}

void BrokerMisstep::pass(ServerSessionChanged &change)
{
    if (change.change == SessionChange::Ended && m_unheard == change.clientId)
        return;
    if (change.change == SessionChange::Detached)
        m_detached.push_back(change.clientId);
    // An identifier that the broker chose.
    if (m_isConnect && m_clientId.isEmpty() && change.link == m_link)
        m_clientId = change.clientId;
    emit(std::move(change));
}

void BrokerMisstep::pass(WillPublished &will)
{
    m_wills.push_back(will.clientId);
    emit(std::move(will));
}

} // namespace sessionscope
