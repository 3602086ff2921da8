#include "tests/auth/scram_server.h"

#include <gsasl.h>

ScramServer::ScramServer(const QByteArray &userName, const QByteArray &password)
    : m_userName(userName), m_password(password)
{
    gsasl_init(&m_context);
    gsasl_callback_set(m_context, [](Gsasl *context, Gsasl_session *session, Gsasl_property which) {
        return property(context, session, which);
    });
    gsasl_server_start(m_context, "SCRAM-SHA-256", &m_session);
    gsasl_session_hook_set(m_session, this);
}

ScramServer::~ScramServer()
{
    gsasl_finish(m_session);
    gsasl_done(m_context);
}

int ScramServer::property(Gsasl *, Gsasl_session *session, int which)
{
    const auto *server = static_cast<ScramServer *>(gsasl_session_hook_get(session));
    if (which != GSASL_PASSWORD || server->m_userName != gsasl_property_fast(session, GSASL_AUTHID))
        return GSASL_NO_CALLBACK;
    return gsasl_property_set(session, GSASL_PASSWORD, server->m_password.constData());
}

ScramServer::Answer ScramServer::take(const QByteArray &data)
{
    char *output = nullptr;
    std::size_t length = 0;
    const int code = gsasl_step(m_session, data.constData(), std::size_t(data.size()), &output, &length);
    Answer answer{Verdict::Refused, QByteArray(output, qsizetype(length))};
    gsasl_free(output);
    if (code == GSASL_OK)
        answer.verdict = Verdict::Accepted;
    else if (code == GSASL_NEEDS_MORE)
        answer.verdict = Verdict::Continue;
    return answer;
}
