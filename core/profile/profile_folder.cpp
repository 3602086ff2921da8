#include "core/profile/profile_folder.h"

#include "core/notation/values.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QRegularExpression>
#include <QSaveFile>
#include <QStandardPaths>

namespace sessionscope {

namespace {

const QStringList &endings()
{
    static const QStringList list{QStringLiteral(".yaml"), QStringLiteral(".yml")};
    return list;
}

bool hasEnding(const QString &name)
{
    return std::ranges::any_of(endings(), [&name](const QString &ending) { return name.endsWith(ending); });
}

/// name in folder, with an ending or with one that it gets; nothing when there is no such file.
QString fileIn(const QString &folder, const QString &name)
{
    const QString path = folder.isEmpty() ? name : QDir(folder).filePath(name);
    if (hasEnding(name))
        return QFileInfo(path).isFile() ? path : QString();
    for (const QString &ending : endings()) {
        if (QFileInfo(path + ending).isFile())
            return path + ending;
    }
    return {};
}

} // namespace

QString profileFolder()
{
    return QStandardPaths::writableLocation(QStandardPaths::GenericConfigLocation) +
           QStringLiteral("/sessionscope/profiles");
}

std::vector<ProfileFile> profileFiles(const QString &folder)
{
    std::vector<ProfileFile> files;
    QDirIterator found(folder, {QStringLiteral("*.yaml"), QStringLiteral("*.yml")}, QDir::Files,
                       QDirIterator::Subdirectories);
    while (found.hasNext()) {
        const QString path = found.next();
        const QString name = QDir(folder).relativeFilePath(path);
        files.push_back({name.left(name.lastIndexOf(u'.')), path});
    }
    std::ranges::sort(files, {}, &ProfileFile::name);
    return files;
}

Result<ProfileFile, QString> findProfile(const QString &name, const QString &base)
{
    const QString written = name.startsWith(u"~/") ? QDir::homePath() + name.mid(1) : name;
    for (const QString &folder : {base, profileFolder()}) {
        if (QString path = fileIn(folder, written); !path.isEmpty())
            return ProfileFile{name, path};
    }
    QStringList known;
    for (const ProfileFile &file : profileFiles(profileFolder()))
        known << file.name;
    return QStringLiteral("there is no profile \"%1\": expected a file, or a name in %2.%3")
        .arg(name, profileFolder(), didYouMean(name, known));
}

Result<QByteArray, QString> readTextFile(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return QStringLiteral("cannot be read: %1").arg(file.errorString());
    return file.read(documentBytesLimit + 1);
}

Result<Profile, Problems> loadProfile(const QString &path)
{
    const auto text = readTextFile(path);
    if (!text)
        return Problems{{{path}, text.error()}};
    return readProfile(*text, path);
}

std::optional<QString> saveTextFile(const QString &path, const QByteArray &text, Overwrite overwrite)
{
    if (overwrite == Overwrite::No && QFileInfo::exists(path))
        return QStringLiteral("\"%1\" is there already and is left alone").arg(path);
    if (!QDir().mkpath(QFileInfo(path).path()))
        return QStringLiteral("\"%1\": its folder cannot be made").arg(path);
    QSaveFile file(path);
    if (file.open(QIODevice::WriteOnly) && file.write(text) == text.size() && file.commit())
        return std::nullopt;
    return QStringLiteral("\"%1\": %2").arg(path, file.errorString());
}

QString fileNameOf(const QString &name)
{
    static const QRegularExpression others(QStringLiteral("[^\\p{L}\\p{N}._-]+"));
    static const QRegularExpression edges(QStringLiteral("^[.-]+|-+$"));
    QString file = name.trimmed();
    file.replace(others, QStringLiteral("-")).remove(edges);
    return file.isEmpty() ? QStringLiteral("profile") : file;
}

} // namespace sessionscope
