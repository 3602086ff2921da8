// What a ConnectRun reads from the trace, and what each record means for the step that waits.
#include "app/cli/connect_run.h"

#include "core/base/overloaded.h"
#include "core/trace/text.h"

namespace sessionscope::cli {

void ConnectRun::takeBatch()
{
    EngineBatch batch = m_engine.takeBatch();
    m_view = std::move(batch.view);
    if (m_capture)
        m_capture->leftOut += batch.skipped;
    if (batch.skipped)
        m_reporter.note(QStringLiteral("%1 records came too fast to be shown").arg(batch.skipped));
    if (m_recorder)
        m_recorder->missed(batch.skipped);
    for (const TraceRecord &record : batch.records) {
        if (m_recorder)
            m_recorder->look(record);
        if (m_capture && m_capture->records.size() < recordingRecordsLimit)
            m_capture->records.push_back(record);
        else if (m_capture)
            ++m_captureLeftOut;
        m_reporter.record(record, QStringLiteral("client"));
        if (!m_isFinished && record.role == Role::Client && record.client == m_client)
            take(record);
    }
    // A quiet batch that was made before the last command says nothing of it.
    m_isQuiet = batch.isQuiet && m_view.at - m_givenAt >= Engine::quietAfter / 2;
    if (m_isQuiet) {
        if (m_recorder)
            m_recorder->look(m_view);
        quietReached();
    }
    checkViewConditions();
}

void ConnectRun::take(const TraceRecord &record)
{
    if (const auto *note = std::get_if<ClientNote>(&record.what))
        take(note->effect);
    else if (const auto *link = std::get_if<LinkTrace>(&record.what))
        take(*link);
}

void ConnectRun::take(const ClientReport &report)
{
    std::visit(
        Overloaded{[this](const ConnectionAccepted &) {
                       m_isConnected = true;
                       m_lossReason.clear();
                       if (m_await == Await::Connack)
                           stepDone();
                   },
                   [this](const ConnectionRefused &answer) { refused(answer); },
                   [this](const ReconnectScheduled &scheduled) {
                       m_reporter.note(
                           QStringLiteral("reconnects in %1 s, attempt %2")
                               .arg(std::chrono::duration<double>(scheduled.at - m_engine.now()).count(), 0, 'f', 1)
                               .arg(scheduled.attempt));
                   },
                   [this](const ReconnectStopped &stopped) {
                       fail(QStringLiteral("does not reconnect: ") + QString::fromLatin1(stopped.why));
                   },
                   [this](const ServerRedirected &redirected) {
                       m_reporter.note(QStringLiteral("goes to ") + QString::fromUtf8(redirected.serverReference));
                   },
                   [this](const AcknowledgementHeld &held) {
                       m_reporter.note(QStringLiteral("%1 #%2 held")
                                           .arg(QString::fromLatin1(packetTypeName(held.type)))
                                           .arg(held.packetId.value));
                   },
                   [this](const ResponseArrived &arrived) {
                       m_reporter.note(
                           QStringLiteral("response after %1 ms: %2")
                               .arg(std::chrono::duration<double, std::milli>(arrived.after).count(), 0, 'f', 1)
                               .arg(payloadText(arrived.response.payload)));
                       if (m_await == Await::Response)
                           stepDone();
                   },
                   [this](const ResponseOverdue &) { fail(QStringLiteral("no response to the request in time")); },
                   [this](const AuthenticationAsked &asked) {
                       if (m_await == Await::Trust && asked.step == AuthenticationStep::Proof)
                           stepDone();
                   },
                   [this](const MessageDelivered &) { ++m_received; },
                   [this](const PublishAccepted &accepted) { publishAccepted(accepted.token); },
                   [this](const PublishCompleted &done) { publishCompleted(done.token, done.reason); },
                   [this](const PublishLost &) {
                       m_reporter.note(QStringLiteral("a message was lost with its session: outcome unknown"));
                   },
                   [this](const RequestCompleted &completed) { requestCompleted(completed); },
                   [this](const RequestUnanswered &) {
                       if (m_await == Await::Request)
                           fail(QStringLiteral("the connection closed before the answer came"));
                   },
                   [this](const CommandRefused &refused) {
                       fail(QStringLiteral("not possible: ") + QString::fromLatin1(refused.why));
                   },
                   [this](const DisconnectReceived &received) {
                       m_lossReason =
                           QStringLiteral("the server left: ") + reasonText(received.reason, PacketType::Disconnect);
                   },
                   [this](const ViolationFound &violation) {
                       m_lossReason = QStringLiteral("the server broke %1: %2")
                                          .arg(QString::fromUtf8(violation.finding.statement),
                                               QString::fromLatin1(violation.finding.what));
                   },
                   [this](const AnswerOverdue &overdue) {
                       m_lossReason =
                           QStringLiteral("no %1 in time").arg(QString::fromLatin1(packetTypeName(overdue.awaited)));
                   },
                   [](const auto &) {}},
        report);
}

void ConnectRun::take(const LinkTrace &link)
{
    switch (link.change) {
    case LinkChange::Opening:
    case LinkChange::Opened:
    case LinkChange::Accepted:
        return;
    case LinkChange::Failed:
        if (m_plan.policy.reconnect.automatic)
            return m_reporter.note(QStringLiteral("cannot connect: ") + link.detail);
        return fail(QStringLiteral("cannot connect: ") + link.detail);
    case LinkChange::Cut:
    case LinkChange::ClosedByUs:
    case LinkChange::ClosedByPeer:
    case LinkChange::ResetByPeer:
    case LinkChange::Error:
        break;
    }
    m_isConnected = false;
    if (m_await == Await::Closed)
        return stepDone();
    if (link.change == LinkChange::Cut)
        return;
    QString why = m_lossReason.isEmpty() ? linkChangeText(link.change) : m_lossReason;
    if (!link.detail.isEmpty())
        why += QStringLiteral(" (%1)").arg(link.detail);
    connectionLost(why);
}

void ConnectRun::connectionLost(const QString &why)
{
    if (m_plan.policy.reconnect.automatic || m_plan.policy.followRedirects)
        return m_reporter.note(why);
    const bool needsConnection =
        m_await != Await::Nothing && m_await != Await::Time && m_await != Await::Quiet && m_await != Await::Messages;
    if (!needsConnection && (m_isInteractive || connectsLater()))
        return m_reporter.note(why);
    fail(why);
}

/// A refusal ends the run, unless the client's own way goes on: then its next report says how.
void ConnectRun::refused(const ConnectionRefused &refused)
{
    const QString why = QStringLiteral("connection refused: ") +
                        connackReasonText(refused.reason, Version(m_plan.connect.protocolLevel));
    const bool isSentElsewhere = m_plan.policy.followRedirects && !refused.serverReference.isEmpty();
    if (m_plan.policy.reconnect.automatic || isSentElsewhere)
        m_reporter.note(why);
    else
        fail(why);
}

bool ConnectRun::connectsLater() const
{
    return std::any_of(m_steps.begin(), m_steps.end(),
                       [](const Step &step) { return std::holds_alternative<ConnectStep>(step); });
}

void ConnectRun::publishAccepted(PublishToken token)
{
    if (m_await != Await::Publish || m_publish)
        return;
    m_publish = token;
    // Without a connection it waits for the next one, and so do the steps not.
    if (m_publishQos == Qos::AtMostOnce || !m_isConnected)
        stepDone();
}

void ConnectRun::publishCompleted(PublishToken token, ReasonCode reason)
{
    if (isFailure(reason))
        fail(QStringLiteral("publish refused: ") + reasonText(reason, PacketType::Puback));
    else if (m_await == Await::Publish && m_publish == token)
        stepDone();
}

void ConnectRun::requestCompleted(const RequestCompleted &completed)
{
    for (const ReasonCode reason : completed.reasons) {
        if (isFailure(reason)) {
            return fail(QStringLiteral("%1 refused: %2")
                            .arg(completed.type == PacketType::Subscribe ? QStringLiteral("subscribe")
                                                                         : QStringLiteral("unsubscribe"),
                                 reasonText(reason, PacketType::Suback)));
        }
    }
    if (m_await == Await::Request)
        stepDone();
}

} // namespace sessionscope::cli
