#include "ui/shell/main_window.h"

#include "ui/broker/session_list.h"
#include "ui/common/icons.h"
#include "ui/common/pill.h"
#include "ui/common/words.h"
#include "ui/connect/profile_list.h"
#include "ui/shell/client_actions.h"
#include "ui/shell/expiry_dialog.h"
#include "ui/shell/page_book.h"
#include "ui/shell/scenario_recording.h"
#include "ui/shell/status_line.h"

#include <QCloseEvent>
#include <QDialog>
#include <QLabel>
#include <QListView>
#include <QSettings>

namespace sessionscope {

namespace {

/// Rises when docks or tool bars change, so that an old layout is not applied to a new window.
constexpr int layoutVersion = 1;

} // namespace

MainWindow::MainWindow(Engine &engine, const Endpoint &listen, QWidget *parent)
    : QMainWindow(parent), m_feed(engine), m_profiles(new ProfileModel(this)), m_control(m_feed, *m_profiles),
      m_actions(new ClientActions(this)), m_pages(new PageBook(m_feed, *m_profiles, m_control, *m_actions)),
      m_profileList(new ProfileList(m_profiles)), m_sessions(new SessionList), m_status(new StatusLine),
      m_recording(new ScenarioRecording(m_feed, this)), m_listen(listen)
{
    setWindowIcon(applicationIcon());
    setCentralWidget(m_pages);
    setStatusBar(m_status);
    buildSidebar();
    buildToolBar();
    buildMenus();
    connectFeed();
    connectClient();
    connectProfiles();
    readProfiles();
    m_defaultState = saveState(layoutVersion);
    readSettings();
    m_profileList->setCurrentRow(0);
    m_profileList->view()->setFocus();
    showView();
    m_status->setBroker(tr("The bundled broker is starting"));
    m_feed.listen(listen);
}

MainWindow::~MainWindow()
{
    // Pages refer to the feed and the models; they go first, and quietly.
    m_pages->blockSignals(true);
    delete m_pages;
}

void MainWindow::connectFeed()
{
    connect(&m_feed, &LabFeed::viewChanged, this, &MainWindow::showView);
    connect(&m_feed, &LabFeed::listening, this, &MainWindow::showListening);
    connect(&m_feed, &LabFeed::listenFailed, this, &MainWindow::showListenFailure);
    connect(&m_feed, &LabFeed::ticked, this, [this] { m_sessions->setNow(m_feed.now()); });
}

void MainWindow::connectClient()
{
    const auto toCurrent = [this](auto command) {
        return [this, command] {
            if (const ClientPage *page = m_pages->currentClient())
                m_control.send(page->key(), command);
        };
    };
    connect(m_actions, &ClientActions::connectRequested, this, &MainWindow::requestConnect);
    connect(m_actions, &ClientActions::reconnectRequested, this, toCurrent(ReconnectCommand{}));
    connect(m_actions, &ClientActions::pingRequested, this, toCurrent(PingCommand{}));
    connect(m_actions, &ClientActions::forgetRequested, this, toCurrent(ForgetCommand{}));
    connect(m_actions, &ClientActions::reauthenticateRequested, this, toCurrent(ReauthenticateCommand{}));
    connect(m_actions, &ClientActions::releaseRequested, this, toCurrent(ReleaseAcknowledgements{}));
    connect(m_actions, &ClientActions::holdRequested, this, [toCurrent](bool on) {
        using enum PacketType;
        toCurrent(HoldAcknowledgements{on ? std::vector{Puback, Pubrec} : std::vector<PacketType>{}})();
    });
    connect(m_actions, &ClientActions::disconnectRequested, this, &MainWindow::requestDisconnect);
    connect(m_actions, &ClientActions::cutRequested, this, [this](CloseHow how) {
        if (const ClientPage *page = m_pages->currentClient())
            m_control.cut(page->key(), how);
    });
}

void MainWindow::connectProfiles()
{
    connect(m_profileList, &ProfileList::opened, m_pages, &PageBook::openProfile);
    connect(m_profileList, &ProfileList::addRequested, this, &MainWindow::addProfile);
    connect(m_profileList, &ProfileList::duplicateRequested, this, &MainWindow::duplicateProfile);
    connect(m_profileList, &ProfileList::removeRequested, this, &MainWindow::removeProfile);
    connect(m_profileList, &ProfileList::saveRequested, this, &MainWindow::saveProfile);
    connect(m_profiles, &ProfileModel::renamed, this, &MainWindow::updateTitle);
    connect(m_profiles, &ProfileModel::changedChanged, this, &MainWindow::updateTitle);
    connect(m_sessions, &SessionList::opened, m_pages, &PageBook::openSession);
    connect(m_pages, &QTabWidget::currentChanged, this, [this] {
        if (const ClientPage *page = m_pages->currentClient())
            m_profileList->setCurrentRow(m_profiles->rowOf(page->key()));
        updateTitle();
    });
}

void MainWindow::requestConnect()
{
    ClientPage *page = m_pages->currentClient();
    if (!page)
        return;
    const QString problem = m_control.connectProfile(m_profiles->rowOf(page->key()));
    page->showProblem(problem);
}

void MainWindow::requestDisconnect(ReasonCode reason, ExpiryKind kind)
{
    const ClientPage *page = m_pages->currentClient();
    if (!page)
        return;
    ExpiryChoice expiry{kind, 0};
    if (kind == ExpiryKind::Seconds) {
        const auto asked = askForExpiry(this, m_profiles->at(m_profiles->rowOf(page->key())).values.expiry.seconds);
        if (!asked)
            return;
        expiry.seconds = *asked;
    }
    m_control.send(page->key(), DisconnectCommand{reason, expiry.interval()});
}

void MainWindow::showListening(const QString &url)
{
    const auto endpoint = parseEndpoint(url);
    m_control.setBundled(endpoint ? std::optional(*endpoint) : std::nullopt);
    m_pages->setBundledUrl(url);
    const QString where = m_triedFreePort ? tr("Bundled broker: %1 (port %2 was taken)").arg(url).arg(m_listen.port)
                                          : tr("Bundled broker: %1").arg(url);
    m_status->setBroker(where);
    m_brokerPill->setContent(QStringLiteral("\u25cf ") + url, Tone::Good);
    m_brokerPill->setToolTip(where);
    m_pages->refresh();
}

void MainWindow::showListenFailure(const QString &why)
{
    if (!m_triedFreePort && m_listen.port != 0) {
        m_triedFreePort = true;
        Endpoint free = m_listen;
        free.port = 0;
        m_feed.listen(free);
        return;
    }
    m_control.setBundled(std::nullopt);
    m_pages->setBundledUrl({});
    m_status->setBroker(tr("The bundled broker does not listen: %1").arg(why));
    m_brokerPill->setContent(tr("No bundled broker"), Tone::Bad);
    m_brokerPill->setToolTip(why);
}

void MainWindow::showView()
{
    const LabView &view = m_feed.view();
    m_sessions->setNow(m_feed.now());
    m_sessions->setView(view.broker);
    m_status->setFeed(m_feed);
    for (const ClientView &client : view.clients) {
        m_profiles->setConnection(client.key, client.connection);
        if (client.connection == ClientConnection::Connected)
            m_control.subscribe(client.key);
    }
    m_brokerCounts->setText(tr("%n session(s)", nullptr, int(view.broker.sessionsTotal)) + QStringLiteral(" \u00b7 ") +
                            tr("%1 connected").arg(view.broker.connectedTotal) + QStringLiteral(" \u00b7 ") +
                            tr("%1 queued").arg(view.broker.queuedTotal));
}

void MainWindow::updateTitle()
{
    const QString page = m_pages->currentIndex() < 0 ? QString() : m_pages->tabText(m_pages->currentIndex());
    setWindowTitle(page.isEmpty() ? tr("Sessionscope") : tr("%1 \u2013 Sessionscope").arg(page));
}

void MainWindow::setTheme(ThemeChoice choice)
{
    applyTheme(choice);
    QSettings().setValue(QStringLiteral("window/theme"), int(choice));
}

void MainWindow::readSettings()
{
    const QSettings settings;
    resize(1280, 820);
    restoreGeometry(settings.value(QStringLiteral("window/geometry")).toByteArray());
    restoreState(settings.value(QStringLiteral("window/state")).toByteArray(), layoutVersion);
    m_actions->formAction()->setChecked(settings.value(QStringLiteral("window/connectionForm"), true).toBool());
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    if (m_recording->isRunning()) {
        // What was recorded is looked at first; the window closes with the dialog, unless that is to stay.
        connect(stopRecording(), &QDialog::finished, this, &QWidget::close, Qt::QueuedConnection);
        return event->ignore();
    }
    if (!saveBeforeClosing())
        return event->ignore();
    QSettings settings;
    settings.setValue(QStringLiteral("window/geometry"), saveGeometry());
    settings.setValue(QStringLiteral("window/state"), saveState(layoutVersion));
    settings.setValue(QStringLiteral("window/connectionForm"), m_actions->formAction()->isChecked());
    m_pages->saveLayout(settings);
    QMainWindow::closeEvent(event);
}

void MainWindow::resetLayout()
{
    restoreState(m_defaultState, layoutVersion);
    m_actions->formAction()->setChecked(true);
    m_pages->resetLayout();
}

} // namespace sessionscope
