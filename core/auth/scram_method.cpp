#include "core/auth/scram_method.h"

#include "core/auth/gsasl_handles.h"

#include <QCryptographicHash>
#include <QMessageAuthenticationCode>

namespace sessionscope {

namespace {

/// As RFC 5802 wants names to be compared; none when there is no such name.
std::optional<QByteArray> prepared(const QByteArray &name)
{
    char *output = nullptr;
    if (name.isEmpty() || gsasl_saslprep(name.constData(), GSASL_ALLOW_UNASSIGNED, &output, nullptr) != GSASL_OK)
        return std::nullopt;
    const QByteArray text(output);
    gsasl_free(output);
    return text.isEmpty() ? std::nullopt : std::optional(text);
}

std::optional<Gsasl_hash> hashOf(const QByteArray &mechanism)
{
    if (mechanism == "SCRAM-SHA-256")
        return GSASL_HASH_SHA256;
    if (mechanism == "SCRAM-SHA-1")
        return GSASL_HASH_SHA1;
    return std::nullopt;
}

/// Whom the method knows, shared with the exchanges that are under way when it goes.
class Directory
{
public:
    struct User
    {
        QByteArray name; ///< as it was given
        ScramVerifier verifier;
    };

    Directory(Gsasl_hash hash, const ScramUsers &users) : m_keySize(qsizetype(gsasl_hash_length(hash)))
    {
        QCryptographicHash all(QCryptographicHash::Sha256);
        for (const auto &[name, verifier] : users) {
            for (const QByteArray &part : {name, verifier.salt, verifier.storedKey, verifier.serverKey})
                all.addData(part);
            if (const auto key = prepared(name))
                m_users.try_emplace(*key, User{name, verifier});
        }
        m_secret = all.result();
    }

    /// name: as a client sent it.
    const User *find(const QByteArray &name) const
    {
        const auto key = prepared(name);
        const auto found = key ? m_users.find(*key) : m_users.end();
        return found == m_users.end() ? nullptr : &found->second;
    }

    /// For a user that there is not: what could be one's, and always the same. Made of a secret that nobody knows who
    /// has not read every verifier; it outlives a restart, as the salts of real users do.
    ScramVerifier madeUp(const QByteArray &name) const
    {
        const QByteArray key = prepared(name).value_or(name);
        const quint8 choice = quint8(drawn("user", key, 1)[0]);
        const ScramVerifier like =
            m_users.empty() ? ScramVerifier{.salt = QByteArray(12, '\0')}
                            : std::next(m_users.begin(), qsizetype(choice % m_users.size()))->second.verifier;
        return {.iterations = like.iterations,
                .salt = drawn("salt", key, like.salt.size()),
                .storedKey = drawn("StoredKey", key, m_keySize),
                .serverKey = drawn("ServerKey", key, m_keySize)};
    }

private:
    QByteArray drawn(const char *what, const QByteArray &name, qsizetype size) const
    {
        QByteArray bytes;
        for (char block = 0; bytes.size() < size; ++block)
            bytes += QMessageAuthenticationCode::hash(QByteArray(what) + '\0' + block + name, m_secret,
                                                      QCryptographicHash::Sha256);
        return bytes.first(size);
    }

    qsizetype m_keySize;
    std::map<QByteArray, User> m_users; ///< by prepared name
    QByteArray m_secret;
};

class ScramExchange final : public AuthenticationExchange
{
public:
    ScramExchange(std::shared_ptr<Gsasl> context, std::shared_ptr<const Directory> directory,
                  const QByteArray &mechanism)
        : m_context(std::move(context)), m_directory(std::move(directory))
    {
        Gsasl_session *session = nullptr;
        if (gsasl_server_start(m_context.get(), mechanism.constData(), &session) != GSASL_OK)
            return;
        m_session.reset(session);
        gsasl_session_hook_set(session, this);
    }

    AuthenticationAnswer answer(const QByteArray &data) override
    {
        using enum AuthenticationAnswer::Verdict;
        // The library reads C strings: what stands behind a NUL would not be proved.
        if (!m_session || data.contains('\0'))
            return {.verdict = Refuse};
        const GsaslStep step = stepOn(m_session.get(), data);
        if (step.code == GSASL_NEEDS_MORE)
            return {.verdict = Continue, .data = step.output};
        const QByteArray name = property(GSASL_AUTHID);
        const QByteArray actsFor = property(GSASL_AUTHZID);
        const Directory::User *user = m_directory->find(name);
        // No second try at the same nonce.
        m_session.reset();
        // Nobody acts for somebody else here.
        if (step.code != GSASL_OK || !user || (!actsFor.isEmpty() && actsFor != name))
            return {.verdict = Refuse};
        return {.verdict = Accept, .data = step.output, .userName = user->name};
    }

    /// The library asks for the verifier when it has read the name.
    static int provide(Gsasl *, Gsasl_session *session, Gsasl_property which)
    {
        const auto *exchange = static_cast<const ScramExchange *>(gsasl_session_hook_get(session));
        const bool isAsked = which == GSASL_SCRAM_ITER || which == GSASL_SCRAM_SALT || which == GSASL_SCRAM_STOREDKEY ||
                             which == GSASL_SCRAM_SERVERKEY;
        const QByteArray name = exchange && isAsked ? exchange->property(GSASL_AUTHID) : QByteArray();
        if (name.isEmpty())
            return GSASL_NO_CALLBACK;
        const Directory::User *user = exchange->m_directory->find(name);
        // An unknown user costs what a known one does.
        const ScramVerifier madeUp = exchange->m_directory->madeUp(name);
        const ScramVerifier &verifier = user ? user->verifier : madeUp;
        const auto set = [session](Gsasl_property property, const QByteArray &text) {
            return gsasl_property_set(session, property, text.constData());
        };
        set(GSASL_SCRAM_ITER, QByteArray::number(verifier.iterations));
        set(GSASL_SCRAM_SALT, verifier.salt.toBase64());
        set(GSASL_SCRAM_STOREDKEY, verifier.storedKey.toBase64());
        return set(GSASL_SCRAM_SERVERKEY, verifier.serverKey.toBase64());
    }

private:
    QByteArray property(Gsasl_property which) const { return QByteArray(gsasl_property_fast(m_session.get(), which)); }

    std::shared_ptr<Gsasl> m_context; ///< outlives the session
    std::shared_ptr<const Directory> m_directory;
    GsaslSession m_session; ///< null: the exchange is over
};

class ScramMethod final : public AuthenticationMethod
{
public:
    ScramMethod(const QByteArray &mechanism, Gsasl_hash hash, const ScramUsers &users)
        : m_mechanism(mechanism), m_context(makeGsaslContext()),
          m_directory(std::make_shared<const Directory>(hash, users))
    {
        if (m_context)
            gsasl_callback_set(m_context.get(), ScramExchange::provide);
    }

    bool isSupported() const { return m_context && gsasl_server_support_p(m_context.get(), m_mechanism.constData()); }

    std::unique_ptr<AuthenticationExchange> begin() const override
    {
        return std::make_unique<ScramExchange>(m_context, m_directory, m_mechanism);
    }

    bool admits(const QByteArray &userName) const override { return m_directory->find(userName) != nullptr; }

private:
    const QByteArray m_mechanism;
    const std::shared_ptr<Gsasl> m_context;
    const std::shared_ptr<const Directory> m_directory;
};

std::optional<ScramVerifier> verifierOf(Gsasl_hash hash, const QByteArray &name, const QByteArray &password)
{
    ScramVerifier verifier;
    // Kept nowhere, so that it has to differ only between users.
    verifier.salt = QCryptographicHash::hash(name, QCryptographicHash::Sha256).first(12);
    const qsizetype size = qsizetype(gsasl_hash_length(hash));
    verifier.storedKey.resize(size);
    verifier.serverKey.resize(size);
    QByteArray saltedPassword(size, '\0');
    QByteArray clientKey(size, '\0');
    const int code = gsasl_scram_secrets_from_password(
        hash, password.constData(), verifier.iterations, verifier.salt.constData(), std::size_t(verifier.salt.size()),
        saltedPassword.data(), clientKey.data(), verifier.serverKey.data(), verifier.storedKey.data());
    return code == GSASL_OK ? std::optional(verifier) : std::nullopt;
}

} // namespace

std::shared_ptr<const AuthenticationMethod> makeScramMethod(const QByteArray &name, const ScramUsers &users)
{
    const auto hash = hashOf(name);
    if (!hash)
        return nullptr;
    auto method = std::make_shared<const ScramMethod>(name, *hash, users);
    return method->isSupported() ? method : nullptr;
}

std::shared_ptr<const AuthenticationMethod>
makeScramMethodOfPasswords(const QByteArray &name, const std::map<QByteArray, QByteArray> &passwords)
{
    const auto hash = hashOf(name);
    if (!hash)
        return nullptr;
    ScramUsers users;
    for (const auto &[user, password] : passwords) {
        if (const auto verifier = verifierOf(*hash, user, password))
            users.emplace(user, *verifier);
    }
    return makeScramMethod(name, users);
}

} // namespace sessionscope
