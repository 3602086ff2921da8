// What a run leaves on a broker that is not ours, and its removal: sessions that would be resumed, and retained
// messages that would come, in the next run. Every client id that was used connects once more with Clean Start 1 and
// without an expiry, takes back what was retained, and leaves. It is quiet: a broker that refuses is left alone.
#pragma once

#include "core/scenario/run_commands.h"

#include <functional>

namespace sessionscope {

class Sweeper
{
public:
    using Submit = std::function<void(const LabCommand &)>;

    /// How long all of it may take.
    static constexpr Duration limit = std::chrono::seconds(2);
    /// Retained messages that are taken back at most.
    static constexpr qsizetype retainedLimit = 1'000;

    /// scenario, options, lab and what submit reaches must outlive it.
    Sweeper(const Scenario &scenario, const RunOptions &options, const Lab &lab, Submit submit)
        : m_scenario(scenario), m_options(options), m_lab(lab), m_submit(std::move(submit))
    {
    }

    /// Does what comes next; to be called when nothing is under way. True when all is done, or the limit is reached.
    bool goOn(Instant now);
    /// When goOn() is due again even if nothing happens.
    Instant deadline() const { return m_deadline; }

private:
    enum class Phase : quint8
    {
        Leaving,  ///< what is connected says DISCONNECT
        Ending,   ///< every id connects once more
        Clearing, ///< and leaves, when nothing retained is left
        Done
    };
    /// Clients of the lab that sweep; those of a scenario count from 1.
    static constexpr quint32 firstKey = 1'000'000;

    void leave();
    void end();
    void clear();
    void look();
    bool isConnecting() const;
    const LabClient *clientOf(quint32 index) const;

    const Scenario &m_scenario;
    const RunOptions &m_options;
    const Lab &m_lab;
    Submit m_submit;
    Phase m_phase = Phase::Leaving;
    Instant m_deadline = Instant::max();
    struct Used
    {
        ClientKey client;
        Version version = Version::V5;
        bool operator==(const Used &) const = default;
    };
    std::map<QByteArray, Used> m_ids; ///< every client id that a CONNECT named, or a CONNACK gave
    QByteArrayList m_retained;
    quint32 m_sweeping = 0; ///< clients added
};

} // namespace sessionscope
