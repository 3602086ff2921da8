// The table is v5 table 2-6 together with the tables of the single packets; where they disagree, the union [D-29].
#include "core/mqtt/reason_code.h"

#include <algorithm>
#include <array>

namespace sessionscope {

namespace {

constexpr quint16 bit(PacketType type)
{
    return quint16(1u << quint8(type));
}

constexpr quint16 connack = bit(PacketType::Connack);
constexpr quint16 received = bit(PacketType::Puback) | bit(PacketType::Pubrec);
constexpr quint16 released = bit(PacketType::Pubrel) | bit(PacketType::Pubcomp);
constexpr quint16 suback = bit(PacketType::Suback);
constexpr quint16 unsuback = bit(PacketType::Unsuback);
constexpr quint16 disconnect = bit(PacketType::Disconnect);
constexpr quint16 auth = bit(PacketType::Auth);

struct By
{
    bool client = true;
    bool server = true;
};
constexpr By either{true, true};
constexpr By client{true, false};
constexpr By server{false, true};

constexpr ReasonCodeInfo row(ReasonCode code, const char *name, quint16 packets, By by)
{
    return {code, name, packets, by.client, by.server};
}

using enum ReasonCode;
constexpr std::array table{
    row(Success, "Success", connack | received | released | unsuback | auth, server),
    row(Success, "Normal disconnection", disconnect, either),
    row(Success, "Granted QoS 0", suback, server),
    row(GrantedQos1, "Granted QoS 1", suback, server),
    row(GrantedQos2, "Granted QoS 2", suback, server),
    row(DisconnectWithWillMessage, "Disconnect with Will Message", disconnect, client),
    row(NoMatchingSubscribers, "No matching subscribers", received, server),
    row(NoSubscriptionExisted, "No subscription existed", unsuback, server),
    row(ContinueAuthentication, "Continue authentication", auth, either),
    row(ReAuthenticate, "Re-authenticate", auth, client),
    row(UnspecifiedError, "Unspecified error", connack | received | suback | unsuback | disconnect, either),
    row(MalformedPacket, "Malformed Packet", connack | disconnect, either),
    row(ProtocolError, "Protocol Error", connack | disconnect, either),
    row(ImplementationSpecificError, "Implementation specific error",
        connack | received | suback | unsuback | disconnect, either),
    row(UnsupportedProtocolVersion, "Unsupported Protocol Version", connack, server),
    row(ClientIdentifierNotValid, "Client Identifier not valid", connack, server),
    row(BadUserNameOrPassword, "Bad User Name or Password", connack, server),
    row(NotAuthorized, "Not authorized", connack | received | suback | unsuback | disconnect, server),
    row(ServerUnavailable, "Server unavailable", connack, server),
    row(ServerBusy, "Server busy", connack | disconnect, server),
    row(Banned, "Banned", connack, server),
    row(ServerShuttingDown, "Server shutting down", disconnect, server),
    row(BadAuthenticationMethod, "Bad authentication method", connack | disconnect, either),
    row(KeepAliveTimeout, "Keep Alive timeout", disconnect, server),
    row(SessionTakenOver, "Session taken over", disconnect, server),
    row(TopicFilterInvalid, "Topic Filter invalid", suback | unsuback | disconnect, server),
    row(TopicNameInvalid, "Topic Name invalid", connack | received | disconnect, either),
    row(PacketIdentifierInUse, "Packet Identifier in use", received | suback | unsuback, either),
    row(PacketIdentifierNotFound, "Packet Identifier not found", released, either),
    row(ReceiveMaximumExceeded, "Receive Maximum exceeded", disconnect, either),
    row(TopicAliasInvalid, "Topic Alias invalid", disconnect, either),
    row(PacketTooLarge, "Packet too large", connack | disconnect, either),
    row(MessageRateTooHigh, "Message rate too high", disconnect, either),
    row(QuotaExceeded, "Quota exceeded", connack | received | suback | disconnect, either),
    row(AdministrativeAction, "Administrative action", disconnect, either),
    row(PayloadFormatInvalid, "Payload format invalid", connack | received | disconnect, either),
    row(RetainNotSupported, "Retain not supported", connack | disconnect, server),
    row(QosNotSupported, "QoS not supported", connack | disconnect, either),
    row(UseAnotherServer, "Use another server", connack | disconnect, server),
    row(ServerMoved, "Server moved", connack | disconnect, server),
    row(SharedSubscriptionsNotSupported, "Shared Subscriptions not supported", suback | disconnect, server),
    row(ConnectionRateExceeded, "Connection rate exceeded", connack | disconnect, server),
    row(MaximumConnectTime, "Maximum connect time", disconnect, server),
    row(SubscriptionIdentifiersNotSupported, "Subscription Identifiers not supported", suback | disconnect, server),
    row(WildcardSubscriptionsNotSupported, "Wildcard Subscriptions not supported", suback | disconnect, server),
};

const ReasonCodeInfo *findRow(ReasonCode code, PacketType in)
{
    const auto *found = std::find_if(table.begin(), table.end(), [&](const ReasonCodeInfo &info) {
        return info.code == code && (info.packets & bit(in)) != 0;
    });
    return found == table.end() ? nullptr : found;
}

} // namespace

std::span<const ReasonCodeInfo> reasonCodeTable()
{
    return table;
}

const char *reasonCodeName(ReasonCode code, PacketType in)
{
    const auto *info = findRow(code, in);
    return info ? info->name : nullptr;
}

bool isListed(ReasonCode code, PacketType in, Sender from)
{
    const auto *info = findRow(code, in);
    if (!info)
        return false;
    const bool senderMatters =
        in == PacketType::Disconnect || in == PacketType::Auth || code == ReasonCode::NoMatchingSubscribers;
    return !senderMatters || (from == Sender::Client ? info->fromClient : info->fromServer);
}

std::optional<quint8> v3ConnackReturnCode(ReasonCode code)
{
    switch (code) {
    case Success:
        return 0;
    case UnsupportedProtocolVersion:
        return 1;
    case ClientIdentifierNotValid:
        return 2;
    case ServerUnavailable:
    case ServerBusy:
    case QuotaExceeded:
    case ConnectionRateExceeded:
    case ServerShuttingDown:
    case UseAnotherServer:
    case ServerMoved:
        return 3;
    case BadUserNameOrPassword:
        return 4;
    case NotAuthorized:
    case Banned:
    case BadAuthenticationMethod:
        return 5;
    default:
        return std::nullopt;
    }
}

const char *v3ReturnCodeName(quint8 code)
{
    static constexpr std::array<const char *, 6> names{"Connection Accepted",
                                                       "Connection Refused, unacceptable protocol version",
                                                       "Connection Refused, identifier rejected",
                                                       "Connection Refused, Server unavailable",
                                                       "Connection Refused, bad user name or password",
                                                       "Connection Refused, not authorized"};
    return code < names.size() ? names[code] : nullptr;
}

} // namespace sessionscope
