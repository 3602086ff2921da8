// Recording, clicked through: what is done on several pages becomes a file that the scenario runner plays.
#include "tests/ui/window_driver.h"

#include "core/net/tcp_network.h"
#include "core/profile/profile_folder.h"
#include "core/scenario/read_scenario.h"
#include "core/scenario/virtual_run.h"
#include "ui/common/icons.h"
#include "ui/common/pill.h"
#include "ui/common/translation.h"
#include "ui/connect/connect_form.h"
#include "ui/scenario/recording_dialog.h"
#include "ui/scenario/replay.h"
#include "ui/shell/page_book.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QDialogButtonBox>
#include <QFileDialog>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QPushButton>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>
#include <QToolButton>

using namespace sessionscope;

namespace {

const QString device = QStringLiteral("plant-7");
const QString backend = QStringLiteral("backend");

bool connects(WindowDriver &driver, const QString &profile)
{
    driver.open(profile);
    driver.pressConnect();
    return QTest::qWaitFor([&] {
        const ClientView *client = driver.client(profile);
        return client && client->connection == ClientConnection::Connected;
    });
}

bool receives(WindowDriver &driver, const QString &profile, quint64 messages)
{
    return QTest::qWaitFor([&] { return driver.client(profile)->delivered == messages; });
}

/// The engine has said that nothing has happened for so long that what comes next comes of what is done next.
bool comesToRest(WindowDriver &driver)
{
    return QTest::qWaitFor([&] {
        const LabFeed &feed = driver.window().feed();
        const TraceLog &log = feed.log();
        return log.end() == log.begin() || feed.view().at - log.at(log.end() - 1).at >= Recorder::restAfter;
    });
}

RecordingDialog *dialogOf(WindowDriver &driver)
{
    return driver.window().findChild<RecordingDialog *>();
}

QString verdictOf(const RecordingDialog &dialog)
{
    const auto *pill = dialog.findChild<Pill *>();
    return pill ? pill->text() : QString();
}

/// What stands beside the verdict.
QString reasonOf(const RecordingDialog &dialog)
{
    QStringList texts;
    for (const QLabel *label : dialog.findChildren<QLabel *>())
        texts << label->text();
    return texts.join(QLatin1Char('\n'));
}

/// What the next modal window is asked, and the button that is pressed on it.
void answerNext(const QString &button, QString *told = nullptr)
{
    QTimer::singleShot(0, qApp, [button, told] {
        auto *box = qobject_cast<QMessageBox *>(QApplication::activeModalWidget());
        if (!box)
            return;
        if (told)
            *told = box->text();
        for (QAbstractButton *one : box->buttons()) {
            if (one->text().remove(u'&') == button)
                return one->click();
        }
        box->reject();
    });
}

/// Chooses this file in the next file dialog.
void chooseNext(const QString &path)
{
    QTimer::singleShot(0, qApp, [path] {
        if (auto *dialog = qobject_cast<QFileDialog *>(QApplication::activeModalWidget())) {
            dialog->findChild<QLineEdit *>()->setText(path);
            dialog->findChild<QDialogButtonBox *>()->button(QDialogButtonBox::Save)->click();
        }
    });
}

QString play(const QByteArray &file)
{
    const auto scenarios = readScenarios(file, QStringLiteral("recorded.yaml"));
    if (!scenarios)
        return problemText(scenarios.error().front());
    const RunResult result = runVirtually(scenarios->front());
    return QString::fromLatin1(verdictText(result.verdict)) + result.trace.join(u'\n');
}

} // namespace

class TestRecording : public QObject
{
    Q_OBJECT

    QTemporaryDir m_home;

private Q_SLOTS:
    void initTestCase();
    void records_several_pages_into_one_file_that_passes();
    void takes_no_password_into_the_file();
    void does_not_call_it_a_failure_that_values_are_to_be_given();
    void publishes_what_other_programs_published();
    void fails_where_the_broker_does_otherwise();
    void asks_before_a_recording_is_lost();
    void shows_what_was_recorded_before_the_window_closes();
};

void TestRecording::initTestCase()
{
    QVERIFY(m_home.isValid());
    qputenv("XDG_CONFIG_HOME", m_home.path().toUtf8());
    QCoreApplication::setApplicationName(QStringLiteral("sessionscope-test"));
    initResources();
    installTranslations();
    applyTheme(ThemeChoice::Light);
}

/// The device was connected before: the file brings it there again.
void TestRecording::records_several_pages_into_one_file_that_passes()
{
    WindowDriver driver;
    driver.window().show();
    QVERIFY(driver.isListening() && connects(driver, device));
    driver.subscribe(QStringLiteral("cmd/7/#"), Qos::ExactlyOnce, 3);
    QTRY_COMPARE(driver.client(device)->subscriptions.size(), 1);

    QAction *record = driver.window().recordAction();
    driver.press(Qt::Key_R, Qt::ControlModifier);
    QVERIFY(record->isChecked());
    QVERIFY(connects(driver, backend));
    driver.publish(QStringLiteral("cmd/7/open"), QStringLiteral("go"), Qos::ExactlyOnce);
    QVERIFY(receives(driver, device, 1));
    driver.open(device);
    QVERIFY(comesToRest(driver));
    driver.press(Qt::Key_F8);
    QTRY_VERIFY(!driver.session(device)->connected);
    driver.open(backend);
    QVERIFY(comesToRest(driver));
    driver.publish(QStringLiteral("cmd/7/open"), QStringLiteral("while away"), Qos::AtLeastOnce);
    QTRY_COMPARE(driver.session(device)->queuedTotal, qsizetype(1));
    driver.open(device);
    QVERIFY(comesToRest(driver));
    driver.press(Qt::Key_F6);
    QVERIFY(receives(driver, device, 2));
    QVERIFY(comesToRest(driver));
    QTRY_VERIFY2(record->text().contains(QStringLiteral("5 steps")), qPrintable(record->text()));
    driver.press(Qt::Key_R, Qt::ControlModifier);
    QVERIFY(!record->isChecked());

    RecordingDialog *dialog = dialogOf(driver);
    QVERIFY(dialog);
    const QByteArray text = dialog->text();
    QVERIFY2(verdictOf(*dialog).contains(QStringLiteral("passes")), qPrintable(reasonOf(*dialog)));
    for (const char *part :
         {"plant-7:", "backend:", "identifier: 3", "while away", "cut: reset", "session_present: true"})
        QVERIFY2(text.contains(part), part + ("\n" + text));

    QTest::keyClicks(named<QLineEdit>(*dialog, QStringLiteral("Name of the scenario")), QStringLiteral("!"));
    const QString path = m_home.filePath(QStringLiteral("away.yaml"));
    chooseNext(path);
    QTest::keyClick(dialog, Qt::Key_Return);
    QTRY_VERIFY(!dialogOf(driver));
    const auto saved = readTextFile(path);
    QVERIFY(saved);
    QVERIFY(saved->contains("while away") && saved->split('\n').first().endsWith("!"));
    QCOMPARE(play(*saved), QStringLiteral("passed"));
}

void TestRecording::takes_no_password_into_the_file()
{
    WindowDriver driver;
    driver.window().show();
    QVERIFY(driver.isListening());
    ClientPage *page = driver.open(device);
    ConnectValues values = page->form()->values();
    values.userName = QStringLiteral("me");
    values.password = QStringLiteral("correct-horse");
    page->form()->setValues(values);
    Q_EMIT page->form()->changed();
    driver.window().recordAction()->trigger();
    QVERIFY(connects(driver, device));
    driver.window().recordAction()->trigger();
    RecordingDialog *dialog = dialogOf(driver);
    const QByteArray text = dialog->text();
    QVERIFY2(!text.contains("correct-horse") && text.contains("PLANT_7_PASSWORD"), text);
    QVERIFY2(verdictOf(*dialog).contains(QStringLiteral("passes")), qPrintable(reasonOf(*dialog)));
    QTest::mouseClick(dialog->findChildren<QPushButton *>().constFirst(), Qt::LeftButton);
    QCOMPARE(QApplication::clipboard()->text(), QString::fromUtf8(text));
    // It is in the clipboard now, and nothing is asked.
    dialog->reject();
    QVERIFY(!dialog->isVisible());
}

void TestRecording::does_not_call_it_a_failure_that_values_are_to_be_given()
{
    const Endpoint bundled{Scheme::Tcp, QStringLiteral("127.0.0.1"), 2883, {}};
    const AddClient added{ClientKey{1}, "door", bundled, {}, Authentication{.method = "riddle", .script = {"hush"}}};
    Recorder recorder(QStringLiteral("Recorded"), bundled);
    recorder.submitted(added);
    TraceRecord record;
    record.what = CommandTrace{commandText(added)};
    recorder.look(record);
    const Replay replay = replayOf(recorder);
    QCOMPARE(replay.tone, Tone::Neutral);
    QVERIFY2(replay.text.contains(QStringLiteral("DOOR_AUTH_1")), qPrintable(replay.text));
    QVERIFY2(!replay.text.contains(QStringLiteral("has no value")), qPrintable(replay.text));
}

void TestRecording::publishes_what_other_programs_published()
{
    WindowDriver driver;
    driver.window().show();
    QVERIFY(driver.isListening() && connects(driver, device));
    driver.subscribe(QStringLiteral("news"), Qos::AtLeastOnce);
    QTRY_COMPARE(driver.client(device)->subscriptions.size(), 1);
    driver.window().recordAction()->trigger();

    Engine other([] { return std::make_unique<TcpNetwork>(); });
    const ClientKey stranger = other.newClientKey();
    other.submit(AddClient{stranger, "stranger", *parseEndpoint(driver.window().feed().view().broker.url)});
    ConnectPacket connect;
    connect.clientId = "stranger";
    other.submit(ClientDo{stranger, ConnectCommand{connect}});
    other.submit(ClientDo{stranger, PublishCommand{{.topic = "news", .payload = "live", .qos = Qos::AtLeastOnce}}});
    QVERIFY(receives(driver, device, 1));
    driver.window().recordAction()->trigger();
    RecordingDialog *dialog = dialogOf(driver);
    const QByteArray text = dialog->text();
    QVERIFY2(text.contains("others: {publish:"), text);
    QVERIFY2(verdictOf(*dialog).contains(QStringLiteral("passes")), qPrintable(reasonOf(*dialog)));
    answerNext(QStringLiteral("Discard"));
    dialog->reject();
}

void TestRecording::fails_where_the_broker_does_otherwise()
{
    WindowDriver driver;
    driver.window().show();
    QVERIFY(driver.isListening());
    driver.window().recordAction()->trigger();
    QVERIFY(connects(driver, device) && comesToRest(driver));
    driver.press(Qt::Key_F8);
    QTRY_VERIFY(!driver.session(device)->connected);
    QVERIFY(comesToRest(driver));
    driver.press(Qt::Key_F6);
    QTRY_VERIFY(driver.session(device)->connected);
    QVERIFY(comesToRest(driver));
    driver.window().recordAction()->trigger();
    RecordingDialog *dialog = dialogOf(driver);
    QByteArray text = dialog->text();
    QCOMPARE(play(text), QStringLiteral("passed"));
    text.replace("clients:", "broker: { settings: { max_session_expiry: 0s } }\nclients:");
    QVERIFY2(play(text).startsWith(QStringLiteral("failed")), text);
    answerNext(QStringLiteral("Discard"));
    dialog->reject();
}

void TestRecording::asks_before_a_recording_is_lost()
{
    WindowDriver driver;
    driver.window().show();
    QVERIFY(driver.isListening());
    driver.window().recordAction()->trigger();
    driver.window().recordAction()->trigger();
    RecordingDialog *dialog = dialogOf(driver);
    QString told;
    answerNext(QStringLiteral("Cancel"), &told);
    dialog->reject();
    QCOMPARE(told, QStringLiteral("The recording is in no file yet. Save it?"));
    QVERIFY(dialog->isVisible());
    answerNext(QStringLiteral("Discard"));
    dialog->reject();
    QVERIFY(!dialog->isVisible());
}

void TestRecording::shows_what_was_recorded_before_the_window_closes()
{
    WindowDriver driver;
    driver.window().show();
    QVERIFY(driver.isListening());
    driver.window().recordAction()->trigger();
    QVERIFY(!driver.window().close());
    RecordingDialog *dialog = dialogOf(driver);
    QVERIFY(dialog && dialog->isVisible());
    answerNext(QStringLiteral("Discard"));
    dialog->reject();
    QTRY_VERIFY(!driver.window().isVisible());
}

QTEST_MAIN(TestRecording)
#include "tst_recording.moc"
