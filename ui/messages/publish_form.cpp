#include "ui/messages/publish_form.h"

#include "core/mqtt/topic.h"
#include "ui/common/fields.h"
#include "ui/common/theme.h"
#include "ui/common/value_label.h"
#include "ui/connect/expiry_field.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QShortcut>

namespace sessionscope {

PublishForm::PublishForm(QWidget *parent) : QWidget(parent)
{
    auto *columns = new QHBoxLayout(this);
    columns->setContentsMargins(12, 10, 12, 10);
    columns->setSpacing(18);
    columns->addWidget(buildFields(), 2);
    m_properties = buildProperties();
    columns->addWidget(m_properties, 2);
    columns->addWidget(buildPayload(), 3);

    auto *shortcut = new QShortcut(QKeySequence(Qt::CTRL | Qt::Key_Return), this);
    shortcut->setContext(Qt::WidgetWithChildrenShortcut);
    connect(shortcut, &QShortcut::activated, this, &PublishForm::send);
    connect(m_topic, &QLineEdit::textChanged, this, &PublishForm::check);
    connect(m_topic, &QLineEdit::returnPressed, this, &PublishForm::send);
    connect(m_userProperties, &QLineEdit::textChanged, this, &PublishForm::check);
    connect(m_send, &QPushButton::clicked, this, &PublishForm::send);
    check();
}

QWidget *PublishForm::buildFields()
{
    auto *column = new QWidget;
    auto *layout = formLayout(column);
    m_topic = new QLineEdit;
    m_topic->setObjectName(QStringLiteral("publishTopic"));
    m_topic->setPlaceholderText(tr("plant/7/valve"));
    m_qos = qosCombo(tr("Publish QoS"));
    m_qos->setCurrentIndex(1);
    m_retain = new QCheckBox(tr("Retain"));
    m_send = mainButton(tr("Publi&sh"));
    m_send->setObjectName(QStringLiteral("publish"));
    m_send->setToolTip(tr("Publish the message (Ctrl+Return)"));
    m_outcome = new ValueLabel(tr("Outcome of the publish"));
    m_outcome->setObjectName(QStringLiteral("dim"));
    m_outcome->setWordWrap(true);
    addField(layout, tr("To&pic"), m_topic, tr("Publish topic"));
    addField(layout, tr("&QoS"), m_qos, tr("Publish QoS"));
    addField(layout, QString(), m_retain, tr("Retain"));
    addField(layout, QString(), m_send, tr("Publish"));
    layout->addRow(m_outcome); // as wide as both columns
    return column;
}

QWidget *PublishForm::buildProperties()
{
    auto *column = new QWidget;
    auto *layout = formLayout(column);
    m_expires = new QCheckBox(tr("Message expiry"));
    m_expiry = new SecondsField(tr("Message expiry"), 0);
    m_expiry->setSeconds(60);
    m_expiry->setEnabled(false);
    m_contentType = new QLineEdit;
    m_contentType->setPlaceholderText(tr("not sent"));
    m_userProperties = new QLineEdit;
    m_userProperties->setPlaceholderText(tr("name=value; name=value"));
    addField(layout, QString(), m_expires, tr("Send a message expiry"));
    addField(layout, tr("After"), m_expiry, tr("Message expiry"));
    addField(layout, tr("Content type"), m_contentType, tr("Content type"));
    addField(layout, tr("User props"), m_userProperties, tr("User properties"));
    connect(m_expires, &QCheckBox::toggled, m_expiry, &QWidget::setEnabled);
    return column;
}

QWidget *PublishForm::buildPayload()
{
    auto *column = new QWidget;
    auto *layout = new QVBoxLayout(column);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    auto *caption = new QLabel(tr("Pay&load"));
    caption->setObjectName(QStringLiteral("dim"));
    m_payload = new QPlainTextEdit;
    m_payload->setObjectName(QStringLiteral("field"));
    m_payload->setAccessibleName(tr("Payload"));
    m_payload->setTabChangesFocus(true);
    m_payload->setFont(monospaceFont());
    m_payload->setMinimumHeight(48);
    caption->setBuddy(m_payload);
    layout->addWidget(caption);
    layout->addWidget(m_payload, 1);
    return column;
}

Message PublishForm::message() const
{
    Message message;
    message.topic = m_topic->text().toUtf8();
    message.payload = m_payload->toPlainText().toUtf8();
    message.qos = qosOf(m_qos);
    message.retain = m_retain->isChecked();
    if (m_version != Version::V5)
        return message;
    if (m_expires->isChecked())
        message.properties.add(PropertyId::MessageExpiryInterval, m_expiry->seconds());
    if (!m_contentType->text().isEmpty())
        message.properties.add(PropertyId::ContentType, m_contentType->text().toUtf8());
    addUserProperties(message.properties);
    return message;
}

void PublishForm::addUserProperties(Properties &properties) const
{
    const auto pairs = m_userProperties->text().split(QLatin1Char(';'), Qt::SkipEmptyParts);
    for (const QString &pair : pairs) {
        const qsizetype equals = pair.indexOf(QLatin1Char('='));
        properties.addUserProperty(pair.first(std::max<qsizetype>(equals, 0)).trimmed().toUtf8(),
                                   pair.sliced(equals + 1).trimmed().toUtf8());
    }
}

void PublishForm::setState(Version version, bool known)
{
    if (version == m_version && known == m_known)
        return;
    m_version = version;
    m_known = known;
    m_properties->setVisible(version == Version::V5);
    check();
}

void PublishForm::setOutcome(const QString &text)
{
    m_outcome->setValue(text);
}

void PublishForm::check()
{
    const QByteArray topic = m_topic->text().toUtf8();
    const bool badTopic = !topic.isEmpty() && !isTopicName(topic);
    const auto pairs = m_userProperties->text().split(QLatin1Char(';'), Qt::SkipEmptyParts);
    // Other versions do not send them, and do not show the field in which they could be mended.
    const auto isPair = [](const QString &text) { return text.contains(QLatin1Char('=')); };
    const bool badPairs = m_version == Version::V5 && !std::all_of(pairs.begin(), pairs.end(), isPair);
    m_send->setEnabled(m_known && !badPairs);
    if (!m_known)
        setOutcome(tr("Connect first. What is published while offline waits for the next connection."));
    else if (badTopic)
        setOutcome(tr("A topic name has no wildcard. It would be sent as it is, and refused."));
    else if (badPairs)
        setOutcome(tr("Every user property needs the form name=value."));
    else
        setOutcome({});
}

void PublishForm::send()
{
    if (m_send->isEnabled())
        Q_EMIT publishRequested(PublishCommand{message()});
}

} // namespace sessionscope
