// TLS, by OpenSSL, between bytes in memory: it never touches a socket.
#pragma once

#include "core/net/tls_context.h"

struct ssl_st; // OpenSSL's SSL

namespace sessionscope {

class TlsLayer final : public Layer
{
public:
    /// host is whom a client wants to reach; the settings' serverName goes before it.
    TlsLayer(const TlsContext &context, const QString &host);
    ~TlsLayer() override;
    Q_DISABLE_COPY_MOVE(TlsLayer)

    QString name() const override { return QStringLiteral("TLS"); }
    void start() override;
    void receive(const QByteArray &bytes) override;
    void send(const QByteArray &bytes) override;
    void close(CloseHow how) override;
    QString agreed() const override;
    QString cutShort() const override { return QStringLiteral("without close_notify"); }

private:
    void setWanted(const TlsSettings &settings, const QString &host);
    void goOn();
    void read();
    void collect();
    QString handshakeError() const;

    ssl_st *m_ssl;
    const bool m_isClient;
    const bool m_isInsecure;
    QString m_wanted;      ///< whom the server's certificate has to be for
    bool m_hasName = true; ///< that can be looked for in it
};

} // namespace sessionscope
