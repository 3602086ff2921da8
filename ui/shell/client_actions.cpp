#include "ui/shell/client_actions.h"

#include "ui/common/icons.h"

#include <QAction>
#include <QMenu>
#include <QToolButton>

namespace sessionscope {

namespace {

QToolButton *headerButton(QAction *action)
{
    auto *button = new QToolButton;
    button->setObjectName(QStringLiteral("button"));
    button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    button->setDefaultAction(action);
    button->setFocusPolicy(Qt::StrongFocus);
    return button;
}

QToolButton *menuButton(QAction *action, QMenu *menu)
{
    QToolButton *button = headerButton(action);
    button->setMenu(menu);
    button->setPopupMode(QToolButton::MenuButtonPopup);
    return button;
}

} // namespace

ClientActions::ClientActions(QWidget *window)
    : QObject(window), m_window(window), m_connect(make(tr("&Connect"), "connect", Qt::Key_F5)),
      m_reconnect(make(tr("&Reconnect"), "reconnect", Qt::Key_F6)),
      m_form(make(tr("Connection &Form"), "settings", Qt::Key_F4)), m_ping(make(tr("Send &PINGREQ"), nullptr, {})),
      m_forget(make(tr("&Forget the Session"), nullptr, {})),
      m_reauthenticate(make(tr("&Authenticate Again"), nullptr, {})),
      m_hold(make(tr("&Hold Acknowledgements"), nullptr, Qt::Key_F9)),
      m_release(make(tr("Re&lease Acknowledgements"), nullptr, Qt::SHIFT | Qt::Key_F9))
{
    m_form->setCheckable(true);
    m_form->setChecked(true);
    m_form->setToolTip(tr("Show or hide the connection form (F4)"));
    m_connect->setToolTip(tr("Connect with the values of the form (F5)"));
    m_reconnect->setToolTip(tr("Connect again with Clean Start 0 and the last values (F6)"));
    m_forget->setToolTip(tr("Drop the client's end of the session, as a device that lost its store"));
    connect(m_connect, &QAction::triggered, this, &ClientActions::connectRequested);
    connect(m_reconnect, &QAction::triggered, this, &ClientActions::reconnectRequested);
    m_reauthenticate->setToolTip(tr("Send AUTH 0x19 on this connection"));
    m_hold->setCheckable(true);
    m_hold->setToolTip(tr("Receive without PUBACK and PUBREC until they are released (F9)"));
    m_release->setToolTip(tr("Send what is held, in the order of arrival (Shift+F9)"));
    connect(m_reauthenticate, &QAction::triggered, this, &ClientActions::reauthenticateRequested);
    connect(m_hold, &QAction::triggered, this, &ClientActions::holdRequested);
    connect(m_release, &QAction::triggered, this, &ClientActions::releaseRequested);
    connect(m_ping, &QAction::triggered, this, &ClientActions::pingRequested);
    connect(m_forget, &QAction::triggered, this, &ClientActions::forgetRequested);
    buildDisconnectMenu(window);
    buildCutMenu(window);
    setState(nullptr, false);
}

QAction *ClientActions::make(const QString &text, const char *icon, const QKeySequence &keys)
{
    auto *action = new QAction(text, m_window);
    if (icon)
        action->setIcon(themedIcon(icon));
    action->setShortcut(keys);
    return action;
}

void ClientActions::buildDisconnectMenu(QWidget *window)
{
    m_disconnect = make(tr("&Disconnect"), "disconnect", {});
    m_disconnect->setToolTip(tr("Send DISCONNECT 0x00 (F7)"));
    connect(m_disconnect, &QAction::triggered, this,
            [this] { Q_EMIT disconnectRequested(ReasonCode::Success, ExpiryKind::Absent); });
    m_disconnectMenu = new QMenu(tr("&Disconnect"), window);
    m_disconnectMenu->setIcon(themedIcon("disconnect"));
    m_disconnectMenu->addSection(tr("0x00 Normal: the will is discarded"));
    addDisconnects(m_disconnectMenu, ReasonCode::Success, Qt::Key_F7);
    m_disconnectMenu->addSection(tr("0x04 With will: the will is published"));
    addDisconnects(m_disconnectMenu, ReasonCode::DisconnectWithWillMessage, Qt::SHIFT | Qt::Key_F7);
}

void ClientActions::addDisconnects(QMenu *menu, ReasonCode reason, const QKeySequence &keys)
{
    const auto code = QStringLiteral("0x%1").arg(int(reason), 2, 16, QLatin1Char('0'));
    const std::pair<QString, ExpiryKind> choices[] = {
        {tr("%1, expiry stays as it is"), ExpiryKind::Absent},
        {tr("%1, expiry 0: end the session now"), ExpiryKind::Zero},
        {tr("%1, new expiry\u2026"), ExpiryKind::Seconds},
        {tr("%1, never expire"), ExpiryKind::Never},
    };
    for (const auto &[text, kind] : choices) {
        QAction *action = make(text.arg(code), nullptr, kind == ExpiryKind::Absent ? keys : QKeySequence());
        connect(action, &QAction::triggered, this,
                [this, reason, chosen = kind] { Q_EMIT disconnectRequested(reason, chosen); });
        // Before 5.0 a DISCONNECT says nothing.
        action->setData(reason != ReasonCode::Success || kind != ExpiryKind::Absent);
        menu->addAction(action);
    }
}

void ClientActions::buildCutMenu(QWidget *window)
{
    m_cut = make(tr("C&ut"), "cut", {});
    m_cut->setToolTip(tr("Break the TCP connection with a reset, without DISCONNECT (F8)"));
    connect(m_cut, &QAction::triggered, this, [this] { Q_EMIT cutRequested(CloseHow::Reset); });
    m_cutMenu = new QMenu(tr("C&ut"), window);
    m_cutMenu->setIcon(themedIcon("cut"));
    QAction *reset = make(tr("&Reset (RST): unsent bytes are lost"), nullptr, Qt::Key_F8);
    QAction *close = make(tr("&Close (FIN): what was sent arrives"), nullptr, Qt::SHIFT | Qt::Key_F8);
    connect(reset, &QAction::triggered, this, [this] { Q_EMIT cutRequested(CloseHow::Reset); });
    connect(close, &QAction::triggered, this, [this] { Q_EMIT cutRequested(CloseHow::Close); });
    m_cutMenu->addActions({reset, close});
}

void ClientActions::setState(const ClientView *view, bool hasPage)
{
    const auto state = view ? view->connection : ClientConnection::Closed;
    const bool closed = state == ClientConnection::Closed;
    const bool connected = state == ClientConnection::Connected;
    m_connect->setEnabled(hasPage && closed);
    m_reconnect->setEnabled(hasPage && closed && view);
    m_ping->setEnabled(hasPage && connected);
    m_forget->setEnabled(hasPage && closed && view && view->record.has_value());
    m_reauthenticate->setEnabled(hasPage && connected && view->policy.authenticatorAnswers);
    m_hold->setEnabled(hasPage && view);
    m_hold->setChecked(hasPage && view && !view->heldAckTypes.empty());
    m_release->setEnabled(hasPage && view && view->heldAcksTotal > 0);
    // Closed and on the way back, Disconnect means: stay away.
    const bool canLeave = connected || (closed && view && view->reconnectAt);
    m_disconnect->setEnabled(hasPage && canLeave);
    m_disconnectMenu->setEnabled(hasPage && connected);
    const bool isV5 = view && Version(view->connect.protocolLevel) == Version::V5;
    for (QAction *action : m_disconnectMenu->actions())
        action->setEnabled(hasPage && connected && (isV5 || !action->data().toBool()));
    m_cut->setEnabled(hasPage && !closed);
    m_cutMenu->setEnabled(hasPage && !closed);
    for (QAction *action : m_cutMenu->actions())
        action->setEnabled(hasPage && !closed);
}

void ClientActions::addTo(QMenu *menu) const
{
    menu->addAction(m_connect);
    menu->addAction(m_reconnect);
    menu->addMenu(m_disconnectMenu);
    menu->addMenu(m_cutMenu);
    menu->addSeparator();
    menu->addAction(m_hold);
    menu->addAction(m_release);
    menu->addSeparator();
    menu->addAction(m_ping);
    menu->addAction(m_reauthenticate);
    menu->addAction(m_forget);
}

QList<QWidget *> ClientActions::headerButtons() const
{
    QToolButton *form = headerButton(m_form);
    form->setToolButtonStyle(Qt::ToolButtonIconOnly);
    QToolButton *cutButton = menuButton(m_cut, m_cutMenu);
    cutButton->setProperty("tone", QStringLiteral("bad"));
    const QList<QToolButton *> byState{headerButton(m_connect), headerButton(m_reconnect),
                                       menuButton(m_disconnect, m_disconnectMenu), cutButton};
    for (QToolButton *button : byState) {
        // Only what can be done now takes room. Showing a button that has no parent yet would open a window.
        if (!button->defaultAction()->isEnabled())
            button->hide();
        connect(button->defaultAction(), &QAction::changed, button,
                [button] { button->setVisible(button->defaultAction()->isEnabled()); });
    }
    return {form, byState[0], byState[1], byState[2], byState[3]};
}

} // namespace sessionscope
