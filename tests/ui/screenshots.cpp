// Saves pictures of the window in states that a tester meets, light and dark, large and small.
//   SESSIONSCOPE_SCREENSHOTS=/some/folder QT_QPA_PLATFORM=offscreen bin/ui_screenshots
#include "tests/ui/window_driver.h"

#include "core/profile/profile_folder.h"
#include "ui/common/icons.h"
#include "ui/common/table_view.h"
#include "ui/common/translation.h"
#include "ui/connect/connect_form.h"
#include "ui/packets/packets_panel.h"
#include "ui/scenario/recording_dialog.h"
#include "ui/shell/page_book.h"

#include <QAction>
#include <QApplication>
#include <QDir>
#include <QTabWidget>
#include <QTemporaryDir>
#include <QTest>

#include <cstdio>

using namespace sessionscope;

namespace {

const QString device = QStringLiteral("plant-7");
const QString backend = QStringLiteral("backend");

bool wait(const std::function<bool()> &condition)
{
    return QTest::qWaitFor(condition);
}

bool connectProfile(WindowDriver &driver, const QString &profile)
{
    driver.open(profile);
    driver.pressConnect();
    return wait([&] {
        const ClientView *client = driver.client(profile);
        return client && client->connection == ClientConnection::Connected;
    });
}

/// Two devices and a backend; the devices are subscribed.
bool setUp(WindowDriver &driver)
{
    if (!driver.isListening() || !connectProfile(driver, device))
        return false;
    driver.subscribe(QStringLiteral("cmd/7/#"), Qos::ExactlyOnce, 1);
    driver.subscribe(QStringLiteral("plant/+/alarm"), Qos::AtLeastOnce, 2);
    if (!connectProfile(driver, QStringLiteral("plant-8")))
        return false;
    driver.subscribe(QStringLiteral("cmd/8/#"), Qos::AtLeastOnce);
    return connectProfile(driver, QStringLiteral("probe-2")) && connectProfile(driver, backend);
}

void exchange(WindowDriver &driver)
{
    driver.open(backend);
    driver.publish(QStringLiteral("cmd/7/open"), QStringLiteral("{\"valve\":3,\"open\":true}"), Qos::ExactlyOnce);
    driver.publish(QStringLiteral("plant/3/alarm"), QStringLiteral("pressure high"), Qos::AtLeastOnce);
    driver.open(device);
    driver.publish(QStringLiteral("plant/7/valve"), QStringLiteral("open"), Qos::ExactlyOnce);
    driver.publish(QStringLiteral("plant/7/temp"), QStringLiteral("21.5"), Qos::AtMostOnce);
    QTest::qWait(300);
}

void goOffline(WindowDriver &driver)
{
    driver.open(device);
    driver.press(Qt::Key_F8);
    driver.open(QStringLiteral("plant-8"));
    driver.press(Qt::Key_F8);
    driver.open(backend);
    for (int i = 0; i < 5; ++i)
        driver.publish(QStringLiteral("cmd/7/speed"), QString::number(i * 10),
                       i % 2 ? Qos::AtLeastOnce : Qos::ExactlyOnce);
    driver.publish(QStringLiteral("cmd/8/speed"), QStringLiteral("7"), Qos::AtLeastOnce);
    ClientPage *page = driver.open(device);
    driver.publish(QStringLiteral("plant/7/door"), QStringLiteral("shut"), Qos::ExactlyOnce);
    page->showTab(ClientPage::PacketsTab);
    QTest::qWait(700);
}

class Camera
{
public:
    Camera(WindowDriver &driver, QString folder) : m_driver(driver), m_folder(std::move(folder)) {}

    void take(const QString &name)
    {
        const std::pair<const char *, ThemeChoice> themes[] = {{"light", ThemeChoice::Light},
                                                               {"dark", ThemeChoice::Dark}};
        for (const QSize size : {QSize(1440, 900), QSize(1024, 700)}) {
            m_driver.window().resize(size);
            for (const auto &[word, theme] : themes) {
                applyTheme(theme);
                save(m_driver.window(),
                     QStringLiteral("%1-%2-%3").arg(name, QLatin1StringView(word)).arg(size.width()));
            }
        }
    }

    void takeDialog(QWidget &dialog, const QString &name)
    {
        applyTheme(ThemeChoice::Dark);
        save(dialog, name + QStringLiteral("-dark"));
        applyTheme(ThemeChoice::Light);
        save(dialog, name + QStringLiteral("-light"));
    }

private:
    void save(QWidget &widget, const QString &name)
    {
        QTest::qWait(60);
        const QString file = QStringLiteral("%1/%2.png").arg(m_folder, name);
        if (!widget.grab().save(file))
            std::fprintf(stderr, "cannot write %s\n", qPrintable(file));
    }

    WindowDriver &m_driver;
    QString m_folder;
};

/// What is wrong with a packet, and the statement that it breaks.
void showFinding(WindowDriver &driver, Camera &camera)
{
    ClientPage *page = driver.open(device);
    driver.publish(QStringLiteral("plant/#"), QStringLiteral("open"), Qos::AtLeastOnce);
    QTest::qWait(300);
    page->showTab(ClientPage::PacketsTab);
    PacketModel *packets = page->packets()->model();
    for (int row = packets->rowCount() - 1; row >= 0; --row) {
        if (!packets->findings(row).isEmpty())
            page->packets()->table()->selectRow(row);
        if (std::holds_alternative<FindingTrace>(packets->record(row).what))
            break;
    }
    camera.take(QStringLiteral("finding"));
    const int packet = page->packets()->table()->currentIndex().row() - 1;
    page->packets()->table()->selectRow(packet);
    camera.take(QStringLiteral("finding-packet"));
    driver.window().activateWindow();
    driver.press(Qt::Key_F1);
    camera.take(QStringLiteral("statements"));
}

/// Profiles of a folder, with folders of their own; one is not saved, could not get its password, and is advised about.
bool showProfiles(const QString &pictures)
{
    const std::pair<QString, QByteArray> files[] = {
        {QStringLiteral("probe"), "profile: probe\nversion: 3.1.1\n"},
        {QStringLiteral("plant/door"), "profile: door\nclean_start: false\nsession_expiry: 1h\nusername: me\n"
                                       "password: { env: DOOR_PASSWORD }\nsubscribe: [cmd/#]\n"},
        {QStringLiteral("plant/a-rather-long-name-of-a-device"), "profile: a rather long name of a device\n"},
        {QStringLiteral("staging"),
         "profile: staging\nbroker: wss://staging.example/mqtt\ntls: { insecure: true }\npassword: { ask: true }\n"},
    };
    for (const auto &[name, text] : files) {
        if (saveTextFile(QStringLiteral("%1/%2.yaml").arg(profileFolder(), name), text, Overwrite::Yes))
            return false;
    }
    WindowDriver driver;
    Camera camera(driver, pictures);
    driver.window().show();
    if (!driver.isListening())
        return false;
    ClientPage *page = driver.open(QStringLiteral("door"));
    driver.pressConnect();
    ConnectValues values = page->form()->values();
    values.keepAlive = 20;
    values.expiry.kind = ExpiryKind::Never;
    page->form()->setValues(values);
    Q_EMIT page->form()->changed();
    camera.take(QStringLiteral("profiles"));
    driver.open(QStringLiteral("staging"));
    camera.take(QStringLiteral("transport"));
    return true;
}

} // namespace

int main(int argc, char *argv[])
{
    const QTemporaryDir home;
    qputenv("XDG_CONFIG_HOME", home.path().toUtf8());
    const QString folder = qEnvironmentVariable("SESSIONSCOPE_SCREENSHOTS");
    if (folder.isEmpty() || !QDir().mkpath(folder)) {
        std::fputs("SESSIONSCOPE_SCREENSHOTS has to name a folder\n", stderr);
        return 2;
    }
    QApplication application(argc, argv);
    QCoreApplication::setApplicationName(QStringLiteral("sessionscope-screenshots"));
    initResources();
    installTranslations();
    applyTheme(ThemeChoice::Light);
    WindowDriver driver;
    Camera camera(driver, folder);
    driver.window().show();
    if (!driver.isListening())
        return 1;
    camera.take(QStringLiteral("start"));
    if (!setUp(driver)) {
        std::fputs("the clients did not connect\n", stderr);
        return 1;
    }
    exchange(driver);
    ClientPage *page = driver.open(device);
    page->showTab(ClientPage::PacketsTab);
    page->packets()->table()->selectRow(page->packets()->model()->rowCount() - 2);
    camera.take(QStringLiteral("connected"));
    driver.window().recordAction()->trigger();
    goOffline(driver);
    camera.take(QStringLiteral("offline"));
    driver.press(Qt::Key_F6);
    QTest::qWait(500);
    page->packets()->table()->selectRow(page->packets()->model()->rowCount() - 1);
    camera.take(QStringLiteral("resumed"));
    driver.window().recordAction()->trigger();
    auto *recorded = driver.window().findChild<RecordingDialog *>();
    camera.takeDialog(*recorded, QStringLiteral("recorded"));
    delete recorded;
    const std::pair<const char *, ClientPage::Tab> tabs[] = {{"publish", ClientPage::PublishTab},
                                                             {"subscribe", ClientPage::SubscribeTab},
                                                             {"messages", ClientPage::MessagesTab}};
    for (const auto &[name, tab] : tabs) {
        page->showTab(tab);
        camera.take(QString::fromLatin1(name));
    }
    showFinding(driver, camera);
    return showProfiles(folder) ? 0 : 1;
}
