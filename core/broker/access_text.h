// mosquitto's password file and ACL file and the file of SCRAM verifiers, from text to values.
// Whole or not at all: one line that is not understood refuses the file, with its place. An error never repeats what a
// line holds, which may be a secret.
#pragma once

#include "core/base/result.h"
#include "core/broker/access.h"

#include <QString>

namespace sessionscope {

/// What is wrong in a text, and where; both count from 1.
struct TextError
{
    qsizetype line = 1;
    qsizetype column = 1;
    QString what;
    bool operator==(const TextError &) const = default;
};

/// The most iterations of PBKDF2 that a file may ask for: each CONNECT with that name costs as many, at the server or,
/// with SCRAM, at the client.
inline constexpr quint32 maximumIterations = 1'000'000;

/// The longest salt of a SCRAM verifier, in bytes: it goes to whoever names the user.
inline constexpr qsizetype maximumScramSalt = 1024;

/// Lines of NAME:$7$ITERATIONS$SALT$HASH or NAME:$6$SALT$HASH, salt and hash in base64, as mosquitto_passwd writes
/// them. A line that begins with # is a comment.
Result<Accounts, TextError> parsePasswordFile(const QByteArray &text);

/// Lines of NAME:{SCRAM-SHA-256}ITERATIONS,SALT,STOREDKEY,SERVERKEY, the last three in base64, as "gsasl --mkpasswd"
/// prints what stands behind the colon; or with {SCRAM-SHA-1}. A user may have a line for each of the two. A line that
/// begins with # is a comment.
Result<ScramAccounts, TextError> parseScramFile(const QByteArray &text);

/// Lines of "user NAME", "topic [ACCESS] FILTER" and "pattern [ACCESS] FILTER", where ACCESS is read, write, readwrite
/// (also when it is left out) or deny. Topics before the first user are those of clients without user name. A line that
/// begins with # is a comment.
Result<AccessList, TextError> parseAccessList(const QByteArray &text);

} // namespace sessionscope
