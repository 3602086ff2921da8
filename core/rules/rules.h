// The standard as rows: statement id, what it applies to, the test, the reason code to answer with.
// check() says what is wrong with one packet in its context and by which statement; it decides nothing.
// What spans several packets (identifiers in use, quotas, the order of packets) is the session's to see.
#pragma once

#include "core/mqtt/codec.h"
#include "core/mqtt/packet.h"

#include <QList>

namespace sessionscope::rules {

/// What has to be known beyond the packet itself.
struct Context
{
    Version version = Version::V5;
    Sender from = Sender::Client;
    quint16 topicAliasMaximum = 0;         ///< the receiver's, as it announced it
    bool requestProblemInformation = true; ///< of the CONNECT of this connection
};

/// How the standard lets the receiver react.
enum class Answer : quint8
{
    Close,  ///< the connection ends, with the reason code where the version has a packet for it
    Refuse, ///< the connection stays; the reason code goes into the acknowledgement [D-30]
};

/// One statement broken by one packet.
struct Finding
{
    /// "MQTT-3.3.1-4"; prefixed "v3:" when it is one of 3.1.1's. Where the standard gives no number, the section:
    /// "v5 §3.8.3.1".
    const char *statement = "";
    ReasonCode reason = ReasonCode::ProtocolError; ///< how the standard has the receiver answer
    Sender blame = Sender::Client;
    const char *what = ""; ///< a short English phrase
    Answer answer = Answer::Close;
    bool operator==(const Finding &) const = default;
};
using Findings = QList<Finding>;

/// All findings, the gravest first; empty for a conforming packet. What cannot be decoded at all is not here.
Findings check(const Packet &packet, const Context &context);

/// What decode or the framer refused, as a finding: the statement that it breaks, or the one that has the connection
/// closed for anything malformed.
Finding findingOf(const Malformed &malformed, const Context &context);

/// What a row says, without its test: for help, reports and the tests that want every row covered.
struct RuleInfo
{
    const char *v5 = nullptr;   ///< statement in 5.0, nullptr where it has none
    const char *v3 = nullptr;   ///< statement in 3.1.1, nullptr where it has none
    PropertyPlaces packets = 0; ///< bit n set: the row looks at PacketType n (bit 0: at a will)
    ReasonCode reason = ReasonCode::ProtocolError;
    const char *what = "";
    Answer answer = Answer::Close;
};

/// Every row, packet by packet.
QList<RuleInfo> ruleTable();

} // namespace sessionscope::rules
