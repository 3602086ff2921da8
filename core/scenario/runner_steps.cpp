// The half of a run that waits: for the end of an action, for what is expected of it, for what must not come.
#include "core/scenario/runner.h"

#include "core/mqtt/topic.h"
#include "core/scenario/scalars.h"

namespace sessionscope {

namespace {

/// Beside an action only what came of it counts; alone, the whole run does.
TraceSeq countedAfter(const Strand &strand)
{
    return std::holds_alternative<NoAction>(strand.step->action) ? TraceSeq{} : strand.stepBegan;
}

/// The topic that a pattern names; empty when it names none, or a part of one.
QByteArray topicOf(const Pattern &pattern)
{
    const auto named = std::ranges::find(pattern.conditions, QStringLiteral("topic"), &Condition::fact);
    const auto *topic =
        named != pattern.conditions.end() && named->equals ? std::get_if<QByteArray>(&*named->equals) : nullptr;
    return topic ? *topic : QByteArray();
}

} // namespace

bool Runner::goOnActing(Strand &strand)
{
    const Action &action = strand.step->action;
    ClientKey client;
    if (std::holds_alternative<ParallelAction>(action)) {
        if (!goOnBranches(strand))
            return false;
    } else if (const auto *publish = std::get_if<PublishAction>(&action)) {
        client = publish->client;
        if (strand.published < publish->count)
            return m_now >= strand.deadline ? publishNext(strand, *publish) : false;
        if (!isPublished(strand, *publish))
            return false;
    } else if (const auto *command = std::get_if<CommandAction>(&action)) {
        client = clientOf(command->command);
        const bool mayGoOn = isAnswered(strand, command->awaits, client) || !strand.step->expect.empty() ||
                             strand.news.refused.contains(client) || strand.news.impossible.contains(client);
        if (!mayGoOn && m_now < strand.deadline)
            return false;
        if (!mayGoOn)
            fail(strand, strand.step->place, QStringLiteral("an answer to it"),
                 QStringLiteral("none within %1").arg(spanText(limitOf(strand))), m_seen);
    } else if (std::holds_alternative<WaitAction>(action) || std::holds_alternative<UntilExpiryAction>(action)) {
        if (m_now < strand.deadline)
            return false;
    }
    return finishesActing(strand, client);
}

bool Runner::finishesActing(Strand &strand, ClientKey client)
{
    const auto impossible = strand.news.impossible.find(client);
    if (impossible != strand.news.impossible.end())
        fail(strand, strand.step->place, QStringLiteral("that it can be done"), impossible->second, m_seen);
    else if (const auto why = refusal(strand, client); why && strand.step->expect.empty())
        fail(strand, strand.step->place, QStringLiteral("that it succeeds"), *why, m_seen);
    if (isFinished())
        return false;
    if (!std::holds_alternative<UntilAction>(strand.step->action))
        strand.deadline = m_now + limitOf(strand);
    strand.phase = Strand::Phase::Expecting;
    return true;
}

/// Each gets as far as it can, in the order of the file. True when all are over.
bool Runner::goOnBranches(Strand &strand)
{
    for (const auto &branch : strand.branches) {
        goOn(*branch);
        if (isFinished())
            return false;
    }
    const auto open = std::ranges::find_if(strand.branches, [](const auto &branch) { return !branch->isOver(); });
    if (open == strand.branches.end()) {
        strand.branches.clear();
        return true;
    }
    if (m_now >= strand.deadline)
        fail(strand, strand.step->place,
             QStringLiteral("that all branches are over within %1").arg(spanText(limitOf(strand))), (*open)->stepText(),
             m_seen);
    return false;
}

bool Runner::isAnswered(const Strand &strand, Awaits awaits, ClientKey client) const
{
    if (strand.news.closes.contains(client))
        return true;
    switch (awaits) {
    case Awaits::Nothing:
        return true;
    case Awaits::Connack:
        return strand.news.connacks.contains(client);
    case Awaits::Answered:
        return strand.news.answers.contains(client);
    case Awaits::Closed:
        break;
    }
    return m_sight == Sight::BothEnds;
}

/// On pipes nothing is under way any more. On sockets an acknowledgement may be, and is waited for, within the limit.
bool Runner::isPublished(const Strand &strand, const PublishAction &publish) const
{
    const auto open = strand.news.openPublishes.find(publish.client);
    return m_sight == Sight::BothEnds || publish.message.qos == Qos::AtMostOnce || m_now >= strand.deadline ||
           strand.news.closes.contains(publish.client) || open == strand.news.openPublishes.end() || open->second <= 0;
}

std::optional<QString> Runner::refusal(const Strand &strand, ClientKey client) const
{
    const auto found = strand.news.refused.find(client);
    if (found != strand.news.refused.end())
        return found->second;
    const auto *command = std::get_if<CommandAction>(&strand.step->action);
    if (command && command->awaits == Awaits::Connack && !strand.news.connacks.contains(client))
        return QStringLiteral("the connection closed without a CONNACK");
    if (command && command->awaits == Awaits::Answered && !strand.news.answers.contains(client))
        return QStringLiteral("the connection closed without an answer");
    return std::nullopt;
}

bool Runner::goOnExpecting(Strand &strand)
{
    const auto *until = std::get_if<UntilAction>(&strand.step->action);
    bool isComplete = true;
    const auto judgeAll = [&](const std::vector<Expectation> &expectations, TraceSeq after) {
        for (const Expectation &expectation : expectations) {
            const Judgement judgement = judge(expectation, m_evidence, view(), after);
            if (judgement.met == Met::Yes)
                continue;
            if (judgement.met == Met::Unsupported) {
                unsupported(expectation.place, strand.stepText(), judgement.waitedFor, judgement.closest);
                continue;
            }
            isComplete = false;
            if (judgement.met == Met::Never || m_now >= strand.deadline) {
                fail(strand, expectation.place, judgement.waitedFor, judgement.closest, judgement.at);
                return;
            }
        }
    };
    judgeAll(strand.step->expect, countedAfter(strand));
    if (until && !isFinished())
        judgeAll(until->expectations, strand.stepBegan);
    if (isFinished() || !isComplete)
        return false;
    strand.deadline = m_now + strand.step->neverFor;
    strand.phase = Strand::Phase::Watching;
    return true;
}

bool Runner::goOnWatching(Strand &strand)
{
    const bool isOver = strand.step->never.empty() || m_now >= strand.deadline;
    for (const Expectation &expectation : strand.step->never) {
        const Judgement judgement = judge(expectation, m_evidence, view(), countedAfter(strand));
        if (judgement.met == Met::Unsupported) {
            unsupported(expectation.place, strand.stepText(), judgement.waitedFor, judgement.closest);
            continue;
        }
        const auto deaf = isOver && judgement.met != Met::Yes ? whyDeaf(strand, expectation) : std::nullopt;
        if (judgement.met != Met::Yes && !deaf)
            continue;
        QStringList patterns;
        for (const Pattern &pattern : expectation.patterns)
            patterns << pattern.text;
        fail(strand, expectation.place,
             QStringLiteral("never: %1 %2")
                 .arg(QString::fromUtf8(expectation.name), patterns.join(QStringLiteral("; ")))
                 .simplified(),
             deaf ? QStringLiteral("it could not have come: ") + *deaf : QStringLiteral("it came"), m_seen);
        return false;
    }
    if (!isOver)
        return false;
    ++m_result.stepsDone;
    strand.deadline = Instant::max();
    strand.phase = Strand::Phase::Next;
    return true;
}

/// Why silence says nothing: nobody would have been told. Nothing when somebody would.
std::optional<QString> Runner::whyDeaf(const Strand &strand, const Expectation &expectation) const
{
    const bool isOfConnection = expectation.subject == Subject::Received || expectation.subject == Subject::Packets ||
                                expectation.subject == Subject::Connack || expectation.subject == Subject::Closed;
    if (!isOfConnection)
        return std::nullopt;
    const QString who = QString::fromUtf8(expectation.name);
    const auto client = m_lab.clients.find(expectation.client);
    const bool isConnected =
        client != m_lab.clients.end() && client->second.session.connection != ClientConnection::Closed;
    const bool wasActive = std::ranges::any_of(m_evidence.packets, [&](const SeenPacket &seen) {
        return seen.client == expectation.client && seen.seq > countedAfter(strand);
    });
    if (!isConnected && !wasActive && !strand.connectedClients.contains(expectation.client))
        return QStringLiteral("%1 was not connected meanwhile").arg(who);
    if (expectation.subject != Subject::Received)
        return std::nullopt;
    for (const Pattern &pattern : expectation.patterns) {
        const QByteArray topic = topicOf(pattern);
        if (m_evidence.hasAskedFor(expectation.client, topic))
            continue;
        return topic.isEmpty() ? QStringLiteral("%1 has never subscribed to anything").arg(who)
                               : QStringLiteral("%1 has never subscribed to anything that matches \"%2\"")
                                     .arg(who, QString::fromUtf8(topic));
    }
    return std::nullopt;
}

} // namespace sessionscope
