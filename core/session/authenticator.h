// One Authentication Method of enhanced authentication (v5 §4.12) from the client's side, and what one is made of.
// A method has secrets and chance of its own, so it stays outside of the session, which only asks it and carries its
// data. Whoever drives the session owns the authenticator.
#pragma once

#include "core/base/result.h"

#include <QByteArray>
#include <QString>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace sessionscope {

class Authenticator
{
public:
    Authenticator() = default;
    virtual ~Authenticator() = default;
    Q_DISABLE_COPY_MOVE(Authenticator)

    /// Begins an exchange, whatever went before: the data of a CONNECT or of an AUTH 0x19. The error is for the user.
    virtual Result<QByteArray, QString> begin() = 0;
    /// The answer to one challenge of the server.
    virtual Result<QByteArray, QString> answer(const QByteArray &challenge) = 0;
    /// Whether the server may be believed, by the data of its CONNACK or last AUTH: nothing when it may, else why not.
    virtual std::optional<QString> distrust(const QByteArray &data) = 0;
};

/// How a client authenticates. Holds secrets: never shown, traced or stored.
struct Authentication
{
    QByteArray method; ///< the Authentication Method
    QByteArray userName;
    QByteArray password;
    /// Not empty: the data to send, one after the other, whatever the server says.
    std::vector<QByteArray> script;
    bool operator==(const Authentication &) const = default;
};

/// The authenticator of one client; nullptr for a method that is not known.
using MakeAuthenticator = std::function<std::unique_ptr<Authenticator>(const Authentication &)>;

/// Plays a script and believes every server: for methods of one's own, and for tests of a server's refusals.
class ScriptedAuthenticator final : public Authenticator
{
public:
    explicit ScriptedAuthenticator(std::vector<QByteArray> script) : m_script(std::move(script)) {}

    Result<QByteArray, QString> begin() override;
    Result<QByteArray, QString> answer(const QByteArray &challenge) override;
    std::optional<QString> distrust(const QByteArray &) override { return {}; }

private:
    const std::vector<QByteArray> m_script;
    std::size_t m_next = 0;
};

} // namespace sessionscope
