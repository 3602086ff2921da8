// The bundled broker's listeners and `connect` over TLS and WebSocket, as their users run them.
#include "tests/app/cli_process.h"
#include "tests/net/certificates.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace sessionscope;

namespace {

/// A broker process; each line it prints names one of its listeners.
class BrokerProcess
{
public:
    explicit BrokerProcess(const QStringList &options)
    {
        m_process.start(QStringLiteral(SESSIONSCOPE_CLI), QStringList{QStringLiteral("broker")} + options);
    }
    ~BrokerProcess()
    {
        m_process.kill();
        m_process.waitForFinished(cliLimit);
    }
    /// Of the next listener; empty when there is none.
    QString nextUrl()
    {
        while (!m_process.canReadLine() && m_process.waitForReadyRead(cliLimit)) {
        }
        return QString::fromUtf8(m_process.readLine()).trimmed().section(u' ', -1);
    }

private:
    QProcess m_process;
};

} // namespace

class CliTransportsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void serves_several_transports_at_once()
    {
        const QStringList certificates{QStringLiteral("--tls-cert"), certificate("server.pem"),
                                       QStringLiteral("--tls-key"), certificate("server-key.pem")};
        const QStringList listen = words("--listen mqtts://127.0.0.1:0 --listen wss://127.0.0.1:0/lab");
        BrokerProcess broker(listen + certificates);
        const QStringList urls{broker.nextUrl(), broker.nextUrl()};
        QVERIFY2(urls[0].startsWith(u"mqtts://") && urls[1].endsWith(u"/lab"), qPrintable(urls.join(u' ')));
        for (const QString &url : urls) {
            const QStringList client{QStringLiteral("connect"), url};
            const QStringList trusting{QStringLiteral("--ca-file"), certificate("ca.pem")};
            const CliOutcome trusted = runCli(client + trusting + words("--subscribe t --publish t:1=x --count 1"));
            QVERIFY2(trusted.code == 0, qPrintable(trusted.err));
            QVERIFY(trusted.err.isEmpty());
            const CliOutcome stranger = runCli(client + words("--then quit"));
            QCOMPARE(stranger.code, 1);
            QVERIFY2(stranger.err.contains(QStringLiteral("the server's certificate is not trusted")),
                     qPrintable(stranger.err));
            const CliOutcome insecure = runCli(client + words("--insecure --packets --then quit"));
            QCOMPARE(insecure.code, 0);
            QVERIFY2(insecure.err.contains(QStringLiteral("WARNING")), qPrintable(insecure.err));
            QVERIFY2(insecure.out.contains(QStringLiteral("NOT trusted")), qPrintable(insecure.out));
        }
    }

    void plays_scenarios_over_tls()
    {
        const QStringList certificates{QStringLiteral("--tls-cert"), certificate("server.pem"),
                                       QStringLiteral("--tls-key"), certificate("server-key.pem")};
        BrokerProcess broker(words("--listen mqtts://127.0.0.1:0") + certificates);
        const QString url = broker.nextUrl();
        const QTemporaryDir folder;
        const QString file = folder.filePath(QStringLiteral("s.yaml"));
        QFile scenario(file);
        QVERIFY(scenario.open(QIODevice::WriteOnly));
        scenario.write("scenario: S\nclients: { door: }\nsteps:\n  - door: connect\n  - door: ping\n");
        scenario.close();
        const QStringList trusting{QStringLiteral("--ca-file"), certificate("ca.pem")};
        const QStringList run{QStringLiteral("run"), file, QStringLiteral("--broker"), url};
        const QStringList explore{QStringLiteral("explore"), file, QStringLiteral("--broker"), url};
        const QStringList compare{QStringLiteral("compare"), file, QStringLiteral("--brokers"),
                                  QStringLiteral("bundled,") + url};
        for (const QStringList &command : {run, compare, explore + words("--faults cut-after")}) {
            const CliOutcome trusted = runCli(command + trusting);
            QVERIFY2(trusted.code == 0, qPrintable(trusted.out + trusted.err));
            QVERIFY2(!trusted.err.contains(QStringLiteral("WARNING")), qPrintable(trusted.err));
        }
        const CliOutcome stranger = runCli(run);
        QCOMPARE(stranger.code, 1);
        const CliOutcome insecure = runCli(run + words("--insecure"));
        QVERIFY2(insecure.code == 0, qPrintable(insecure.out + insecure.err));
        QVERIFY2(insecure.err.contains(QStringLiteral("run: WARNING")), qPrintable(insecure.err));
        for (const QStringList &bundled : {words("run library/v3"), words("explore library/v3"),
                                           words("compare library/v3 --brokers bundled,mqtt://127.0.0.1:9")}) {
            const CliOutcome outcome = runCli(bundled + trusting);
            QCOMPARE(outcome.code, 2);
            QVERIFY2(outcome.err.contains(QStringLiteral("--ca-file needs an address of mqtts:// or wss://")),
                     qPrintable(outcome.err));
        }
        const CliOutcome half = runCli(run + words("--cert x.pem"));
        QCOMPARE(half.code, 2);
        QVERIFY2(half.err.contains(QStringLiteral("--cert needs --key")), qPrintable(half.err));
    }

    void names_the_certificate_that_cannot_be_used()
    {
        const CliOutcome outcome =
            runCli(words("broker --listen mqtts://127.0.0.1:0 --tls-cert /no/such.pem --tls-key /no/such.key"));
        QCOMPARE(outcome.code, 1);
        QVERIFY2(
            outcome.err.contains(QStringLiteral("cannot listen on mqtts://127.0.0.1:0: /no/such.pem: No such file")),
            qPrintable(outcome.err));
    }

    void breaks_connections_as_only_a_transport_can()
    {
        const QStringList certificates{QStringLiteral("--tls-cert"), certificate("server.pem"),
                                       QStringLiteral("--tls-key"), certificate("server-key.pem")};
        BrokerProcess broker(words("--listen mqtts://127.0.0.1:0 --listen ws://127.0.0.1:0") + certificates);
        const QStringList client = words("--client-id door --session-expiry 1h --packets");
        const CliOutcome tls = runCli(QStringList{QStringLiteral("connect"), broker.nextUrl(),
                                                  QStringLiteral("--ca-file"), certificate("ca.pem")} +
                                      client + words("--then tls-cut --then reconnect --then quit"));
        QCOMPARE(tls.code, 0);
        QVERIFY2(tls.out.contains(QStringLiteral("without close_notify")), qPrintable(tls.out));
        QVERIFY2(tls.out.contains(QStringLiteral("Session Present 1")), qPrintable(tls.out));
        const CliOutcome webSocket = runCli(QStringList{QStringLiteral("connect"), broker.nextUrl()} + client +
                                            words("--then ws-close=1001 --then reconnect --then quit"));
        QCOMPARE(webSocket.code, 0);
        QVERIFY2(webSocket.out.contains(QStringLiteral("WebSocket close 1001")), qPrintable(webSocket.out));
    }
};

QTEST_GUILESS_MAIN(CliTransportsTest)
#include "tst_cli_transports.moc"
