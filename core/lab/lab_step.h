// One event on its way through the lab: the frame shared by the parts of step(). Not for use outside core/lab.
#pragma once

#include "core/lab/lab.h"
#include "core/lab/packet_filter.h"

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

    /// What has to wait for the end of the step: cuts by faults, and what was encoded goes to the driver.
    void finish();

private:
    // Commands.
    void carryOut(const AddClient &command);
    void carryOut(const ConfigureClient &command);
    void carryOut(const RemoveClient &command);
    void carryOut(const ClientDo &command);
    void carryOut(const CutLink &command);
    void carryOut(const ArmFault &command);
    void carryOut(const DisarmFaults &command);
    void carryOut(const SilenceLink &command);
    void carryOut(const ThrottleLink &command);
    void carryOut(const HoldReceived &command);
    void carryOut(const ReleaseReceived &command);
    void carryOut(const SendRaw &command);
    void carryOut(const ConfigureBroker &command);
    void carryOut(const RestartBroker &command);
    void carryOut(const BrokerDo &command);
    void carryOut(const MisbehaveBroker &command);
    void carryOut(const MisbehaveClient &command);
    void cut(LabClient &client, CloseHow how);
    void refuse(ClientKey key, const char *why);

    // The engines and what they answer.
    void stepClient(LabClient &client, const ClientEvent &event);
    void stepBroker(BrokerEvent &&event);
    void stepBroker(LinkId link, Packet &packet, const rules::Findings &findings);
    template<class TakeStep> void performStep(TakeStep takeStep);
    void perform(LabClient &client, const ClientEffect &effect);
    void perform(const BrokerEffect &effect);
    void openLink(LabClient &client);
    // With ways of their own: lab_misbehaviour.cpp.
    void stepMisbehavingBroker(BrokerEvent &&event);
    void stepMisbehavingClient(LabClient &client, const ClientEvent &event);
    template<class Way> void tell(const Misdeed<Way> &deed, TraceContext context, TraceSeq packet);
    static void configure(LabClient &client, const ClientPolicy &policy,
                          const std::optional<Authentication> &authentication);
    void ask(const LabClient &client, const AuthenticationAsked &asked);
    void redirect(LabClient &client, const ServerRedirected &redirected);

    // Bytes.
    void readFrames(LabLink &link);
    void refuseForeign(const LabLink &link);
    void readFrame(LabLink &link, const QByteArray &frame, Packet &packet);
    void readBroken(LabLink &link, const QByteArray &bytes, const Malformed &malformed);
    void packetArrived(LabLink &link, Packet &packet, const QByteArray &frame);
    void send(LabLink &link, const Packet &packet);
    void judgeOwn(const LabLink &link, const Packet &packet, TraceSeq record);
    void send(LabLink &link, const BrokerSendAck &ack);
    void send(LabLink &link, const BrokerSendPublish &publish);
    TraceSeq sent(LabLink &link, PacketType type, qsizetype start, const QByteArray &payload = {});
    void handOver(LabLink &link, const QByteArray &payload = {});
    QByteArray &pendingOf(LabLink &link);
    void flush(LabLink &link);
    void flushPending();
    void close(LabLink &link, CloseHow how);
    void remove(LabLink &link);

    // Faults on purpose: lab_faults.cpp, and what is set aside: lab_holds.cpp.
    bool setsAside(const LabLink &link, LinkFaults &faults, const PassingPacket &passing, const Filtered &filtered);
    bool releaseAside(LabClient &client, const ReleaseAcknowledgements &which, bool (*isOf)(PacketType));
    void filterOpen(const LabClient &client);
    void holdOwn(LabClient &client, HoldAcknowledgements command);
    void releaseOwn(LabClient &client, const ReleaseAcknowledgements &command);
    LabLink *openLinkOf(ClientKey key);
    LinkFaults &filter(LabLink &link);
    void sendFiltered(LabLink &link, const Packet &packet);
    void arriveFiltered(LabLink &link, const QByteArray &bytes);
    Filtered applyFaults(LabLink &link, const PassingPacket &passing, const QByteArray &bytes);
    void push(Lane &lane, Filtered &&filtered);
    void passOut(LabLink &link, LinkFaults &faults);
    void passIn(LabLink &link, LinkFaults &faults);
    void pass(LabLink &link, LinkFaults &faults);
    void throttle(LabClient &client, const ThrottleFault &how);
    void silence(LabLink &link, LinkSide which, std::optional<Duration> lasts);
    void endSilence(LabLink &link, LinkFaults &faults, LinkSide which);
    void controlReading(const LabLink &link, LinkFaults &faults);
    bool isHeldBack(const LabLink &link, const LinkClosed &event);
    bool closesLater(LabLink &link, CloseHow how);
    void settle(LabLink &link);
    void tickFaults();

    void noteLimit(const LabLink &link, const char *what);

    static constexpr const char *noClient = "there is no such client";
    static constexpr const char *noConnection = "there is no open connection";

    // The trace.
    TraceContext contextOf(const LabLink &link) const;
    TraceContext contextOf(const LabClient &client) const;
    TraceContext brokerContext(LinkId link = {}) const;

    Lab &m_lab;
    Instant m_now;
    LabEffects &m_effects;
    TraceSeq m_cause;                ///< the record behind whatever happens next
    TraceSeq m_arrival;              ///< the fault's record behind the bytes that are read; mostly none
    std::vector<LinkId> m_unsettled; ///< links that faults have left something to do for at the end of the step
};

} // namespace sessionscope
