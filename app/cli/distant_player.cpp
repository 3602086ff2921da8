#include "app/cli/distant_player.h"

#include "app/cli/network.h"

#include "core/engine/scenario_run.h"
#include "core/scenario/read_scenario.h"

#include <QEventLoop>

namespace sessionscope::cli {

namespace {

class DistantPlayer
{
public:
    DistantPlayer(DistantRuns &all, const RunOptions &options, const ExploreProgress &progress)
        : m_all(all), m_options(options), m_progress(progress)
    {
    }
    Q_DISABLE_COPY_MOVE(DistantPlayer)

    void play(int jobs)
    {
        for (int job = 0; job < jobs; ++job)
            startNext();
        if (m_playing > 0)
            m_loop.exec();
    }

private:
    void startNext()
    {
        if (m_next == m_all.runs.size())
            return;
        const DistantRun &run = m_all.runs[m_next++];
        auto scenarios = readScenarios(run.file, QStringLiteral("explored"));
        Q_ASSERT(scenarios);
        ++m_playing;
        auto *playing = new ScenarioRun(std::move(scenarios->front()), m_options, makeNetwork, &m_loop);
        QObject::connect(
            playing, &ScenarioRun::finished, playing,
            [this, playing, &run] {
                takeResult(m_all, run, playing->takeResult());
                playing->deleteLater();
                ended();
            },
            Qt::QueuedConnection);
        playing->start();
    }

    void ended()
    {
        --m_playing;
        ++m_done;
        if (m_progress)
            m_progress(m_done, m_all.runs.size());
        startNext();
        if (m_playing == 0)
            m_loop.quit();
    }

    DistantRuns &m_all;
    const RunOptions &m_options;
    const ExploreProgress &m_progress;
    QEventLoop m_loop;
    std::size_t m_next = 0;
    std::size_t m_done = 0;
    int m_playing = 0;
};

} // namespace

void playDistant(DistantRuns &all, const RunOptions &options, int jobs, const ExploreProgress &progress)
{
    DistantPlayer(all, options, progress).play(jobs);
}

} // namespace sessionscope::cli
