#include "ui/connect/transport_fields.h"

#include "ui/common/fields.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>

namespace sessionscope {

namespace {

QString schemeName(Scheme scheme)
{
    return toUrl({scheme}).section(u':', 0, 0);
}

quint16 usualPort(Scheme scheme)
{
    const auto endpoint = parseEndpoint(schemeName(scheme) + QStringLiteral("://localhost"));
    return endpoint ? endpoint->port : quint16(0);
}

} // namespace

TransportFields::TransportFields(QWidget *parent)
    : QWidget(parent), m_layout(formLayout(this)), m_scheme(new QComboBox), m_path(new QLineEdit),
      m_caFile(new QLineEdit), m_certificate(new QLineEdit), m_key(new QLineEdit), m_serverName(new QLineEdit),
      m_insecure(new QCheckBox(tr("Take any certificate"))),
      m_warning(new QLabel(tr("Not verified: anybody on the way can be this broker.")))
{
    const std::pair<Scheme, QString> schemes[] = {{Scheme::Tcp, tr("TCP")},
                                                  {Scheme::Tls, tr("TLS")},
                                                  {Scheme::WebSocket, tr("WebSocket")},
                                                  {Scheme::SecureWebSocket, tr("WebSocket over TLS")},
                                                  {Scheme::UnixSocket, tr("Unix socket")}};
    for (const auto &[scheme, words] : schemes)
        m_scheme->addItem(QStringLiteral("%1 (%2)").arg(words, schemeName(scheme)), int(scheme));
    m_warning->setObjectName(QStringLiteral("insecureWarning"));
    m_warning->setWordWrap(true);
    m_caFile->setPlaceholderText(tr("the system's"));
    m_certificate->setPlaceholderText(tr("none"));
    m_key->setPlaceholderText(tr("none"));
    m_serverName->setPlaceholderText(tr("the host"));
    addFields();
    connectFields();
    showUseful();
}

void TransportFields::addFields()
{
    addField(m_layout, tr("Tran&sport"), m_scheme, tr("Transport"));
    addField(m_layout, tr("&Path"), m_path, tr("Path"));
    addField(m_layout, tr("CA &file"), m_caFile, tr("File of the CA's certificates"));
    addField(m_layout, tr("&Certificate"), m_certificate, tr("File of the client's certificate"));
    addField(m_layout, tr("Pri&vate key"), m_key, tr("File of the private key"));
    addField(m_layout, tr("Server name"), m_serverName, tr("Server name in the certificate"));
    addField(m_layout, QString(), m_insecure, tr("Take any certificate"));
    m_layout->addRow(m_warning);
    const QString pem = tr("PEM; read when the connection opens");
    for (QLineEdit *file : {m_caFile, m_certificate, m_key}) {
        file->setToolTip(pem);
        addFileChooser(file, tr("Choose a PEM File"));
    }
}

void TransportFields::connectFields()
{
    const auto edited = [this] {
        if (m_quiet)
            return;
        showUseful();
        Q_EMIT changed();
    };
    connect(m_scheme, &QComboBox::currentIndexChanged, this, &TransportFields::schemeChosen);
    connect(m_insecure, &QCheckBox::toggled, this, edited);
    for (QLineEdit *field : {m_path, m_caFile, m_certificate, m_key, m_serverName}) {
        connect(field, &QLineEdit::textChanged, this, edited);
        connect(field, &QLineEdit::returnPressed, this, &TransportFields::connectRequested);
    }
}

void TransportFields::schemeChosen()
{
    if (m_quiet)
        return;
    const Scheme before = std::exchange(m_shown, scheme());
    if (usesWebSocket(m_shown) && m_path->text().isEmpty())
        m_path->setText(QStringLiteral("/mqtt"));
    showUseful();
    Q_EMIT usualPortChanged(usualPort(before), usualPort(m_shown));
    Q_EMIT changed();
}

void TransportFields::showUseful()
{
    const Scheme now = m_fixed.value_or(scheme());
    m_layout->setRowVisible(m_scheme, !m_fixed);
    m_layout->setRowVisible(m_path, !m_fixed && (usesWebSocket(now) || now == Scheme::UnixSocket));
    for (QWidget *field :
         {static_cast<QWidget *>(m_caFile), static_cast<QWidget *>(m_certificate), static_cast<QWidget *>(m_key),
          static_cast<QWidget *>(m_serverName), static_cast<QWidget *>(m_insecure)})
        m_layout->setRowVisible(field, usesTls(now));
    m_layout->setRowVisible(m_warning, usesTls(now) && m_insecure->isChecked());
}

void TransportFields::setFixed(std::optional<Scheme> scheme)
{
    m_fixed = scheme;
    showUseful();
}

Scheme TransportFields::scheme() const
{
    return Scheme(m_scheme->currentData().toInt());
}

QString TransportFields::path() const
{
    return m_path->text().trimmed();
}

TlsSettings TransportFields::tls() const
{
    TlsSettings tls = m_kept;
    tls.caFile = m_caFile->text().trimmed();
    tls.certificateFile = m_certificate->text().trimmed();
    tls.keyFile = m_key->text().trimmed();
    tls.serverName = m_serverName->text().trimmed();
    tls.insecure = m_insecure->isChecked();
    return tls;
}

void TransportFields::setValues(Scheme scheme, const QString &path, const TlsSettings &tls)
{
    m_quiet = true;
    m_kept = tls;
    m_shown = scheme;
    m_scheme->setCurrentIndex(m_scheme->findData(int(scheme)));
    m_path->setText(path);
    m_caFile->setText(tls.caFile);
    m_certificate->setText(tls.certificateFile);
    m_key->setText(tls.keyFile);
    m_serverName->setText(tls.serverName);
    m_insecure->setChecked(tls.insecure);
    m_quiet = false;
    showUseful();
}

} // namespace sessionscope
