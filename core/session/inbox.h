// The receiving side of QoS 2, the same for client and broker: the ids whose PUBREL has not come, and the count against
// the Receive Maximum that this end announced on the current connection [D-12].
// What counts are the distinct ids whose PUBLISH came on this connection and that have no final answer yet.
#pragma once

#include "core/base/instant.h"
#include "core/mqtt/packet.h"
#include "core/session/row_list.h"

#include <vector>

namespace sessionscope {

/// One QoS 2 message received and not completed (C3, S5).
struct HeldMessage
{
    PacketId packetId;
    bool counted = false; ///< its PUBLISH came on the current connection
    QByteArray topic;     ///< for the eye only
    Instant since;

    void forget() { topic = {}; }
};

class Inbox
{
public:
    enum class Arrival : quint8
    {
        New,      ///< hand it on and acknowledge
        Repeat,   ///< acknowledge again, hand nothing on (MQTT-4.3.3-10)
        OverQuota ///< more open at once than announced: DISCONNECT 0x93 (MQTT-3.3.4-7)
    };

    /// A new connection: the count against Receive Maximum starts at zero, held ids stay.
    void connected(quint32 receiveMaximum);
    void clear();

    /// A QoS 1 PUBLISH arrived: New or OverQuota. Counted until answered.
    Arrival arrivedQos1(PacketId id);
    void answeredQos1(PacketId id);
    /// A QoS 2 PUBLISH arrived; New means the id is held from now on, except for the illegal id 0.
    Arrival arrivedQos2(PacketId id, const QByteArray &topic, Instant now);
    /// The same for a message that was OverQuota and is taken all the same: New or Repeat.
    Arrival holdBeyondMaximum(PacketId id, const QByteArray &topic, Instant now);
    /// The New message was refused with PUBREC ≥ 0x80: its id is free again.
    void refused(PacketId id);
    /// PUBREL arrived. False when nothing is held under id: PUBCOMP 0x92 in 5.0 (MQTT-4.3.3-11).
    bool released(PacketId id);

    bool isHeld(PacketId id) const { return m_held.find(id) != nullptr; }
    /// In order of arrival.
    std::vector<HeldMessage> held() const;
    qsizetype heldCount() const { return m_held.size(); }
    quint32 openOnConnection() const { return m_open; }
    quint32 maximum() const { return m_maximum; }

private:
    bool count();
    Arrival hold(PacketId id, const QByteArray &topic, Instant now);

    RowList<HeldMessage> m_held;
    std::vector<PacketId> m_unanswered; ///< QoS 1, sorted
    quint32 m_open = 0;
    quint32 m_maximum = 0;
};

} // namespace sessionscope
