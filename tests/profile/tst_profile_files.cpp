// Profiles as files: every key there and back, every mistake at its place, and files changed key by key.
#include "core/profile/profile_folder.h"
#include "core/profile/update_profile.h"
#include "core/profile/write_profile.h"
#include "core/scenario/grammar.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace sessionscope;
using namespace std::chrono_literals;

namespace {

QStringList problemsOf(const QByteArray &text)
{
    const auto profile = readProfile(text, QStringLiteral("p.yaml"));
    QStringList lines;
    if (!profile) {
        for (const Problem &problem : profile.error())
            lines << problemText(problem);
    }
    return lines;
}

/// Each key, as it is written.
const std::vector<std::pair<QString, QByteArray>> &samples()
{
    static const std::vector<std::pair<QString, QByteArray>> list{
        {QStringLiteral("profile"), ""},
        {QStringLiteral("about"), "about: \"Two: words\"\n"},
        {QStringLiteral("broker"), "broker: mqtts://broker.example:8883\n"},
        {QStringLiteral("version"), "version: 3.1.1\n"},
        {QStringLiteral("client_id"), "client_id: \"\"\n"},
        {QStringLiteral("clean_start"), "clean_start: false\n"},
        {QStringLiteral("session_expiry"), "session_expiry: never\n"},
        {QStringLiteral("keep_alive"), "keep_alive: 1min30s\n"},
        {QStringLiteral("receive_maximum"), "receive_maximum: 7\n"},
        {QStringLiteral("maximum_packet_size"), "maximum_packet_size: 4294967295\n"},
        {QStringLiteral("topic_alias_maximum"), "topic_alias_maximum: 0\n"},
        {QStringLiteral("request_response_information"), "request_response_information: true\n"},
        {QStringLiteral("request_problem_information"), "request_problem_information: false\n"},
        {QStringLiteral("user_properties"), "user_properties:\n  site: north\n  \"\": \"~\"\n"},
        {QStringLiteral("username"), "username: j\xC3\xBCrgen\n"},
        {QStringLiteral("will"),
         "will:\n  topic: a/b\n  payload:\n    hex: 00 ff\n  qos: 2\n  retain: true\n  delay: 30s\n"
         "  message_expiry: 1h\n  content_type: text/plain\n  response_topic: r\n"
         "  correlation_data: c7\n  user_properties:\n    n: v\n"},
        {QStringLiteral("password"), "password:\n  keyring: plant/door/7\n"},
        {QStringLiteral("tls"), "tls:\n  ca_file: ca.pem\n  cert: certs/door.pem\n  key: /etc/door-key.pem\n"
                                "  server_name: plant.example\n  alpn: mqtt\n  insecure: true\n"},
        {QStringLiteral("auto_reconnect"),
         "auto_reconnect:\n  first_wait: 250ms\n  longest_wait: 10s\n  attempts: 5\n"},
        {QStringLiteral("follow_redirects"), "follow_redirects: true\n"},
        {QStringLiteral("resubscribe"), "resubscribe: true\n"},
        {QStringLiteral("republish_lost"), "republish_lost: true\n"},
        {QStringLiteral("adopt_unknown_session"), "adopt_unknown_session: true\n"},
        {QStringLiteral("clean_after_unanswered_resume"), "clean_after_unanswered_resume: true\n"},
        {QStringLiteral("topic_aliases"), "topic_aliases: true\n"},
        {QStringLiteral("ignore_server_limits"), "ignore_server_limits: true\n"},
        {QStringLiteral("v3_send_maximum"), "v3_send_maximum: 3\n"},
        {QStringLiteral("answer_wait"), "answer_wait: 2s\n"},
        {QStringLiteral("on_violation"), "on_violation: note\n"},
        {QStringLiteral("auth_method"), "username: u\npassword:\n  env: PLANT_PASSWORD\nauth_method: SCRAM-SHA-256\n"},
        {QStringLiteral("subscribe"),
         "subscribe:\n  - a/#\n  - filter: b\n    qos: 1\n    no_local: true\n    retain_as_published: true\n"
         "    retain_handling: 2\n    identifier: 9\n    user_properties: {n: v}\n"},
    };
    return list;
}

const QByteArray commented = "# of the plant\n"
                             "profile: door\n"
                             "\n"
                             "# where it lives\n"
                             "broker: mqtt://h:1883   # the old one\n"
                             "clean_start:   false # keeps its session\n"
                             "will: { topic: a, payload: \"x # y\" }\n"
                             "# the end\n";

} // namespace

class ProfileFilesTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void knows_a_sample_of_every_key()
    {
        QStringList names;
        for (const auto &[name, text] : samples())
            names << name;
        QCOMPARE(names, profileKeys());
    }

    void writes_what_it_read_data()
    {
        QTest::addColumn<QByteArray>("text");
        for (const auto &[name, text] : samples())
            QTest::newRow(qPrintable(name)) << QByteArray("profile: door\n" + text);
        QTest::newRow("an env") << QByteArray("profile: door\npassword:\n  env: A_B\n");
        QTest::newRow("a file") << QByteArray("profile: door\npassword:\n  file: ~/secrets/door\n");
        QTest::newRow("asked") << QByteArray("profile: door\npassword:\n  ask: true\n");
        QTest::newRow("reconnect") << QByteArray("profile: door\nauto_reconnect: true\n");
        QTest::newRow("no variables") << QByteArray("profile: door\nwill:\n  topic: ${a}/$${b}\n");
        QTest::newRow("odd name") << QByteArray("profile: \"a: b # c\"\nversion: 3.1\n");
    }

    void writes_what_it_read()
    {
        QFETCH(QByteArray, text);
        const auto profile = readProfile(text, QStringLiteral("p.yaml"));
        QVERIFY2(profile.ok(), qPrintable(problemsOf(text).join(u'\n')));
        QCOMPARE(QString::fromUtf8(writeProfile(*profile)), QString::fromUtf8(text));
    }

    void leaves_defaults_out()
    {
        const auto profile =
            readProfile("profile: door\nbroker: bundled\nversion: 5\nclient_id: door\nclean_start: true\n"
                        "keep_alive: 0\nauto_reconnect: false\nresubscribe: no\non_violation: answer\n"
                        "answer_wait: 30s\nv3_send_maximum: 20\n",
                        {});
        QVERIFY(profile.ok());
        QCOMPARE(writeProfile(*profile), QByteArray("profile: door\n"));
    }

    void means_what_a_scenario_s_client_means()
    {
        const auto profile =
            readProfile("profile: door\nsession_expiry: 1h\nkeep_alive: 60s\nusername: u\n"
                        "password: { file: door.secret }\nsubscribe: [a, { filter: b, identifier: 3 }]\n",
                        QStringLiteral("plant/door.yaml"));
        QVERIFY(profile.ok());
        const ScenarioClient &client = profile->client;
        QCOMPARE(client.connect.clientId, QByteArray("door"));
        QCOMPARE(*client.connect.properties.integer(PropertyId::SessionExpiryInterval), 3600u);
        QCOMPARE(client.connect.keepAlive, quint16(60));
        QVERIFY(!client.connect.password);
        QCOMPARE(client.passwordFrom.source, SecretSource::File);
        QCOMPARE(client.passwordFrom.folder + client.passwordFrom.name, QStringLiteral("plant/door.secret"));
        QVERIFY(!client.broker);
        QCOMPARE(profile->subscribe.size(), std::size_t(2));
        QVERIFY(!profile->subscribe[0].properties.contains(PropertyId::SubscriptionIdentifier));
        QCOMPARE(*profile->subscribe[1].properties.integer(PropertyId::SubscriptionIdentifier), 3u);
    }

    void points_at_every_mistake_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QStringList>("problems");
        const auto row = [](const char *name, const QByteArray &text, const QStringList &problems) {
            QTest::newRow(name) << text << problems;
        };
        row("empty", "", {QStringLiteral("p.yaml:1:1: nothing is not a key of a profile")});
        row("no name", "broker: mqtt://h\n", {QStringLiteral("p.yaml:1:1: \"profile\" is missing: expected text")});
        row("name in the middle", "about: x\nprofile: door\n",
            {QStringLiteral("p.yaml:1:1: \"about\" stands before the name: expected profile: NAME as the first key")});
        row("misspelt", "profile: d\nsession_expirey: 1h\nkeep_alive: 60\n",
            {QStringLiteral("p.yaml:2:1: unknown key \"session_expirey\": expected a key of a profile. Did you mean "
                            "\"session_expiry\"?"),
             QStringLiteral("p.yaml:3:13: \"60\" has no unit: expected a duration such as 60s or 1h")});
        row("no URL", "profile: d\nbroker: http://h\n",
            {QStringLiteral(
                "p.yaml:2:9: at character 1: unknown scheme; expected mqtt, tcp, mqtts, ssl, ws, wss or unix")});
        row("no filter", "profile: d\nsubscribe: [a/#/b]\n",
            {QStringLiteral("p.yaml:2:13: \"a/#/b\" is not a topic filter")});
        row("of another version", "profile: d\nversion: 3.1.1\nsession_expiry: 1h\n",
            {QStringLiteral(
                "p.yaml:1:1: d has properties, which MQTT 5 brought: expected version: 5, or no session_expiry, "
                "receive_maximum and the like")});
        row("a method alone", "profile: d\nauth_method: SCRAM-SHA-256\n",
            {QStringLiteral(
                "p.yaml:2:14: auth_method proves who the user is: expected username and password beside it")});
        row("two ways", "profile: d\npassword: { env: A, ask: true }\n",
            {QStringLiteral("p.yaml:2:11: 2 ways to a password: expected one of env, file, keyring and ask")});
        row("no way", "profile: d\npassword: { ask: false }\n", {QStringLiteral("p.yaml:2:18: expected true")});
        row("no profile in a profile", "profile: d\nprofile: e\n",
            {QStringLiteral("p.yaml:2:1: \"profile\" stands here twice: expected it once")});
    }

    void points_at_every_mistake()
    {
        QFETCH(QByteArray, text);
        QFETCH(QStringList, problems);
        QCOMPARE(problemsOf(text), problems);
    }

    void never_repeats_a_password_in_plain_text_data()
    {
        QTest::addColumn<QByteArray>("line");
        QTest::newRow("a text") << QByteArray("password: correct-horse");
        QTest::newRow("a list") << QByteArray("password: [correct-horse]");
        QTest::newRow("no variable") << QByteArray("password: { env: correct-horse }");
        QTest::newRow("no entry") << QByteArray("password: { keyring: correct-horse }");
        QTest::newRow("in the URL") << QByteArray("broker: mqtt://me:correct-horse@h");
        QTest::newRow("asked") << QByteArray("password: { ask: correct-horse }");
    }

    void never_repeats_a_password_in_plain_text()
    {
        QFETCH(QByteArray, line);
        const QString told = problemsOf("profile: d\n" + line + '\n').join(u'\n');
        QVERIFY(!told.isEmpty());
        QVERIFY2(!told.contains(u"correct-horse"), qPrintable(told));
        if (line == "password: correct-horse")
            QCOMPARE(told, QStringLiteral("p.yaml:2:11: a password does not stand in a file: expected { env: NAME }, "
                                          "{ file: PATH }, { keyring: SERVICE/KEY } or { ask: true }"));
    }

    void changes_only_the_lines_that_change()
    {
        auto profile = *readProfile(commented, {});
        QCOMPARE(updateProfile(commented, profile), commented);
        profile.client.connect.properties.add(PropertyId::SessionExpiryInterval, 60);
        profile.client.broker->port = 1884;
        const QByteArray changed = updateProfile(commented, profile);
        QCOMPARE(QString::fromUtf8(changed), QString::fromUtf8("# of the plant\n"
                                                               "profile: door\n"
                                                               "\n"
                                                               "# where it lives\n"
                                                               "broker: mqtt://h:1884   # the old one\n"
                                                               "clean_start:   false # keeps its session\n"
                                                               "session_expiry: 1min\n"
                                                               "will: { topic: a, payload: \"x # y\" }\n"
                                                               "# the end\n"));
        profile.client.connect.will.reset();
        profile.client.connect.properties = {};
        profile.client.connect.cleanStart = true;
        QCOMPARE(QString::fromUtf8(updateProfile(changed, profile)),
                 QString::fromUtf8("# of the plant\nprofile: door\n\n# where it lives\n"
                                   "broker: mqtt://h:1884   # the old one\n# the end\n"));
    }

    void writes_anew_what_cannot_be_changed_line_by_line()
    {
        auto profile = *readProfile("{ profile: door, clean_start: false }\n", {});
        profile.client.connect.keepAlive = 5;
        const QByteArray anew = "profile: door\nclean_start: false\nkeep_alive: 5s\n";
        QCOMPARE(updateProfile("{ profile: door, clean_start: false }\n", profile), anew);
        QCOMPARE(updateProfile("profile: [", profile), anew);
        QCOMPARE(updateProfile("", profile), anew);
    }

    void the_help_tells_every_key()
    {
        QFile help(QStringLiteral(SESSIONSCOPE_SOURCE_DIR "/resources/help/profiles.md"));
        QVERIFY(help.open(QIODevice::ReadOnly));
        QStringList rows;
        for (const QString &line : QString::fromUtf8(help.readAll()).split(u'\n')) {
            if (line.startsWith(u"| `"))
                rows << line;
        }
        QStringList expected;
        for (const Field &field : profileShape().fields)
            expected << QStringLiteral("| `%1` | %2 |").arg(field.name, field.help);
        QCOMPARE(rows, expected);
    }

    void finds_files_by_path_and_by_name()
    {
        QTemporaryDir home;
        qputenv("XDG_CONFIG_HOME", home.path().toUtf8());
        QCOMPARE(profileFolder(), home.filePath(QStringLiteral("sessionscope/profiles")));
        const QString door = profileFolder() + QStringLiteral("/plant/door.yaml");
        QVERIFY(!saveTextFile(door, "profile: door\n", Overwrite::No));
        const auto again = saveTextFile(door, "profile: other\n", Overwrite::No);
        QVERIFY(again && again->contains(u"is there already"));
        QVERIFY(!saveTextFile(home.filePath(QStringLiteral("here.yml")), "profile: here\n", Overwrite::No));
        QCOMPARE(profileFiles(profileFolder()), (std::vector<ProfileFile>{{QStringLiteral("plant/door"), door}}));
        QCOMPARE(findProfile(QStringLiteral("plant/door"))->path, door);
        QCOMPARE(findProfile(door)->path, door);
        QCOMPARE(findProfile(QStringLiteral("here"), home.path())->path, home.filePath(QStringLiteral("here.yml")));
        QCOMPARE(loadProfile(door)->name, QStringLiteral("door"));
        const auto wrong = findProfile(QStringLiteral("plant/dor"));
        QVERIFY(!wrong.ok());
        QVERIFY2(wrong.error().endsWith(u"Did you mean \"plant/door\"?"), qPrintable(wrong.error()));
    }

    void names_files_as_shells_like_them()
    {
        QCOMPARE(fileNameOf(QStringLiteral("Door 7 (north)")), QStringLiteral("Door-7-north"));
        QCOMPARE(fileNameOf(QStringLiteral("../../etc/passwd")), QStringLiteral("etc-passwd"));
        QCOMPARE(fileNameOf(QStringLiteral("mqtt://h")), QStringLiteral("mqtt-h"));
        QCOMPARE(fileNameOf(QStringLiteral("Tür_1.5")), QStringLiteral("Tür_1.5"));
        QCOMPARE(fileNameOf(QStringLiteral("/")), QStringLiteral("profile"));
    }
};

QTEST_APPLESS_MAIN(ProfileFilesTest)
#include "tst_profile_files.moc"
