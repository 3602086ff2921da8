// The scenario language as shapes: the whole of what may stand in a file, and nothing else. Verbs bring their own part
// (verbs.h), facts theirs (fact.h).
#pragma once

#include "core/scenario/shape.h"

namespace sessionscope {

/// A file.
const Shape &scenarioShape();
/// A list of steps, as an included file may hold.
const Shape &stepsShape();
/// Fields of CONNECT, as a client has and the verb connect may change.
const std::vector<Field> &connectFields();
/// A client of a scenario.
const Shape &clientShape();
/// A file that holds a connection's whole setting: a client's fields, its name, its broker and its subscriptions.
const Shape &profileShape();
/// Where a password is found.
const Shape &passwordShape();
const Shape &tlsShape();
/// What stands behind expect, never and until.
const Shape &expectShape();
/// Which packet a fault waits for.
const Shape &whenShape();
/// The text, hex or base64 of a message.
const Shape &payloadShape();
/// { NAME: VALUE }, or a list of such where a name comes again or the order counts.
const Shape &userPropertiesShape();
/// { NAME: VALUE }
const Shape &pairsShape();
const Shape &packetTypeShape();

/// The JSON Schema of scenario files.
QJsonObject scenarioSchema();
/// The JSON Schema of profiles.
QJsonObject profileSchema();
/// Every key and verb with its help, for people.
QString scenarioHelp();
/// Every key of a profile with its help.
QString profileHelp();

} // namespace sessionscope
