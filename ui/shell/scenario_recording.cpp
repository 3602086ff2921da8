#include "ui/shell/scenario_recording.h"

namespace sessionscope {

// Or no batch would show how both ends stand at rest.
static_assert(Engine::quietAfter > Recorder::restAfter);

ScenarioRecording::ScenarioRecording(LabFeed &feed, QObject *parent) : QObject(parent), m_feed(feed)
{
    connect(&feed, &LabFeed::submitting, this, &ScenarioRecording::takeCommand);
    connect(&feed, &LabFeed::taking, this, &ScenarioRecording::takeBatch);
}

void ScenarioRecording::start(const QString &name, const std::optional<Endpoint> &bundled)
{
    m_recorder.emplace(name, bundled);
    m_begin = m_feed.now();
    LabView view = m_feed.view();
    view.at = m_begin;
    m_recorder->beginFrom(view, m_added);
    Q_EMIT changed();
}

Recorder ScenarioRecording::stop()
{
    Q_ASSERT(m_recorder);
    Recorder done = std::move(*m_recorder);
    m_recorder.reset();
    Q_EMIT changed();
    return done;
}

void ScenarioRecording::takeCommand(const LabCommand &command)
{
    Recorder::keepAdded(m_added, command);
    if (!m_recorder)
        return;
    m_recorder->submitted(command);
}

void ScenarioRecording::takeBatch(const EngineBatch &batch)
{
    if (!m_recorder)
        return;
    const std::size_t before = m_recorder->steps();
    m_recorder->missed(batch.skipped);
    for (const TraceRecord &record : batch.records)
        m_recorder->look(record);
    if (batch.isQuiet)
        m_recorder->look(batch.view);
    if (m_recorder->steps() != before)
        Q_EMIT changed();
}

} // namespace sessionscope
