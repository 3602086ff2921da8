// What is worth keeping of a run that did not pass, so that somebody else can look at it and have it happen again.
#pragma once

#include "core/scenario/report.h"

namespace sessionscope {

struct KeptFile
{
    QString ending; ///< of its name: ".yaml"
    QByteArray content;
};

/// The run as a scenario of its own (.yaml), its recording (.recording.jsonl), a capture (.pcapng), and a report
/// (.md). The program is taken from about, which need not have runs. run has to have its recording.
std::vector<KeptFile> keptFilesOf(const Report &about, const Scenario &scenario, const RunOptions &options,
                                  const RunResult &run);

/// The recording of a run with all that is known of it.
Recording recordingOf(const Report &about, const RunResult &run);

/// A name for its files: letters, digits and - of the scenario's name, at most keptNameLimit of them.
QString keptNameOf(const RunResult &run);
inline constexpr qsizetype keptNameLimit = 80;

} // namespace sessionscope
