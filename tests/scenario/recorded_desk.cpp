#include "tests/scenario/recorded_desk.h"

#include "core/scenario/read_scenario.h"

namespace sessionscope {

RunResult play(const QByteArray &file, const RunOptions &options)
{
    const auto scenarios = readScenarios(file, QStringLiteral("recorded.yaml"));
    if (!scenarios) {
        RunResult wrong{.verdict = Verdict::Error};
        for (const Problem &problem : scenarios.error())
            wrong.trace << problemText(problem);
        return wrong;
    }
    return runVirtually(scenarios->front(), options);
}

QByteArray whyNot(const RunResult &result)
{
    QString text = QString::fromLatin1(verdictText(result.verdict));
    for (const Failure &failure : result.failures)
        text += QStringLiteral("\n%1 waited for %2, got %3").arg(failure.step, failure.waitedFor, failure.closest);
    for (const Breach &breach : result.breaches)
        text += QStringLiteral("\n") + breachText(breach);
    return (text + u'\n' + result.trace.join(u'\n')).toUtf8();
}

} // namespace sessionscope
