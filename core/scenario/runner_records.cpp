// The half of a run that reads: what the records of the trace say, and what the run has come to.
#include "core/scenario/runner.h"

#include "core/trace/masker.h"
#include "core/trace/text.h"

namespace sessionscope {

namespace {

void takeNews(StepNews &news, const ClientReport &report, ClientKey client, Version version)
{
    if (std::holds_alternative<ConnectionAccepted>(report))
        news.connacks.insert(client);
    if (const auto *refused = std::get_if<ConnectionRefused>(&report)) {
        news.connacks.insert(client);
        news.refused[client] = QStringLiteral("connection refused: ") + connackReasonText(refused->reason, version);
    }
    if (const auto *refused = std::get_if<CommandRefused>(&report))
        news.impossible[client] = QString::fromLatin1(refused->why);
    if (std::holds_alternative<PublishAccepted>(report))
        ++news.openPublishes[client];
    if (std::holds_alternative<PublishCompleted>(report) || std::holds_alternative<PublishLost>(report))
        --news.openPublishes[client];
    if (const auto *completed = std::get_if<PublishCompleted>(&report); completed && isFailure(completed->reason))
        news.refused[client] = QStringLiteral("publish refused: ") + reasonText(completed->reason, PacketType::Puback);
    if (const auto *completed = std::get_if<RequestCompleted>(&report)) {
        news.answers.insert(client);
        for (const ReasonCode reason : completed->reasons) {
            if (isFailure(reason))
                news.refused[client] = QStringLiteral("refused: ") + reasonText(reason, PacketType::Suback);
        }
    }
}

} // namespace

const char *verdictText(Verdict verdict)
{
    switch (verdict) {
    case Verdict::Passed:
        return "passed";
    case Verdict::Failed:
        return "failed";
    case Verdict::Inconclusive:
        return "inconclusive";
    case Verdict::Unsupported:
        return "unsupported";
    case Verdict::Error:
        break;
    }
    return "error";
}

void Runner::look()
{
    const Trace &trace = m_lab.trace;
    std::map<ClientKey, TraceSeq> closed;
    while (m_seen < trace.last()) {
        ++m_seen.value;
        const auto record = trace.record(m_seen);
        if (!record)
            continue;
        const auto *link = std::get_if<LinkTrace>(&record->what);
        // The in-memory network names the other end when a connection opens.
        if (link && link->change == LinkChange::Opened && m_sight == Sight::BothEnds)
            m_invariants.linked(record->link, LinkId{link->detail.section(QLatin1Char(' '), -1).toUInt()});
        if (m_result.invariantsChecked && !m_isTampered && m_sight == Sight::BothEnds)
            m_invariants.look(*record);
        else if (m_result.invariantsChecked && !m_isTampered)
            m_strangers.look(*record);
        const std::size_t closes = m_evidence.closes.size();
        m_evidence.look(*record);
        if (m_evidence.closes.size() > closes)
            closed[record->client] = record->seq;
        if (std::holds_alternative<PacketTrace>(record->what))
            ++m_result.packets;
        if (const auto *note = std::get_if<ClientNote>(&record->what))
            take(note->effect, record->client);
    }
    if (closed.empty())
        return;
    const auto now = std::make_shared<const LabView>(viewOf(m_lab, m_now));
    const bool tells = m_options.ladders == Ladders::Kept || m_options.recordings == Recordings::Kept;
    for (const auto &[client, seq] : closed) {
        forEachStrand(m_main, [key = client](Strand &strand) { strand.news.closes.insert(key); });
        m_evidence.cuts[client] = {seq, now};
        if (tells)
            m_standings.push_back(standingOf(*now, client, m_evidence.seesBroker, m_seen));
    }
}

void Runner::take(const ClientReport &report, ClientKey client)
{
    const Version version = m_lab.clients.at(client).session.version();
    forEachStrand(m_main, [&](Strand &strand) { takeNews(strand.news, report, client, version); });
}

void Runner::fail(const Strand &strand, const Place &place, const QString &waitedFor, const QString &closest,
                  TraceSeq at)
{
    m_result.failures.push_back({place, strand.stepText(), waitedFor, closest, at});
    m_result.verdict = Verdict::Failed;
    finish(m_now);
}

void Runner::abandon(Instant now, const QString &why)
{
    const Strand &strand = soonestOf(m_main);
    m_result.failures.push_back({strand.step ? strand.step->place : m_scenario.place, currentStep(), why, {}, {}});
    m_result.verdict = Verdict::Error;
    finish(now);
}

void Runner::finish(Instant now)
{
    if (isFinished())
        return;
    look();
    m_isFinished = true;
    m_now = now;
    m_result.span = now - Instant{};
    if (m_isTampered)
        m_result.invariantsChecked = false;
    if (m_result.invariantsChecked) {
        m_view.reset();
        if (m_sight == Sight::BothEnds && m_isPlayedOut)
            m_invariants.lookAtRest(view());
        Breaches seen = m_sight == Sight::BothEnds ? m_invariants.breaches() : m_strangers.breaches();
        if (m_sight != Sight::BothEnds && m_isPlayedOut)
            std::ranges::move(m_strangers.missing(view()), std::back_inserter(seen));
        judgeBreaches(seen);
    } else if (!m_scenario.breaks.empty() && m_result.verdict == Verdict::Passed) {
        m_result.verdict = Verdict::Unsupported;
    }
    if (m_result.verdict != Verdict::Passed && m_result.verdict != Verdict::Unsupported) {
        m_result.trace = traceText();
        if (m_options.recordings == Recordings::Kept)
            m_result.recording = recorded();
    }
    if (m_options.ladders == Ladders::Kept)
        m_result.ladder = ladderOf(m_lab.trace, clientNames(), m_standings);
}

std::shared_ptr<Recording> Runner::recorded() const
{
    Recording recording{.title = m_scenario.name, .source = m_scenario.place.file};
    recording.seed = seedOf(m_scenario, m_options);
    for (std::size_t i = 0; i < m_scenario.clients.size(); ++i)
        recording.clients[ClientKey{quint32(i + 1)}] = QString::fromUtf8(m_scenario.clients[i].name);
    recording.records = recordsOf(m_lab.trace);
    recording.leftOut = m_lab.trace.discarded();
    recording.standings = m_standings;
    return std::make_shared<Recording>(std::move(recording));
}

QStringList Runner::clientNames() const
{
    QStringList names;
    for (const ScenarioClient &client : m_scenario.clients)
        names << QString::fromUtf8(client.name);
    return names;
}

/// What the scenario said would be broken is no failure, and what it said and was not broken is one.
void Runner::judgeBreaches(const Breaches &seen)
{
    std::vector<Invariant> missing = m_scenario.breaks;
    for (const Breach &breach : seen) {
        std::erase(missing, breach.invariant);
        if (std::ranges::find(m_scenario.breaks, breach.invariant) == m_scenario.breaks.end())
            m_result.breaches.push_back(breach);
    }
    if (!m_result.breaches.empty())
        m_result.verdict = Verdict::Failed;
    if (m_result.verdict != Verdict::Passed)
        return;
    // Who sees one end only cannot say that it held.
    if (m_sight != Sight::BothEnds && !missing.empty())
        m_result.verdict = Verdict::Unsupported;
    for (const Invariant invariant : m_sight == Sight::BothEnds ? missing : std::vector<Invariant>()) {
        m_result.failures.push_back({m_scenario.place,
                                     {},
                                     QStringLiteral("a breach: ") + QLatin1String(invariantText(invariant)),
                                     QStringLiteral("it held"),
                                     {}});
        m_result.verdict = Verdict::Failed;
    }
}

QStringList Runner::traceText() const
{
    QStringList lines;
    const Trace &trace = m_lab.trace;
    Masker masker;
    for (TraceSeq seq = trace.first(); seq <= trace.last(); ++seq.value) {
        const auto record = trace.record(seq);
        if (!record)
            continue;
        const auto client = m_lab.clients.find(record->client);
        const QString who = client == m_lab.clients.end() ? QString() : QString::fromUtf8(client->second.name);
        lines << QStringLiteral("%1  %2").arg(seq.value, 5).arg(recordText(*record, who, masker));
    }
    return lines;
}

} // namespace sessionscope
