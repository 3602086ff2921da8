#include "ui/packets/finding_words.h"

#include "core/rules/duty.h"
#include "ui/common/words.h"
#include "ui/statements/statements.h"

#include <QCoreApplication>

namespace sessionscope {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(FindingWords)
};

QString severityWords(rules::Severity severity)
{
    switch (severity) {
    case rules::Severity::Limit:
        return Words::tr("limit: no statement is broken, the receiver's limits or rights say no");
    case rules::Severity::Refusable:
        return Words::tr("refusable: one packet is refused, the connection stays");
    case rules::Severity::Fatal:
        return Words::tr("fatal: the connection ends");
    }
    return {};
}

QString senderWords(Sender sender)
{
    return sender == Sender::Client ? Words::tr("client") : Words::tr("broker");
}

QString dutyWords(const ShownFinding &seen)
{
    const rules::Duty duty = rules::dutyOf(seen.finding, seen.packet, seen.version);
    if (!duty.answer)
        return Words::tr("close the connection");
    const QString reason = *duty.answer == PacketType::Connack ? words::connackReason(duty.reason, seen.version)
                                                               : words::reason(ReasonCode(duty.reason), *duty.answer);
    const QString packet =
        *duty.answer == PacketType::Puback ? Words::tr("PUBACK or PUBREC") : words::packet(*duty.answer);
    return (duty.closes ? Words::tr("send %1 %2 and close the connection") : Words::tr("answer %1 %2"))
        .arg(packet, reason);
}

} // namespace

QString ShownFinding::statementId() const
{
    const QString id = QString::fromUtf8(finding.statement);
    return statementTable().find(id) ? id : QString();
}

std::optional<ShownFinding> findingIn(const TraceRecord &record)
{
    if (const auto *trace = std::get_if<FindingTrace>(&record.what))
        return ShownFinding{trace->finding, trace->packet, trace->version};
    if (const auto *note = std::get_if<BrokerNote>(&record.what)) {
        if (const auto *refused = std::get_if<BrokerRefused>(&note->effect))
            return ShownFinding{.finding = refused->finding, .handling = refused->handling};
    }
    return std::nullopt;
}

QString findingText(const rules::Finding &finding)
{
    const QString what = QString::fromUtf8(finding.what);
    return *finding.statement ? QStringLiteral("%1 [%2]").arg(what, QString::fromUtf8(finding.statement)) : what;
}

QList<std::pair<QString, QString>> findingLines(const ShownFinding &seen)
{
    QList<std::pair<QString, QString>> lines;
    if (const Statement *statement = statementTable().find(seen.statementId()))
        lines.append({Words::tr("Demanded"), statement->text});
    const rules::Severity severity = severityOf(seen.finding);
    lines.append({severity == rules::Severity::Limit ? Words::tr("Reached by") : Words::tr("Broken by"),
                  senderWords(seen.finding.blame)});
    lines.append({Words::tr("Severity"), severityWords(severity)});
    const Sender receiver = seen.finding.blame == Sender::Client ? Sender::Server : Sender::Client;
    if (seen.packet != PacketType::Reserved)
        lines.append({Words::tr("The %1 has to").arg(senderWords(receiver)), dutyWords(seen)});
    if (seen.handling)
        lines.append({Words::tr("It was"), *seen.handling == Handling::Noted
                                               ? Words::tr("noted only, as the broker is set")
                                               : Words::tr("refused")});
    return lines;
}

} // namespace sessionscope
