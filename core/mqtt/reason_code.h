// Reason codes of 5.0 and their names; the return codes of 3.1 and 3.1.1 and the way between the two.
#pragma once

#include "core/mqtt/types.h"

#include <optional>
#include <span>

namespace sessionscope {

/// Any byte can arrive; the named ones are those of the standard (v5 §2.4). Below 0x80 is success.
/// 0x00 has three names; Success stands for all of them.
enum class ReasonCode : quint8
{
    Success = 0x00,
    GrantedQos1 = 0x01,
    GrantedQos2 = 0x02,
    DisconnectWithWillMessage = 0x04,
    NoMatchingSubscribers = 0x10,
    NoSubscriptionExisted = 0x11,
    ContinueAuthentication = 0x18,
    ReAuthenticate = 0x19,
    UnspecifiedError = 0x80,
    MalformedPacket = 0x81,
    ProtocolError = 0x82,
    ImplementationSpecificError = 0x83,
    UnsupportedProtocolVersion = 0x84,
    ClientIdentifierNotValid = 0x85,
    BadUserNameOrPassword = 0x86,
    NotAuthorized = 0x87,
    ServerUnavailable = 0x88,
    ServerBusy = 0x89,
    Banned = 0x8A,
    ServerShuttingDown = 0x8B,
    BadAuthenticationMethod = 0x8C,
    KeepAliveTimeout = 0x8D,
    SessionTakenOver = 0x8E,
    TopicFilterInvalid = 0x8F,
    TopicNameInvalid = 0x90,
    PacketIdentifierInUse = 0x91,
    PacketIdentifierNotFound = 0x92,
    ReceiveMaximumExceeded = 0x93,
    TopicAliasInvalid = 0x94,
    PacketTooLarge = 0x95,
    MessageRateTooHigh = 0x96,
    QuotaExceeded = 0x97,
    AdministrativeAction = 0x98,
    PayloadFormatInvalid = 0x99,
    RetainNotSupported = 0x9A,
    QosNotSupported = 0x9B,
    UseAnotherServer = 0x9C,
    ServerMoved = 0x9D,
    SharedSubscriptionsNotSupported = 0x9E,
    ConnectionRateExceeded = 0x9F,
    MaximumConnectTime = 0xA0,
    SubscriptionIdentifiersNotSupported = 0xA1,
    WildcardSubscriptionsNotSupported = 0xA2,
};

constexpr bool isFailure(ReasonCode code)
{
    return quint8(code) >= 0x80;
}

/// One row of the standard's table.
struct ReasonCodeInfo
{
    ReasonCode code;
    const char *name; ///< as the standard prints it, for the packet types of this row
    quint16 packets;  ///< bit n set: allowed in PacketType n
    bool fromClient;  ///< for DISCONNECT and AUTH: a client may send it
    bool fromServer;
};

/// Every row, ascending; 0x00 has one row per name.
std::span<const ReasonCodeInfo> reasonCodeTable();

/// The standard's name of code in a packet of this type, or nullptr where the standard lists none.
const char *reasonCodeName(ReasonCode code, PacketType in);

/// Whether the standard lists code for this packet type and sender (v5, decoder's union of D-29).
bool isListed(ReasonCode code, PacketType in, Sender from);

/// The 3.1.1 CONNACK return code for a refusal, or nothing: then the connection closes without CONNACK (wire-format
/// §5).
std::optional<quint8> v3ConnackReturnCode(ReasonCode code);

/// The standard's words for a 3.1/3.1.1 CONNACK return code, nullptr where reserved.
const char *v3ReturnCodeName(quint8 code);

} // namespace sessionscope
