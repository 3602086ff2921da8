// A broker that cannot be looked into is held to what its clients see. Faults on the clients' links and a lost store
// stand in for a broker that does wrong; without them nothing is found.
#include "core/scenario/stranger_watch.h"

#include "core/lab/virtual_driver.h"

#include <QTest>

using namespace sessionscope;
using namespace std::chrono_literals;

namespace {

constexpr ClientKey door{1};
constexpr ClientKey backend{2};

/// A lab whose broker's end is not looked at.
class Desk
{
public:
    Desk() : m_endpoint(*m_driver.listen())
    {
        m_driver.submit(AddClient{door, "door", m_endpoint});
        m_driver.submit(AddClient{backend, "backend", m_endpoint});
    }

    void give(const LabCommand &command)
    {
        m_driver.submit(command);
        look();
    }
    void connect(ClientKey key, const QByteArray &clientId)
    {
        ConnectPacket packet;
        packet.clientId = clientId;
        packet.cleanStart = false;
        packet.properties.add(PropertyId::SessionExpiryInterval, quint32(3600));
        give(ClientDo{key, ConnectCommand{packet}});
    }
    void publish(const QByteArray &payload, Qos qos)
    {
        give(ClientDo{backend, PublishCommand{{.topic = "cmd/open", .payload = payload, .qos = qos}}});
    }
    void begin(Qos qos)
    {
        connect(door, "door");
        give(ClientDo{door, SubscribeCommand{{{"cmd/#", {.maximumQos = qos}}}, {}}});
        connect(backend, "backend");
    }
    void resume()
    {
        give(CutLink{door});
        give(ClientDo{door, ReconnectCommand{}});
    }
    /// Of what the door receives; cleared again by disarm.
    void arm(PacketType type, const FaultKind &kind)
    {
        give(ArmFault{door, {.match = {.direction = Direction::Received, .type = type}, .kind = kind}});
    }
    /// A record that no lab made.
    void tell(TraceEvent what)
    {
        const TraceSeq seq{m_seen.value + 1'000'000};
        m_watch.look({.seq = seq, .at = m_driver.now(), .role = Role::Client, .client = door, .what = std::move(what)});
    }
    std::vector<Invariant> broken()
    {
        m_driver.advance(5s);
        look();
        std::vector<Invariant> all;
        for (const Breach &breach : m_watch.breaches())
            all.push_back(breach.invariant);
        for (const Breach &breach : m_watch.missing(m_driver.view()))
            all.push_back(breach.invariant);
        return all;
    }

private:
    void look()
    {
        m_driver.runUntilQuiet();
        while (m_seen < m_driver.lab().trace.last()) {
            ++m_seen.value;
            m_watch.look(*m_driver.lab().trace.record(m_seen));
        }
    }

    VirtualDriver m_driver;
    Endpoint m_endpoint;
    StrangerWatch m_watch;
    TraceSeq m_seen;
};

using Play = void (*)(Desk &);
using Broken = std::vector<Invariant>;

void conforming(Desk &desk)
{
    desk.begin(Qos::ExactlyOnce);
    for (const Qos qos : {Qos::AtMostOnce, Qos::AtLeastOnce, Qos::ExactlyOnce})
        desk.publish("go", qos);
    desk.give(CutLink{door});
    desk.publish("again", Qos::ExactlyOnce);
    desk.give(ClientDo{door, ReconnectCommand{}});
    // What the door answers behind this packet does not leave: the broker has to send it again.
    desk.arm(PacketType::Publish, CutFault{.moment = Moment::After});
    desk.publish("third", Qos::AtLeastOnce);
    desk.give(ClientDo{door, ReconnectCommand{}});
}

/// The backend loses its store between PUBREC and PUBREL: a broker may keep the message to itself.
void publisherForgets(Desk &desk)
{
    desk.begin(Qos::ExactlyOnce);
    desk.arm(PacketType::Publish, DropFault{});
    desk.give(ArmFault{backend,
                       {.match = {.direction = Direction::Received, .type = PacketType::Pubrec}, .kind = CutFault{}}});
    desk.publish("go", Qos::ExactlyOnce);
    desk.give(ClientDo{backend, ForgetCommand{}});
}

/// The same, but the backend keeps its store: the broker has taken the message over (MQTT-4.3.3-8).
void losesWhatItTook(Desk &desk)
{
    desk.begin(Qos::ExactlyOnce);
    desk.arm(PacketType::Publish, DropFault{});
    desk.give(ArmFault{backend,
                       {.match = {.direction = Direction::Received, .type = PacketType::Pubrec}, .kind = CutFault{}}});
    desk.publish("go", Qos::ExactlyOnce);
}

void losesItsStore(Desk &desk)
{
    desk.begin(Qos::AtLeastOnce);
    desk.give(RestartBroker{BrokerRestart::CrashLosingStore});
    desk.give(ClientDo{door, ReconnectCommand{}});
}

void losesAMessage(Desk &desk)
{
    desk.begin(Qos::AtLeastOnce);
    desk.arm(PacketType::Publish, DropFault{});
    desk.publish("go", Qos::AtLeastOnce);
}

void answersNothing(Desk &desk)
{
    desk.begin(Qos::AtLeastOnce);
    desk.give(ArmFault{backend,
                       {.match = {.direction = Direction::Received, .type = PacketType::Puback}, .kind = DropFault{}}});
    desk.publish("go", Qos::AtLeastOnce);
}

void sendsTwice(Desk &desk)
{
    desk.begin(Qos::ExactlyOnce);
    desk.arm(PacketType::Publish, DuplicateFault{});
    desk.publish("go", Qos::ExactlyOnce);
}

void sendsAgainWithoutDup(Desk &desk)
{
    desk.begin(Qos::ExactlyOnce);
    desk.give(ClientDo{door, HoldAcknowledgements{{PacketType::Pubrec}}});
    desk.publish("go", Qos::ExactlyOnce);
    desk.give(ClientDo{door, HoldAcknowledgements{}});
    desk.arm(PacketType::Publish, CorruptFault{.offset = 0, .mask = 0x08});
    desk.resume();
}

void sendsAnotherUnderTheSameId(Desk &desk)
{
    desk.begin(Qos::ExactlyOnce);
    desk.give(ClientDo{door, HoldAcknowledgements{{PacketType::Pubrec}}});
    desk.publish("go", Qos::ExactlyOnce);
    desk.give(ClientDo{door, HoldAcknowledgements{}});
    // The last byte but one of the topic: another topic that the door subscribes to.
    desk.arm(PacketType::Publish, CorruptFault{.offset = 8, .mask = 0x01});
    desk.resume();
}

void handsOnTwice(Desk &desk)
{
    desk.begin(Qos::ExactlyOnce);
    desk.publish("go", Qos::ExactlyOnce);
    desk.tell(ClientNote{
        MessageDelivered{{.topic = "cmd/open", .payload = "go", .packetId = PacketId{9}, .qos = Qos::ExactlyOnce}}});
}

void swapsTwo(Desk &desk)
{
    desk.begin(Qos::AtMostOnce);
    desk.give(CutLink{door});
    desk.publish("1", Qos::AtMostOnce);
    desk.publish("2", Qos::AtMostOnce);
    for (const char *payload : {"2", "1"})
        desk.tell(ClientNote{MessageDelivered{{.topic = "cmd/open", .payload = payload}}});
}

} // namespace

class StrangerWatchTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void finds_what_clients_can_see_data()
    {
        QTest::addColumn<Play>("play");
        QTest::addColumn<Broken>("broken");
        using enum Invariant;
        QTest::newRow("conforming") << Play(conforming) << Broken{};
        QTest::newRow("publisher forgets") << Play(publisherForgets) << Broken{};
        QTest::newRow("loses what it took") << Play(losesWhatItTook) << Broken{AtLeastOnce};
        QTest::newRow("loses its store") << Play(losesItsStore) << Broken{SessionPresent};
        QTest::newRow("loses a message") << Play(losesAMessage) << Broken{AtLeastOnce};
        QTest::newRow("answers nothing") << Play(answersNothing) << Broken{NothingLeft};
        QTest::newRow("sends twice") << Play(sendsTwice) << Broken{NoResendWithoutReconnect};
        QTest::newRow("sends again without DUP") << Play(sendsAgainWithoutDup) << Broken{DupAndOriginalId};
        QTest::newRow("sends another under the same id") << Play(sendsAnotherUnderTheSameId) << Broken{PacketIds};
        QTest::newRow("hands on twice") << Play(handsOnTwice) << Broken{ExactlyOnce};
        QTest::newRow("swaps two") << Play(swapsTwo) << Broken{Order};
    }
    void finds_what_clients_can_see()
    {
        QFETCH(Play, play);
        QFETCH(Broken, broken);
        Desk desk;
        play(desk);
        const Broken found = desk.broken();
        QStringList names;
        for (const Invariant one : found)
            names << QString::fromLatin1(invariantText(one));
        if (broken.empty())
            QVERIFY2(found.empty(), qPrintable(names.join(u',')));
        else
            QVERIFY2(std::ranges::find(found, broken.front()) != found.end(), qPrintable(names.join(u',')));
    }
};

QTEST_GUILESS_MAIN(StrangerWatchTest)
#include "tst_stranger_watch.moc"
