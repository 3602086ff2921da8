#include "tests/lab/world.h"

#include "core/trace/text.h"

namespace sessionscope {

World::World(const BrokerConfig &config)
{
    m_driver.submit(ConfigureBroker{config});
    [[maybe_unused]] const auto listening = m_driver.listen();
    Q_ASSERT(listening);
}

ClientKey World::addClient(const QByteArray &name)
{
    const ClientKey key{++m_lastKey};
    m_driver.submit(AddClient{key, name, {}, {}});
    return key;
}

ClientKey World::addConnected(const QByteArray &name, const ConnectOptions &options)
{
    const ClientKey key = addClient(name);
    connect(key, options);
    return key;
}

std::optional<ConnackPacket> World::connect(ClientKey client, const ConnectOptions &options)
{
    ConnectPacket packet;
    packet.clientId = lab().clients.at(client).name;
    packet.protocolLevel = quint8(options.version);
    if (options.version == Version::V31)
        packet.protocolName = "MQIsdp";
    packet.cleanStart = options.cleanStart;
    packet.keepAlive = options.keepAlive;
    packet.will = options.will;
    if (options.version == Version::V5) {
        if (options.sessionExpiry)
            packet.properties.add(PropertyId::SessionExpiryInterval, *options.sessionExpiry);
        if (options.receiveMaximum)
            packet.properties.add(PropertyId::ReceiveMaximum, quint32(*options.receiveMaximum));
        if (packet.will && options.willDelay)
            packet.will->properties.add(PropertyId::WillDelayInterval, options.willDelay);
    }
    mark();
    submit(ClientDo{client, ConnectCommand{packet}});
    for (const Packet &received : packets(client, Direction::Received)) {
        if (const auto *connack = received.as<ConnackPacket>())
            return *connack;
    }
    return std::nullopt;
}

std::optional<ConnackPacket> World::reconnect(ClientKey client)
{
    mark();
    submit(ClientDo{client, ReconnectCommand{}});
    for (const Packet &received : packets(client, Direction::Received)) {
        if (const auto *connack = received.as<ConnackPacket>())
            return *connack;
    }
    return std::nullopt;
}

void World::subscribe(ClientKey client, const QByteArray &filter, Qos qos)
{
    SubscriptionOptions options;
    options.maximumQos = qos;
    submit(ClientDo{client, SubscribeCommand{{{filter, options}}, {}}});
}

void World::publishOnly(ClientKey client, const QByteArray &topic, Qos qos, const QByteArray &payload)
{
    Message message;
    message.topic = topic;
    message.qos = qos;
    message.payload = payload;
    m_driver.submit(ClientDo{client, PublishCommand{message}});
}

void World::publish(ClientKey client, const QByteArray &topic, Qos qos, const QByteArray &payload)
{
    publishOnly(client, topic, qos, payload);
    run();
}

void World::disconnect(ClientKey client, ReasonCode reason, std::optional<quint32> expiry)
{
    submit(ClientDo{client, DisconnectCommand{reason, expiry}});
}

void World::cut(ClientKey client)
{
    m_driver.network().cut(linkOf(client));
    run();
}

void World::submit(const LabCommand &command)
{
    m_driver.submit(command);
    run();
}

void World::run()
{
    [[maybe_unused]] const bool isQuiet = m_driver.runUntilQuiet();
    Q_ASSERT(isQuiet);
}

void World::advance(Duration duration)
{
    m_driver.advance(duration);
}

void World::deliverFromClient(ClientKey client)
{
    m_driver.network().deliver(linkOf(client), std::numeric_limits<qsizetype>::max());
}

void World::deliverToClient(ClientKey client)
{
    m_driver.network().deliver(serverLinkOf(client), std::numeric_limits<qsizetype>::max());
}

LinkId World::linkOf(ClientKey client) const
{
    return lab().clients.at(client).link;
}

LinkId World::serverLinkOf(ClientKey client) const
{
    return const_cast<World *>(this)->m_driver.network().peerOf(linkOf(client));
}

ClientView World::view(ClientKey client) const
{
    const LabView all = m_driver.view();
    const auto found = std::find_if(all.clients.begin(), all.clients.end(),
                                    [client](const ClientView &view) { return view.key == client; });
    Q_ASSERT(found != all.clients.end());
    return *found;
}

std::optional<ServerSessionView> World::serverView(const QByteArray &clientId) const
{
    for (const ServerSessionView &session : m_driver.view().broker.sessions) {
        if (session.clientId == clientId)
            return session;
    }
    return std::nullopt;
}

QList<Packet> World::packets(ClientKey client, Direction direction) const
{
    QList<Packet> packets;
    const Trace &trace = lab().trace;
    for (TraceSeq seq{m_mark.value + 1}; seq <= trace.last(); ++seq.value) {
        const TraceRecord record = *trace.record(seq);
        const auto *packet = std::get_if<PacketTrace>(&record.what);
        if (packet && record.role == Role::Client && record.client == client && packet->direction == direction)
            packets.append(*decode(packet->frame(), packet->version));
    }
    return packets;
}

QStringList World::lines(ClientKey client, Direction direction) const
{
    QStringList lines;
    for (const Packet &packet : packets(client, direction)) {
        if (packet.type() != PacketType::Connect && packet.type() != PacketType::Connack)
            lines.append(packetText(packet, Version::V5));
    }
    return lines;
}

QList<QByteArray> World::delivered(ClientKey client) const
{
    QList<QByteArray> payloads;
    const Trace &trace = lab().trace;
    for (TraceSeq seq{m_mark.value + 1}; seq <= trace.last(); ++seq.value) {
        const TraceRecord record = *trace.record(seq);
        const auto *note = std::get_if<ClientNote>(&record.what);
        if (!note || record.client != client)
            continue;
        if (const auto *message = std::get_if<MessageDelivered>(&note->effect))
            payloads.append(message->publish.payload);
    }
    return payloads;
}

Will World::will(const QByteArray &topic, const QByteArray &payload)
{
    Will will;
    will.topic = topic;
    will.payload = payload;
    return will;
}

} // namespace sessionscope
