// QoS 1 and 2 across cuts, and wills, at both ends. S-numbers are those of the scenario list.
#include "tests/lab/world.h"

#include <QTest>

using namespace sessionscope;
using namespace std::chrono_literals;

namespace {

const ConnectOptions resume{.cleanStart = false};

QStringList lines(std::initializer_list<const char *> list)
{
    QStringList result;
    for (const char *line : list)
        result.append(QString::fromUtf8(line));
    return result;
}

} // namespace

class TestHandshakes : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void resends_an_unacknowledged_publish_once_with_dup() // S-43
    {
        World world;
        const ClientKey p = world.addConnected("P");
        world.publishOnly(p, "t", Qos::AtLeastOnce, "x");
        world.cut(p);
        QVERIFY(world.connect(p, resume)->sessionPresent);
        QCOMPARE(world.lines(p, Direction::Sent), lines({"PUBLISH #1 QoS 1 DUP \"t\": \"x\""}));
        QCOMPARE(world.view(p).sentTotal, 0);
    }

    void resends_a_qos_2_publish_before_pubrec() // S-55
    {
        World world;
        const ClientKey p = world.addConnected("P");
        world.publishOnly(p, "t", Qos::ExactlyOnce, "x");
        world.cut(p);
        world.connect(p, resume);
        QCOMPARE(world.lines(p, Direction::Sent),
                 lines({"PUBLISH #1 QoS 2 DUP \"t\": \"x\"", "PUBREL #1 Success (0x00)"}));
    }

    void resends_pubrel_and_no_publish_after_pubrec() // S-56
    {
        World world;
        const ClientKey p = world.addConnected("P");
        world.publishOnly(p, "t", Qos::ExactlyOnce, "x");
        world.deliverFromClient(p);
        world.deliverToClient(p);
        QCOMPARE(world.view(p).sent.first().waitsFor, PacketType::Pubcomp);
        world.cut(p);
        world.connect(p, resume);
        QCOMPARE(world.lines(p, Direction::Sent), lines({"PUBREL #1 Success (0x00)"}));
        QCOMPARE(world.lines(p, Direction::Received), lines({"PUBCOMP #1 Success (0x00)"}));
    }

    void ends_a_release_that_the_broker_has_already_forgotten() // S-57
    {
        World world;
        const ClientKey p = world.addConnected("P");
        world.publishOnly(p, "t", Qos::ExactlyOnce, "x");
        world.deliverFromClient(p);
        world.deliverToClient(p);
        world.deliverFromClient(p);
        QCOMPARE(world.serverView("P")->heldTotal, 0);
        world.cut(p);
        world.connect(p, resume);
        QCOMPARE(world.lines(p, Direction::Sent), lines({"PUBREL #1 Success (0x00)"}));
        QCOMPARE(world.lines(p, Direction::Received), lines({"PUBCOMP #1 Packet Identifier not found (0x92)"}));
        QCOMPARE(world.view(p).sentTotal, 0);
    }

    void delivers_a_qos_2_message_once_although_pubrec_was_lost() // S-58
    {
        World world;
        const ClientKey s = world.addConnected("S");
        world.subscribe(s, "t", Qos::ExactlyOnce);
        const ClientKey p = world.addConnected("P");
        const TraceSeq before = world.lab().trace.last();
        world.publishOnly(p, "t", Qos::ExactlyOnce, "x");
        world.deliverFromClient(p);
        QCOMPARE(world.serverView("P")->heldTotal, 1);
        world.cut(p);
        world.connect(p, resume);
        QCOMPARE(world.lines(p, Direction::Received), lines({"PUBREC #1 Success (0x00)", "PUBCOMP #1 Success (0x00)"}));
        QVERIFY(before < world.lab().trace.last());
        QCOMPARE(world.view(s).delivered, quint64(1));
        QCOMPARE(world.serverView("P")->heldTotal, 0);
    }

    void keeps_qos_2_exactly_once_whatever_byte_the_cut_hits_data()
    {
        QTest::addColumn<int>("bytes");
        for (int bytes = 0; bytes < 24; ++bytes)
            QTest::addRow("after %d bytes each way", bytes) << bytes;
    }

    void keeps_qos_2_exactly_once_whatever_byte_the_cut_hits()
    {
        QFETCH(int, bytes);
        World world;
        const ClientKey s = world.addConnected("S");
        world.subscribe(s, "t", Qos::ExactlyOnce);
        const ClientKey p = world.addConnected("P");
        world.publishOnly(p, "t", Qos::ExactlyOnce, "payload");
        PipeNetwork &network = world.driver().network();
        // The publisher's bytes pass up to the cut; so do the broker's answers.
        for (int passed = 0; passed < bytes;) {
            const qsizetype there = network.deliver(world.linkOf(p), 1);
            const qsizetype back = network.deliver(world.serverLinkOf(p), 1);
            if (there + back == 0)
                break;
            passed += 1;
        }
        world.cut(p);
        QVERIFY(world.connect(p, resume)->sessionPresent);
        QCOMPARE(world.view(s).delivered, quint64(1));
        QCOMPARE(world.view(p).sentTotal, 0);
        QCOMPARE(world.serverView("P")->heldTotal, 0);
        QCOMPARE(world.serverView("S")->sentTotal, 0);
    }

    void publishes_the_will_when_it_is_due_data()
    {
        QTest::addColumn<quint32>("delay");
        QTest::addColumn<quint32>("expiry");
        QTest::addColumn<int>("dueAfter");
        QTest::newRow("S-91 no delay") << 0u << 60u << 0;
        QTest::newRow("S-92 delay within the session") << 10u << 60u << 10;
        QTest::newRow("S-93 the session ends first") << 60u << 10u << 10;
        QTest::newRow("S-94 the session ends at the close") << 10u << 0u << 0;
        QTest::newRow("S-104 both at once") << 10u << 10u << 10;
    }

    void publishes_the_will_when_it_is_due()
    {
        QFETCH(quint32, delay);
        QFETCH(quint32, expiry);
        QFETCH(int, dueAfter);
        World world;
        const ClientKey w = world.addConnected("W");
        world.subscribe(w, "w", Qos::AtMostOnce);
        const ClientKey a =
            world.addConnected("A", {.sessionExpiry = expiry, .will = World::will("w"), .willDelay = delay});
        world.mark();
        world.cut(a);
        if (dueAfter > 0) {
            world.advance(std::chrono::seconds(dueAfter) - 100ms);
            QCOMPARE(world.delivered(w), QList<QByteArray>{});
            world.advance(100ms);
        }
        QCOMPARE(world.delivered(w), QList<QByteArray>{"gone"});
        QCOMPARE(world.serverView("A").has_value(), expiry > quint32(dueAfter));
        world.advance(200s);
        QCOMPARE(world.delivered(w).size(), 1);
    }

    void cancels_a_waiting_will_when_the_session_is_resumed() // S-95
    {
        World world;
        const ClientKey w = world.addConnected("W");
        world.subscribe(w, "w", Qos::AtMostOnce);
        const ClientKey a = world.addConnected("A", {.sessionExpiry = 60, .will = World::will("w"), .willDelay = 10});
        world.cut(a);
        world.advance(5s);
        QVERIFY(world.connect(a, {.cleanStart = false, .sessionExpiry = 60})->sessionPresent);
        world.advance(1s);
        world.cut(a);
        world.advance(1h);
        QCOMPARE(world.view(w).delivered, quint64(0));
    }

    void publishes_a_waiting_will_when_a_clean_start_ends_its_session() // S-96
    {
        World world;
        const ClientKey w = world.addConnected("W");
        world.subscribe(w, "w", Qos::AtMostOnce);
        const ClientKey a = world.addConnected("A", {.sessionExpiry = 60, .will = World::will("w"), .willDelay = 10});
        world.cut(a);
        world.advance(5s);
        QVERIFY(!world.connect(a, {.cleanStart = true, .sessionExpiry = 60})->sessionPresent);
        QCOMPARE(world.view(w).delivered, quint64(1));
        world.advance(1h);
        QCOMPARE(world.view(w).delivered, quint64(1));
    }

    void keeps_a_waiting_will_over_a_refused_connect() // S-97
    {
        World world;
        const ClientKey w = world.addConnected("W");
        world.subscribe(w, "w", Qos::AtMostOnce);
        const ClientKey a = world.addConnected("A", {.sessionExpiry = 60, .will = World::will("w"), .willDelay = 10});
        world.cut(a);
        world.advance(5s);
        const ClientKey other = world.addClient("other");
        ConnectPacket refused;
        refused.clientId = "A";
        refused.properties.add(PropertyId::ReceiveMaximum, 0);
        world.mark();
        world.submit(ClientDo{other, ConnectCommand{refused}});
        QVERIFY(world.view(other).connection != ClientConnection::Connected);
        QCOMPARE(world.view(w).delivered, quint64(0));
        world.advance(4'900ms);
        QCOMPARE(world.view(w).delivered, quint64(0));
        world.advance(100ms);
        QCOMPARE(world.view(w).delivered, quint64(1));
    }

    void deletes_the_will_by_a_plain_disconnect() // S-98
    {
        World world;
        const ClientKey w = world.addConnected("W");
        world.subscribe(w, "w", Qos::AtMostOnce);
        const ClientKey a = world.addConnected("A", {.sessionExpiry = 60, .will = World::will("w"), .willDelay = 10});
        world.disconnect(a);
        world.advance(1h);
        QCOMPARE(world.view(w).delivered, quint64(0));
    }
};

QTEST_APPLESS_MAIN(TestHandshakes)
#include "tst_handshakes.moc"
