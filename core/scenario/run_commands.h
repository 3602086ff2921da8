// What a scenario becomes for a lab, whoever drives it: the commands that begin a run, secrets put in their place,
// messages numbered.
#pragma once

#include "core/scenario/scenario.h"

namespace sessionscope {

/// Whether a run keeps its ladder; a page of them wants it, and nothing else.
enum class Ladders : quint8
{
    Dropped,
    Kept
};

/// Whether a run that does not pass keeps its whole trace.
enum class Recordings : quint8
{
    Dropped,
    Kept
};

/// How a run differs from what its scenario says.
struct RunOptions
{
    std::map<SecretReference, QByteArray> secrets = {}; ///< what the scenarios refer to
    std::optional<quint64> seed = {};                   ///< instead of the scenario's; see seedOf()
    Ladders ladders = Ladders::Dropped;
    Recordings recordings = Recordings::Dropped;
    MakeAuthenticator makeAuthenticator = {};   ///< for authentication methods other than scripts
    MakePasswordMethod makePasswordMethod = {}; ///< for those of the bundled broker that have users
    /// Called when a step is about to act on the lab; with a number for each of its messages where time passes between
    /// them, else with 0.
    std::function<void(const Step &, quint32)> acts = {};
};

/// For all that is left to chance, the broker and the waits before reconnects: that of the run, else of the scenario,
/// else 1.
quint64 seedOf(const Scenario &scenario, const RunOptions &options);
/// The broker's configuration with the seed of the run.
BrokerConfig configOf(const Scenario &scenario, const RunOptions &options);
/// The broker and every client, as they are before the first step. broker: where clients connect that name no other.
std::vector<LabCommand> openingCommands(const Scenario &scenario, const RunOptions &options, const Endpoint &broker);
/// A command as it is given to the lab: a CONNECT with the password that its client has by reference, or with the
/// broker's login, and a reconnect before there was any connection as the connect it stands for. Any other as it is.
/// own: where the command itself says that the password is.
LabCommand completed(LabCommand command, const Scenario &scenario, const RunOptions &options, const Lab &lab,
                     const SecretReference &own = {});
/// The passwords that the scenario refers to, each with whose it is.
std::vector<std::pair<SecretReference, QString>> secretsOf(const Scenario &scenario);
/// Whom a command is for; none: the broker.
ClientKey clientOf(const LabCommand &command);
/// The message with "{n}" replaced in topic and payload.
PublishCommand numberedPublish(const Message &message, quint32 number);
/// Whether packets will not go their way as they were sent, or are none that a client may send: what holds between two
/// ends over TCP holds no longer.
bool tampers(const LabCommand &command);

} // namespace sessionscope
