#include "core/broker/access_text.h"

#include "core/mqtt/topic.h"

#include <QCryptographicHash>

namespace sessionscope {

namespace {

/// One line and how far it was read. Columns count bytes from 1.
struct Line
{
    QByteArrayView text;
    qsizetype number = 1;
    qsizetype at = 0;

    TextError error(const QString &what) const { return {number, at + 1, what}; }
    bool isComment() const { return text.trimmed().isEmpty() || text.startsWith('#'); }
    void skipBlanks()
    {
        while (at < text.size() && (text[at] == ' ' || text[at] == '\t'))
            ++at;
    }
    QByteArrayView peekWord() const
    {
        qsizetype end = at;
        while (end < text.size() && text[end] != ' ' && text[end] != '\t')
            ++end;
        return text.sliced(at, end - at);
    }
    QByteArrayView rest() const { return text.sliced(at); }
};

/// Calls read(Line &) for every line that says something, until one returns an error.
template<class Read> std::optional<TextError> readLines(const QByteArray &text, Read read)
{
    qsizetype number = 0;
    for (qsizetype start = 0; start < text.size();) {
        const qsizetype newline = text.indexOf('\n', start);
        const qsizetype end = newline < 0 ? text.size() : newline;
        Line line{QByteArrayView(text).sliced(start, end - start), ++number, 0};
        while (!line.text.isEmpty() &&
               (line.text.back() == ' ' || line.text.back() == '\t' || line.text.back() == '\r'))
            line.text.chop(1);
        start = end + 1;
        if (line.isComment())
            continue;
        if (auto error = read(line))
            return error;
    }
    return std::nullopt;
}

/// The part up to the next separator, which is skipped.
QByteArrayView takePart(Line &line, char separator)
{
    const QByteArrayView rest = line.rest();
    const qsizetype end = rest.indexOf(separator);
    const QByteArrayView part = end < 0 ? rest : rest.first(end);
    line.at += end < 0 ? rest.size() : end + 1;
    return part;
}

std::optional<TextError> takeBase64(Line &line, QByteArray &value, const char *name, char separator)
{
    const Line before = line;
    const auto decoded = QByteArray::fromBase64Encoding(takePart(line, separator).toByteArray(),
                                                        QByteArray::AbortOnBase64DecodingErrors);
    if (!decoded || decoded.decoded.isEmpty())
        return before.error(QStringLiteral("expected the %1 in base64").arg(QLatin1String(name)));
    value = decoded.decoded;
    return std::nullopt;
}

std::optional<TextError> takeIterations(Line &line, quint32 &iterations, char separator)
{
    const Line before = line;
    bool isNumber = false;
    iterations = takePart(line, separator).toByteArray().toUInt(&isNumber);
    if (!isNumber || iterations == 0 || iterations > maximumIterations)
        return before.error(QStringLiteral("expected the number of iterations, from 1 to %1").arg(maximumIterations));
    return std::nullopt;
}

std::optional<TextError> readHash(Line &line, PasswordHash &hash)
{
    const QByteArrayView scheme = line.rest().first(std::min<qsizetype>(3, line.rest().size()));
    if (scheme != "$6$" && scheme != "$7$")
        return line.error(QStringLiteral("expected a hash, $7$… or $6$…, as mosquitto_passwd writes it"));
    hash.scheme = scheme == "$7$" ? PasswordHash::Scheme::Pbkdf2Sha512 : PasswordHash::Scheme::Sha512;
    line.at += scheme.size();
    if (hash.scheme == PasswordHash::Scheme::Pbkdf2Sha512) {
        if (auto error = takeIterations(line, hash.iterations, '$'))
            return error;
    }
    if (auto error = takeBase64(line, hash.salt, "salt", '$'))
        return error;
    const Line before = line;
    if (auto error = takeBase64(line, hash.hash, "hash", '$'))
        return error;
    if (hash.hash.size() != QCryptographicHash::hashLength(QCryptographicHash::Sha512) || line.at != line.text.size())
        return before.error(QStringLiteral("expected a hash of 64 bytes and the end of the line"));
    return std::nullopt;
}

std::optional<TextError> takeKey(Line &line, QByteArray &key, const char *name, qsizetype size)
{
    const Line before = line;
    if (auto error = takeBase64(line, key, name, ','))
        return error;
    if (key.size() != size)
        return before.error(QStringLiteral("expected a %1 of %2 bytes").arg(QLatin1String(name)).arg(size));
    return std::nullopt;
}

std::optional<TextError> readVerifier(Line &line, qsizetype keySize, ScramVerifier &verifier)
{
    if (auto error = takeIterations(line, verifier.iterations, ','))
        return error;
    const Line salt = line;
    if (auto error = takeBase64(line, verifier.salt, "salt", ','))
        return error;
    if (verifier.salt.size() > maximumScramSalt)
        return salt.error(QStringLiteral("expected a salt of at most %1 bytes").arg(maximumScramSalt));
    if (auto error = takeKey(line, verifier.storedKey, "StoredKey", keySize))
        return error;
    const bool isLast = line.rest().indexOf(',') < 0;
    if (auto error = takeKey(line, verifier.serverKey, "ServerKey", keySize))
        return error;
    // "gsasl --verbose" appends the salted password, which is as good as the password.
    if (!isLast)
        return line.error(QStringLiteral("expected the end of the line behind the ServerKey"));
    return std::nullopt;
}

/// What stands in braces before a verifier, with the size of its keys.
struct Mechanism
{
    const char *name;
    QCryptographicHash::Algorithm hash;
};
constexpr Mechanism mechanisms[] = {
    {"SCRAM-SHA-256", QCryptographicHash::Sha256},
    {"SCRAM-SHA-1", QCryptographicHash::Sha1},
};

const Mechanism *takeMechanism(Line &line)
{
    for (const Mechanism &mechanism : mechanisms) {
        const QByteArray braced = '{' + QByteArray(mechanism.name) + '}';
        if (line.rest().startsWith(braced)) {
            line.at += braced.size();
            return &mechanism;
        }
    }
    return nullptr;
}

/// The user name before the colon, which is skipped. format: what the line should be.
std::optional<TextError> takeUserName(Line &line, QByteArray &name, const char *format)
{
    const qsizetype colon = line.text.indexOf(':');
    name = line.text.first(std::max<qsizetype>(colon, 0)).trimmed().toByteArray();
    if (name.isEmpty())
        return line.error(QStringLiteral("expected %1").arg(QLatin1String(format)));
    if (!isMqttString(name))
        return line.error(QStringLiteral("expected a user name in UTF-8"));
    line.at = colon + 1;
    return std::nullopt;
}

std::optional<TopicAccess> accessOf(QByteArrayView word)
{
    if (word == "read")
        return TopicAccess::Read;
    if (word == "write")
        return TopicAccess::Write;
    if (word == "readwrite")
        return TopicAccess::ReadWrite;
    if (word == "deny")
        return TopicAccess::Deny;
    return std::nullopt;
}

/// What stands behind "topic" and "pattern". Without an access word the filter may hold no blank, as with mosquitto:
/// the mistyped word would be taken for a part of it.
std::optional<TextError> readRule(Line &line, AccessRules &rules)
{
    AccessRule rule;
    const QByteArrayView first = line.peekWord();
    const auto access = accessOf(first);
    const bool hasMore = first.size() < line.rest().size();
    if (hasMore && !access)
        return line.error(QStringLiteral("expected read, write, readwrite or deny before the filter"));
    if (hasMore) {
        rule.access = *access;
        line.at += first.size();
        line.skipBlanks();
    }
    rule.filter = line.rest().toByteArray();
    if (!isTopicFilter(rule.filter) || !isMqttString(rule.filter))
        return line.error(QStringLiteral("expected a topic filter: + fills a level, # is the last one"));
    rules.push_back(std::move(rule));
    return std::nullopt;
}

} // namespace

Result<Accounts, TextError> parsePasswordFile(const QByteArray &text)
{
    Accounts accounts;
    const auto error = readLines(text, [&accounts](Line &line) -> std::optional<TextError> {
        const Line beginning = line;
        QByteArray name;
        if (auto wrong = takeUserName(line, name, "NAME:HASH"))
            return wrong;
        if (accounts.contains(name))
            return beginning.error(QStringLiteral("this user has a line already: expected each name once"));
        return readHash(line, accounts[name]);
    });
    if (error)
        return *error;
    return accounts;
}

Result<ScramAccounts, TextError> parseScramFile(const QByteArray &text)
{
    ScramAccounts accounts;
    const auto error = readLines(text, [&accounts](Line &line) -> std::optional<TextError> {
        const Line beginning = line;
        QByteArray name;
        if (auto wrong = takeUserName(line, name, "NAME:{MECHANISM}ITERATIONS,SALT,STOREDKEY,SERVERKEY"))
            return wrong;
        const Mechanism *mechanism = takeMechanism(line);
        if (!mechanism)
            return line.error(QStringLiteral("expected {SCRAM-SHA-256} or {SCRAM-SHA-1} and the rest of what "
                                             "gsasl --mkpasswd prints"));
        ScramUsers &users = accounts[mechanism->name];
        if (users.contains(name))
            return beginning.error(
                QStringLiteral("this user has a line for %1 already: expected one for each mechanism")
                    .arg(QLatin1String(mechanism->name)));
        return readVerifier(line, QCryptographicHash::hashLength(mechanism->hash), users[name]);
    });
    if (error)
        return *error;
    return accounts;
}

Result<AccessList, TextError> parseAccessList(const QByteArray &text)
{
    AccessList list;
    AccessRules *topics = &list.anonymous;
    const auto error = readLines(text, [&](Line &line) -> std::optional<TextError> {
        line.skipBlanks();
        const Line beginning = line;
        const QByteArrayView keyword = line.peekWord();
        line.at += keyword.size();
        line.skipBlanks();
        if (keyword != "user" && keyword != "topic" && keyword != "pattern")
            return beginning.error(QStringLiteral("expected user, topic or pattern"));
        if (line.rest().isEmpty())
            return line.error(keyword == "user" ? QStringLiteral("expected a user name")
                                                : QStringLiteral("expected a topic filter"));
        if (keyword != "user")
            return readRule(line, keyword == "topic" ? *topics : list.patterns);
        topics = &list.users[line.rest().toByteArray()];
        return std::nullopt;
    });
    if (error)
        return *error;
    return list;
}

} // namespace sessionscope
