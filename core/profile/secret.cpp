#include "core/profile/secret.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

namespace sessionscope {

namespace {

/// The longest first line of a file that is taken for a secret.
constexpr qint64 secretBytesLimit = 64 * 1024;

QString pathOf(const SecretReference &reference)
{
    if (reference.name.startsWith(u"~/"))
        return QDir::homePath() + reference.name.mid(1);
    return QFileInfo(reference.name).isAbsolute() ? reference.name : reference.folder + reference.name;
}

FoundSecret readVariable(const QString &name)
{
    const QByteArray variable = name.toLocal8Bit();
    if (qEnvironmentVariableIsSet(variable.constData()))
        return qgetenv(variable.constData());
    return QStringLiteral("the environment variable %1 is not set").arg(name);
}

} // namespace

QString secretText(const SecretReference &reference)
{
    switch (reference.source) {
    case SecretSource::Environment:
        return QStringLiteral("the environment variable %1").arg(reference.name);
    case SecretSource::File:
        return QStringLiteral("the file %1").arg(reference.name);
    case SecretSource::Keyring:
        return QStringLiteral("the keyring's entry %1").arg(reference.name);
    case SecretSource::Asked:
        return QStringLiteral("asked for");
    case SecretSource::None:
        break;
    }
    return QStringLiteral("none");
}

FoundSecret readSecretFile(const QString &file)
{
    QFile opened(file.startsWith(u"~/") ? QDir::homePath() + file.mid(1) : file);
    if (!opened.open(QIODevice::ReadOnly))
        return QStringLiteral("cannot read \"%1\": %2").arg(file, opened.errorString());
    const auto others = QFile::ReadGroup | QFile::WriteGroup | QFile::ReadOther | QFile::WriteOther;
    if (QFileInfo(opened).isFile() && (opened.permissions() & others))
        return QStringLiteral("\"%1\" can be read by others: make it yours alone with chmod 600").arg(file);
    QByteArray line = opened.readLine(secretBytesLimit);
    while (line.endsWith('\n') || line.endsWith('\r'))
        line.chop(1);
    return line;
}

FoundSecret readSecret(const SecretReference &reference, const SecretWays &ways)
{
    switch (reference.source) {
    case SecretSource::Environment:
        return readVariable(reference.name);
    case SecretSource::File:
        return readSecretFile(pathOf(reference));
    case SecretSource::Keyring:
        if (!ways.keyring)
            return QStringLiteral("the keyring's entry %1 cannot be read: there is no keyring here")
                .arg(reference.name);
        return ways.keyring(reference.name.section(u'/', 0, 0), reference.name.section(u'/', 1));
    case SecretSource::Asked:
        if (!ways.ask)
            return QStringLiteral("it is to be asked for, and there is nobody to ask");
        return ways.ask(reference.name);
    case SecretSource::None:
        break;
    }
    Q_ASSERT(false);
    return QByteArray();
}

} // namespace sessionscope
