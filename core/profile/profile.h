// A connection's whole setting as a value, read from a file of its own. The keys of the file are those of a scenario's
// client (core/scenario/grammar.h), so that a client can begin with a profile; the few of its own are its name, its
// broker, its subscriptions and how the password is proven. There is never a password in it, only where one is found.
#pragma once

#include "core/scenario/scenario.h"

#include "core/session/client_events.h"

namespace sessionscope {

struct Profile
{
    QString name;
    QString about;
    ScenarioClient client; ///< its broker: none for the bundled one
    /// Empty, or the method by which the password is proven instead of sent.
    QByteArray authMethod;
    std::vector<SubscribeCommand> subscribe; ///< one filter each
};

/// Or every problem of the file, in the order of its lines.
Result<Profile, Problems> readProfile(const QByteArray &text, const QString &file);

/// The names of the profile's keys, in the order in which they are written.
QStringList profileKeys();

} // namespace sessionscope
