// The client's end of a session: what it has sent, holds, still has to send, and what flow control allows.
#pragma once

#include "ui/session/differences.h"
#include "ui/session/state_models.h"

#include <QWidget>

class QLabel;

namespace sessionscope {

class KeyValues;
class StateTable;

class ClientPanel : public QWidget
{
    Q_OBJECT

public:
    explicit ClientPanel(QWidget *parent = nullptr);

    /// nullptr: the client has not connected yet.
    void setView(const ClientView *view, const QList<Difference> &differences);
    void setNow(Instant now);

    ExchangeModel *sent() const { return m_sent; }
    HeldModel *held() const { return m_held; }
    HeldAckModel *heldAcks() const { return m_heldAcks; }
    QueuedModel *waiting() const { return m_waiting; }
    SubscriptionModel *subscriptions() const { return m_subscriptions; }

private:
    QWidget *buildSections();
    void showSession(const ClientView &view);
    void showFlow(const ClientView &view);
    void showTables(const ClientView &view, const QList<Difference> &differences);

    ExchangeModel *m_sent;
    HeldModel *m_held;
    HeldAckModel *m_heldAcks;
    QueuedModel *m_waiting;
    SubscriptionModel *m_subscriptions;
    KeyValues *m_session = nullptr;
    StateTable *m_sentTable = nullptr;
    StateTable *m_heldTable = nullptr;
    StateTable *m_heldAcksTable = nullptr;
    StateTable *m_waitingTable = nullptr;
    StateTable *m_subscriptionsTable = nullptr;
    KeyValues *m_flow = nullptr;
    QWidget *m_sections;
    QLabel *m_empty;
    Instant m_now;
};

} // namespace sessionscope
