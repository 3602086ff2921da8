// A scenario in real time, over sockets: against the bundled broker on a free port of 127.0.0.1, or any other. Several
// may run side by side in one event loop.
#pragma once

#include "core/engine/engine.h"
#include "core/scenario/virtual_run.h"

#include <QTimer>

namespace sessionscope {

class ScenarioRun : public QObject
{
    Q_OBJECT

public:
    /// Time without any record after which nothing is taken to be under way.
    static constexpr std::chrono::milliseconds lull{40};

    ScenarioRun(Scenario scenario, RunOptions options, const Engine::MakeNetwork &makeNetwork,
                QObject *parent = nullptr);
    ~ScenarioRun() override;

    void start();
    /// Of the finished run.
    RunResult takeResult() { return std::move(m_result); }

Q_SIGNALS:
    void finished();
    /// A step takes time: what it is, and when it is over at the latest.
    void waits(const QString &step, sessionscope::Duration atMost);

private:
    struct Stage;

    void begin(const Scenario &scenario);
    void newsCame();
    void lullCame();
    void end();
    void sweep();
    void finish();
    Instant now() const;

    Scenario m_scenario;
    Scenario m_control;      ///< what is played first, if it has steps
    QStringList m_clientIds; ///< given for this run, on a broker of somebody else's
    RunOptions m_options;
    Engine::MakeNetwork m_makeNetwork;
    std::chrono::steady_clock::time_point m_start;
    qint64 m_startedAt = 0; ///< the same as milliseconds since 1970
    std::unique_ptr<Stage> m_stage;
    QTimer m_lullTimer;
    QTimer m_deadlineTimer;
    QTimer m_totalTimer;
    bool m_isControl = false;
    QString m_told; ///< the step of the latest waits()
    RunResult m_result;
};

} // namespace sessionscope
