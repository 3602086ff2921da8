// The form that publishes one message. Ctrl+Return sends from any of its fields.
#pragma once

#include "core/session/client_session.h"

#include <QWidget>

class QCheckBox;
class QComboBox;
class QFormLayout;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;

namespace sessionscope {

class SecondsField;
class ValueLabel;

class PublishForm : public QWidget
{
    Q_OBJECT

public:
    explicit PublishForm(QWidget *parent = nullptr);

    /// The message as the fields say; properties only in 5.0.
    Message message() const;
    /// What the version allows. known: the client has connected at least once, so that there is somebody to publish.
    void setState(Version version, bool known);
    /// What became of the last publish.
    void setOutcome(const QString &text);

Q_SIGNALS:
    void publishRequested(const sessionscope::PublishCommand &command);

private:
    QWidget *buildFields();
    QWidget *buildProperties();
    QWidget *buildPayload();
    void addUserProperties(Properties &properties) const;
    void check();
    void send();

    QLineEdit *m_topic = nullptr;
    QComboBox *m_qos = nullptr;
    QCheckBox *m_retain = nullptr;
    QWidget *m_properties = nullptr;
    QCheckBox *m_expires = nullptr;
    SecondsField *m_expiry = nullptr;
    QLineEdit *m_contentType = nullptr;
    QLineEdit *m_userProperties = nullptr;
    QPlainTextEdit *m_payload = nullptr;
    QPushButton *m_send = nullptr;
    ValueLabel *m_outcome = nullptr;
    Version m_version = Version::V5;
    bool m_known = false;
};

} // namespace sessionscope
