// A wire between a client and a broker that the test can look at and break: forwards whole packets, keeps what passed,
// and can lose one packet together with its connection. Lives on the test's event loop, so whoever waits must spin it.
#pragma once

#include "core/link/endpoint.h"
#include "core/mqtt/framer.h"

#include <QTcpServer>
#include <QTcpSocket>

#include <memory>
#include <vector>

namespace sessionscope::interop {

class Relay
{
public:
    explicit Relay(const Endpoint &broker);

    Endpoint endpoint() const { return {.host = QStringLiteral("127.0.0.1"), .port = port(), .path = {}}; }
    quint16 port() const { return m_server.serverPort(); }

    /// The next packet of this type from this end gets lost, and both ends see their connection reset.
    void cutAt(Sender from, PacketType type) { m_cut = {from, type}; }
    /// The connection is cut as asked for.
    bool hasCut() const { return !m_cut; }

    /// Packets of a type that one end sent in one connection, counted from 0; the lost one is among them.
    QList<Packet> packets(qsizetype connection, Sender from, PacketType type) const;
    qsizetype connections() const { return qsizetype(m_pairs.size()); }

private:
    struct Pair
    {
        std::unique_ptr<QTcpSocket> client;
        std::unique_ptr<QTcpSocket> broker = std::make_unique<QTcpSocket>();
        Framer fromClient;
        Framer fromBroker;
        Version version = Version::V5; ///< as the CONNECT says
        std::vector<std::pair<Sender, Packet>> seen;
    };
    struct Cut
    {
        Sender from = Sender::Client;
        PacketType type = PacketType::Reserved;
    };

    void accept();
    void pass(Pair &pair, Sender from);

    Endpoint m_broker;
    std::vector<std::unique_ptr<Pair>> m_pairs;
    std::optional<Cut> m_cut;
    QTcpServer m_server; ///< the last member: it goes first
};

} // namespace sessionscope::interop
