// The engine on real sockets: a free port of 127.0.0.1, bounded waits, and raw bytes at the other end.
#include "tests/engine/listening.h"

#include <QTcpSocket>

using namespace sessionscope;
using namespace std::chrono_literals;

namespace {

QByteArray connectBytes(const QByteArray &clientId)
{
    ConnectPacket connect;
    connect.clientId = clientId;
    connect.properties.add(PropertyId::SessionExpiryInterval, 300);
    return encode(Packet{connect, {}}, Version::V5);
}

} // namespace

class TestEngineSockets : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void resumes_a_session_after_a_reset()
    {
        Listening lab;
        const ClientKey key = lab.addConnected("door");
        QTRY_VERIFY_WITH_TIMEOUT(lab.isConnected(key), limit);
        SubscriptionOptions options;
        options.maximumQos = Qos::ExactlyOnce;
        lab.engine->submit(ClientDo{key, SubscribeCommand{{{"t", options}}, {}}});
        QTRY_VERIFY_WITH_TIMEOUT(lab.client(key)->subscriptions.size() == 1, limit);
        lab.engine->submit(CutLink{key, CloseHow::Reset});
        QTRY_VERIFY_WITH_TIMEOUT(!lab.isConnected(key) && lab.view.broker.connectedTotal == 0, limit);
        const ClientKey other = lab.addConnected("backend");
        QTRY_VERIFY_WITH_TIMEOUT(lab.isConnected(other), limit);
        Message message;
        message.topic = "t";
        message.payload = "go";
        message.qos = Qos::ExactlyOnce;
        lab.engine->submit(ClientDo{other, PublishCommand{message}});
        QTRY_VERIFY_WITH_TIMEOUT(lab.view.broker.queuedTotal == 1, limit);
        lab.engine->submit(ClientDo{key, ReconnectCommand{}});
        QTRY_VERIFY_WITH_TIMEOUT(lab.isConnected(key) && lab.client(key)->delivered == 1, limit);
        QVERIFY(lab.client(key)->connack->sessionPresent);
        QCOMPARE(lab.client(key)->record->resumedTimes, 1u);
    }

    void reports_a_port_where_nobody_listens()
    {
        Listening lab;
        Endpoint closed = lab.endpoint;
        {
            Listening other;
            closed = other.endpoint;
        }
        const ClientKey key = lab.engine->newClientKey();
        lab.engine->submit(AddClient{key, "door", closed, {}});
        lab.engine->submit(ClientDo{key, ConnectCommand{}});
        const auto hasFailed = [&lab] {
            return std::any_of(lab.records.begin(), lab.records.end(), [](const TraceRecord &record) {
                const auto *link = std::get_if<LinkTrace>(&record.what);
                return link && link->change == LinkChange::Failed && !link->detail.isEmpty();
            });
        };
        QTRY_VERIFY_WITH_TIMEOUT(hasFailed(), limit);
    }

    void disconnects_strangers_with_8b_when_it_ends()
    {
        Listening lab;
        QTcpSocket socket;
        socket.connectToHost(lab.endpoint.host, lab.endpoint.port);
        QVERIFY(socket.waitForConnected(limit));
        socket.write(connectBytes("stranger"));
        QTRY_VERIFY_WITH_TIMEOUT(lab.view.broker.connectedTotal == 1, limit);
        socket.readAll();
        lab.engine.reset();
        QByteArray rest;
        while (socket.state() == QAbstractSocket::ConnectedState && socket.waitForReadyRead(limit))
            rest += socket.readAll();
        rest += socket.readAll();
        QVERIFY2(rest.endsWith(QByteArray("\xE0\x01\x8B", 3)), rest.toHex().constData());
    }

    void serves_the_others_while_one_never_reads()
    {
        Listening lab(EngineOptions{TraceLevel::Counters, {}});
        QTcpSocket deaf;
        deaf.setReadBufferSize(1);
        deaf.connectToHost(lab.endpoint.host, lab.endpoint.port);
        QVERIFY(deaf.waitForConnected(limit));
        SubscribePacket subscribe;
        subscribe.packetId = PacketId{1};
        subscribe.entries.append(SubscribePacket::Entry{"t", {}});
        deaf.write(connectBytes("deaf") + encode(Packet{subscribe, {}}, Version::V5));
        QTRY_VERIFY_WITH_TIMEOUT(
            lab.view.broker.connectedTotal == 1 && lab.view.broker.sessions.first().subscriptionsTotal == 1, limit);
        const ClientKey key = lab.addConnected("busy");
        QTRY_VERIFY_WITH_TIMEOUT(lab.isConnected(key), limit);
        Message message;
        message.topic = "t";
        message.payload = QByteArray(500'000, 'x');
        message.qos = Qos::AtLeastOnce;
        for (int i = 0; i < 100; ++i)
            lab.engine->submit(ClientDo{key, PublishCommand{message}});
        const auto isBlocked = [&lab] {
            return std::any_of(lab.records.begin(), lab.records.end(), [](const TraceRecord &record) {
                return std::holds_alternative<FindingTrace>(record.what) && record.role == Role::Broker;
            });
        };
        QTRY_VERIFY_WITH_TIMEOUT(isBlocked() && lab.client(key)->sentTotal == 0 && lab.client(key)->neverSentTotal == 0,
                                 limit);
        QTRY_COMPARE_WITH_TIMEOUT(lab.view.broker.counters.messagesReceived, quint64(100), limit);
        QVERIFY(lab.view.broker.counters.messagesDropped > 0);
    }

    void refuses_garbage_and_goes_on()
    {
        Listening lab;
        QTcpSocket socket;
        socket.connectToHost(lab.endpoint.host, lab.endpoint.port);
        QVERIFY(socket.waitForConnected(limit));
        // Long enough to be cut into a frame: "G" and "E" read as a PUBACK of 69 bytes.
        socket.write("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: a browser that took the wrong door\r\n\r\n");
        QTRY_VERIFY_WITH_TIMEOUT(socket.state() == QAbstractSocket::UnconnectedState, limit);
        const ClientKey key = lab.addConnected("door");
        QTRY_VERIFY_WITH_TIMEOUT(lab.isConnected(key), limit);
        const auto refusal = std::find_if(lab.records.begin(), lab.records.end(), [](const TraceRecord &record) {
            const auto *note = std::get_if<BrokerNote>(&record.what);
            return note && std::holds_alternative<BrokerRefused>(note->effect);
        });
        QVERIFY(refusal != lab.records.end());
    }
};

QTEST_GUILESS_MAIN(TestEngineSockets)
#include "tst_engine_sockets.moc"
