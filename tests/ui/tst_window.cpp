// The main job, clicked through: connect, subscribe, exchange, break, queue, resume, leave. Real engine, real sockets,
// the bundled broker on a free port.
#include "tests/ui/window_driver.h"

#include "core/net/tcp_network.h"
#include "ui/broker/session_list.h"
#include "ui/common/column_scroll.h"
#include "ui/common/icons.h"
#include "ui/common/pill.h"
#include "ui/common/table_view.h"
#include "ui/common/translation.h"
#include "ui/connect/connect_form.h"
#include "ui/connect/profile_list.h"
#include "ui/messages/messages_panel.h"
#include "ui/packets/packet_detail.h"
#include "ui/packets/packets_panel.h"
#include "ui/session/session_header.h"
#include "ui/shell/banner.h"
#include "ui/shell/client_actions.h"
#include "ui/shell/page_book.h"
#include "ui/shell/watch_page.h"
#include "ui/statements/statements_page.h"

#include <QAccessible>
#include <QAction>
#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMenuBar>
#include <QSettings>
#include <QSpinBox>
#include <QStatusBar>
#include <QTest>

using namespace sessionscope;

namespace {

const QString device = QStringLiteral("plant-7");
const QString backend = QStringLiteral("backend");

bool isConnected(WindowDriver &driver, const QString &profile)
{
    const ClientView *client = driver.client(profile);
    return client && client->connection == ClientConnection::Connected;
}

/// Menus and all that they contain.
QList<QAction *> allActions(const QList<QAction *> &actions)
{
    QList<QAction *> all;
    for (QAction *action : actions) {
        if (action->isSeparator())
            continue;
        if (action->menu())
            all += allActions(action->menu()->actions());
        else
            all << action;
    }
    return all;
}

} // namespace

class TestWindow : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void shows_both_ends_while_a_session_breaks_and_resumes();
    void ends_the_session_on_demand();
    void holds_acknowledgements_until_released();
    void comes_back_by_itself();
    void shows_what_waits_at_both_ends();
    void says_why_a_connection_cannot_be_opened();
    void says_in_the_words_of_3_1_1_why_a_connection_is_refused();
    void watches_a_session_of_a_foreign_client();
    void says_that_an_external_broker_is_not_observed();
    void manages_profiles();
    void remembers_layout_and_theme();
    void gives_every_action_a_key_or_a_menu();
    void opens_the_statements_by_key();
    void names_every_control();
    void lets_the_brokers_address_be_copied_by_keyboard();
    void selects_by_keyboard_what_the_mouse_selects();
    void cuts_no_field_off_on_a_small_screen();
};

void TestWindow::initTestCase()
{
    QCoreApplication::setOrganizationName(QStringLiteral("Sessionscope"));
    QCoreApplication::setApplicationName(QStringLiteral("tst_window"));
    initResources();
    installTranslations();
    applyTheme(ThemeChoice::Light);
}

void TestWindow::init()
{
    QSettings().clear();
}

void TestWindow::shows_both_ends_while_a_session_breaks_and_resumes()
{
    WindowDriver driver;
    driver.window().show();
    QVERIFY(driver.isListening());

    ClientPage *page = driver.open(device);
    QVERIFY(page);
    QCOMPARE(page->brokerPanel()->remark(), QStringLiteral("Nothing to observe yet."));
    auto *clean = named<QCheckBox>(*page->form(), QStringLiteral("Clean Start"));
    QVERIFY(!clean->isChecked());
    QTest::mouseClick(clean, Qt::LeftButton, Qt::NoModifier, QPoint(8, clean->height() / 2));
    QVERIFY(page->form()->values().cleanStart);
    driver.pressConnect();
    QTRY_VERIFY(isConnected(driver, device));
    QTRY_VERIFY(driver.pills().contains(QStringLiteral("Session Present 0")));
    QVERIFY(driver.pills().contains(QStringLiteral("Clean Start 1")));
    QVERIFY(driver.pills().contains(QStringLiteral("Expiry 1 h")));

    driver.subscribe(QStringLiteral("cmd/7/#"), Qos::ExactlyOnce, 7);
    QTRY_COMPARE(column(*page->brokerPanel()->subscriptions(), 0), QStringList(QStringLiteral("cmd/7/#")));
    QTRY_COMPARE(column(*page->clientPanel()->subscriptions(), 0), QStringList(QStringLiteral("cmd/7/#")));
    QCOMPARE(column(*page->brokerPanel()->subscriptions(), 2), QStringList(QStringLiteral("7")));

    QVERIFY(driver.open(backend) != page);
    driver.pressConnect();
    QTRY_VERIFY(isConnected(driver, backend));
    driver.publish(QStringLiteral("cmd/7/open"), QStringLiteral("one"), Qos::AtLeastOnce);
    driver.publish(QStringLiteral("cmd/7/open"), QStringLiteral("two"), Qos::ExactlyOnce);
    const auto received = [page] { return column(*page->messages()->model(), 5); };
    QTRY_COMPARE(received(), QStringList({QStringLiteral("one"), QStringLiteral("two")}));

    driver.open(device);
    driver.press(Qt::Key_F8); // cut, with a reset
    QTRY_VERIFY(driver.session(device) && !driver.session(device)->connected);
    QTRY_VERIFY(driver.pills().contains(QStringLiteral("offline")));

    driver.open(backend);
    driver.publish(QStringLiteral("cmd/7/speed"), QStringLiteral("three"), Qos::AtLeastOnce);
    driver.open(device);
    QTRY_COMPARE(column(*page->brokerPanel()->queued(), 0), QStringList(QStringLiteral("cmd/7/speed")));
    QTRY_VERIFY(column(*driver.window().sessions()->model(), 0)
                    .filter(QStringLiteral("plant-7, 1 queued, expires in"))
                    .size() == 1);

    driver.press(Qt::Key_F6); // reconnect
    QTRY_VERIFY(driver.pills().contains(QStringLiteral("Session Present 1 \u00b7 resumed 1\u00d7")));
    QTRY_COMPARE(received(), QStringList({QStringLiteral("one"), QStringLiteral("two"), QStringLiteral("three")}));
    QTRY_COMPARE(page->brokerPanel()->queued()->rowCount(), 0);
    QTRY_COMPARE(page->brokerPanel()->sent()->rowCount(), 0);
    QTRY_COMPARE(page->clientPanel()->held()->rowCount(), 0);

    page->showTab(ClientPage::PacketsTab);
    page->packets()->filterField()->setText(QStringLiteral("type=CONNACK"));
    const QStringList connacks = column(*page->packets()->model(), PacketModel::Summary);
    QCOMPARE(connacks.size(), 2);
    QVERIFY(connacks[0].startsWith(QStringLiteral("Session Present 0")));
    QVERIFY(connacks[1].startsWith(QStringLiteral("Session Present 1")));
    page->packets()->table()->selectRow(1);
    QVERIFY(page->packets()->detail()->title().startsWith(QStringLiteral("CONNACK")));
    QVERIFY(page->packets()->detail()->hexText().contains(QStringLiteral("20 ")));
}

void TestWindow::holds_acknowledgements_until_released()
{
    WindowDriver driver;
    driver.window().show();
    QVERIFY(driver.isListening());
    ClientPage *page = driver.open(device);
    driver.pressConnect();
    QTRY_VERIFY(isConnected(driver, device));
    driver.subscribe(QStringLiteral("cmd/7/#"), Qos::AtLeastOnce);
    driver.press(Qt::Key_F9);
    QTRY_VERIFY(driver.client(device) && !driver.client(device)->heldAckTypes.empty());
    driver.publish(QStringLiteral("cmd/7/open"), QStringLiteral("one"), Qos::AtLeastOnce);
    QTRY_COMPARE(column(*page->clientPanel()->heldAcks(), 1), QStringList(QStringLiteral("PUBACK")));
    QTRY_COMPARE(page->brokerPanel()->sent()->rowCount(), 1);
    driver.press(Qt::Key_F9, Qt::ShiftModifier);
    QTRY_COMPARE(page->clientPanel()->heldAcks()->rowCount(), 0);
    QTRY_COMPARE(page->brokerPanel()->sent()->rowCount(), 0);
}

void TestWindow::comes_back_by_itself()
{
    WindowDriver driver;
    driver.window().show();
    QVERIFY(driver.isListening());
    ClientPage *page = driver.open(device);
    auto *reconnects = named<QCheckBox>(*page->form(), QStringLiteral("Reconnect by itself"));
    QVERIFY(reconnects);
    reconnects->setChecked(true);
    driver.pressConnect();
    QTRY_VERIFY(isConnected(driver, device));
    driver.press(Qt::Key_F8);
    QTRY_VERIFY(driver.client(device)->reconnectAt);
    QTRY_VERIFY(driver.pills().contains(QStringLiteral("Session Present 1 \u00b7 resumed 1\u00d7")));
}

void TestWindow::ends_the_session_on_demand()
{
    WindowDriver driver;
    driver.window().show();
    QVERIFY(driver.isListening());
    ClientPage *page = driver.open(device);
    driver.pressConnect();
    QTRY_VERIFY(isConnected(driver, device));
    QTRY_VERIFY(driver.session(device));
    auto *menu = driver.window().clientActions()->disconnectMenu();
    QAction *endNow = nullptr;
    for (QAction *action : menu->actions()) {
        if (action->text() == QStringLiteral("0x00, expiry 0: end the session now"))
            endNow = action;
    }
    QVERIFY(endNow && endNow->isEnabled());
    endNow->trigger();
    QTRY_VERIFY(!driver.session(device));
    QTRY_COMPARE(page->brokerPanel()->remark(),
                 QStringLiteral("The bundled broker has no session for this Client ID."));
    QVERIFY(!endNow->isEnabled());
    QVERIFY(!driver.client(device)->record);
}

void TestWindow::shows_what_waits_at_both_ends()
{
    WindowDriver driver;
    driver.window().show();
    QVERIFY(driver.isListening());
    ClientPage *page = driver.open(device);
    driver.pressConnect();
    QTRY_VERIFY(isConnected(driver, device));
    driver.press(Qt::Key_F8);
    QTRY_VERIFY(!isConnected(driver, device));
    driver.publish(QStringLiteral("plant/7/temp"), QStringLiteral("21"), Qos::AtLeastOnce);
    QTRY_COMPARE(column(*page->clientPanel()->waiting(), 0), QStringList(QStringLiteral("plant/7/temp")));
    driver.press(Qt::Key_F6);
    QTRY_VERIFY(isConnected(driver, device));
    QTRY_COMPARE(page->clientPanel()->waiting()->rowCount(), 0);
    QTRY_COMPARE(page->clientPanel()->sent()->rowCount(), 0);
}

void TestWindow::says_why_a_connection_cannot_be_opened()
{
    WindowDriver driver;
    driver.window().show();
    QVERIFY(driver.isListening());
    ClientPage *page = driver.open(backend);
    auto *broker = named<QComboBox>(*page->form(), QStringLiteral("Broker"));
    broker->setCurrentIndex(int(BrokerChoice::Other));
    named<QLineEdit>(*page->form(), QStringLiteral("Host"))->clear();
    driver.pressConnect();
    QCOMPARE(page->problem()->text(), QStringLiteral("Enter the host of the broker."));
    named<QLineEdit>(*page->form(), QStringLiteral("Host"))->setText(QStringLiteral("127.0.0.1"));
    named<QSpinBox>(*page->form(), QStringLiteral("Port"))->setValue(1); // nobody listens there
    driver.pressConnect();
    QTRY_VERIFY(page->problem()->text().startsWith(QStringLiteral("The connection could not be opened")));
    broker->setCurrentIndex(int(BrokerChoice::Bundled));
    driver.pressConnect();
    QTRY_VERIFY(isConnected(driver, backend));
    QTRY_COMPARE(page->problem()->text(), QString());
}

void TestWindow::says_in_the_words_of_3_1_1_why_a_connection_is_refused()
{
    WindowDriver driver;
    driver.window().show();
    QVERIFY(driver.isListening());
    ClientPage *page = driver.open(backend);
    BrokerAccess access;
    access.anonymous = Anonymous::Refused;
    driver.window().feed().submit(BrokerDo{ChangeAccess{access}});
    named<QComboBox>(*page->form(), QStringLiteral("MQTT version"))->setCurrentText(QStringLiteral("3.1.1"));
    driver.pressConnect();
    QTRY_COMPARE(page->problem()->text(),
                 QStringLiteral("The broker refused the connection: 5 Connection Refused, not authorized"));
    named<QComboBox>(*page->form(), QStringLiteral("MQTT version"))->setCurrentText(QStringLiteral("5.0"));
    driver.pressConnect();
    QTRY_COMPARE(page->problem()->text(), QStringLiteral("The broker refused the connection: 0x87 Not authorized"));
}

void TestWindow::watches_a_session_of_a_foreign_client()
{
    WindowDriver driver;
    driver.window().show();
    QVERIFY(driver.isListening());
    // A client of another lab is a stranger to this window.
    Engine stranger([] { return std::make_unique<TcpNetwork>(); });
    const ClientKey key = stranger.newClientKey();
    const auto endpoint = parseEndpoint(driver.window().feed().view().broker.url);
    QVERIFY(endpoint);
    stranger.submit(AddClient{key, "stranger", *endpoint, {}});
    ConnectPacket packet;
    packet.clientId = "stranger";
    stranger.submit(ClientDo{key, ConnectCommand{packet}});
    QTRY_VERIFY(driver.session(QStringLiteral("stranger")));
    driver.window().pages()->openSession("stranger");
    auto *page = qobject_cast<WatchPage *>(driver.window().pages()->currentWidget());
    QVERIFY(page);
    QTRY_COMPARE(column(*page->packets()->model(), PacketModel::Packet).filter(QStringLiteral("CONN")),
                 QStringList({QStringLiteral("CONNECT"), QStringLiteral("CONNACK")}));
}

void TestWindow::says_that_an_external_broker_is_not_observed()
{
    WindowDriver driver;
    WindowDriver elsewhere;
    driver.window().show();
    QVERIFY(driver.isListening() && elsewhere.isListening());
    ClientPage *page = driver.open(backend);
    named<QComboBox>(*page->form(), QStringLiteral("Broker"))->setCurrentIndex(int(BrokerChoice::Other));
    const auto endpoint = parseEndpoint(elsewhere.window().feed().view().broker.url);
    named<QSpinBox>(*page->form(), QStringLiteral("Port"))->setValue(endpoint->port);
    driver.pressConnect();
    QTRY_VERIFY(isConnected(driver, backend));
    QTRY_VERIFY(page->brokerPanel()->remark().startsWith(QStringLiteral("Not observed: external broker")));
}

void TestWindow::manages_profiles()
{
    WindowDriver driver;
    driver.window().show();
    QVERIFY(driver.isListening());
    ProfileModel &profiles = *driver.window().profiles();
    const int before = profiles.rowCount();
    driver.press(Qt::Key_N, Qt::ControlModifier | Qt::ShiftModifier); // duplicate
    QCOMPARE(profiles.rowCount(), before + 1);
    QCOMPARE(profiles.at(before).name, QStringLiteral("plant-7-2"));
    QCOMPARE(profiles.at(before).values.clientId, QStringLiteral("plant-7-2"));
    QCOMPARE(driver.window().pages()->currentClient()->key(), profiles.at(before).key);
    auto *list = driver.window().findChild<ProfileList *>();
    Q_EMIT list->removeRequested(before);
    QCOMPARE(profiles.rowCount(), before);
    driver.press(Qt::Key_N, Qt::ControlModifier);
    QCOMPARE(profiles.rowCount(), before + 1);
    QCOMPARE(profiles.at(before).values.clientId, profiles.at(before).name);
}

void TestWindow::remembers_layout_and_theme()
{
    {
        WindowDriver driver;
        driver.window().show();
        driver.press(Qt::Key_F4);
        driver.window().resize(900, 640);
        driver.window().setTheme(ThemeChoice::Dark);
        driver.window().close();
    }
    QCOMPARE(QSettings().value(QStringLiteral("window/theme")).toInt(), int(ThemeChoice::Dark));
    WindowDriver again;
    again.window().show();
    QVERIFY(!again.window().pages()->currentClient()->form()->isVisible());
    again.press(Qt::Key_F4);
    QVERIFY(again.window().pages()->currentClient()->form()->isVisible());
    applyTheme(ThemeChoice::Light);
}

void TestWindow::gives_every_action_a_key_or_a_menu()
{
    WindowDriver driver;
    QSet<QString> keys;
    for (QAction *action : allActions(driver.window().menuBar()->actions())) {
        QVERIFY(!action->text().isEmpty());
        for (const QKeySequence &key : action->shortcuts()) {
            QVERIFY2(!keys.contains(key.toString()), qPrintable(key.toString() + action->text()));
            keys.insert(key.toString());
        }
    }
    for (const char *needed : {"F2", "F4", "F5", "F6", "F7", "F8", "F9", "Shift+F7", "Shift+F8", "Shift+F9", "Ctrl+N",
                               "Ctrl+Q", "Ctrl+F", "Ctrl+R", "F1"})
        QVERIFY2(keys.contains(QString::fromLatin1(needed)), needed);
}

void TestWindow::opens_the_statements_by_key()
{
    WindowDriver driver;
    driver.window().show();
    driver.press(Qt::Key_F1);
    QTRY_VERIFY(driver.window().findChild<StatementsPage *>());
    const auto *page = driver.window().findChild<StatementsPage *>();
    QCOMPARE(driver.window().pages()->currentWidget(), page);
    QTRY_VERIFY(page->searchField()->hasFocus());
    driver.window().pages()->openStatement(QStringLiteral("MQTT-3.3.1-4"));
    QCOMPARE(page->current()->id, QStringLiteral("MQTT-3.3.1-4"));
    driver.press(Qt::Key_F, Qt::ControlModifier);
    QTRY_VERIFY(page->searchField()->hasFocus());
    driver.press(Qt::Key_W, Qt::ControlModifier);
    QTRY_VERIFY(!driver.window().findChild<StatementsPage *>());
}

void TestWindow::names_every_control()
{
    WindowDriver driver;
    driver.window().show();
    for (QWidget *child : driver.window().findChildren<QWidget *>()) {
        // Parts of a control speak through it, and so do the lists that combo boxes pop up.
        const bool inner = child->objectName().startsWith(QStringLiteral("qt_")) || child->window() != &driver.window();
        if (!(child->focusPolicy() & Qt::TabFocus) || inner)
            continue;
        QAccessibleInterface *seen = QAccessible::queryAccessibleInterface(child);
        QVERIFY(seen);
        QVERIFY2(
            !seen->text(QAccessible::Name).isEmpty(),
            qPrintable(QString::fromLatin1(child->metaObject()->className()) + QLatin1Char(' ') + child->objectName()));
    }
}

void TestWindow::lets_the_brokers_address_be_copied_by_keyboard()
{
    WindowDriver driver;
    driver.window().show();
    QVERIFY(driver.isListening());
    const QString url = driver.window().feed().view().broker.url;
    QLabel *broker = nullptr;
    for (QLabel *label : driver.window().statusBar()->findChildren<QLabel *>())
        broker = label->text().contains(url) ? label : broker;
    QVERIFY(broker);
    QVERIFY(broker->focusPolicy() & Qt::TabFocus);
    QVERIFY(QTest::qWaitForWindowActive(&driver.window()));
    broker->setFocus(Qt::TabFocusReason);
    QTest::keySequence(broker, QKeySequence::SelectAll);
    QTest::keySequence(broker, QKeySequence::Copy);
    QVERIFY(QApplication::clipboard()->text().contains(url));
}

void TestWindow::selects_by_keyboard_what_the_mouse_selects()
{
    WindowDriver driver;
    driver.window().show();
    QVERIFY(driver.open(device));
    for (const QLabel *label : driver.window().findChildren<QLabel *>()) {
        const Qt::TextInteractionFlags flags = label->textInteractionFlags();
        if (flags & Qt::TextSelectableByMouse)
            QVERIFY2(flags & Qt::TextSelectableByKeyboard, qPrintable(label->text() + label->objectName()));
    }
}

void TestWindow::cuts_no_field_off_on_a_small_screen()
{
    WindowDriver driver;
    driver.window().show();
    QVERIFY(driver.isListening());
    ClientPage *page = driver.open(device);
    driver.pressConnect();
    QTRY_VERIFY(isConnected(driver, device));
    constexpr QSize small(1024, 700);
    driver.window().resize(small);
    QTRY_COMPARE(driver.window().size(), small);
    // The layout follows the new size in a turn of its own.
    const auto firstCutOff = [page]() -> QString {
        for (const ColumnScroll *column : page->findChildren<ColumnScroll *>()) {
            const int width = column->viewport()->width();
            if (!column->isVisible())
                continue;
            if (column->widget()->width() > width)
                return QStringLiteral("column");
            for (const QWidget *child : column->widget()->findChildren<QWidget *>(Qt::FindDirectChildrenOnly)) {
                if (child->isVisible() && child->geometry().right() > width)
                    return QString::fromLatin1(child->metaObject()->className()) + u' ' + child->objectName();
            }
        }
        return {};
    };
    QTRY_COMPARE(firstCutOff(), QString());
}

QTEST_MAIN(TestWindow)
#include "tst_window.moc"
