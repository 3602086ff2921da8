#include "tests/scenario/recorded_desk.h"

#include "core/scenario/read_scenario.h"

using namespace std::chrono_literals;

namespace sessionscope {

void resume(Desk &desk)
{
    desk.add(door, "door");
    desk.add(backend, "backend");
    desk.connect(door, "door", false, 3600);
    desk.subscribe(door, "cmd/#", Qos::ExactlyOnce);
    desk.give(CutLink{door, CloseHow::Reset});
    desk.pass(100ms);
    desk.connect(backend, "backend");
    desk.publish(backend, "cmd/open", "go", Qos::ExactlyOnce);
    desk.publish(backend, "cmd/open", "go", Qos::AtLeastOnce);
    desk.pass(20min);
    desk.connect(door, "door", false, 3600);
    desk.pass(1s);
    desk.give(ClientDo{door, DisconnectCommand{.sessionExpiryInterval = 60}});
    desk.pass(61s);
}

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
