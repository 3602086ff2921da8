// Scenarios whose client proves its password by SCRAM-SHA-256, over sockets, to a server that knows it: what the file
// says, the secret that is handed in, AUTH both ways and the signature of the server.
#include "core/auth/scram_authenticator.h"
#include "core/engine/scenario_run.h"
#include "core/mqtt/framer.h"
#include "core/net/tcp_network.h"
#include "core/scenario/read_scenario.h"
#include "tests/auth/scram_server.h"

#include <QSignalSpy>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>

using namespace sessionscope;
using namespace std::chrono_literals;

namespace {

constexpr int limit = 10'000; // milliseconds

/// Of an AUTH or CONNECT.
QByteArray dataOf(const Properties &properties)
{
    return properties.bytes(PropertyId::AuthenticationData).value_or(QByteArray());
}

/// As much of an MQTT 5 server as an authentication needs, one connection at a time.
class ScramBroker : public QObject
{
public:
    /// Signature of the server's own, or what it says instead.
    explicit ScramBroker(QByteArray forged = {}) : m_forged(std::move(forged))
    {
        connect(&m_server, &QTcpServer::newConnection, this, [this] {
            m_socket = m_server.nextPendingConnection();
            m_framer = Framer();
            connect(m_socket, &QTcpSocket::readyRead, this, [this] { read(); });
        });
        m_server.listen(QHostAddress::LocalHost);
    }
    quint16 port() const { return m_server.serverPort(); }
    const QList<PacketType> &received() const { return m_received; }

private:
    void read()
    {
        m_framer.append(m_socket->readAll());
        for (;;) {
            const Framer::Next next = m_framer.next();
            const auto *frame = std::get_if<QByteArray>(&next);
            if (!frame)
                return;
            const auto packet = decode(*frame, Version::V5);
            if (!packet)
                return m_socket->abort();
            m_received << packet->type();
            take(*packet);
        }
    }

    void take(const Packet &packet)
    {
        if (const auto *connect = packet.as<ConnectPacket>()) {
            m_isConnected = false;
            // Who tidies up after a run has no password.
            if (!connect->properties.bytes(PropertyId::AuthenticationMethod))
                return send(ConnackPacket{});
            m_scram = std::make_unique<ScramServer>("plant", "pencil");
            goOn(dataOf(connect->properties));
        } else if (const auto *auth = packet.as<AuthPacket>()) {
            if (auth->reason == ReasonCode::ReAuthenticate)
                m_scram = std::make_unique<ScramServer>("plant", "pencil");
            goOn(dataOf(auth->properties));
        }
    }

    void goOn(const QByteArray &data)
    {
        const ScramServer::Answer answer = m_scram->take(data);
        Properties told{{PropertyId::AuthenticationMethod, QByteArray("SCRAM-SHA-256")}};
        const bool isLast = answer.verdict != ScramServer::Verdict::Continue || answer.data.startsWith("v=");
        told.add(PropertyId::AuthenticationData, isLast && !m_forged.isEmpty() ? m_forged : answer.data);
        if (answer.verdict == ScramServer::Verdict::Refused)
            send(ConnackPacket{.reason = quint8(ReasonCode::NotAuthorized)});
        else if (!isLast)
            send(AuthPacket{ReasonCode::ContinueAuthentication, told});
        else if (std::exchange(m_isConnected, true))
            send(AuthPacket{ReasonCode::Success, told});
        else
            send(ConnackPacket{.properties = told});
    }

    template<class Body> void send(const Body &body) { m_socket->write(encode(Packet{body, {}}, Version::V5)); }

    QByteArray m_forged;
    QTcpServer m_server;
    QTcpSocket *m_socket = nullptr;
    Framer m_framer;
    std::unique_ptr<ScramServer> m_scram;
    bool m_isConnected = false;
    QList<PacketType> m_received;
};

RunResult play(const ScramBroker &broker, const QByteArray &password, const QByteArray &steps)
{
    const QByteArray text = "scenario: S\n"
                            "broker: { url: \"mqtt://127.0.0.1:" +
                            QByteArray::number(broker.port()) +
                            "\" }\n"
                            "limits: { step: 3s, total: 8s }\n"
                            "clients:\n"
                            "  door: { client_id: door, username: plant, password: { env: P }, authentication: "
                            "{ method: SCRAM-SHA-256 } }\n"
                            "steps:\n" +
                            steps;
    const auto scenarios = readScenarios(text, QStringLiteral("f.yaml"));
    if (!scenarios) {
        RunResult wrong{.verdict = Verdict::Error};
        wrong.failures.push_back({{}, {}, scenarios.error().front().what, {}, {}});
        return wrong;
    }
    RunOptions options{.secrets = {{SecretReference{SecretSource::Environment, QStringLiteral("P")}, password}}};
    options.makeAuthenticator = makeScramAuthenticator;
    ScenarioRun run(scenarios->front(), options, [] { return std::make_unique<TcpNetwork>(); });
    QSignalSpy finished(&run, &ScenarioRun::finished);
    run.start();
    if (finished.isEmpty() && !finished.wait(limit))
        return {.verdict = Verdict::Error};
    return run.takeResult();
}

QByteArray told(const RunResult &result)
{
    QString text = QString::fromLatin1(verdictText(result.verdict));
    for (const Failure &failure : result.failures)
        text += QStringLiteral("\n%1: %2: %3").arg(failure.step, failure.waitedFor, failure.closest);
    return (text + u'\n' + result.trace.join(u'\n')).toUtf8();
}

} // namespace

class ScramScenarioTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // MQTT-4.12.0-2, MQTT-4.12.0-5
    void proves_its_password_at_connect_and_again()
    {
        const ScramBroker broker;
        const RunResult result = play(broker, "pencil",
                                      "  - door: connect\n"
                                      "    expect:\n"
                                      "      connack: { reason: success, authentication_method: SCRAM-SHA-256 }\n"
                                      "      packets: [ { sent: AUTH, times: 1 }, { received: AUTH, times: 1 } ]\n"
                                      "  - door: reauthenticate\n"
                                      "    expect: { packets: [ { sent: AUTH, reason: re_authenticate }, "
                                      "{ received: AUTH, reason: success } ] }\n"
                                      "  - door: disconnect\n");
        QVERIFY2(result.verdict == Verdict::Passed, told(result).constData());
        QVERIFY(broker.received().contains(PacketType::Auth));
    }

    // MQTT-4.12.0-4
    void is_refused_with_a_wrong_password()
    {
        const ScramBroker broker;
        const RunResult result =
            play(broker, "pen", "  - door: connect\n    expect: { connack: { reason: not_authorized } }\n");
        QVERIFY2(result.verdict == Verdict::Passed, told(result).constData());
    }

    void leaves_a_server_that_does_not_know_the_password()
    {
        const ScramBroker broker("v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
        const RunResult result = play(broker, "pencil",
                                      "  - door: connect\n"
                                      "    expect: { closed: { by: client }, client: { connection: closed } }\n");
        QVERIFY2(result.verdict == Verdict::Passed, told(result).constData());
    }
};

QTEST_GUILESS_MAIN(ScramScenarioTest)
#include "tst_scram_scenario.moc"
