// The furniture of the main window: side bar, tool bar and menus.
#include "ui/shell/main_window.h"

#include "ui/broker/session_list.h"
#include "ui/common/icons.h"
#include "ui/common/pill.h"
#include "ui/common/shortcuts.h"
#include "ui/connect/profile_list.h"
#include "ui/shell/client_actions.h"
#include "ui/shell/page_book.h"

#include <QActionGroup>
#include <QApplication>
#include <QClipboard>
#include <QDockWidget>
#include <QLabel>
#include <QMenuBar>
#include <QMessageBox>
#include <QSettings>
#include <QToolBar>
#include <QToolButton>

namespace sessionscope {

namespace {

/// Room for a Client ID and "expires in 59:52" with a bar beside it.
constexpr int sideBarWidth = 212;

QDockWidget *sideDock(const QString &title, const QString &name, QWidget *content)
{
    auto *dock = new QDockWidget(title);
    dock->setObjectName(name);
    dock->setWidget(content);
    // The list has a heading of its own.
    dock->setTitleBarWidget(new QWidget);
    dock->setFeatures(QDockWidget::DockWidgetClosable | QDockWidget::DockWidgetMovable);
    return dock;
}

} // namespace

void MainWindow::buildSidebar()
{
    auto *profiles = sideDock(tr("Profiles"), QStringLiteral("profilesDock"), m_profileList);
    auto *sessions = sideDock(tr("Broker Sessions"), QStringLiteral("sessionsDock"), m_sessions);
    addDockWidget(Qt::LeftDockWidgetArea, profiles);
    addDockWidget(Qt::LeftDockWidgetArea, sessions);
    setDockNestingEnabled(true);
    m_profileList->setMinimumWidth(sideBarWidth);
    m_sessions->setMinimumWidth(sideBarWidth);
    resizeDocks({profiles, sessions}, {sideBarWidth, sideBarWidth}, Qt::Horizontal);
}

void MainWindow::buildToolBar()
{
    auto *bar = addToolBar(tr("Main Tool Bar"));
    bar->setObjectName(QStringLiteral("mainToolBar"));
    bar->setMovable(false);
    bar->setIconSize({16, 16});
    auto *add = new QToolButton;
    add->setObjectName(QStringLiteral("button"));
    add->setDefaultAction(m_profileList->addAction());
    add->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    add->setFocusPolicy(Qt::TabFocus);
    m_brokerPill = new Pill;
    m_brokerCounts = new QLabel;
    m_brokerCounts->setObjectName(QStringLiteral("dim"));
    bar->addWidget(add);
    bar->addSeparator();
    bar->addWidget(m_brokerPill)->setVisible(true);
    bar->addWidget(m_brokerCounts);
    buildRecording(bar);
}

void MainWindow::buildMenus()
{
    buildFileMenu();
    buildViewMenu();
    auto *client = menuBar()->addMenu(tr("&Client"));
    m_actions->addTo(client);
    buildBrokerMenu();
    buildScenarioMenu();
    buildHelpMenu();
}

void MainWindow::buildFileMenu()
{
    auto *file = menuBar()->addMenu(tr("&File"));
    m_profileList->addTo(file);
    file->addAction(tr("&Import Profiles\u2026"), this, &MainWindow::importProfiles);
    file->addSeparator();
    QAction *close = file->addAction(tr("&Close Page"), m_pages, &PageBook::closeCurrent);
    close->setShortcuts(keysFor(QKeySequence::Close, Qt::CTRL | Qt::Key_W));
    file->addSeparator();
    QAction *quit = file->addAction(tr("&Quit"), this, &QWidget::close);
    quit->setShortcuts(keysFor(QKeySequence::Quit, Qt::CTRL | Qt::Key_Q));
    quit->setMenuRole(QAction::QuitRole);
}

void MainWindow::buildViewMenu()
{
    auto *view = menuBar()->addMenu(tr("&View"));
    view->addAction(m_actions->formAction());
    connect(m_actions->formAction(), &QAction::toggled, m_pages, &PageBook::setFormVisible);
    for (auto *dock : findChildren<QDockWidget *>())
        view->addAction(dock->toggleViewAction());
    view->addSeparator();
    const std::pair<QString, ClientPage::Tab> tabs[] = {{tr("&Packets"), ClientPage::PacketsTab},
                                                        {tr("P&ublish"), ClientPage::PublishTab},
                                                        {tr("&Subscribe"), ClientPage::SubscribeTab},
                                                        {tr("&Messages"), ClientPage::MessagesTab}};
    for (const auto &[text, tab] : tabs) {
        QAction *action = view->addAction(text);
        action->setShortcut(QKeySequence(Qt::CTRL | Qt::Key(int(Qt::Key_1) + int(tab))));
        connect(action, &QAction::triggered, this, [this, chosen = tab] {
            if (ClientPage *page = m_pages->currentClient())
                page->showTab(chosen);
        });
    }
    QAction *find = view->addAction(themedIcon("search"), tr("&Filter Packets"), m_pages, &PageBook::focusSearch);
    find->setShortcuts(keysFor(QKeySequence::Find, Qt::CTRL | Qt::Key_F));
    view->addSeparator();
    buildThemeMenu(view);
    view->addAction(tr("&Reset Layout"), this, &MainWindow::resetLayout);
}

void MainWindow::buildThemeMenu(QMenu *view)
{
    auto *menu = view->addMenu(tr("&Theme"));
    m_themes = new QActionGroup(this);
    const auto inForce = ThemeChoice(QSettings().value(QStringLiteral("window/theme"), 0).toInt());
    const std::pair<QString, ThemeChoice> themes[] = {
        {tr("&System"), ThemeChoice::System}, {tr("&Light"), ThemeChoice::Light}, {tr("&Dark"), ThemeChoice::Dark}};
    for (const auto &[text, theme] : themes) {
        QAction *action = menu->addAction(text);
        action->setCheckable(true);
        action->setChecked(theme == inForce);
        m_themes->addAction(action);
        connect(action, &QAction::triggered, this, [this, chosen = theme] { setTheme(chosen); });
    }
}

void MainWindow::buildBrokerMenu()
{
    auto *broker = menuBar()->addMenu(tr("&Broker"));
    broker->addAction(themedIcon("copy"), tr("&Copy Address"), this,
                      [this] { QApplication::clipboard()->setText(m_feed.view().broker.url); });
}

void MainWindow::buildHelpMenu()
{
    auto *help = menuBar()->addMenu(tr("&Help"));
    QAction *statements = help->addAction(tr("&Statements of the Standards"));
    statements->setShortcuts(keysFor(QKeySequence::HelpContents, Qt::Key_F1));
    connect(statements, &QAction::triggered, this, [this] { m_pages->openStatement(m_pages->currentStatement()); });
    QAction *about = help->addAction(tr("&About Sessionscope"), this, &MainWindow::showAbout);
    about->setMenuRole(QAction::AboutRole);
}

void MainWindow::showAbout()
{
    QMessageBox::about(this, tr("About Sessionscope"),
                       tr("<b>Sessionscope %1</b><p>An oscilloscope for MQTT sessions: both ends, live.</p>"
                          "<p>Licence: GPL-3.0-or-later</p>")
                           .arg(QStringLiteral(SESSIONSCOPE_VERSION)));
}

} // namespace sessionscope
