// Clients that no specification describes: random bytes, packets that claim more than they bring, thousands of
// connections that say nothing, a subscriber that never reads. The broker refuses each with a reason in the trace,
// keeps serving the others, and its memory stays bounded.
#include "core/engine/engine.h"
#include "core/net/tcp_network.h"

#include <QFile>
#include <QRandomGenerator>
#include <QTcpSocket>
#include <QTest>

#include <memory>
#include <set>

using namespace sessionscope;
using namespace Qt::StringLiterals;

namespace {

/// Resident memory of this process, bytes. Always 0 under the address sanitizer, which keeps freed memory.
qint64 residentBytes()
{
#ifdef __SANITIZE_ADDRESS__
    return 0;
#endif
    QFile statm(u"/proc/self/statm"_s);
    if (!statm.open(QIODevice::ReadOnly))
        return 0;
    return statm.readAll().split(' ').value(1).toLongLong() * 4096;
}

QByteArray connectBytes(const QByteArray &clientId)
{
    return encode(ConnectPacket{.clientId = clientId, .properties = {}, .will = {}, .userName = {}, .password = {}},
                  Version::V5);
}

} // namespace

class HostileClients : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void refuses_random_bytes_and_says_why();
    void refuses_a_packet_larger_than_the_limit_before_it_arrives();
    void refuses_a_truncated_packet_only_by_waiting_for_the_rest();
    void survives_ten_thousand_connections_opened_and_dropped();
    void serves_others_beside_a_client_that_never_reads();

private:
    void take();
    std::unique_ptr<QTcpSocket> dial();
    /// The good client gets its own message back: the broker is alive and serving.
    void verifyServing();
    int countRefusals(ReasonCode reason) const;

    std::unique_ptr<Engine> m_engine;
    quint16 m_port = 0;
    ClientKey m_good;
    LabView m_view;
    int m_echoes = 0;
    std::map<ReasonCode, int> m_refusals;
    std::map<DropCause, int> m_drops;
};

void HostileClients::take()
{
    const auto batch = m_engine->takeBatch();
    m_view = batch.view;
    for (const auto &record : batch.records) {
        if (const auto *note = std::get_if<BrokerNote>(&record.what)) {
            if (const auto *refused = std::get_if<BrokerRefused>(&note->effect))
                ++m_refusals[refused->finding.reason];
            if (const auto *dropped = std::get_if<MessageDropped>(&note->effect))
                ++m_drops[dropped->cause];
        } else if (const auto *ours = std::get_if<ClientNote>(&record.what)) {
            m_echoes += std::holds_alternative<MessageDelivered>(ours->effect);
        }
    }
}

void HostileClients::init()
{
    m_echoes = 0;
    m_refusals.clear();
    m_drops.clear();
    m_view = {};
    // The trace keeps packets up to a limit of its own; a small one, so that memory tells of the connections.
    EngineOptions options;
    options.traceLimits.bytes = 16 * 1024 * 1024;
    m_engine = std::make_unique<Engine>([] { return std::make_unique<TcpNetwork>(); }, options);
    connect(m_engine.get(), &Engine::batchReady, this, &HostileClients::take);
    Endpoint endpoint;
    endpoint.port = 0;
    QString url;
    connect(m_engine.get(), &Engine::brokerListening, this, [&](const QString &where) { url = where; });
    m_engine->listen(endpoint);
    QTRY_VERIFY(!url.isEmpty());
    const auto listening = parseEndpoint(url);
    QVERIFY(listening.ok());
    m_port = listening->port;

    m_good = m_engine->newClientKey();
    m_engine->submit(AddClient{.key = m_good, .name = "good", .broker = *listening, .policy = {}});
    ConnectPacket packet;
    packet.clientId = "good";
    m_engine->submit(ClientDo{m_good, ConnectCommand{packet}});
    QTRY_COMPARE(m_view.clients.value(0).connection, ClientConnection::Connected);
    m_engine->submit(ClientDo{m_good, SubscribeCommand{{{"echo", {}}}, {}}});
    QTRY_COMPARE(m_view.clients.value(0).subscriptions.size(), 1);
}

void HostileClients::cleanup()
{
    m_engine.reset();
}

std::unique_ptr<QTcpSocket> HostileClients::dial()
{
    auto socket = std::make_unique<QTcpSocket>();
    socket->connectToHost(u"127.0.0.1"_s, m_port);
    return socket->waitForConnected(5000) ? std::move(socket) : nullptr;
}

void HostileClients::verifyServing()
{
    const int before = m_echoes;
    PublishCommand command;
    command.message.topic = "echo";
    command.message.payload = "still there";
    m_engine->submit(ClientDo{m_good, command});
    QTRY_COMPARE(m_echoes, before + 1);
}

int HostileClients::countRefusals(ReasonCode reason) const
{
    const auto found = m_refusals.find(reason);
    return found == m_refusals.end() ? 0 : found->second;
}

void HostileClients::refuses_random_bytes_and_says_why()
{
    QRandomGenerator random(20261122);
    constexpr int clients = 200;
    for (int i = 0; i < clients; ++i) {
        const auto socket = dial();
        QVERIFY(socket);
        // Half of them say a proper CONNECT first, so that the noise meets a live session, too.
        if (i % 2)
            socket->write(connectBytes("noise" + QByteArray::number(i)));
        // A whole packet of the reserved type 0, so that the noise is refused at once whatever follows.
        QByteArray noise(1 + random.bounded(300), Qt::Uninitialized);
        for (auto &byte : noise)
            byte = char(random.bounded(256));
        noise.prepend(2, '\0');
        socket->write(noise);
        QTRY_COMPARE(socket->state(), QAbstractSocket::UnconnectedState);
    }
    QTRY_COMPARE(m_view.broker.connectedTotal, 1);
    // The last batches may still be on their way.
    const auto refusals = [this] {
        int sum = 0;
        for (const auto &[reason, count] : m_refusals)
            sum += count;
        return sum;
    };
    QTRY_COMPARE(refusals(), clients);
    verifyServing();
}

void HostileClients::refuses_a_packet_larger_than_the_limit_before_it_arrives()
{
    const auto before = residentBytes();
    constexpr int clients = 100;
    std::vector<std::unique_ptr<QTcpSocket>> sockets;
    for (int i = 0; i < clients; ++i) {
        sockets.push_back(dial());
        QVERIFY(sockets.back());
        sockets.back()->write(connectBytes("big" + QByteArray::number(i)));
        sockets.back()->write(QByteArray::fromHex("30ffffff7f0001")); // a PUBLISH that claims 256 MiB
    }
    for (const auto &socket : sockets)
        QTRY_COMPARE(socket->state(), QAbstractSocket::UnconnectedState);
    QTRY_COMPARE(countRefusals(ReasonCode::PacketTooLarge), clients);
    QVERIFY2(residentBytes() - before < 64 * 1024 * 1024, "the broker made room for what was only claimed");
    verifyServing();
}

void HostileClients::refuses_a_truncated_packet_only_by_waiting_for_the_rest()
{
    const auto whole = connectBytes("cut short");
    for (qsizetype size = 1; size < whole.size(); ++size) {
        const auto socket = dial();
        QVERIFY(socket);
        socket->write(whole.first(size));
        QVERIFY(socket->waitForBytesWritten(5000));
        socket->disconnectFromHost();
    }
    verifyServing();
    // The broker saw each end of stream before or during the echo; nothing of them is left.
    QTRY_COMPARE(m_view.broker.connectedTotal, 1);
    QCOMPARE(m_view.broker.sessionsTotal, 1);
}

void HostileClients::survives_ten_thousand_connections_opened_and_dropped()
{
    const auto before = residentBytes();
    constexpr int batches = 50;
    constexpr int batchSize = 200;
    for (int batch = 0; batch < batches; ++batch) {
        std::vector<std::unique_ptr<QTcpSocket>> sockets;
        for (int i = 0; i < batchSize; ++i) {
            sockets.push_back(dial());
            QVERIFY(sockets.back());
        }
        for (std::size_t i = 0; i < sockets.size(); i += 2)
            sockets[i]->abort();
    }
    verifyServing();
    QTRY_COMPARE(m_view.broker.connectedTotal, 1);
    QVERIFY2(residentBytes() - before < 128 * 1024 * 1024, "connections that are gone still hold memory");
}

void HostileClients::serves_others_beside_a_client_that_never_reads()
{
    const auto deaf = dial();
    QVERIFY(deaf);
    deaf->setReadBufferSize(1); // Qt stops reading, so the kernel's buffers fill up
    deaf->write(connectBytes("deaf"));
    deaf->write(encode(SubscribePacket{.packetId = PacketId{1}, .properties = {}, .entries = {{"flood", {}}}},
                       Version::V5));
    QTRY_COMPARE(m_view.broker.sessionsTotal, 2);

    const auto before = residentBytes();
    PublishCommand flood;
    flood.message.topic = "flood";
    flood.message.payload = QByteArray(64 * 1024, 'x');
    for (int round = 0; round < 20; ++round) {
        for (int i = 0; i < 100; ++i)
            m_engine->submit(ClientDo{m_good, flood});
        verifyServing();
    }
    QTRY_VERIFY(m_drops[DropCause::QosZeroBlocked] > 0);
    QVERIFY2(residentBytes() - before < 96 * 1024 * 1024, "what the deaf client does not read is piling up");
    verifyServing();
}

QTEST_GUILESS_MAIN(HostileClients)
#include "tst_hostile_clients.moc"
