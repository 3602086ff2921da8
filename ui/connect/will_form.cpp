#include "ui/connect/will_form.h"

#include "ui/common/fields.h"
#include "ui/connect/expiry_field.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFormLayout>
#include <QLineEdit>

namespace sessionscope {

WillForm::WillForm(QWidget *parent)
    : QWidget(parent), m_enabled(new QCheckBox(tr("&Will message"))), m_fields(buildFields())
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    layout->addWidget(m_enabled);
    layout->addWidget(m_fields);
    m_fields->setVisible(false);
    connectFields();
}

QWidget *WillForm::buildFields()
{
    auto *fields = new QWidget;
    m_layout = formLayout(fields);
    m_topic = new QLineEdit;
    m_payload = new QLineEdit;
    m_qos = qosCombo(tr("Will QoS"));
    m_retain = new QCheckBox(tr("Retain"));
    m_delay = new SecondsField(tr("Will delay"), 0);
    addField(m_layout, tr("Topic"), m_topic, tr("Will topic"));
    addField(m_layout, tr("Payload"), m_payload, tr("Will payload"));
    addField(m_layout, tr("QoS"), m_qos, tr("Will QoS"));
    addField(m_layout, QString(), m_retain, tr("Will retain"));
    addField(m_layout, tr("Delay"), m_delay, tr("Will delay"));
    return fields;
}

void WillForm::connectFields()
{
    connect(m_enabled, &QCheckBox::toggled, this, [this](bool on) {
        m_fields->setVisible(on);
        Q_EMIT changed();
    });
    connect(m_topic, &QLineEdit::textChanged, this, &WillForm::changed);
    connect(m_payload, &QLineEdit::textChanged, this, &WillForm::changed);
    connect(m_qos, &QComboBox::currentIndexChanged, this, &WillForm::changed);
    connect(m_retain, &QCheckBox::toggled, this, &WillForm::changed);
    connect(m_delay, &SecondsField::changed, this, &WillForm::changed);
}

std::optional<WillValues> WillForm::values() const
{
    if (!m_enabled->isChecked())
        return std::nullopt;
    return WillValues{m_topic->text(), m_payload->text(), qosOf(m_qos), m_retain->isChecked(), m_delay->seconds()};
}

void WillForm::setValues(const std::optional<WillValues> &values)
{
    const WillValues shown = values.value_or(WillValues{});
    m_topic->setText(shown.topic);
    m_payload->setText(shown.payload);
    m_qos->setCurrentIndex(int(shown.qos));
    m_retain->setChecked(shown.retain);
    m_delay->setSeconds(shown.delay);
    m_enabled->setChecked(values.has_value());
}

void WillForm::setVersion(Version version)
{
    m_layout->setRowVisible(m_delay, version == Version::V5);
}

} // namespace sessionscope
