// run --keep-failing FOLDER: of each run that did not pass, unsupported ones apart, files that let somebody else look
// at it and have it happen again.
#pragma once

#include "core/scenario/kept_run.h"

namespace sessionscope::cli {

class KeepFailing
{
public:
    /// about: program and broker. The folder is made when it is needed.
    KeepFailing(QString folder, Report about, RunOptions options)
        : m_folder(std::move(folder)), m_about(std::move(about)), m_options(std::move(options))
    {
    }

    /// Writes the files of a run that has its recording, and lets go of the recording.
    void take(const Scenario &scenario, RunResult &run);
    /// Whether every file that there was could be written.
    bool isWhole() const { return m_isWhole; }

private:
    bool write(const QString &path, const QByteArray &content);

    QString m_folder;
    Report m_about;
    RunOptions m_options;
    QStringList m_names; ///< taken in this call
    bool m_isWhole = true;
};

} // namespace sessionscope::cli
