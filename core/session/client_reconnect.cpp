// The way back after a connection: whether to try again, when, and at which server.
// Chance is a seed of the policy, so that the same session takes the same waits.
#include "core/base/split_mix.h"
#include "core/session/client_turn.h"

#include <algorithm>

namespace sessionscope {

namespace {

using Cause = ConnectionEnding::Cause;

/// 5.0's words that the same CONNECT will hear again, or that ask the client to stay away.
constexpr ReasonCode lastingReasons[] = {
    ReasonCode::UnsupportedProtocolVersion,
    ReasonCode::ClientIdentifierNotValid,
    ReasonCode::BadUserNameOrPassword,
    ReasonCode::NotAuthorized,
    ReasonCode::Banned,
    ReasonCode::BadAuthenticationMethod,
    ReasonCode::SessionTakenOver,
    ReasonCode::TopicNameInvalid,
    ReasonCode::PacketTooLarge,
    ReasonCode::AdministrativeAction,
    ReasonCode::PayloadFormatInvalid,
    ReasonCode::RetainNotSupported,
    ReasonCode::QosNotSupported,
    ReasonCode::UseAnotherServer,
    ReasonCode::ServerMoved,
};

/// The one return code of 3.x that can change by itself: server unavailable.
constexpr quint8 v3ServerUnavailable = 3;

/// Doubling stops here, long after longestWait is reached.
constexpr quint32 mostDoublings = 30;

/// The wait before the attempt of this number, from 1: up to a quarter shorter than its step of the ladder.
Duration waitBefore(quint32 attempt, const ReconnectPolicy &policy)
{
    Duration step = policy.firstWait;
    for (quint32 i = 1; i < std::min(attempt, mostDoublings) && step < policy.longestWait; ++i)
        step *= 2;
    step = std::min(step, policy.longestWait);
    const auto quarter = quint64(step.count()) / 4;
    return step - Duration(quarter ? qint64(splitMix(policy.seed + attempt) % quarter) : 0);
}

} // namespace

bool mayReconnectAfter(const ConnectionEnding &ending, Version version)
{
    switch (ending.cause) {
    case Cause::Lost:
    case Cause::Violation:
        return true;
    case Cause::OnPurpose:
        return false;
    case Cause::Refused:
        if (version != Version::V5)
            return ending.code == v3ServerUnavailable;
        break;
    case Cause::SentAway:
        break;
    }
    return std::ranges::find(lastingReasons, ReasonCode(ending.code)) == std::end(lastingReasons);
}

/// The connection has ended: goes where the server pointed, or tries again later, or stays away.
void ClientTurn::comeBack()
{
    const ReconnectPolicy &policy = m_session.policy.reconnect;
    // Only a connection that stood longer than its wait shows that the trouble is over.
    if (m_session.acceptedAt && m_now - *m_session.acceptedAt >= policy.longestWait) {
        m_session.reconnectAttempts = 0;
        m_session.redirects = 0;
    }
    if (!m_session.serverReference.isEmpty())
        return followRedirect();
    if (!policy.automatic || m_session.ending.cause == Cause::OnPurpose)
        return;
    const bool isTakenOver =
        m_session.ending == ConnectionEnding{Cause::SentAway, quint8(ReasonCode::SessionTakenOver)};
    if (!mayReconnectAfter(m_session.ending, m_session.version()) && !(isTakenOver && policy.afterTakeover))
        return stopReconnect(isTakenOver ? "another client uses this Client Identifier"
                                         : "the server would answer the same again");
    if (policy.maximumAttempts != 0 && m_session.reconnectAttempts >= policy.maximumAttempts)
        return stopReconnect("as many attempts as allowed");
    scheduleReconnect();
}

void ClientTurn::scheduleReconnect()
{
    const quint32 attempt = ++m_session.reconnectAttempts;
    m_session.reconnectAt = m_now + waitBefore(attempt, m_session.policy.reconnect);
    emit(ReconnectScheduled{*m_session.reconnectAt, attempt});
}

void ClientTurn::stopReconnect(const char *why)
{
    m_session.reconnectAt.reset();
    emit(ReconnectStopped{why});
}

/// v5 §4.11: where to go is the server's advice; taking it is the policy's choice.
void ClientTurn::rememberRedirect(ReasonCode reason, const QByteArray &serverReference)
{
    const bool points = reason == ReasonCode::UseAnotherServer || reason == ReasonCode::ServerMoved;
    if (!points || !m_session.policy.followRedirects || serverReference.isEmpty())
        return;
    if (m_session.redirects >= maximumRedirects)
        return emit(ReconnectStopped{"sent from server to server too often"});
    m_session.serverReference = serverReference;
}

void ClientTurn::followRedirect()
{
    ++m_session.redirects;
    const bool permanent = m_session.ending.code == quint8(ReasonCode::ServerMoved);
    emit(ServerRedirected{std::exchange(m_session.serverReference, {}), permanent});
    command(ReconnectCommand{});
}

} // namespace sessionscope
