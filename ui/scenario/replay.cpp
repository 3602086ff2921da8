#include "ui/scenario/replay.h"

#include "core/scenario/read_scenario.h"
#include "core/scenario/virtual_run.h"
#include "ui/common/words.h"

#include <QCoreApplication>

namespace sessionscope {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(Replay)
};

QString whatFailed(const RunResult &result)
{
    if (!result.failures.empty()) {
        const Failure &first = result.failures.front();
        return Words::tr("%1: waited for %2, got %3").arg(first.step, first.waitedFor, first.closest);
    }
    if (!result.breaches.empty())
        return breachText(result.breaches.front());
    return QString::fromLatin1(verdictText(result.verdict));
}

} // namespace

Replay replayOf(const Recorder &recording)
{
    if (!recording.isBundledOnly())
        return {Words::tr("Not played yet: it needs the broker that it was recorded with."), Tone::Neutral};
    if (recording.steps() > replayStepLimit)
        return {Words::tr("Not played yet: only recordings of up to %1 steps are tried at once.").arg(replayStepLimit),
                Tone::Neutral};
    if (const QStringList demanded = recording.dataVariables(); !demanded.isEmpty())
        return {Words::tr("Not played yet: what its authentication sends is not in it, and has to be given by "
                          "--set NAME=VALUE, for %1.")
                    .arg(demanded.join(QStringLiteral(", "))),
                Tone::Neutral};
    const auto scenarios = readScenarios(recording.file(), recording.name());
    if (!scenarios)
        return {Words::tr("It cannot be played: %1").arg(problemText(scenarios.error().front())), Tone::Bad};
    RunOptions options;
    // The bundled broker of a scenario lets everybody in.
    for (const QString &variable : recording.passwordVariables())
        options.secrets[{SecretSource::Environment, variable}] = "any";
    const RunResult result = runVirtually(scenarios->front(), options);
    if (result.verdict != Verdict::Passed)
        return {Words::tr("Played again, it fails. %1").arg(whatFailed(result)), Tone::Bad};
    return {Words::tr("Played again on the virtual clock: %1 of its time.").arg(words::span(result.span)), Tone::Good};
}

} // namespace sessionscope
