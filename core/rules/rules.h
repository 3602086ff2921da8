// The standard as rows: statement id, what it applies to, the test, the reason code to answer with.
// check() says what is wrong with one packet in its context and by which statement; it decides nothing.
#pragma once

#include "core/mqtt/packet.h"

#include <QList>

namespace sessionscope::rules
{

/// What has to be known beyond the packet itself.
struct Context
{
    Version version = Version::V5;
    Sender from = Sender::Client;
    quint16 topicAliasMaximum = 0;         ///< the receiver's, as it announced it
    bool requestProblemInformation = true; ///< of the CONNECT of this connection
};

/// One statement broken by one packet.
struct Finding
{
    const char *statement = ""; ///< "MQTT-3.3.1-4"; prefixed "v3:" when it is one of 3.1.1's
    ReasonCode reason = ReasonCode::ProtocolError; ///< how the standard has the receiver answer
    Sender blame = Sender::Client;
    const char *what = ""; ///< a short English phrase
    bool operator==(const Finding &) const = default;
};
using Findings = QList<Finding>;

/// All findings, the gravest first; empty for a conforming packet. Findings about what cannot be decoded at all are
/// not here: decode reports those.
Findings check(const Packet &packet, const Context &context);

} // namespace sessionscope::rules
