// The form of one client's connection, with a live sentence that says what its values will do.
// Holds no state beyond its fields and what has none: what it shows is values(), and what was shown last is what
// Connect sends.
#pragma once

#include "ui/connect/forecast.h"

#include <QWidget>

class QCheckBox;
class QComboBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QPushButton;
class QSpinBox;

namespace sessionscope {

class ExpiryField;
class TransportFields;
class WillForm;

class ConnectForm : public QWidget
{
    Q_OBJECT

public:
    explicit ConnectForm(QWidget *parent = nullptr);

    ConnectValues values() const;
    void setValues(const ConnectValues &values);
    void setContext(const ForecastContext &context);
    /// Whether there is no connection yet that the button could not open a second time.
    void setConnectable(bool connectable);
    /// URL of the bundled broker; empty while it does not listen.
    void setBundledUrl(const QString &url);

Q_SIGNALS:
    void changed();
    void connectRequested();

private:
    QWidget *buildConnectionGroup();
    QWidget *buildSessionGroup();
    QWidget *buildCredentialsGroup();
    QWidget *buildReturnGroup();
    QWidget *buildForecast();
    void connectFields();
    void applyChoices();
    void showForecast();

    ForecastContext m_context;
    ConnectValues m_kept;                  ///< as they were set, with what has no field
    std::optional<Scheme> m_bundledScheme; ///< nothing while the bundled broker does not listen
    bool m_quiet = false;

    QFormLayout *m_connectionLayout = nullptr;
    QLineEdit *m_clientId = nullptr;
    QComboBox *m_broker = nullptr;
    QLineEdit *m_host = nullptr;
    QSpinBox *m_port = nullptr;
    TransportFields *m_transport = nullptr;
    QComboBox *m_version = nullptr;
    QFormLayout *m_sessionLayout = nullptr;
    QCheckBox *m_cleanStart = nullptr;
    ExpiryField *m_expiry = nullptr;
    QSpinBox *m_keepAlive = nullptr;
    QSpinBox *m_receiveMaximum = nullptr;
    QSpinBox *m_maximumPacketSize = nullptr;
    QSpinBox *m_topicAliasMaximum = nullptr;
    WillForm *m_will = nullptr;
    QFormLayout *m_credentialsLayout = nullptr;
    QComboBox *m_credentials = nullptr;
    QLineEdit *m_user = nullptr;
    QLineEdit *m_password = nullptr;
    QCheckBox *m_reconnects = nullptr;
    QCheckBox *m_followsRedirects = nullptr;
    QCheckBox *m_resubscribes = nullptr;
    QLabel *m_sentence = nullptr;
    QLabel *m_advice = nullptr;
    QPushButton *m_connect = nullptr;
};

} // namespace sessionscope
