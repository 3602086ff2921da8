// What a run has shown so far, folded from its trace: packets, messages, ends of connections, wills, findings. The one
// source that expectations are judged by.
#pragma once

#include "core/scenario/fact.h"

namespace sessionscope {

class Evidence
{
public:
    std::vector<SeenPacket> packets;  ///< of clients
    std::vector<SeenPacket> messages; ///< handed to applications, as the PUBLISH they came in
    std::vector<SeenClose> closes;    ///< of clients
    std::vector<SeenWill> wills;
    std::vector<SeenFinding> findings;
    std::map<ClientKey, SeenCut> cuts; ///< the latest of each client; from whoever sees the lab, as records do not tell
    std::map<ClientKey, quint8> lastReason; ///< of the latest CONNACK or DISCONNECT a client got on this connection
    bool seesBroker = true;                 ///< the broker is ours

    void look(const TraceRecord &record);
    /// Whether the client has subscribed to something that matches, at any time; an empty topic asks for any filter.
    bool hasAskedFor(ClientKey client, const QByteArray &topic) const;

private:
    void lookAtPacket(const TraceRecord &record, const PacketTrace &trace);
    void lookAtFault(const TraceRecord &record, const FaultTrace &fault);

    void lookAtBroker(const TraceRecord &record, const BrokerReport &report);

    std::map<QByteArray, Instant> m_left; ///< when a client's latest connection ended, by Client Identifier
    std::map<ClientKey, Version> m_versions;
    LinkId m_cutLink; ///< the latest that a fault has cut: what its client sends on it leaves no more
};

} // namespace sessionscope
