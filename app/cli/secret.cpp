#include "app/cli/secret.h"

#include <QFile>
#include <QFileInfo>

namespace sessionscope::cli {

Parsed<QByteArray> readSecret(const QString &fileName)
{
    QFile file(fileName);
    if (!file.open(QIODevice::ReadOnly))
        return UsageError{QStringLiteral("cannot read \"%1\": %2").arg(fileName, file.errorString())};
    const auto others = QFile::ReadGroup | QFile::WriteGroup | QFile::ReadOther | QFile::WriteOther;
    if (QFileInfo(file).isFile() && (file.permissions() & others))
        return UsageError{
            QStringLiteral("\"%1\" can be read by others: make it yours alone with chmod 600").arg(fileName)};
    QByteArray line = file.readLine(64 * 1024);
    while (line.endsWith('\n') || line.endsWith('\r'))
        line.chop(1);
    return line;
}

} // namespace sessionscope::cli
