// The engine's side of the thread: owns lab, network and driver, keeps the timer of the next deadline, and makes
// batches. Every member function runs on the engine's thread.
#pragma once

#include "core/engine/engine.h"
#include "core/lab/driver.h"

#include <QTimer>

#include <optional>

namespace sessionscope {

class Engine::Worker : public QObject
{
    Q_OBJECT

public:
    Worker(Engine &engine, MakeNetwork makeNetwork, const EngineOptions &options);

    static Instant now(std::chrono::steady_clock::time_point start);
    Instant now() const { return now(m_start); }
    std::chrono::steady_clock::time_point started() const { return m_start; }

    void start();
    void listen(const Endpoint &endpoint, const BrokerConfig &config);
    void stopListening();
    void submit(const LabCommand &command);
    /// The reader took its batch and can be given the next one.
    void batchTaken();
    /// Closes everything and ends the thread's event loop.
    void shutDown();

private:
    void flush();
    void turnDone();
    void armDeadline();
    void deadlineReached();
    void armFrame();
    void makeBatch();
    bool hasNews() const;

    Engine &m_engine;
    MakeNetwork m_makeNetwork;
    MakeAuthenticator m_makeAuthenticator;
    const std::chrono::steady_clock::time_point m_start = std::chrono::steady_clock::now();
    Lab m_lab;
    std::unique_ptr<Network> m_network;
    std::unique_ptr<Driver> m_driver;

    QTimer m_deadlineTimer;
    std::optional<Instant> m_armedFor;
    QTimer m_frameTimer;
    QTimer m_quietTimer;
    Instant m_lastBatchAt;
    Duration m_batchInterval = Engine::frame;
    TraceSeq m_lastRead;
    quint64 m_changes = 0;      ///< turns so far
    quint64 m_changesShown = 0; ///< turns that the last batch's view includes
    bool m_isFlushDue = false;
    bool m_isUnread = false;
    bool m_hasToldQuiet = false; ///< the last batch had nothing new
    bool m_isClosing = false;
};

} // namespace sessionscope
