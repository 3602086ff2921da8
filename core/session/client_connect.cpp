// Opening and leaving a connection: Clean Start and Session Present (session-semantics §4), and what a CONNACK changes.
#include "core/session/client_turn.h"

namespace sessionscope {

namespace {

using enum ClientConnection;

enum class Continuation : quint8
{
    Fresh,
    Resume,
    Discard,       ///< the server lost the session, so this end drops its part (MQTT-3.2.2-5)
    NotClean,      ///< Session Present 1 after Clean Start 1
    UnknownSession ///< Session Present 1, and this client knows of none
};

/// The table of session-semantics §4. With Clean Start 1 there is no own session: it was dropped with the CONNECT.
struct SessionPresentRow
{
    bool cleanStart;
    bool ownSession;
    bool sessionPresent;
    Continuation continuation;
};

constexpr SessionPresentRow sessionPresentRows[] = {
    {true, false, false, Continuation::Fresh},  {true, false, true, Continuation::NotClean},
    {false, true, true, Continuation::Resume},  {false, true, false, Continuation::Discard},
    {false, false, false, Continuation::Fresh}, {false, false, true, Continuation::UnknownSession},
};

Continuation continuationOf(bool cleanStart, bool ownSession, bool sessionPresent)
{
    for (const SessionPresentRow &row : sessionPresentRows)
        if (row.cleanStart == cleanStart && row.ownSession == ownSession && row.sessionPresent == sessionPresent)
            return row.continuation;
    Q_UNREACHABLE();
}

/// What only a CONNACK beside its CONNECT can break (5.0).
struct AnswerRow
{
    const char *statement;
    const char *what;
    bool (*broken)(const Properties &asked, const ConnectPacket &connect, const Properties &answered);
};

constexpr AnswerRow answerRows[] = {
    {"MQTT-3.2.2-16", "no Assigned Client Identifier for an empty Client Identifier",
     [](const Properties &, const ConnectPacket &connect, const Properties &answered) {
         return connect.clientId.isEmpty() && !answered.contains(PropertyId::AssignedClientIdentifier);
     }},
    {"MQTT-3.1.2-28", "Response Information that was not asked for",
     [](const Properties &asked, const ConnectPacket &, const Properties &answered) {
         return answered.contains(PropertyId::ResponseInformation) &&
                asked.integerOrDefault(PropertyId::RequestResponseInformation) == 0;
     }},
    {"MQTT-4.12.0-5", "another Authentication Method than that of the CONNECT",
     [](const Properties &asked, const ConnectPacket &, const Properties &answered) {
         return answered.bytes(PropertyId::AuthenticationMethod) != asked.bytes(PropertyId::AuthenticationMethod);
     }},
};

} // namespace

void ClientTurn::command(const ConnectCommand &command)
{
    if (!is(Closed))
        return refuse("already connected or on the way");
    if (command.packet.clientId.isEmpty() && !command.packet.cleanStart &&
        command.packet.protocolLevel != quint8(Version::V5)) // (v3:MQTT-3.1.3-7)
        return refuse("before 5.0 an empty Client Identifier needs Clean Session 1");
    m_session.connect = command.packet;
    m_session.cleanStartAsked = command.packet.cleanStart;
    m_session.ending = {};
    m_session.acceptedAt.reset();
    m_session.reconnectAt.reset();
    m_session.disconnectExpiry.reset();
    endSessionIfExpired();
    m_session.connection = Opening;
    emit(OpenTransport{});
}

void ClientTurn::command(const ReconnectCommand &)
{
    ConnectPacket packet = m_session.connect;
    packet.cleanStart = !isV5() && m_session.cleanStartAsked;
    if (packet.clientId.isEmpty() && m_session.connack)
        packet.clientId = m_session.connack->properties.bytes(PropertyId::AssignedClientIdentifier).value_or("");
    command(ConnectCommand{std::move(packet)});
}

/// DISCONNECT is the last word (MQTT-3.14.4-1, -2, v3:MQTT-3.14.4-1, -2).
void ClientTurn::command(const DisconnectCommand &command)
{
    if (is(Closed) && m_session.reconnectAt)
        return stopReconnect("asked to stay away");
    if (is(Closed) || is(Closing))
        return refuse("not connected");
    if (!is(Opening)) {
        DisconnectPacket packet;
        if (isV5()) {
            packet.reason = command.reason;
            packet.properties = command.properties;
            if (command.sessionExpiryInterval) {
                packet.properties.add(PropertyId::SessionExpiryInterval, *command.sessionExpiryInterval);
                overrideExpiry(*command.sessionExpiryInterval);
            }
        }
        send(std::move(packet));
    }
    closeTransport(ConnectionEnding::Cause::OnPurpose);
}

/// An own DISCONNECT replaces the interval in force. Raising it from 0 is a protocol error that changes nothing, and
/// what counts for that is the CONNECT; a 0 that the server insisted on stays [D-03].
void ClientTurn::overrideExpiry(quint32 interval)
{
    m_session.disconnectExpiry = interval;
    auto &record = m_session.record;
    const auto asked = m_session.connect.properties.integerOrDefault(PropertyId::SessionExpiryInterval);
    if (!record || (interval != 0 && (asked == 0 || record->sessionExpiryInterval == 0)))
        return;
    record->sessionExpiryInterval = interval;
    record->endsAt.reset();
}

void ClientTurn::command(const ForgetCommand &)
{
    m_session.reconnectAt.reset();
    if (!is(Closed) && !is(Closing))
        closeTransport(ConnectionEnding::Cause::OnPurpose);
    for (const auto &waiting : m_session.neverSent)
        emit(PublishLost{waiting.token});
    m_session.neverSent.clear();
    m_session.neverSentQos0 = 0;
    m_session.subscriptions.clear();
    m_session.subscriptionIdentifiers.clear();
    m_session.awaitedResponses.clear();
    m_session.cleanStartOwed = false;
    m_session.connack.reset();
    endSession(SessionEnd::Forgotten);
}

/// Whether the record is of the session that the CONNECT at hand means. An empty identifier never means an old one.
/// MQTT-3.1.3-2, v3:MQTT-3.1.3-2.
bool ClientTurn::hasOwnSession() const
{
    return m_session.record && m_session.record->clientId == m_session.connect.clientId;
}

/// Clean Start 1 whatever was asked for [D-40]. Before 5.0 only an owed one: Clean Session 1 would also make the
/// session end with its connection, and Session Present 1 without own state is noticed anyway.
bool ClientTurn::owesCleanStart() const
{
    const bool distrusts = m_session.policy.cleanAfterUnansweredResume && m_session.unansweredResumes > 0;
    return m_session.cleanStartOwed || distrusts ||
           (isV5() && !hasOwnSession() && !m_session.policy.adoptUnknownSession);
}

/// Clean Start 1 drops this end's part, too (MQTT-3.1.2-4); CONNECT comes first (v3:MQTT-3.1.0-1).
void ClientTurn::writeConnect()
{
    ConnectPacket &connect = m_session.connect;
    connect.cleanStart = m_session.cleanStartAsked || owesCleanStart();
    // From here on the server may hold an empty session, whether or not its answer arrives.
    if (connect.cleanStart || !hasOwnSession())
        endSession(SessionEnd::CleanStart);
    if (connect.cleanStart)
        m_session.cleanStartOwed = true;
    else if (m_session.record)
        ++m_session.unansweredResumes;
    m_session.connection = AwaitConnack;
    send(connect);
}

void ClientTurn::packet(const ConnackPacket &connack)
{
    if (connack.reason == 0 && awaitsProof(connack))
        return;
    if (connack.reason == 0)
        return accept(connack);
    if (!m_session.connect.cleanStart && m_session.unansweredResumes > 0)
        --m_session.unansweredResumes;
    const QByteArray reference = connack.properties.bytes(PropertyId::ServerReference).value_or(QByteArray());
    emit(ConnectionRefused{connack.reason, reference});
    if (isV5())
        rememberRedirect(ReasonCode(connack.reason), reference);
    closeTransport(ConnectionEnding::Cause::Refused, connack.reason);
}

void ClientTurn::accept(const ConnackPacket &connack)
{
    const ConnectPacket &connect = m_session.connect;
    if (isV5())
        for (const AnswerRow &row : answerRows)
            if (row.broken(connect.properties, connect, connack.properties) &&
                !goesOnDespite(row.statement, nullptr, row.what))
                return;

    const bool own = hasOwnSession();
    // 3.1 has no Session Present: its Clean Session 0 is believed to have found what this end remembers.
    const bool present = m_session.version() == Version::V31 ? own && !connect.cleanStart : connack.sessionPresent;
    const Continuation continuation = continuationOf(connect.cleanStart, own, present);
    if (continuation == Continuation::NotClean &&
        !goesOnDespite("MQTT-3.2.2-2", "v3:MQTT-3.2.2-1", "Session Present 1 after Clean Start 1"))
        return;
    if (continuation == Continuation::UnknownSession && !m_session.policy.adoptUnknownSession &&
        !goesOnDespite("MQTT-3.2.2-4", "v3 §3.2.2.2", "Session Present 1, and this client has no session"))
        return;
    if (continuation == Continuation::Discard)
        endSession(SessionEnd::SessionNotPresent);
    startSession(connack, continuation == Continuation::Resume);
    if (!present)
        resubscribe(SubscribeAgain::Fresh);
    else if (m_session.record->inDoubt || m_session.resubscribeOwed)
        resubscribe(SubscribeAgain::InDoubt);
    sendOpen();
}

/// Server Keep Alive takes the place of the own value (MQTT-3.1.2-21, MQTT-3.2.2-21).
void ClientTurn::startSession(const ConnackPacket &connack, bool resumes)
{
    const ConnectPacket &connect = m_session.connect;
    const Properties &asked = connect.properties;
    const Properties &answered = connack.properties;
    m_session.connection = Connected;
    m_session.acceptedAt = m_now;
    m_session.cleanStartOwed = false;
    m_session.connack = connack;

    if (resumes)
        ++m_session.record->resumedTimes;
    else
        m_session.record = ClientSessionRecord{.clientId = connect.clientId, .since = m_now};
    ClientSessionRecord &record = *m_session.record;
    record.inDoubt = m_session.unansweredResumes > 1;
    m_session.unansweredResumes = 0;
    record.version = m_session.version();
    record.endsAt.reset();
    if (isV5()) {
        record.clientId = answered.bytes(PropertyId::AssignedClientIdentifier).value_or(connect.clientId);
        record.sessionExpiryInterval = answered.integer(PropertyId::SessionExpiryInterval)
                                           .value_or(asked.integerOrDefault(PropertyId::SessionExpiryInterval));
        m_session.keepAlive = quint16(answered.integer(PropertyId::ServerKeepAlive).value_or(connect.keepAlive));
        m_session.outbox.connected(answered.integerOrDefault(PropertyId::ReceiveMaximum));
        m_session.inbox.connected(asked.integerOrDefault(PropertyId::ReceiveMaximum));
    } else {
        record.sessionExpiryInterval = connect.cleanStart ? 0 : sessionNeverExpires;
        m_session.keepAlive = connect.keepAlive;
        m_session.outbox.connected(m_session.policy.v3SendMaximum);
        m_session.inbox.connected(std::numeric_limits<quint16>::max());
    }
    emit(ConnectionAccepted{resumes});
}

} // namespace sessionscope
