// The door of the client's session, its clock, and what every area of it needs: sending, closing, and ending a session.
#include "core/session/client_turn.h"

#include <algorithm>

namespace sessionscope {

namespace {

/// PINGREQ leaves before the keep alive is over: a real timer is never early, and late would break MQTT-3.1.2-20,
/// v3:MQTT-3.1.2-23.
std::optional<Instant> pingDue(const ClientSession &session)
{
    if (session.connection != ClientConnection::Connected || session.keepAlive == 0)
        return {};
    return session.lastSent + Duration(std::chrono::seconds(session.keepAlive)) * 9 / 10;
}

std::optional<Instant> answerDue(const ClientSession &session)
{
    if (session.connection == ClientConnection::Connected)
        return session.pingAnswerDue;
    if (session.connection == ClientConnection::AwaitConnack && session.policy.answerWait > Duration::zero())
        return session.lastSent + session.policy.answerWait;
    return {};
}

// Once a CONNECT with Clean Start 0 is written, the server's Session Present decides and the local clock no longer
// does.
std::optional<Instant> localEnd(const ClientSession &session)
{
    const bool undecided =
        session.connection == ClientConnection::Closed || session.connection == ClientConnection::Opening;
    return undecided && session.record ? session.record->endsAt : std::nullopt;
}

std::optional<Instant> responseDue(const ClientSession &session)
{
    std::optional<Instant> next;
    for (const auto &[correlation, awaited] : session.awaitedResponses)
        next = std::min(next.value_or(awaited.dueAt), awaited.dueAt);
    return next;
}

// A session whose 32-bit interval is added to any Instant cannot wrap: Instant has 64 bits of microseconds.
Instant endOf(quint32 interval, Instant closed)
{
    return closed + std::chrono::seconds(interval);
}

} // namespace

void step(ClientSession &session, const ClientEvent &event, Instant now, ClientEffects &effects)
{
    ClientTurn turn{session, now, effects};
    std::visit([&turn](const auto &happened) { turn.on(happened); }, event);
}

std::optional<Instant> nextDeadline(const ClientSession &session)
{
    std::optional<Instant> next;
    for (const auto due :
         {pingDue(session), answerDue(session), localEnd(session), session.reconnectAt, responseDue(session)})
        if (due && (!next || *due < *next))
            next = due;
    return next;
}

void ClientTurn::on(const ClientCommand &asked)
{
    std::visit([this](const auto &one) { command(one); }, asked);
}

void ClientTurn::on(const TransportOpened &)
{
    if (!is(ClientConnection::Opening))
        return;
    endSessionIfExpired();
    if (isV5() && m_session.policy.authenticatorAnswers &&
        m_session.connect.properties.contains(PropertyId::AuthenticationMethod))
        return emit(AuthenticationAsked{AuthenticationStep::Begin, {}});
    writeConnect();
}

void ClientTurn::on(const TransportFailed &)
{
    leaveConnection();
}

void ClientTurn::on(const TransportClosed &)
{
    leaveConnection();
}

void ClientTurn::on(const TransportBlocked &)
{
    m_session.isBlocked = true;
}

void ClientTurn::on(const TransportDrained &)
{
    m_session.isBlocked = false;
    sendOpen();
}

void ClientTurn::on(const Tick &)
{
    endSessionIfExpired();
    dropOverdueResponses();
    const auto isOver = [this](std::optional<Instant> due) { return due && *due <= m_now; };
    if (isOver(m_session.reconnectAt))
        return command(ReconnectCommand{});
    if (isOver(answerDue(m_session))) {
        emit(AnswerOverdue{is(ClientConnection::AwaitConnack) ? PacketType::Connack : PacketType::Pingresp});
        closeTransport();
    } else if (isOver(pingDue(m_session))) {
        command(PingCommand{});
    }
}

void ClientTurn::send(PacketBody body)
{
    m_session.lastSent = m_now;
    emit(SendPacket{Packet{std::move(body), {}}});
}

void ClientTurn::sendAck(PacketType type, PacketId id, ReasonCode reason)
{
    send(AckPacket{type, id, isV5() ? reason : ReasonCode::Success, {}});
}

void ClientTurn::closeTransport()
{
    m_session.connection = ClientConnection::Closing;
    emit(CloseTransport{});
}

void ClientTurn::closeTransport(ConnectionEnding::Cause cause, quint8 code)
{
    m_session.ending = {cause, code};
    closeTransport();
}

/// Drops C0 to C3. What was never sent is the application's and stays [D-34].
void ClientTurn::endSession(SessionEnd why)
{
    auto lost = m_session.outbox.clear();
    m_session.inbox.clear();
    m_session.unansweredResumes = 0;
    if (!m_session.record && lost.empty())
        return;
    m_session.record.reset();
    emit(SessionEnded{why});
    if (m_session.policy.republishLost && why != SessionEnd::Forgotten)
        requeue(lost);
    for (const OpenExchange &exchange : lost)
        emit(PublishLost{PublishToken{exchange.token}});
}

void ClientTurn::endSessionIfExpired()
{
    const auto end = localEnd(m_session);
    if (end && *end <= m_now)
        endSession(SessionEnd::Expired);
}

/// The transport is gone: what belongs to the connection ends now, and the session's own clock starts.
/// What outlives it is decided here (MQTT-3.1.2-23, MQTT-4.1.0-1, v3:MQTT-3.1.2-4, -6, v3:MQTT-4.1.0-1, -2).
void ClientTurn::leaveConnection()
{
    if (is(ClientConnection::Closed))
        return;
    loseRequests();
    m_session.outbox.disconnected();
    m_session.inboundAliases.clear();
    m_session.outboundAliases.clear();
    m_session.heldAcks.clear();
    m_session.unverifiedConnack.reset();
    m_session.unread.clear();
    m_session.isReauthenticating = false;
    m_session.isBlocked = false;
    m_session.pingAnswerDue.reset();
    m_session.keepAlive = 0;
    m_session.connection = ClientConnection::Closed;
    startSessionClock();
    comeBack();
}

void ClientTurn::startSessionClock()
{
    // A record that already has an end was not taken up by this connection: a refusal is not a session loss.
    auto &record = m_session.record;
    if (!record || record->endsAt || record->sessionExpiryInterval == sessionNeverExpires)
        return;
    if (record->sessionExpiryInterval == 0)
        endSession(SessionEnd::ConnectionClosed);
    else
        record->endsAt = endOf(record->sessionExpiryInterval, m_now);
}

} // namespace sessionscope
