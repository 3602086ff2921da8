// One publisher and one subscriber that keep to the standard, over connections that break at any packet: however often
// they break, QoS 2 arrives exactly once, QoS 1 at least once, first occurrences in order, and nothing is left over.
#include "tests/broker/broker_world.h"

#include <QSet>
#include <QTest>

#include <deque>
#include <random>

using namespace sessionscope;

namespace {

/// A client end with its inbound packets waiting, so that a cut can lose any number of them.
class ModelClient
{
public:
    ModelClient(BrokerWorld &world, Hello hello) : m_world(world), m_hello(std::move(hello)) {}
    virtual ~ModelClient() = default;

    bool isConnected() const { return m_peer && m_peer->isOpen(); }
    void connect()
    {
        m_waiting.clear();
        m_peer = m_world.connect(m_hello);
        m_hello.cs = false;
        fetch();
    }
    void cut()
    {
        if (isConnected())
            m_peer->cut();
        m_waiting.clear();
    }
    /// Handles one packet; false when there is none.
    bool handleOne()
    {
        if (m_waiting.empty())
            return false;
        const Packet packet = m_waiting.front();
        m_waiting.pop_front();
        handle(packet);
        return true;
    }
    void fetch()
    {
        for (const Packet &packet : m_peer->takePackets())
            m_waiting.push_back(packet);
    }

protected:
    virtual void handle(const Packet &packet) = 0;
    void send(PacketBody body)
    {
        if (isConnected())
            m_peer->send(std::move(body));
    }
    static AckPacket ack(PacketType type, PacketId id) { return {type, id, ReasonCode::Success, {}}; }

    BrokerWorld &m_world;
    std::optional<Peer> m_peer;

private:
    Hello m_hello;
    std::deque<Packet> m_waiting;
};

class ModelPublisher : public ModelClient
{
public:
    using ModelClient::ModelClient;

    void publish(Qos qos, int number)
    {
        PublishPacket packet;
        packet.topic = "t";
        packet.payload = QByteArray::number(number);
        packet.qos = qos;
        packet.packetId = {m_nextId++};
        m_open.push_back({packet, false});
        send(packet);
    }
    bool isDone() const { return m_open.empty(); }
    qsizetype open() const { return qsizetype(m_open.size()); }

protected:
    void handle(const Packet &packet) override
    {
        if (const auto *connack = packet.as<ConnackPacket>(); connack && connack->sessionPresent)
            return resend();
        if (const auto *got = packet.as<AckPacket>())
            acknowledged(*got);
    }

private:
    struct Open
    {
        PublishPacket packet;
        bool released = false;
    };

    void resend()
    {
        for (Open &open : m_open) {
            open.packet.dup = true;
            if (open.released)
                send(ack(PacketType::Pubrel, open.packet.packetId));
            else
                send(open.packet);
        }
    }
    void acknowledged(const AckPacket &got)
    {
        const auto open = std::find_if(m_open.begin(), m_open.end(),
                                       [&got](const Open &o) { return o.packet.packetId == got.packetId; });
        if (open == m_open.end())
            return;
        if (got.type == PacketType::Pubrec) {
            open->released = true;
            send(ack(PacketType::Pubrel, got.packetId));
        } else {
            m_open.erase(open);
        }
    }

    std::vector<Open> m_open;
    quint16 m_nextId = 1;
};

class ModelSubscriber : public ModelClient
{
public:
    using ModelClient::ModelClient;

    QList<int> delivered;

protected:
    void handle(const Packet &packet) override
    {
        if (const auto *publish = packet.as<PublishPacket>())
            arrived(*publish);
        const auto *got = packet.as<AckPacket>();
        if (got && got->type == PacketType::Pubrel) {
            m_held.remove(got->packetId);
            send(ack(PacketType::Pubcomp, got->packetId));
        }
    }

private:
    void arrived(const PublishPacket &publish)
    {
        const PacketId id = publish.packetId;
        if (publish.qos == Qos::AtLeastOnce || !m_held.contains(id))
            delivered.append(publish.payload.toInt());
        if (publish.qos == Qos::ExactlyOnce)
            m_held.insert(id);
        send(ack(publish.qos == Qos::ExactlyOnce ? PacketType::Pubrec : PacketType::Puback, id));
    }

    QSet<PacketId> m_held;
};

/// The numbers in the order of their first occurrence.
QList<int> firsts(const QList<int> &numbers)
{
    QList<int> list;
    QSet<int> seen;
    for (const int number : numbers) {
        if (!seen.contains(number))
            list.append(number);
        seen.insert(number);
    }
    return list;
}

} // namespace

class BrokerModelTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void loses_and_doubles_nothing_under_cuts_data()
    {
        QTest::addColumn<Version>("version");
        QTest::addColumn<int>("receiveMaximum");
        QTest::addColumn<Qos>("qos");
        for (const Version version : {Version::V311, Version::V5}) {
            for (const int receiveMaximum : {1, 3, 65'535}) {
                for (const Qos qos : {Qos::AtLeastOnce, Qos::ExactlyOnce})
                    QTest::addRow("v%d rm %d qos %d", int(version), receiveMaximum, int(qos))
                        << version << receiveMaximum << qos;
            }
        }
    }
    // MQTT-4.6.0-5, -6, v3:MQTT-4.1.0-1, v3:MQTT-4.3.2-1, v3:MQTT-4.3.3-1, -2, v3:MQTT-4.6.0-5, -6
    void loses_and_doubles_nothing_under_cuts()
    {
        QFETCH(Version, version);
        QFETCH(int, receiveMaximum);
        QFETCH(Qos, qos);
        for (unsigned seed = 1; seed <= 6; ++seed) {
            run(version, quint16(receiveMaximum), qos, seed);
            if (QTest::currentTestFailed()) {
                qWarning("seed %u", seed);
                return;
            }
        }
    }

    void survives_packets_that_make_no_sense()
    {
        const QByteArrayList golden{"101300044d5154540500003c05110000006400 0161",
                                    "100d00044d51545404 02003c000161",
                                    "300a0003612f620074657874",
                                    "320700016100010078",
                                    "340700016100010078",
                                    "350a0001610001 0323000178",
                                    "40020001",
                                    "5003000100",
                                    "62020001",
                                    "7003000192",
                                    "820700010000016101",
                                    "820e0001000009247368617265 2f672f2302",
                                    "a20600010000 0161",
                                    "c000",
                                    "e000",
                                    "e00104",
                                    "f000"};
        std::mt19937 random(3);
        BrokerWorld world({.receiveMaximum = 3, .maximumQueuedMessages = 5, .maximumSubscriptions = 3});
        std::vector<Peer> peers;
        for (int i = 0; i < 10'000; ++i) {
            if (peers.size() < 6) {
                const bool isV5 = random() % 2;
                peers.push_back(world.open(isV5 ? Version::V5 : Version::V311));
                peers.back().sendBytes(golden[isV5 ? 0 : 1]);
            }
            const std::size_t which = random() % peers.size();
            if (!peers[which].isOpen()) {
                peers.erase(peers.begin() + std::ptrdiff_t(which));
                continue;
            }
            QByteArray bytes = QByteArray::fromHex(golden[int(random() % unsigned(golden.size()))]);
            if (random() % 3 == 0)
                bytes[int(random() % unsigned(bytes.size()))] = char(random());
            peers[which].sendBytes(bytes.toHex());
            if (random() % 50 == 0 && peers[which].isOpen())
                peers[which].cut();
            world.runTo(i / 10.0);
            QVERIFY(!QTest::currentTestFailed());
        }
        for (const Peer &peer : peers) {
            if (peer.isOpen())
                world.event(ConnectionClosed{peer.link()});
        }
        QCOMPARE(world.broker.connectedSessions, 0);
        QVERIFY(world.broker.connections.empty());
        world.runTo(1e10);
        QCOMPARE(world.broker.queuedMessages, queuedIn(world));
    }

private:
    static constexpr int messages = 120;

    static qsizetype queuedIn(const BrokerWorld &world)
    {
        qsizetype count = 0;
        for (const auto &session : world.broker.sessions)
            count += session->messagesOrNone().queue.size();
        return count;
    }

    static void run(Version version, quint16 receiveMaximum, Qos qos, unsigned seed)
    {
        std::mt19937 random(seed);
        BrokerWorld world({.receiveMaximum = 5});
        Hello hello{.id = "S", .sei = sessionNeverExpires, .version = version, .rm = receiveMaximum};
        world.connected({.id = "S", .cs = false, .sei = sessionNeverExpires, .version = version}).subscribe(1, "t", 2);
        hello.cs = false;
        ModelSubscriber subscriber(world, hello);
        ModelPublisher publisher(world, {.id = "P", .cs = false, .sei = sessionNeverExpires, .version = version});
        int sent = 0;
        for (int i = 0; i < 100'000 && (sent < messages || !isQuiet(world, publisher)); ++i) {
            ModelClient &one = random() % 2 ? static_cast<ModelClient &>(publisher) : subscriber;
            const auto action = random() % 100;
            if (!one.isConnected())
                one.connect();
            else if (action < 4)
                one.cut();
            else if (action < 20 && sent < messages && publisher.open() < 5 && publisher.isConnected())
                publisher.publish(qos, sent++);
            else
                one.handleOne();
            for (ModelClient *client :
                 {static_cast<ModelClient *>(&publisher), static_cast<ModelClient *>(&subscriber)}) {
                if (client->isConnected())
                    client->fetch();
            }
        }
        QList<int> all(messages);
        std::iota(all.begin(), all.end(), 0);
        QCOMPARE(qos == Qos::ExactlyOnce ? subscriber.delivered : firsts(subscriber.delivered), all);
        QVERIFY(isQuiet(world, publisher));
        QCOMPARE(world.session("P")->messagesOrNone().inbox.heldCount(), 0);
        QCOMPARE(world.broker.queuedMessages, 0);
    }

    static bool isQuiet(const BrokerWorld &world, const ModelPublisher &publisher)
    {
        return publisher.isDone() && world.session("S")->messagesOrNone().isEmpty();
    }
};

QTEST_APPLESS_MAIN(BrokerModelTest)
#include "tst_broker_model.moc"
