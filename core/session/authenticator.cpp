#include "core/session/authenticator.h"

namespace sessionscope {

Result<QByteArray, QString> ScriptedAuthenticator::begin()
{
    m_next = 0;
    return answer({});
}

Result<QByteArray, QString> ScriptedAuthenticator::answer(const QByteArray &)
{
    if (m_next >= m_script.size())
        return QStringLiteral("the server asks for more than the %1 answers of the script").arg(m_script.size());
    return m_script[m_next++];
}

} // namespace sessionscope
