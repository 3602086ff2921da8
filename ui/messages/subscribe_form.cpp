#include "ui/messages/subscribe_form.h"

#include "core/mqtt/topic.h"
#include "ui/common/fields.h"
#include "ui/common/table_view.h"
#include "ui/common/value_label.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>

namespace sessionscope {

namespace {

/// The largest Subscription Identifier (v5 §3.8.2.1.2).
constexpr int largestIdentifier = 268'435'455;

} // namespace

SubscribeForm::SubscribeForm(QWidget *parent) : QWidget(parent), m_model(subscriptionModel(this))
{
    auto *columns = new QHBoxLayout(this);
    columns->setContentsMargins(12, 10, 0, 0);
    columns->setSpacing(18);
    columns->addWidget(buildFields(), 2);
    m_options = buildOptions();
    columns->addWidget(m_options, 2);
    columns->addWidget(buildList(), 3);

    connect(m_filter, &QLineEdit::textChanged, this, &SubscribeForm::check);
    connect(m_filter, &QLineEdit::returnPressed, this, &SubscribeForm::subscribe);
    connect(m_subscribe, &QPushButton::clicked, this, &SubscribeForm::subscribe);
    connect(m_unsubscribe, &QPushButton::clicked, this, &SubscribeForm::unsubscribe);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &SubscribeForm::check);
    check();
}

QWidget *SubscribeForm::buildFields()
{
    auto *column = new QWidget;
    auto *layout = formLayout(column);
    m_filter = new QLineEdit;
    m_filter->setObjectName(QStringLiteral("subscribeFilter"));
    m_filter->setPlaceholderText(tr("plant/+/alarm"));
    m_qos = qosCombo(tr("Subscribe QoS"));
    m_qos->setCurrentIndex(2);
    m_subscribe = mainButton(tr("&Subscribe"));
    m_subscribe->setObjectName(QStringLiteral("subscribe"));
    m_outcome = new ValueLabel(tr("Answer of the broker"));
    m_outcome->setObjectName(QStringLiteral("dim"));
    m_outcome->setWordWrap(true);
    addField(layout, tr("Fi&lter"), m_filter, tr("Topic filter"));
    addField(layout, tr("&QoS"), m_qos, tr("Subscribe QoS"));
    addField(layout, QString(), m_subscribe, tr("Subscribe"));
    layout->addRow(m_outcome); // as wide as both columns
    return column;
}

QWidget *SubscribeForm::buildOptions()
{
    auto *column = new QWidget;
    auto *layout = formLayout(column);
    m_noLocal = new QCheckBox(tr("No local"));
    m_retainAsPublished = new QCheckBox(tr("Retain as published"));
    m_retainHandling = new QComboBox;
    m_retainHandling->addItem(tr("0 send at subscribe"));
    m_retainHandling->addItem(tr("1 send if new"));
    m_retainHandling->addItem(tr("2 do not send"));
    m_identifier = numberField(0, largestIdentifier);
    m_identifier->setSpecialValueText(tr("not sent"));
    addField(layout, QString(), m_noLocal, tr("No local"));
    addField(layout, QString(), m_retainAsPublished, tr("Retain as published"));
    addField(layout, tr("Retained"), m_retainHandling, tr("Retain handling"));
    addField(layout, tr("Identifier"), m_identifier, tr("Subscription identifier"));
    return column;
}

QWidget *SubscribeForm::buildList()
{
    m_table = new TableView(tr("Subscriptions of this client"));
    m_table->setModel(m_model);
    m_table->setColumnCharacters({0, 4, 5, 14});
    m_unsubscribe = new QPushButton(tr("Unsubscrib&e"));
    m_unsubscribe->setObjectName(QStringLiteral("unsubscribe"));
    auto *buttons = new QHBoxLayout;
    buttons->setContentsMargins(6, 0, 12, 8);
    buttons->addWidget(m_unsubscribe);
    buttons->addStretch(1);

    auto *column = new QWidget;
    auto *layout = new QVBoxLayout(column);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    layout->addWidget(m_table, 1);
    layout->addLayout(buttons);
    return column;
}

SubscribeCommand SubscribeForm::command() const
{
    SubscribePacket::Entry entry;
    entry.filter = m_filter->text().toUtf8();
    entry.options.maximumQos = qosOf(m_qos);
    SubscribeCommand command;
    if (m_version == Version::V5) {
        entry.options.noLocal = m_noLocal->isChecked();
        entry.options.retainAsPublished = m_retainAsPublished->isChecked();
        entry.options.retainHandling = RetainHandling(m_retainHandling->currentIndex());
        if (m_identifier->value())
            command.properties.add(PropertyId::SubscriptionIdentifier, quint32(m_identifier->value()));
    }
    command.entries.append(entry);
    return command;
}

void SubscribeForm::setState(Version version, bool connected)
{
    m_version = version;
    m_connected = connected;
    m_options->setVisible(version == Version::V5);
    check();
}

void SubscribeForm::setSubscriptions(const QList<SubscriptionView> &subscriptions)
{
    m_model->setRows(subscriptions);
    check();
}

void SubscribeForm::setOutcome(const QString &text)
{
    m_outcome->setValue(text);
}

void SubscribeForm::check()
{
    const QByteArray filter = m_filter->text().toUtf8();
    m_subscribe->setEnabled(m_connected && !filter.isEmpty());
    m_unsubscribe->setEnabled(m_connected && m_table->selectionModel()->hasSelection());
    m_filter->setToolTip(filter.isEmpty() || isTopicFilter(filter)
                             ? QString()
                             : tr("This is no valid topic filter. It would be sent as it is, and refused."));
}

void SubscribeForm::subscribe()
{
    if (m_subscribe->isEnabled())
        Q_EMIT subscribeRequested(command());
}

void SubscribeForm::unsubscribe()
{
    UnsubscribeCommand command;
    const auto selected = m_table->selectionModel()->selectedRows();
    for (const QModelIndex &row : selected)
        command.filters.append(m_model->rows()[row.row()].filter);
    if (!command.filters.isEmpty())
        Q_EMIT unsubscribeRequested(command);
}

} // namespace sessionscope
