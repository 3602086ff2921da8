// How packets and effects read in a test, and the steps of the scripted server.
#include "tests/session/client_world.h"

#include <QTest>

namespace sessionscope {

namespace {

QByteArray hex(quint8 value)
{
    return QByteArray::number(value, 16).rightJustified(2, '0').toUpper();
}

QByteArray number(quint64 value)
{
    return QByteArray::number(value);
}

QByteArray idText(PacketId id)
{
    return " #" + number(id.value);
}

QByteArray bodyText(const ConnectPacket &connect)
{
    return "CONNECT " + connect.clientId + (connect.cleanStart ? " cs=1" : " cs=0");
}

QByteArray bodyText(const PublishPacket &publish)
{
    QByteArray text = "PUBLISH q" + number(quint8(publish.qos));
    if (publish.qos != Qos::AtMostOnce)
        text += idText(publish.packetId);
    if (publish.dup)
        text += " dup";
    if (publish.retain)
        text += " retain";
    text += publish.topic.isEmpty() ? " -" : " " + publish.topic;
    if (const auto alias = publish.properties.integer(PropertyId::TopicAlias))
        text += " alias=" + number(*alias);
    return text + " " + publish.payload;
}

QByteArray bodyText(const AckPacket &ack)
{
    const QByteArray text = packetTypeName(ack.type) + idText(ack.packetId);
    return ack.reason == ReasonCode::Success ? text : text + " " + hex(quint8(ack.reason));
}

QByteArray bodyText(const SubscribePacket &subscribe)
{
    QByteArray text = "SUBSCRIBE" + idText(subscribe.packetId);
    for (const auto &entry : subscribe.entries)
        text += " " + entry.filter;
    if (const auto identifier = subscribe.properties.integer(PropertyId::SubscriptionIdentifier))
        text += " subid=" + number(*identifier);
    return text;
}

QByteArray bodyText(const UnsubscribePacket &unsubscribe)
{
    return "UNSUBSCRIBE" + idText(unsubscribe.packetId) + " " + unsubscribe.filters.join(' ');
}

QByteArray bodyText(const DisconnectPacket &disconnect)
{
    QByteArray text = "DISCONNECT " + hex(quint8(disconnect.reason));
    if (const auto sei = disconnect.properties.integer(PropertyId::SessionExpiryInterval))
        text += " sei=" + number(*sei);
    return text;
}

QByteArray bodyText(const AuthPacket &auth)
{
    return "AUTH " + hex(quint8(auth.reason));
}

template<class Body> QByteArray bodyText(const Body &body)
{
    return packetTypeName(Packet{body, {}}.type());
}

QByteArray endText(SessionEnd why)
{
    switch (why) {
    case SessionEnd::ConnectionClosed:
        return "connection closed";
    case SessionEnd::Expired:
        return "expired";
    case SessionEnd::CleanStart:
        return "clean start";
    case SessionEnd::SessionNotPresent:
        return "not present";
    case SessionEnd::Forgotten:
        return "forgotten";
    default:
        return "of the server";
    }
}

struct EffectText
{
    QByteArray operator()(const OpenTransport &) const { return "open"; }
    QByteArray operator()(const SendPacket &e) const { return "> " + textOf(e.packet); }
    QByteArray operator()(const CloseTransport &) const { return "close"; }
    QByteArray operator()(const ConnectionAccepted &e) const { return e.resumed ? "resumed" : "accepted"; }
    QByteArray operator()(const ConnectionRefused &e) const
    {
        const QByteArray text = "refused " + hex(e.reason);
        return e.serverReference.isEmpty() ? text : text + " " + e.serverReference;
    }
    QByteArray operator()(const MessageDelivered &e) const
    {
        return "delivered " + e.publish.topic + " " + e.publish.payload;
    }
    QByteArray operator()(const PublishAccepted &e) const { return "token " + number(e.token.value); }
    QByteArray operator()(const PublishCompleted &e) const
    {
        return "completed " + number(e.token.value) + " " + hex(quint8(e.reason));
    }
    QByteArray operator()(const PublishLost &e) const { return "lost " + number(e.token.value); }
    QByteArray operator()(const RequestCompleted &e) const
    {
        QByteArray text = packetTypeName(e.type) + QByteArray(" answered ") + e.filters.join(' ');
        for (const auto reason : e.reasons)
            text += " " + hex(quint8(reason));
        return text;
    }
    QByteArray operator()(const RequestUnanswered &e) const
    {
        return packetTypeName(e.type) + QByteArray(" unanswered ") + e.filters.join(' ');
    }
    QByteArray operator()(const SessionEnded &e) const { return "ended: " + endText(e.why); }
    QByteArray operator()(const ViolationFound &e) const { return QByteArray("violation ") + e.finding.statement; }
    QByteArray operator()(const CommandRefused &e) const { return QByteArray("no: ") + e.why; }
    QByteArray operator()(const DisconnectReceived &e) const
    {
        const QByteArray text = "server left " + hex(quint8(e.reason));
        return e.serverReference.isEmpty() ? text : text + " " + e.serverReference;
    }
    QByteArray operator()(const AnswerOverdue &e) const { return QByteArray("overdue ") + packetTypeName(e.awaited); }
    QByteArray operator()(const AuthenticationAsked &e) const
    {
        static constexpr const char *steps[] = {"begin", "begin again", "challenge", "proof"};
        const QByteArray text = QByteArray("authentication: ") + steps[quint8(e.step)];
        return e.data.isEmpty() ? text : text + " " + e.data;
    }
    QByteArray operator()(const ReconnectScheduled &e) const { return "comes back, attempt " + number(e.attempt); }
    QByteArray operator()(const ReconnectStopped &e) const { return QByteArray("stays away: ") + e.why; }
    QByteArray operator()(const ServerRedirected &e) const
    {
        return "goes to " + e.serverReference + (e.permanent ? " for good" : "");
    }
    QByteArray operator()(const AcknowledgementHeld &e) const
    {
        return packetTypeName(e.type) + idText(e.packetId) + " held";
    }
    QByteArray operator()(const PublishRequeued &e) const { return "again " + number(e.token.value); }
    QByteArray operator()(const ResponseArrived &e) const
    {
        const auto after = std::chrono::duration_cast<std::chrono::milliseconds>(e.after).count();
        return "response to " + number(e.token.value) + " after " + number(quint64(after)) +
               " ms: " + e.response.payload;
    }
    QByteArray operator()(const ResponseOverdue &e) const { return "no response to " + number(e.token.value); }
};

} // namespace

QByteArray textOf(const Packet &packet)
{
    return std::visit([](const auto &body) { return bodyText(body); }, packet.body);
}

QByteArray textOf(const ClientEffect &effect)
{
    return std::visit(EffectText{}, effect);
}

ConnectPacket Connect::packet() const
{
    ConnectPacket packet;
    packet.protocolName = version == Version::V31 ? "MQIsdp" : "MQTT";
    packet.protocolLevel = quint8(version);
    packet.clientId = clientId;
    packet.cleanStart = cleanStart;
    packet.keepAlive = keepAlive;
    if (version == Version::V5) {
        packet.properties = more;
        if (sei)
            packet.properties.add(PropertyId::SessionExpiryInterval, *sei);
    }
    return packet;
}

QByteArrayList ClientWorld::take()
{
    QByteArrayList lines;
    for (const auto &effect : m_effects)
        lines.append(textOf(effect));
    m_effects.clear();
    return lines;
}

void ClientWorld::step(const ClientEvent &event)
{
    sessionscope::step(session, event, now, m_effects);
}

void ClientWorld::run(ClientCommand command)
{
    step(std::move(command));
}

void ClientWorld::publish(Qos qos, const QByteArray &topic, const QByteArray &payload, bool retain)
{
    run(PublishCommand{{.topic = topic, .payload = payload, .qos = qos, .retain = retain}});
}

void ClientWorld::open()
{
    step(TransportOpened{});
}

void ClientWorld::cut()
{
    step(TransportClosed{});
}

void ClientWorld::block()
{
    step(TransportBlocked{});
}

void ClientWorld::drain()
{
    step(TransportDrained{});
}

void ClientWorld::fail()
{
    step(TransportFailed{"refused"});
}

void ClientWorld::receive(PacketBody body)
{
    receiveHex(encode({std::move(body), {}}, session.version()).toHex().constData());
}

void ClientWorld::receiveHex(const char *text)
{
    const auto decoded = decode(QByteArray::fromHex(text), session.version());
    if (!decoded) {
        step(MalformedArrived{decoded.error()});
        return;
    }
    const Properties &asked = session.connect.properties;
    const rules::Context context{.version = session.version(),
                                 .from = Sender::Server,
                                 .topicAliasMaximum = quint16(asked.integerOrDefault(PropertyId::TopicAliasMaximum))};
    step(PacketArrived{*decoded, rules::check(*decoded, context)});
}

void ClientWorld::receive(Connack connack)
{
    receive(ConnackPacket{.sessionPresent = connack.sessionPresent,
                          .reason = connack.reason,
                          .properties = std::move(connack.properties)});
}

void ClientWorld::receiveAck(PacketType type, quint16 id, ReasonCode reason)
{
    receive(AckPacket{type, {id}, reason, {}});
}

void ClientWorld::receivePublish(Qos qos, quint16 id, const QByteArray &payload, bool dup)
{
    receive(PublishPacket{.topic = "t", .payload = payload, .packetId = {id}, .qos = qos, .dup = dup});
}

void ClientWorld::pass(Duration time)
{
    const Instant end = now + time;
    while (const auto due = nextDeadline(session)) {
        if (*due > end)
            break;
        now = std::max(now, *due);
        step(Tick{});
        QVERIFY2(nextDeadline(session) != due, "a Tick at a deadline has to remove it");
    }
    now = end;
}

void ClientWorld::connect(Connect connect, Connack connack)
{
    run(std::move(connect));
    open();
    receive(std::move(connack));
    m_effects.clear();
}

void ClientWorld::resume(Connack connack)
{
    cut();
    run(ReconnectCommand{});
    open();
    m_effects.clear();
    receive(std::move(connack));
    if (!m_effects.empty() && std::holds_alternative<ConnectionAccepted>(m_effects.front()))
        m_effects.erase(m_effects.begin());
}

Properties receiveMaximum(quint32 count)
{
    return {{PropertyId::ReceiveMaximum, count}};
}

void publishQuietly(ClientWorld &world, std::initializer_list<Qos> list)
{
    for (const Qos qos : list)
        world.publish(qos);
    world.take();
}

ClientWorld connectedWorld(Properties answered)
{
    ClientWorld world;
    world.connect({}, {.properties = std::move(answered)});
    return world;
}

} // namespace sessionscope
