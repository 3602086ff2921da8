// From a file to scenarios: includes and profiles are taken in, ${variables} replaced, every problem collected, and
// only a file without any becomes something that can run.
#pragma once

#include "core/scenario/scenario.h"

namespace sessionscope {

/// The text of a file that another one names; path as written there, from is the file that names it.
struct LoadedFile
{
    QString file; ///< for places
    QByteArray text;
};
enum class LoadKind : quint8
{
    Included, ///< steps
    Payload,  ///< the bytes of a message
    Profile,  ///< by its name, too
};
using LoadFile = std::function<Result<LoadedFile, QString>(const QString &path, const QString &from, LoadKind kind)>;

/// Values for ${NAME}, stronger than those of the file.
using Variables = std::map<QString, QString>;

/// Files that include each other, at most this deep.
inline constexpr int includeDepthLimit = 16;

/// One scenario for each row of the file's table, or one. load may be empty: then an include or a profile is a
/// problem.
Result<std::vector<Scenario>, Problems> readScenarios(const QByteArray &text, const QString &file,
                                                      const Variables &variables = {}, const LoadFile &load = {});

} // namespace sessionscope
