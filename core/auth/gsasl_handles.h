// Owners of what GNU SASL hands out. For the sources of this folder only.
#pragma once

#include <QByteArray>

#include <gsasl.h>
#include <memory>

namespace sessionscope {

struct GsaslDone
{
    void operator()(Gsasl *context) const { gsasl_done(context); }
};
using GsaslContext = std::unique_ptr<Gsasl, GsaslDone>;

struct GsaslFinish
{
    void operator()(Gsasl_session *session) const { gsasl_finish(session); }
};
using GsaslSession = std::unique_ptr<Gsasl_session, GsaslFinish>;

/// Null when the library cannot be used.
inline GsaslContext makeGsaslContext()
{
    Gsasl *context = nullptr;
    return GsaslContext(gsasl_init(&context) == GSASL_OK ? context : nullptr);
}

struct GsaslStep
{
    int code = GSASL_OK;
    QByteArray output;
};

inline GsaslStep stepOn(Gsasl_session *session, const QByteArray &input)
{
    char *output = nullptr;
    std::size_t length = 0;
    const int code = gsasl_step(session, input.constData(), std::size_t(input.size()), &output, &length);
    GsaslStep step{code, QByteArray(output, qsizetype(length))};
    gsasl_free(output);
    return step;
}

} // namespace sessionscope
