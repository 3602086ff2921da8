// Imports: what becomes of other programs' settings, what is told of the rest, and that no password goes anywhere.
// The exports were written for these tests, after the fields that the programs write.
#include "core/profile/import_profile.h"
#include "core/profile/shell_words.h"
#include "core/profile/write_profile.h"

#include <QFile>
#include <QTest>

using namespace sessionscope;

namespace {

QByteArray sample(const char *name)
{
    QFile file(QStringLiteral(SESSIONSCOPE_SOURCE_DIR "/tests/profile/") + QLatin1String(name));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

ProfileImport importLine(const QString &line)
{
    const auto imported = importMosquitto(*shellWords(line));
    return imported ? *imported : ProfileImport{{}, {imported.error()}};
}

/// All that the import says and writes.
QString everything(const ProfileImport &imported)
{
    QString text = imported.notes.join(u'\n');
    for (const ImportedProfile &one : imported.profiles)
        text += QString::fromUtf8(writeProfile(one.profile));
    return text;
}

} // namespace

class ProfileImportsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void takes_over_mqttx_with_its_collections()
    {
        const auto imported = importMqttx(sample("mqttx-collections.json"));
        QVERIFY(imported.ok());
        QCOMPARE(imported->profiles.size(), std::size_t(1));
        QCOMPARE(imported->profiles.front().folder, QStringLiteral("Plant North/Hall 3"));
        QCOMPARE(
            QString::fromUtf8(writeProfile(imported->profiles.front().profile)),
            QStringLiteral("profile: Door 7\n"
                           "broker: mqtts://broker.example:8883\n"
                           "client_id: door-7\n"
                           "clean_start: false\n"
                           "session_expiry: 2h\n"
                           "keep_alive: 30s\n"
                           "receive_maximum: 10\n"
                           "topic_alias_maximum: 5\n"
                           "request_response_information: true\n"
                           "request_problem_information: false\n"
                           "user_properties:\n  shift: early\n  site: north\n"
                           "username: door\n"
                           "will:\n  topic: door/7/state\n  payload: lost\n  qos: 1\n  retain: true\n  delay: 30s\n"
                           "  message_expiry: 1h\n  content_type: text/plain\n"
                           "password:\n  ask: true\n"
                           "tls:\n  ca_file: /etc/ca.pem\n"
                           "auto_reconnect:\n  first_wait: 4s\n  longest_wait: 4s\n"
                           "resubscribe: true\n"
                           "answer_wait: 10s\n"
                           "auth_method: SCRAM-SHA-256\n"
                           "subscribe:\n  - filter: door/7/#\n    qos: 2\n    no_local: true\n"
                           "    retain_as_published: true\n    retain_handling: 1\n    identifier: 9\n"));
        QCOMPARE(imported->notes,
                 (QStringList{
                     QStringLiteral("Door 7: the User Property shift has several values: only the first is taken over"),
                     QStringLiteral("Door 7: the password is not taken over: the profile asks for it (password: { ask: "
                                    "true })"),
                     QStringLiteral("Door 7: will: payloadFormatIndicator is left out: the will of a profile has none"),
                     QStringLiteral("Door 7: subscription door/7/#: alias is left out: it is only for the eye"),
                     QStringLiteral("Door 7: subscription door/#/wrong: is left out: this is not a topic filter"),
                     QStringLiteral("Door 7: 1 messages are left out: a profile keeps none"),
                     QStringLiteral("Door 7: somethingNew is left out: a profile has nothing like it")}));
    }

    void takes_over_the_oldest_mqttx()
    {
        const auto imported = importMqttx(sample("mqttx-oldest.json"));
        QVERIFY(imported.ok());
        QCOMPARE(
            QString::fromUtf8(writeProfile(imported->profiles.at(0).profile)),
            QStringLiteral("profile: probe\nbroker: ws://broker.example:8083/mqtt\nversion: 3.1.1\nkeep_alive: 1min\n"
                           "will:\n  topic: gone\nsubscribe:\n  - filter: a/b\n    qos: 1\n"));
        QCOMPARE(imported->notes,
                 (QStringList{QStringLiteral("probe: properties are left out: they came with MQTT 5"),
                              QStringLiteral("probe: connectTimeout is left out: expected a number from 1 to 3600")}));
    }

    void takes_over_mqtt_explorer()
    {
        const auto imported = importMqttExplorer(sample("mqtt-explorer-settings.json"));
        QVERIFY(imported.ok());
        QCOMPARE(imported->profiles.size(), std::size_t(2));
        QCOMPARE(QString::fromUtf8(writeProfile(imported->profiles[0].profile)),
                 QStringLiteral("profile: plant\nbroker: mqtts://broker.example:8883\nversion: 3.1.1\nclient_id: \"\"\n"
                                "keep_alive: 1min\nusername: me\npassword:\n  ask: true\nsubscribe:\n  - \"#\"\n"
                                "  - filter: $SYS/#\n    qos: 1\n"));
        QCOMPARE(QString::fromUtf8(writeProfile(imported->profiles[1].profile)),
                 QStringLiteral("profile: web\nbroker: wss://web.example:443/mqtt\nversion: 3.1.1\nclient_id: viewer\n"
                                "keep_alive: 1min\ntls:\n  insecure: true\nsubscribe:\n  - plant/#\n"));
        QCOMPARE(imported->notes.size(), 3);
        QVERIFY(imported->notes[0].startsWith(u"plant: clientId is left out: it was made up"));
        QVERIFY(imported->notes[1].startsWith(u"plant: the password is not taken over"));
        QVERIFY(imported->notes[2].startsWith(u"plant: selfSignedCertificate is left out"));
    }

    void takes_over_the_oldest_mqtt_explorer()
    {
        const auto imported = importMqttExplorer(sample("mqtt-explorer-oldest.json"));
        QVERIFY(imported.ok());
        QCOMPARE(QString::fromUtf8(writeProfile(imported->profiles.at(0).profile)),
                 QStringLiteral("profile: broker.example\nbroker: mqtt://broker.example:1884\nversion: 3.1.1\n"
                                "client_id: viewer\nkeep_alive: 1min\n"));
        QCOMPARE(imported->notes, QStringList());
    }

    void takes_over_a_command_line()
    {
        const ProfileImport imported = importLine(QStringLiteral(
            "mosquitto_sub -h host.example -p 8883 -u me -P correct-horse -t 'a/#' -t b -q 1 -i "
            "door -c "
            "-V 5 -k 30 -D connect session-expiry-interval 3600 -D connect user-property site 'north hall' "
            "-D subscribe subscription-identifier 4 --will-topic door/state --will-payload lost --will-qos 1 "
            "--will-retain -D will will-delay-interval 5 -v"));
        QCOMPARE(
            QString::fromUtf8(writeProfile(imported.profiles.at(0).profile)),
            QStringLiteral("profile: door\nbroker: mqtts://host.example:8883\nclean_start: false\n"
                           "session_expiry: 1h\nkeep_alive: 30s\nuser_properties:\n  site: north hall\nusername: me\n"
                           "will:\n  topic: door/state\n  payload: lost\n  qos: 1\n  retain: true\n  delay: 5s\n"
                           "password:\n  ask: true\nsubscribe:\n  - filter: a/#\n    qos: 1\n    identifier: 4\n"
                           "  - filter: b\n    qos: 1\n    identifier: 4\n"));
        QCOMPARE(
            imported.notes,
            (QStringList{QStringLiteral("door: -v is left out: it is about what mosquitto prints"),
                         QStringLiteral("door: the password is not taken over: the profile asks for it (password: { "
                                        "ask: true })")}));
    }

    void understands_how_mosquitto_means_it_data()
    {
        QTest::addColumn<QString>("line");
        QTest::addColumn<QString>("profile");
        const auto row = [](const char *name, const char *line, const char *profile) {
            QTest::newRow(name) << QString::fromUtf8(line) << QString::fromUtf8(profile);
        };
        row("defaults", "mosquitto_sub -t a",
            "profile: localhost\nbroker: mqtt://localhost:1883\nversion: 3.1.1\nclient_id: \"\"\nkeep_alive: 1min\n"
            "subscribe:\n  - a\n");
        row("a session of 5.0 that lasts", "/usr/bin/mosquitto_sub -V mqttv5 -c -i d",
            "profile: d\nbroker: mqtt://localhost:1883\nclean_start: false\nsession_expiry: never\nkeep_alive: 1min\n");
        row("its expiry by -x", "mosquitto_sub -V 5 -c -x 60 -i d",
            "profile: d\nbroker: mqtt://localhost:1883\nclean_start: false\nsession_expiry: 1min\nkeep_alive: 1min\n");
        row("a URL", "mosquitto_sub -L mqtts://me:correct-horse@h.example/a/b -V 31 -i d -k 0",
            "profile: d\nbroker: mqtts://h.example:8883\nversion: 3.1\nusername: me\npassword:\n  ask: true\n"
            "subscribe:\n  - a/b\n");
        row("a socket", "mosquitto_pub --unix /run/m.sock -i d -t a -m x",
            "profile: d\nbroker: unix:///run/m.sock\nversion: 3.1.1\nkeep_alive: 1min\n");
        row("TLS by its certificate", "mosquitto_sub -h h --cafile ca.pem -i d",
            "profile: d\nbroker: mqtts://h:8883\nversion: 3.1.1\nkeep_alive: 1min\ntls:\n  ca_file: ca.pem\n");
        row("TLS with everything",
            "mosquitto_sub -h h -p 8884 --cafile ca.pem --cert c.pem --key k.pem --tls-alpn mqtt --insecure -i d",
            "profile: d\nbroker: mqtts://h:8884\nversion: 3.1.1\nkeep_alive: 1min\n"
            "tls:\n  ca_file: ca.pem\n  cert: c.pem\n  key: k.pem\n  alpn: mqtt\n  insecure: true\n");
        row("certificates without TLS", "mosquitto_sub -h h --insecure -i d",
            "profile: d\nbroker: mqtt://h:1883\nversion: 3.1.1\nkeep_alive: 1min\n");
    }

    void understands_how_mosquitto_means_it()
    {
        QFETCH(QString, line);
        QFETCH(QString, profile);
        const ProfileImport imported = importLine(line);
        QCOMPARE(imported.profiles.size(), std::size_t(1));
        QCOMPARE(QString::fromUtf8(writeProfile(imported.profiles.front().profile)), profile);
    }

    void says_what_it_leaves_out()
    {
        const QStringList notes =
            importLine(
                QStringLiteral("mosquitto_pub -i d -t a -q 2 -m hello -x 5 -D publish content-type text -D connect "
                               "authentication-method X --will-payload lost -k 70000"))
                .notes;
        QCOMPARE(
            notes,
            (QStringList{
                QStringLiteral("d: -m is left out: a profile publishes nothing; see connect --publish"),
                QStringLiteral("d: -D publish content-type is left out: a profile has nothing like it"),
                QStringLiteral("d: -D connect authentication-method is left out: a profile has nothing like it"),
                QStringLiteral("d: -k is left out: \"70000\" is not a number from 0 to 65535"),
                QStringLiteral("d: the will is left out: it has no --will-topic"),
                QStringLiteral("d: properties and -x are left out: they came with MQTT 5, and -V does not say 5"),
                QStringLiteral("d: -t a is left out: a profile publishes nothing; see connect --publish 'a:2=…'")}));
    }

    void refuses_what_is_no_export_data()
    {
        QTest::addColumn<QString>("error");
        QTest::addColumn<QString>("expected");
        const auto error = [](const ImportResult &result) { return result ? QString() : result.error(); };
        QTest::newRow("no JSON") << error(importMqttx("[1")) << QStringLiteral("not JSON");
        QTest::newRow("another JSON") << error(importMqttx("{\"a\": 1}")) << QStringLiteral("no export of MQTTX");
        QTest::newRow("nothing") << error(importMqttExplorer("{}"))
                                 << QStringLiteral("no connections of MQTT Explorer");
        QTest::newRow("another program") << error(importMosquitto({QStringLiteral("mosquitto_sob")}))
                                         << QStringLiteral("Did you mean \"mosquitto_sub\"?");
        QTest::newRow("no option") << error(
                                          importMosquitto({QStringLiteral("mosquitto_sub"), QStringLiteral("--hots")}))
                                   << QStringLiteral("mosquitto has no option --hots. Did you mean \"--host\"?");
        QTest::newRow("no value") << error(importMosquitto({QStringLiteral("mosquitto_sub"), QStringLiteral("-h")}))
                                  << QStringLiteral("-h ends too early");
    }

    void refuses_what_is_no_export()
    {
        QFETCH(QString, error);
        QFETCH(QString, expected);
        QVERIFY2(error.contains(expected), qPrintable(error));
    }

    void takes_no_password_along()
    {
        const ImportResult all[] = {importMqttx(sample("mqttx-collections.json")),
                                    importMqttExplorer(sample("mqtt-explorer-settings.json")),
                                    importMosquitto(words("mosquitto_sub -u me -P correct-horse -t a")),
                                    importMosquitto(words("mosquitto_sub -L mqtt://me:correct-horse@h/a"))};
        for (const ImportResult &one : all) {
            QVERIFY(one.ok());
            const QString text = everything(*one);
            QVERIFY2(text.contains(u"ask: true"), qPrintable(text));
            QVERIFY2(!text.contains(u"correct-horse"), qPrintable(text));
            QVERIFY2(!text.contains(u"battery-staple"), qPrintable(text));
        }
        const auto lost = importMosquitto(words("mosquitto_sub -t a correct-horse"));
        QVERIFY(!lost.ok());
        QVERIFY2(!lost.error().contains(u"correct-horse"), qPrintable(lost.error()));
    }

    void cuts_words_as_a_shell_does_data()
    {
        QTest::addColumn<QString>("line");
        QTest::addColumn<QStringList>("expected");
        const auto row = [](const char *line, const QStringList &expected) {
            QTest::newRow(line) << QString::fromUtf8(line) << expected;
        };
        row("a  b\tc", {QStringLiteral("a"), QStringLiteral("b"), QStringLiteral("c")});
        row("'a b' \"c d\"e ''", {QStringLiteral("a b"), QStringLiteral("c de"), QString()});
        row("a\\ b \"c\\\"d\\e\" 'f\\g'", {QStringLiteral("a b"), QStringLiteral("c\"d\\e"), QStringLiteral("f\\g")});
        row("a \\\n b", {QStringLiteral("a"), QStringLiteral("b")});
        row("", {});
    }

    void cuts_words_as_a_shell_does()
    {
        QFETCH(QString, line);
        QFETCH(QStringList, expected);
        QCOMPARE(*shellWords(line), expected);
        QVERIFY(!shellWords(line + QStringLiteral(" 'x")).ok());
    }

private:
    static QStringList words(const char *line) { return QString::fromUtf8(line).split(u' '); }
};

QTEST_APPLESS_MAIN(ProfileImportsTest)
#include "tst_profile_imports.moc"
