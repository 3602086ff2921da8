// One line for a record: what the two engines, the links and the user did.
#include "core/base/overloaded.h"
#include "core/rules/duty.h"
#include "core/trace/text_parts.h"

namespace sessionscope {

namespace {

QString text(const rules::Finding &finding)
{
    if (!*finding.statement)
        return latin1(finding.what);
    if (severityOf(finding) == rules::Severity::Limit)
        return QStringLiteral("%1 [%2]").arg(latin1(finding.what), QString::fromUtf8(finding.statement));
    return QStringLiteral("%1 broke %2: %3")
        .arg(finding.blame == Sender::Client ? QStringLiteral("client") : QStringLiteral("server"),
             QString::fromUtf8(finding.statement), latin1(finding.what));
}

QString severityText(rules::Severity severity)
{
    switch (severity) {
    case rules::Severity::Limit:
        return QStringLiteral("limit");
    case rules::Severity::Refusable:
        return QStringLiteral("refusable");
    case rules::Severity::Fatal:
        break;
    }
    return QStringLiteral("fatal");
}

/// "server has to send DISCONNECT Protocol Error (0x82) and close".
QString dutyText(const FindingTrace &trace)
{
    const rules::Duty duty = rules::dutyOf(trace.finding, trace.packet, trace.version);
    const QString who = trace.finding.blame == Sender::Client ? QStringLiteral("server") : QStringLiteral("client");
    if (!duty.answer)
        return who + QStringLiteral(" has to close");
    const QString reason = *duty.answer == PacketType::Connack ? connackReasonText(duty.reason, trace.version)
                                                               : reasonText(ReasonCode(duty.reason), *duty.answer);
    const QString packet =
        *duty.answer == PacketType::Puback ? QStringLiteral("PUBACK or PUBREC") : latin1(packetTypeName(*duty.answer));
    return QStringLiteral("%1 has to send %2 %3%4")
        .arg(who, packet, reason, duty.closes ? QStringLiteral(" and close") : QString());
}

QString text(const FindingTrace &trace)
{
    const QString words = text(trace.finding) + QStringLiteral(" (%1").arg(severityText(severityOf(trace.finding)));
    if (trace.packet == PacketType::Reserved)
        return words + u')';
    return words + QStringLiteral("; %1)").arg(dutyText(trace));
}

QString tokenText(PublishToken token)
{
    return QStringLiteral("publish %1").arg(token.value);
}

QString filtersText(const QList<QByteArray> &filters)
{
    QStringList list;
    for (const auto &filter : filters)
        list.append(quoted(filter));
    return list.join(QStringLiteral(", "));
}

QString referenceText(const QByteArray &serverReference)
{
    return serverReference.isEmpty() ? QString() : u' ' + quoted(serverReference);
}

const char *authenticationStepText(AuthenticationStep step)
{
    switch (step) {
    case AuthenticationStep::Begin:
        return "authentication begins";
    case AuthenticationStep::BeginAgain:
        return "authenticates again";
    case AuthenticationStep::Challenge:
        return "the server asks for more authentication";
    case AuthenticationStep::Proof:
        break;
    }
    return "the server has accepted the authentication";
}

QString clientReportText(const ClientReport &report)
{
    return std::visit(
        Overloaded{
            [](const ConnectionAccepted &accepted) {
                return accepted.resumed ? QStringLiteral("session resumed")
                                        : QStringLiteral("connected, fresh session");
            },
            [](const ConnectionRefused &refused) {
                return QStringLiteral("connection refused, code 0x%1").arg(refused.reason, 2, 16, QLatin1Char('0')) +
                       referenceText(refused.serverReference);
            },
            [](const MessageDelivered &delivered) {
                return QStringLiteral("delivered ") + quoted(delivered.publish.topic) + QStringLiteral(": ") +
                       payloadText(delivered.publish.payload);
            },
            [](const PublishAccepted &accepted) { return tokenText(accepted.token) + QStringLiteral(" accepted"); },
            [](const PublishCompleted &completed) {
                const QString outcome =
                    isFailure(completed.reason) ? QStringLiteral(" refused: ") : QStringLiteral(" done: ");
                return tokenText(completed.token) + outcome + reasonText(completed.reason, PacketType::Puback);
            },
            [](const PublishLost &lost) { return tokenText(lost.token) + QStringLiteral(" lost: outcome unknown"); },
            [](const RequestCompleted &done) {
                return latin1(packetTypeName(done.type)) + u' ' + filtersText(done.filters) +
                       QStringLiteral(" answered: ") +
                       reasonsText(done.reasons,
                                   done.type == PacketType::Subscribe ? PacketType::Suback : PacketType::Unsuback);
            },
            [](const RequestUnanswered &open) {
                return latin1(packetTypeName(open.type)) + u' ' + filtersText(open.filters) +
                       QStringLiteral(" unanswered: the connection closed");
            },
            [](const SessionEnded &ended) { return QStringLiteral("session ended: ") + sessionEndText(ended.why); },
            [](const ViolationFound &violation) { return text(violation.finding); },
            [](const CommandRefused &refused) { return QStringLiteral("not possible: ") + latin1(refused.why); },
            [](const DisconnectReceived &received) {
                return QStringLiteral("the server disconnects: ") +
                       reasonText(received.reason, PacketType::Disconnect) + referenceText(received.serverReference);
            },
            [](const AnswerOverdue &overdue) {
                return QStringLiteral("no %1 in time: the other end is gone")
                    .arg(latin1(packetTypeName(overdue.awaited)));
            },
            [](const AuthenticationAsked &asked) { return latin1(authenticationStepText(asked.step)); },
            [](const ReconnectScheduled &scheduled) {
                return QStringLiteral("reconnects at %1, attempt %2")
                    .arg(instantText(scheduled.at), QString::number(scheduled.attempt));
            },
            [](const ReconnectStopped &stopped) {
                return QStringLiteral("does not reconnect: ") + latin1(stopped.why);
            },
            [](const ServerRedirected &redirected) {
                return (redirected.permanent ? QStringLiteral("goes for good to") : QStringLiteral("goes for now to")) +
                       referenceText(redirected.serverReference);
            },
            [](const AcknowledgementHeld &held) {
                return QStringLiteral("%1 #%2 held").arg(latin1(packetTypeName(held.type))).arg(held.packetId.value);
            },
            [](const PublishRequeued &requeued) {
                return tokenText(requeued.token) + QStringLiteral(" will be published again: outcome unknown");
            },
            [](const ResponseArrived &arrived) {
                const auto after = std::chrono::duration<double, std::milli>(arrived.after).count();
                return QStringLiteral("response to %1 after %2 ms: %3")
                    .arg(tokenText(arrived.token), QString::number(after), payloadText(arrived.response.payload));
            },
            [](const ResponseOverdue &overdue) {
                return QStringLiteral("no response to %1 in time").arg(tokenText(overdue.token));
            }},
        report);
}

QString brokerReportText(const BrokerReport &report)
{
    return std::visit(
        Overloaded{
            [](const BrokerClose &close) { return QStringLiteral("closes the connection: ") + latin1(close.why); },
            [](const ServerSessionChanged &changed) {
                const QString session = QStringLiteral("session ") + quoted(changed.clientId);
                switch (changed.change) {
                case SessionChange::Created:
                    return session + QStringLiteral(" created");
                case SessionChange::Resumed:
                    return session + QStringLiteral(" resumed");
                case SessionChange::Detached:
                    return session + QStringLiteral(" kept without connection");
                case SessionChange::Ended:
                    break;
                }
                return session + QStringLiteral(" ended: ") + sessionEndText(changed.why.value_or(SessionEnd{}));
            },
            [](const MessageDropped &dropped) {
                return QStringLiteral("message %1 for %2 dropped: %3")
                    .arg(quoted(dropped.topic), quoted(dropped.clientId), dropCauseText(dropped.cause));
            },
            [](const WillPublished &will) {
                return QStringLiteral("will of %1 published to %2").arg(quoted(will.clientId), quoted(will.topic));
            },
            [](const BrokerRefused &refused) {
                const bool isNoted = refused.handling == Handling::Noted;
                return (isNoted ? QStringLiteral("noted only: ") : QStringLiteral("refused: ")) +
                       text(refused.finding) + QStringLiteral(" (%1)").arg(severityText(severityOf(refused.finding)));
            }},
        report);
}

QString packetTraceText(const PacketTrace &trace)
{
    const QString arrow = trace.direction == Direction::Sent ? QStringLiteral("→ ") : QStringLiteral("← ");
    if (trace.malformed) {
        return arrow + QStringLiteral("unreadable (%1): %2 at byte %3 %4")
                           .arg(sizeText(trace.size()), latin1(problemText(trace.malformed->problem)),
                                QString::number(trace.malformed->offset), latin1(trace.malformed->field));
    }
    const auto packet = decode(trace.frame(), trace.version);
    return arrow + (packet ? packetText(*packet, trace.version) : latin1(problemText(packet.error().problem)));
}

} // namespace

QString eventText(const TraceRecord &record)
{
    return std::visit(
        Overloaded{[](const PacketTrace &packet) { return packetTraceText(packet); },
                   [](const LinkTrace &link) {
                       const QString change = linkChangeText(link.change);
                       return link.detail.isEmpty() ? change : change + QStringLiteral(": ") + link.detail;
                   },
                   [](const FaultTrace &fault) {
                       const QString act = QStringLiteral("fault: ") + faultActText(fault.act);
                       return fault.detail.isEmpty() ? act : act + QStringLiteral(": ") + fault.detail;
                   },
                   [](const CommandTrace &command) { return QStringLiteral("command: ") + command.text; },
                   [](const FindingTrace &finding) { return QStringLiteral("finding: ") + text(finding); },
                   [](const ClientNote &note) { return clientReportText(note.effect); },
                   [](const BrokerNote &note) { return brokerReportText(note.effect); }},
        record.what);
}

QString recordText(const TraceRecord &record, const QString &who)
{
    QString owner = who;
    if (record.role == Role::Broker)
        owner = record.link.value ? QStringLiteral("broker/%1").arg(record.link.value) : QStringLiteral("broker");
    return QStringLiteral("%1  %2  %3").arg(instantText(record.at), 12).arg(owner, -10).arg(eventText(record));
}

} // namespace sessionscope
