// What can be done with the client of the current page, once for menu, header buttons and keys.
// Knows which of it makes sense in a state; leaves doing it to whoever listens.
#pragma once

#include "core/link/network.h"
#include "core/trace/session_view.h"
#include "ui/connect/connect_values.h"

#include <QObject>

class QAction;
class QMenu;
class QWidget;

namespace sessionscope {

class ClientActions : public QObject
{
    Q_OBJECT

public:
    explicit ClientActions(QWidget *window);

    /// Enables what the state allows; nullptr: the client has never connected. Without a page, nothing is allowed.
    void setState(const ClientView *view, bool hasPage);

    /// Fills the Client menu.
    void addTo(QMenu *menu) const;
    /// New buttons for a page's header; the caller owns them.
    QList<QWidget *> headerButtons() const;

    QAction *connectAction() const { return m_connect; }
    QAction *reconnectAction() const { return m_reconnect; }
    /// Checked while the connect form is to be seen.
    QAction *formAction() const { return m_form; }
    QMenu *disconnectMenu() const { return m_disconnectMenu; }
    QMenu *cutMenu() const { return m_cutMenu; }

Q_SIGNALS:
    void connectRequested();
    void reconnectRequested();
    /// expiry.kind Absent: the interval in force stays. Seconds: the receiver asks how many.
    void disconnectRequested(sessionscope::ReasonCode reason, sessionscope::ExpiryKind expiry);
    void cutRequested(sessionscope::CloseHow how);
    void pingRequested();
    void forgetRequested();
    void reauthenticateRequested();
    /// PUBACK and PUBREC wait from now on, or no longer.
    void holdRequested(bool on);
    void releaseRequested();

private:
    QAction *make(const QString &text, const char *icon, const QKeySequence &keys);
    void buildDisconnectMenu(QWidget *window);
    void buildCutMenu(QWidget *window);
    void addDisconnects(QMenu *menu, ReasonCode reason, const QKeySequence &keys);

    QWidget *m_window;
    QAction *m_connect;
    QAction *m_reconnect;
    QAction *m_disconnect = nullptr;
    QAction *m_cut = nullptr;
    QAction *m_form;
    QAction *m_ping;
    QAction *m_forget;
    QAction *m_reauthenticate;
    QAction *m_hold;
    QAction *m_release;
    QMenu *m_disconnectMenu = nullptr;
    QMenu *m_cutMenu = nullptr;
};

} // namespace sessionscope
