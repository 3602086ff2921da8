// What clients and the bundled broker can do in a scenario: one row a verb, with its shape, its help and the way from
// the node behind it to the action.
#pragma once

#include "core/scenario/scenario.h"

namespace sessionscope {

/// Who the verb is for, while a step is read.
struct VerbContext
{
    const Scenario &scenario;
    const ScenarioClient *client = nullptr; ///< nullptr: the broker
    ClientKey key;
    Problems &problems;
};

struct Verb
{
    QString name;
    const Shape *shape;
    QString help;
    bool standsAlone; ///< the bare word is enough
    Action (*read)(const Node &node, const VerbContext &context);
};

const std::vector<Verb> &clientVerbs();
const std::vector<Verb> &brokerVerbs();
/// nullptr when there is none of this name.
const Verb *verbOf(const std::vector<Verb> &verbs, const QString &name);

/// Settings of the bundled broker, by their names with _ for -.
const Shape &brokerSettingsShape();
/// The settings that the node holds. Wrong values have been told by the shape.
std::vector<std::pair<QString, QString>> readSettings(const Node &node);
void applySettings(BrokerConfig &config, const std::vector<std::pair<QString, QString>> &settings);

/// CONNECT as the node's fields change it. The version is applied first, whatever the order.
void readConnect(const Node &node, ConnectPacket &connect);
QByteArray readPayload(const Node &node);

} // namespace sessionscope
