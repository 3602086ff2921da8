// The command line as a process of its own: what it prints, how it ends. Every wait is bounded; what a test starts it
// ends.
#include "tests/app/cli_process.h"

#include <QDeadlineTimer>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>

using namespace sessionscope;

namespace {

/// A broker process on a free port.
class BrokerProcess
{
public:
    explicit BrokerProcess(const QStringList &more = {})
    {
        m_process.start(
            QStringLiteral(SESSIONSCOPE_CLI),
            QStringList{QStringLiteral("broker"), QStringLiteral("--listen"), QStringLiteral("127.0.0.1:0")} + more);
        while (!m_process.canReadLine() && m_process.waitForReadyRead(cliLimit)) {
        }
        m_firstLine = QString::fromUtf8(m_process.readLine()).trimmed();
    }
    ~BrokerProcess()
    {
        m_process.kill();
        m_process.waitForFinished(cliLimit);
    }

    QString firstLine() const { return m_firstLine; }
    QString url() const { return m_firstLine.section(u' ', -1); }
    /// The exit code after this signal.
    int stop(int signal)
    {
        ::kill(pid_t(m_process.processId()), signal);
        return m_process.waitForFinished(cliLimit) && m_process.exitStatus() == QProcess::NormalExit
                   ? m_process.exitCode()
                   : -1;
    }
    void signal(int signal) { ::kill(pid_t(m_process.processId()), signal); }
    /// Everything on standard error so far.
    QByteArray notes()
    {
        m_notes += m_process.readAllStandardError();
        return m_notes;
    }
    bool waitForNote(const char *text)
    {
        QDeadlineTimer deadline(cliLimit);
        m_process.setReadChannel(QProcess::StandardError);
        while (!notes().contains(text) && !deadline.hasExpired())
            m_process.waitForReadyRead(int(deadline.remainingTime()));
        return notes().contains(text);
    }
    QString rest() { return QString::fromUtf8(m_process.readAllStandardOutput()); }

private:
    QProcess m_process;
    QString m_firstLine;
    QByteArray m_notes;
};

void writeFile(const QString &fileName, const QByteArray &text)
{
    QFile file(fileName);
    [&] { QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate)); }();
    file.write(text);
    file.close();
    file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ReadOther);
}

} // namespace

class TestCli : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tells_version_and_help_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("says");
        QTest::newRow("version") << words("--version") << "sessionscope-cli " SESSIONSCOPE_VERSION;
        QTest::newRow("help") << words("--help") << "connect";
        QTest::newRow("connect") << words("connect --help") << "--session-expiry";
        QTest::newRow("broker") << words("broker --help") << "--max-queued-bytes";
        QTest::newRow("demo") << words("demo --help") << "Usage: sessionscope-cli demo";
        QTest::newRow("misbehaviours of the broker") << words("broker --behave list") << "keeps_replaced_connection ";
        QTest::newRow("misbehaviours of a client") << words("connect --behave list") << "silent_past_keep_alive ";
        QTest::newRow("statements") << words("statements --help") << "[ID|WORD]";
    }

    void tells_version_and_help()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QString, says);
        const CliOutcome outcome = runCli(arguments);
        QCOMPARE(outcome.code, 0);
        QVERIFY2(outcome.out.contains(says), qPrintable(outcome.out));
        QCOMPARE(outcome.err, QString());
    }

    void refuses_wrong_usage_on_standard_error_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("says");
        QTest::newRow("nothing") << QStringList() << "Usage";
        QTest::newRow("unknown command") << words("conect") << "Did you mean \"connect\"?";
        QTest::newRow("unknown option") << words("broker --max-session 1") << "max-sessions";
        QTest::newRow("bad listen address") << words("broker --listen ::::") << "--listen";
        QTest::newRow("bad level") << words("broker --trace all") << "packets, counters or off";
        QTest::newRow("bad cliLimit") << words("broker --max-qos 3") << "--max-qos";
        QTest::newRow("unknown misbehaviour")
            << words("broker --behave acks_twice,resend_without_dub") << "Did you mean \"resend_without_dup\"?";
        QTest::newRow("behave for nothing") << words("broker --behave-only-for a") << "needs --behave";
        QTest::newRow("nobody could connect") << words("broker --no-anonymous") << "password-file";
        QTest::newRow("no such file") << words("broker --config /nowhere/at/all") << "cannot read";
        QTest::newRow("no value") << words("connect bundled --client-id") << "client-id";
    }

    void refuses_wrong_usage_on_standard_error()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QString, says);
        const CliOutcome outcome = runCli(arguments);
        QCOMPARE(outcome.code, 2);
        QVERIFY2(outcome.err.contains(says), qPrintable(outcome.err));
        QCOMPARE(outcome.out, QString());
    }

    void stops_the_broker_cleanly_data()
    {
        QTest::addColumn<int>("signal");
        QTest::newRow("SIGTERM") << SIGTERM;
        QTest::newRow("SIGINT") << SIGINT;
    }

    void stops_the_broker_cleanly()
    {
        QFETCH(int, signal);
        BrokerProcess broker;
        QVERIFY2(broker.firstLine().startsWith(QStringLiteral("listening on mqtt://127.0.0.1:")),
                 qPrintable(broker.firstLine()));
        QCOMPARE(broker.stop(signal), 0);
        QCOMPARE(broker.rest(), QString());
    }

    void prints_a_configuration_that_it_reads_again()
    {
        QTemporaryDir folder;
        const QString fileName = folder.filePath(QStringLiteral("broker.yaml"));
        const QStringList config{QStringLiteral("broker"), QStringLiteral("--config"), fileName};
        writeFile(fileName, "max-inflight: 5\nno-retain: true\n");
        const CliOutcome first = runCli(config + words("--max-inflight 6 --print-config"));
        QCOMPARE(first.code, 0);
        QVERIFY2(first.out.contains(QStringLiteral("\nmax-inflight: 6\n")), qPrintable(first.out));
        QVERIFY2(first.out.contains(QStringLiteral("\nno-retain: true\n")), qPrintable(first.out));
        writeFile(fileName, first.out.toUtf8());
        QCOMPARE(runCli(config + words("--print-config")).out, first.out);
        writeFile(fileName, "max-qos: 1\nmax-inflght: 3\n");
        const CliOutcome wrong = runCli(config);
        QCOMPARE(wrong.code, 2);
        QVERIFY2(wrong.err.contains(fileName + QStringLiteral(":2:1: ")), qPrintable(wrong.err));
    }

    void judges_by_password_file_and_acl_file_and_reads_them_again()
    {
        QTemporaryDir folder;
        const QString passwords = folder.filePath(QStringLiteral("passwords"));
        const QString acl = folder.filePath(QStringLiteral("acl"));
        const QString config = folder.filePath(QStringLiteral("broker.yaml"));
        // Of "sesame", by mosquitto_passwd.
        writeFile(passwords, "ann:$7$101$g2WghiyDa4adrTvK$DGEXkmzaJ+jh+c66F7gTmpqEzwmAEvsgfU6Mbr3i0N5mXqW+6WFDQh//"
                             "UlM/knUFjqvc5BVnbtPwBFep3xJpTw==\n");
        writeFile(acl, "user ann\ntopic read #\n");
        writeFile(config, "password-file: passwords\nacl-file: acl\nno-anonymous: true\nlog: true\ntrace: packets\n");
        BrokerProcess broker({QStringLiteral("--config"), config});
        qputenv("SESSIONSCOPE_TEST_SECRET", "sesame");
        const QStringList client{QStringLiteral("connect"), broker.url()};
        const QStringList ann = client + words("--user ann --password-env SESSIONSCOPE_TEST_SECRET");
        const CliOutcome anonymous = runCli(client + words("--then quit"));
        QCOMPARE(anonymous.code, 1);
        QVERIFY2(anonymous.err.contains(QStringLiteral("0x87")), qPrintable(anonymous.err));
        const CliOutcome denied = runCli(ann + words("--subscribe t --publish t:1=x --then quit"));
        QVERIFY2(denied.err.contains(QStringLiteral("0x87")), qPrintable(denied.out + denied.err));

        writeFile(acl, "user ann\ntopic readwrite #\n");
        broker.signal(SIGHUP);
        QVERIFY(broker.waitForNote("read again"));
        const CliOutcome allowed = runCli(ann + words("--subscribe t --publish t:1=x --count 1"));
        QVERIFY2(allowed.code == 0, qPrintable(allowed.err));

        writeFile(acl, "nonsense\n");
        broker.signal(SIGHUP);
        QVERIFY(broker.waitForNote("nothing changed"));
        QVERIFY(broker.notes().contains(acl.toUtf8() + ":1:1: "));
        QCOMPARE(runCli(ann + words("--subscribe t --publish t:1=x --count 1")).code, 0);
        qunsetenv("SESSIONSCOPE_TEST_SECRET");
        QCOMPARE(broker.stop(SIGTERM), 0);
        QVERIFY2(broker.notes().contains("open to everybody"), broker.notes().constData());
        QVERIFY(broker.notes().contains("CONNECT"));
        QVERIFY(!broker.notes().contains("sesame"));
        QVERIFY(!broker.notes().contains("DGEXkmza"));
    }

    void takes_proofs_of_passwords_by_its_scram_file()
    {
        QTemporaryDir folder;
        const QString scram = folder.filePath(QStringLiteral("scram"));
        const QString acl = folder.filePath(QStringLiteral("acl"));
        // Of "pencil", by gsasl --mkpasswd.
        const QByteArray plant = "plant:{SCRAM-SHA-256}4096,W22ZaJ0SNY7soEsUEjb6gQ==,"
                                 "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=,"
                                 "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=\n";
        writeFile(scram, plant);
        writeFile(acl, "user plant\ntopic readwrite #\n");
        BrokerProcess broker({QStringLiteral("--scram-file"), scram, QStringLiteral("--acl-file"), acl,
                              QStringLiteral("--no-anonymous"), QStringLiteral("--log"), QStringLiteral("--trace"),
                              QStringLiteral("packets")});
        qputenv("SESSIONSCOPE_TEST_SECRET", "pencil");
        qputenv("SESSIONSCOPE_TEST_WRONG", "pen");
        const QStringList client{QStringLiteral("connect"), broker.url()};
        const QStringList proves = client + words("--auth-method SCRAM-SHA-256 --user plant --password-env");
        const QStringList proved = proves + words("SESSIONSCOPE_TEST_SECRET --then reauthenticate --subscribe t");

        const CliOutcome allowed = runCli(proved + words("--publish t:1=x --count 1"));
        QVERIFY2(allowed.code == 0, qPrintable(allowed.out + allowed.err));
        const CliOutcome wrong = runCli(proves + words("SESSIONSCOPE_TEST_WRONG --then quit"));
        QCOMPARE(wrong.code, 1);
        QVERIFY2(wrong.err.contains(QStringLiteral("0x87")), qPrintable(wrong.err));
        const CliOutcome claims =
            runCli(client + words("--user plant --password-env SESSIONSCOPE_TEST_SECRET --then quit"));
        QVERIFY2(claims.err.contains(QStringLiteral("0x86")), qPrintable(claims.err));
        const CliOutcome anonymous = runCli(client + words("--then quit"));
        QVERIFY2(anonymous.err.contains(QStringLiteral("0x87")), qPrintable(anonymous.err));

        writeFile(scram, QByteArray(plant).replace("plant", "other"));
        broker.signal(SIGHUP);
        QVERIFY(broker.waitForNote("read again"));
        QCOMPARE(runCli(proved + words("--then quit")).code, 1);
        qunsetenv("SESSIONSCOPE_TEST_SECRET");
        qunsetenv("SESSIONSCOPE_TEST_WRONG");
        QCOMPARE(broker.stop(SIGTERM), 0);
        QVERIFY(broker.notes().contains("AUTH"));
        QVERIFY(!broker.notes().contains("pencil"));
        QVERIFY(!broker.notes().contains("W22ZaJ0SNY7soEsUEjb6gQ"));
        QVERIFY(!broker.notes().contains("WG5d8oPm"));
    }

    void fails_to_listen_on_a_taken_port()
    {
        BrokerProcess broker;
        const CliOutcome outcome =
            runCli({QStringLiteral("broker"), QStringLiteral("--listen"), broker.url().section(u'/', -1)});
        QCOMPARE(outcome.code, 1);
        QVERIFY2(outcome.err.contains(QStringLiteral("cannot listen")), qPrintable(outcome.err));
        QCOMPARE(outcome.out, QString());
    }

    void sends_and_receives_through_a_broker_of_its_own_data()
    {
        QTest::addColumn<QString>("version");
        QTest::addColumn<int>("qos");
        for (const char *version : {"5", "3.1.1", "3.1"}) {
            for (int qos = 0; qos <= 2; ++qos)
                QTest::addRow("MQTT %s QoS %d", version, qos) << QString::fromLatin1(version) << qos;
        }
    }

    void sends_and_receives_through_a_broker_of_its_own()
    {
        QFETCH(QString, version);
        QFETCH(int, qos);
        BrokerProcess broker;
        const CliOutcome outcome =
            runCli({QStringLiteral("connect"), broker.url(), QStringLiteral("--mqtt-version"), version,
                    QStringLiteral("--client-id"), QStringLiteral("a"), QStringLiteral("--subscribe"),
                    QStringLiteral("t/#:%1").arg(qos), QStringLiteral("--publish"),
                    QStringLiteral("t/1:%1=hello").arg(qos), QStringLiteral("--count"), QStringLiteral("1")});
        QVERIFY2(outcome.code == 0, qPrintable(outcome.err));
        QVERIFY2(outcome.lines().at(0).contains(QStringLiteral("Session Present 0")), qPrintable(outcome.out));
        QCOMPARE(outcome.lines().at(1), QStringLiteral("message \"t/1\" QoS %1: \"hello\"").arg(qos));
    }

    void resumes_a_session_and_gets_what_came_meanwhile()
    {
        BrokerProcess broker;
        const QStringList door{QStringLiteral("connect"), broker.url(), QStringLiteral("--client-id"),
                               QStringLiteral("door")};
        QCOMPARE(runCli(door + words("--session-expiry 1h --subscribe cmd:2 --then cut")).code, 0);
        QCOMPARE(
            runCli({QStringLiteral("connect"), broker.url(), QStringLiteral("--publish"), QStringLiteral("cmd:2=go")})
                .code,
            0);
        const CliOutcome outcome = runCli(door + words("--clean-start 0 --session-expiry 1h --count 1"));
        QVERIFY2(outcome.code == 0, qPrintable(outcome.err));
        QVERIFY2(outcome.lines().at(0).contains(QStringLiteral("Session Present 1")), qPrintable(outcome.out));
        QCOMPARE(outcome.lines().at(1), QStringLiteral("message \"cmd\" QoS 2: \"go\""));
    }

    void misbehaves_on_purpose_over_sockets()
    {
        BrokerProcess broker{words("--behave dup_on_first_send --behave-only-for wronged --log")};
        const auto getsMessage = [&broker](const char *clientId) {
            return runCli(QStringList{QStringLiteral("connect"), broker.url(), QStringLiteral("--client-id"),
                                      QString::fromLatin1(clientId)} +
                          words("--subscribe t:1 --publish t:1=x --count 1 --packets"));
        };
        const CliOutcome wronged = getsMessage("wronged");
        QVERIFY2(wronged.code == 0, qPrintable(wronged.err));
        QVERIFY2(wronged.out.contains(QStringLiteral("QoS 1 DUP")), qPrintable(wronged.out));
        QVERIFY(broker.waitForNote("misbehaves: dup_on_first_send: with DUP"));
        const CliOutcome spared = getsMessage("spared");
        QVERIFY2(spared.code == 0, qPrintable(spared.err));
        QVERIFY2(!spared.out.contains(QStringLiteral("DUP")), qPrintable(spared.out));
    }

    void has_a_client_misbehave_on_purpose()
    {
        const CliOutcome outcome = runCli(words("connect bundled --client-id door --behave wrong_packet_id_in_ack "
                                                "--subscribe t:1 --publish t:1=x --count 1 --wait 100ms --packets"));
        QVERIFY2(outcome.code == 0, qPrintable(outcome.err));
        const QString all = outcome.out + outcome.err;
        QVERIFY2(all.contains(QStringLiteral("wrong_packet_id_in_ack: instead of PUBACK #1")), qPrintable(all));
    }

    void shows_both_ends_with_the_bundled_broker()
    {
        const CliOutcome outcome =
            runCli(words("connect bundled --client-id door --session-expiry 1h --subscribe t:1 --then cut "
                         "--then state --then reconnect --state --json"));
        QVERIFY2(outcome.code == 0, qPrintable(outcome.err));
        QList<QJsonObject> states;
        QList<bool> present;
        for (const QString &line : outcome.lines()) {
            const QJsonObject object = QJsonDocument::fromJson(line.toUtf8()).object();
            QVERIFY2(!object.isEmpty(), qPrintable(line));
            if (object.value(QStringLiteral("kind")).toString() == u"state")
                states.append(object);
            if (object.value(QStringLiteral("kind")).toString() == u"connack")
                present.append(object.value(QStringLiteral("session_present")).toBool());
        }
        QCOMPARE(present, (QList<bool>{false, true}));
        QCOMPARE(states.size(), 2);
        const QJsonObject cut = states.at(0).value(QStringLiteral("server_session")).toObject();
        QCOMPARE(cut.value(QStringLiteral("connected")).toBool(), false);
        QVERIFY(cut.value(QStringLiteral("ends_in")).toDouble() > 3500);
        QCOMPARE(cut.value(QStringLiteral("subscriptions")).toObject().value(QStringLiteral("total")).toInt(), 1);
        const QJsonObject again = states.at(1).value(QStringLiteral("server_session")).toObject();
        QCOMPARE(again.value(QStringLiteral("connected")).toBool(), true);
        QVERIFY(again.value(QStringLiteral("ends_in")).isNull());
    }

    void holds_and_releases_acknowledgements()
    {
        const CliOutcome outcome =
            runCli(words("connect bundled --client-id door --hold PUBACK --subscribe t:1 --publish t:1=x "
                         "--then wait=100ms --then state --then release --then wait=100ms --then state"));
        QVERIFY2(outcome.code == 0, qPrintable(outcome.err));
        QVERIFY2(outcome.err.contains(QStringLiteral("PUBACK #1 held")), qPrintable(outcome.err));
        QCOMPARE(outcome.out.count(QStringLiteral("held back")), 1);
        QCOMPARE(outcome.out.count(QStringLiteral("waits for PUBACK")), 1);
    }

    void says_when_a_request_stays_without_response()
    {
        const CliOutcome outcome = runCli(words("connect bundled --timeout 200ms --then request=ask=q"));
        QCOMPARE(outcome.code, 1);
        QVERIFY2(outcome.err.contains(QStringLiteral("no response")), qPrintable(outcome.err));
    }

    void keeps_a_message_published_without_connection()
    {
        const CliOutcome outcome =
            runCli(words("connect bundled --client-id a --session-expiry 1h --subscribe t:1 --then cut "
                         "--then publish=t:1=later --then reconnect --count 1"));
        QVERIFY2(outcome.code == 0, qPrintable(outcome.err));
        QVERIFY2(outcome.out.contains(QStringLiteral("message \"t\" QoS 1: \"later\"")), qPrintable(outcome.out));
    }

    void fails_when_refused_lost_or_late_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("says");
        QTest::newRow("nobody listens") << words("connect 127.0.0.1:1") << "cannot connect";
        QTest::newRow("too few messages")
            << words("connect bundled --subscribe t --count 1 --timeout 200ms") << "0 of 1 messages";
        QTest::newRow("not possible") << words("connect bundled --then cut --then subscribe=t") << "not possible";
        QTest::newRow("refused") << words("connect bundled --will-topic $SYS/x --then quit") << "connection refused";
    }

    void fails_when_refused_lost_or_late()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QString, says);
        const CliOutcome outcome = runCli(arguments);
        QCOMPARE(outcome.code, 1);
        QVERIFY2(outcome.err.contains(says), qPrintable(outcome.err));
    }

    void fails_when_the_broker_goes_away()
    {
        BrokerProcess broker;
        QProcess client;
        client.setStandardInputFile(QProcess::nullDevice());
        client.start(QStringLiteral(SESSIONSCOPE_CLI),
                     {QStringLiteral("connect"), broker.url(), QStringLiteral("--subscribe"), QStringLiteral("t")});
        while (!client.canReadLine() && client.waitForReadyRead(cliLimit)) {
        }
        QVERIFY(client.readLine().startsWith("CONNACK"));
        QCOMPARE(broker.stop(SIGTERM), 0);
        QVERIFY(client.waitForFinished(cliLimit));
        QCOMPARE(client.exitCode(), 1);
        const QByteArray error = client.readAllStandardError();
        QVERIFY2(error.contains("Server shutting down (0x8b)"), error.constData());
    }

    void leaves_cleanly_on_a_signal()
    {
        BrokerProcess broker;
        QProcess client;
        client.setStandardInputFile(QProcess::nullDevice());
        client.start(QStringLiteral(SESSIONSCOPE_CLI),
                     {QStringLiteral("connect"), broker.url(), QStringLiteral("--subscribe"), QStringLiteral("t"),
                      QStringLiteral("--packets")});
        QByteArray out;
        while (!out.contains("SUBACK") && client.waitForReadyRead(cliLimit))
            out += client.readAllStandardOutput();
        QVERIFY(out.contains("SUBACK"));
        ::kill(pid_t(client.processId()), SIGINT);
        QVERIFY(client.waitForFinished(cliLimit));
        QCOMPARE(client.exitCode(), 0);
        out += client.readAllStandardOutput();
        QVERIFY2(out.contains("DISCONNECT Normal disconnection (0x00)"), out.constData());
    }

    void never_prints_a_password()
    {
        qputenv("SESSIONSCOPE_TEST_SECRET", "hunter2");
        const CliOutcome outcome =
            runCli(words("connect bundled --user u --password-env SESSIONSCOPE_TEST_SECRET --packets "
                         "--state --then quit"));
        qunsetenv("SESSIONSCOPE_TEST_SECRET");
        QVERIFY2(outcome.code == 0, qPrintable(outcome.err));
        QVERIFY(outcome.out.contains(QStringLiteral("password (hidden)")));
        QVERIFY(!outcome.out.contains(QStringLiteral("hunter2")));
        QVERIFY(!outcome.err.contains(QStringLiteral("hunter2")));
    }

    void shows_the_tour()
    {
        const CliOutcome outcome = runCli(words("demo"));
        QVERIFY2(outcome.code == 0, qPrintable(outcome.err));
        QVERIFY(outcome.out.contains(QStringLiteral("CONNACK Success (0x00), Session Present 1")));
        QVERIFY(outcome.out.contains(QStringLiteral("ends in 40min")));
        QCOMPARE(runCli(words("demo")).out, outcome.out);
    }
};

QTEST_GUILESS_MAIN(TestCli)
#include "tst_cli.moc"
