// Around the imports of import_profile.h: the text of a whole file, and what came of it as files of profiles.
#pragma once

#include "core/profile/import_profile.h"

namespace sessionscope {

enum class ImportFormat : quint8
{
    Mqttx,
    MqttExplorer,
    Mosquitto ///< command lines, one a line; those that begin with # and empty ones do not count
};

/// An export with the messages that MQTTX kept.
inline constexpr qint64 importBytesLimit = 256 * 1024 * 1024;

/// Everything in a text. name: of the profiles of command lines; empty: as importMosquitto() names them.
ImportResult importText(ImportFormat format, const QByteArray &text, const QString &name = {});

/// Takes the names of files as those of folder: a profile stands elsewhere.
void anchorFiles(ProfileImport &imported, const QString &folder);

struct SavedImport
{
    QStringList paths;
    QStringList problems; ///< a line for each profile that was not saved
};
/// A file for each profile, below folder. Files that are there are left alone.
SavedImport saveImport(const ProfileImport &imported, const QString &folder);

} // namespace sessionscope
