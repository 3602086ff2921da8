// The form that subscribes to one filter, beside the list of what this client has subscribed to.
#pragma once

#include "core/session/client_session.h"
#include "ui/session/state_models.h"

#include <QWidget>

class QCheckBox;
class QComboBox;
class QLineEdit;
class QPushButton;
class QSpinBox;

namespace sessionscope {

class TableView;
class ValueLabel;

class SubscribeForm : public QWidget
{
    Q_OBJECT

public:
    explicit SubscribeForm(QWidget *parent = nullptr);

    SubscribeCommand command() const;
    /// What the version allows; SUBSCRIBE needs a connection.
    void setState(Version version, bool connected);
    void setSubscriptions(const QList<SubscriptionView> &subscriptions);
    /// The broker's answer to the last request.
    void setOutcome(const QString &text);

    TableView *table() const { return m_table; }

Q_SIGNALS:
    void subscribeRequested(const sessionscope::SubscribeCommand &command);
    void unsubscribeRequested(const sessionscope::UnsubscribeCommand &command);

private:
    QWidget *buildFields();
    QWidget *buildOptions();
    QWidget *buildList();
    void check();
    void subscribe();
    void unsubscribe();

    QLineEdit *m_filter = nullptr;
    QComboBox *m_qos = nullptr;
    QWidget *m_options = nullptr;
    QCheckBox *m_noLocal = nullptr;
    QCheckBox *m_retainAsPublished = nullptr;
    QComboBox *m_retainHandling = nullptr;
    QSpinBox *m_identifier = nullptr;
    QPushButton *m_subscribe = nullptr;
    QPushButton *m_unsubscribe = nullptr;
    ValueLabel *m_outcome = nullptr;
    SubscriptionModel *m_model;
    TableView *m_table = nullptr;
    Version m_version = Version::V5;
    bool m_connected = false;
};

} // namespace sessionscope
