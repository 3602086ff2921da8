// The will of a connection: topic, payload, QoS, retain and, in 5.0, its delay. Unticked: no will.
#pragma once

#include "ui/connect/connect_values.h"

#include <QWidget>

class QCheckBox;
class QComboBox;
class QFormLayout;
class QLineEdit;

namespace sessionscope {

class SecondsField;

class WillForm : public QWidget
{
    Q_OBJECT

public:
    explicit WillForm(QWidget *parent = nullptr);

    std::optional<WillValues> values() const;
    void setValues(const std::optional<WillValues> &values);
    /// The delay exists in 5.0 only.
    void setVersion(Version version);

Q_SIGNALS:
    void changed();

private:
    QWidget *buildFields();
    void connectFields();

    QCheckBox *m_enabled;
    QFormLayout *m_layout = nullptr;
    QLineEdit *m_topic = nullptr;
    QLineEdit *m_payload = nullptr;
    QComboBox *m_qos = nullptr;
    QCheckBox *m_retain = nullptr;
    SecondsField *m_delay = nullptr;
    QWidget *m_fields; ///< after what is built into it
};

} // namespace sessionscope
