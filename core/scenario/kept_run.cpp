#include "core/scenario/kept_run.h"

#include "core/scenario/flatten.h"
#include "core/trace/pcapng.h"

namespace sessionscope {

Recording recordingOf(const Report &about, const RunResult &run)
{
    Recording recording = run.recording ? *run.recording : Recording();
    recording.program = about.program;
    recording.broker = about.broker;
    recording.verdict = QString::fromLatin1(verdictText(run.verdict));
    recording.startedAt = run.startedAt;
    for (const QString &line : failureText(run).split(u'\n', Qt::SkipEmptyParts))
        recording.outcome << line.trimmed();
    return recording;
}

std::vector<KeptFile> keptFilesOf(const Report &about, const Scenario &scenario, const RunOptions &options,
                                  const RunResult &run)
{
    Report report{.program = about.program, .broker = brokerNameOf(scenario)};
    report.seed = seedOf(scenario, options);
    const Recording recording = recordingOf(report, run);
    report.runs = {run};
    return {{QStringLiteral(".yaml"), flattened(scenario, options, about.program)},
            {QStringLiteral(".recording.jsonl"), writeRecording(recording)},
            {QStringLiteral(".pcapng"), writePcapng(recording)},
            {QStringLiteral(".md"), writeReport(report, ReportFormat::Markdown)}};
}

QString keptNameOf(const RunResult &run)
{
    QString name;
    for (const QChar one : run.name.toLower()) {
        const bool isPlain = one.unicode() < 0x80 && one.isLetterOrNumber();
        if (isPlain)
            name += one;
        else if (!name.endsWith(u'-') && !name.isEmpty())
            name += u'-';
    }
    name.truncate(keptNameLimit);
    while (name.endsWith(u'-'))
        name.chop(1);
    return name.isEmpty() ? QStringLiteral("scenario") : name;
}

} // namespace sessionscope
