// What a run must never show, by name, and where it was shown all the same.
// A breach is a fault of one of the two ends, never of the network between them: what a cut, a silence or a lost store
// excuses is left out by whoever looks.
#pragma once

#include "core/trace/trace_record.h"

#include <QString>

#include <vector>

namespace sessionscope {

enum class Invariant : quint8
{
    AtLeastOnce,              ///< a QoS 1 or 2 copy is delivered, or its loss has a counted cause
    ExactlyOnce,              ///< a QoS 2 message is handed on once (MQTT-4.3.3-10)
    Order,                    ///< per publisher, topic and QoS, first occurrences; resends in first-send order
    PacketIds,                ///< never 0, never in use twice (MQTT-2.2.1-3 to -4)
    DupAndOriginalId,         ///< a resend is the first packet again with DUP 1, and only a resend is (MQTT-3.3.1-1)
    ReleaseNotPublish,        ///< after PUBREC only PUBREL (MQTT-4.3.3-5)
    NoResendWithoutReconnect, ///< MQTT-4.4.0-1
    SendQuota,                ///< Receive Maximum of the peer (MQTT-3.3.4-7, -9)
    Answers,                  ///< every acknowledgement belongs to a packet, in order of arrival (MQTT-4.6.0-2, -3)
    SessionPresent,           ///< as the session's life says (MQTT-3.2.2-2, -3)
    SessionLife,              ///< a session ends when it is due and not before (MQTT-4.1.0-1, -2)
    WillOnceWhenDue,          ///< MQTT-3.1.2-8, -10, MQTT-3.1.3-9
    MessageExpiry,            ///< no first sending after the end; the interval left is told (MQTT-3.3.2-5, -6)
    SubscriptionIdentifiers,  ///< every matching subscription's, and no other (MQTT-3.3.4-3, -4)
    RightReceiver,            ///< nothing is sent to a session that did not ask for it
    GrantedQos,               ///< a copy has the smaller of published and granted QoS (MQTT-3.8.4-8)
    RetainFlag,               ///< RETAIN of a live copy is what the subscription asks for (MQTT-3.3.1-12, -13)
    OneConnection,            ///< a session has one connection at a time (MQTT-3.1.4-3)
    KeepAlive,                ///< kept by the client, watched by the broker (MQTT-3.1.2-20, -22)
    BothEndsAgree,            ///< when nothing is under way
    NothingLeft,              ///< when all is connected, quiet and completed, no row is left
    Conduct,                  ///< no finding is blamed on either end; the last one
};
inline constexpr std::size_t invariantCount = std::size_t(Invariant::Conduct) + 1;

/// "exactly once"
const char *invariantText(Invariant invariant);
/// "exactly_once", as scenarios name it.
QString invariantName(Invariant invariant);

struct Breach
{
    Invariant invariant = Invariant::Conduct;
    TraceSeq at; ///< the record that shows it; the last one when it shows at rest
    QString what;
};

/// "exactly once, record 17: …"
QString breachText(const Breach &breach);

/// A finding that a silent network, a late timer, a client without its store or a limit of the receiver brings about,
/// and no fault of an end.
bool isExcused(const rules::Finding &finding);

using Breaches = std::vector<Breach>;

} // namespace sessionscope
