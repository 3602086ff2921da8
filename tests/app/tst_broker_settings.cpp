// The broker's settings: one table for file, options and help; a file is read whole or answered with the place of the
// mistake, and what is printed can be read again.
#include "app/cli/access_files.h"
#include "app/cli/broker_file.h"
#include "app/cli/broker_options.h"

#include <QFile>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

using namespace sessionscope;
using namespace sessionscope::cli;

namespace {

/// A value that differs from the default, for every setting.
QString otherValue(const Setting &setting)
{
    static const QMap<QByteArray, QString> special{
        {"listen", QStringLiteral("mqtt://[::1]:0")},
        {"max-qos", QStringLiteral("1")},
        {"tls-cert", QStringLiteral("/etc/cert.pem")},
        {"tls-key", QStringLiteral("/etc/key.pem")},
        {"tls-ca", QStringLiteral("/etc/ca.pem")},
        {"trace", QStringLiteral("packets")},
        {"password-file", QStringLiteral("/etc/my \"passwords\"")},
        {"scram-file", QStringLiteral("/etc/scram")},
        {"acl-file", QStringLiteral("/etc/acl: 1")},
        {"note-only-for", QStringLiteral("a: #b")},
        {"queue-overflow", QStringLiteral("drop-oldest")},
    };
    if (const auto found = special.constFind(setting.name); found != special.cend())
        return *found;
    if (setting.kind == Setting::Kind::Switch)
        return QStringLiteral("true");
    return QByteArray(setting.valueName) == "DURATION" ? QStringLiteral("1h5s") : QStringLiteral("200");
}

std::optional<UsageError> applyArguments(BrokerSettings &settings, const QStringList &arguments)
{
    Options options(QStringLiteral("broker"), QString());
    addBrokerOptions(options);
    if (auto error = options.parse(arguments))
        return error;
    return applyOptions(settings, options);
}

QString write(const QTemporaryDir &folder, const QString &name, const QByteArray &text)
{
    const QString fileName = folder.filePath(name);
    QFile file(fileName);
    [&] { QVERIFY(file.open(QIODevice::WriteOnly)); }();
    file.write(text);
    return fileName;
}

/// Of "pencil", by gsasl --mkpasswd.
const QByteArray verifier =
    "plant:{SCRAM-SHA-1}4096,W22ZaJ0SNY7soEsUEjb6gQ==,g2pEzX2tMaoibxTD4YfBJkq1y8w=,ZGkNjsmKwVX5C5z80vGxHZ02jOI=\n";

} // namespace

class BrokerSettingsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void every_setting_is_key_and_option_and_comes_back_data()
    {
        QTest::addColumn<int>("index");
        int index = 0;
        for (const Setting &setting : brokerSettings())
            QTest::newRow(setting.name) << index++;
    }
    void every_setting_is_key_and_option_and_comes_back()
    {
        QFETCH(int, index);
        const Setting &setting = brokerSettings()[std::size_t(index)];
        const QString value = otherValue(setting);
        const BrokerSettings defaults;
        BrokerSettings byOption;
        const auto error =
            applyArguments(byOption, {QStringLiteral("--%1=%2").arg(QLatin1String(setting.name), value)});
        QVERIFY2(!error, error ? qPrintable(error->text) : "");
        QCOMPARE(setting.texts(byOption), QStringList{value});
        QVERIFY(setting.texts(defaults) != QStringList{value});

        BrokerSettings byFile;
        const QString printed = fileText(byOption);
        const auto placed = applyFile(byFile, printed.toUtf8(), QStringLiteral("/"));
        QVERIFY2(!placed, placed ? qPrintable(placedText(printed, *placed)) : "");
        QCOMPARE(setting.texts(byFile), QStringList{value});
        QCOMPARE(fileText(byFile), printed);
        QVERIFY(fileText(byFile) != fileText(defaults));
    }

    void a_switch_needs_no_value_and_can_be_turned_off()
    {
        BrokerSettings settings;
        QVERIFY(!applyFile(settings, "no-retain: yes\nno-shared: true\n", QStringLiteral("/")));
        QVERIFY(!settings.config.retainAvailable);
        QVERIFY(!applyArguments(settings, {QStringLiteral("--no-retain=false"), QStringLiteral("--no-wildcard")}));
        QVERIFY(settings.config.retainAvailable);
        QVERIFY(!settings.config.wildcardSubscriptionAvailable);
        QVERIFY(!settings.config.sharedSubscriptionAvailable);
    }

    void options_override_the_file()
    {
        BrokerSettings settings;
        QVERIFY(!applyFile(settings, "max-inflight: 5\nmax-queued: 7\nnote-only-for: [a, b]\n", QStringLiteral("/")));
        QVERIFY(!applyArguments(settings, {QStringLiteral("--max-inflight"), QStringLiteral("6"),
                                           QStringLiteral("--note-only-for"), QStringLiteral("c"),
                                           QStringLiteral("--note-only-for"), QStringLiteral("d")}));
        QCOMPARE(settings.config.receiveMaximum, quint16(6));
        QCOMPARE(settings.config.maximumQueuedMessages, 7);
        QCOMPARE(settings.config.noteViolationsOf, (std::set<QByteArray>{"c", "d"}));
    }

    void paths_in_a_file_are_relative_to_it()
    {
        BrokerSettings settings;
        QVERIFY(!applyFile(settings, "password-file: passwords\nscram-file: scram\nacl-file: /etc/acl\n",
                           QStringLiteral("/srv/broker")));
        QCOMPARE(settings.passwordFile, QStringLiteral("/srv/broker/passwords"));
        QCOMPARE(settings.scramFile, QStringLiteral("/srv/broker/scram"));
        QCOMPARE(settings.aclFile, QStringLiteral("/etc/acl"));
    }

    void an_empty_file_changes_nothing()
    {
        BrokerSettings settings;
        QVERIFY(!applyFile(settings, "# only a comment\n", QStringLiteral("/")));
        QVERIFY(!applyFile(settings, "", QStringLiteral("/")));
        QCOMPARE(fileText(settings), fileText(BrokerSettings()));
    }

    void says_where_a_file_is_wrong_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("line");
        QTest::addColumn<int>("column");
        QTest::addColumn<QString>("says");
        QTest::newRow("unknown key") << QByteArray("max-qos: 1\nmax-inflght: 3\n") << 2 << 1
                                     << "Did you mean \"max-inflight\"?";
        QTest::newRow("not a number") << QByteArray("max-inflight:   many\n") << 1 << 17 << "from 1 to 65535";
        QTest::newRow("out of range") << QByteArray("max-inflight: 0") << 1 << 15 << "from 1 to 65535";
        QTest::newRow("bytes") << QByteArray("max-packet-size: 1MB") << 1 << 18 << "64KiB";
        QTest::newRow("unit") << QByteArray("max-session-expiry: 5w") << 1 << 21 << "1h30min";
        QTest::newRow("switch") << QByteArray("no-retain: 1") << 1 << 12 << "true or false";
        QTest::newRow("no value") << QByteArray("max-qos:\n") << 1 << 1 << "0|1|2";
        QTest::newRow("twice") << QByteArray("max-qos: 1\nmax-qos: 2\n") << 2 << 1 << "set already";
        QTest::newRow("list where one belongs") << QByteArray("max-qos: [1, 2]") << 1 << 10 << "expected max-qos";
        QTest::newRow("in a list") << QByteArray("note-only-for:\n  - a\n  - {b: c}\n") << 3 << 5 << "note-only-for";
        QTest::newRow("a list of settings") << QByteArray("- max-qos: 1\n") << 1 << 1 << "NAME: VALUE";
        QTest::newRow("no YAML") << QByteArray("max-qos: [1\n") << 2 << 1 << "not YAML";
        QTest::newRow("tab") << QByteArray("max-qos: 1\n\tmax-sessions: 2\n") << 2 << 1 << "not YAML";
        QTest::newRow("address") << QByteArray("listen: \"::::\"\n") << 1 << 9 << "colon";
    }
    void says_where_a_file_is_wrong()
    {
        QFETCH(QByteArray, text);
        QFETCH(int, line);
        QFETCH(int, column);
        QFETCH(QString, says);
        BrokerSettings settings;
        settings.log = true;
        const QString before = fileText(settings);
        const auto error = applyFile(settings, text, QStringLiteral("/"));
        QVERIFY(error);
        QVERIFY2(error->what.contains(says), qPrintable(error->what));
        QCOMPARE(placedText(QStringLiteral("f"), *error),
                 QStringLiteral("f:%1:%2: %3").arg(line).arg(column).arg(error->what));
        QCOMPARE(fileText(settings), before);
    }

    void the_documented_table_is_the_codes()
    {
        QFile page(QStringLiteral(SESSIONSCOPE_SOURCE_DIR "/resources/help/broker.md"));
        QVERIFY(page.open(QIODevice::ReadOnly));
        QStringList found;
        for (const QString &line : QString::fromUtf8(page.readAll()).split(u'\n')) {
            if (line.startsWith(u"| `") && line.count(u'|') == 5) // that of $SYS has two columns
                found << line;
        }
        const BrokerSettings defaults;
        QStringList expected;
        for (const Setting &setting : brokerSettings()) {
            QString reached = QString::fromUtf8(setting.reached ? setting.reached : "");
            if (!setting.reached)
                reached = QStringLiteral("–");
            const QString value = setting.texts(defaults).join(u' ');
            expected << QStringLiteral("| `%1` | %2 | %3 | %4 |")
                            .arg(QLatin1String(setting.name), value.isEmpty() ? QStringLiteral("–") : value,
                                 QLatin1String(setting.help), reached);
        }
        QVERIFY2(found == expected, qPrintable(expected.join(u'\n')));
    }

    void reads_the_access_files_and_warns_of_open_ones()
    {
        QTemporaryDir folder;
        BrokerSettings settings;
        settings.passwordFile = write(folder, QStringLiteral("passwords"), "# nobody yet\n");
        settings.aclFile = write(folder, QStringLiteral("acl"), "topic read a\n");
        QFile::setPermissions(settings.passwordFile, QFile::ReadOwner | QFile::WriteOwner);
        const auto files = readAccessFiles(settings);
        QVERIFY(files.ok());
        QVERIFY(files->access.accounts && files->access.accounts->empty() && files->access.passwordCheck);
        QVERIFY(files->access.list);
        QCOMPARE(files->warnings, QStringList());
        QFile::setPermissions(settings.passwordFile, QFile::ReadOwner | QFile::WriteOwner | QFile::ReadOther);
        const auto open = readAccessFiles(settings);
        QCOMPARE(open->warnings.size(), 1);
        QVERIFY2(open->warnings.first().contains(QStringLiteral("chmod 600")), qPrintable(open->warnings.first()));
    }

    void reads_a_scram_file_and_believes_no_other_names()
    {
        QTemporaryDir folder;
        BrokerSettings settings;
        settings.scramFile = write(folder, QStringLiteral("scram"), verifier);
        const auto files = readAccessFiles(settings);
        QVERIFY(files.ok());
        QCOMPARE(files->access.authentications.size(), std::size_t(1));
        QVERIFY(files->access.authentications.at("SCRAM-SHA-1")->admits("plant"));
        QVERIFY(!files->access.authentications.at("SCRAM-SHA-1")->admits("door"));
        QVERIFY(files->access.accounts && files->access.accounts->empty());
        QCOMPARE(files->warnings.size(), 1);
        QVERIFY(files->warnings.first().contains(settings.scramFile));
        QFile::setPermissions(settings.scramFile, QFile::ReadOwner | QFile::WriteOwner);
        QCOMPARE(readAccessFiles(settings)->warnings, QStringList());

        write(folder, QStringLiteral("scram"), "# no longer\nplant:hunter2\n");
        const auto wrong = readAccessFiles(settings);
        QVERIFY(!wrong);
        QVERIFY2(wrong.error().text.startsWith(settings.scramFile + QStringLiteral(":2:7: ")),
                 qPrintable(wrong.error().text));
        QVERIFY(!wrong.error().text.contains(QStringLiteral("hunter2")));
    }

    void says_where_an_access_file_is_wrong()
    {
        QTemporaryDir folder;
        BrokerSettings settings;
        settings.passwordFile = write(folder, QStringLiteral("passwords"), "ann:hunter2\n");
        const auto files = readAccessFiles(settings);
        QVERIFY(!files);
        QVERIFY2(files.error().text.contains(settings.passwordFile + QStringLiteral(":1:5: ")),
                 qPrintable(files.error().text));
        QVERIFY(!files.error().text.contains(QStringLiteral("hunter2")));
        settings.passwordFile = folder.path();
        QVERIFY(readAccessFiles(settings).error().text.contains(QStringLiteral("folder")));
        settings.passwordFile = folder.filePath(QStringLiteral("missing"));
        QVERIFY(readAccessFiles(settings).error().text.contains(QStringLiteral("cannot read")));
    }

    void listens_at_several_addresses_with_one_certificate()
    {
        BrokerSettings settings;
        QVERIFY(!applyFile(settings,
                           "listen: [\"mqtts://[::1]:8883\", ws://127.0.0.1:8083/mqtt, unix:///run/b.sock]\n"
                           "tls-cert: c.pem\ntls-key: k.pem\n",
                           QStringLiteral("/etc/lab")));
        QVERIFY(!contradictionIn(settings));
        const auto listeners = listenersOf(settings);
        QCOMPARE(listeners.size(), std::size_t(3));
        QCOMPARE(listeners[0].tls.certificateFile, QStringLiteral("/etc/lab/c.pem"));
        QCOMPARE(listeners[0].tls.keyFile, QStringLiteral("/etc/lab/k.pem"));
        QCOMPARE(listeners[1].tls, TlsSettings());
        QCOMPARE(toUrl(listeners[2]), QStringLiteral("unix:///run/b.sock"));
        // Options take the place of all of them.
        QVERIFY(!applyArguments(settings, {QStringLiteral("--listen=ws://h"), QStringLiteral("--listen=wss://h")}));
        QCOMPARE(listenersOf(settings).size(), std::size_t(2));
        QCOMPARE(toUrl(settings.listen[1]), QStringLiteral("wss://h:443/mqtt"));
    }

    void tells_which_certificate_is_missing_or_idle()
    {
        BrokerSettings settings;
        settings.tls.caFile = QStringLiteral("/ca.pem");
        QVERIFY(contradictionIn(settings)->text.contains(QStringLiteral("listen has none")));
        settings.listen.push_back(*parseEndpoint(QStringLiteral("wss://h")));
        settings.tls.keyFile = QStringLiteral("/key.pem");
        QVERIFY(contradictionIn(settings)->text.startsWith(QStringLiteral("listen wss://h:443/mqtt needs tls-cert")));
        settings.tls.certificateFile = QStringLiteral("/cert.pem");
        QVERIFY(!contradictionIn(settings));
        settings.listen.clear();
        QVERIFY(contradictionIn(settings)->text.contains(QStringLiteral("no address")));
    }

    void tells_when_nobody_could_connect()
    {
        BrokerSettings settings;
        QVERIFY(!contradictionIn(settings));
        settings.anonymous = Anonymous::Refused;
        QVERIFY(contradictionIn(settings)->text.contains(QStringLiteral("password-file")));
        settings.passwordFile = QStringLiteral("/p");
        QVERIFY(!contradictionIn(settings));
        settings.passwordFile.clear();
        settings.scramFile = QStringLiteral("/s");
        QVERIFY(!contradictionIn(settings));
    }
};

QTEST_APPLESS_MAIN(BrokerSettingsTest)
#include "tst_broker_settings.moc"
