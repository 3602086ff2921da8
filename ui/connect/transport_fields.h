// How another broker is reached: TCP, TLS, WebSocket or both, a Unix socket; the path, and the certificates of TLS.
// What a transport has no use for is hidden and kept.
#pragma once

#include "core/link/endpoint.h"

#include <QWidget>

class QCheckBox;
class QComboBox;
class QFormLayout;
class QLabel;
class QLineEdit;

namespace sessionscope {

class TransportFields : public QWidget
{
    Q_OBJECT

public:
    explicit TransportFields(QWidget *parent = nullptr);

    Scheme scheme() const;
    QString path() const;
    TlsSettings tls() const;
    /// The scheme is said elsewhere: only the certificates can be chosen. Nothing: it is chosen here.
    void setFixed(std::optional<Scheme> scheme);
    void setValues(Scheme scheme, const QString &path, const TlsSettings &tls);

Q_SIGNALS:
    void changed();
    /// By the user, from a scheme whose usual port was the first one to one with the second.
    void usualPortChanged(quint16 before, quint16 now);
    void connectRequested();

private:
    void addFields();
    void connectFields();
    void schemeChosen();
    void showUseful();

    QFormLayout *m_layout;
    QComboBox *m_scheme;
    QLineEdit *m_path;
    QLineEdit *m_caFile;
    QLineEdit *m_certificate;
    QLineEdit *m_key;
    QLineEdit *m_serverName;
    QCheckBox *m_insecure;
    QLabel *m_warning;
    Scheme m_shown = Scheme::Tcp;
    std::optional<Scheme> m_fixed;
    TlsSettings m_kept; ///< as it was set, with what has no field
    bool m_quiet = false;
};

} // namespace sessionscope
