// Scenarios whose bundled broker knows users by SCRAM, in virtual time: connecting, coming back, proving it again,
// being refused; and that nothing of the passwords is in what is kept of a run.
#include "core/auth/scram_authenticator.h"
#include "core/auth/scram_method.h"
#include "core/scenario/flatten.h"
#include "core/scenario/kept_run.h"
#include "core/scenario/read_scenario.h"
#include "core/scenario/virtual_run.h"

#include <QDir>
#include <QTest>

using namespace sessionscope;

namespace {

const QByteArray password = "correct horse";

SecretReference variable(const char *name)
{
    return {SecretSource::Environment, QString::fromLatin1(name)};
}

RunOptions options()
{
    return {.secrets = {{variable("PLANT_PASSWORD"), password}, {variable("WRONG"), "battery staple"}},
            .recordings = Recordings::Kept,
            .makeAuthenticator = makeScramAuthenticator,
            .makePasswordMethod = makeScramMethodOfPasswords};
}

QByteArray withSteps(const QByteArray &steps, const QByteArray &mechanism = "SCRAM-SHA-256")
{
    return "scenario: S\n"
           "broker: { authentication: [ { method: " +
           mechanism +
           ", users: { plant: { env: PLANT_PASSWORD } } } ] }\n"
           "clients:\n"
           "  door: { client_id: door, clean_start: false, session_expiry: 1h, username: plant, "
           "password: { env: PLANT_PASSWORD }, authentication: { method: " +
           mechanism +
           " } }\n"
           "  thief: { client_id: door, clean_start: false, username: plant, password: { env: WRONG }, "
           "authentication: { method: " +
           mechanism +
           " } }\n"
           "  claims: { username: plant, password: { env: PLANT_PASSWORD } }\n"
           "  backend:\n"
           "steps:\n" +
           steps;
}

Scenario scenarioOf(const QByteArray &text)
{
    const auto scenarios = readScenarios(text, QStringLiteral("/plant/f.yaml"));
    [&] { QVERIFY2(scenarios.ok(), scenarios ? "" : qPrintable(problemText(scenarios.error().front()))); }();
    return scenarios ? scenarios->front() : Scenario();
}

QByteArray told(const RunResult &result)
{
    QString text = QString::fromLatin1(verdictText(result.verdict));
    for (const Failure &failure : result.failures)
        text += QStringLiteral("\n%1: %2: %3").arg(failure.step, failure.waitedFor, failure.closest);
    for (const Breach &breach : result.breaches)
        text += u'\n' + breachText(breach);
    return (text + u'\n' + result.trace.join(u'\n')).toUtf8();
}

} // namespace

class ScramBundledTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void lets_its_user_in_and_nobody_else_data()
    {
        QTest::addColumn<QByteArray>("mechanism");
        QTest::newRow("SCRAM-SHA-256") << QByteArray("SCRAM-SHA-256");
        QTest::newRow("SCRAM-SHA-1") << QByteArray("SCRAM-SHA-1");
    }
    // MQTT-4.12.0-2, MQTT-4.12.0-4, MQTT-4.12.0-5, MQTT-4.12.1-1
    void lets_its_user_in_and_nobody_else()
    {
        QFETCH(QByteArray, mechanism);
        const QByteArray steps = "  - door: connect\n"
                                 "    expect:\n"
                                 "      connack: { session_present: false, authentication_method: " +
                                 mechanism +
                                 " }\n"
                                 "      packets: [ { sent: AUTH, times: 1 }, { received: AUTH, times: 1 } ]\n"
                                 "  - door: { subscribe: { filter: a, qos: 2 } }\n"
                                 "  - door: { cut: reset }\n"
                                 "  - thief: connect\n"
                                 "    expect: { connack: { reason: not_authorized } }\n"
                                 "  - claims: connect\n"
                                 "    expect: { connack: { reason: bad_user_name_or_password } }\n"
                                 "  - backend: connect\n"
                                 "  - backend: { publish: { topic: a, qos: 1, payload: meanwhile } }\n"
                                 "  - backend: { publish: { topic: a, qos: 2, payload: once } }\n"
                                 "  - wait: 20min\n"
                                 "  - door: connect\n"
                                 "    expect:\n"
                                 "      connack: { session_present: true }\n"
                                 "      received: [ { payload: meanwhile, times: 1 }, { payload: once, times: 1 } ]\n"
                                 "  - door: reauthenticate\n"
                                 "    expect:\n"
                                 "      packets:\n"
                                 "        in_order:\n"
                                 "          - { sent: AUTH, reason: re_authenticate }\n"
                                 "          - { received: AUTH, reason: continue_authentication }\n"
                                 "          - { received: AUTH, reason: success }\n"
                                 "finally:\n"
                                 "  - expect: { door.client: { connection: connected } }\n";
        const RunResult result = runVirtually(scenarioOf(withSteps(steps, mechanism)), options());
        QVERIFY2(result.verdict == Verdict::Passed, told(result).constData());
    }

    void refuses_everybody_whose_passwords_are_not_given()
    {
        RunOptions without = options();
        without.secrets.erase(variable("PLANT_PASSWORD"));
        const RunResult result = runVirtually(
            scenarioOf(withSteps("  - thief: connect\n    expect: { connack: { reason: not_authorized } }\n")),
            without);
        QVERIFY2(result.verdict == Verdict::Passed, told(result).constData());
    }

    void keeps_no_password_of_a_run_that_fails()
    {
        const QByteArray steps = "  - door: connect\n"
                                 "  - door: reauthenticate\n"
                                 "  - door: { corrupt: { offset: 30, when: { before_sending: AUTH } } }\n"
                                 "  - door: reauthenticate\n"
                                 "  - thief: connect\n"
                                 "  - wait: 1s\n"
                                 "  - expect: { door.received: { payload: never } }\n";
        const Scenario scenario = scenarioOf(withSteps(steps));
        const RunResult result = runVirtually(scenario, options());
        QVERIFY(result.verdict == Verdict::Failed);
        const auto files = keptFilesOf({.program = QStringLiteral("test 1"), .broker = QStringLiteral("bundled")},
                                       scenario, options(), result);
        QCOMPARE(files.size(), std::size_t(4));
        for (const KeptFile &file : files) {
            for (const QByteArray &secret : {password, QByteArray("battery staple"), QByteArray("n=plant,r="),
                                             QByteArray(",p="), QByteArray("v=")}) {
                QVERIFY2(!file.content.contains(secret), qPrintable(file.ending));
                QVERIFY2(!file.content.contains(secret.toHex()), qPrintable(file.ending));
            }
        }
        const auto again = readScenarios(files.front().content, QStringLiteral("kept.yaml"));
        QVERIFY2(again.ok(), files.front().content.constData());
        QVERIFY(again->front().methods.front().users == scenario.methods.front().users);
        QCOMPARE(runVirtually(again->front(), options()).verdict, result.verdict);
    }

    void names_files_of_passwords_from_wherever_a_run_is_kept()
    {
        QByteArray text = withSteps("  - door: connect\n");
        text.replace("users: { plant: { env: PLANT_PASSWORD } }",
                     "users: { plant: { file: plant.secret }, door: { file: /etc/door.secret }, gate: { ask: true } }");
        const Scenario scenario = scenarioOf(text);
        const QByteArray kept = flattened(scenario, options(), QStringLiteral("test 1"));
        const auto again = readScenarios(kept, QStringLiteral("/elsewhere/kept.yaml"));
        QVERIFY2(again.ok(), kept.constData());
        const auto &users = *again->front().methods.front().users;
        QCOMPARE(QDir::cleanPath(users[0].second.name), QStringLiteral("/plant/plant.secret"));
        QCOMPARE(users[1].second.name, QStringLiteral("/etc/door.secret"));
        QCOMPARE(users[2].second.source, SecretSource::Asked);
        const auto secrets = secretsOf(scenario);
        QVERIFY(secrets.size() > 3);
        QCOMPARE(secrets[0].first.name, QStringLiteral("plant.secret"));
        QCOMPARE(secrets[0].second, QStringLiteral("plant"));
        QCOMPARE(secrets[2].first.source, SecretSource::Asked);
    }
};

QTEST_APPLESS_MAIN(ScramBundledTest)
#include "tst_scram_bundled.moc"
