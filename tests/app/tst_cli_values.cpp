#include "app/cli/connect_plan.h"
#include "app/cli/record_filter.h"
#include "app/cli/secret.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

using namespace sessionscope;
using namespace sessionscope::cli;
using namespace std::chrono_literals;

namespace {

Parsed<ConnectPlan> planOf(const QStringList &arguments)
{
    Options options = declareConnectOptions();
    if (const auto error = options.parse(arguments))
        return *error;
    return connectPlan(options);
}

QStringList words(const char *line)
{
    return QString::fromUtf8(line).split(u' ');
}

} // namespace

class TestCliValues : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void filters_findings_by_statement_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QList<bool>>("matches"); // a finding of 3.1.1, one that the broker noted, a limit, a cut
        QTest::newRow("kind") << "kind=finding" << QList{true, true, true, false};
        QTest::newRow("of either version") << "statement=3.3.1-4" << QList{true, true, false, false};
        QTest::newRow("of 5.0") << "statement=MQTT-3.3.1-4" << QList{false, true, false, false};
        QTest::newRow("others") << "kind=finding statement!=v3:MQTT-3.3.1-4" << QList{false, true, true, false};
    }
    void filters_findings_by_statement()
    {
        QFETCH(QString, text);
        const auto filter = RecordFilter::parse(text);
        QVERIFY(filter);
        rules::Finding finding{"v3:MQTT-3.3.1-4", ReasonCode::MalformedPacket, Sender::Client, "QoS of 3"};
        std::vector<TraceRecord> records(4);
        records[0].what = FindingTrace{finding, PacketType::Publish, Version::V311};
        finding.statement = "MQTT-3.3.1-4";
        records[1].what = BrokerNote{BrokerRefused{{}, finding, Handling::Noted}};
        finding.statement = "";
        records[2].what = FindingTrace{finding};
        records[3].what = LinkTrace{LinkChange::Cut, {}};
        QList<bool> matches;
        for (const TraceRecord &record : records)
            matches << filter->matches(record, QStringLiteral("door"));
        QTEST(matches, "matches");
    }
    void refuses_a_statement_that_is_no_id()
    {
        QVERIFY(!RecordFilter::parse(QStringLiteral("statement=valve")));
        QVERIFY(!RecordFilter::parse(QStringLiteral("kind=row")));
    }
    void reads_durations_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<qint64>("milliseconds");
        QTest::newRow("zero") << "0" << qint64(0);
        QTest::newRow("ms") << "250ms" << qint64(250);
        QTest::newRow("s") << "2s" << qint64(2000);
        QTest::newRow("min") << "5min" << qint64(300'000);
        QTest::newRow("mixed") << "1h30min" << qint64(5'400'000);
        QTest::newRow("no unit") << "5" << qint64(-1);
        QTest::newRow("unknown unit") << "5w" << qint64(-1);
        QTest::newRow("empty") << "" << qint64(-1);
        QTest::newRow("negative") << "-5s" << qint64(-1);
        QTest::newRow("too long") << "99999999999999999999d" << qint64(-1);
        QTest::newRow("overflowing") << "9223372036854775807h" << qint64(-1);
    }

    void reads_durations()
    {
        QFETCH(QString, text);
        QFETCH(qint64, milliseconds);
        const auto parsed = parseDuration(text);
        QCOMPARE(parsed.ok(), milliseconds >= 0);
        if (parsed)
            QCOMPARE(*parsed, Duration(std::chrono::milliseconds(milliseconds)));
        else
            QVERIFY(parsed.error().text.contains(u'"' + text + u'"'));
    }

    void reads_seconds_of_the_protocol_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<qint64>("seconds");
        QTest::newRow("number") << "90" << qint64(90);
        QTest::newRow("duration") << "1h" << qint64(3600);
        QTest::newRow("never") << "never" << qint64(sessionNeverExpires);
        QTest::newRow("largest") << "4294967295" << qint64(sessionNeverExpires);
        QTest::newRow("too large") << "4294967296" << qint64(-1);
        QTest::newRow("fraction") << "1500ms" << qint64(-1);
        QTest::newRow("word") << "soon" << qint64(-1);
    }

    void reads_seconds_of_the_protocol()
    {
        QFETCH(QString, text);
        QFETCH(qint64, seconds);
        const auto parsed = parseSeconds(text, sessionNeverExpires, Never::Allowed);
        QCOMPARE(parsed ? qint64(*parsed) : -1, seconds);
    }

    void reads_subscriptions_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QByteArray>("filter");
        QTest::addColumn<int>("qos");
        QTest::newRow("plain") << "a/#" << QByteArray("a/#") << 0;
        QTest::newRow("with qos") << "a/+:2" << QByteArray("a/+") << 2;
        QTest::newRow("colon in the name") << "ns:a:1" << QByteArray("ns:a") << 1;
        QTest::newRow("colon without digit") << "ns:a" << QByteArray("ns:a") << 0;
        QTest::newRow("qos too large") << "a:3" << QByteArray() << -1;
        QTest::newRow("no filter") << "" << QByteArray() << -1;
        QTest::newRow("wildcard misplaced") << "a#:1" << QByteArray() << -1;
    }

    void reads_subscriptions()
    {
        QFETCH(QString, text);
        QFETCH(QByteArray, filter);
        QFETCH(int, qos);
        const auto parsed = parseSubscription(text);
        QCOMPARE(parsed.ok(), qos >= 0);
        if (!parsed)
            return;
        QCOMPARE(parsed->filter, filter);
        QCOMPARE(int(parsed->options.maximumQos), qos);
    }

    void reads_publishes_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<bool>("valid");
        QTest::addColumn<QByteArray>("topic");
        QTest::addColumn<QByteArray>("payload");
        QTest::addColumn<int>("qos");
        QTest::addColumn<bool>("retain");
        QTest::newRow("plain") << "t=hi" << true << QByteArray("t") << QByteArray("hi") << 0 << false;
        QTest::newRow("qos") << "t:1=hi" << true << QByteArray("t") << QByteArray("hi") << 1 << false;
        QTest::newRow("retain") << "t:2r=a=b" << true << QByteArray("t") << QByteArray("a=b") << 2 << true;
        QTest::newRow("empty payload") << "t:0r=" << true << QByteArray("t") << QByteArray() << 0 << true;
        QTest::newRow("no payload") << "t" << false << QByteArray() << QByteArray() << 0 << false;
        QTest::newRow("wildcard") << "t/#=x" << false << QByteArray() << QByteArray() << 0 << false;
        QTest::newRow("no topic") << "=x" << false << QByteArray() << QByteArray() << 0 << false;
    }

    void reads_publishes()
    {
        QFETCH(QString, text);
        QFETCH(bool, valid);
        const auto parsed = parsePublish(text);
        QCOMPARE(parsed.ok(), valid);
        if (!parsed)
            return;
        QTEST(parsed->topic, "topic");
        QTEST(parsed->payload, "payload");
        QTEST(int(parsed->qos), "qos");
        QTEST(parsed->retain, "retain");
    }

    void reads_steps()
    {
        QCOMPARE(std::get<WaitStep>(*parseStep(QStringLiteral("wait=2s"))).duration, Duration(2s));
        QCOMPARE(std::get<CutStep>(*parseStep(QStringLiteral("cut"))).how, CloseHow::Close);
        QCOMPARE(std::get<CutStep>(*parseStep(QStringLiteral("reset"))).how, CloseHow::Reset);
        QCOMPARE(std::get<CutStep>(*parseStep(QStringLiteral("tls-cut"))).how, CloseHow::WithoutCloseNotify);
        QCOMPARE(std::get<CutStep>(*parseStep(QStringLiteral("ws-close=1001"))).how, CloseHow::webSocket(1001));
        QVERIFY(std::get<ConnectStep>(*parseStep(QStringLiteral("reconnect"))).again);
        QVERIFY(!std::get<ConnectStep>(*parseStep(QStringLiteral("connect"))).again);
        const auto plain = std::get<DisconnectStep>(*parseStep(QStringLiteral("disconnect"))).command;
        QCOMPARE(plain.reason, ReasonCode::Success);
        QVERIFY(!plain.sessionExpiryInterval);
        const auto full = std::get<DisconnectStep>(*parseStep(QStringLiteral("disconnect=0x04,expiry=10s"))).command;
        QCOMPARE(full.reason, ReasonCode::DisconnectWithWillMessage);
        QCOMPARE(*full.sessionExpiryInterval, 10u);
        const auto only = std::get<DisconnectStep>(*parseStep(QStringLiteral("disconnect=expiry=never"))).command;
        QCOMPARE(*only.sessionExpiryInterval, sessionNeverExpires);
        QCOMPARE(std::get<RequestStep>(*parseStep(QStringLiteral("request=ask:1=q"))).message.topic, "ask");
        const auto hold = std::get<HoldStep>(*parseStep(QStringLiteral("hold=puback+PUBREC"))).command;
        QCOMPARE(hold.types, (std::vector{PacketType::Puback, PacketType::Pubrec}));
        QVERIFY(std::get<HoldStep>(*parseStep(QStringLiteral("hold=none"))).command.types.empty());
        const auto release = std::get<ReleaseStep>(*parseStep(QStringLiteral("release=7,at-once"))).command;
        QCOMPARE(release.packetId, PacketId{7});
        QCOMPARE(release.order, ReleaseOrder::AtOnce);
        QVERIFY(!std::get<ReleaseStep>(*parseStep(QStringLiteral("release"))).command.packetId);
    }

    void refuses_steps_with_a_hint_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("hint");
        QTest::newRow("typo") << "reconect"
                              << "Did you mean \"reconnect\"?";
        QTest::newRow("value missing") << "wait"
                                       << "wait=";
        QTest::newRow("value too many") << "cut=1"
                                        << "takes no value";
        QTest::newRow("what cannot be held") << "hold=PINGRESP"
                                             << "PUBACK, PUBREC";
        QTest::newRow("no status of a close frame") << "ws-close=999"
                                                    << "1000 to 4999";
        QTest::newRow("bad release") << "release=all"
                                     << "Packet Identifier";
        QTest::newRow("bad reason") << "disconnect=rudely"
                                    << "reason code";
        QTest::newRow("bad expiry") << "disconnect=4,expiry=x"
                                    << "duration";
    }

    void refuses_steps_with_a_hint()
    {
        QFETCH(QString, text);
        QFETCH(QString, hint);
        const auto parsed = parseStep(text);
        QVERIFY(!parsed);
        QVERIFY2(parsed.error().text.contains(hint), qPrintable(parsed.error().text));
    }

    void plans_tls_as_told()
    {
        const auto plan =
            planOf(words("wss://h --ca-file /ca.pem --cert c.pem --key /k.pem --server-name n --alpn mqtt "
                         "--insecure --then tls-cut --then ws-close=1011"));
        QVERIFY2(plan.ok(), plan.ok() ? "" : qPrintable(plan.error().text));
        QCOMPARE(plan->broker->tls,
                 (TlsSettings{QStringLiteral("/ca.pem"), QDir().absoluteFilePath(QStringLiteral("c.pem")),
                              QStringLiteral("/k.pem"), QStringLiteral("n"), QStringLiteral("mqtt"), true}));
    }

    void refuses_what_the_transport_does_not_have_data()
    {
        QTest::addColumn<QByteArray>("line");
        QTest::addColumn<QString>("words");
        const auto row = [](const char *line, const char *told) {
            QTest::newRow(line) << QByteArray(line) << QString::fromLatin1(told);
        };
        row("mqtt://h --ca-file ca.pem", "--ca-file needs an address of mqtts:// or wss://");
        row("bundled --insecure", "--insecure needs an address of mqtts:// or wss://");
        row("mqtts://h --cert c.pem", "--cert needs --key");
        row("mqtts://h --key k.pem", "--key needs --cert");
        row("ws://h --then tls-cut", "--then: the connection is not over TLS");
        row("mqtts://h --then ws-close=1001", "--then: the connection is not over WebSocket");
        row("bundled --then tls-cut", "--then: the connection is not over TLS");
    }
    void refuses_what_the_transport_does_not_have()
    {
        QFETCH(QByteArray, line);
        QFETCH(QString, words);
        const auto plan = planOf(QString::fromLatin1(line).split(u' '));
        QVERIFY(!plan.ok());
        QVERIFY2(plan.error().text.contains(words), qPrintable(plan.error().text));
    }

    void plans_a_connect_as_told()
    {
        const auto plan =
            planOf(words("mqtt://h:1884 --client-id a --clean-start 0 --session-expiry never --keep-alive "
                         "10s --receive-maximum 5 --will-topic w --will-payload gone --will-qos 1 "
                         "--will-retain --will-delay 30s --user u --subscribe t:1 --publish p=x --then cut"));
        QVERIFY2(plan.ok(), plan ? "" : qPrintable(plan.error().text));
        QCOMPARE(plan->broker->host, QStringLiteral("h"));
        QCOMPARE(plan->broker->port, quint16(1884));
        const ConnectPacket &connect = plan->connect;
        QCOMPARE(connect.clientId, QByteArray("a"));
        QVERIFY(!connect.cleanStart);
        QCOMPARE(connect.keepAlive, quint16(10));
        QCOMPARE(*connect.properties.integer(PropertyId::SessionExpiryInterval), sessionNeverExpires);
        QCOMPARE(*connect.properties.integer(PropertyId::ReceiveMaximum), 5u);
        QCOMPARE(connect.will->payload, QByteArray("gone"));
        QCOMPARE(connect.will->qos, Qos::AtLeastOnce);
        QVERIFY(connect.will->retain);
        QCOMPARE(*connect.will->properties.integer(PropertyId::WillDelayInterval), 30u);
        QCOMPARE(plan->steps.size(), 4);
        QVERIFY(!plan->staysUntilStopped);
    }

    void keeps_the_password_of_a_method_out_of_the_connect()
    {
        qputenv("SESSIONSCOPE_TEST_PASSWORD", "pencil");
        const auto plan =
            planOf(words("h --auth-method SCRAM-SHA-256 --user u --password-env SESSIONSCOPE_TEST_PASSWORD"));
        QVERIFY2(plan.ok(), plan ? "" : qPrintable(plan.error().text));
        QVERIFY(!plan->connect.userName && !plan->connect.password);
        QCOMPARE(plan->authentication->userName, "u");
        QCOMPARE(plan->authentication->password, "pencil");
    }

    void plans_a_clients_ways_as_told()
    {
        const auto plan = planOf(words("h --auto-reconnect --follow-redirects --resubscribe --republish-lost "
                                       "--topic-aliases --note-violations --hold PUBACK --auth-method M --auth-data a "
                                       "--auth-data b"));
        QVERIFY2(plan.ok(), plan ? "" : qPrintable(plan.error().text));
        const ClientPolicy &policy = plan->policy;
        QVERIFY(policy.reconnect.automatic && policy.followRedirects && policy.resubscribeWhenFresh &&
                policy.republishLost && policy.useTopicAliases && policy.noteViolationsOnly);
        QCOMPARE(plan->heldAcks, std::vector{PacketType::Puback});
        QCOMPARE(plan->authentication->script, (std::vector<QByteArray>{"a", "b"}));
        QVERIFY(!planOf(words("h")).value().policy.reconnect.automatic);
    }

    void asks_for_every_property_of_a_connect()
    {
        const auto plan = planOf(words("h --maximum-packet-size 100 --topic-alias-maximum 3 "
                                       "--request-response-information 1 --request-problem-information 0 "
                                       "--user-property a=b=c --ignore-limits"));
        QVERIFY2(plan.ok(), plan ? "" : qPrintable(plan.error().text));
        Properties expected{{PropertyId::MaximumPacketSize, 100U},
                            {PropertyId::TopicAliasMaximum, 3U},
                            {PropertyId::RequestResponseInformation, 1U},
                            {PropertyId::RequestProblemInformation, 0U}};
        expected.addUserProperty("a", "b=c");
        QCOMPARE(plan->connect.properties, expected);
        QVERIFY(plan->policy.ignoreServerLimits);
    }

    void keeps_an_absent_expiry_absent()
    {
        const auto plan = planOf(words("bundled --session-expiry absent"));
        QVERIFY(plan.ok());
        QVERIFY(!plan->broker);
        QVERIFY(!plan->connect.properties.contains(PropertyId::SessionExpiryInterval));
        QVERIFY(plan->staysUntilStopped);
    }

    void refuses_bad_options_by_name_data()
    {
        QTest::addColumn<QString>("line");
        QTest::addColumn<QString>("hint");
        QTest::newRow("no url") << "--client-id a"
                                << "no URL";
        QTest::newRow("typo") << "bundled --sesion-expiry 1h"
                              << "session-expiry";
        QTest::newRow("password on the line") << "bundled --password x"
                                              << "--password-file";
        QTest::newRow("flag value") << "bundled --clean-start yes"
                                    << "--clean-start";
        QTest::newRow("keep alive too long") << "bundled --keep-alive 20h"
                                             << "65535";
        QTest::newRow("receive maximum 0") << "bundled --receive-maximum 0"
                                           << "from 1";
        QTest::newRow("v5 option in v3") << "bundled --mqtt-version 3.1.1 --session-expiry 1h"
                                         << "needs MQTT 5";
        QTest::newRow("will part without topic") << "bundled --will-qos 1"
                                                 << "needs --will-topic";
        QTest::newRow("version") << "bundled --mqtt-version 4"
                                 << "3.1.1";
        QTest::newRow("method without password") << "bundled --auth-method SCRAM-SHA-256 --user u"
                                                 << "--password-file";
        QTest::newRow("method nobody knows") << "bundled --auth-method PLAIN"
                                             << "--auth-data";
        QTest::newRow("data without method") << "bundled --auth-data x"
                                             << "needs --auth-method";
        QTest::newRow("held pings") << "bundled --hold PINGREQ"
                                    << "--hold";
        QTest::newRow("two urls") << "bundled other"
                                  << "unexpected argument \"other\"";
        QTest::newRow("missing variable") << "bundled --password-env SESSIONSCOPE_NO_SUCH_VARIABLE"
                                          << "SESSIONSCOPE_NO_SUCH_VARIABLE";
    }

    void refuses_bad_options_by_name()
    {
        QFETCH(QString, line);
        QFETCH(QString, hint);
        const auto plan = planOf(line.split(u' '));
        QVERIFY(!plan);
        QVERIFY2(plan.error().text.contains(hint), qPrintable(plan.error().text));
    }

    void reads_a_password_only_from_a_private_file()
    {
        QTemporaryDir dir;
        const QString name = dir.filePath(QStringLiteral("secret"));
        QFile file(name);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("hunter2\nsecond line\n");
        file.close();
        file.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
        const auto secret = readPasswordFile(name);
        QVERIFY(secret.ok());
        QCOMPARE(*secret, QByteArray("hunter2"));
        file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ReadGroup);
        const auto open = readPasswordFile(name);
        QVERIFY(!open);
        QVERIFY(open.error().text.contains(QStringLiteral("chmod 600")));
        QVERIFY(!open.error().text.contains(QStringLiteral("hunter2")));
        QVERIFY(!readPasswordFile(dir.filePath(QStringLiteral("missing"))));
    }
};

QTEST_APPLESS_MAIN(TestCliValues)
#include "tst_cli_values.moc"
