// Enhanced authentication (v5 §4.12) from the server's side: what the broker asks of a method, and the method that is
// played from a script. The broker carries data between the client and an exchange and acts on its verdict. What proves
// an identity, with its secrets, cryptography and chance, stays behind the interface and is handed in.
#pragma once

#include <QByteArray>
#include <QtGlobal>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace sessionscope {

/// What the server says to one piece of the client's Authentication Data.
struct AuthenticationAnswer
{
    enum class Verdict : quint8
    {
        Continue, ///< AUTH 0x18 with the data (MQTT-4.12.0-2)
        Accept,   ///< the data, if any, go with the CONNACK, or with AUTH 0x00
        Refuse    ///< 0x87 (MQTT-4.12.0-4, MQTT-4.12.1-2)
    };
    Verdict verdict = Verdict::Refuse;
    QByteArray data;
    std::optional<QByteArray> userName; ///< of Accept: who the client has proved to be; none: it has proved no name
};

/// One exchange, from the client's first data to a verdict. Nothing is asked of it after Accept or Refuse.
class AuthenticationExchange
{
public:
    AuthenticationExchange() = default;
    virtual ~AuthenticationExchange() = default;
    Q_DISABLE_COPY_MOVE(AuthenticationExchange)

    /// First the data of the CONNECT or of the AUTH 0x19, then those of each AUTH 0x18. Empty where there are none.
    virtual AuthenticationAnswer answer(const QByteArray &data) = 0;
};

/// An Authentication Method that the server knows.
class AuthenticationMethod
{
public:
    AuthenticationMethod() = default;
    virtual ~AuthenticationMethod() = default;
    Q_DISABLE_COPY_MOVE(AuthenticationMethod)

    virtual std::unique_ptr<AuthenticationExchange> begin() const = 0;
    /// Whether a client of this user name could still prove it; true for a method that proves no names.
    virtual bool admits(const QByteArray &userName) const = 0;
};

/// By name, as CONNECT has it.
using AuthenticationMethods = std::map<QByteArray, std::shared_ptr<const AuthenticationMethod>>;

/// Makes the method of this name, by which users prove their passwords; nullptr for one that is not known.
using MakePasswordMethod = std::function<std::shared_ptr<const AuthenticationMethod>(
    const QByteArray &name, const std::map<QByteArray, QByteArray> &passwords)>;

struct ScriptedExchange
{
    QByteArray challenge;
    QByteArray response;
};
using AuthenticationScript = std::vector<ScriptedExchange>;

/// Sends each challenge, expects its response, and then accepts. The client's first data may be anything.
std::shared_ptr<const AuthenticationMethod> scriptedMethod(AuthenticationScript script);

} // namespace sessionscope
