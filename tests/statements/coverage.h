// Which file of core/ and which tests stand for each statement, found by reading the sources; and everything that is
// wrong with that: ids that no standard has, statements that nothing holds, scenarios that nobody plays.
#pragma once

#include "core/rules/statement_table.h"

#include <QMap>

namespace sessionscope::statements {

struct TextFile
{
    QString path; ///< from the top of the tree, with slashes
    QString text;
};

/// What the scan reads.
struct Tree
{
    QList<TextFile> sources; ///< .h and .cpp of core/ and tests/
    QList<TextFile> vectors; ///< tests/vectors/*.txt
    QString scenarios;       ///< tests/scenarios/README.md
};

struct Covered
{
    QStringList where; ///< files of core/, sorted
    QStringList tests; ///< sorted
    bool operator==(const Covered &) const = default;
};

/// By statement id, every id of the table.
using Coverage = QMap<QString, Covered>;

Coverage coverageOf(const Tree &tree, const StatementTable &table);

/// Ids that are cited somewhere and are not in the table: "path:line: id …".
QStringList unknownIds(const Tree &tree, const StatementTable &table);

/// Statements without a place in core/ or without a test, that have no reason for it; and reasons that are not needed
/// any more.
QStringList gaps(const Coverage &coverage, const StatementTable &table);

/// Scenarios that no test plays and that wait for nothing; ones that wait although a test plays them; numbers of tests
/// that are no scenarios.
QStringList scenarioGaps(const Tree &tree);

/// coverage.csv, in the order of the table.
QString toCsv(const Coverage &coverage, const StatementTable &table);

/// What changes from the table's own places and tests to the coverage, a line each: "MQTT-…: + tst_x y".
QStringList differences(const StatementTable &table, const Coverage &coverage);

} // namespace sessionscope::statements
