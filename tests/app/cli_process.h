// sessionscope-cli as a process of its own that runs to its end. The wait is bounded.
#pragma once

#include <QProcess>
#include <QStringList>

namespace sessionscope {

/// How long a process of a test may take, in milliseconds.
inline constexpr int cliLimit = 30'000;

struct CliOutcome
{
    int code = -1; ///< -1 when it had to be killed or crashed
    QString out;
    QString err;
    QStringList lines() const { return out.split(u'\n', Qt::SkipEmptyParts); }
};

inline CliOutcome runCli(const QStringList &arguments)
{
    QProcess process;
    process.setStandardInputFile(QProcess::nullDevice());
    process.start(QStringLiteral(SESSIONSCOPE_CLI), arguments);
    if (!process.waitForFinished(cliLimit)) {
        process.kill();
        process.waitForFinished(cliLimit);
        return {};
    }
    return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1,
            QString::fromUtf8(process.readAllStandardOutput()), QString::fromUtf8(process.readAllStandardError())};
}

inline QStringList words(const char *line)
{
    return QString::fromUtf8(line).split(u' ');
}

} // namespace sessionscope
