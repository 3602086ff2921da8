// Password file, SCRAM file and ACL file, from disk to the broker's BrokerAccess.
#pragma once

#include "core/notation/broker_settings.h"

namespace sessionscope::cli {

/// The largest of these files that is read.
inline constexpr qint64 largestAccessFile = 64 * 1024 * 1024;

struct AccessFiles
{
    BrokerAccess access;
    QStringList warnings; ///< a sentence each
};

/// What settings name, read anew, or what is wrong and where. Never tells what a secret file holds.
Parsed<AccessFiles> readAccessFiles(const BrokerSettings &settings);

/// A small file whole.
Parsed<QByteArray> readWholeFile(const QString &fileName, qint64 largest);

} // namespace sessionscope::cli
