// Plays a scenario: gives its commands to a lab, waits for what each step has to wait for, judges what was expected.
// Knows no clock and no network; whoever drives the lab calls goOn() when nothing is under way, and comes back at
// deadline() at the latest.
#pragma once

#include "core/scenario/evidence.h"
#include "core/scenario/invariants.h"
#include "core/scenario/ladder.h"
#include "core/scenario/run_commands.h"
#include "core/scenario/stranger_watch.h"

#include <set>

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
    QStringList trace;     ///< a line a record, when it did not pass
    Ladder ladder;         ///< where RunOptions ask for it
    QStringList clientIds; ///< "door: door-x7k2p9", of clients that got an id of their own for this run
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
    bool isFinished() const { return m_phase == Phase::Finished; }
    /// When goOn() is due again even if nothing happens.
    Instant deadline() const { return m_deadline; }
    /// What stands in the way of going on at all.
    void abandon(Instant now, const QString &why);
    /// Of the finished run.
    RunResult takeResult();
    /// What is waited for, for people who wait with it: "wait: 20min".
    QString currentStep() const;

private:
    enum class Phase : quint8
    {
        Setup,
        Next,      ///< the next step begins
        Acting,    ///< its action is not done
        Expecting, ///< what it expects has not come
        Watching,  ///< what must never come is watched for
        Finished
    };
    /// A list of steps that is played, perhaps several times.
    struct Frame
    {
        const Steps *steps = nullptr;
        std::size_t next = 0;
        quint32 timesLeft = 1;
    };

    /// What came since the step began.
    struct StepNews
    {
        std::map<ClientKey, QString> impossible;   ///< why a command could not be carried out
        std::map<ClientKey, QString> refused;      ///< why a command or request came to nothing
        std::map<ClientKey, qint64> openPublishes; ///< accepted and not completed
        std::set<ClientKey> connacks;
        std::set<ClientKey> answers; ///< SUBACK and UNSUBACK
        std::set<ClientKey> closes;
    };

    void setUp();
    bool advance(Instant now);
    bool settles(Instant now);
    bool beginStep(Instant now);
    bool act(const Action &action, Instant now);
    bool isUnsupported(const Action &action);
    bool actUntilExpiry(const UntilExpiryAction &action, Instant now);
    bool publishNext(const PublishAction &action, Instant now);
    bool goOnActing(Instant now);
    bool goOnExpecting(Instant now);
    bool goOnWatching(Instant now);
    bool isAnswered(Awaits awaits, ClientKey client) const;
    bool isPublished(const PublishAction &publish, Instant now) const;
    std::optional<QString> refusal(ClientKey client) const;
    void submit(LabCommand command);
    void look();
    void take(const ClientReport &report, ClientKey client);
    void fail(const Place &place, const QString &waitedFor, const QString &closest, TraceSeq at);
    void finish(Instant now);
    void judgeBreaches(const Breaches &seen);
    QStringList traceText() const;
    QStringList clientNames() const;
    const LabView &view(Instant now);
    TraceSeq countedAfter() const;

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
    Phase m_phase = Phase::Setup;
    std::vector<Frame> m_frames;
    bool m_isFinal = false; ///< the steps under finally are played
    const Step *m_step = nullptr;
    TraceSeq m_stepBegan;
    Instant m_deadline = Instant::max();
    std::optional<Instant> m_settlesUntil; ///< at the end: what is under way still counts
    quint32 m_published = 0;
    StepNews m_news;
    bool m_isTampered = false; ///< packets were changed on their way: invariants do not hold any more
    TraceSeq m_seen;
    std::vector<Standing> m_standings; ///< for the ladder
    std::optional<LabView> m_view;
};

} // namespace sessionscope
