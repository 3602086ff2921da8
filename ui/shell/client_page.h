// The page of one client: header, connect form, both ends of its session, and below them packets, forms and messages.
// Shows what it is given and asks by signals; it does not know the engine.
#pragma once

#include "ui/connect/forecast.h"
#include "ui/packets/trace_log.h"
#include "ui/session/broker_panel.h"
#include "ui/session/client_panel.h"
#include "ui/session/settled.h"

#include <QWidget>

class QSettings;
class QSplitter;
class QTabWidget;

namespace sessionscope {

class Banner;
class ClientActions;
class ConnectForm;
class MessagesPanel;
class PacketsPanel;
class PublishForm;
class SessionHeader;
class SubscribeForm;

/// What a page shows at one moment. The pointers need to live only as long as the call.
struct PageView
{
    const ClientView *client = nullptr;
    const ServerSessionView *session = nullptr;
    BrokerSight sight = BrokerSight::NotConnectedYet;
};

class ClientPage : public QWidget
{
    Q_OBJECT

public:
    enum Tab
    {
        PacketsTab,
        PublishTab,
        SubscribeTab,
        MessagesTab
    };

    /// log and actions outlive the page.
    ClientPage(const TraceLog &log, ClientActions *actions, ClientKey key, QWidget *parent = nullptr);

    ClientKey key() const { return m_key; }
    void setTitle(const QString &title);
    void setView(const PageView &view, Instant now);
    void setNow(Instant now);
    /// A new record of this client: outcomes and problems are read from it.
    /// version: that the client speaks now, which the page does not know while it is not in front.
    void takeRecord(const TraceRecord &record, Version version);
    void showProblem(const QString &text);

    ConnectForm *form() const { return m_form; }
    SessionHeader *header() const { return m_header; }
    ClientPanel *clientPanel() const { return m_clientPanel; }
    BrokerPanel *brokerPanel() const { return m_brokerPanel; }
    PacketsPanel *packets() const { return m_packets; }
    MessagesPanel *messages() const { return m_messages; }
    PublishForm *publishForm() const { return m_publish; }
    SubscribeForm *subscribeForm() const { return m_subscribe; }
    QTabWidget *tabs() const { return m_tabs; }
    Banner *problem() const { return m_problem; }

    void showTab(Tab tab);
    void setFormVisible(bool visible);
    void saveLayout(QSettings &settings) const;
    void restoreLayout(const QSettings &settings);
    /// The layout of a page that was never touched.
    void resetLayout();

Q_SIGNALS:
    void commandRequested(const sessionscope::ClientCommand &command);

private:
    QWidget *buildUpper();
    QWidget *buildLower(const TraceLog &log);
    QWidget *buildFormColumn();
    void showDifferences(const QList<Difference> &settled);
    void showMessageCount();

    ClientKey m_key;
    SessionHeader *m_header;
    Banner *m_problem;
    ConnectForm *m_form = nullptr;
    QWidget *m_formColumn = nullptr;
    ClientPanel *m_clientPanel = nullptr;
    BrokerPanel *m_brokerPanel = nullptr;
    Banner *m_differences = nullptr;
    QSplitter *m_columns = nullptr;
    QSplitter *m_rows = nullptr;
    QTabWidget *m_tabs = nullptr;
    PacketsPanel *m_packets = nullptr;
    PublishForm *m_publish = nullptr;
    SubscribeForm *m_subscribe = nullptr;
    MessagesPanel *m_messages = nullptr;

    SettledDifferences m_settled;
    std::optional<ClientView> m_client;
    std::optional<ServerSessionView> m_session;
    BrokerSight m_sight = BrokerSight::NotConnectedYet;
    QList<Difference> m_shownDifferences;
};

} // namespace sessionscope
