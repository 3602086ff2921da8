#include "app/cli/access_files.h"

#include "app/cli/broker_file.h"

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
        if (QFileInfo(settings.passwordFile).permissions() & (QFile::ReadOther | QFile::WriteOther))
            files.warnings << QStringLiteral("\"%1\" is open to everybody on this machine: "
                                             "make it yours alone with chmod 600")
                                  .arg(settings.passwordFile);
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
