// Outbox against Inbox over a link that breaks at random: the promises of QoS 1 and 2 hold whatever is lost, and
// neither end ever sees what a conforming other end could not have sent. Every run is named by its seed.
#include "core/session/inbox.h"
#include "core/session/outbox.h"

#include <QTest>

#include <deque>
#include <map>
#include <random>

using namespace sessionscope;

namespace {

struct Sent
{
    PacketType type = PacketType::Publish;
    PacketId id;
    quint64 message = 0; ///< of PUBLISH
    Qos qos = Qos::AtLeastOnce;
    ReasonCode reason = ReasonCode::Success;
};

class Handshakes
{
public:
    explicit Handshakes(unsigned seed) : m_random(seed) { reconnect(); }

    void run(int steps)
    {
        for (int i = 0; i < steps; ++i) {
            const unsigned dice = m_random() % 100;
            if (dice < 40)
                deliver(m_toReceiver);
            else if (dice < 80)
                deliver(m_toSender);
            else if (dice < 99)
                publish();
            else
                reconnect();
        }
        while (!m_toReceiver.empty() || !m_toSender.empty()) {
            deliver(m_toReceiver);
            deliver(m_toSender);
        }
    }

    void publish()
    {
        if (!m_outbox.canSend())
            return;
        const Qos qos = m_random() % 2 ? Qos::AtLeastOnce : Qos::ExactlyOnce;
        const quint64 message = ++m_lastMessage;
        const OpenExchange &row = m_outbox.open({std::make_shared<Message>(), qos, false, {}}, message, {});
        m_toReceiver.push_back({PacketType::Publish, row.packetId, message, qos});
    }

    void reconnect()
    {
        m_toReceiver.clear();
        m_toSender.clear();
        m_maximum = 1 + m_random() % 100;
        m_outbox.disconnected();
        m_outbox.connected(m_maximum);
        m_inbox.connected(m_maximum);
        resend();
    }

    void resend()
    {
        while (const OpenExchange *row = m_outbox.nextResend()) {
            const bool release = row->stage == OutStage::AwaitPubcomp;
            m_toReceiver.push_back(
                {release ? PacketType::Pubrel : PacketType::Publish, row->packetId, row->token, row->delivery.qos});
        }
    }

    void deliver(std::deque<Sent> &wire)
    {
        if (wire.empty())
            return;
        const Sent packet = wire.front();
        wire.pop_front();
        if (&wire == &m_toSender)
            acknowledged(packet);
        else if (packet.type == PacketType::Pubrel)
            released(packet);
        else
            published(packet);
    }

    void acknowledged(const Sent &packet)
    {
        const AckOutcome outcome = m_outbox.acknowledge(packet.type, packet.id, packet.reason);
        wrong += outcome.what == AckOutcome::What::WrongType || outcome.what == AckOutcome::What::Unmatched;
        if (outcome.pubrel)
            m_toReceiver.push_back({PacketType::Pubrel, packet.id});
        if (outcome.what == AckOutcome::What::Completed)
            ++completed[outcome.token];
        resend();
    }

    void published(const Sent &packet)
    {
        const bool twice = packet.qos == Qos::ExactlyOnce;
        const auto arrival = twice ? m_inbox.arrivedQos2(packet.id, {}, {}) : m_inbox.arrivedQos1(packet.id);
        wrong += arrival == Inbox::Arrival::OverQuota;
        const bool refuses = arrival == Inbox::Arrival::New && m_random() % 20 == 0;
        if (refuses)
            ++refused[packet.message];
        else if (arrival == Inbox::Arrival::New)
            handOn(packet);
        if (twice && refuses)
            m_inbox.refused(packet.id);
        if (!twice)
            m_inbox.answeredQos1(packet.id);
        m_toSender.push_back({twice ? PacketType::Pubrec : PacketType::Puback, packet.id, 0, packet.qos,
                              refuses ? ReasonCode::QuotaExceeded : ReasonCode::Success});
    }

    void handOn(const Sent &packet)
    {
        if (++delivered[packet.message] > 1)
            return;
        quint64 &last = m_lastDelivered[packet.qos];
        disordered += packet.message < last && !refused.contains(packet.message);
        last = packet.message;
        if (packet.qos == Qos::ExactlyOnce)
            exactlyOnce.push_back(packet.message);
    }

    void released(const Sent &packet)
    {
        const bool held = m_inbox.released(packet.id);
        m_toSender.push_back({PacketType::Pubcomp, packet.id, 0, packet.qos,
                              held ? ReasonCode::Success : ReasonCode::PacketIdentifierNotFound});
    }

    bool isQuiet() const { return m_outbox.isEmpty() && m_inbox.heldCount() == 0 && m_inbox.openOnConnection() == 0; }
    bool hasWholeQuota() const { return m_outbox.quota() == m_maximum; }
    quint64 messages() const { return m_lastMessage; }

    std::map<quint64, int> delivered;
    std::map<quint64, int> refused;
    std::map<quint64, int> completed;
    std::vector<quint64> exactlyOnce;
    int wrong = 0;
    int disordered = 0;

private:
    std::mt19937 m_random;
    Outbox m_outbox;
    Inbox m_inbox;
    std::deque<Sent> m_toReceiver;
    std::deque<Sent> m_toSender;
    std::map<Qos, quint64> m_lastDelivered;
    quint64 m_lastMessage = 0;
    quint32 m_maximum = 0;
};

} // namespace

class HandshakesTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void keep_their_promises_over_a_link_that_breaks_data()
    {
        QTest::addColumn<unsigned>("seed");
        for (unsigned seed = 1; seed <= 20; ++seed)
            QTest::addRow("seed %u", seed) << seed;
    }
    // MQTT-4.3.2-3, MQTT-4.3.3-3, -5, -10, -11, -12
    void keep_their_promises_over_a_link_that_breaks()
    {
        QFETCH(unsigned, seed);
        Handshakes world{seed};
        world.run(20'000);

        QVERIFY(world.messages() > 1'000);
        QCOMPARE(world.wrong, 0);
        QCOMPARE(world.disordered, 0);
        QVERIFY(world.isQuiet());
        QVERIFY(world.hasWholeQuota());
        for (quint64 message = 1; message <= world.messages(); ++message) {
            QCOMPARE(world.completed[message], 1);
            QVERIFY(world.delivered[message] + world.refused[message] >= 1);
        }
        for (const quint64 message : world.exactlyOnce)
            QCOMPARE(world.delivered[message], 1);
    }
};

QTEST_APPLESS_MAIN(HandshakesTest)
#include "tst_handshakes.moc"
