// What the connections of one client or one listener share of TLS: the certificates, read from their files.
#pragma once

#include "core/base/result.h"
#include "core/link/tls_settings.h"
#include "core/net/layer.h"

#include <memory>

struct ssl_ctx_st; // OpenSSL's SSL_CTX

namespace sessionscope {

class TlsContext
{
public:
    /// The error names the file and what is wrong with it. A listener needs certificate and key.
    static Result<std::shared_ptr<TlsContext>, QString> make(LayerEnd end, const TlsSettings &settings);
    ~TlsContext();
    Q_DISABLE_COPY_MOVE(TlsContext)

    ssl_ctx_st *get() const { return m_context; }
    LayerEnd end() const { return m_end; }
    const TlsSettings &settings() const { return m_settings; }

private:
    TlsContext(LayerEnd end, const TlsSettings &settings);
    /// Empty, or what is wrong.
    QString loadTrusted();
    QString loadOwn();

    ssl_ctx_st *m_context;
    LayerEnd m_end;
    TlsSettings m_settings;
    bool m_askedForPassphrase = false;
};

/// What OpenSSL says of the latest error of this thread, which this takes away.
QString takeTlsError();

} // namespace sessionscope
