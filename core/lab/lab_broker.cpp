// What can be asked of the bundled broker as a whole: other settings, orders, and to stop and come back.
#include "core/lab/lab_step.h"

namespace sessionscope {

void LabStep::carryOut(const ConfigureBroker &command)
{
    m_lab.broker.config = command.config;
}

void LabStep::carryOut(const BrokerDo &command)
{
    std::visit([this](const auto &one) { stepBroker(one); }, command.command);
}

void LabStep::carryOut(const RestartBroker &command)
{
    if (command.how == BrokerRestart::Clean)
        return stepBroker(ShutDown{});
    m_lab.links.forEach([this](LabLink &link) {
        if (link.role != Role::Broker || link.stage == LinkStage::Closing)
            return;
        m_lab.trace.append(contextOf(link), LinkTrace{LinkChange::Cut, QStringLiteral("the broker crashed")});
        link.isDetached = true;
        close(link, CloseHow::Reset);
    });
    if (command.how == BrokerRestart::Crash)
        return stepBroker(LoseConnections{});
    Broker fresh;
    fresh.config = m_lab.broker.config;
    fresh.access = m_lab.broker.access;
    fresh.store = m_lab.broker.store;
    // What it draws by chance does not come again.
    fresh.assignedIds = m_lab.broker.assignedIds;
    m_lab.broker = std::move(fresh);
}

} // namespace sessionscope
