#include "core/auth/scram_authenticator.h"

#include "core/auth/gsasl_handles.h"

namespace sessionscope {

namespace {

class ScramAuthenticator final : public Authenticator
{
public:
    explicit ScramAuthenticator(const Authentication &authentication)
        : m_authentication(authentication), m_context(makeGsaslContext())
    {
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
        const GsaslStep done = stepOn(m_session.get(), input);
        if (done.code != GSASL_OK && done.code != GSASL_NEEDS_MORE)
            return words(done.code);
        m_isProven = done.code == GSASL_OK;
        return done.output;
    }

    const Authentication m_authentication;
    const GsaslContext m_context;
    GsaslSession m_session;
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
