// The bundled broker in the lab: what can be asked of it as a whole (other settings, orders, to stop and come back),
// its steps, and what becomes of their effects.
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

// ---- its steps, and what they ask for ----

// takeStep appends the broker's effects to what it is given.
template<class TakeStep> void LabStep::performStep(TakeStep takeStep)
{
    BrokerEffects effects = std::exchange(m_lab.brokerEffects, {});
    takeStep(effects);
    for (const BrokerEffect &effect : effects)
        perform(effect);
    m_lab.publishCache.clear();
    effects.clear();
    m_lab.brokerEffects = std::move(effects);
}

void LabStep::stepBroker(BrokerEvent &&event)
{
    if (m_lab.misbehaving)
        return stepMisbehavingBroker(std::move(event));
    performStep([&](BrokerEffects &effects) { step(m_lab.broker, std::move(event), m_now, effects); });
}

void LabStep::stepBroker(LinkId link, Packet &packet, const rules::Findings &findings)
{
    if (m_lab.misbehaving)
        return stepMisbehavingBroker(BrokerPacketArrived{link, std::move(packet), findings});
    performStep([&](BrokerEffects &effects) { step(m_lab.broker, link, packet, findings, m_now, effects); });
}

void LabStep::perform(const BrokerEffect &effect)
{
    std::visit(
        [this](const auto &one) {
            using Effect = std::decay_t<decltype(one)>;
            if constexpr (requires { one.link; } && !std::is_same_v<Effect, ServerSessionChanged> &&
                          !std::is_same_v<Effect, BrokerRefused>) {
                LabLink *link = m_lab.links.find(one.link);
                if (!link)
                    return;
                if constexpr (std::is_same_v<Effect, BrokerSend>) {
                    send(*link, one.packet);
                } else if constexpr (std::is_same_v<Effect, BrokerSendPublish> ||
                                     std::is_same_v<Effect, BrokerSendAck>) {
                    send(*link, one);
                } else {
                    m_lab.trace.append(contextOf(*link), BrokerNote{one});
                    close(*link, CloseHow::Close);
                }
            } else if constexpr (requires { one.link; }) {
                m_lab.trace.append(brokerContext(one.link), BrokerNote{one});
            } else {
                m_lab.trace.append(brokerContext(), BrokerNote{one});
            }
        },
        effect);
}

} // namespace sessionscope
