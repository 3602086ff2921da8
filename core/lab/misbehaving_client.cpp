#include "core/lab/misbehaving_client.h"

namespace sessionscope {

namespace {

class ClientMisstep
{
public:
    ClientMisstep(MisbehavingClient &misbehaving, ClientSession &session, Instant now)
        : m_misbehaving(misbehaving), m_ways(misbehaving.ways), m_session(session), m_now(now)
    {
    }

    MisledClientEffects operator()(ClientEvent &&event)
    {
        releaseHeldBack();
        const bool closes = std::holds_alternative<TransportClosed>(event);
        if (auto *arrived = std::get_if<PacketArrived>(&event))
            before(arrived->packet);
        ClientEffects effects;
        sessionscope::step(m_session, event, m_now, effects);
        for (ClientEffect &effect : effects)
            pass(std::move(effect));
        if (closes)
            afterClose();
        keepSilent();
        return std::move(m_out);
    }

private:
    using Way = ClientMisbehaviour;
    using Deed = Misdeed<Way>;

    // ---- what arrives, and the state ----

    void before(Packet &packet)
    {
        if (auto *connack = packet.as<ConnackPacket>())
            ignoreLimits(connack->properties);
        auto *ack = packet.as<AckPacket>();
        if (!ack || ack->type == PacketType::Pubrel)
            return;
        ack->packetId = m_misbehaving.renamed.ownIdOf(ack->packetId);
        if (ack->type == PacketType::Pubrec)
            return;
        m_misbehaving.renamed.forget(ack->packetId);
        m_misbehaving.publishedAgain.erase(ack->packetId);
    }

    void ignoreLimits(Properties &announced)
    {
        static constexpr struct
        {
            Way way;
            PropertyId property;
        } limits[] = {{Way::IgnoresReceiveMaximum, PropertyId::ReceiveMaximum},
                      {Way::IgnoresMaximumPacketSize, PropertyId::MaximumPacketSize}};
        for (const auto &[way, property] : limits) {
            if (!m_ways.has(way) || !announced.contains(property))
                continue;
            deed(way, QStringLiteral("%1 of %2 is not heeded")
                          .arg(QLatin1String(propertyInfo(property)->name))
                          .arg(announced.integerOrDefault(property)));
            announced.removeAll(property);
        }
    }

    void afterClose()
    {
        m_misbehaving.heldBack.clear();
        m_misbehaving.publishedAgain.clear();
        const qsizetype open = m_session.outbox.size() + m_session.inbox.heldCount();
        if (!m_ways.has(Way::ForgetsInflight) || open == 0)
            return;
        m_session.outbox.clear();
        m_session.inbox.clear();
        deed(Way::ForgetsInflight, QStringLiteral("%1 messages are forgotten").arg(open));
    }

    /// The session sends PINGREQ by its keep alive and by nothing else.
    void keepSilent()
    {
        if (!m_ways.has(Way::SilentPastKeepAlive) || m_session.keepAlive == 0)
            return;
        deed(Way::SilentPastKeepAlive, QStringLiteral("a keep alive of %1 s is not kept").arg(m_session.keepAlive));
        m_session.keepAlive = 0;
    }

    // ---- effects ----

    void pass(ClientEffect &&effect)
    {
        auto *send = std::get_if<SendPacket>(&effect);
        if (send && send->packet.as<PublishPacket>())
            return passPublish(std::move(*send->packet.as<PublishPacket>()));
        if (send && send->packet.as<AckPacket>())
            return passAck(*send->packet.as<AckPacket>());
        const bool isAccepted = std::holds_alternative<ConnectionAccepted>(effect);
        emit(std::move(effect));
        if (!isAccepted || !m_ways.has(Way::SecondConnect))
            return;
        emit(SendPacket{Packet{m_session.connect}});
        packetDeed(Way::SecondConnect, QStringLiteral("again"));
    }

    void passPublish(PublishPacket &&publish)
    {
        const bool comesTwice = isAboveQos0(publish) && !publish.dup && m_ways.has(Way::ResendWithoutReconnect);
        PublishPacket again = publish;
        again.dup = true;
        Spoils<Way> spoils = spoilOwn(publish);
        for (auto &one : spoil(publish, m_ways))
            spoils.push_back(std::move(one));
        emit(SendPacket{Packet{std::move(publish)}});
        for (const auto &[way, detail] : spoils)
            packetDeed(way, detail);
        if (!comesTwice)
            return;
        emit(SendPacket{Packet{std::move(again)}});
        packetDeed(Way::ResendWithoutReconnect, QStringLiteral("again"));
    }

    /// What only a client can do wrong in a PUBLISH.
    Spoils<Way> spoilOwn(PublishPacket &publish)
    {
        Spoils<Way> spoils;
        const PacketId own = publish.packetId;
        if (m_ways.has(Way::ResendWithNewPacketId) && isAboveQos0(publish)) {
            const auto isFree = [this](PacketId id) { return !m_session.outbox.isInUse(id); };
            if (publish.dup) {
                publish.packetId = m_misbehaving.renamed.rename(own, isFree);
                spoils.emplace_back(Way::ResendWithNewPacketId, QStringLiteral("instead of #%1").arg(own.value));
            } else {
                m_misbehaving.renamed.forget(own);
            }
        }
        if (m_ways.has(Way::TopicAliasTooLarge) && m_session.version() == Version::V5) {
            publish.properties.removeAll(PropertyId::TopicAlias);
            publish.properties.add(PropertyId::TopicAlias, 0xFFFFu);
            spoils.emplace_back(Way::TopicAliasTooLarge, QStringLiteral("with a Topic Alias"));
        }
        return spoils;
    }

    void passAck(AckPacket ack)
    {
        if (ack.type == PacketType::Pubrel) {
            if (m_ways.has(Way::PublishAgainAfterPubrec))
                publishAgain(ack.packetId);
            ack.packetId = m_misbehaving.renamed.wireIdOf(ack.packetId);
        }
        const QString name = ackName(ack.type, ack.packetId);
        if (const Way way = withholdingOf<Way>(ack.type); m_ways.has(way))
            return deed(way, QStringLiteral("%1 is withheld").arg(name));
        if (!isFirstAnswer(ack.type))
            return emit(SendPacket{Packet{ack}});
        Spoils<Way> spoils;
        if (m_ways.has(Way::WrongPacketIdInAck)) {
            ack.packetId = idAfter(ack.packetId);
            spoils.emplace_back(Way::WrongPacketIdInAck, QStringLiteral("instead of %1").arg(name));
        }
        if (ack.type == PacketType::Pubrec && m_ways.has(Way::AnswersQos2WithPuback)) {
            ack.type = PacketType::Puback;
            spoils.emplace_back(Way::AnswersQos2WithPuback, QStringLiteral("instead of %1").arg(name));
        }
        if (m_ways.has(Way::AcksOutOfOrder))
            emitInTurn(SendPacket{Packet{ack}}, name);
        else
            emit(SendPacket{Packet{ack}});
        for (const auto &[way, detail] : spoils)
            packetDeed(way, detail);
        if (!m_ways.has(Way::AcksTwice))
            return;
        emit(SendPacket{Packet{ack}});
        packetDeed(Way::AcksTwice, QStringLiteral("again"));
    }

    /// Once for each exchange and connection.
    void publishAgain(PacketId id)
    {
        const OpenExchange *row = m_session.outbox.find(id);
        if (!row || !m_misbehaving.publishedAgain.insert(id).second)
            return;
        const Message &message = *row->delivery.message;
        emit(SendPacket{Packet{PublishPacket{message.topic, message.payload, id, row->delivery.qos, true,
                                             row->delivery.retain, message.properties}}});
        packetDeed(Way::PublishAgainAfterPubrec, QStringLiteral("again"));
    }

    void emitInTurn(ClientEffect effect, const QString &name)
    {
        auto &heldBack = m_misbehaving.heldBack;
        if (heldBack.empty()) {
            heldBack.push_back({std::move(effect), Way::AcksOutOfOrder, {}, name, m_now + overtakenWithin});
            return;
        }
        emit(std::move(effect));
        packetDeed(Way::AcksOutOfOrder, QStringLiteral("before %1").arg(heldBack.front().name));
        emit(std::move(heldBack.front().effect));
        heldBack.clear();
    }

    void releaseHeldBack()
    {
        auto &heldBack = m_misbehaving.heldBack;
        if (heldBack.empty() || heldBack.front().until > m_now)
            return;
        emit(std::move(heldBack.front().effect));
        packetDeed(Way::AcksOutOfOrder, QStringLiteral("late"));
        heldBack.clear();
    }

    void emit(ClientEffect effect) { m_out.emplace_back(std::in_place_index<0>, std::move(effect)); }
    void deed(Way way, const QString &detail)
    {
        m_out.emplace_back(std::in_place_index<1>, Deed{way, Deed::About::Event, {}, detail});
    }
    void packetDeed(Way way, const QString &detail)
    {
        m_out.emplace_back(std::in_place_index<1>, Deed{way, Deed::About::Packet, {}, detail});
    }

    MisbehavingClient &m_misbehaving;
    const ClientWays m_ways;
    ClientSession &m_session;
    Instant m_now;
    MisledClientEffects m_out;
};

} // namespace

MisledClientEffects step(MisbehavingClient &misbehaving, ClientSession &session, ClientEvent event, Instant now)
{
    return ClientMisstep(misbehaving, session, now)(std::move(event));
}

std::optional<Instant> nextDeadline(const MisbehavingClient &misbehaving)
{
    return misbehaving.heldBack.empty() ? std::nullopt : std::optional(misbehaving.heldBack.front().until);
}

} // namespace sessionscope
