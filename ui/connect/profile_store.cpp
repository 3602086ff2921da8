#include "ui/connect/profile_store.h"

#include "core/profile/update_profile.h"
#include "core/profile/write_profile.h"
#include "ui/connect/profile_file.h"

#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>

namespace sessionscope {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(ProfileStore)
};

Result<ProfileEntry, Problems> entryOf(const QString &path)
{
    const auto text = readTextFile(path);
    if (!text)
        return Problems{{{path}, text.error()}};
    const auto profile = readProfile(*text, path);
    if (!profile)
        return profile.error();
    ProfileEntry entry;
    entry.name = profile->name;
    entry.values = toValues(*profile);
    entry.base = *profile;
    entry.path = path;
    entry.text = *text;
    return entry;
}

QString pathFor(const ProfileEntry &entry, const QString &folder)
{
    if (!entry.path.isEmpty() && entry.name == entry.base.name)
        return entry.path;
    const QString file = fileNameOf(entry.name) + QStringLiteral(".yaml");
    if (!entry.path.isEmpty())
        return QFileInfo(entry.path).path() + u'/' + file;
    return entry.folder.isEmpty() ? folder + u'/' + file : folder + u'/' + entry.folder + u'/' + file;
}

} // namespace

QList<ProfileEntry> storedProfiles(const QString &folder, Problems &problems)
{
    QList<ProfileEntry> entries;
    for (const ProfileFile &file : profileFiles(folder)) {
        auto entry = entryOf(file.path);
        if (!entry) {
            problems.insert(problems.end(), entry.error().begin(), entry.error().end());
            continue;
        }
        entries << *entry;
        entries.last().folder = file.name.left(file.name.lastIndexOf(u'/'));
        if (!file.name.contains(u'/'))
            entries.last().folder.clear();
    }
    return entries;
}

std::optional<ProfileEntry> readAgain(const ProfileEntry &entry)
{
    auto again = entryOf(entry.path);
    if (!again)
        return std::nullopt;
    ProfileEntry read = std::move(again).value();
    read.folder = entry.folder;
    read.values.password = entry.values.password;
    return read;
}

bool isChangedElsewhere(const ProfileEntry &entry)
{
    if (entry.path.isEmpty())
        return false;
    const auto text = readTextFile(entry.path);
    // A file that is gone has nothing to lose.
    return text && *text != entry.text;
}

Result<ProfileEntry, QString> saveEntry(const ProfileEntry &entry, const QString &folder)
{
    const Profile profile = toProfile(entry.values, entry.name, entry.base);
    const QByteArray text = entry.path.isEmpty() ? writeProfile(profile) : updateProfile(entry.text, profile);
    const QString path = pathFor(entry, folder);
    // What would not be read back is not written.
    if (const auto again = readProfile(text, path); !again)
        return Words::tr("%1 cannot be saved: %2").arg(entry.name, again.error().front().what);
    const auto overwrite = path == entry.path ? Overwrite::Yes : Overwrite::No;
    if (const auto wrong = saveTextFile(path, text, overwrite))
        return *wrong;
    if (path != entry.path && !entry.path.isEmpty())
        QFile::remove(entry.path);
    ProfileEntry stored = entry;
    stored.base = profile;
    stored.values.passwordFrom = profile.client.passwordFrom;
    stored.path = path;
    stored.text = text;
    stored.isChanged = false;
    return stored;
}

std::optional<QString> removeFile(const ProfileEntry &entry)
{
    if (entry.path.isEmpty() || !QFile::exists(entry.path))
        return std::nullopt;
    QFile file(entry.path);
    if (file.moveToTrash() || file.remove())
        return std::nullopt;
    return Words::tr("\"%1\" cannot be removed: %2").arg(entry.path, file.errorString());
}

} // namespace sessionscope
