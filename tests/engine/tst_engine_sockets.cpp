// The engine on real sockets: a free port of 127.0.0.1, bounded waits, and raw bytes at the other end.
#include "tests/engine/listening.h"
#include "tests/net/certificates.h"

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
    void resumes_a_session_after_a_reset_data()
    {
        QTest::addColumn<QString>("url");
        for (const char *scheme : {"mqtt", "mqtts", "ws", "wss"})
            QTest::newRow(scheme) << QLatin1String(scheme) + QStringLiteral("://127.0.0.1:0");
    }

    // MQTT-6.0.0-2, v3:MQTT-6.0.0-2
    void resumes_a_session_after_a_reset()
    {
        QFETCH(QString, url);
        Endpoint at = *parseEndpoint(url);
        at.tls = serverTls();
        Listening lab({}, at);
        lab.endpoint.tls = clientTls();
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

    void cuts_as_the_transport_can_data()
    {
        QTest::addColumn<QString>("url");
        QTest::addColumn<CloseHow>("how");
        QTest::addColumn<QString>("told");
        const auto row = [](const char *url, CloseHow how, const char *told) {
            QTest::newRow(qPrintable(QLatin1String(url) + u' ' + closeText(how)))
                << QString(QLatin1String(url) + QStringLiteral("://127.0.0.1:0")) << how << QString::fromLatin1(told);
        };
        row("mqtts", CloseHow::WithoutCloseNotify, "without close_notify");
        row("wss", CloseHow::WithoutCloseNotify, "without a WebSocket close frame");
        row("ws", CloseHow::webSocket(1001), "WebSocket close 1001 (going away)");
        row("wss", CloseHow::webSocket(1011), "WebSocket close 1011 (internal error)");
        row("ws", CloseHow::WithoutCloseNotify, "");
        row("mqtts", CloseHow::webSocket(1001), "");
    }

    void cuts_as_the_transport_can()
    {
        QFETCH(QString, url);
        QFETCH(CloseHow, how);
        QFETCH(QString, told);
        Endpoint at = *parseEndpoint(url);
        at.tls = serverTls();
        Listening lab({}, at);
        lab.endpoint.tls = clientTls();
        const ClientKey key = lab.addConnected("door");
        QTRY_VERIFY_WITH_TIMEOUT(lab.isConnected(key), limit);
        lab.engine->submit(CutLink{key, how});
        const auto saw = [&lab](const auto &is) { return std::ranges::any_of(lab.records, is); };
        if (told.isEmpty()) {
            const auto isRefused = [](const TraceRecord &record) {
                const auto *note = std::get_if<ClientNote>(&record.what);
                return note && std::holds_alternative<CommandRefused>(note->effect);
            };
            QTRY_VERIFY_WITH_TIMEOUT(saw(isRefused), limit);
            QVERIFY(lab.isConnected(key));
            return;
        }
        const auto isTold = [&told](const TraceRecord &record) {
            const auto *link = std::get_if<LinkTrace>(&record.what);
            return link && record.role == Role::Broker && link->change == LinkChange::ClosedByPeer &&
                   link->detail == told;
        };
        QTRY_VERIFY_WITH_TIMEOUT(saw(isTold), limit);
        lab.engine->submit(ClientDo{key, ReconnectCommand{}});
        QTRY_VERIFY_WITH_TIMEOUT(lab.isConnected(key) && lab.client(key)->connack->sessionPresent, limit);
    }

    // A fault that waits for its packet ends the connection in the same way.
    void cuts_at_a_packet_without_close_notify()
    {
        Endpoint at = *parseEndpoint(QStringLiteral("mqtts://127.0.0.1:0"));
        at.tls = serverTls();
        Listening lab({}, at);
        lab.endpoint.tls = clientTls();
        const ClientKey key = lab.addConnected("door");
        QTRY_VERIFY_WITH_TIMEOUT(lab.isConnected(key), limit);
        const PacketMatch publish{.direction = Direction::Sent, .type = PacketType::Publish};
        lab.engine->submit(ArmFault{key, {publish, CutFault{.afterBytes = 5, .how = CloseHow::WithoutCloseNotify}}});
        Message message;
        message.topic = "t";
        message.qos = Qos::AtLeastOnce;
        message.payload = QByteArray(100, 'x');
        lab.engine->submit(ClientDo{key, PublishCommand{message}});
        QTRY_VERIFY_WITH_TIMEOUT(std::ranges::any_of(lab.records,
                                                     [](const TraceRecord &record) {
                                                         const auto *link = std::get_if<LinkTrace>(&record.what);
                                                         return link && record.role == Role::Broker &&
                                                                link->detail == u"without close_notify";
                                                     }),
                                 limit);
        lab.engine->submit(ClientDo{key, ReconnectCommand{}});
        QTRY_VERIFY_WITH_TIMEOUT(lab.isConnected(key) && lab.client(key)->sentTotal == 0, limit);
        QCOMPARE(lab.view.broker.counters.messagesReceived, quint64(1));
    }

    void closes_what_is_over_the_limit_of_pending_connections_data() { resumes_a_session_after_a_reset_data(); }
    void closes_what_is_over_the_limit_of_pending_connections()
    {
        QFETCH(QString, url);
        Endpoint at = *parseEndpoint(url);
        at.tls = serverTls();
        BrokerConfig config;
        config.maximumPendingConnections = 1;
        Listening lab({}, at, config);
        QTcpSocket first;
        QTcpSocket second;
        for (QTcpSocket *socket : {&first, &second}) {
            socket->connectToHost(lab.endpoint.host, lab.endpoint.port);
            QVERIFY(socket->waitForConnected(limit));
        }
        QTRY_VERIFY_WITH_TIMEOUT(second.state() == QAbstractSocket::UnconnectedState, limit);
        QCOMPARE(first.state(), QAbstractSocket::ConnectedState);
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
