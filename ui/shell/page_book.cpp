#include "ui/shell/page_book.h"

#include "ui/common/table_view.h"
#include "ui/common/words.h"
#include "ui/connect/connect_form.h"
#include "ui/packets/packets_panel.h"
#include "ui/shell/client_actions.h"
#include "ui/shell/watch_page.h"
#include "ui/statements/statements_page.h"

#include <QLineEdit>
#include <QSettings>
#include <QTabBar>

namespace sessionscope {

PageBook::PageBook(LabFeed &feed, ProfileModel &profiles, ClientControl &control, ClientActions &actions,
                   QWidget *parent)
    : QTabWidget(parent), m_feed(feed), m_profiles(profiles), m_control(control), m_actions(actions)
{
    setTabsClosable(true);
    setMovable(true);
    setAutoFillBackground(true);
    setAccessibleName(tr("Pages"));
    tabBar()->setAccessibleName(tr("Pages"));
    tabBar()->setElideMode(Qt::ElideRight);
    connect(this, &QTabWidget::tabCloseRequested, this, [this](int index) {
        QWidget *page = widget(index);
        removeTab(index);
        page->deleteLater();
    });
    connect(this, &QTabWidget::currentChanged, this, &PageBook::refresh);
    connect(&feed, &LabFeed::viewChanged, this, &PageBook::refresh);
    connect(&feed, &LabFeed::ticked, this, &PageBook::tickCurrent);
    connect(&feed.log(), &TraceLog::appended, this, &PageBook::takeRecords);
    connect(&profiles, &ProfileModel::renamed, this, &PageBook::retitle);
    connect(&profiles, &ProfileModel::changedChanged, this, &PageBook::retitle);
}

ClientPage *PageBook::pageOf(ClientKey key) const
{
    for (ClientPage *page : clientPages()) {
        if (page->key() == key)
            return page;
    }
    return nullptr;
}

template<class Page> QList<Page *> PageBook::pages() const
{
    QList<Page *> found;
    for (int i = 0; i < count(); ++i) {
        if (auto *page = qobject_cast<Page *>(widget(i)))
            found << page;
    }
    return found;
}

QList<ClientPage *> PageBook::clientPages() const
{
    return pages<ClientPage>();
}

ClientPage *PageBook::currentClient() const
{
    return qobject_cast<ClientPage *>(currentWidget());
}

void PageBook::openProfile(int row)
{
    ClientPage *page = pageOf(m_profiles.at(row).key);
    setCurrentWidget(page ? page : makePage(row));
}

ClientPage *PageBook::makePage(int row)
{
    const ProfileEntry &profile = m_profiles.at(row);
    const ClientKey key = profile.key;
    auto *page = new ClientPage(m_feed.log(), &m_actions, key);
    page->setTitle(profile.name);
    page->form()->setValues(profile.values);
    page->form()->setBundledUrl(m_bundledUrl);
    page->setFormVisible(m_formVisible);
    const QSettings settings;
    if (settings.contains(QStringLiteral("page/rows")))
        page->restoreLayout(settings);
    connect(page->form(), &ConnectForm::changed, this, [this, page, key] {
        m_profiles.setValues(m_profiles.rowOf(key), page->form()->values());
        showContext(page, m_feed.client(key));
    });
    connect(page->form(), &ConnectForm::connectRequested, m_actions.connectAction(), &QAction::trigger);
    connect(page->packets(), &PacketsPanel::statementRequested, this, &PageBook::openStatement);
    connect(page, &ClientPage::commandRequested, this,
            [this, key](const ClientCommand &command) { m_control.send(key, command); });
    addTab(page, profile.name);
    retitle(row);
    return page;
}

void PageBook::openSession(const QByteArray &clientId)
{
    for (const ClientView &client : m_feed.view().clients) {
        if (sessionIdOf(client) == clientId && m_control.isBundled(client.broker)) {
            openProfile(m_profiles.rowOf(client.key));
            return;
        }
    }
    for (WatchPage *page : pages<WatchPage>()) {
        if (page->clientId() == clientId)
            return setCurrentWidget(page);
    }
    auto *page = new WatchPage(m_feed.log(), clientId);
    connect(page->packets(), &PacketsPanel::statementRequested, this, &PageBook::openStatement);
    setCurrentIndex(addTab(page, words::text(clientId)));
}

void PageBook::openStatement(const QString &id)
{
    StatementsPage *page = pages<StatementsPage>().value(0);
    if (!page) {
        page = new StatementsPage;
        addTab(page, tr("Statements"));
    }
    setCurrentWidget(page);
    page->open(id);
    if (id.isEmpty())
        page->searchField()->setFocus();
    else
        page->table()->setFocus();
}

void PageBook::focusSearch()
{
    if (ClientPage *page = currentClient())
        page->showTab(ClientPage::PacketsTab);
    else if (auto *watched = qobject_cast<WatchPage *>(currentWidget()))
        watched->packets()->filterField()->setFocus();
    else if (auto *statements = qobject_cast<StatementsPage *>(currentWidget()))
        statements->searchField()->setFocus();
}

QString PageBook::currentStatement() const
{
    if (const ClientPage *page = currentClient())
        return page->packets()->statementId();
    const auto *watched = qobject_cast<WatchPage *>(currentWidget());
    return watched ? watched->packets()->statementId() : QString();
}

void PageBook::closeProfile(ClientKey key)
{
    if (ClientPage *page = pageOf(key)) {
        removeTab(indexOf(page));
        page->deleteLater();
    }
}

void PageBook::closeCurrent()
{
    if (currentIndex() >= 0)
        Q_EMIT tabCloseRequested(currentIndex());
}

void PageBook::refresh()
{
    if (auto *page = currentClient())
        showClient(page);
    else if (auto *watched = qobject_cast<WatchPage *>(currentWidget()))
        showWatch(watched);
    else
        m_actions.setState(nullptr, false);
    Q_EMIT clientChanged();
}

PageView PageBook::viewOf(ClientKey key) const
{
    PageView view;
    view.client = m_feed.client(key);
    if (!view.client)
        return view;
    view.sight = m_control.isBundled(view.client->broker) ? BrokerSight::Observed : BrokerSight::External;
    if (view.sight == BrokerSight::Observed)
        view.session = m_feed.session(sessionIdOf(*view.client));
    return view;
}

void PageBook::showClient(ClientPage *page)
{
    const PageView view = viewOf(page->key());
    page->setView(view, m_feed.now());
    m_actions.setState(view.client, true);
    page->form()->setConnectable(!view.client || view.client->connection == ClientConnection::Closed);
    showContext(page, view.client);
}

void PageBook::showContext(ClientPage *page, const ClientView *view)
{
    ForecastContext context;
    context.hasOwnSession = view && view->record;
    context.hasSubscriptions = view && !view->subscriptions.isEmpty();
    context.othersWithSameId = m_profiles.othersWithSameId(m_profiles.rowOf(page->key()));
    page->form()->setContext(context);
}

void PageBook::showWatch(WatchPage *page)
{
    const ServerSessionView *session = m_feed.session(page->clientId());
    const bool isKnown = session || m_feed.view().broker.hasAll();
    page->setView(isKnown ? BrokerSight::Observed : BrokerSight::NotShown, session, m_feed.now());
    m_actions.setState(nullptr, false);
}

void PageBook::tickCurrent()
{
    if (auto *page = currentClient())
        page->setNow(m_feed.now());
    else if (auto *watched = qobject_cast<WatchPage *>(currentWidget()))
        watched->setNow(m_feed.now());
}

void PageBook::takeRecords(LogRow first)
{
    for (LogRow row = first; row < m_feed.log().end(); ++row) {
        const TraceRecord &record = m_feed.log().at(row);
        const bool packet = std::holds_alternative<PacketTrace>(record.what);
        if (packet || record.role != Role::Client)
            continue;
        const ClientView *client = m_feed.client(record.client);
        if (ClientPage *page = pageOf(record.client))
            page->takeRecord(record, client ? Version(client->connect.protocolLevel) : Version::V5);
    }
}

void PageBook::retitle(int row)
{
    const ProfileEntry &profile = m_profiles.at(row);
    if (ClientPage *page = pageOf(profile.key)) {
        page->setTitle(profile.name);
        setTabText(indexOf(page), profile.isChanged ? profile.name + QStringLiteral(" \u2022") : profile.name);
    }
}

void PageBook::reloadForm(int row)
{
    if (ClientPage *page = pageOf(m_profiles.at(row).key)) {
        page->form()->setValues(m_profiles.at(row).values);
        showContext(page, m_feed.client(page->key()));
    }
}

void PageBook::setFormVisible(bool visible)
{
    m_formVisible = visible;
    for (ClientPage *page : clientPages())
        page->setFormVisible(visible);
}

void PageBook::setBundledUrl(const QString &url)
{
    m_bundledUrl = url;
    for (ClientPage *page : clientPages())
        page->form()->setBundledUrl(url);
}

void PageBook::saveLayout(QSettings &settings) const
{
    const auto pages = clientPages();
    const ClientPage *page = currentClient() ? currentClient() : pages.isEmpty() ? nullptr : pages.first();
    if (page)
        page->saveLayout(settings);
}

void PageBook::resetLayout()
{
    QSettings().remove(QStringLiteral("page"));
    for (ClientPage *page : clientPages())
        page->resetLayout();
}

} // namespace sessionscope
