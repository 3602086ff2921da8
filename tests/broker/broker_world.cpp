#include "tests/broker/broker_world.h"

#include "core/base/overloaded.h"

#include <QTest>

namespace sessionscope {

namespace {

QByteArray hex(quint8 byte)
{
    return QByteArray::number(byte, 16).rightJustified(2, '0').toUpper();
}

QByteArray join(const QByteArray &name, QByteArrayList words)
{
    words.removeAll({});
    return name + '(' + words.join(' ') + ')';
}

QByteArray number(PacketId id)
{
    return id.value ? '#' + QByteArray::number(id.value) : QByteArray();
}

QByteArray textOf(const PublishPacket &publish)
{
    QByteArrayList words{'q' + QByteArray::number(int(publish.qos)), number(publish.packetId)};
    words += publish.dup ? "dup" : "";
    words += publish.retain ? "retain" : "";
    words += publish.topic;
    words += publish.payload;
    for (const Property &property : publish.properties) {
        if (property.id == PropertyId::MessageExpiryInterval)
            words += "mei=" + QByteArray::number(std::get<quint32>(property.value));
        if (property.id == PropertyId::SubscriptionIdentifier)
            words += "subid=" + QByteArray::number(std::get<quint32>(property.value));
    }
    return join("PUB", words);
}

QByteArray withReasons(const QByteArray &name, PacketId id, const QList<ReasonCode> &reasons)
{
    QByteArrayList words{number(id)};
    for (const ReasonCode reason : reasons)
        words += hex(quint8(reason));
    return join(name, words);
}

QByteArray textOf(const Packet &packet)
{
    const QByteArray name = packetTypeName(packet.type());
    return std::visit(
        Overloaded{
            [](const ConnackPacket &p) -> QByteArray {
                return "CONNACK(" + QByteArray::number(int(p.sessionPresent)) + ',' + hex(p.reason) + ')';
            },
            [](const PublishPacket &p) { return textOf(p); },
            [&](const AckPacket &p) {
                return join(name, {number(p.packetId), p.reason == ReasonCode::Success ? "" : hex(quint8(p.reason))});
            },
            [&](const SubackPacket &p) { return withReasons(name, p.packetId, p.reasons); },
            [&](const UnsubackPacket &p) { return withReasons(name, p.packetId, p.reasons); },
            [&](const DisconnectPacket &p) { return join(name, {hex(quint8(p.reason))}); },
            [&](const AuthPacket &p) { return join(name, {hex(quint8(p.reason))}); },
            [&](const auto &) { return name; }},
        packet.body);
}

Instant atSeconds(double seconds)
{
    return Instant() + std::chrono::microseconds(qint64(std::llround(seconds * 1e6)));
}

} // namespace

Will will(std::optional<quint32> delay, bool retain, std::optional<quint32> mei)
{
    Will made{"w", "gone", Qos::AtMostOnce, retain, {}};
    if (delay)
        made.properties.add(PropertyId::WillDelayInterval, *delay);
    if (mei)
        made.properties.add(PropertyId::MessageExpiryInterval, *mei);
    return made;
}

// ---- Peer ----

void Peer::send(PacketBody body)
{
    sendBytes(encode({std::move(body), {}}, m_version).toHex());
}

void Peer::sendBytes(const QByteArray &hexBytes)
{
    QVERIFY2(isOpen(), "the scenario sends on a closed connection");
    const auto decoded = decode(QByteArray::fromHex(hexBytes), m_version);
    if (!decoded)
        return m_world->event(BrokerMalformedArrived{m_link, decoded.error()});
    const rules::Context context{m_version, Sender::Client, m_world->broker.config.topicAliasMaximum, true};
    m_world->event(BrokerPacketArrived{m_link, *decoded, rules::check(*decoded, context)});
}

void Peer::cut()
{
    m_world->m_links[m_link].open = false;
    m_world->event(ConnectionClosed{m_link});
}

void Peer::publish(const Pub &pub)
{
    PublishPacket packet{pub.topic, pub.payload, {pub.id}, Qos(pub.qos), pub.dup, pub.retain, pub.properties};
    if (pub.mei)
        packet.properties.add(PropertyId::MessageExpiryInterval, *pub.mei);
    send(packet);
}

void Peer::subscribe(quint16 id, const QByteArray &filter, int qos, SubscriptionOptions options,
                     std::optional<quint32> identifier)
{
    options.maximumQos = Qos(qos);
    SubscribePacket packet{{id}, {}, {{filter, options}}};
    if (identifier)
        packet.properties.add(PropertyId::SubscriptionIdentifier, *identifier);
    send(packet);
}

void Peer::unsubscribe(quint16 id, const QByteArray &filter)
{
    send(UnsubscribePacket{{id}, {}, {filter}});
}

void Peer::puback(quint16 id, int reason)
{
    send(AckPacket{PacketType::Puback, {id}, ReasonCode(reason), {}});
}

void Peer::pubrec(quint16 id, int reason)
{
    send(AckPacket{PacketType::Pubrec, {id}, ReasonCode(reason), {}});
}

void Peer::pubrel(quint16 id, int reason)
{
    send(AckPacket{PacketType::Pubrel, {id}, ReasonCode(reason), {}});
}

void Peer::pubcomp(quint16 id, int reason)
{
    send(AckPacket{PacketType::Pubcomp, {id}, ReasonCode(reason), {}});
}

void Peer::disconnect(int reason, std::optional<quint32> sei)
{
    DisconnectPacket packet{ReasonCode(reason), {}};
    if (sei)
        packet.properties.add(PropertyId::SessionExpiryInterval, *sei);
    send(packet);
}

QByteArrayList Peer::take()
{
    auto &end = m_world->m_links[m_link];
    end.bytes.clear();
    return std::exchange(end.log, {});
}

QList<Packet> Peer::takePackets()
{
    take();
    return std::exchange(m_world->m_links[m_link].packets, {});
}

QByteArray Peer::bytes() const
{
    return m_world->m_links[m_link].bytes;
}

bool Peer::isOpen() const
{
    return m_world->m_links[m_link].open;
}

// ---- BrokerWorld ----

ConnectPacket BrokerWorld::packetOf(const Hello &hello)
{
    ConnectPacket packet;
    packet.protocolLevel = quint8(hello.version);
    if (hello.version == Version::V31)
        packet.protocolName = "MQIsdp";
    packet.cleanStart = hello.cs;
    packet.keepAlive = hello.ka;
    packet.clientId = hello.id;
    packet.properties = hello.properties;
    packet.will = hello.will;
    if (hello.version != Version::V5)
        return packet;
    if (hello.sei)
        packet.properties.add(PropertyId::SessionExpiryInterval, *hello.sei);
    if (hello.rm)
        packet.properties.add(PropertyId::ReceiveMaximum, quint32(*hello.rm));
    return packet;
}

Peer BrokerWorld::open(Version version)
{
    const LinkId link{++m_lastLink};
    m_links[link].version = version;
    event(ConnectionOpened{link});
    return {*this, link, version};
}

Peer BrokerWorld::connect(const Hello &hello)
{
    Peer peer = open(hello.version);
    peer.send(packetOf(hello));
    return peer;
}

Peer BrokerWorld::connected(const Hello &hello, const QByteArray &expected)
{
    Peer peer = connect(hello);
    auto &log = m_links[peer.link()].log;
    [&] { QCOMPARE(log.value(0), expected); }();
    if (!log.isEmpty())
        log.removeFirst();
    m_links[peer.link()].bytes.clear();
    return peer;
}

Peer BrokerWorld::subscriber(const Hello &hello, const QByteArray &filter, int qos, SubscriptionOptions options,
                             std::optional<quint32> identifier)
{
    Peer peer = connected(hello);
    peer.subscribe(1, filter, qos, options, identifier);
    const QByteArrayList log = peer.take();
    [&] { QVERIFY(log.value(0).startsWith("SUBACK")); }();
    return peer;
}

Peer BrokerWorld::publisher()
{
    return connected({.id = "P"});
}

void BrokerWorld::runTo(double seconds)
{
    const Instant target = atSeconds(seconds);
    for (auto due = nextDeadline(broker); due && *due <= target; due = nextDeadline(broker)) {
        m_now = std::max(m_now, *due);
        event(Tick{});
    }
    m_now = target;
}

void BrokerWorld::jumpTo(double seconds)
{
    m_now = atSeconds(seconds);
}

void BrokerWorld::event(BrokerEvent what)
{
    BrokerEffects effects;
    step(broker, std::move(what), m_now, effects);
    std::vector<LinkId> closed;
    for (const BrokerEffect &effect : effects) {
        perform(effect);
        if (diesNow())
            return die();
        if (const auto *close = std::get_if<BrokerClose>(&effect))
            closed.push_back(close->link);
    }
    // As a driver does: the transport tells afterwards that it closed.
    for (const LinkId link : closed)
        event(ConnectionClosed{link});
}

bool BrokerWorld::diesNow() const
{
    const auto has = [this](const auto &one) {
        return one.second.log.value(one.second.log.size() - 1) == m_diesSending;
    };
    return !m_diesSending.isEmpty() && std::any_of(m_links.begin(), m_links.end(), has);
}

void BrokerWorld::die()
{
    m_diesSending.clear();
    for (auto &[link, end] : m_links)
        end.open = false;
    if (std::exchange(m_losesStore, false)) {
        Broker fresh;
        fresh.config = broker.config;
        broker = std::move(fresh);
        return;
    }
    event(LoseConnections{});
}

void BrokerWorld::perform(const BrokerEffect &effect)
{
    std::visit(Overloaded{[this](const BrokerSend &send) { received(send.link, send.packet); },
                          [this](const BrokerSendPublish &send) {
                              const Message &message = *send.delivery.message;
                              PublishPacket packet{message.topic,     message.payload, send.packetId,
                                                   send.delivery.qos, send.dup,        send.delivery.retain,
                                                   message.properties};
                              if (send.messageExpiryInterval)
                                  packet.properties.add(PropertyId::MessageExpiryInterval, *send.messageExpiryInterval);
                              for (const quint32 identifier : send.delivery.subscriptionIdentifiers)
                                  packet.properties.add(PropertyId::SubscriptionIdentifier, identifier);
                              received(send.link, {packet, {}});
                          },
                          [this](const BrokerSendAck &ack) {
                              received(ack.link, {AckPacket{ack.type, ack.packetId, ack.reason, {}}, {}});
                          },
                          [this](const BrokerClose &close) {
                              auto &end = m_links[close.link];
                              QVERIFY2(end.open, "closed twice");
                              end.open = false;
                              end.log += "EOF";
                          },
                          [this](const MessageDropped &drop) {
                              static const char *const causes[] = {
                                  "QueueFull",      "Expired",           "TooLargeForReceiver", "QosZeroOffline",
                                  "QosZeroBlocked", "RefusedByReceiver", "NotAuthorized"};
                              m_drops += drop.clientId + ' ' + drop.topic + ' ' + causes[int(drop.cause)];
                          },
                          [this](const ServerSessionChanged &change) {
                              if (change.change == SessionChange::Ended)
                                  m_ends += change.clientId;
                          },
                          [this](const BrokerRefused &refused) {
                              auto &list = refused.handling == Handling::Noted ? m_notes : m_refusals;
                              list += refused.finding.statement + (' ' + hex(quint8(refused.finding.reason)));
                          },
                          [](const auto &) {}},
               effect);
}

void BrokerWorld::received(LinkId link, const Packet &packet)
{
    auto &end = m_links[link];
    QVERIFY2(end.open, "the broker sends on a closed connection");
    const QByteArray bytes = encode(packet, end.version);
    end.bytes += bytes;
    const auto decoded = decode(bytes, end.version);
    QVERIFY2(decoded.ok(), bytes.toHex().constData());
    const auto findings = rules::check(*decoded, {end.version, Sender::Server, 0, true});
    QVERIFY2(findings.isEmpty(), findings.isEmpty() ? "" : findings.first().what);
    end.packets += *decoded;
    end.log += textOf(*decoded);
}

const ServerSession *BrokerWorld::session(const QByteArray &id) const
{
    const auto found = broker.sessions.find(id);
    return found == broker.sessions.end() ? nullptr : found->get();
}

QByteArrayList BrokerWorld::takeDrops()
{
    return std::exchange(m_drops, {});
}

QByteArrayList BrokerWorld::takeRefusals()
{
    return std::exchange(m_refusals, {});
}

QByteArrayList BrokerWorld::takeNotes()
{
    return std::exchange(m_notes, {});
}

QByteArrayList BrokerWorld::takeEnds()
{
    return std::exchange(m_ends, {});
}

} // namespace sessionscope
