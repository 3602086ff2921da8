// Who may connect, and which topics they may write and read: accounts and rules as values.
// Rules are mosquitto's: a refusal stands before every permission, a client's own rules before the patterns that hold
// for everybody, the first one that says anything about the wish decides, and what no rule allows is refused.
// How a password is compared with its hash is handed in, so that no cryptography lives here.
#pragma once

#include "core/broker/authentication.h"

#include <QByteArray>
#include <QByteArrayView>

#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace sessionscope {

/// One password as its file keeps it.
struct PasswordHash
{
    enum class Scheme : quint8
    {
        Sha512,      ///< mosquitto's $6$: SHA-512 over password and salt
        Pbkdf2Sha512 ///< mosquitto's $7$
    };
    Scheme scheme = Scheme::Pbkdf2Sha512;
    quint32 iterations = 1; ///< of Pbkdf2Sha512
    QByteArray salt;
    QByteArray hash;
    bool operator==(const PasswordHash &) const = default;
};

/// Whether password is the one that was hashed. Must depend on its arguments alone.
using PasswordCheck = bool (*)(const PasswordHash &hash, const QByteArray &password);

/// By user name.
using Accounts = std::map<QByteArray, PasswordHash>;

/// What a server keeps of a password for SCRAM (RFC 5802 §3): enough to check a proof and to prove that it knows the
/// password, too, and not enough to be taken for the user anywhere.
struct ScramVerifier
{
    quint32 iterations = 4096; ///< the least that RFC 7677 recommends
    QByteArray salt;
    QByteArray storedKey;
    QByteArray serverKey;
    bool operator==(const ScramVerifier &) const = default;
};

/// By user name.
using ScramUsers = std::map<QByteArray, ScramVerifier>;
/// By mechanism, SCRAM-SHA-256 or SCRAM-SHA-1.
using ScramAccounts = std::map<QByteArray, ScramUsers>;

enum class TopicAccess : quint8
{
    Deny = 0,
    Read = 1,
    Write = 2,
    ReadWrite = Read | Write
};

struct AccessRule
{
    TopicAccess access = TopicAccess::ReadWrite;
    QByteArray filter; ///< in a pattern %u stands for the user name and %c for the Client Identifier
    bool operator==(const AccessRule &) const = default;
};
using AccessRules = std::vector<AccessRule>;

/// An ACL file's content.
struct AccessList
{
    AccessRules anonymous; ///< of clients without user name
    std::map<QByteArray, AccessRules> users;
    AccessRules patterns; ///< of every client
    bool operator==(const AccessList &) const = default;
};

/// What one client may do: its own rules and the patterns, filled in, in the order in which they are asked.
class ClientRights
{
public:
    /// An empty userName is a client without one.
    ClientRights(const AccessList &list, const QByteArray &userName, const QByteArray &clientId);

    bool mayRead(QByteArrayView topic) const { return allows(topic, TopicAccess::Read); }
    bool mayWrite(QByteArrayView topic) const { return allows(topic, TopicAccess::Write); }

private:
    bool allows(QByteArrayView topic, TopicAccess wish) const;

    AccessRules m_rules;
};

/// Whether a client may connect without a user name.
enum class Anonymous : quint8
{
    Allowed,
    Refused
};

/// Who may connect and what they may do. Apart from the configuration, which views and traces show: this holds
/// secrets. One that has an account has a passwordCheck, too.
struct BrokerAccess
{
    Anonymous anonymous = Anonymous::Allowed;
    std::optional<Accounts> accounts; ///< none: any user name is believed; empty: only one that a method has proved
    PasswordCheck passwordCheck = nullptr;
    std::shared_ptr<const AccessList> list; ///< null: everybody may read and write everything
    AuthenticationMethods authentications;  ///< others are answered 0x8C; none is null
};

} // namespace sessionscope
