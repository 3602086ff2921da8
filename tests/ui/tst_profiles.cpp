// Profiles in the window: the form and the file mean the same, what the form does not show survives, a typed password
// is never stored, and somebody else's changes are not lost.
#include "tests/ui/window_driver.h"

#include "core/profile/write_profile.h"
#include "ui/common/icons.h"
#include "ui/common/theme.h"
#include "ui/common/translation.h"
#include "ui/connect/connect_form.h"
#include "ui/connect/profile_file.h"
#include "ui/connect/profile_list.h"
#include "ui/connect/profile_store.h"
#include "ui/shell/banner.h"
#include "ui/shell/page_book.h"

#include <QCheckBox>
#include <QFile>
#include <QLineEdit>
#include <QListView>
#include <QMessageBox>
#include <QPushButton>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>

using namespace sessionscope;

namespace {

const QByteArray full = "profile: door\nabout: all of it\nbroker: mqtts://broker.example:8883\nclient_id: other\n"
                        "clean_start: false\nsession_expiry: 1h\nkeep_alive: 30s\nreceive_maximum: 3\n"
                        "maximum_packet_size: 4294967295\ntopic_alias_maximum: 0\nrequest_response_information: true\n"
                        "user_properties:\n  site: north\nusername: me\n"
                        "will:\n  topic: lost\n  payload:\n    hex: 00 ff\n  qos: 2\n  delay: 5s\n  content_type: x\n"
                        "password:\n  env: DOOR_PASSWORD\nauto_reconnect:\n  first_wait: 2s\nrepublish_lost: true\n"
                        "answer_wait: 5s\non_violation: note\nauth_method: SCRAM-SHA-1\nsubscribe:\n  - a\n";

Profile profileOf(const QByteArray &text)
{
    const auto profile = readProfile(text, {});
    return profile ? *profile : Profile{};
}

QByteArray fileText(const QString &path)
{
    const auto text = readTextFile(path);
    return text ? *text : QByteArray();
}

/// Presses the button of the message box that is about to open.
void answerNext(const QString &button, QString *text = nullptr)
{
    QTimer::singleShot(0, qApp, [button, text] {
        auto *box = qobject_cast<QMessageBox *>(QApplication::activeModalWidget());
        if (!box)
            return;
        if (text)
            *text = box->text();
        for (QAbstractButton *one : box->buttons()) {
            if (one->text().remove(u'&') == button)
                return one->click();
        }
        box->reject();
    });
}

} // namespace

class TestProfiles : public QObject
{
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_home;

    static QString file(const QString &name, const QByteArray &text)
    {
        const QString path = QStringLiteral("%1/%2.yaml").arg(profileFolder(), name);
        return saveTextFile(path, text, Overwrite::Yes) ? QString() : path;
    }

private Q_SLOTS:
    void initTestCase();
    void init();
    void keeps_what_the_form_does_not_show_data();
    void keeps_what_the_form_does_not_show();
    void changes_what_the_form_shows();
    void stores_no_password();
    void reads_a_folder_and_tells_what_is_no_profile();
    void saves_only_what_changed();
    void renames_the_file_with_the_profile();
    void does_not_save_what_could_not_be_read();
    void begins_with_profiles_in_no_file();
    void edits_marks_and_saves();
    void loses_nothing_that_somebody_else_wrote();
    void reads_again_what_nobody_works_on();
    void asks_before_changes_are_lost();
    void connects_as_the_profile_says();
    void duplicates_and_removes_files();
    void imports_what_other_programs_keep();
};

void TestProfiles::initTestCase()
{
    QCoreApplication::setOrganizationName(QStringLiteral("Sessionscope"));
    QCoreApplication::setApplicationName(QStringLiteral("tst_profiles"));
    initResources();
    installTranslations();
    applyTheme(ThemeChoice::Light);
}

void TestProfiles::init()
{
    QSettings().clear();
    m_home = std::make_unique<QTemporaryDir>();
    qputenv("XDG_CONFIG_HOME", m_home->path().toUtf8());
    qputenv("XDG_DATA_HOME", m_home->path().toUtf8()); // the wastebasket
}

void TestProfiles::keeps_what_the_form_does_not_show_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("everything") << full;
    QTest::newRow("nothing") << QByteArray("profile: door\n");
    QTest::newRow("3.1.1") << QByteArray("profile: door\nversion: 3.1.1\nusername: \"\"\nwill:\n  topic: w\n");
    QTest::newRow("a socket") << QByteArray("profile: door\nbroker: unix:///run/m.sock\n");
    QTest::newRow("a WebSocket") << QByteArray("profile: door\nbroker: ws://h:8083/mqtt\nsession_expiry: 0\n");
    QTest::newRow("for ever") << QByteArray("profile: door\nsession_expiry: never\npassword:\n  ask: true\n");
}

void TestProfiles::keeps_what_the_form_does_not_show()
{
    QFETCH(QByteArray, text);
    const Profile profile = profileOf(text);
    ConnectForm form;
    form.setValues(toValues(profile));
    QCOMPARE(QString::fromUtf8(writeProfile(toProfile(form.values(), profile.name, profile))), QString::fromUtf8(text));
}

void TestProfiles::changes_what_the_form_shows()
{
    const Profile profile = profileOf(full);
    ConnectValues values = toValues(profile);
    values.clientId = QStringLiteral("door");
    values.host = QStringLiteral("h");
    values.cleanStart = true;
    values.expiry = {ExpiryKind::Absent};
    values.receiveMaximum = 0;
    values.topicAliasMaximum = 4;
    values.maximumPacketSize = 0;
    values.will->payload = QStringLiteral("text");
    values.will->delay = 0;
    values.credentials = Credentials::InConnect;
    values.reconnects = false;
    values.resubscribes = true;
    const QString now = QString::fromUtf8(writeProfile(toProfile(values, QStringLiteral("gate"), profile)));
    QCOMPARE(now, QStringLiteral(
                      "profile: gate\nabout: all of it\nbroker: mqtts://h:8883\nclient_id: door\nkeep_alive: 30s\n"
                      "topic_alias_maximum: 4\nrequest_response_information: true\n"
                      "user_properties:\n  site: north\nusername: me\n"
                      "will:\n  topic: lost\n  payload: text\n  qos: 2\n  content_type: x\n"
                      "password:\n  env: DOOR_PASSWORD\nresubscribe: true\nrepublish_lost: true\n"
                      "answer_wait: 5s\non_violation: note\nsubscribe:\n  - a\n"));
    values.version = Version::V311;
    const Profile old = toProfile(values, QStringLiteral("gate"), profile);
    QVERIFY(old.client.connect.properties.isEmpty());
    QVERIFY(readProfile(writeProfile(old), {}).ok());
}

void TestProfiles::stores_no_password()
{
    ConnectValues values;
    values.password = QStringLiteral("correct-horse");
    const QByteArray asked = writeProfile(toProfile(values, QStringLiteral("door"), {}));
    QVERIFY(!asked.contains("correct-horse"));
    QVERIFY(asked.contains("password:\n  ask: true\n"));
    const Profile referring = profileOf("profile: door\npassword: { keyring: a/b }\n");
    values = toValues(referring);
    values.password = QStringLiteral("correct-horse");
    QCOMPARE(writeProfile(toProfile(values, QStringLiteral("door"), referring)), writeProfile(referring));
}

void TestProfiles::reads_a_folder_and_tells_what_is_no_profile()
{
    file(QStringLiteral("plant/north/door"), full);
    file(QStringLiteral("bad"), "profile: bad\nkeepalive: 5\n");
    file(QStringLiteral("zoo"), "profile: zoo\n");
    Problems problems;
    const QList<ProfileEntry> entries = storedProfiles(profileFolder(), problems);
    QCOMPARE(entries.size(), 2);
    QCOMPARE(entries[0].name, QStringLiteral("door"));
    QCOMPARE(entries[0].folder, QStringLiteral("plant/north"));
    QCOMPARE(entries[1].folder, QString());
    QCOMPARE(entries[1].values.clientId, QStringLiteral("zoo"));
    QVERIFY(!entries[1].isChanged);
    QCOMPARE(problems.size(), std::size_t(1));
    QVERIFY(problems.front().place.file.endsWith(u"/bad.yaml"));
}

void TestProfiles::saves_only_what_changed()
{
    const QString path =
        file(QStringLiteral("door"), "# mine\nprofile: door\nkeep_alive: 60s  # a minute\nclean_start: true\n");
    Problems problems;
    ProfileEntry entry = storedProfiles(profileFolder(), problems).value(0);
    entry.values.keepAlive = 30;
    const auto stored = saveEntry(entry, profileFolder());
    QVERIFY(stored.ok());
    QCOMPARE(stored->path, path);
    QCOMPARE(QString::fromUtf8(fileText(path)),
             QStringLiteral("# mine\nprofile: door\nkeep_alive: 30s  # a minute\nclean_start: true\n"));
    QVERIFY(!isChangedElsewhere(*stored));
}

void TestProfiles::renames_the_file_with_the_profile()
{
    const QString path = file(QStringLiteral("plant/door"), "profile: door\n");
    file(QStringLiteral("plant/taken"), "profile: taken\n");
    Problems problems;
    ProfileEntry entry = storedProfiles(profileFolder(), problems).value(0);
    entry.name = QStringLiteral("taken");
    const auto refused = saveEntry(entry, profileFolder());
    QVERIFY(!refused.ok());
    QVERIFY2(refused.error().contains(u"is there already"), qPrintable(refused.error()));
    QCOMPARE(fileText(path), QByteArray("profile: door\n"));
    entry.name = QStringLiteral("gate 7");
    const auto stored = saveEntry(entry, profileFolder());
    QVERIFY(stored.ok());
    QCOMPARE(stored->path, profileFolder() + QStringLiteral("/plant/gate-7.yaml"));
    // Its session belongs to the identifier, which stays.
    QCOMPARE(fileText(stored->path), QByteArray("profile: gate 7\nclient_id: door\n"));
    QVERIFY(!QFile::exists(path));
}

void TestProfiles::does_not_save_what_could_not_be_read()
{
    ProfileEntry entry;
    entry.name = QStringLiteral("door");
    entry.values.broker = BrokerChoice::Other;
    entry.values.host = QStringLiteral("not a host");
    const auto stored = saveEntry(entry, profileFolder());
    QVERIFY(!stored.ok());
    QVERIFY2(stored.error().startsWith(u"door cannot be saved: "), qPrintable(stored.error()));
    QVERIFY(!QFile::exists(profileFolder() + QStringLiteral("/door.yaml")));
}

void TestProfiles::begins_with_profiles_in_no_file()
{
    WindowDriver driver;
    QCOMPARE(driver.window().profiles()->rowCount(), int(startingProfiles().size()));
    QVERIFY(driver.window().profiles()->changedRows().isEmpty());
    QVERIFY(!QFile::exists(profileFolder()));
}

void TestProfiles::edits_marks_and_saves()
{
    const QString path = file(QStringLiteral("plant/door"), "profile: door # the first\nclean_start: false\n");
    WindowDriver driver;
    driver.window().show();
    ProfileModel &profiles = *driver.window().profiles();
    QCOMPARE(profiles.rowCount(), 1);
    ClientPage *page = driver.open(QStringLiteral("door"));
    QVERIFY(page);
    auto *clean = named<QCheckBox>(*page->form(), QStringLiteral("Clean Start"));
    QVERIFY(!clean->isChecked());
    clean->setChecked(true);
    QVERIFY(profiles.at(0).isChanged);
    PageBook *pages = driver.window().pages();
    QCOMPARE(pages->tabText(pages->currentIndex()), QStringLiteral("door \u2022"));
    clean->setChecked(false);
    QVERIFY(!profiles.at(0).isChanged);
    auto *password = named<QLineEdit>(*page->form(), QStringLiteral("Password"));
    password->setText(QStringLiteral("correct-horse"));
    clean->setChecked(true);
    driver.press(Qt::Key_S, Qt::ControlModifier);
    QTRY_VERIFY(!profiles.at(0).isChanged);
    QCOMPARE(pages->tabText(pages->currentIndex()), QStringLiteral("door"));
    QCOMPARE(QString::fromUtf8(fileText(path)), QStringLiteral("profile: door # the first\npassword:\n  ask: true\n"));
    // Saved is not forgotten: it is still there to connect with.
    QCOMPARE(page->form()->values().password, QStringLiteral("correct-horse"));
}

void TestProfiles::loses_nothing_that_somebody_else_wrote()
{
    const QString path = file(QStringLiteral("door"), "profile: door\n");
    const QByteArray theirs = "profile: door\nkeep_alive: 7s\n";
    WindowDriver driver;
    driver.window().show();
    ClientPage *page = driver.open(QStringLiteral("door"));
    named<QCheckBox>(*page->form(), QStringLiteral("Clean Start"))->setChecked(false);
    file(QStringLiteral("door"), theirs);
    QString told;
    answerNext(QStringLiteral("Cancel"), &told);
    auto *list = driver.window().findChild<ProfileList *>();
    Q_EMIT list->saveRequested(0);
    QVERIFY2(told.contains(u"was changed by somebody else"), qPrintable(told));
    QCOMPARE(fileText(path), theirs);
    QVERIFY(driver.window().profiles()->at(0).isChanged);

    answerNext(QStringLiteral("Load Theirs"));
    Q_EMIT list->saveRequested(0);
    QCOMPARE(fileText(path), theirs);
    QCOMPARE(page->form()->values().keepAlive, quint16(7));
    QVERIFY(page->form()->values().cleanStart);

    named<QCheckBox>(*page->form(), QStringLiteral("Clean Start"))->setChecked(false);
    file(QStringLiteral("door"), "profile: door\nkeep_alive: 9s\n");
    answerNext(QStringLiteral("Overwrite"));
    Q_EMIT list->saveRequested(0);
    QCOMPARE(fileText(path), QByteArray("profile: door\nclean_start: false\nkeep_alive: 7s\n"));
}

void TestProfiles::reads_again_what_nobody_works_on()
{
    file(QStringLiteral("door"), "profile: door\n");
    WindowDriver driver;
    driver.window().show();
    ClientPage *page = driver.open(QStringLiteral("door"));
    file(QStringLiteral("door"), "profile: door\nkeep_alive: 7s\n");
    file(QStringLiteral("plant/gate"), "profile: gate\n");
    QWidget other;
    other.show();
    other.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&other));
    driver.window().activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&driver.window()));
    QTRY_COMPARE(page->form()->values().keepAlive, quint16(7));
    QCOMPARE(driver.window().profiles()->rowCount(), 2);
    QCOMPARE(driver.window().profiles()->at(1).folder, QStringLiteral("plant"));
    QVERIFY(!driver.window().profiles()->at(0).isChanged);
}

void TestProfiles::asks_before_changes_are_lost()
{
    const QString path = file(QStringLiteral("door"), "profile: door\n");
    WindowDriver driver;
    driver.window().show();
    ClientPage *page = driver.open(QStringLiteral("door"));
    named<QCheckBox>(*page->form(), QStringLiteral("Clean Start"))->setChecked(false);
    QString told;
    answerNext(QStringLiteral("Cancel"), &told);
    QVERIFY(!driver.window().close());
    QCOMPARE(told, QStringLiteral("Save what was changed? door"));
    answerNext(QStringLiteral("Discard"));
    QVERIFY(driver.window().close());
    QCOMPARE(fileText(path), QByteArray("profile: door\n"));
    driver.window().show();
    answerNext(QStringLiteral("Save All"));
    QVERIFY(driver.window().close());
    QCOMPARE(fileText(path), QByteArray("profile: door\nclean_start: false\n"));
}

void TestProfiles::connects_as_the_profile_says()
{
    qunsetenv("DOOR_PASSWORD");
    file(QStringLiteral("door"),
         "profile: door\nusername: me\npassword: { env: DOOR_PASSWORD }\n"
         "user_properties: { site: north }\nsubscribe: [{ filter: cmd/#, qos: 1, identifier: 5 }]\n");
    file(QStringLiteral("asker"), "profile: asker\npassword: { ask: true }\n");
    WindowDriver driver;
    driver.window().show();
    QVERIFY(driver.isListening());
    ClientPage *page = driver.open(QStringLiteral("door"));
    driver.pressConnect();
    QCOMPARE(page->problem()->text(),
             QStringLiteral("The password: the environment variable DOOR_PASSWORD is not set"));
    qputenv("DOOR_PASSWORD", "correct-horse");
    driver.pressConnect();
    QTRY_VERIFY(driver.client(QStringLiteral("door")) &&
                driver.client(QStringLiteral("door"))->connection == ClientConnection::Connected);
    const ConnectPacket &sent = driver.client(QStringLiteral("door"))->connect;
    QCOMPARE(sent.properties.count(PropertyId::UserProperty), 1);
    QTRY_COMPARE(column(*page->brokerPanel()->subscriptions(), 0), QStringList(QStringLiteral("cmd/#")));
    QCOMPARE(column(*page->brokerPanel()->subscriptions(), 2), QStringList(QStringLiteral("5")));
    QVERIFY(!driver.window().profiles()->at(1).isChanged);

    ClientPage *asker = driver.open(QStringLiteral("asker"));
    driver.pressConnect();
    QCOMPARE(asker->problem()->text(), QStringLiteral("Enter the password: this profile asks for it."));
    named<QLineEdit>(*asker->form(), QStringLiteral("Password"))->setText(QStringLiteral("correct-horse"));
    driver.pressConnect();
    QTRY_VERIFY(driver.client(QStringLiteral("asker")) &&
                driver.client(QStringLiteral("asker"))->connection == ClientConnection::Connected);
    QVERIFY(!driver.window().profiles()->at(0).isChanged);
}

void TestProfiles::duplicates_and_removes_files()
{
    const QString path = file(QStringLiteral("plant/door"), "profile: door\nusername: me\npassword: { ask: true }\n");
    WindowDriver driver;
    driver.window().show();
    auto *list = driver.window().findChild<ProfileList *>();
    ProfileModel &profiles = *driver.window().profiles();
    driver.open(QStringLiteral("door"));
    Q_EMIT list->duplicateRequested(0);
    QCOMPARE(profiles.at(1).name, QStringLiteral("door-2"));
    QVERIFY(profiles.at(1).isChanged);
    Q_EMIT list->saveRequested(1);
    const QString copy = profileFolder() + QStringLiteral("/plant/door-2.yaml");
    QCOMPARE(fileText(copy), QByteArray("profile: door-2\nusername: me\npassword:\n  ask: true\n"));
    answerNext(QStringLiteral("Yes"));
    Q_EMIT list->removeRequested(1);
    QCOMPARE(profiles.rowCount(), 1);
    QVERIFY(!QFile::exists(copy));
    QVERIFY(QFile::exists(path));
}

void TestProfiles::imports_what_other_programs_keep()
{
    const QString path = file(QStringLiteral("there"), "profile: there\n");
    const QString lines = m_home->path() + QStringLiteral("/lines.txt");
    QVERIFY(
        !saveTextFile(lines,
                      "mosquitto_sub -h h -i one -P correct-horse --cafile ca.pem -t a\nmosquitto_pub -h h -i there "
                      "-t a -n\n",
                      Overwrite::No));
    WindowDriver driver;
    driver.window().show();
    QString told;
    answerNext(QStringLiteral("OK"), &told);
    driver.window().importFile(lines, ImportFormat::Mosquitto);
    QVERIFY2(told.startsWith(QStringLiteral("1 profile imported.")), qPrintable(told));
    QVERIFY2(told.contains(QStringLiteral("there.yaml\" is there already")), qPrintable(told));
    QVERIFY2(told.contains(QStringLiteral("one: the password is not taken over")), qPrintable(told));
    QCOMPARE(fileText(path), QByteArray("profile: there\n"));
    const ProfileModel &profiles = *driver.window().profiles();
    QCOMPARE(profiles.rowCount(), 2);
    QCOMPARE(profiles.at(1).name, QStringLiteral("one"));
    QCOMPARE(profiles.at(1).values.tls.caFile, m_home->path() + QStringLiteral("/ca.pem"));
    QCOMPARE(driver.window().pages()->currentClient()->key(), profiles.at(1).key);

    answerNext(QStringLiteral("OK"), &told);
    driver.window().importFile(lines, ImportFormat::Mqttx);
    QVERIFY2(told.startsWith(QStringLiteral("Nothing is imported from ")), qPrintable(told));
    QCOMPARE(profiles.rowCount(), 2);
}

QTEST_MAIN(TestProfiles)
#include "tst_profiles.moc"
