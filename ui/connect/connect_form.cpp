#include "ui/connect/connect_form.h"

#include "core/profile/secret.h"
#include "ui/common/column_scroll.h"
#include "ui/common/fields.h"
#include "ui/connect/expiry_field.h"
#include "ui/connect/transport_fields.h"
#include "ui/connect/will_form.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>

#include <algorithm>
#include <limits>

namespace sessionscope {

namespace {

/// The field counts in int; larger sizes are kept beside it.
int shownSize(quint32 bytes)
{
    return int(std::min<quint32>(bytes, std::numeric_limits<int>::max()));
}

QString passwordHint(const SecretReference &from)
{
    if (from.isNone())
        return ConnectForm::tr("not sent");
    if (from.source == SecretSource::Asked)
        return ConnectForm::tr("asked for: enter it here");
    return ConnectForm::tr("from %1").arg(secretText(from));
}

QLabel *paragraph(const QString &objectName)
{
    auto *label = new QLabel;
    label->setObjectName(objectName);
    label->setMargin(8); // not the style sheet's: a label that wraps does not count that into its height
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    return label;
}

QLabel *caption(const QString &text)
{
    auto *label = new QLabel(text);
    label->setObjectName(QStringLiteral("caption"));
    return label;
}

} // namespace

ConnectForm::ConnectForm(QWidget *parent) : QWidget(parent)
{
    auto *fields = new QWidget;
    auto *column = new QVBoxLayout(fields);
    // Fields end where the button below them does: the scroll bar has the rest.
    column->setContentsMargins(12, 8, 2, 8);
    column->setSpacing(8);
    column->addWidget(buildConnectionGroup());
    m_transport = new TransportFields;
    column->addWidget(m_transport);
    column->addWidget(caption(tr("Session")));
    column->addWidget(buildSessionGroup());
    column->addWidget(buildForecast());
    m_will = new WillForm;
    column->addWidget(m_will);
    column->addWidget(caption(tr("Credentials")));
    column->addWidget(buildCredentialsGroup());
    column->addWidget(caption(tr("After a loss")));
    column->addWidget(buildReturnGroup());
    column->addStretch(1);

    m_connect = mainButton(tr("Co&nnect"));
    m_connect->setObjectName(QStringLiteral("connect"));
    m_connect->setToolTip(tr("Connect with these values (F5)"));
    auto *foot = new QVBoxLayout;
    foot->setContentsMargins(12, 6, 12, 8);
    foot->setSpacing(6); // else it is that of the layout around it
    // In sight wherever the form is scrolled to: it is to be read before the button is pressed.
    foot->addWidget(m_advice);
    foot->addWidget(m_connect);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(new ColumnScroll(fields), 1);
    layout->addLayout(foot);
    connectFields();
    applyChoices();
}

QWidget *ConnectForm::buildConnectionGroup()
{
    auto *group = new QWidget;
    m_connectionLayout = formLayout(group);
    m_clientId = new QLineEdit;
    m_clientId->setPlaceholderText(tr("empty: the broker assigns one"));
    m_version = new QComboBox;
    m_version->addItem(QStringLiteral("5.0"), int(Version::V5));
    m_version->addItem(QStringLiteral("3.1.1"), int(Version::V311));
    m_version->addItem(QStringLiteral("3.1"), int(Version::V31));
    m_broker = new QComboBox;
    m_broker->addItem(tr("Bundled broker"), int(BrokerChoice::Bundled));
    m_broker->addItem(tr("Another broker"), int(BrokerChoice::Other));
    m_host = new QLineEdit;
    m_port = numberField(1, 65'535);
    addField(m_connectionLayout, tr("Client &ID"), m_clientId, tr("Client ID"));
    addField(m_connectionLayout, tr("Bro&ker"), m_broker, tr("Broker"));
    addField(m_connectionLayout, tr("H&ost"), m_host, tr("Host"));
    addField(m_connectionLayout, tr("Po&rt"), m_port, tr("Port"));
    addField(m_connectionLayout, tr("MQ&TT"), m_version, tr("MQTT version"));
    return group;
}

QWidget *ConnectForm::buildSessionGroup()
{
    auto *group = new QWidget;
    m_sessionLayout = formLayout(group);
    m_cleanStart = new QCheckBox(tr("Clean Start"));
    m_expiry = new ExpiryField;
    m_keepAlive = numberField(0, 65'535, tr(" s", "seconds"));
    m_keepAlive->setSpecialValueText(tr("0 (off)"));
    m_receiveMaximum = numberField(0, 65'535);
    m_receiveMaximum->setSpecialValueText(tr("absent (65 535)"));
    m_maximumPacketSize = numberField(0, std::numeric_limits<int>::max(), tr(" bytes"));
    m_maximumPacketSize->setSpecialValueText(tr("absent (no limit)"));
    m_topicAliasMaximum = numberField(0, 65'535);
    m_topicAliasMaximum->setSpecialValueText(tr("absent (none)"));
    addField(m_sessionLayout, QString(), m_cleanStart, tr("Clean Start"));
    addField(m_sessionLayout, tr("E&xpiry"), m_expiry, tr("Session expiry"));
    addField(m_sessionLayout, tr("Keep &alive"), m_keepAlive, tr("Keep alive"));
    addField(m_sessionLayout, tr("Receive &max."), m_receiveMaximum, tr("Receive Maximum"));
    addField(m_sessionLayout, tr("Max. pack&et"), m_maximumPacketSize, tr("Maximum Packet Size"));
    addField(m_sessionLayout, tr("Topic a&liases"), m_topicAliasMaximum, tr("Topic Alias Maximum"));
    return group;
}

QWidget *ConnectForm::buildCredentialsGroup()
{
    auto *group = new QWidget;
    QFormLayout *layout = m_credentialsLayout = formLayout(group);
    m_credentials = new QComboBox;
    m_credentials->addItem(tr("in CONNECT"), int(Credentials::InConnect));
    m_credentials->addItem(QStringLiteral("SCRAM-SHA-256"), int(Credentials::ScramSha256));
    m_user = new QLineEdit;
    m_password = new QLineEdit;
    m_password->setEchoMode(QLineEdit::Password);
    m_user->setPlaceholderText(tr("not sent"));
    m_password->setPlaceholderText(tr("not sent"));
    addField(layout, tr("Sent b&y"), m_credentials, tr("Authentication method"));
    addField(layout, tr("&User name"), m_user, tr("User name"));
    addField(layout, tr("Passwor&d"), m_password, tr("Password"));
    return group;
}

QWidget *ConnectForm::buildReturnGroup()
{
    auto *group = new QWidget;
    auto *layout = new QVBoxLayout(group);
    layout->setContentsMargins(0, 0, 0, 0);
    m_reconnects = new QCheckBox(tr("Reconnect by itself"));
    m_reconnects->setToolTip(tr("After 1 s, 2 s, 4 s, up to a minute; not after a takeover or a lasting refusal"));
    m_followsRedirects = new QCheckBox(tr("Go where the server points"));
    m_followsRedirects->setToolTip(tr("Follow the Server Reference of 0x9C Use another server and 0x9D Server moved"));
    m_resubscribes = new QCheckBox(tr("Subscribe again when the session is gone"));
    for (QCheckBox *box : {m_reconnects, m_followsRedirects, m_resubscribes}) {
        box->setAccessibleName(box->text());
        layout->addWidget(box);
    }
    return group;
}

QWidget *ConnectForm::buildForecast()
{
    m_sentence = paragraph(QStringLiteral("forecast"));
    m_advice = paragraph(QStringLiteral("advice"));
    return m_sentence;
}

void ConnectForm::connectFields()
{
    const auto edited = [this] {
        if (m_quiet)
            return;
        applyChoices();
        Q_EMIT changed();
    };
    for (QLineEdit *field : {m_clientId, m_host, m_user, m_password}) {
        connect(field, &QLineEdit::textChanged, this, edited);
        connect(field, &QLineEdit::returnPressed, this, &ConnectForm::connectRequested);
    }
    for (QComboBox *field : {m_broker, m_version, m_credentials})
        connect(field, &QComboBox::currentIndexChanged, this, edited);
    for (QSpinBox *field : {m_port, m_keepAlive, m_receiveMaximum, m_maximumPacketSize, m_topicAliasMaximum}) {
        connect(field, &QSpinBox::valueChanged, this, edited);
        connect(field->findChild<QLineEdit *>(), &QLineEdit::returnPressed, this, &ConnectForm::connectRequested);
    }
    for (QCheckBox *field : {m_cleanStart, m_reconnects, m_followsRedirects, m_resubscribes})
        connect(field, &QCheckBox::toggled, this, edited);
    connect(m_expiry, &ExpiryField::changed, this, edited);
    connect(m_will, &WillForm::changed, this, edited);
    connect(m_transport, &TransportFields::changed, this, edited);
    connect(m_transport, &TransportFields::connectRequested, this, &ConnectForm::connectRequested);
    connect(m_transport, &TransportFields::usualPortChanged, this, [this](quint16 before, quint16 now) {
        if (m_port->value() == before && now != 0)
            m_port->setValue(now);
    });
    connect(m_connect, &QPushButton::clicked, this, &ConnectForm::connectRequested);
}

ConnectValues ConnectForm::values() const
{
    ConnectValues values = m_kept;
    values.clientId = m_clientId->text();
    values.broker = BrokerChoice(m_broker->currentData().toInt());
    values.host = m_host->text().trimmed();
    values.port = quint16(m_port->value());
    values.scheme = m_transport->scheme();
    values.path = m_transport->path();
    values.tls = m_transport->tls();
    values.version = Version(m_version->currentData().toInt());
    values.cleanStart = m_cleanStart->isChecked();
    values.expiry = m_expiry->choice();
    values.keepAlive = quint16(m_keepAlive->value());
    values.receiveMaximum = quint16(m_receiveMaximum->value());
    if (m_maximumPacketSize->value() != shownSize(m_kept.maximumPacketSize))
        values.maximumPacketSize = quint32(m_maximumPacketSize->value());
    values.topicAliasMaximum = quint16(m_topicAliasMaximum->value());
    values.will = m_will->values();
    values.userName = m_user->text();
    values.password = m_password->text();
    values.credentials = Credentials(m_credentials->currentData().toInt());
    values.reconnects = m_reconnects->isChecked();
    values.followsRedirects = m_followsRedirects->isChecked();
    values.resubscribes = m_resubscribes->isChecked();
    return values;
}

void ConnectForm::setValues(const ConnectValues &values)
{
    m_quiet = true;
    m_kept = values;
    m_clientId->setText(values.clientId);
    m_broker->setCurrentIndex(m_broker->findData(int(values.broker)));
    m_host->setText(values.host);
    m_port->setValue(values.port);
    m_transport->setValues(values.scheme, values.path, values.tls);
    m_version->setCurrentIndex(m_version->findData(int(values.version)));
    m_cleanStart->setChecked(values.cleanStart);
    m_expiry->setChoice(values.expiry);
    m_keepAlive->setValue(values.keepAlive);
    m_receiveMaximum->setValue(values.receiveMaximum);
    m_maximumPacketSize->setValue(shownSize(values.maximumPacketSize));
    m_topicAliasMaximum->setValue(values.topicAliasMaximum);
    m_will->setValues(values.will);
    m_user->setText(values.userName);
    m_password->setText(values.password);
    m_password->setPlaceholderText(passwordHint(values.passwordFrom));
    m_credentials->setCurrentIndex(m_credentials->findData(int(values.credentials)));
    m_reconnects->setChecked(values.reconnects);
    m_followsRedirects->setChecked(values.followsRedirects);
    m_resubscribes->setChecked(values.resubscribes);
    m_quiet = false;
    applyChoices();
}

void ConnectForm::setContext(const ForecastContext &context)
{
    if (context == m_context)
        return;
    m_context = context;
    showForecast();
}

void ConnectForm::setConnectable(bool connectable)
{
    m_connect->setEnabled(connectable);
}

void ConnectForm::setBundledUrl(const QString &url)
{
    m_broker->setItemText(0, url.isEmpty() ? tr("Bundled broker (not listening)") : tr("Bundled broker"));
    m_broker->setToolTip(url);
    const auto endpoint = parseEndpoint(url);
    m_bundledScheme = endpoint ? std::optional(endpoint->scheme) : std::nullopt;
    applyChoices();
}

void ConnectForm::applyChoices()
{
    const ConnectValues now = values();
    const bool v5 = now.version == Version::V5;
    const bool other = now.broker == BrokerChoice::Other;
    const bool hasHost = other && now.scheme != Scheme::UnixSocket;
    m_connectionLayout->setRowVisible(m_host, hasHost);
    m_connectionLayout->setRowVisible(m_port, hasHost);
    m_transport->setVisible(other || (m_bundledScheme && usesTls(*m_bundledScheme)));
    m_transport->setFixed(other ? std::nullopt : m_bundledScheme);
    m_sessionLayout->setRowVisible(m_expiry, v5);
    for (QSpinBox *field : {m_receiveMaximum, m_maximumPacketSize, m_topicAliasMaximum})
        m_sessionLayout->setRowVisible(field, v5);
    m_credentialsLayout->setRowVisible(m_credentials, v5);
    m_followsRedirects->setVisible(v5);
    const QString cleanWord = v5 ? tr("Clean Start") : tr("Clean Session");
    m_cleanStart->setText(cleanWord);
    m_cleanStart->setAccessibleName(cleanWord);
    m_will->setVersion(now.version);
    showForecast();
}

void ConnectForm::showForecast()
{
    const Forecast told = forecast(values(), m_context);
    m_sentence->setText(told.sentence());
    m_advice->setText(told.advice.join(QLatin1Char('\n')));
    m_advice->setAccessibleName(tr("Advice: %1").arg(told.advice.join(QLatin1Char(' '))));
    m_advice->setVisible(!told.advice.isEmpty());
}

} // namespace sessionscope
