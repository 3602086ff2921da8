#include "app/cli/access_files.h"

#include "app/cli/broker_file.h"

#include "core/auth/scram_method.h"
#include "core/broker/access_text.h"
#include "core/engine/password_check.h"

#include <QFile>
#include <QFileInfo>

namespace sessionscope::cli {

namespace {

template<class T> Parsed<T> readParsed(const QString &fileName, Result<T, TextError> (*parse)(const QByteArray &text))
{
    const auto text = readWholeFile(fileName, largestAccessFile);
    if (!text)
        return text.error();
    auto parsed = parse(*text);
    if (!parsed)
        return UsageError{placedText(fileName, parsed.error())};
    return std::move(parsed).value();
}

void warnIfOpen(QStringList &warnings, const QString &fileName)
{
    if (QFileInfo(fileName).permissions() & (QFile::ReadOther | QFile::WriteOther))
        warnings << QStringLiteral("\"%1\" is open to everybody on this machine: make it yours alone with chmod 600")
                        .arg(fileName);
}

std::optional<UsageError> readScramFile(AccessFiles &files, const QString &fileName)
{
    const auto accounts = readParsed<ScramAccounts>(fileName, parseScramFile);
    if (!accounts)
        return accounts.error();
    for (const auto &[mechanism, users] : *accounts) {
        auto method = makeScramMethod(mechanism, users);
        if (!method)
            return UsageError{QStringLiteral("\"%1\": %2 is missing in this machine's GNU SASL")
                                  .arg(fileName, QString::fromLatin1(mechanism))};
        files.access.authentications.emplace(mechanism, std::move(method));
    }
    // Where names are proved none is believed without.
    if (!files.access.accounts)
        files.access.accounts.emplace();
    warnIfOpen(files.warnings, fileName);
    return std::nullopt;
}

} // namespace

Parsed<QByteArray> readWholeFile(const QString &fileName, qint64 largest)
{
    QFile file(fileName);
    if (QFileInfo(file).isDir())
        return UsageError{QStringLiteral("cannot read \"%1\": it is a folder").arg(fileName)};
    if (!file.open(QIODevice::ReadOnly))
        return UsageError{QStringLiteral("cannot read \"%1\": %2").arg(fileName, file.errorString())};
    const QByteArray text = file.read(largest + 1);
    if (text.size() > largest)
        return UsageError{QStringLiteral("\"%1\" is larger than %2 bytes").arg(fileName).arg(largest)};
    return text;
}

Parsed<AccessFiles> readAccessFiles(const BrokerSettings &settings)
{
    AccessFiles files;
    files.access.anonymous = settings.anonymous;
    if (!settings.passwordFile.isEmpty()) {
        auto accounts = readParsed<Accounts>(settings.passwordFile, parsePasswordFile);
        if (!accounts)
            return accounts.error();
        files.access.accounts = *accounts;
        files.access.passwordCheck = matchesPassword;
        warnIfOpen(files.warnings, settings.passwordFile);
    }
    if (!settings.scramFile.isEmpty()) {
        if (const auto error = readScramFile(files, settings.scramFile))
            return *error;
    }
    if (!settings.aclFile.isEmpty()) {
        auto list = readParsed<AccessList>(settings.aclFile, parseAccessList);
        if (!list)
            return list.error();
        files.access.list = std::make_shared<const AccessList>(*list);
    }
    return files;
}

} // namespace sessionscope::cli
