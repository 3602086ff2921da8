// The layer table, who may use whom, and what a pure folder must not contain. This is the one copy that is enforced:
// a new folder or a new use between folders is a change of the table in layer_rules.cpp and of the README.
#pragma once

#include "tests/layers/source_file.h"

#include <QStringList>

namespace sessionscope::layers {

struct Finding
{
    QString path;
    int line = 0;
    QString what;

    /// "path:line: what", which editors jump to.
    QString text() const;
};

/// The folder of a path that is a row of the table ("mqtt", "ui", …), also when no such row exists; empty outside
/// core/, ui/ and app/.
QString layerOf(const QString &path);

/// Every layer of the table, lowest first.
QStringList allLayers();

/// Layers that hold values and functions of values only: no clock, no QObject, no chance, no logging, no threads.
bool isPure(const QString &layer);

/// Everything that is wrong with these files, in their order: uses that the table does not have, impure words in pure
/// folders, quoted includes of files that are not among them, and files that include each other in a circle.
QList<Finding> check(const QList<SourceFile> &files);

} // namespace sessionscope::layers
