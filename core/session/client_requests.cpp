// SUBSCRIBE and UNSUBSCRIBE: requests of one connection. They are answered on it or not at all, never resent.
#include "core/mqtt/topic.h"
#include "core/session/client_turn.h"

#include <algorithm>

#include <algorithm>

namespace sessionscope {

namespace {

/// Topic Filters in one SUBSCRIBE of a client that subscribes again by itself.
constexpr qsizetype filtersPerResubscribe = 100;

QList<QByteArray> filtersOf(const ClientSession::Request &request)
{
    QList<QByteArray> filters;
    for (const auto &entry : request.entries)
        filters.append(entry.filter);
    return filters;
}

} // namespace

void ClientTurn::command(const SubscribeCommand &command)
{
    SubscribePacket packet{.properties = command.properties, .entries = command.entries};
    if (const char *why = obstacle(packet))
        return refuse(why);
    const auto id = openRequest({packet, {}});
    if (!id)
        return;
    packet.packetId = *id;
    m_session.openRequests[*id] = {PacketType::Subscribe, command.entries,
                                   command.properties.integer(PropertyId::SubscriptionIdentifier)};
    send(std::move(packet));
}

/// Why the server of this connection would close over it (v5 §3.2.2.3.11 to .13).
const char *ClientTurn::obstacle(const SubscribePacket &packet) const
{
    if (!isV5() || !is(ClientConnection::Connected) || m_session.policy.ignoreServerLimits)
        return nullptr;
    const auto lacks = [this](PropertyId what) { return m_session.connack->properties.integerOrDefault(what) == 0; };
    const auto any = [&packet](auto test) {
        return std::ranges::any_of(packet.entries, [test](const auto &entry) { return test(entry.filter); });
    };
    const auto hasWildcard = [](const QByteArray &filter) { return filter.contains('+') || filter.contains('#'); };
    if (lacks(PropertyId::WildcardSubscriptionAvailable) && any(hasWildcard))
        return "the server has no wildcard subscriptions";
    if (lacks(PropertyId::SharedSubscriptionAvailable) &&
        any([](const auto &filter) { return isSharedFilter(filter); }))
        return "the server has no shared subscriptions";
    if (lacks(PropertyId::SubscriptionIdentifierAvailable) &&
        packet.properties.contains(PropertyId::SubscriptionIdentifier))
        return "the server has no subscription identifiers";
    return nullptr;
}

void ClientTurn::command(const UnsubscribeCommand &command)
{
    UnsubscribePacket packet{.properties = command.properties, .filters = command.filters};
    const auto id = openRequest({packet, {}});
    if (!id)
        return;
    packet.packetId = *id;
    ClientSession::Request request{.type = PacketType::Unsubscribe};
    for (const QByteArray &filter : command.filters)
        request.entries.append({filter, {}});
    m_session.openRequests[*id] = std::move(request);
    send(std::move(packet));
}

/// An identifier for a request that can be sent now; otherwise the command is refused.
std::optional<PacketId> ClientTurn::openRequest(const Packet &packet)
{
    if (!is(ClientConnection::Connected)) {
        refuse("not connected");
        return {};
    }
    if (!fits(packet)) {
        refuse("larger than the server's Maximum Packet Size");
        return {};
    }
    const auto id = m_session.outbox.openRequest();
    if (!id)
        refuse("every Packet Identifier is in use");
    return id;
}

/// Whether the server of this connection takes a packet of this size (MQTT-3.2.2-15).
bool ClientTurn::fits(const Packet &packet) const
{
    if (!isV5() || m_session.policy.ignoreServerLimits)
        return true;
    const auto maximum = m_session.connack->properties.integer(PropertyId::MaximumPacketSize);
    return !maximum || encodedSize(packet, Version::V5) <= qsizetype(*maximum);
}

/// What the server does not have any more is asked for again, or no longer remembered. In doubt it is asked for without
/// the retained messages that came already.
void ClientTurn::resubscribe(SubscribeAgain when)
{
    const bool fresh = when == SubscribeAgain::Fresh;
    m_session.resubscribeOwed = false;
    if (!m_session.policy.resubscribeWhenFresh) {
        if (fresh) {
            m_session.subscriptions.clear();
            m_session.subscriptionIdentifiers.clear();
        }
        return;
    }
    // One SUBSCRIBE has one Subscription Identifier; 0 stands for none.
    std::map<quint32, QList<SubscribePacket::Entry>> groups;
    for (const auto &[filter, granted] : m_session.subscriptions) {
        SubscriptionOptions options = granted;
        if (!fresh && isV5() && options.retainHandling == RetainHandling::SendAtSubscribe)
            options.retainHandling = RetainHandling::SendIfNew;
        const auto identifier = m_session.subscriptionIdentifiers.find(filter);
        groups[identifier == m_session.subscriptionIdentifiers.end() ? 0 : identifier->second].append(
            {filter, options});
    }
    for (const auto &[identifier, entries] : groups) {
        Properties properties;
        if (identifier != 0)
            properties.add(PropertyId::SubscriptionIdentifier, identifier);
        for (qsizetype at = 0; at < entries.size(); at += filtersPerResubscribe)
            command(SubscribeCommand{entries.mid(at, filtersPerResubscribe), properties});
    }
}

void ClientTurn::packet(const SubackPacket &suback)
{
    finishRequest(PacketType::Subscribe, suback.packetId, suback.reasons);
}

void ClientTurn::packet(const UnsubackPacket &unsuback)
{
    finishRequest(PacketType::Unsubscribe, unsuback.packetId, unsuback.reasons);
}

void ClientTurn::finishRequest(PacketType type, PacketId id, const QList<ReasonCode> &reasons)
{
    const auto found = m_session.openRequests.find(id);
    if (found == m_session.openRequests.end() || found->second.type != type) {
        goesOnDespite("MQTT-2.2.1-6", "v3:MQTT-2.3.1-7", "answer to no open request");
        return;
    }
    const bool hasReasons = type == PacketType::Subscribe || isV5();
    if (hasReasons && reasons.size() != found->second.entries.size() &&
        !goesOnDespite(type == PacketType::Subscribe ? "MQTT-3.8.4-6" : "v5 §3.11.3", "v3:MQTT-3.8.4-5",
                       "not one reason code for each Topic Filter"))
        return;

    const ClientSession::Request request = std::move(found->second);
    m_session.openRequests.erase(found);
    m_session.outbox.closeRequest(id);
    for (qsizetype i = 0; i < request.entries.size(); ++i)
        remember(request, i, hasReasons ? reasons.value(i, ReasonCode::UnspecifiedError) : ReasonCode::Success);
    emit(RequestCompleted{type, filtersOf(request), reasons});
    sendOpen();
}

/// Follows one answered filter of a request in the list of subscriptions.
void ClientTurn::remember(const ClientSession::Request &request, qsizetype at, ReasonCode answer)
{
    const auto &[filter, options] = request.entries[at];
    const bool subscribes = request.type == PacketType::Subscribe;
    if (!subscribes && isFailure(answer))
        return;
    m_session.subscriptions.erase(filter);
    m_session.subscriptionIdentifiers.erase(filter);
    if (!subscribes || isFailure(answer))
        return;
    m_session.subscriptions.emplace(filter, options);
    if (request.subscriptionIdentifier)
        m_session.subscriptionIdentifiers.emplace(filter, *request.subscriptionIdentifier);
}

void ClientTurn::loseRequests()
{
    const auto isRemembered = [this](const auto &entry) { return m_session.subscriptions.contains(entry.filter); };
    for (const auto &[id, request] : m_session.openRequests) {
        const bool subscribes = request.type == PacketType::Subscribe;
        if (subscribes && std::any_of(request.entries.begin(), request.entries.end(), isRemembered))
            m_session.resubscribeOwed = true;
        emit(RequestUnanswered{request.type, filtersOf(request)});
    }
    m_session.openRequests.clear();
}

} // namespace sessionscope
