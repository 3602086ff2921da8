// The vectors of this folder as values, and packets as one line of text to compare with. README.md says the format.
#pragma once

#include "core/mqtt/codec.h"

#include <QByteArray>
#include <QList>

namespace sessionscope::vectors {

/// One vector for one version and one sender.
struct Vector
{
    QByteArray name{}; ///< with file, version and sender: unique
    Version version = Version::V5;
    Sender from = Sender::Client;
    QByteArray bytes{};
    QByteArray reads{};     ///< empty for a malformed one
    QByteArray writes{};    ///< what encode makes of it; the bytes themselves when canonical
    QByteArray malformed{}; ///< empty for one that reads
    QList<QByteArray> breaks{};
    bool requestProblemInformation = true;
};

/// Every vector of every file below folder, in order. A line that cannot be understood ends the program with a word.
QList<Vector> load(const QString &folder);

/// What a `reads` line says of this packet.
QByteArray describe(const Packet &packet);

/// What a `malformed` line says.
QByteArray describe(const Malformed &malformed);

} // namespace sessionscope::vectors
