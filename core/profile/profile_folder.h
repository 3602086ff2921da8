// Profiles as files: the user's folder of them, what a name means, reading and saving. Saving replaces a file as a
// whole or not at all.
#pragma once

#include "core/profile/profile.h"

namespace sessionscope {

/// $XDG_CONFIG_HOME/sessionscope/profiles; it need not exist.
QString profileFolder();

struct ProfileFile
{
    QString name; ///< the path below the folder without its ending: "plant/door"
    QString path;
    bool operator==(const ProfileFile &) const = default;
};
/// Every *.yaml and *.yml below folder, sorted by name.
std::vector<ProfileFile> profileFiles(const QString &folder);

/// The file that name means: a path as it stands, or below base, or NAME and FOLDER/NAME in the user's folder. base is
/// the folder of the file that names the profile. The error names a near one.
Result<ProfileFile, QString> findProfile(const QString &name, const QString &base = {});

/// The text of a file; nothing larger than a document can be.
Result<QByteArray, QString> readTextFile(const QString &path);
/// A file with its problems, or a problem of the file as a whole.
Result<Profile, Problems> loadProfile(const QString &path);

enum class Overwrite : quint8
{
    No,
    Yes
};
/// Why it could not be saved; nothing when it was. Makes the folder.
std::optional<QString> saveTextFile(const QString &path, const QByteArray &text, Overwrite overwrite);

/// A name as part of a path: no slashes, no leading dots, nothing that shells mind.
QString fileNameOf(const QString &name);

} // namespace sessionscope
