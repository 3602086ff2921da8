#include "ui/packets/event_words.h"

#include "core/base/overloaded.h"
#include "core/rules/duty.h"
#include "ui/common/words.h"
#include "ui/packets/finding_words.h"

#include <QCoreApplication>

namespace sessionscope {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(EventWords)
};

QString withDetail(const QString &text, const QString &detail)
{
    return detail.isEmpty() ? text : text + QStringLiteral(": ") + detail;
}

EventWords linkWords(const LinkTrace &link)
{
    const QString kind = Words::tr("link");
    switch (link.change) {
    case LinkChange::Opening:
        return {kind, withDetail(Words::tr("opening"), link.detail), Tone::Neutral};
    case LinkChange::Opened:
        return {kind, withDetail(Words::tr("open"), link.detail), Tone::Neutral};
    case LinkChange::Accepted:
        return {kind, withDetail(Words::tr("accepted"), link.detail), Tone::Neutral};
    case LinkChange::Failed:
        return {kind, withDetail(Words::tr("could not be opened"), link.detail), Tone::Bad};
    case LinkChange::ClosedByUs:
        return {kind, withDetail(Words::tr("closed by this end"), link.detail), Tone::Neutral};
    case LinkChange::Cut:
        return {kind, withDetail(Words::tr("cut on purpose"), link.detail), Tone::Bad};
    case LinkChange::ClosedByPeer:
        return {kind, withDetail(Words::tr("closed by the peer"), link.detail), Tone::Warning};
    case LinkChange::ResetByPeer:
        return {kind, withDetail(Words::tr("reset by the peer"), link.detail), Tone::Bad};
    case LinkChange::Error:
        return {kind, withDetail(Words::tr("failed"), link.detail), Tone::Bad};
    }
    return {};
}

QString actWords(FaultAct act)
{
    switch (act) {
    case FaultAct::CutBefore:
        return Words::tr("cut before");
    case FaultAct::CutAfter:
        return Words::tr("cut after");
    case FaultAct::CutWithin:
        return Words::tr("cut within");
    case FaultAct::Dropped:
        return Words::tr("dropped");
    case FaultAct::Duplicated:
        return Words::tr("duplicated");
    case FaultAct::Delayed:
        return Words::tr("delayed");
    case FaultAct::Held:
        return Words::tr("held back");
    case FaultAct::Corrupted:
        return Words::tr("corrupted");
    case FaultAct::Answered:
        return Words::tr("answered otherwise");
    case FaultAct::Silenced:
        return Words::tr("silence begins");
    case FaultAct::SilenceOver:
        return Words::tr("silence is over");
    case FaultAct::Throttled:
        return Words::tr("throttled");
    case FaultAct::Raw:
        return Words::tr("raw bytes");
    case FaultAct::Misbehaved:
        return Words::tr("misbehaves");
    }
    return {};
}

EventWords faultWords(const FaultTrace &fault)
{
    const Tone tone = fault.act == FaultAct::SilenceOver ? Tone::Neutral : Tone::Warning;
    return {Words::tr("fault"), withDetail(actWords(fault.act), fault.detail), tone};
}

EventWords findingWords(const rules::Finding &finding)
{
    return {Words::tr("finding"), findingText(finding),
            severityOf(finding) == rules::Severity::Limit ? Tone::Warning : Tone::Bad};
}

QString filterList(const QList<QByteArray> &filters)
{
    QStringList texts;
    for (const QByteArray &filter : filters)
        texts << words::text(filter);
    return texts.join(QStringLiteral(", "));
}

// What is not here has no words.
constexpr Overloaded clientNoteWords{
    [](const SessionEnded &ended) {
        return EventWords{Words::tr("session"), words::sessionEnd(ended.why), Tone::Warning};
    },
    [](const PublishLost &) {
        return EventWords{Words::tr("message"), Words::tr("outcome unknown: the session ended with the exchange open"),
                          Tone::Warning};
    },
    [](const RequestUnanswered &request) {
        return EventWords{Words::tr("request"),
                          Words::tr("%1 was not answered before the connection closed: %2")
                              .arg(words::packet(request.type), filterList(request.filters)),
                          Tone::Warning};
    },
    [](const CommandRefused &refused) {
        return EventWords{Words::tr("refused"), QString::fromUtf8(refused.why), Tone::Bad};
    },
    [](const AnswerOverdue &overdue) {
        return EventWords{Words::tr("overdue"),
                          Words::tr("%1 did not come in time").arg(words::packet(overdue.awaited)), Tone::Bad};
    },
    [](const ReconnectScheduled &scheduled) {
        return EventWords{Words::tr("reconnect"),
                          Words::tr("attempt %1 at %2").arg(scheduled.attempt).arg(words::clock(scheduled.at)),
                          Tone::Neutral};
    },
    [](const ReconnectStopped &stopped) {
        return EventWords{Words::tr("reconnect"), Words::tr("not any more: %1").arg(QString::fromUtf8(stopped.why)),
                          Tone::Warning};
    },
    [](const ServerRedirected &redirected) {
        return EventWords{Words::tr("redirect"),
                          (redirected.permanent ? Words::tr("for good to %1") : Words::tr("for now to %1"))
                              .arg(words::text(redirected.serverReference)),
                          Tone::Info};
    },
    [](const AcknowledgementHeld &held) {
        return EventWords{Words::tr("held"), Words::tr("%1 #%2").arg(words::packet(held.type)).arg(held.packetId.value),
                          Tone::Warning};
    },
    [](const PublishRequeued &) {
        return EventWords{Words::tr("message"), Words::tr("published again: its first time may have arrived"),
                          Tone::Warning};
    },
    [](const ResponseArrived &arrived) {
        return EventWords{
            Words::tr("response"),
            Words::tr("after %1: %2").arg(words::span(arrived.after), words::text(arrived.response.payload)),
            Tone::Good};
    },
    [](const ResponseOverdue &) {
        return EventWords{Words::tr("overdue"), Words::tr("no response to the request"), Tone::Bad};
    },
};

constexpr Overloaded brokerNoteWords{
    [](const BrokerRefused &refused) {
        EventWords words = findingWords(refused.finding);
        words.kind = refused.handling == Handling::Noted ? Words::tr("noted only") : Words::tr("refused");
        return words;
    },
    [](const BrokerClose &close) {
        return EventWords{Words::tr("broker"), Words::tr("closes the connection: %1").arg(QString::fromUtf8(close.why)),
                          Tone::Neutral};
    },
    [](const WillPublished &will) {
        return EventWords{Words::tr("will"), Words::tr("published on %1").arg(words::text(will.topic)), Tone::Warning};
    },
};

template<class Note, class NoteWords> EventWords wordsOf(const Note &note, const NoteWords &words)
{
    return std::visit(
        [&words]<class Effect>(const Effect &effect) {
            if constexpr (std::is_invocable_v<NoteWords, const Effect &>)
                return words(effect);
            else
                return EventWords{};
        },
        note.effect);
}

template<class Note, class NoteWords> bool hasWords(const Note &note, const NoteWords &)
{
    return std::visit([]<class Effect>(const Effect &) { return std::is_invocable_v<NoteWords, const Effect &>; },
                      note.effect);
}

} // namespace

EventWords eventWords(const TraceRecord &record)
{
    return std::visit(Overloaded{
                          [](const PacketTrace &) { return EventWords{}; },
                          [](const LinkTrace &link) { return linkWords(link); },
                          [](const FaultTrace &fault) { return faultWords(fault); },
                          [](const CommandTrace &command) {
                              return EventWords{Words::tr("command"), command.text, Tone::Neutral};
                          },
                          [](const FindingTrace &finding) { return findingWords(finding.finding); },
                          [](const ClientNote &note) { return wordsOf(note, clientNoteWords); },
                          [](const BrokerNote &note) { return wordsOf(note, brokerNoteWords); },
                      },
                      record.what);
}

bool hasEventWords(const TraceRecord &record)
{
    return std::visit(Overloaded{
                          [](const PacketTrace &) { return false; },
                          [](const ClientNote &note) { return hasWords(note, clientNoteWords); },
                          [](const BrokerNote &note) { return hasWords(note, brokerNoteWords); },
                          [](const auto &) { return true; },
                      },
                      record.what);
}

} // namespace sessionscope
