// A lab on the virtual clock with the clients of a scenario, as the explorer uses it: commands in, every record handed
// on. Judges nothing.
#pragma once

#include "core/lab/virtual_driver.h"
#include "core/scenario/runner.h"

namespace sessionscope {

class ExploreStage
{
public:
    using Look = std::function<void(const TraceRecord &)>;

    /// scenario has to outlive the stage; look is called for every record, in order.
    ExploreStage(const Scenario &scenario, const RunOptions &options, Look look);
    Q_DISABLE_COPY_MOVE(ExploreStage)

    const Lab &lab() const { return m_driver.lab(); }
    Instant now() const { return m_driver.now(); }
    LabView view() const { return m_driver.view(); }
    const LabClient &client(ClientKey key) const { return m_driver.lab().clients.at(key); }
    ClientConnection connectionOf(ClientKey key) const { return client(key).session.connection; }

    /// Carries out a command and what follows of it, without time passing.
    void submit(const LabCommand &command);
    /// Of a step that does not wait.
    void perform(const Action &action);
    /// Lets time pass up to what is due next, at most so much, in whole milliseconds, which files can say. How much
    /// passed.
    Duration passSome(Duration most);
    /// False: both ends answered each other for ever.
    bool isSound() const { return m_isSound; }

private:
    void give(LabCommand command, const SecretReference &passwordFrom = {});
    void lookAtNew();

    const Scenario &m_scenario;
    const RunOptions &m_options;
    Look m_look;
    VirtualDriver m_driver;
    BrokerConfig m_config;
    TraceSeq m_seen;
    bool m_isSound = true;
};

} // namespace sessionscope
