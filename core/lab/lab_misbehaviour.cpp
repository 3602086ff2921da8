// Ends that misbehave on purpose: switched on by commands, stepped through their filters, and every time that a way
// acted told by a record. Of a packet that is not as it should be the trace has the packet as it was sent and then what
// is wrong with it.
#include "core/lab/lab_step.h"

namespace sessionscope {

void LabStep::carryOut(const MisbehaveBroker &command)
{
    if (!m_lab.misbehaving)
        m_lab.misbehaving.emplace();
    behave(*m_lab.misbehaving, command.ways, command.clientId);
}

void LabStep::carryOut(const MisbehaveClient &command)
{
    const auto found = m_lab.clients.find(command.key);
    if (found == m_lab.clients.end())
        return refuse(command.key, "there is no such client");
    found->second.misbehaving.ways = command.ways;
}

/// packet: the record of the packet that it is about, if it was sent.
template<class Way> void LabStep::tell(const Misdeed<Way> &deed, TraceContext context, TraceSeq packet)
{
    if (deed.about == Misdeed<Way>::About::Packet && packet.value)
        context.cause = packet;
    const QString detail = QStringLiteral("%1: %2").arg(misbehaviourName(deed.way), deed.detail);
    m_lab.trace.append(context, FaultTrace{FaultAct::Misbehaved, 0, detail, {}});
}

void LabStep::stepMisbehavingBroker(BrokerEvent &&event)
{
    TraceSeq packet;
    for (const auto &one : step(*m_lab.misbehaving, m_lab.broker, std::move(event), m_now)) {
        if (const auto *deed = std::get_if<1>(&one)) {
            tell(*deed, brokerContext(deed->link), packet);
            continue;
        }
        const TraceSeq before = m_lab.trace.last();
        perform(std::get<0>(one));
        packet = m_lab.trace.last() == before ? TraceSeq{} : TraceSeq{before.value + 1};
    }
    m_lab.publishCache.clear();
}

void LabStep::stepMisbehavingClient(LabClient &client, const ClientEvent &event)
{
    TraceSeq packet;
    for (const auto &one : step(client.misbehaving, client.session, event, m_now)) {
        if (const auto *deed = std::get_if<1>(&one)) {
            tell(*deed, contextOf(client), packet);
            continue;
        }
        const TraceSeq before = m_lab.trace.last();
        perform(client, std::get<0>(one));
        packet = m_lab.trace.last() == before ? TraceSeq{} : TraceSeq{before.value + 1};
    }
}

} // namespace sessionscope
