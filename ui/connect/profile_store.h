// The window's profiles and their files: reading the folder, saving one, noticing what somebody else wrote meanwhile.
// A file is replaced as a whole or not at all, and keeps the lines that did not change.
#pragma once

#include "core/profile/profile_folder.h"
#include "ui/connect/profile_model.h"

namespace sessionscope {

/// The profiles of a folder, without keys; problems gets every problem of the files that are none.
QList<ProfileEntry> storedProfiles(const QString &folder, Problems &problems);

/// The entry as its file is now; nothing when it cannot be read.
std::optional<ProfileEntry> readAgain(const ProfileEntry &entry);

/// Whether the file holds something else than when it was last read or written here.
bool isChangedElsewhere(const ProfileEntry &entry);

/// The entry as it is stored now, or why it is not. A new name is a new file, and the old one goes. What somebody else
/// wrote is overwritten: ask isChangedElsewhere() first.
Result<ProfileEntry, QString> saveEntry(const ProfileEntry &entry, const QString &folder);

/// Why the file is still there; nothing when it is gone.
std::optional<QString> removeFile(const ProfileEntry &entry);

} // namespace sessionscope
