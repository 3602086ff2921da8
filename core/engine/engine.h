// The real-time driver: one thread with the network, the lab and the clock. Its owner talks to it from another thread by
// values: commands in, batches of trace records and views out. A reader that does not come costs nothing but its batch.
#pragma once

#include "core/lab/lab.h"

#include <QObject>

#include <memory>
#include <vector>

namespace sessionscope
{

/// What happened since the last batch, and how things stand now.
struct EngineBatch
{
    std::vector<TraceRecord> records; ///< in order; at most Engine::batchRecordLimit
    quint64 skipped = 0;              ///< records left out because the reader was slower than the limit
    LabView view;
};

class Engine : public QObject
{
    Q_OBJECT

public:
    /// Records held for a slow reader; older ones are skipped, and counted.
    static constexpr std::size_t batchRecordLimit = 200'000;
    /// The shortest time between two batchReady().
    static constexpr std::chrono::milliseconds frame{16};

    explicit Engine(QObject *parent = nullptr);
    /// Closes every link and ends the thread.
    ~Engine() override;

    /// Starts the bundled broker's listener; brokerListening or brokerFailed follows.
    void listen(const Endpoint &endpoint, const BrokerConfig &config = {});
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
    void brokerFailed(const QString &why);
    /// At most once a frame, and not again until takeBatch() was called.
    void batchReady();

private:
    class Worker;
    std::unique_ptr<Worker> m_worker;
};

} // namespace sessionscope
