#include "core/broker/authentication.h"

namespace sessionscope {

namespace {

class ScriptPlayer final : public AuthenticationExchange
{
public:
    explicit ScriptPlayer(AuthenticationScript script) : m_script(std::move(script)) {}

    AuthenticationAnswer answer(const QByteArray &data) override
    {
        using enum AuthenticationAnswer::Verdict;
        if (m_asked > 0 && data != m_script[m_asked - 1].response)
            return {.verdict = Refuse};
        if (m_asked == m_script.size())
            return {.verdict = Accept};
        return {.verdict = Continue, .data = m_script[m_asked++].challenge};
    }

private:
    const AuthenticationScript m_script;
    std::size_t m_asked = 0; ///< challenges sent so far
};

class ScriptedMethod final : public AuthenticationMethod
{
public:
    explicit ScriptedMethod(AuthenticationScript script) : m_script(std::move(script)) {}

    std::unique_ptr<AuthenticationExchange> begin() const override { return std::make_unique<ScriptPlayer>(m_script); }
    bool admits(const QByteArray &) const override { return true; }

private:
    const AuthenticationScript m_script;
};

} // namespace

std::shared_ptr<const AuthenticationMethod> scriptedMethod(AuthenticationScript script)
{
    return std::make_shared<ScriptedMethod>(std::move(script));
}

} // namespace sessionscope
