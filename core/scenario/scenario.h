// A scenario as a value: what its file says, checked and resolved, ready to be played. One value a verb; the grammar
// (grammar.h) says how each is written, the runner (runner.h) what it does.
#pragma once

#include "core/scenario/breach.h"
#include "core/scenario/expectation.h"
#include "core/scenario/secret_reference.h"

#include "core/lab/lab.h"

#include <memory>

namespace sessionscope {

enum class RunClock : quint8
{
    Virtual,
    Real
};

/// One client of a scenario. Its key in the lab is its place in the list, from 1.
struct ScenarioClient
{
    QByteArray name;
    ConnectPacket connect;
    ClientPolicy policy;
    std::optional<Endpoint> broker; ///< other than the scenario's
    TlsSettings tls;                ///< none: those that come with the broker
    SecretReference passwordFrom;
    bool hasGivenId = false;                      ///< the file says the client id; else it is the name
    std::optional<Authentication> authentication; ///< without its password

    /// Where it connects: to its own broker or else to this one, with its own TLS settings if it has any.
    Endpoint endpoint(const Endpoint &given) const
    {
        Endpoint endpoint = broker.value_or(given);
        if (tls != TlsSettings())
            endpoint.tls = tls;
        return endpoint;
    }
    /// Whether an authentication method proves the password, and CONNECT does not hold it.
    bool provesPassword() const { return authentication && authentication->script.empty(); }
};

/// For clients that have neither user name nor password of their own.
struct BrokerLogin
{
    std::optional<QByteArray> userName;
    SecretReference passwordFrom;
};

// ---- what a step does ----

struct Step;
using Steps = std::vector<Step>;

/// What has to come before the next step begins.
enum class Awaits : quint8
{
    Nothing,
    Connack,  ///< or the end of the attempt
    Answered, ///< SUBACK or UNSUBACK
    Closed,
};
/// One command of the lab, or several at once.
struct CommandAction
{
    LabCommand command;
    Awaits awaits = Awaits::Nothing;
    SecretReference passwordFrom = {};   ///< of a connect, instead of its client's
    std::vector<LabCommand> others = {}; ///< right behind it
};
/// The same message several times; "{n}" in topic and payload is the number, from 1.
struct PublishAction
{
    ClientKey client;
    Message message;
    quint32 count = 1;
    Duration every{};
};
struct WaitAction
{
    Duration duration{};
};
/// Until the session of a client ends at the server, or a little earlier or later.
struct UntilExpiryAction
{
    QByteArray clientId;
    Duration offset{};
};
/// For until without a limit of its own.
inline constexpr Duration untilLimit = std::chrono::hours(1);

/// Numbers of a series that is expected.
inline constexpr qint64 seriesLimit = 1'000;

/// Until all of it holds; else the step has failed.
struct UntilAction
{
    std::vector<Expectation> expectations;
};
struct RepeatAction
{
    quint32 times = 1;
    std::shared_ptr<const Steps> steps;
};
/// One of several sequences of steps that go on side by side.
struct Branch
{
    QString name; ///< as reports say it: "branch 2", or the name it was given
    Steps steps;
};
/// All of them go on until each has come to its end.
struct ParallelAction
{
    std::shared_ptr<const std::vector<Branch>> branches;
};
/// Sets some of the bundled broker's settings.
struct SettingsAction
{
    std::vector<std::pair<QString, QString>> settings; ///< name and text, as brokerSettings() takes them
};
/// Only looks.
struct NoAction
{
};

using Action = std::variant<NoAction, CommandAction, PublishAction, WaitAction, UntilExpiryAction, UntilAction,
                            RepeatAction, ParallelAction, SettingsAction>;

struct Step
{
    Place place;
    QString text; ///< as a report shows it: "door: connect"
    Action action;
    std::vector<Expectation> expect;
    std::vector<Expectation> never;
    std::optional<Duration> limit; ///< of expect; without it the scenario's
    Duration neverFor{};           ///< how long never is watched
};

/// Calls take with each step, and with those within it: of repeat once, of parallel each branch's.
template<class Take> void forEachStep(const Steps &steps, const Take &take)
{
    for (const Step &step : steps) {
        take(step);
        if (const auto *repeat = std::get_if<RepeatAction>(&step.action); repeat && repeat->steps)
            forEachStep(*repeat->steps, take);
        if (const auto *parallel = std::get_if<ParallelAction>(&step.action)) {
            for (const Branch &branch : *parallel->branches)
                forEachStep(branch.steps, take);
        }
    }
}

// ---- the whole ----

struct ScenarioLimits
{
    Duration step = std::chrono::seconds(5);   ///< for what a step waits for
    Duration total = std::chrono::minutes(10); ///< of real time
};

/// A method of enhanced authentication that the bundled broker knows.
struct ScenarioMethod
{
    QByteArray name;
    AuthenticationScript script; ///< what is played, unless there are users
    /// Who proves a password by SCRAM; none: the method is played from its script.
    std::optional<std::vector<std::pair<QByteArray, SecretReference>>> users;
};

struct Scenario
{
    Place place;
    QString name;
    QString about;
    QStringList statements;
    std::optional<Endpoint> broker; ///< none: the bundled one
    std::optional<BrokerLogin> login;
    BrokerConfig config;                 ///< of the bundled broker
    std::vector<ScenarioMethod> methods; ///< of enhanced authentication, of the bundled broker
    bool hasSettings = false;            ///< config is not the default: no other broker will do
    std::optional<quint64> seed;
    std::optional<RunClock> clock; ///< none: virtual with the bundled broker, else real
    ScenarioLimits limits;
    bool checksInvariants = true;
    std::vector<Invariant> breaks; ///< that the run has to break, each of them and no other: somebody misbehaves
    std::vector<ScenarioClient> clients;
    Steps steps;
    Steps finally; ///< when everything is quiet
    Steps control; ///< has to pass first, alone
    /// What it was read from, with includes and variables written out; the steps stand in the same order.
    std::shared_ptr<const Node> source;

    RunClock clockInForce() const { return clock.value_or(broker ? RunClock::Real : RunClock::Virtual); }
    /// Nothing of the name: a key of 0.
    ClientKey keyOf(const QByteArray &name) const;
};

} // namespace sessionscope
