// The head of a client's page: who it is, its connection, Session Present, and how long the session lives.
#pragma once

#include "core/trace/session_view.h"

#include <QWidget>

class QLabel;
class QHBoxLayout;

namespace sessionscope {

class ClientActions;
class ExpiryBar;
class Pill;
class ValueLabel;

class SessionHeader : public QWidget
{
    Q_OBJECT

public:
    /// actions gives the buttons at the right what to do; nullptr for a page that only watches.
    explicit SessionHeader(ClientActions *actions, QWidget *parent = nullptr);

    void setTitle(const QString &title);
    /// client: nullptr before the first connect. session: nullptr when the broker has none or cannot be seen.
    void setView(const ClientView *client, const ServerSessionView *session, qsizetype differences);
    /// It cannot be told whether there is a session.
    void setUnknown();
    void setNow(Instant now);

private:
    QHBoxLayout *buildFirstLine(ClientActions *actions);
    QHBoxLayout *buildSecondLine();
    void showPills(qsizetype differences);
    void showLife();

    QLabel *m_title = nullptr;
    Pill *m_state = nullptr;
    Pill *m_present = nullptr;
    Pill *m_version = nullptr;
    Pill *m_clean = nullptr;
    Pill *m_expiry = nullptr;
    Pill *m_differences = nullptr;
    ValueLabel *m_caption = nullptr;
    ValueLabel *m_age = nullptr;
    ExpiryBar *m_bar = nullptr;
    ValueLabel *m_end = nullptr;

    std::optional<ClientView> m_client;
    std::optional<ServerSessionView> m_session;
    bool m_isKnown = true;
    Instant m_now;
};

} // namespace sessionscope
