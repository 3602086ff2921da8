#include "ui/shell/client_page.h"

#include "ui/connect/connect_form.h"
#include "ui/messages/messages_panel.h"
#include "ui/messages/publish_form.h"
#include "ui/messages/subscribe_form.h"
#include "ui/packets/packets_panel.h"
#include "ui/session/session_header.h"
#include "ui/session/state_panel.h"
#include "ui/shell/banner.h"
#include "ui/shell/notice.h"

#include <QLineEdit>
#include <QSettings>
#include <QSplitter>
#include <QTabBar>
#include <QTabWidget>
#include <QVBoxLayout>

namespace sessionscope {

namespace {

QSplitter *thinSplitter(Qt::Orientation orientation)
{
    auto *splitter = new QSplitter(orientation);
    splitter->setHandleWidth(1);
    splitter->setChildrenCollapsible(false);
    return splitter;
}

} // namespace

ClientPage::ClientPage(const TraceLog &log, ClientActions *actions, ClientKey key, QWidget *parent)
    : QWidget(parent), m_key(key), m_header(new SessionHeader(actions)), m_problem(new Banner(BannerTone::Bad))
{
    m_rows = thinSplitter(Qt::Vertical);
    m_rows->addWidget(buildUpper());
    m_rows->addWidget(buildLower(log));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_header);
    layout->addWidget(m_problem);
    layout->addWidget(m_rows, 1);
    m_packets->setSource({key, {}});
    m_messages->setSource({key, {}});
    resetLayout();
    setView({}, {});
}

QWidget *ClientPage::buildFormColumn()
{
    m_form = new ConnectForm;
    auto *column = new QWidget;
    column->setObjectName(QStringLiteral("panel"));
    column->setAttribute(Qt::WA_StyledBackground);
    auto *layout = new QVBoxLayout(column);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(panelTitleBar(tr("Connection"), nullptr));
    layout->addWidget(m_form, 1);
    return column;
}

QWidget *ClientPage::buildUpper()
{
    m_formColumn = buildFormColumn();
    m_clientPanel = new ClientPanel;
    m_brokerPanel = new BrokerPanel;
    m_differences = new Banner(BannerTone::Warning);
    m_columns = thinSplitter(Qt::Horizontal);
    m_columns->addWidget(m_formColumn);
    m_columns->addWidget(m_clientPanel);
    m_columns->addWidget(m_brokerPanel);
    m_columns->setStretchFactor(0, 0);
    m_columns->setStretchFactor(1, 1);
    m_columns->setStretchFactor(2, 1);

    auto *upper = new QWidget;
    auto *layout = new QVBoxLayout(upper);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_columns, 1);
    layout->addWidget(m_differences);
    return upper;
}

QWidget *ClientPage::buildLower(const TraceLog &log)
{
    m_packets = new PacketsPanel(log);
    m_publish = new PublishForm;
    m_subscribe = new SubscribeForm;
    m_messages = new MessagesPanel(log);
    m_tabs = new QTabWidget;
    m_tabs->setAutoFillBackground(true);
    m_tabs->setAccessibleName(tr("Packets, forms and messages"));
    m_tabs->tabBar()->setAccessibleName(m_tabs->accessibleName());
    m_tabs->addTab(m_packets, tr("Packets"));
    m_tabs->addTab(m_publish, tr("Publish"));
    m_tabs->addTab(m_subscribe, tr("Subscribe"));
    m_tabs->addTab(m_messages, tr("Messages"));
    QLineEdit *filter = m_packets->filterField();
    filter->setMinimumWidth(280);
    auto *corner = new QWidget;
    auto *cornerLayout = new QHBoxLayout(corner);
    cornerLayout->setContentsMargins(8, 2, 8, 2);
    cornerLayout->addWidget(filter);
    m_tabs->setCornerWidget(corner);
    connect(m_tabs, &QTabWidget::currentChanged, filter, [filter](int tab) { filter->setVisible(tab == PacketsTab); });
    connect(m_messages->model(), &QAbstractItemModel::rowsInserted, this, &ClientPage::showMessageCount);
    connect(m_messages->model(), &QAbstractItemModel::modelReset, this, &ClientPage::showMessageCount);
    connect(m_publish, &PublishForm::publishRequested, this,
            [this](const PublishCommand &command) { Q_EMIT commandRequested(command); });
    connect(m_subscribe, &SubscribeForm::subscribeRequested, this,
            [this](const SubscribeCommand &command) { Q_EMIT commandRequested(command); });
    connect(m_subscribe, &SubscribeForm::unsubscribeRequested, this,
            [this](const UnsubscribeCommand &command) { Q_EMIT commandRequested(command); });
    return m_tabs;
}

void ClientPage::setTitle(const QString &title)
{
    m_header->setTitle(title);
}

void ClientPage::setView(const PageView &view, Instant now)
{
    m_client = view.client ? std::optional(*view.client) : std::nullopt;
    m_session = view.session ? std::optional(*view.session) : std::nullopt;
    m_sight = view.sight;
    const Version version =
        m_client ? m_client->connect.protocolLevel ? Version(m_client->connect.protocolLevel) : Version::V5
                 : m_form->values().version;
    const bool connected = m_client && m_client->connection == ClientConnection::Connected;
    m_publish->setState(version, m_client.has_value());
    m_subscribe->setState(version, connected);
    m_subscribe->setSubscriptions(m_client ? m_client->subscriptions : QList<SubscriptionView>());
    setNow(now);
    showDifferences(m_shownDifferences);
}

void ClientPage::setNow(Instant now)
{
    QList<Difference> current;
    if (m_client && m_sight == BrokerSight::Observed)
        current = differences(*m_client, m_session ? &*m_session : nullptr);
    const QList<Difference> &settled = m_settled.update(current, now);
    if (settled != m_shownDifferences)
        showDifferences(settled);
    m_header->setNow(now);
    m_clientPanel->setNow(now);
    m_brokerPanel->setNow(now);
}

void ClientPage::showDifferences(const QList<Difference> &settled)
{
    m_shownDifferences = settled;
    const ClientView *client = m_client ? &*m_client : nullptr;
    const ServerSessionView *session = m_session ? &*m_session : nullptr;
    m_header->setView(client, session, settled.size());
    m_clientPanel->setView(client, settled);
    m_brokerPanel->setView(m_sight, session, settled);

    QString text;
    if (!settled.isEmpty()) {
        const Difference &first = settled.first();
        const QString subject = first.packetId.value ? tr("Packet id %1").arg(first.packetId.value) : tr("Session");
        text = QStringLiteral("\u2260 %1: %2").arg(subject, first.what);
        if (settled.size() > 1)
            text += QLatin1Char(' ') + tr("%n more difference(s).", nullptr, int(settled.size()) - 1);
    }
    m_differences->setText(text);
}

void ClientPage::takeRecord(const TraceRecord &record, Version version)
{
    if (endsProblems(record))
        m_problem->setText({});
    if (const auto problem = problemIn(record, version))
        showProblem(*problem);
    if (const auto outcome = publishOutcomeIn(record))
        m_publish->setOutcome(*outcome);
    if (const auto outcome = requestOutcomeIn(record))
        m_subscribe->setOutcome(*outcome);
}

void ClientPage::showProblem(const QString &text)
{
    m_problem->setText(text);
}

void ClientPage::showMessageCount()
{
    const int count = m_messages->model()->rowCount();
    m_tabs->setTabText(MessagesTab, count ? tr("Messages %1").arg(count) : tr("Messages"));
}

void ClientPage::showTab(Tab tab)
{
    m_tabs->setCurrentIndex(tab);
    if (tab == PacketsTab)
        m_packets->filterField()->setFocus();
    else
        m_tabs->currentWidget()->setFocus();
}

void ClientPage::setFormVisible(bool visible)
{
    m_formColumn->setVisible(visible);
}

void ClientPage::saveLayout(QSettings &settings) const
{
    settings.setValue(QStringLiteral("page/columns"), m_columns->saveState());
    settings.setValue(QStringLiteral("page/rows"), m_rows->saveState());
}

void ClientPage::restoreLayout(const QSettings &settings)
{
    m_columns->restoreState(settings.value(QStringLiteral("page/columns")).toByteArray());
    m_rows->restoreState(settings.value(QStringLiteral("page/rows")).toByteArray());
}

void ClientPage::resetLayout()
{
    m_columns->setSizes({310, 420, 420});
    m_rows->setSizes({500, 240});
}

} // namespace sessionscope
