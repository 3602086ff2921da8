// All that is known of one statement, part by part: the table's row, and what the rules answer a packet with that
// breaks it. The command line prints it and the window shows it.
#pragma once

#include "core/rules/statement_table.h"

namespace sessionscope {

/// In the order in which they are told.
enum class StatementPart : quint8
{
    Demands,
    Binds,
    IfBroken,
    Example,
    InMqtt31,
    Rules,
    CheckedIn,
    Tests,
    NoTest,
    Alike
};

struct StatementEntryLine
{
    StatementPart part = StatementPart::Demands;
    QStringList values; ///< never empty
};

/// What the rules answer a packet with that breaks it: "QoS of 3: 0x81".
QStringList ruleTexts(const Statement &row);

/// The parts that have something to tell.
QList<StatementEntryLine> entryLines(const Statement &row);

/// "MQTT-x.y.z-n  (MQTT 5.0, publish)"
QString entryTitle(const Statement &row);

/// Title and parts as text for a terminal or a clipboard, without an end of line behind the last.
QString entryText(const Statement &row);

} // namespace sessionscope
