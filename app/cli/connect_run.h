// Carries out a ConnectPlan on an engine: one step after the other, each until its answer came, was refused, or took
// too long. Reads everything from the trace; knows no protocol.
#pragma once

#include "app/cli/connect_plan.h"
#include "app/cli/console.h"
#include "app/cli/reporter.h"

#include "core/engine/engine.h"
#include "core/scenario/recorder.h"
#include "core/trace/recording.h"

#include <QTimer>

#include <deque>

namespace sessionscope::cli {

class ConnectRun : public QObject
{
    Q_OBJECT

public:
    explicit ConnectRun(const ConnectPlan &plan);

    void start();
    /// Leaves orderly whatever is going on: Ctrl+C, or the key q.
    void stop();
    /// One of the keys that the help text names.
    void keyPressed(char key);
    /// With keys at hand a lost connection is not the end.
    void setInteractive() { m_isInteractive = true; }

Q_SIGNALS:
    void finished(sessionscope::cli::ExitCode code);

private:
    /// What the next step waits for.
    enum class Await : quint8
    {
        Nothing,
        Listening,
        Connack,
        Request,     ///< SUBACK or UNSUBACK
        Publish,     ///< its acceptance, or the end of its handshake
        Response,    ///< to a request
        Trust,       ///< the end of a re-authentication
        Closed,      ///< the end of the connection
        Time,        ///< a wait step
        Quiet,       ///< before a state is printed: nothing more under way
        Rest,        ///< the same before the next step of a recording
        Messages,    ///< --count
        Acknowledged ///< the last handshakes before leaving
    };
    /// What is left to do when the steps are done.
    enum class Ending : quint8
    {
        Messages,
        Stay,
        Wait,
        Acknowledged,
        State,
        Disconnect,
        Done
    };

    void addClient(const Endpoint &broker);
    void takeBatch();
    void take(const TraceRecord &record);
    void take(const ClientReport &report);
    void take(const LinkTrace &link);
    void publishAccepted(PublishToken token);
    void publishCompleted(PublishToken token, ReasonCode reason);
    void requestCompleted(const RequestCompleted &completed);
    void connectionLost(const QString &why);
    bool connectsLater() const;
    void refused(const ConnectionRefused &refused);

    void give(const LabCommand &command);
    bool writeRecording();
    bool writeCapture();

    void goOn();
    void awaitQuiet(Await what);
    void quietReached();
    void begin(const Step &step);
    void stepDone();
    void await(Await what);
    void awaitTime(Duration duration);
    void checkViewConditions();
    void awaitElapsed();
    void endGame();
    bool hasOpenMessages() const;
    void fail(const QString &why);
    void finish(ExitCode code);
    void submit(const ClientCommand &command) { give(ClientDo{m_client, command}); }

    const ConnectPlan m_plan;
    Reporter m_reporter;
    Engine m_engine;
    ClientKey m_client;
    LabView m_view;
    bool m_isQuiet = true;                ///< nothing has happened since the last command
    Instant m_givenAt;                    ///< the last command
    std::unique_ptr<Recorder> m_recorder; ///< of a run that is recorded
    std::unique_ptr<Recording> m_capture; ///< of a run whose records are kept
    quint64 m_captureLeftOut = 0;         ///< records behind the last one that m_capture had room for
    bool m_restOwed = false;              ///< something was done since both ends were seen at rest

    std::deque<Step> m_steps;
    Await m_await = Await::Nothing;
    Ending m_ending = Ending::Messages;
    QTimer m_timeout;                      ///< of the answer that is waited for
    std::optional<PublishToken> m_publish; ///< of the publish step under way
    bool m_holdsAcks = false;
    Qos m_publishQos = Qos::AtMostOnce;
    bool m_isConnected = false;
    bool m_isStopped = false;
    bool m_isFinished = false;
    bool m_isInteractive = false;
    int m_received = 0;
    QString m_lossReason; ///< why the connection ended, when more than its end is known
};

} // namespace sessionscope::cli
