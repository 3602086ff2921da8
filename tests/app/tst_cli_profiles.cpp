// `sessionscope-cli profile`, `connect --profile` and `run --broker PROFILE`, as a user has them: files in a folder, a
// broker in another process, and passwords that are used and never shown.
#include "tests/app/cli_process.h"

#include "app/cli/connect_plan.h"
#include "core/profile/profile_folder.h"

#include <QDir>
#include <QFile>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

using namespace sessionscope;

namespace {

QString linesOf(const QStringList &lines)
{
    return lines.join(u'\n') + u'\n';
}

Parsed<cli::ConnectPlan> planOf(const QStringList &arguments)
{
    cli::Options options = cli::declareConnectOptions();
    if (const auto error = options.parse(arguments))
        return *error;
    return cli::connectPlan(options);
}

} // namespace

class CliProfilesTest : public QObject
{
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_home;

    QString file(const QString &name, const QByteArray &text)
    {
        const QString path = m_home->filePath(name);
        return saveTextFile(path, text, Overwrite::Yes) ? QString() : path;
    }
    QString profile(const QString &name, const QByteArray &text)
    {
        return file(QStringLiteral("sessionscope/profiles/%1.yaml").arg(name), text);
    }

    /// Runs lines of a shell on a bus of their own, where $CLI is the program, with nothing but the test's home.
    CliOutcome onOwnBus(const QByteArray &lines)
    {
        const QString script = file(QStringLiteral("script.sh"), "set -e\n" + lines);
        QProcess process;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        for (const char *name : {"HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "XDG_CACHE_HOME"})
            environment.insert(QString::fromLatin1(name), m_home->path());
        environment.remove(QStringLiteral("DISPLAY"));
        environment.insert(QStringLiteral("CLI"), QStringLiteral(SESSIONSCOPE_CLI));
        process.setProcessEnvironment(environment);
        process.start(QStringLiteral("dbus-run-session"), {QStringLiteral("--"), QStringLiteral("sh"), script});
        if (!process.waitForFinished(cliLimit)) {
            process.kill();
            process.waitForFinished(cliLimit);
            return {};
        }
        return {process.exitCode(), QString::fromUtf8(process.readAllStandardOutput()),
                QString::fromUtf8(process.readAllStandardError())};
    }

private Q_SLOTS:
    void init()
    {
        m_home = std::make_unique<QTemporaryDir>();
        qputenv("XDG_CONFIG_HOME", m_home->path().toUtf8());
    }

    void a_new_profile_is_in_order()
    {
        const CliOutcome made = runCli(words("profile new plant/door"));
        QCOMPARE(made.code, 0);
        const QString path = profileFolder() + QStringLiteral("/plant/door.yaml");
        QCOMPARE(made.out, path + u'\n');
        QCOMPARE(runCli(words("profile check")).out, QStringLiteral("1 profiles, 0 problems\n"));
        QVERIFY(runCli(words("profile list")).out.startsWith(u"plant/door  mqtt://127.0.0.1:1883 "));
        QVERIFY(runCli(words("profile show plant/door")).out.startsWith(u"profile: door\nabout: "));
        const CliOutcome again = runCli(words("profile new plant/door"));
        QCOMPARE(again.code, 1);
        QVERIFY2(again.err.contains(u"is there already and is left alone"), qPrintable(again.err));
    }

    void tells_every_mistake_of_every_profile()
    {
        profile(QStringLiteral("a"), "profile: a\nkeep_alive: 60\n");
        profile(QStringLiteral("b"), "broker: mqtt://h\n");
        const CliOutcome check = runCli(words("profile check"));
        QCOMPARE(check.code, 2);
        QCOMPARE(check.out, QStringLiteral("2 profiles, 2 problems\n"));
        QVERIFY2(check.err.contains(u"a.yaml:2:13: \"60\" has no unit"), qPrintable(check.err));
        const CliOutcome used = runCli(words("connect --profile a"));
        QCOMPARE(used.code, 2);
        QVERIFY2(used.err.contains(u"a.yaml:2:13: \"60\" has no unit"), qPrintable(used.err));
        QVERIFY(runCli(words("connect --profile c")).err.contains(u"there is no profile \"c\""));
        QVERIFY(runCli(words("profile chek")).err.contains(u"Did you mean \"check\"?"));
    }

    void imports_without_overwriting_and_without_passwords()
    {
        const QStringList line{QStringLiteral("profile"),
                               QStringLiteral("import"),
                               QStringLiteral("mosquitto"),
                               QStringLiteral("--"),
                               QStringLiteral("mosquitto_sub"),
                               QStringLiteral("-h"),
                               QStringLiteral("h"),
                               QStringLiteral("-i"),
                               QStringLiteral("door"),
                               QStringLiteral("-P"),
                               QStringLiteral("correct-horse"),
                               QStringLiteral("-t"),
                               QStringLiteral("a/#")};
        const CliOutcome first = runCli(line);
        QCOMPARE(first.code, 0);
        const QString path = profileFolder() + QStringLiteral("/door.yaml");
        QCOMPARE(first.out, path + u'\n');
        QVERIFY2(first.err.contains(u"the password is not taken over"), qPrintable(first.err));
        QVERIFY(!(first.out + first.err).contains(u"correct-horse"));
        QVERIFY(!readTextFile(path)->contains("correct-horse"));
        QCOMPARE(runCli(line).code, 1);
        QCOMPARE(runCli(words("profile import mqttx nowhere.json")).code, 2);
        const CliOutcome printed = runCli({QStringLiteral("profile"), QStringLiteral("import"), QStringLiteral("mqttx"),
                                           QStringLiteral(SESSIONSCOPE_SOURCE_DIR "/tests/profile/mqttx-oldest.json"),
                                           QStringLiteral("--to"), QStringLiteral("-")});
        QVERIFY2(printed.out.startsWith(u"profile: probe\nbroker: ws://broker.example:8083/mqtt\n"),
                 qPrintable(printed.out));
        const QString lines =
            file(QStringLiteral("lines"), "# two\nmosquitto_sub -i one \\\n  -t a\nmosquitto_sub -i two -t 'b c'\n");
        const CliOutcome both =
            runCli({QStringLiteral("profile"), QStringLiteral("import"), QStringLiteral("mosquitto"), lines});
        QCOMPARE(both.out, linesOf({profileFolder() + QStringLiteral("/one.yaml"),
                                    profileFolder() + QStringLiteral("/two.yaml")}));
    }

    void lays_options_over_the_profile()
    {
        qputenv("DOOR_PASSWORD", "correct-horse");
        profile(QStringLiteral("door"),
                "profile: door\nbroker: mqtt://h:1884\nclean_start: false\nsession_expiry: 1h\n"
                "keep_alive: 5s\nusername: me\npassword: { env: DOOR_PASSWORD }\nresubscribe: true\n"
                "will: { topic: w, payload: x, delay: 3s }\n"
                "subscribe: [{ filter: a, identifier: 7 }]\n");
        const auto plain = planOf(words("--profile door"));
        QVERIFY2(plain.ok(), qPrintable(plain ? QString() : plain.error().text));
        QCOMPARE(toUrl(*plain->broker), QStringLiteral("mqtt://h:1884"));
        QCOMPARE(plain->connect.clientId, QByteArray("door"));
        QCOMPARE(plain->connect.keepAlive, quint16(5));
        QCOMPARE(*plain->connect.password, QByteArray("correct-horse"));
        QCOMPARE(plain->policy.resubscribeWhenFresh, true);
        QCOMPARE(plain->policy.adoptUnknownSession, true);
        QCOMPARE(plain->steps.size(), 2);
        const auto &subscribe = std::get<cli::SubscribeStep>(plain->steps[1]);
        QCOMPARE(*subscribe.properties.integer(PropertyId::SubscriptionIdentifier), 7u);

        const auto changed =
            planOf(words("bundled --profile door --client-id other --session-expiry 2h --clean-start 1 "
                         "--will-qos 2 --receive-maximum 3 --user you --subscribe b:1"));
        QVERIFY(changed.ok());
        QVERIFY(!changed->broker);
        QCOMPARE(changed->connect.clientId, QByteArray("other"));
        QCOMPARE(changed->connect.cleanStart, true);
        QCOMPARE(changed->connect.properties.count(PropertyId::SessionExpiryInterval), 1);
        QCOMPARE(*changed->connect.properties.integer(PropertyId::SessionExpiryInterval), 7200u);
        QCOMPARE(changed->connect.will->topic, QByteArray("w"));
        QCOMPARE(changed->connect.will->qos, Qos::ExactlyOnce);
        QCOMPARE(*changed->connect.userName, QByteArray("you"));
        QCOMPARE(changed->steps.size(), 3);
        QVERIFY(!planOf(words("--profile door --session-expiry absent"))
                     ->connect.properties.contains(PropertyId::SessionExpiryInterval));
        QVERIFY(planOf(words("--profile door --mqtt-version 3.1.1"))
                    .error()
                    .text.contains(u"the profile has properties, which MQTT 5 brought"));
    }

    void proves_the_password_by_the_profile_s_method()
    {
        qputenv("DOOR_PASSWORD", "correct-horse");
        profile(QStringLiteral("door"), "profile: door\nusername: me\npassword: { env: DOOR_PASSWORD }\n"
                                        "auth_method: SCRAM-SHA-256\n");
        const auto plan = planOf(words("--profile door"));
        QVERIFY(plan.ok());
        QVERIFY(!plan->connect.password);
        QCOMPARE(plan->authentication->password, QByteArray("correct-horse"));
    }

    void tells_why_there_is_no_password()
    {
        qunsetenv("DOOR_PASSWORD");
        profile(QStringLiteral("env"), "profile: env\npassword: { env: DOOR_PASSWORD }\n");
        QVERIFY(planOf(words("--profile env"))
                    .error()
                    .text.contains(u"--profile env: the password: the environment variable DOOR_PASSWORD is not set"));
        profile(QStringLiteral("file"), "profile: file\npassword: { file: door.secret }\n");
        const QString secret = file(QStringLiteral("sessionscope/profiles/door.secret"), "correct-horse\n");
        QVERIFY(QFile::setPermissions(secret, QFile::ReadOwner | QFile::ReadOther));
        QVERIFY(planOf(words("--profile file")).error().text.contains(u"can be read by others"));
        QVERIFY(QFile::setPermissions(secret, QFile::ReadOwner));
        QCOMPARE(*planOf(words("--profile file"))->connect.password, QByteArray("correct-horse"));
        // Given as an option, the reference is not followed at all.
        QVERIFY(planOf({QStringLiteral("--profile"), QStringLiteral("env"), QStringLiteral("--password-file"), secret})
                    .ok());
    }

    void connects_and_plays_scenarios_with_a_login()
    {
        QTemporaryDir folder;
        const QString access = folder.filePath(QStringLiteral("acl"));
        const QString passwords = folder.filePath(QStringLiteral("passwords"));
        QVERIFY(!saveTextFile(access, "user ann\ntopic readwrite #\n", Overwrite::Yes));
        // Of "sesame", by mosquitto_passwd.
        QVERIFY(!saveTextFile(passwords,
                              "ann:$7$101$g2WghiyDa4adrTvK$DGEXkmzaJ+jh+c66F7gTmpqEzwmAEvsgfU6Mbr3i0N5mXqW+6WFDQh//"
                              "UlM/knUFjqvc5BVnbtPwBFep3xJpTw==\n",
                              Overwrite::Yes));
        QProcess broker;
        broker.start(QStringLiteral(SESSIONSCOPE_CLI), words("broker --listen 127.0.0.1:0 --no-anonymous")
                                                           << QStringLiteral("--password-file") << passwords
                                                           << QStringLiteral("--acl-file") << access);
        QVERIFY(broker.waitForReadyRead(cliLimit));
        const QByteArray url = broker.readLine().trimmed().split(' ').last();
        profile(QStringLiteral("staging"), "profile: staging\nbroker: " + url +
                                               "\nusername: ann\npassword: { env: ANN_PASSWORD }\nsubscribe: [a]\n");
        qputenv("ANN_PASSWORD", "sesame");
        const CliOutcome connected = runCli(words("connect --profile staging --packets --state --then quit"));
        QVERIFY2(connected.code == 0, qPrintable(connected.out + connected.err));
        QVERIFY2(connected.out.contains(u"SUBSCRIBE"), qPrintable(connected.out));
        QVERIFY(!(connected.out + connected.err).contains(QStringLiteral("sesame")));

        const QString scenario =
            file(QStringLiteral("s.yaml"), "scenario: S\nclients: { door: , other: { profile: staging } }\nsteps:\n"
                                           "  - door: connect\n    expect: { connack: { reason: success } }\n"
                                           "  - other: connect\n    expect: { connack: { reason: success } }\n");
        const CliOutcome played =
            runCli({QStringLiteral("run"), scenario, QStringLiteral("--broker"), QStringLiteral("staging"),
                    QStringLiteral("--report"), QStringLiteral("json:-")});
        QVERIFY2(played.code == 0, qPrintable(played.out + played.err));
        QVERIFY(!(played.out + played.err).contains(QStringLiteral("sesame")));
        const CliOutcome compared = runCli({QStringLiteral("compare"),
                                            file(QStringLiteral("c.yaml"), "scenario: C\nclients: { door: }\nsteps:\n"
                                                                           "  - door: connect\n"),
                                            QStringLiteral("--brokers"), QStringLiteral("bundled,staging")});
        QVERIFY2(compared.code == 0, qPrintable(compared.out + compared.err));
        const CliOutcome explored =
            runCli({QStringLiteral("explore"), m_home->filePath(QStringLiteral("c.yaml")), QStringLiteral("--broker"),
                    QStringLiteral("staging"), QStringLiteral("--faults"), QStringLiteral("cut-before")});
        QVERIFY2(explored.code == 0, qPrintable(explored.out + explored.err));
        QVERIFY2(explored.out.contains(u"6 held, 0 broke an invariant, 0 not reached; "), qPrintable(explored.out));
        // What a run leaves is removed by the same login: the second run finds no session.
        const QString leaves = file(
            QStringLiteral("leaves.yaml"),
            "scenario: L\nclients: { door: { client_id: fixed, clean_start: false, session_expiry: 1h } }\nsteps:\n"
            "  - door: connect\n    expect: { connack: { session_present: false } }\n");
        for (int round = 0; round < 2; ++round) {
            const CliOutcome left =
                runCli({QStringLiteral("run"), leaves, QStringLiteral("--broker"), QStringLiteral("staging")});
            QVERIFY2(left.code == 0, qPrintable(left.out + left.err));
        }
        const QString own =
            file(QStringLiteral("own.yaml"), "scenario: S\nbroker: { profile: staging }\nclients: { door: }\nsteps:\n"
                                             "  - door: connect\n    expect: { connack: { reason: success } }\n");
        const CliOutcome named = runCli({QStringLiteral("run"), own});
        QVERIFY2(named.code == 0, qPrintable(named.out + named.err));
        const CliOutcome misspelt =
            runCli({QStringLiteral("run"), own, QStringLiteral("--broker"), QStringLiteral("stagin")});
        QCOMPARE(misspelt.code, 2);
        QVERIFY2(misspelt.err.contains(u"Did you mean \"staging\"? For a host of this name say mqtt://stagin."),
                 qPrintable(misspelt.err));
        qputenv("ANN_PASSWORD", "wrong");
        QCOMPARE(runCli({QStringLiteral("run"), own}).code, 1);
        broker.terminate();
        QVERIFY(broker.waitForFinished(cliLimit));
    }

    void the_schema_in_the_tree_is_that_of_the_program()
    {
        QFile schema(QStringLiteral(SESSIONSCOPE_SOURCE_DIR "/resources/profile.schema.json"));
        QVERIFY(schema.open(QIODevice::ReadOnly));
        // After a change: sessionscope-cli profile --schema > resources/profile.schema.json
        QCOMPARE(QString::fromUtf8(schema.readAll()), runCli(words("profile --schema")).out);
    }

    /// With GNOME's keyring, where that is installed: stored by one process, read by another, locked for a third.
    void keeps_a_password_in_the_keyring()
    {
        for (const char *program : {"dbus-run-session", "gnome-keyring-daemon"}) {
            if (QStandardPaths::findExecutable(QString::fromLatin1(program)).isEmpty())
                QSKIP("no keyring here: dbus-daemon and gnome-keyring are not installed");
        }
        profile(QStringLiteral("door"), "profile: door\nusername: me\npassword: { keyring: plant/door/7 }\n");
        const QString secret = file(QStringLiteral("secret"), "correct-horse\n");
        QVERIFY(QFile::setPermissions(secret, QFile::ReadOwner | QFile::WriteOwner));
        const QByteArray unlock = "printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1\n";
        const QByteArray connect =
            "\"$CLI\" connect bundled --profile door --packets --then quit || echo \"code $?\"\n";
        const CliOutcome stored = onOwnBus(unlock + connect + "\"$CLI\" profile password door --password-file \"" +
                                           secret.toUtf8() + "\"\n" + connect);
        if (stored.err.contains(QStringLiteral("built without QtKeychain")))
            QSKIP("no keyring here: built without QtKeychain");
        QVERIFY2(stored.err.contains(QStringLiteral("the keyring has no such entry")), qPrintable(stored.err));
        const QString first = stored.out.section(QStringLiteral("stored in the keyring as plant/door/7"), 0, 0);
        QVERIFY2(first.contains(QStringLiteral("code 2")), qPrintable(stored.out));
        const QString second = stored.out.section(QStringLiteral("stored in the keyring as plant/door/7"), 1);
        QVERIFY2(second.contains(QStringLiteral("CONNACK Success")), qPrintable(stored.out + stored.err));
        QVERIFY(!(stored.out + stored.err).contains(QStringLiteral("correct-horse")));

        const CliOutcome locked = onOwnBus("gnome-keyring-daemon --start --components=secrets >/dev/null\n" + connect);
        QVERIFY2(locked.err.contains(QStringLiteral("the keyring is locked")), qPrintable(locked.err));
    }

    void says_what_to_do_where_there_is_no_keyring()
    {
        profile(QStringLiteral("door"), "profile: door\nusername: me\npassword: { keyring: plant/door }\n");
        qputenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere");
        const CliOutcome outcome = runCli(words("connect bundled --profile door --then quit"));
        qunsetenv("DBUS_SESSION_BUS_ADDRESS");
        QCOMPARE(outcome.code, 2);
        QVERIFY2(outcome.err.contains(QStringLiteral("the keyring's entry plant/door cannot be re")),
                 qPrintable(outcome.err));
        QVERIFY2(outcome.err.contains(QStringLiteral("{ env: NAME }")) ||
                     outcome.err.contains(QStringLiteral("built without QtKeychain")),
                 qPrintable(outcome.err));
        const CliOutcome wrong = runCli(words("profile password door --password-file /nowhere"));
        QCOMPARE(wrong.code, 2);
    }

    void stores_only_what_a_profile_has_in_the_keyring()
    {
        profile(QStringLiteral("door"), "profile: door\npassword: { env: DOOR_PASSWORD }\n");
        const CliOutcome outcome = runCli(words("profile password door"));
        QCOMPARE(outcome.code, 2);
        QVERIFY2(outcome.err.contains(QStringLiteral("the environment variable DOOR_PASSWORD")),
                 qPrintable(outcome.err));
    }
};

QTEST_GUILESS_MAIN(CliProfilesTest)
#include "tst_cli_profiles.moc"
