#include "app/cli/keep_failing.h"

#include "app/cli/console.h"

#include <QDir>
#include <QSaveFile>

namespace sessionscope::cli {

void KeepFailing::take(const Scenario &scenario, RunResult &run)
{
    if (!run.recording)
        return;
    const QString wanted = keptNameOf(run);
    QString name = wanted;
    for (int number = 2; m_names.contains(name); ++number)
        name = wanted + QStringLiteral("-%1").arg(number);
    m_names << name;
    const QString base = QDir(m_folder).filePath(name);
    if (!QDir().mkpath(m_folder)) {
        printNote(QStringLiteral("sessionscope-cli run: \"%1\" cannot be made").arg(m_folder));
        m_isWhole = false;
        return run.recording.reset();
    }
    QStringList endings;
    for (const KeptFile &file : keptFilesOf(m_about, scenario, m_options, run)) {
        if (write(base + file.ending, file.content))
            endings << file.ending;
    }
    if (!endings.isEmpty())
        printNote(QStringLiteral("kept: %1 with %2").arg(base, endings.join(QStringLiteral(", "))));
    run.recording.reset();
}

bool KeepFailing::write(const QString &path, const QByteArray &content)
{
    QSaveFile file(path);
    if (file.open(QIODevice::WriteOnly) && file.write(content) == content.size() && file.commit())
        return true;
    printNote(QStringLiteral("sessionscope-cli run: \"%1\": %2").arg(path, file.errorString()));
    m_isWhole = false;
    return false;
}

} // namespace sessionscope::cli
