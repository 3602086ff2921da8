#include "core/auth/scram_authenticator.h"

#include <gsasl.h>

namespace sessionscope {

namespace {

struct ContextDone
{
    void operator()(Gsasl *context) const { gsasl_done(context); }
};
struct SessionFinish
{
    void operator()(Gsasl_session *session) const { gsasl_finish(session); }
};

class ScramAuthenticator final : public Authenticator
{
public:
    explicit ScramAuthenticator(const Authentication &authentication) : m_authentication(authentication)
    {
        Gsasl *context = nullptr;
        if (gsasl_init(&context) == GSASL_OK)
            m_context.reset(context);
    }

    bool isSupported() const
    {
        return m_context && gsasl_client_support_p(m_context.get(), m_authentication.method.constData());
    }

    Result<QByteArray, QString> begin() override
    {
        m_isProven = false;
        Gsasl_session *session = nullptr;
        const int code = gsasl_client_start(m_context.get(), m_authentication.method.constData(), &session);
        if (code != GSASL_OK)
            return words(code);
        m_session.reset(session);
        gsasl_property_set(session, GSASL_AUTHID, m_authentication.userName.constData());
        gsasl_property_set(session, GSASL_PASSWORD, m_authentication.password.constData());
        return step({});
    }

    Result<QByteArray, QString> answer(const QByteArray &challenge) override { return step(challenge); }

    /// The server's signature is in its last word, wherever that came: with a challenge before, or here.
    std::optional<QString> distrust(const QByteArray &data) override
    {
        if (!m_isProven && !data.isEmpty()) {
            if (const auto rest = step(data); !rest)
                return rest.error();
        }
        if (!m_isProven)
            return QStringLiteral("the server did not prove that it knows the password");
        return {};
    }

private:
    static QString words(int code) { return QString::fromUtf8(gsasl_strerror(code)); }

    Result<QByteArray, QString> step(const QByteArray &input)
    {
        if (!m_session)
            return QStringLiteral("the authentication has not begun");
        char *output = nullptr;
        std::size_t length = 0;
        const int code = gsasl_step(m_session.get(), input.constData(), std::size_t(input.size()), &output, &length);
        const QByteArray data(output, qsizetype(length));
        gsasl_free(output);
        if (code != GSASL_OK && code != GSASL_NEEDS_MORE)
            return words(code);
        m_isProven = code == GSASL_OK;
        return data;
    }

    const Authentication m_authentication;
    std::unique_ptr<Gsasl, ContextDone> m_context;
    std::unique_ptr<Gsasl_session, SessionFinish> m_session;
    bool m_isProven = false;
};

} // namespace

std::unique_ptr<Authenticator> makeScramAuthenticator(const Authentication &authentication)
{
    if (!authentication.method.startsWith("SCRAM-") || authentication.method.endsWith("-PLUS"))
        return nullptr;
    auto authenticator = std::make_unique<ScramAuthenticator>(authentication);
    if (!authenticator->isSupported())
        return nullptr;
    return authenticator;
}

} // namespace sessionscope
