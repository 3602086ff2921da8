// `sessionscope-cli compare` and `run --report html`, against the bundled broker in this process and in others; and
// runs on a broker that keeps what it is left.
#include "tests/app/cli_process.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

using namespace sessionscope;

namespace {

const QByteArray keeps =
    "scenario: Keeps\n"
    "statements: [MQTT-3.1.2-4]\n"
    "clients: { door: { clean_start: false, session_expiry: 1h, will: { topic: w, payload: gone } } }\n"
    "steps:\n"
    "  - door: connect\n"
    "    expect: { connack: { session_present: false } }\n"
    "  - door: { subscribe: { filter: kept/#, qos: 1 } }\n"
    "  - expect: { door.received: none }\n"
    "  - door: { publish: { topic: kept/a, qos: 1, retain: true, payload: x } }\n"
    "  - expect: { door.received: { payload: x } }\n"
    "  - door: { cut: reset }\n";

/// A bundled broker in a process of its own: for the commands, somebody else's.
class OtherBroker
{
public:
    bool start(const QStringList &more = {})
    {
        m_process.start(QStringLiteral(SESSIONSCOPE_CLI), words("broker --listen 127.0.0.1:0") + more);
        if (!m_process.waitForReadyRead(cliLimit))
            return false;
        m_url = QString::fromUtf8(m_process.readLine()).section(u' ', -1).trimmed();
        return true;
    }
    const QString &url() const { return m_url; }
    ~OtherBroker()
    {
        m_process.terminate();
        m_process.waitForFinished(cliLimit);
    }
    OtherBroker() = default;
    Q_DISABLE_COPY_MOVE(OtherBroker)

private:
    QProcess m_process;
    QString m_url;
};

} // namespace

class CliCompareTest : public QObject
{
    Q_OBJECT

    QTemporaryDir m_folder;

    QString file(const char *name, const QByteArray &text)
    {
        QFile out(m_folder.filePath(QString::fromLatin1(name)));
        if (!out.open(QIODevice::WriteOnly) || out.write(text) != text.size())
            return {};
        return out.fileName();
    }
    static QByteArray read(const QString &name)
    {
        QFile in(name);
        return in.open(QIODevice::ReadOnly) ? in.readAll() : QByteArray();
    }

private Q_SLOTS:
    void runs_that_follow_each_other_find_nothing_of_the_one_before()
    {
        OtherBroker other;
        QVERIFY(other.start());
        for (const QByteArray &text :
             {keeps, QByteArray(keeps).replace("clean_start", "client_id: mine, clean_start")}) {
            for (int round = 0; round < 2; ++round) {
                const CliOutcome run =
                    runCli({QStringLiteral("run"), file("keeps.yaml", text), QStringLiteral("--broker"), other.url(),
                            QStringLiteral("--report"), QStringLiteral("json:-")});
                QVERIFY2(run.code == 0, qPrintable(run.out + run.err));
                QCOMPARE(run.out.contains(QStringLiteral("door: door-")), !text.contains("mine"));
            }
        }
    }

    void files_at_once_do_not_share_client_ids()
    {
        OtherBroker other;
        QVERIFY(other.start());
        QStringList arguments{QStringLiteral("run"), QStringLiteral("--broker"), other.url()};
        for (const char *name : {"1", "2", "3", "4"})
            arguments << file((QByteArray("at-once-") + name + ".yaml").constData(),
                              QByteArray(keeps).replace("kept/", QByteArray(name) + '/') +
                                  "  - wait: 300ms\n"
                                  "  - door: connect\n    expect: { connack: { session_present: true } }\n");
        const CliOutcome run = runCli(arguments);
        QVERIFY2(run.code == 0, qPrintable(run.out + run.err));
    }

    void run_writes_a_page_with_the_ladders_of_what_passed_and_failed()
    {
        const QString good = file("good.yaml", keeps);
        const QString bad =
            file("bad.yaml", QByteArray(keeps).replace("received: { payload: x }", "received: { payload: y }"));
        const QString page = m_folder.filePath(QStringLiteral("r.html"));
        const CliOutcome run =
            runCli({QStringLiteral("run"), good, bad, QStringLiteral("--report"), QStringLiteral("html:") + page});
        QCOMPARE(run.code, 1);
        const QByteArray text = read(page);
        QVERIFY(text.contains("payload: &quot;y&quot;"));
        QCOMPARE(text.count("<svg class=\"ladder\""), 2);
        QVERIFY(text.contains("Session Present 0"));
    }

    void compares_and_tells_the_packets_that_differ()
    {
        OtherBroker other;
        QVERIFY(other.start({QStringLiteral("--max-qos"), QStringLiteral("0")}));
        const QString page = m_folder.filePath(QStringLiteral("c.html"));
        const QString json = m_folder.filePath(QStringLiteral("c.json"));
        const CliOutcome compared =
            runCli({QStringLiteral("compare"), file("keeps.yaml", keeps), QStringLiteral("--brokers"),
                    QStringLiteral("bundled,") + other.url(), QStringLiteral("--report"),
                    QStringLiteral("html:") + page, QStringLiteral("--report"), QStringLiteral("json:") + json});
        QVERIFY2(compared.code == 1, qPrintable(compared.out + compared.err));
        QVERIFY2(compared.out.contains(QStringLiteral("statements: MQTT-3.1.2-4")), qPrintable(compared.out));
        QVERIFY2(compared.out.contains(QStringLiteral("only bundled: door ← SUBACK #1 Granted QoS 1")),
                 qPrintable(compared.out));
        QVERIFY(compared.out.contains(QStringLiteral("bundled: 1 passed\n")));
        QCOMPARE(read(page).count("<svg class=\"ladder\""), 2);
        const QJsonObject scenario =
            QJsonDocument::fromJson(read(json)).object().value(QStringLiteral("scenarios")).toArray().at(0).toObject();
        QVERIFY(scenario.value(QStringLiteral("differs")).toBool());
        QCOMPARE(scenario.value(QStringLiteral("runs")).toArray().size(), 2);
    }

    void refuses_what_cannot_be_compared()
    {
        const QString name = file("keeps.yaml", keeps);
        const auto refused = [&](const QStringList &more, const char *why) {
            const CliOutcome compared = runCli(QStringList{QStringLiteral("compare"), name} + more);
            return compared.code == 2 && compared.err.contains(QLatin1String(why));
        };
        QVERIFY(refused({}, "expected two or more"));
        QVERIFY(refused(words("--brokers bundled"), "expected two or more"));
        QVERIFY(refused(words("--brokers bundled,bundled"), "stands twice"));
        QVERIFY(refused(words("--brokers bundled,nonsense:"), "--brokers: "));
        QVERIFY(refused(words("--brokers bundled,mqtt://x --report tap:-"), "text, json, html"));
    }
};

QTEST_APPLESS_MAIN(CliCompareTest)
#include "tst_cli_compare.moc"
