// What is done in the window while it records, on every page: hands each command and each record to a recorder, from
// which a scenario file is made.
#pragma once

#include "core/scenario/recorder.h"
#include "ui/shell/lab_feed.h"

namespace sessionscope {

class ScenarioRecording : public QObject
{
    Q_OBJECT

public:
    /// feed outlives the recording.
    explicit ScenarioRecording(LabFeed &feed, QObject *parent = nullptr);

    /// From now on. bundled: where the bundled broker listens.
    void start(const QString &name, const std::optional<Endpoint> &bundled);
    bool isRunning() const { return m_recorder.has_value(); }
    /// Steps so far; 0 while nothing is recorded.
    std::size_t steps() const { return m_recorder ? m_recorder->steps() : 0; }
    Duration lasted() const { return m_recorder ? m_feed.now() - m_begin : Duration{}; }
    /// Ends it; call only while it runs.
    Recorder stop();

Q_SIGNALS:
    /// Began, ended, or has a step more.
    void changed();

private:
    void takeCommand(const LabCommand &command);
    void takeBatch(const EngineBatch &batch);

    LabFeed &m_feed;
    std::optional<Recorder> m_recorder;
    std::map<ClientKey, AddClient> m_added; ///< how the clients came: the view has less of it
    Instant m_begin;
};

} // namespace sessionscope
