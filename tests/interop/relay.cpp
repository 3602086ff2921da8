#include "tests/interop/relay.h"

#include <QHostAddress>

namespace sessionscope::interop {

Relay::Relay(const Endpoint &broker) : m_broker(broker)
{
    QObject::connect(&m_server, &QTcpServer::newConnection, &m_server, [this] { accept(); });
    m_server.listen(QHostAddress::LocalHost);
}

void Relay::accept()
{
    while (m_server.hasPendingConnections()) {
        auto &pair = *m_pairs.emplace_back(std::make_unique<Pair>());
        pair.client.reset(m_server.nextPendingConnection());
        pair.client->setParent(nullptr);
        auto *client = pair.client.get();
        auto *broker = pair.broker.get();
        QObject::connect(client, &QTcpSocket::readyRead, client, [this, &pair] { pass(pair, Sender::Client); });
        QObject::connect(broker, &QTcpSocket::readyRead, broker, [this, &pair] { pass(pair, Sender::Server); });
        QObject::connect(client, &QTcpSocket::disconnected, broker, [broker] { broker->disconnectFromHost(); });
        QObject::connect(broker, &QTcpSocket::disconnected, client, [client] { client->disconnectFromHost(); });
        broker->connectToHost(m_broker.host, m_broker.port);
        broker->setSocketOption(QAbstractSocket::LowDelayOption, 1);
        client->setSocketOption(QAbstractSocket::LowDelayOption, 1);
    }
}

void Relay::pass(Pair &pair, Sender from)
{
    auto &source = from == Sender::Client ? *pair.client : *pair.broker;
    auto &target = from == Sender::Client ? *pair.broker : *pair.client;
    auto &framer = from == Sender::Client ? pair.fromClient : pair.fromBroker;
    framer.append(source.readAll());
    for (auto next = framer.next(); auto *frame = std::get_if<QByteArray>(&next); next = framer.next()) {
        const auto decoded = decode(*frame, pair.version);
        if (const auto *packet = decoded ? &*decoded : nullptr) {
            if (const auto *connect = packet->as<ConnectPacket>())
                pair.version = nearestVersion(connect->protocolLevel);
            pair.seen.emplace_back(from, *packet);
            if (m_cut && m_cut->from == from && m_cut->type == packet->type()) {
                m_cut.reset();
                pair.client->abort();
                pair.broker->abort();
                return;
            }
        }
        target.write(*frame);
    }
}

QList<Packet> Relay::packets(qsizetype connection, Sender from, PacketType type) const
{
    QList<Packet> found;
    if (connection >= connections())
        return found;
    for (const auto &[sender, packet] : m_pairs[std::size_t(connection)]->seen) {
        if (sender == from && packet.type() == type)
            found.append(packet);
    }
    return found;
}

} // namespace sessionscope::interop
