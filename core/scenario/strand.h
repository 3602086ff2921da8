// One sequence of steps that is played, and how far it has come: the scenario's own, or a branch of a parallel step.
// Plain state; what it means is the runner's affair (runner.h).
#pragma once

#include "core/scenario/scenario.h"

#include <set>

namespace sessionscope {

/// What came for clients since a step began.
struct StepNews
{
    std::map<ClientKey, QString> impossible;   ///< why a command could not be carried out
    std::map<ClientKey, QString> refused;      ///< why a command or request came to nothing
    std::map<ClientKey, qint64> openPublishes; ///< accepted and not completed
    std::set<ClientKey> connacks;
    std::set<ClientKey> answers; ///< SUBACK and UNSUBACK
    std::set<ClientKey> closes;
};

struct Strand
{
    enum class Phase : quint8
    {
        Next,      ///< the next step begins
        Acting,    ///< its action is not done
        Expecting, ///< what it expects has not come
        Watching,  ///< what must never come is watched for
        Over
    };
    /// A list of steps that is played, perhaps several times.
    struct Frame
    {
        const Steps *steps = nullptr;
        std::size_t next = 0;
        quint32 timesLeft = 1;
    };

    QString name; ///< of the branch, with those around it; empty: the scenario's own steps
    std::vector<Frame> frames;
    Phase phase = Phase::Next;
    const Step *step = nullptr; ///< under way
    TraceSeq stepBegan;
    Instant deadline = Instant::max();
    quint32 published = 0;
    StepNews news;
    std::set<ClientKey> connectedClients;          ///< when a step with a never began
    std::vector<std::unique_ptr<Strand>> branches; ///< of the parallel step under way

    bool isOver() const { return phase == Phase::Over; }
    /// "branch 2: door: connect"; empty before the first step.
    QString stepText() const
    {
        const QString text = step ? step->text : QString();
        return name.isEmpty() ? text : name + QStringLiteral(": ") + text;
    }
};

/// When it has to be looked at again even if nothing happens: the earliest of its own deadline and its branches'.
Instant deadlineOf(const Strand &strand);
/// The one among it and its branches that is due first.
const Strand &soonestOf(const Strand &strand);
/// Calls take with it and with every branch below it.
template<class Take> void forEachStrand(Strand &strand, Take take)
{
    take(strand);
    for (const auto &branch : strand.branches)
        forEachStrand(*branch, take);
}

} // namespace sessionscope
