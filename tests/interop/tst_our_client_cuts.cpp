// Our client engine against other people's brokers when the connection breaks in the middle of an exchange: each packet
// of a QoS 1 and a QoS 2 exchange is lost once, in either direction, and the session that is resumed has to end it.
#include "tests/interop/desk.h"
#include "tests/interop/foreign_broker.h"
#include "tests/interop/relay.h"

#include <QTest>

using namespace sessionscope;
using namespace sessionscope::interop;
using namespace Qt::StringLiterals;

class OurClientCuts : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void completes_what_it_published_data() { lostPackets(Sender::Client); }
    void completes_what_it_published();
    void completes_what_it_received_data() { lostPackets(Sender::Server); }
    void completes_what_it_received();

private:
    /// Every packet of an exchange whose PUBLISH this end sends, for every broker.
    static void lostPackets(Sender publisher);

    ForeignBrokers m_brokers;
};

void OurClientCuts::lostPackets(Sender publisher)
{
    QTest::addColumn<Maker>("maker");
    QTest::addColumn<Version>("version");
    QTest::addColumn<Qos>("qos");
    QTest::addColumn<Sender>("from");
    QTest::addColumn<PacketType>("lost");
    for (const auto &[broker, maker, version] : {std::tuple{"mosquitto 3.1", Maker::Mosquitto, Version::V31},
                                                 std::tuple{"mosquitto 3.1.1", Maker::Mosquitto, Version::V311},
                                                 std::tuple{"mosquitto 5.0", Maker::Mosquitto, Version::V5},
                                                 std::tuple{"aedes 3.1", Maker::Aedes, Version::V31},
                                                 std::tuple{"aedes 3.1.1", Maker::Aedes, Version::V311}}) {
        for (const auto &[qos, byPublisher, lost] : {std::tuple{Qos::AtLeastOnce, true, PacketType::Publish},
                                                     std::tuple{Qos::AtLeastOnce, false, PacketType::Puback},
                                                     std::tuple{Qos::ExactlyOnce, true, PacketType::Publish},
                                                     std::tuple{Qos::ExactlyOnce, false, PacketType::Pubrec},
                                                     std::tuple{Qos::ExactlyOnce, true, PacketType::Pubrel},
                                                     std::tuple{Qos::ExactlyOnce, false, PacketType::Pubcomp}}) {
            QTest::addRow("%s, QoS %d, %s", broker, int(qos), packetTypeName(lost))
                << maker << version << qos << (byPublisher ? publisher : other(publisher)) << lost;
        }
    }
}

/// The packet with which an exchange goes on after this one was lost: PUBLISH before PUBREC arrived, PUBREL from then
/// on.
static PacketType resentAfter(PacketType lost)
{
    return lost == PacketType::Pubrel || lost == PacketType::Pubcomp ? PacketType::Pubrel : PacketType::Publish;
}

void OurClientCuts::completes_what_it_published()
{
    QFETCH(Maker, maker);
    QFETCH(Version, version);
    QFETCH(Qos, qos);
    QFETCH(Sender, from);
    QFETCH(PacketType, lost);
    if (const auto lack = ForeignBroker::missing(maker); !lack.isEmpty())
        QSKIP(qPrintable(lack));
    const auto *broker = m_brokers.get(maker);
    QVERIFY(broker);
    Relay relay(broker->endpoint());
    Desk desk;
    const auto topic = fresh("open");
    const auto watcher = desk.add("watcher", broker->endpoint());
    desk.tell(watcher, ConnectCommand{connectPacket(version, Session::EndsWithConnection, fresh("watcher"))});
    QTRY_VERIFY(desk.isConnected(watcher));
    desk.tell(watcher, subscribe(topic));
    const auto device = desk.add("device", relay.endpoint());
    desk.tell(device, ConnectCommand{connectPacket(version, Session::Kept, fresh("device"))});
    QTRY_VERIFY(desk.isConnected(device));
    // A session without a subscription is none to aedes: see tst_our_client.
    desk.tell(device, subscribe(fresh("unused")));
    QTRY_COMPARE(desk.answered(watcher) + desk.answered(device), 2);

    relay.cutAt(from, lost);
    desk.tell(device, publish(topic, "once", qos));
    QTRY_COMPARE(desk.connection(device), ClientConnection::Closed);
    QVERIFY(relay.hasCut());
    QCOMPARE(desk.open(device), 1);
    desk.tell(device, ReconnectCommand{});
    QTRY_COMPARE(desk.open(device), 0);
    if (version != Version::V31)
        QCOMPARE(desk.sessionPresent(device), 1);

    const auto first = relay.packets(0, Sender::Client, PacketType::Publish).value(0);
    const auto resent = relay.packets(1, Sender::Client, resentAfter(lost));
    QCOMPARE(resent.size(), 1);
    QCOMPARE(packetIdOf(resent[0]), packetIdOf(first));
    if (const auto *again = resent[0].as<PublishPacket>())
        QVERIFY(again->dup);
    else
        QVERIFY(relay.packets(1, Sender::Client, PacketType::Publish).isEmpty());

    // What follows on the same topic comes after it: nothing can arrive late unseen.
    desk.tell(device, publish(topic, "after", qos));
    QTRY_COMPARE(desk.delivered(watcher, "after"), 1);
    QCOMPARE(desk.delivered(watcher, "once"), lost == PacketType::Puback ? 2 : 1);
}

void OurClientCuts::completes_what_it_received()
{
    QFETCH(Maker, maker);
    QFETCH(Version, version);
    QFETCH(Qos, qos);
    QFETCH(Sender, from);
    QFETCH(PacketType, lost);
    if (const auto lack = ForeignBroker::missing(maker); !lack.isEmpty())
        QSKIP(qPrintable(lack));
    const auto *broker = m_brokers.get(maker);
    QVERIFY(broker);
    Relay relay(broker->endpoint());
    Desk desk;
    const auto topic = fresh("open");
    const auto backend = desk.add("backend", broker->endpoint());
    desk.tell(backend, ConnectCommand{connectPacket(version, Session::EndsWithConnection, fresh("backend"))});
    const auto device = desk.add("device", relay.endpoint());
    desk.tell(device, ConnectCommand{connectPacket(version, Session::Kept, fresh("device"))});
    QTRY_VERIFY(desk.isConnected(device) && desk.isConnected(backend));
    desk.tell(device, subscribe(topic));
    QTRY_COMPARE(desk.answered(device), 1);

    relay.cutAt(from, lost);
    desk.tell(backend, publish(topic, "once", qos));
    QTRY_COMPARE(desk.connection(device), ClientConnection::Closed);
    QVERIFY(relay.hasCut());
    desk.tell(device, ReconnectCommand{});
    const int expected = lost == PacketType::Puback ? 2 : 1;
    QTRY_COMPARE(desk.delivered(device, "once"), expected);
    // aedes answers two PUBRECs that it reads at once with the PUBREL of one of them twice, against v3:MQTT-4.3.3-1: so
    // the next message has to wait.
    const auto last = qos == Qos::ExactlyOnce ? PacketType::Pubcomp : PacketType::Puback;
    QTRY_COMPARE(relay.packets(1, Sender::Client, last).size(), 1);
    desk.tell(backend, publish(topic, "after", qos));
    QTRY_COMPARE(desk.delivered(device, "after"), 1);
    QCOMPARE(desk.delivered(device, "once"), expected);
    QTRY_COMPARE(desk.client(device)->heldTotal, 0);

    const auto first = relay.packets(0, Sender::Server, PacketType::Publish).value(0);
    const auto resent = relay.packets(1, Sender::Server, resentAfter(lost));
    QVERIFY(!resent.isEmpty());
    QCOMPARE(packetIdOf(resent[0]), packetIdOf(first));
    // aedes never sets DUP, against v3:MQTT-3.3.1-1.
    if (const auto *again = resent[0].as<PublishPacket>())
        QCOMPARE(again->dup, maker != Maker::Aedes);
}

QTEST_GUILESS_MAIN(OurClientCuts)
#include "tst_our_client_cuts.moc"
