#include "core/scenario/expectation.h"

#include "core/scenario/evidence.h"
#include "core/trace/text.h"

namespace sessionscope {

namespace {

struct Candidate
{
    TraceSeq at;
    QString text;
    std::size_t conditionsMet = 0;
    bool isMatch = false;
};

template<class Source>
Candidate candidateOf(const Pattern &pattern, const FactRows<Source> &rows, const Source &source, TraceSeq at)
{
    Candidate candidate{.at = at};
    QStringList facts;
    for (const Condition &condition : pattern.conditions) {
        const FactValue value = rows[condition.row].get(source);
        candidate.conditionsMet += holds(condition, value) ? 1 : 0;
        facts << condition.fact + QStringLiteral(": ") + shownText(condition.fact, value);
    }
    candidate.isMatch = candidate.conditionsMet == pattern.conditions.size();
    candidate.text = facts.join(QStringLiteral(", "));
    return candidate;
}

bool isBounded(const Condition &times)
{
    return times.equals || times.atLeast || times.atMost;
}

Met enough(const Condition &times, qint64 count)
{
    if (!isBounded(times))
        return count > 0 ? Met::Yes : Met::NotYet;
    if (holds(times, FactValue(count)))
        return Met::Yes;
    const auto *most = times.equals   ? std::get_if<qint64>(&*times.equals)
                       : times.atMost ? std::get_if<qint64>(&*times.atMost)
                                      : nullptr;
    return most && count > *most ? Met::Never : Met::NotYet;
}

QString owner(const Expectation &expectation)
{
    return QString::fromUtf8(expectation.name);
}

/// Every pattern against every candidate of a list that grows.
template<class Source, class Wanted>
Judgement judgeList(const Expectation &expectation, const std::vector<Source> &list, const FactRows<Source> &rows,
                    Wanted wanted, const QString &what)
{
    Judgement worst{.met = Met::Yes};
    TraceSeq previous;
    for (const Pattern &pattern : expectation.patterns) {
        qint64 count = 0;
        TraceSeq first;
        Candidate closest;
        bool hasClosest = false;
        for (const Source &source : list) {
            if (!wanted(source, pattern))
                continue;
            const Candidate candidate = candidateOf(pattern, rows, source, source.seq);
            if (candidate.isMatch) {
                ++count;
                if (!first.value && (expectation.ordering == Ordering::Any || previous < candidate.at))
                    first = candidate.at;
            }
            if (!hasClosest || candidate.conditionsMet >= closest.conditionsMet) {
                closest = candidate;
                hasClosest = true;
            }
        }
        Met met = enough(pattern.times, count);
        if (met == Met::Yes && expectation.ordering == Ordering::AsListed && !first.value && count > 0)
            met = Met::NotYet;
        previous = first;
        if (met == Met::Yes || worst.met == Met::Never)
            continue;
        worst.met = met;
        worst.waitedFor = QStringLiteral("%1 %2: %3").arg(owner(expectation), what, pattern.text).trimmed();
        worst.closest = count > 0    ? QStringLiteral("%1 of these").arg(count)
                        : hasClosest ? closest.text
                                     : QStringLiteral("none");
        worst.at = closest.at;
    }
    return worst;
}

template<class Source>
Judgement judgeOne(const Expectation &expectation, const FactRows<Source> &rows, const Source &source,
                   const QString &what)
{
    Judgement judgement{.met = Met::Yes};
    for (const Pattern &pattern : expectation.patterns) {
        const Candidate candidate = candidateOf(pattern, rows, source, {});
        if (candidate.isMatch)
            continue;
        judgement.met = Met::NotYet;
        judgement.waitedFor = QStringLiteral("%1 %2: %3").arg(owner(expectation), what, pattern.text).trimmed();
        judgement.closest = candidate.text;
    }
    return judgement;
}

Judgement judgeFindings(const Expectation &expectation, const Evidence &evidence, TraceSeq after)
{
    QStringList seen;
    TraceSeq at;
    for (const SeenFinding &found : evidence.findings) {
        if (found.seq <= after)
            continue;
        const QString statement = QString::fromUtf8(found.finding.statement);
        if (!seen.contains(statement))
            seen << statement;
        if (!expectation.findings.contains(statement))
            at = found.seq;
    }
    QStringList missing;
    for (const QString &wanted : expectation.findings) {
        if (!seen.contains(wanted))
            missing << wanted;
    }
    Judgement judgement;
    const QString none = QStringLiteral("none");
    judgement.waitedFor = QStringLiteral("findings: ") +
                          (expectation.findings.isEmpty() ? none : expectation.findings.join(QStringLiteral(", ")));
    judgement.closest = seen.isEmpty() ? none : seen.join(QStringLiteral(", "));
    judgement.at = at;
    if (at.value)
        judgement.met = Met::Never;
    else
        judgement.met = missing.isEmpty() ? Met::Yes : Met::NotYet;
    return judgement;
}

const ClientView *clientOf(const LabView &view, ClientKey key)
{
    const auto found = std::ranges::find(view.clients, key, &ClientView::key);
    return found == view.clients.end() ? nullptr : &*found;
}

const ServerSessionView *sessionOf(const LabView &view, const QByteArray &clientId)
{
    const auto found = std::ranges::find(view.broker.sessions, clientId, &ServerSessionView::clientId);
    return found == view.broker.sessions.end() ? nullptr : &*found;
}

QByteArray clientIdOf(const Expectation &expectation, const LabView &view)
{
    const ClientView *client = clientOf(view, expectation.client);
    if (!client)
        return expectation.clientId;
    if (client->record)
        return client->record->clientId;
    return client->connect.clientId.isEmpty() ? expectation.clientId : client->connect.clientId;
}

/// How an end was, in a view of now or of then.
Judgement judgeClient(const Expectation &expectation, const LabView &view, const QString &what)
{
    return judgeOne(expectation, clientFacts(), ClientMoment{clientOf(view, expectation.client), view.at}, what);
}

Judgement judgeSession(const Expectation &expectation, const LabView &view, const QString &what)
{
    return judgeOne(expectation, serverFacts(), ServerMoment{sessionOf(view, clientIdOf(expectation, view)), view.at},
                    what);
}

Judgement judgeAtCut(const Expectation &expectation, const Evidence &evidence, TraceSeq after)
{
    const auto cut = evidence.cuts.find(expectation.client);
    if (cut == evidence.cuts.end() || cut->second.seq <= after)
        return {.met = Met::NotYet,
                .waitedFor = owner(expectation) + QStringLiteral(" at a cut: ") + expectation.patterns.front().text,
                .closest = QStringLiteral("no connection of it has ended"),
                .at = {}};
    const LabView &then = *cut->second.view;
    Judgement judgement = expectation.subject == Subject::ClientAtCut
                              ? judgeClient(expectation, then, QStringLiteral("client at the cut"))
                              : judgeSession(expectation, then, QStringLiteral("session at the broker at the cut"));
    judgement.at = cut->second.seq;
    return judgement;
}

Judgement invisible(const Expectation &expectation)
{
    QStringList patterns{owner(expectation)};
    for (const Pattern &pattern : expectation.patterns)
        patterns << pattern.text;
    return {.met = Met::Unsupported,
            .waitedFor = patterns.join(u' ').trimmed(),
            .closest = QStringLiteral("the inside of this broker cannot be seen"),
            .at = {}};
}

} // namespace

Judgement judge(const Expectation &expectation, const Evidence &evidence, const LabView &view, TraceSeq after)
{
    const auto isNew = [&](const auto &seen, const Pattern &) {
        return after < seen.seq && seen.client == expectation.client;
    };
    switch (expectation.subject) {
    case Subject::Connack: {
        const auto isConnack = [&](const SeenPacket &seen, const Pattern &pattern) {
            return isNew(seen, pattern) && seen.packet.as<ConnackPacket>();
        };
        return judgeList(expectation, evidence.packets, packetFacts(), isConnack, QStringLiteral("connack"));
    }
    case Subject::Received:
        return judgeList(expectation, evidence.messages, packetFacts(), isNew, QStringLiteral("received"));
    case Subject::Packets: {
        const auto isMeant = [&](const SeenPacket &seen, const Pattern &pattern) {
            return isNew(seen, pattern) && (!pattern.direction || seen.direction == *pattern.direction) &&
                   (!pattern.type || seen.packet.type() == *pattern.type);
        };
        return judgeList(expectation, evidence.packets, packetFacts(), isMeant, QStringLiteral("packets"));
    }
    case Subject::Closed:
        return judgeList(expectation, evidence.closes, closeFacts(), isNew, QStringLiteral("closed"));
    case Subject::Client:
        return judgeClient(expectation, view, QStringLiteral("client"));
    case Subject::Session:
        if (!evidence.seesBroker)
            return invisible(expectation);
        return judgeSession(expectation, view, QStringLiteral("session at the broker"));
    case Subject::ClientAtCut:
        return judgeAtCut(expectation, evidence, after);
    case Subject::SessionAtCut:
        if (!evidence.seesBroker)
            return invisible(expectation);
        return judgeAtCut(expectation, evidence, after);
    case Subject::Broker:
        if (!evidence.seesBroker)
            return invisible(expectation);
        return judgeOne(expectation, brokerFacts(), BrokerMoment{&view.broker}, QStringLiteral("broker"));
    case Subject::Wills: {
        if (!evidence.seesBroker)
            return invisible(expectation);
        const auto isLater = [&](const SeenWill &seen, const Pattern &) { return after < seen.seq; };
        return judgeList(expectation, evidence.wills, willFacts(), isLater, QStringLiteral("wills"));
    }
    case Subject::Findings:
        break;
    }
    return judgeFindings(expectation, evidence, after);
}

} // namespace sessionscope
