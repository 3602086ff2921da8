// Plays a scenario: gives its commands to a lab, waits for what each step has to wait for, judges what was expected.
// Knows no clock and no network; whoever drives the lab calls goOn() when nothing is under way, and comes back at
// deadline() at the latest.
#pragma once

#include "core/scenario/evidence.h"
#include "core/scenario/invariants.h"
#include "core/scenario/ladder.h"
#include "core/scenario/run_commands.h"
#include "core/scenario/strand.h"
#include "core/scenario/stranger_watch.h"

namespace sessionscope {

enum class Verdict : quint8
{
    Passed,
    Failed,
    Inconclusive, ///< its control failed, so nothing follows
    Unsupported,  ///< it asks for what this broker cannot be asked
    Error         ///< the scenario itself could not be played
};
/// "passed"
const char *verdictText(Verdict verdict);

/// What did not come, and what came instead.
struct Failure
{
    Place place;
    QString step;
    QString waitedFor;
    QString closest;
    TraceSeq at; ///< the record to look at; 0: none
};

struct RunResult
{
    QString name;
    Place place;
    QStringList statements;
    Verdict verdict = Verdict::Passed;
    std::vector<Failure> failures;
    Breaches breaches;
    bool invariantsChecked = false;
    Duration span{}; ///< of the run's own clock
    std::size_t stepsDone = 0;
    quint64 packets = 0;
    QStringList trace; ///< a line a record, when it did not pass
    Ladder ladder;     ///< where RunOptions ask for it
    /// What happened, of a run that did not pass, where RunOptions ask for it; without program, broker and verdict.
    std::shared_ptr<Recording> recording;
    std::optional<qint64> startedAt; ///< of a run in real time: milliseconds since 1970
    QStringList clientIds;           ///< "door: door-x7k2p9", of clients that got an id of their own for this run
};

/// How the ends of a run are known.
enum class Sight : quint8
{
    BothEnds,  ///< on in-memory pipes: invariants of both ends are checked
    OurBroker, ///< the bundled broker over sockets: what clients can know is checked
    OurClients ///< another broker: the same
};

class Runner
{
public:
    using Submit = std::function<void(const LabCommand &)>;

    /// scenario, lab and what submit reaches must outlive it. broker: where clients connect that name no other.
    Runner(const Scenario &scenario, const Lab &lab, Submit submit, const Endpoint &broker, Sight sight,
           RunOptions options = {});
    Q_DISABLE_COPY_MOVE(Runner)

    /// Does what can be done now, up to the next command or wait.
    void goOn(Instant now);
    bool isFinished() const { return m_isFinished; }
    /// When goOn() is due again even if nothing happens.
    Instant deadline() const { return m_isFinished ? m_now : deadlineOf(m_main); }
    /// What stands in the way of going on at all.
    void abandon(Instant now, const QString &why);
    /// Of the finished run.
    RunResult takeResult();
    /// What is waited for, for people who wait with it: "wait: 20min". Of several branches, what is due first.
    QString currentStep() const;

private:
    void setUp();
    void goOn(Strand &strand);
    bool advance(Strand &strand);
    bool settles();
    bool beginStep(Strand &strand);
    bool act(Strand &strand);
    bool isUnsupported(const Strand &strand);
    void unsupported(const Place &place, const QString &step, const QString &wanted, const QString &why);
    bool actUntilExpiry(Strand &strand, const UntilExpiryAction &action);
    void branchOut(Strand &strand, const ParallelAction &action);
    bool publishNext(Strand &strand, const PublishAction &action);
    void tell(const Strand &strand, quint32 number = 0) const;
    bool goOnActing(Strand &strand);
    bool goOnBranches(Strand &strand);
    bool finishesActing(Strand &strand, ClientKey client);
    bool goOnExpecting(Strand &strand);
    bool goOnWatching(Strand &strand);
    bool isAnswered(const Strand &strand, Awaits awaits, ClientKey client) const;
    bool isPublished(const Strand &strand, const PublishAction &publish) const;
    std::optional<QString> refusal(const Strand &strand, ClientKey client) const;
    std::optional<QString> whyDeaf(const Strand &strand, const Expectation &expectation) const;
    Duration limitOf(const Strand &strand) const;
    void submit(LabCommand command, const SecretReference &passwordFrom = {});
    void look();
    void take(const ClientReport &report, ClientKey client);
    void fail(const Strand &strand, const Place &place, const QString &waitedFor, const QString &closest, TraceSeq at);
    void finish(Instant now);
    void judgeBreaches(const Breaches &seen);
    QStringList traceText() const;
    QStringList clientNames() const;
    std::shared_ptr<Recording> recorded() const;
    const LabView &view();

    const Scenario &m_scenario;
    const Lab &m_lab;
    Submit m_submit;
    Endpoint m_broker;
    Sight m_sight;
    RunOptions m_options;
    BrokerConfig m_config;
    Invariants m_invariants;   ///< of Sight::BothEnds
    StrangerWatch m_strangers; ///< of the others
    Evidence m_evidence;
    RunResult m_result;

    Instant m_now; ///< of the latest goOn()
    bool m_isSetUp = false;
    bool m_isFinished = false;
    Strand m_main;
    bool m_isPlayedOut = false;            ///< to the last step: what is missing will not come
    bool m_isFinal = false;                ///< the steps under finally are played
    std::optional<Instant> m_settlesUntil; ///< at the end: what is under way still counts
    bool m_isTampered = false;             ///< packets were changed on their way: invariants do not hold any more
    TraceSeq m_seen;
    std::vector<Standing> m_standings; ///< for the ladder
    std::optional<LabView> m_view;
};

} // namespace sessionscope
