// `sessionscope-cli new`, `check` and `run`: from the template to reports and exit codes; the library that ships with
// the program; real time over sockets, with the bundled broker in this process and in another.
#include "tests/app/cli_process.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

using namespace sessionscope;

namespace {

const QByteArray quick = "scenario: Quick\n"
                         "clients: { door: { clean_start: false, session_expiry: 1h } }\n"
                         "steps:\n"
                         "  - door: connect\n"
                         "    expect: { connack: { session_present: false } }\n"
                         "  - door: { subscribe: { filter: a, qos: 2 } }\n"
                         "  - door: { cut: { when: { after_receiving: PUBLISH } } }\n"
                         "  - door: { publish: { topic: a, qos: 2, payload: x } }\n"
                         "  - expect: { door.closed: { by: cut } }\n"
                         "  - door: connect\n"
                         "    expect: { connack: { session_present: true } }\n"
                         "  - expect: { door.received: { payload: x, times: 1 } }\n"
                         "  - door: disconnect\n";

} // namespace

class CliScenariosTest : public QObject
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

private Q_SLOTS:
    void a_new_scenario_is_in_order_and_passes()
    {
        const QString name = m_folder.filePath(QStringLiteral("new.yaml"));
        QCOMPARE(runCli({QStringLiteral("new"), name}).code, 0);
        const CliOutcome again = runCli({QStringLiteral("new"), name});
        QCOMPARE(again.code, 1);
        QVERIFY(again.err.contains(name));
        QCOMPARE(runCli({QStringLiteral("check"), name}).out, QStringLiteral("1 files, 1 scenarios, 0 problems\n"));
        const CliOutcome run = runCli({QStringLiteral("run"), name});
        QVERIFY2(run.code == 0, qPrintable(run.out + run.err));
        QVERIFY(run.out.endsWith(QStringLiteral("\n1 passed\n")));
    }

    void every_scenario_of_the_library_passes()
    {
        const CliOutcome run = runCli(words("run library"));
        QVERIFY2(run.code == 0, qPrintable(run.out + run.err));
        const int passed = run.lines().last().section(u' ', 0, 0).toInt();
        QVERIFY2(passed >= 180, qPrintable(run.lines().last()));
    }

    void keeps_what_failed_and_shows_it()
    {
        const QString name = file("kept.yaml", QByteArray(quick).replace("times: 1", "times: 2"));
        const QString folder = m_folder.filePath(QStringLiteral("kept/of/today"));
        const QStringList keep{QStringLiteral("run"), name, QStringLiteral("--keep-failing"), folder};
        const CliOutcome run = runCli(keep);
        QCOMPARE(run.code, 1);
        QVERIFY2(
            run.err.contains(QStringLiteral("kept: %1/quick with .yaml, .recording.jsonl, .pcapng, .md").arg(folder)),
            qPrintable(run.err));
        const QString failure = QStringLiteral("expected door received: payload: \"x\", times: 2");
        const CliOutcome again = runCli({QStringLiteral("run"), folder + QStringLiteral("/quick.yaml")});
        QCOMPARE(again.code, 1);
        QVERIFY2(again.out.contains(failure), qPrintable(again.out));
        const QString recording = folder + QStringLiteral("/quick.recording.jsonl");
        const QStringList show{QStringLiteral("show"), recording};
        const CliOutcome shown = runCli(show);
        QCOMPARE(shown.code, 0);
        QVERIFY2(shown.out.contains(failure) && shown.out.contains(QStringLiteral("failed: Quick")),
                 qPrintable(shown.out));
        const CliOutcome some =
            runCli(show + QStringList{QStringLiteral("--filter"), QStringLiteral("type=CONNACK dir=in client=door")});
        QCOMPARE(some.out.count(QStringLiteral("CONNACK")), 2);
        QVERIFY(!some.out.contains(QStringLiteral("PUBLISH")));
        QVERIFY(runCli(show + QStringList{QStringLiteral("--ladder")}).out.contains(QStringLiteral("--->|")));
        QVERIFY(runCli(show + QStringList{QStringLiteral("--state")}).out.contains(QStringLiteral("broker: session")));
        const CliOutcome json = runCli(show + QStringList{QStringLiteral("--json")});
        QVERIFY(QJsonDocument::fromJson(json.lines().first().toUtf8()).isObject());
        const QString capture = m_folder.filePath(QStringLiteral("c.pcapng"));
        QCOMPARE(runCli(show + QStringList{QStringLiteral("--pcapng"), capture}).code, 0);
        QFile written(capture);
        QVERIFY(written.open(QIODevice::ReadOnly));
        QVERIFY(written.read(4) == QByteArray::fromHex("0a0d0d0a"));
        const CliOutcome wrong = runCli({QStringLiteral("show"), name});
        QCOMPARE(wrong.code, 2);
        QVERIFY2(wrong.err.contains(QStringLiteral("line 1: ")), qPrintable(wrong.err));
        QCOMPARE(runCli(show + QStringList{QStringLiteral("--filter"), QStringLiteral("tipe=PUBLISH")}).code, 2);
        for (const char *options :
             {"--filter type=PUBLISH --ladder", "--filter type=PUBLISH --state", "--filter type=PUBLISH --pcapng c",
              "--json --ladder", "--json --state", "--json --pcapng c", "--ladder --state", "--ladder --pcapng c"}) {
            const CliOutcome both = runCli(show + QString::fromLatin1(options).split(u' '));
            QCOMPARE(both.code, 2);
            QVERIFY2(both.err.contains(QStringLiteral(" does not go with --")), qPrintable(both.err));
        }
        QCOMPARE(runCli(show + QStringList{QStringLiteral("--json"), QStringLiteral("--filter"),
                                           QStringLiteral("type=PUBLISH")})
                     .code,
                 0);
        const CliOutcome taken =
            runCli({QStringLiteral("connect"), QStringLiteral("bundled"), QStringLiteral("--capture"), recording});
        QCOMPARE(taken.code, 2);
        QVERIFY2(taken.err.contains(QStringLiteral("--capture: \"%1\" is there already: expected the name of a new "
                                                   "file")
                                        .arg(recording)),
                 qPrintable(taken.err));
    }

    void tells_a_failure_and_writes_reports()
    {
        const QString name = file("failing.yaml", QByteArray(quick).replace("times: 1", "times: 2"));
        const QString json = m_folder.filePath(QStringLiteral("r.json"));
        const QString junit = m_folder.filePath(QStringLiteral("r.xml"));
        const CliOutcome run =
            runCli({QStringLiteral("run"), name, QStringLiteral("--report"), QStringLiteral("json:") + json,
                    QStringLiteral("--report"), QStringLiteral("junit:") + junit});
        QCOMPARE(run.code, 1);
        QVERIFY2(run.out.contains(QStringLiteral("expected door received: payload: \"x\", times: 2")),
                 qPrintable(run.out));
        QFile report(json);
        QVERIFY(report.open(QIODevice::ReadOnly));
        const QJsonObject failed =
            QJsonDocument::fromJson(report.readAll()).object().value(QStringLiteral("runs")).toArray().at(0).toObject();
        QCOMPARE(failed.value(QStringLiteral("verdict")).toString(), QStringLiteral("failed"));
        QVERIFY(failed.value(QStringLiteral("trace")).toArray().size() > 10);
        QVERIFY(QFile::exists(junit));
    }

    void plays_nothing_while_a_file_has_a_mistake()
    {
        const QString good = file("good.yaml", quick);
        const QString bad = file("bad.yaml", QByteArray(quick).replace("session_expiry", "session_expirey"));
        const CliOutcome run = runCli({QStringLiteral("run"), good, bad});
        QCOMPARE(run.code, 2);
        QCOMPARE(run.out, QString());
        QVERIFY2(run.err.startsWith(bad + QStringLiteral(":2:40: unknown key \"session_expirey\"")),
                 qPrintable(run.err));
        QCOMPARE(runCli({QStringLiteral("run"), m_folder.filePath(QStringLiteral("none.yaml"))}).code, 2);
        QCOMPARE(runCli(words("run")).code, 2);
        QCOMPARE(runCli({QStringLiteral("run"), good, QStringLiteral("--report"), QStringLiteral("pdf:x")}).code, 2);
    }

    void asks_for_the_variable_that_holds_a_password()
    {
        const QByteArray text =
            QByteArray(quick).replace("session_expiry: 1h", "username: u, password: { env: NOT_SET_HERE }");
        for (const char *command : {"run", "explore"}) {
            const CliOutcome run = runCli({QLatin1String(command), file("secret.yaml", text)});
            QCOMPARE(run.code, 2);
            QVERIFY2(run.err.contains(
                         QStringLiteral("the password of door: the environment variable NOT_SET_HERE is not set")),
                     qPrintable(run.err));
        }
    }

    void plays_in_real_time_with_the_bundled_broker()
    {
        const QString name = file("real.yaml", quick);
        const CliOutcome run = runCli({QStringLiteral("run"), name, QStringLiteral("--clock"), QStringLiteral("real")});
        QVERIFY2(run.code == 0, qPrintable(run.out + run.err));
    }

    void what_was_recorded_plays_again()
    {
        const QString name = m_folder.filePath(QStringLiteral("recorded.yaml"));
        const QStringList record =
            QStringList{QStringLiteral("record"), name} +
            words(
                "bundled --client-id door --clean-start 0 --session-expiry 1h --subscribe cmd/#:2 --publish cmd/a:2=hi"
                " --then reset --then reconnect --then publish=cmd/b:1=yo --then quit");
        const CliOutcome recorded = runCli(record);
        QVERIFY2(recorded.code == 0, qPrintable(recorded.out + recorded.err));
        QFile file(name);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray text = file.readAll();
        QVERIFY2(text.contains("session_present: true") && text.contains("state: inactive"), text);
        for (const char *clock : {"virtual", "real"}) {
            const CliOutcome run =
                runCli({QStringLiteral("run"), name, QStringLiteral("--clock"), QLatin1String(clock)});
            QVERIFY2(run.code == 0, qPrintable(run.out + run.err + QString::fromUtf8(text)));
        }
        const CliOutcome again = runCli(record);
        QCOMPARE(again.code, 2);
        QVERIFY(again.err.contains(QStringLiteral("is there already")));
    }

    void plays_against_another_broker_and_says_what_it_cannot_see()
    {
        QProcess broker;
        broker.start(QStringLiteral(SESSIONSCOPE_CLI), words("broker --listen 127.0.0.1:0"));
        QVERIFY(broker.waitForReadyRead(cliLimit));
        const QString url = QString::fromUtf8(broker.readLine()).section(u' ', -1).trimmed();
        const QString name = file("other.yaml", quick);
        const CliOutcome run = runCli({QStringLiteral("run"), name, QStringLiteral("--broker"), url});
        QVERIFY2(run.code == 0, qPrintable(run.out + run.err));
        for (const char *step :
             {"  - expect: { broker.sessions.door: { state: inactive } }\n", "  - until: { expiry: door }\n",
              "  - broker: { restart: crash }\n", "  - never: { broker.wills: { client: door } }\n    for: 10ms\n"}) {
            const QString inside = file("inside.yaml", quick + step);
            const CliOutcome unseen = runCli({QStringLiteral("run"), inside, QStringLiteral("--broker"), url});
            QVERIFY2(unseen.code == 3, qPrintable(unseen.out + unseen.err));
            QVERIFY(unseen.out.endsWith(QStringLiteral("0 passed, 1 unsupported\n")));
            QVERIFY2(unseen.out.contains(QStringLiteral("inside.yaml:")) &&
                         unseen.out.contains(QStringLiteral("found ")),
                     qPrintable(unseen.out));
        }
        broker.terminate();
        QVERIFY(broker.waitForFinished(cliLimit));
    }

    void names_the_broker_of_a_file_and_takes_the_bundled_one_when_told()
    {
        const QString name =
            file("own-broker.yaml",
                 QByteArray(quick).replace("clients:", "broker: { url: \"mqtt://127.0.0.1:1\" }\nclients:"));
        const QStringList run{QStringLiteral("run"), name, QStringLiteral("--report"), QStringLiteral("text:-")};
        const CliOutcome own = runCli(run); // nobody listens there
        QCOMPARE(own.code, 1);
        QVERIFY2(own.out.contains(QStringLiteral("broker: mqtt://127.0.0.1:1,")), qPrintable(own.out));
        const CliOutcome bundled = runCli(run + QStringList{QStringLiteral("--broker"), QStringLiteral("bundled")});
        QVERIFY2(bundled.code == 0, qPrintable(bundled.out + bundled.err));
        QVERIFY2(bundled.out.contains(QStringLiteral("broker: bundled,")), qPrintable(bundled.out));
    }

    void explores_a_broker_over_sockets()
    {
        QProcess broker;
        broker.start(QStringLiteral(SESSIONSCOPE_CLI), words("broker --listen 127.0.0.1:0"));
        QVERIFY(broker.waitForReadyRead(cliLimit));
        const QString url = QString::fromUtf8(broker.readLine()).section(u' ', -1).trimmed();
        const QString name = file("explored.yaml", "scenario: Explored\n"
                                                   "clients: { door: { clean_start: false, session_expiry: 1s } }\n"
                                                   "steps:\n"
                                                   "  - door: connect\n"
                                                   "  - door: { subscribe: { filter: a/#, qos: 2 } }\n"
                                                   "  - door: { publish: { topic: a/b, qos: 2, payload: x } }\n"
                                                   "  - expect: { door.received: { payload: x, times: 1 } }\n");
        const CliOutcome all =
            runCli({QStringLiteral("explore"), name, QStringLiteral("--broker"), url, QStringLiteral("--faults"),
                    QStringLiteral("cut-before,silence"), QStringLiteral("--output"), m_folder.path()});
        QVERIFY2(all.code == 0, qPrintable(all.out + all.err));
        QVERIFY2(all.out.contains(QStringLiteral("72 runs: 36 held, 0 broke an invariant, 0 not reached, "
                                                 "36 left out because they wait too long")),
                 qPrintable(all.out));
        QCOMPARE(runCli({QStringLiteral("explore"), name, QStringLiteral("--jobs"), QStringLiteral("3")}).code, 2);
        broker.terminate();
        QVERIFY(broker.waitForFinished(cliLimit));
    }

    void the_schema_in_the_tree_is_that_of_the_program()
    {
        QFile schema(QStringLiteral(SESSIONSCOPE_SOURCE_DIR "/resources/scenario.schema.json"));
        QVERIFY(schema.open(QIODevice::ReadOnly));
        // After a change: sessionscope-cli check --schema > resources/scenario.schema.json
        QCOMPARE(QString::fromUtf8(schema.readAll()), runCli(words("check --schema")).out);
    }
};

QTEST_APPLESS_MAIN(CliScenariosTest)
#include "tst_cli_scenarios.moc"
