// The fields of a client, as the clients of a scenario and profiles have them, from a checked tree to values.
#pragma once

#include "core/scenario/scenario.h"

namespace sessionscope {

/// Lays the fields of map over client. Wrong values have been told by the shape; what only several fields together
/// show is appended to problems, at place. What is asked for on a terminal is named after the user, or else the client.
void readClient(const Node &map, const Place &place, ScenarioClient &client, Problems &problems);

/// The way to a password; asker names whose it is.
SecretReference readPassword(const Node &node, const QString &asker, Problems &problems);

/// Where names of files begin is the folder of the file that they stand in.
TlsSettings readTls(const Node &node, Problems &problems);

/// Nothing, and a problem, when the text is no URL of a broker.
std::optional<Endpoint> readUrl(const Node &node, Problems &problems);

} // namespace sessionscope
