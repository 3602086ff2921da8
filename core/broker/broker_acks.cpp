// PUBACK, PUBREC, PUBREL and PUBCOMP from a client: the handshakes themselves are the Outbox's and the Inbox's.
#include "core/broker/broker_step.h"

namespace sessionscope {

/// A release is answered whether or not its message has expired (MQTT-4.3.3-13).
void BrokerStep::arrived(ServerConnection &connection, AckPacket &packet, const Findings &)
{
    ServerSession &session = *connection.session;
    if (packet.type != PacketType::Pubrel)
        return acknowledge(connection, packet);
    const bool wasHeld = session.messages && session.messages->inbox.released(packet.packetId);
    sendSafely(connection, PacketType::Pubcomp, packet.packetId,
               wasHeld ? ReasonCode::Success : ReasonCode::PacketIdentifierNotFound);
}

/// A refusal is the end of the message, also for a share group (MQTT-4.4.0-2, MQTT-4.8.2-6).
void BrokerStep::acknowledge(ServerConnection &connection, const AckPacket &packet)
{
    ServerSession &session = *connection.session;
    Outbox &outbox = messagesOf(session).outbox;
    MessagePtr refusedMessage;
    if (isFailure(packet.reason) && packet.type != PacketType::Pubcomp) {
        if (const OpenExchange *row = outbox.find(packet.packetId))
            refusedMessage = row->delivery.message;
    }
    const qsizetype bytesBefore = outbox.bytes();
    const AckOutcome outcome = outbox.acknowledge(packet.type, packet.packetId, packet.reason);
    m_broker.openBytes += outbox.bytes() - bytesBefore;
    if (outcome.what == AckOutcome::What::WrongType)
        return refuse(connection, {connection.version == Version::V5 ? "MQTT-3.3.4-1" : "v3:MQTT-3.3.4-1",
                                   ReasonCode::ProtocolError, Sender::Client,
                                   "acknowledgement that its exchange does not wait for"});
    if (outcome.pubrel)
        sendSafely(connection, PacketType::Pubrel, packet.packetId, *outcome.pubrel);
    if (outcome.what != AckOutcome::What::Completed)
        return;
    if (refusedMessage)
        dropped(session, *refusedMessage, DropCause::RefusedByReceiver);
    pump(session);
}

} // namespace sessionscope
