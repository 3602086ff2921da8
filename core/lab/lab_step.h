// One event on its way through the lab: the frame shared by the parts of step(). Not for use outside core/lab.
#pragma once

#include "core/lab/lab.h"

namespace sessionscope {

class LabStep
{
public:
    LabStep(Lab &lab, Instant now, LabEffects &effects) : m_lab(lab), m_now(now), m_effects(effects) {}

    // One case an event.
    void operator()(const LabCommand &command);
    void operator()(const LinkAccepted &event);
    void operator()(const LinkOpened &event);
    void operator()(const LinkFailed &event);
    void operator()(const BytesArrived &event);
    void operator()(const RoomFilled &event);
    void operator()(const LinkClosed &event);
    void operator()(const LinkBacklog &event);
    void operator()(const LinkDrained &event);
    void operator()(const ListenerChanged &event);
    void operator()(const Tick &event);

    /// Hands what was encoded during the step to the driver.
    void flushPending();

private:
    // Commands.
    void carryOut(const AddClient &command);
    void carryOut(const ConfigureClient &command);
    void carryOut(const RemoveClient &command);
    void carryOut(const ClientDo &command);
    void carryOut(const CutLink &command);
    void carryOut(const ConfigureBroker &command);
    void carryOut(const BrokerDo &command);
    void cut(LabClient &client, CloseHow how);
    void refuse(ClientKey key, const char *why);

    // The engines and what they answer.
    void stepClient(LabClient &client, const ClientEvent &event);
    template<class Event> void stepBroker(Event &&event);
    void perform(LabClient &client, const ClientEffect &effect);
    void perform(const BrokerEffect &effect);
    void openLink(LabClient &client);
    static void configure(LabClient &client, const ClientPolicy &policy,
                          const std::optional<Authentication> &authentication);
    void ask(const LabClient &client, const AuthenticationAsked &asked);
    void redirect(LabClient &client, const ServerRedirected &redirected);

    // Bytes.
    void readFrames(LabLink &link);
    void refuseForeign(const LabLink &link);
    void readFrame(LabLink &link, const QByteArray &frame);
    void readBroken(LabLink &link, const QByteArray &bytes, const Malformed &malformed);
    void packetArrived(LabLink &link, Packet &&packet, const QByteArray &frame);
    void send(LabLink &link, const Packet &packet);
    void judgeOwn(const LabLink &link, const Packet &packet, TraceSeq record);
    void send(LabLink &link, const BrokerSendAck &ack);
    void send(LabLink &link, const BrokerSendPublish &publish);
    TraceSeq sent(LabLink &link, PacketType type, qsizetype start, const QByteArray &payload = {});
    void handOver(LabLink &link, const QByteArray &payload = {});
    void markPending(LabLink &link);
    void flush(LabLink &link);
    void close(LabLink &link, CloseHow how);
    void noteLimit(const LabLink &link, const char *what);

    // The trace.
    TraceContext contextOf(const LabLink &link) const;
    TraceContext contextOf(const LabClient &client) const;
    TraceContext brokerContext(LinkId link = {}) const;

    Lab &m_lab;
    Instant m_now;
    LabEffects &m_effects;
    TraceSeq m_cause; ///< the record behind whatever happens next
};

template<class Event> void LabStep::stepBroker(Event &&event)
{
    BrokerEffects effects = std::exchange(m_lab.brokerEffects, {});
    step(m_lab.broker, std::forward<Event>(event), m_now, effects);
    for (const BrokerEffect &effect : effects)
        perform(effect);
    m_lab.publishCache.clear();
    effects.clear();
    m_lab.brokerEffects = std::move(effects);
}

} // namespace sessionscope
