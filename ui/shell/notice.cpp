#include "ui/shell/notice.h"

#include "ui/common/words.h"
#include "ui/packets/finding_words.h"

#include <QCoreApplication>

namespace sessionscope {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(Notice)
};

template<class T> const T *noteIn(const TraceRecord &record)
{
    const auto *note = std::get_if<ClientNote>(&record.what);
    return note ? std::get_if<T>(&note->effect) : nullptr;
}

QString answer(const QList<QByteArray> &filters, const QList<ReasonCode> &reasons, PacketType acknowledgement)
{
    QStringList lines;
    for (qsizetype i = 0; i < filters.size(); ++i) {
        const QString reason =
            i < reasons.size() ? words::reason(reasons[i], acknowledgement) : words::packet(acknowledgement);
        lines << words::text(filters[i]) + QStringLiteral(": ") + reason;
    }
    return lines.join(QLatin1Char('\n'));
}

} // namespace

std::optional<QString> problemIn(const TraceRecord &record, Version version)
{
    if (const auto *link = std::get_if<LinkTrace>(&record.what); link && link->change == LinkChange::Failed)
        return Words::tr("The connection could not be opened: %1").arg(link->detail);
    if (const auto *refused = noteIn<ConnectionRefused>(record)) {
        return Words::tr("The broker refused the connection: %1").arg(words::connackReason(refused->reason, version));
    }
    if (const auto *refused = noteIn<CommandRefused>(record))
        return Words::tr("Not done: %1").arg(QString::fromUtf8(refused->why));
    if (const auto *violation = noteIn<ViolationFound>(record))
        return Words::tr("The broker broke a rule: %1").arg(findingText(violation->finding));
    if (const auto *overdue = noteIn<AnswerOverdue>(record))
        return Words::tr("%1 did not come in time.").arg(words::packet(overdue->awaited));
    if (const auto *scheduled = noteIn<ReconnectScheduled>(record)) {
        return Words::tr("The connection was lost. Attempt %1 follows in %2.")
            .arg(scheduled->attempt)
            .arg(words::span(scheduled->at - record.at));
    }
    if (const auto *stopped = noteIn<ReconnectStopped>(record))
        return Words::tr("Not coming back: %1").arg(QString::fromUtf8(stopped->why));
    if (const auto *told = noteIn<DisconnectReceived>(record))
        return Words::tr("The broker disconnected: %1").arg(words::reason(told->reason, PacketType::Disconnect));
    return std::nullopt;
}

bool endsProblems(const TraceRecord &record)
{
    return noteIn<ConnectionAccepted>(record) != nullptr;
}

std::optional<QString> publishOutcomeIn(const TraceRecord &record)
{
    if (noteIn<PublishAccepted>(record))
        return Words::tr("Sent, or waiting to be sent.");
    if (const auto *completed = noteIn<PublishCompleted>(record))
        return Words::tr("Completed: %1").arg(words::reason(completed->reason, PacketType::Puback));
    if (noteIn<PublishLost>(record))
        return Words::tr("The session ended first: whether it arrived is unknown.");
    return std::nullopt;
}

std::optional<QString> requestOutcomeIn(const TraceRecord &record)
{
    if (const auto *completed = noteIn<RequestCompleted>(record)) {
        const auto type = completed->type == PacketType::Subscribe ? PacketType::Suback : PacketType::Unsuback;
        return answer(completed->filters, completed->reasons, type);
    }
    if (noteIn<RequestUnanswered>(record))
        return Words::tr("The connection closed before the answer came.");
    return std::nullopt;
}

} // namespace sessionscope
