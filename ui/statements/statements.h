// The table of statements as the window has it: read once, from what is compiled in.
#pragma once

#include "core/rules/statement_text.h"

namespace sessionscope {

/// Every numbered statement of both standards. Read at the first call; empty if the compiled-in files are damaged,
/// which a test rules out.
const StatementTable &statementTable();

/// What a person looks for: an id's rows, or those that contain the text. Empty text: all.
QList<const Statement *> findStatements(const QString &text);

} // namespace sessionscope
