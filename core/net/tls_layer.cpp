#include "core/net/tls_layer.h"

#include <QUrl>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>

namespace sessionscope {

namespace {

// The largest record of TLS.
constexpr std::size_t recordSize = 16 * 1024;

// Given to OpenSSL at a time.
constexpr qsizetype writeSize = 1024 * 1024;

QString withoutZone(const QString &host)
{
    return host.section(u'%', 0, 0);
}

} // namespace

TlsLayer::TlsLayer(const TlsContext &context, const QString &host)
    : m_ssl(SSL_new(context.get())), m_isClient(context.end() == LayerEnd::Client),
      m_isInsecure(context.settings().insecure)
{
    Q_CHECK_PTR(m_ssl);
    SSL_set_bio(m_ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    if (m_isClient) {
        SSL_set_connect_state(m_ssl);
        setWanted(context.settings(), host);
    } else {
        SSL_set_accept_state(m_ssl);
    }
}

TlsLayer::~TlsLayer()
{
    SSL_free(m_ssl);
}

void TlsLayer::setWanted(const TlsSettings &settings, const QString &host)
{
    m_wanted = settings.serverName.isEmpty() ? withoutZone(host) : settings.serverName;
    // An address in numbers is no name to ask for.
    if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(m_ssl), m_wanted.toLatin1().constData()) != 1) {
        // Without a name OpenSSL would look at none.
        const QByteArray name = QUrl::toAce(m_wanted);
        m_hasName = !name.isEmpty() && SSL_set1_host(m_ssl, name.constData()) == 1;
        if (m_hasName)
            SSL_set_tlsext_host_name(m_ssl, name.constData());
    }
    if (!settings.alpn.isEmpty()) {
        const QByteArray protocol = settings.alpn.toUtf8().left(255);
        const QByteArray offer = char(protocol.size()) + protocol;
        SSL_set_alpn_protos(m_ssl, reinterpret_cast<const unsigned char *>(offer.constData()), unsigned(offer.size()));
    }
}

void TlsLayer::start()
{
    enter(State::Handshaking);
    if (!m_hasName && !m_isInsecure)
        return fail(QStringLiteral("TLS: \"%1\" is no host name that a certificate can be for").arg(m_wanted));
    goOn();
}

void TlsLayer::receive(const QByteArray &bytes)
{
    if (state() == State::Ended || state() == State::Failed)
        return;
    BIO_write(SSL_get_rbio(m_ssl), bytes.constData(), int(bytes.size()));
    goOn();
}

void TlsLayer::goOn()
{
    ERR_clear_error();
    if (state() == State::Handshaking) {
        const int result = SSL_do_handshake(m_ssl);
        if (result == 1)
            enter(State::Open);
        else if (SSL_get_error(m_ssl, result) != SSL_ERROR_WANT_READ)
            fail(handshakeError());
    }
    if (state() == State::Open)
        read();
    collect();
}

void TlsLayer::read()
{
    std::array<char, recordSize> buffer;
    while (true) {
        ERR_clear_error();
        const int count = SSL_read(m_ssl, buffer.data(), int(buffer.size()));
        if (count > 0) {
            m_up.append(buffer.data(), count);
            continue;
        }
        const int error = SSL_get_error(m_ssl, count);
        if (error == SSL_ERROR_ZERO_RETURN)
            end(); // its close_notify is answered with ours by close()
        else if (error != SSL_ERROR_WANT_READ)
            fail(QStringLiteral("TLS: ") + takeTlsError());
        return;
    }
}

void TlsLayer::send(const QByteArray &bytes)
{
    ERR_clear_error();
    // Memory takes every piece, but has a limit of its own.
    for (qsizetype at = 0; at < bytes.size(); at += writeSize) {
        const int size = int(std::min(writeSize, bytes.size() - at));
        if (SSL_write(m_ssl, bytes.constData() + at, size) <= 0)
            return fail(QStringLiteral("TLS: ") + takeTlsError());
        collect();
    }
}

void TlsLayer::close(CloseHow how)
{
    if (how != CloseHow::WithoutCloseNotify)
        SSL_shutdown(m_ssl);
    collect();
}

void TlsLayer::collect()
{
    BIO *out = SSL_get_wbio(m_ssl);
    const auto waiting = qsizetype(BIO_ctrl_pending(out));
    if (waiting == 0)
        return;
    const qsizetype before = m_down.size();
    m_down.resize(before + waiting);
    BIO_read(out, m_down.data() + before, int(waiting));
}

QString TlsLayer::handshakeError() const
{
    const long verified = SSL_get_verify_result(m_ssl);
    const QString reason = QString::fromLatin1(X509_verify_cert_error_string(verified));
    if (verified != X509_V_OK && !m_isInsecure) {
        ERR_clear_error();
        if (!m_isClient)
            return QStringLiteral("TLS: the client's certificate is not trusted: %1").arg(reason);
        if (verified == X509_V_ERR_HOSTNAME_MISMATCH || verified == X509_V_ERR_IP_ADDRESS_MISMATCH)
            return QStringLiteral("TLS: the server's certificate is not for %1: %2").arg(m_wanted, reason);
        return QStringLiteral("TLS: the server's certificate is not trusted: %1").arg(reason);
    }
    const unsigned long error = ERR_peek_last_error();
    const bool isForeign = ERR_GET_LIB(error) == ERR_LIB_SSL && (ERR_GET_REASON(error) == SSL_R_WRONG_VERSION_NUMBER ||
                                                                 ERR_GET_REASON(error) == SSL_R_HTTP_REQUEST);
    const QString text = QStringLiteral("TLS: ") + takeTlsError();
    return isForeign ? text + QStringLiteral(" (the other end does not speak TLS)") : text;
}

QString TlsLayer::agreed() const
{
    if (state() != State::Open)
        return {};
    const QString version = QString::fromLatin1(SSL_get_version(m_ssl));
    if (!m_isInsecure)
        return version;
    const long verified = SSL_get_verify_result(m_ssl);
    if (verified == X509_V_OK)
        return version + QStringLiteral(", certificate not demanded to be right");
    return version + QStringLiteral(", certificate NOT trusted: ") +
           QString::fromLatin1(X509_verify_cert_error_string(verified));
}

} // namespace sessionscope
