// A durable store that fails, as its driver tells [D-41]. The one rule: an acknowledgement says that a crash takes
// nothing back, so what the store cannot keep is not acknowledged. What is not acknowledged to anybody (wills that fall
// due, QoS 0, a goodbye, the end of a session) goes on in memory, and is written when the store works again.
#include "core/broker/broker_step.h"

namespace sessionscope {

void BrokerStep::operator()(const StoreChanged &event)
{
    if (std::exchange(m_broker.store, event.state) == event.state)
        return;
    if (event.state == StoreState::Failing)
        return report(BrokerRefused{{}, storeFails});
    for (const LinkId link : allLinks()) {
        if (const auto owed = std::move(connection(link)->owedAnswers)) {
            for (const OwedAnswer &answer : *owed)
                report(BrokerSendAck{link, answer.type, answer.packetId, answer.reason});
        }
        if (ServerSession *waiting = connection(link)->session)
            pump(*waiting);
    }
}

/// Whether the session is promised what cannot be kept now. One that ends with its connection needs no store.
bool BrokerStep::lacksStore(const ServerSession &session) const
{
    return m_broker.store == StoreState::Failing && session.sessionExpiryInterval != 0;
}

/// The session that it begins, takes up or ends stands in the store, and so does a will.
bool BrokerStep::lacksStoreFor(const ConnectPacket &packet) const
{
    if (m_broker.store == StoreState::Working)
        return false;
    const auto present = m_broker.sessions.find(packet.clientId);
    const bool isStored =
        present != m_broker.sessions.end() && ((*present)->sessionExpiryInterval != 0 || (*present)->will);
    return isStored || packet.will || expiryInForce(packet) != 0;
}

/// A PUBLISH of QoS 1 or 2, whoever would get it. A repeat of what was kept before is acknowledged again.
bool BrokerStep::refusesForStore(ServerConnection &connection, const PublishPacket &packet)
{
    if (m_broker.store == StoreState::Working)
        return false;
    const bool isKept =
        packet.qos == Qos::ExactlyOnce && connection.session->messagesOrNone().inbox.isHeld(packet.packetId);
    if (isKept)
        return false;
    if (connection.version != Version::V5) {
        refuseForStore(connection);
        return true;
    }
    const PacketType answer = packet.qos == Qos::AtLeastOnce ? PacketType::Puback : PacketType::Pubrec;
    report(BrokerRefused{connection.link, storeFails});
    report(BrokerSendAck{connection.link, answer, packet.packetId, storeFails.reason});
    return true;
}

/// Before 5.0 an acknowledgement cannot say no (v3:MQTT-4.8.0-2). Closed, the client keeps what it sent, and sends it
/// again later.
void BrokerStep::refuseForStore(ServerConnection &connection)
{
    connection.notesOnly = false;
    refuse(connection, storeFails);
}

/// PUBREL and PUBCOMP, whose reasons only 5.0 has (v3:MQTT-4.3.3-2). Behind PUBREL the receiver takes the identifier's
/// next PUBLISH for a new message, behind PUBCOMP the sender uses it for one: a crash must not bring the old one back.
/// So both wait for the store, and in their order (v3:MQTT-4.6.0-4).
void BrokerStep::sendSafely(ServerConnection &connection, PacketType type, PacketId id, ReasonCode reason)
{
    const bool isV5 = connection.version == Version::V5;
    const OwedAnswer answer{type, id, isV5 ? reason : ReasonCode::Success};
    if (!lacksStore(*connection.session))
        return report(BrokerSendAck{connection.link, answer.type, answer.packetId, answer.reason});
    if (!connection.owedAnswers)
        connection.owedAnswers = std::make_unique<std::vector<OwedAnswer>>();
    if (qsizetype(connection.owedAnswers->size()) >= m_broker.config.maximumHeldMessages)
        return refuseForStore(connection);
    connection.owedAnswers->push_back(answer);
}

} // namespace sessionscope
