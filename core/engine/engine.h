// The real-time driver: one thread with the network, the lab and the clock. Its owner talks to it from another thread
// by values: commands in, batches of trace records and views out. A reader that does not come costs nothing but its
// batch.
#pragma once

#include "core/lab/lab.h"

#include <QObject>
#include <QThread>

#include <functional>
#include <memory>
#include <vector>

namespace sessionscope {

/// What happened since the last batch, and how things stand now.
struct EngineBatch
{
    std::vector<TraceRecord> records; ///< in order; at most Engine::batchRecordLimit
    quint64 skipped = 0;              ///< records left out because the reader was slower than the limit
    LabView view;
    bool isQuiet = false; ///< nothing has happened since the batch before, for Engine::quietAfter
};

struct EngineOptions
{
    TraceLevel traceLevel = TraceLevel::Packets;
    TraceLimits traceLimits;
    MakeAuthenticator makeAuthenticator; ///< for methods other than scripts; called on the engine's thread
};

class Engine : public QObject
{
    Q_OBJECT

public:
    /// Makes the network on the engine's thread, where it is used and destroyed.
    using MakeNetwork = std::function<std::unique_ptr<Network>()>;

    /// Records held for a slow reader; older ones are skipped, and counted.
    static constexpr std::size_t batchRecordLimit = 200'000;
    /// The shortest time between two batchReady().
    static constexpr std::chrono::milliseconds frame{16};
    /// When nothing has happened for so long since the last batch, one more says so: EngineBatch::isQuiet.
    static constexpr std::chrono::milliseconds quietAfter{60};
    /// How long the destructor waits for the last bytes of closing connections to leave.
    static constexpr std::chrono::milliseconds closingLimit{1000};

    explicit Engine(MakeNetwork makeNetwork, QObject *parent = nullptr) : Engine(std::move(makeNetwork), {}, parent) {}
    Engine(MakeNetwork makeNetwork, const EngineOptions &options, QObject *parent = nullptr);
    /// Ends the thread. Clients of the bundled broker are sent DISCONNECT 0x8B first; our own clients' connections
    /// close without a word, as when a program ends. Takes closingLimit at most.
    ~Engine() override;

    /// Has the bundled broker listen, here too if it does already; brokerListening or brokerFailed follows.
    void listen(const Endpoint &endpoint, const BrokerConfig &config = {});
    /// Takes no further connections; those that are open stay.
    void stopListening();
    /// Carries out a command on the engine's thread, in order of calls.
    void submit(LabCommand command);
    /// The batch that batchReady() announced; empty when it was taken already. Call from the owner's thread.
    EngineBatch takeBatch();
    /// A key for AddClient that this engine has not given out.
    ClientKey newClientKey();
    /// The lab's instant now: for countdowns between two views.
    Instant now() const;

Q_SIGNALS:
    void brokerListening(const QString &url);
    void brokerFailed(const QString &why, const QString &url);
    /// At most once a frame, not again until takeBatch() was called, and once when all has become quiet.
    void batchReady();

private:
    class Worker;

    QThread m_thread;
    Worker *m_worker; ///< lives on m_thread and goes with it
    std::chrono::steady_clock::time_point m_start;
    std::shared_ptr<EngineBatch> m_batch;
    quint32 m_lastKey = 0;
};

} // namespace sessionscope
