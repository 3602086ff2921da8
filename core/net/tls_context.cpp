#include "core/net/tls_context.h"

#include <QDir>
#include <QFile>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

namespace sessionscope {

namespace {

QString pathOf(const TlsSettings &settings, const QString &file)
{
    const QString path = settings.pathOf(file);
    return path.startsWith(QLatin1String("~/")) ? QDir::homePath() + path.mid(1) : path;
}

// Empty, or the system's words for why the file cannot be read; OpenSSL's are poorer.
QString unreadable(const QString &path)
{
    QFile file(path);
    if (file.open(QIODevice::ReadOnly))
        return {};
    return QStringLiteral("%1: %2").arg(path, file.errorString());
}

// The first error names the cause; those behind it where it was noticed.
QString pemError(const QString &path, const QString &what)
{
    const char *reason = ERR_reason_error_string(ERR_peek_error());
    ERR_clear_error();
    return QStringLiteral("%1: expected %2 in PEM (%3)")
        .arg(path, what, QString::fromLatin1(reason ? reason : "nothing is there"));
}

// Without it OpenSSL would ask on the terminal.
int noPassphrase(char *, int, int, void *asked)
{
    *static_cast<bool *>(asked) = true;
    return 0;
}

} // namespace

QString takeTlsError()
{
    const unsigned long error = ERR_peek_last_error();
    ERR_clear_error();
    if (error == 0)
        return QStringLiteral("no reason given");
    if (ERR_SYSTEM_ERROR(error))
        return qt_error_string(int(ERR_GET_REASON(error)));
    const char *reason = ERR_reason_error_string(error);
    return reason ? QString::fromLatin1(reason) : QStringLiteral("error 0x%1").arg(error, 0, 16);
}

TlsContext::TlsContext(LayerEnd end, const TlsSettings &settings)
    : m_context(SSL_CTX_new(end == LayerEnd::Client ? TLS_client_method() : TLS_server_method())), m_end(end),
      m_settings(settings)
{
    Q_CHECK_PTR(m_context);
    SSL_CTX_set_min_proto_version(m_context, TLS1_2_VERSION);
    SSL_CTX_set_mode(m_context, SSL_MODE_RELEASE_BUFFERS);
    // Every connection proves itself anew, so that a refusal shows each time.
    SSL_CTX_set_session_cache_mode(m_context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(m_context, 0);
    SSL_CTX_set_options(m_context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_default_passwd_cb(m_context, noPassphrase);
    SSL_CTX_set_default_passwd_cb_userdata(m_context, &m_askedForPassphrase);
}

TlsContext::~TlsContext()
{
    SSL_CTX_free(m_context);
}

Result<std::shared_ptr<TlsContext>, QString> TlsContext::make(LayerEnd end, const TlsSettings &settings)
{
    ERR_clear_error();
    std::shared_ptr<TlsContext> context(new TlsContext(end, settings));
    for (const QString &error : {context->loadTrusted(), context->loadOwn()}) {
        if (!error.isEmpty())
            return error;
    }
    return context;
}

QString TlsContext::loadTrusted()
{
    const bool isClient = m_end == LayerEnd::Client;
    const QString path = pathOf(m_settings, m_settings.caFile);
    const QByteArray name = QFile::encodeName(path);
    if (!path.isEmpty()) {
        if (const QString error = unreadable(path); !error.isEmpty())
            return error;
        if (SSL_CTX_load_verify_file(m_context, name.constData()) != 1)
            return pemError(path, QStringLiteral("certificates of a CA"));
    } else if (isClient) {
        SSL_CTX_set_default_verify_paths(m_context);
    }
    if (isClient) {
        SSL_CTX_set_verify(m_context, m_settings.insecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nullptr);
    } else if (!path.isEmpty()) {
        SSL_CTX_set_verify(m_context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
        SSL_CTX_set_client_CA_list(m_context, SSL_load_client_CA_file(name.constData()));
    }
    return {};
}

QString TlsContext::loadOwn()
{
    const QString certificate = pathOf(m_settings, m_settings.certificateFile);
    const QString key = pathOf(m_settings, m_settings.keyFile);
    if (certificate.isEmpty() && key.isEmpty() && m_end == LayerEnd::Client)
        return {};
    if (certificate.isEmpty())
        return QStringLiteral("TLS needs a certificate%1")
            .arg(key.isEmpty() ? QString() : QStringLiteral(" for the key ") + key);
    if (key.isEmpty())
        return QStringLiteral("TLS needs the key of the certificate %1").arg(certificate);
    for (const QString &path : {certificate, key}) {
        if (const QString error = unreadable(path); !error.isEmpty())
            return error;
    }
    if (SSL_CTX_use_certificate_chain_file(m_context, QFile::encodeName(certificate).constData()) != 1)
        return pemError(certificate, QStringLiteral("a certificate"));
    if (SSL_CTX_use_PrivateKey_file(m_context, QFile::encodeName(key).constData(), SSL_FILETYPE_PEM) != 1) {
        if (m_askedForPassphrase)
            return QStringLiteral("%1: the key has a passphrase, which is not supported; write it without one, as "
                                  "\"openssl pkey\" does")
                .arg(key);
        if (ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH)
            return QStringLiteral("%1: is not the key of the certificate %2").arg(key, certificate);
        return pemError(key, QStringLiteral("a private key"));
    }
    return {};
}

} // namespace sessionscope
