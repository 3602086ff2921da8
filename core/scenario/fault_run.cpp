#include "core/scenario/fault_run.h"

#include "core/scenario/fact.h"

#include "core/scenario/explore_stage.h"
#include "core/scenario/scalars.h"
#include "core/scenario/write_command.h"

namespace sessionscope {

using namespace std::chrono_literals;

namespace {

/// Over which a missing answer is waited for by a client that has no limit of its own.
constexpr Duration patience = 1min;
/// Tries to come back: a second fault may strike on the way, and another client may be thrown out meanwhile.
constexpr int attempts = 3;
/// Beyond the end of a session, and at the end of a run.
constexpr Duration settling = 1s;

class FaultRun
{
public:
    FaultRun(const Scenario &scenario, const RunOptions &options, const ExploreScript &script,
             const std::vector<FaultPoint> &faults, Recovery recovery)
        : m_scenario(scenario), m_script(script), m_faults(faults), m_recovery(recovery),
          m_invariants(scenario.config.maximumSessionExpiry), m_ends(scenario.clients.size() + 1),
          m_stage(scenario, options, [this](const TraceRecord &record) { look(record); })
    {
        for (std::size_t i = 0; i < scenario.clients.size(); ++i)
            m_ends[i + 1].connect = scenario.clients[i].connect;
    }
    Q_DISABLE_COPY_MOVE(FaultRun)

    FaultRunResult run()
    {
        if (!m_faults.empty())
            arm(0);
        for (const ScriptStep &step : m_script.steps)
            play(step);
        comeToRest();
        m_invariants.lookAtRest(m_stage.view());
        m_result.breaches = m_invariants.breaches();
        m_result.wasReached = m_isRecoverable && m_firedSoFar == m_faults.size();
        return std::move(m_result);
    }

private:
    /// What a run remembers of a client.
    struct End
    {
        ConnectPacket connect;             ///< of its latest connect
        SecretReference passwordFrom = {}; ///< the same
        Node verb;                         ///< the same in a file; Null: it has not connected yet
        bool owesRecovery = false;
        bool isSilent = false; ///< what is on the way is lost, and the client does not know
        Duration silence{};    ///< how long it is borne
        quint32 refusals = 0;
    };

    // ---- doing, and writing it down ----

    /// of: whose fields the node's verb has.
    void perform(const Action &action, const Node &node, ClientKey client, Awaits awaits = Awaits::Nothing)
    {
        End &end = m_ends[client.value];
        end.refusals = 0;
        m_wasAnswered = false;
        m_wasImpossible = false;
        m_stage.perform(action);
        const auto *one = std::get_if<CommandAction>(&action);
        const auto *restart = one ? std::get_if<RestartBroker>(&one->command) : nullptr;
        if (restart && restart->how == BrokerRestart::CrashLosingStore)
            m_invariants.brokerForgot();
        // Of several publishes some may have been possible.
        const auto *publish = std::get_if<PublishAction>(&action);
        if (m_wasImpossible && (!publish || publish->count == 1))
            return;
        Node written = node;
        // What did not succeed would fail its step, unless the step expects something.
        if (client.value && (end.refusals > 0 || (awaits != Awaits::Nothing && !m_wasAnswered))) {
            const Node word = scalarNode(QString::fromLatin1(connectionWord(m_stage.connectionOf(client))));
            setEntry(written, QStringLiteral("expect"),
                     mapNode(QStringLiteral("client"), mapNode(QStringLiteral("connection"), word)));
        }
        m_result.steps.push_back(std::move(written));
    }

    void command(ClientKey client, const LabCommand &command, Node verb, Awaits awaits = Awaits::Nothing)
    {
        perform(CommandAction{command}, mapNode(nameOf(client), std::move(verb)), client, awaits);
    }

    QString nameOf(ClientKey client) const { return QString::fromUtf8(m_scenario.clients[client.value - 1].name); }

    void writeWait(Duration waited)
    {
        if (waited == Duration{})
            return;
        m_waited += waited;
        const bool isAfterWait = !m_result.steps.empty() && m_waitStep == m_result.steps.size();
        Node node = mapNode(QStringLiteral("wait"), scalarNode(spanText(isAfterWait ? m_waited : waited)));
        if (isAfterWait) {
            m_result.steps.back() = std::move(node);
        } else {
            m_waited = waited;
            m_result.steps.push_back(std::move(node));
            m_waitStep = m_result.steps.size();
        }
    }

    void pass(Duration duration)
    {
        const Instant until = m_stage.now() + duration;
        while (m_stage.now() < until) {
            writeWait(m_stage.passSome(until - m_stage.now()));
            actOnFired();
        }
    }

    // ---- the script ----

    void play(const ScriptStep &step)
    {
        if (const auto *wait = std::get_if<WaitAction>(&step.action))
            return pass(wait->duration);
        if (step.needsConnection && !isUsable(step.client))
            recover(step.client);
        const auto *one = std::get_if<CommandAction>(&step.action);
        const auto *done = one ? std::get_if<ClientDo>(&one->command) : nullptr;
        const auto *connect = done ? std::get_if<ConnectCommand>(&done->command) : nullptr;
        const bool reconnects = done && std::holds_alternative<ReconnectCommand>(done->command);
        if (connect) {
            End &end = m_ends[step.client.value];
            end.connect = connect->packet;
            end.passwordFrom = one->passwordFrom;
            end.verb = step.node.entries.front().value;
        }
        if ((connect || reconnects) && m_ends[step.client.value].owesRecovery) {
            if (!isUsable(step.client))
                recover(step.client);
        } else {
            perform(step.action, step.node, step.client, one ? one->awaits : Awaits::Nothing);
        }
        actOnFired();
    }

    bool isUsable(ClientKey client) const
    {
        return !m_ends[client.value].isSilent && m_stage.connectionOf(client) == ClientConnection::Connected;
    }

    // ---- faults ----

    void arm(std::size_t which)
    {
        const FaultPoint &point = m_faults[which];
        m_armed = which + 1;
        arm(point.client, faultOf(point));
        m_number = m_stage.client(point.client).faults.armedSoFar;
        if (!isCrash(point.fault))
            return;
        // The broker hears nothing from anyone behind that packet.
        for (const auto &[client, sent] : point.others)
            arm(client, {.match = {.nth = sent + 1}, .kind = CutFault{.moment = Moment::Before}});
    }

    void arm(ClientKey client, const Fault &fault) { command(client, ArmFault{client, fault}, *verbOf(fault)); }

    void disarm(ClientKey client)
    {
        if (!m_stage.client(client).faults.armed.empty())
            command(client, DisarmFaults{client}, scalarNode(QStringLiteral("disarm")));
    }

    /// What a fault means beyond what happened to its packet.
    void actOnFired()
    {
        if (!std::exchange(m_hasFired, false))
            return;
        const FaultPoint &point = m_faults[m_firedSoFar++];
        End &end = m_ends[point.client.value];
        end.owesRecovery = true;
        m_isRecoverable = m_recovery != Recovery::AfterExpiry || expiryOf(point.client);
        if (point.fault == ExploreFault::Silence || point.fault == ExploreFault::ShortSilence) {
            end.isSilent = true;
            end.silence = point.fault == ExploreFault::ShortSilence ? shortSilence : bearable(point.client);
        } else if (point.fault == ExploreFault::ClientLosesStore) {
            command(point.client, ClientDo{point.client, ForgetCommand{}}, restartWithout());
        } else if (isCrash(point.fault)) {
            crash(point.fault);
        }
    }

    static Node restartWithout()
    {
        return mapNode(QStringLiteral("restart"), mapNode(QStringLiteral("store"), scalarNode(QStringLiteral("lost"))));
    }

    void crash(ExploreFault fault)
    {
        disarmAll();
        for (quint32 client = 1; client < m_ends.size(); ++client) {
            m_ends[client].owesRecovery = m_ends[client].verb.kind != Node::Kind::Null;
            m_ends[client].isSilent = false;
        }
        const bool forgets = fault == ExploreFault::BrokerLosesStore;
        const RestartBroker restart{forgets ? BrokerRestart::CrashLosingStore : BrokerRestart::Crash};
        const QString word = forgets ? QStringLiteral("crash_losing_store") : QStringLiteral("crash");
        perform(CommandAction{restart},
                mapNode(QStringLiteral("broker"), mapNode(QStringLiteral("restart"), scalarNode(word))), {});
    }

    Duration bearable(ClientKey client) const
    {
        const ClientSession &session = m_stage.client(client).session;
        const Duration answer = session.policy.answerWait;
        return std::chrono::seconds(session.keepAlive) * 3 / 2 + (answer > Duration{} ? answer : patience) + settling;
    }

    // ---- the way back ----

    std::optional<Duration> expiryOf(ClientKey client) const
    {
        const ConnectPacket &connect = m_ends[client.value].connect;
        const bool isV5 = connect.protocolLevel == quint8(Version::V5);
        quint32 interval = isV5                 ? connect.properties.integerOrDefault(PropertyId::SessionExpiryInterval)
                           : connect.cleanStart ? 0
                                                : sessionNeverExpires;
        interval = std::min(interval, m_scenario.config.maximumSessionExpiry.value_or(sessionNeverExpires));
        return interval == sessionNeverExpires ? std::nullopt : std::optional<Duration>(std::chrono::seconds(interval));
    }

    void giveUp(ClientKey client)
    {
        End &end = m_ends[client.value];
        const Instant until = m_stage.now() + (end.isSilent ? end.silence : settling);
        while (m_stage.connectionOf(client) != ClientConnection::Closed && m_stage.now() < until) {
            writeWait(m_stage.passSome(until - m_stage.now()));
            actOnFired();
        }
        end.isSilent = false;
        if (m_stage.connectionOf(client) != ClientConnection::Closed)
            command(client, CutLink{client}, mapNode(QStringLiteral("cut"), scalarNode(QStringLiteral("reset"))));
    }

    void recover(ClientKey client)
    {
        for (int attempt = 0; attempt < attempts && !isUsable(client); ++attempt) {
            giveUp(client);
            reconnect(client);
            actOnFired();
        }
    }

    void reconnect(ClientKey client)
    {
        End &end = m_ends[client.value];
        const bool owes = std::exchange(end.owesRecovery, false);
        if (owes && m_recovery == Recovery::AfterExpiry)
            pass(expiryOf(client).value_or(Duration{}) + settling);
        if (m_firedSoFar == 1 && m_armed == 1 && client == m_faults.front().client) {
            m_counts = true;
            if (m_faults.size() > 1)
                arm(1);
        }
        // Who comes back by itself may have been quicker.
        if (m_stage.connectionOf(client) != ClientConnection::Closed)
            return;
        ConnectCommand connect{end.connect};
        connect.packet.cleanStart = owes && m_recovery == Recovery::CleanStart;
        Node verb = end.verb;
        if (verb.kind != Node::Kind::Map)
            verb = mapNode(QStringLiteral("connect"), {});
        Node fields = verb.entries.front().value;
        setEntry(fields, QStringLiteral("clean_start"),
                 scalarNode(connect.packet.cleanStart ? QStringLiteral("true") : QStringLiteral("false")));
        setEntry(verb, verb.entries.front().key, std::move(fields));
        const CommandAction action{ClientDo{client, connect}, Awaits::Connack, end.passwordFrom};
        perform(action, mapNode(nameOf(client), std::move(verb)), client, Awaits::Connack);
    }

    void comeToRest()
    {
        // A packet that did not come any more, or not in time.
        if (m_armed > 0 && m_firedSoFar == 0)
            disarmAll();
        for (int attempt = 0; attempt < attempts; ++attempt) {
            for (quint32 client = 1; client < m_ends.size(); ++client) {
                if (m_ends[client].verb.kind != Node::Kind::Null && !isUsable(ClientKey{client}))
                    recover(ClientKey{client});
            }
        }
        if (m_armed > m_firedSoFar)
            disarmAll();
        for (quint32 client = 1; client < m_ends.size(); ++client)
            release(ClientKey{client});
        pass(settling);
    }

    void disarmAll()
    {
        for (quint32 client = 1; client < m_ends.size(); ++client)
            disarm(ClientKey{client});
    }

    void release(ClientKey client)
    {
        const LabClient &own = m_stage.client(client);
        const auto give = [&](const LabCommand &one) { command(client, one, *verbOf(one)); };
        if (!own.session.heldAckTypes.empty())
            give(ClientDo{client, HoldAcknowledgements{}});
        if (!own.faults.heldTypes.empty())
            give(HoldReceived{client, {}});
        if (!own.session.heldAcks.empty())
            give(ClientDo{client, ReleaseAcknowledgements{}});
        const auto &links = m_stage.lab().linkFaults;
        if (const auto faults = links.find(own.link); faults != links.end() && !faults->second.aside.empty())
            give(ReleaseReceived{client, {}});
    }

    // ---- seeing ----

    void look(const TraceRecord &record)
    {
        if (const auto *link = std::get_if<LinkTrace>(&record.what); link && link->change == LinkChange::Opened)
            m_invariants.linked(record.link, LinkId{link->detail.section(QLatin1Char(' '), -1).toUInt()});
        m_invariants.look(record);
        if (const auto *note = std::get_if<ClientNote>(&record.what)) {
            noteOf(note->effect, m_ends[record.client.value]);
        } else if (const auto *fault = std::get_if<FaultTrace>(&record.what)) {
            const bool isOurs =
                m_armed > m_firedSoFar && record.client == m_faults[m_armed - 1].client && fault->fault == m_number;
            m_hasFired = m_hasFired || isOurs;
        } else if (const auto *packet = std::get_if<PacketTrace>(&record.what);
                   packet && m_counts && record.client == m_faults.front().client && record.role == Role::Client) {
            ++(packet->direction == Direction::Sent ? m_result.sentAfter : m_result.receivedAfter);
        }
    }

    void noteOf(const ClientReport &report, End &end)
    {
        if (std::holds_alternative<ConnectionAccepted>(report))
            m_wasAnswered = true;
        if (std::holds_alternative<ConnectionRefused>(report))
            ++end.refusals;
        if (std::holds_alternative<CommandRefused>(report)) {
            m_wasImpossible = true;
            ++end.refusals;
        }
        if (const auto *completed = std::get_if<PublishCompleted>(&report); completed && isFailure(completed->reason))
            ++end.refusals;
        if (const auto *completed = std::get_if<RequestCompleted>(&report)) {
            m_wasAnswered = true;
            end.refusals += quint32(std::ranges::count_if(completed->reasons, isFailure));
        }
    }

    const Scenario &m_scenario;
    const ExploreScript &m_script;
    const std::vector<FaultPoint> &m_faults;
    Recovery m_recovery;
    Invariants m_invariants;
    FaultRunResult m_result;
    std::vector<End> m_ends; ///< by key; 0 is the broker
    std::size_t m_armed = 0; ///< faults so far
    std::size_t m_firedSoFar = 0;
    quint32 m_number = 0; ///< of the armed fault, among its client's
    bool m_hasFired = false;
    bool m_isRecoverable = true;
    bool m_counts = false; ///< the first fault's client is coming back
    bool m_wasAnswered = false;
    bool m_wasImpossible = false;
    Duration m_waited{};
    std::size_t m_waitStep = 0;
    ExploreStage m_stage; ///< the last: it hands records on as soon as it is there
};

} // namespace

FaultRunResult runWithFaults(const Scenario &scenario, const RunOptions &options, const ExploreScript &script,
                             const std::vector<FaultPoint> &faults, Recovery recovery)
{
    return FaultRun(scenario, options, script, faults, recovery).run();
}

} // namespace sessionscope
