// The broker's end of a session: how long it lives, its will, subscriptions, what is on its way and what is queued.
// Can only be looked into when the broker is the bundled one.
#pragma once

#include "ui/session/differences.h"
#include "ui/session/state_models.h"

#include <QWidget>

class QLabel;

namespace sessionscope {

class KeyValues;
class StateTable;

/// Why there may be nothing to show.
enum class BrokerSight : quint8
{
    Observed,
    External,
    NotShown, ///< behind the end of what the bundled broker shows of its sessions
    NotConnectedYet
};

class BrokerPanel : public QWidget
{
    Q_OBJECT

public:
    explicit BrokerPanel(QWidget *parent = nullptr);

    /// session is nullptr when the broker has none (or cannot be seen).
    void setView(BrokerSight sight, const ServerSessionView *session, const QList<Difference> &differences);
    void setNow(Instant now);

    ExchangeModel *sent() const { return m_sent; }
    HeldModel *held() const { return m_held; }
    QueuedModel *queued() const { return m_queued; }
    SubscriptionModel *subscriptions() const { return m_subscriptions; }
    /// What stands in place of the state; empty while the state is shown.
    QString remark() const;

private:
    QWidget *buildSections();
    void showSession(const ServerSessionView &session);
    void showTables(const ServerSessionView &session, const QList<Difference> &differences);
    void showEnd();

    ExchangeModel *m_sent;
    HeldModel *m_held;
    QueuedModel *m_queued;
    SubscriptionModel *m_subscriptions;
    KeyValues *m_session = nullptr;
    KeyValues *m_flow = nullptr;
    StateTable *m_subscriptionsTable = nullptr;
    StateTable *m_sentTable = nullptr;
    StateTable *m_queuedTable = nullptr;
    StateTable *m_heldTable = nullptr;
    QWidget *m_sections;
    QLabel *m_empty;
    QLabel *m_sight = nullptr;
    std::optional<ServerSessionView> m_shown; ///< without its lists
    Instant m_now;
};

} // namespace sessionscope
