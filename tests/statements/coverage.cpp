#include "tests/statements/coverage.h"

#include "tests/statements/citations.h"

#include <QSet>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace sessionscope::statements {

namespace {

// Tests of the table itself and of this scanner: what they cite counts for nothing.
bool isAboutCitations(const QString &path)
{
    return path.startsWith("tests/statements/"_L1) || path == "tests/rules/tst_statement_table.cpp"_L1 ||
           path == "tests/app/tst_cli_statements.cpp"_L1;
}

// "tests/broker/tst_broker_qos.cpp" as "broker/tst_broker_qos": two folders may have a file of the same name.
QString nameOf(const QString &path)
{
    return path.section(u'/', 1).section(u'.', 0, 0);
}

struct NamedTest
{
    QString name;
    TestFunction function;
};

QList<NamedTest> testsOf(const Tree &tree)
{
    QList<NamedTest> tests;
    for (const auto &file : tree.sources) {
        if (!file.path.startsWith("tests/"_L1) || isAboutCitations(file.path))
            continue;
        for (const auto &function : testFunctionsIn(file.path, file.text))
            tests.append({nameOf(file.path) + u' ' + function.name, function});
    }
    return tests;
}

void tidy(QStringList &list)
{
    list.removeDuplicates();
    list.sort();
}

// Each id of a test's own, and those of the scenarios it plays.
QStringList idsOf(const TestFunction &function, const QList<Scenario> &scenarios)
{
    QStringList ids = function.ids;
    for (const auto &scenario : scenarios) {
        if (function.scenarios.contains(scenario.number))
            ids += scenario.ids;
    }
    return ids;
}

void report(QStringList &found, const QString &path, const QString &text, const StatementTable &table)
{
    for (const auto &citation : citationsIn(text)) {
        if (!table.find(citation.id))
            found.append(u"%1:%2: %3 is no statement"_s.arg(path).arg(citation.line).arg(citation.id));
    }
}

/// Tests of what shows statements: they name some as examples, and would not notice one that is broken.
bool isAboutShowing(const QString &testName)
{
    static constexpr const char *folders[] = {"app/", "profile/", "scenario/", "trace/", "ui/"};
    return std::ranges::any_of(folders, [&](const char *folder) { return testName.startsWith(QLatin1String(folder)); });
}

QString csvField(const QString &text)
{
    if (!text.contains(u',') && !text.contains(u'"'))
        return text;
    return u'"' + QString(text).replace(u'"', "\"\""_L1) + u'"';
}

void compare(QStringList &lines, const QString &id, const QStringList &before, const QStringList &after)
{
    for (const auto &one : before) {
        if (!after.contains(one))
            lines.append(u"%1: - %2"_s.arg(id, one));
    }
    for (const auto &one : after) {
        if (!before.contains(one))
            lines.append(u"%1: + %2"_s.arg(id, one));
    }
}

} // namespace

Coverage coverageOf(const Tree &tree, const StatementTable &table)
{
    Coverage coverage;
    for (const auto &row : table.rows())
        coverage.insert(row.id, {});
    const auto add = [&coverage](const QStringList &ids, QStringList Covered::*list, const QString &what) {
        for (const auto &id : ids) {
            if (const auto row = coverage.find(id); row != coverage.end())
                ((*row).*list).append(what);
        }
    };
    for (const auto &file : tree.sources) {
        if (file.path.startsWith("core/"_L1))
            add(idsIn(file.text), &Covered::where, file.path);
    }
    const auto scenarios = scenariosIn(tree.scenarios);
    for (const auto &test : testsOf(tree)) {
        if (isAboutShowing(test.name))
            continue;
        add(idsOf(test.function, scenarios), &Covered::tests, test.name);
    }
    for (const auto &file : tree.vectors) {
        for (const auto &vector : vectorsIn(file.text))
            add(vector.ids, &Covered::tests, u"%1: %2"_s.arg(nameOf(file.path), vector.name));
    }
    for (auto &row : coverage) {
        tidy(row.where);
        tidy(row.tests);
    }
    return coverage;
}

QStringList unknownIds(const Tree &tree, const StatementTable &table)
{
    QStringList found;
    for (const auto &file : tree.sources) {
        if (!isAboutCitations(file.path))
            report(found, file.path, file.text, table);
    }
    for (const auto &file : tree.vectors)
        report(found, file.path, file.text, table);
    report(found, u"tests/scenarios/README.md"_s, tree.scenarios, table);
    return found;
}

QStringList gaps(const Coverage &coverage, const StatementTable &table)
{
    QStringList found;
    for (const auto &row : table.rows()) {
        const auto &covered = coverage[row.id];
        if (row.untested.isEmpty() && covered.where.isEmpty())
            found.append(row.id + u" has no place in core/: "_s + row.text);
        if (row.untested.isEmpty() && covered.tests.isEmpty())
            found.append(row.id + u" has no test: "_s + row.text);
        if (!row.untested.isEmpty() && !covered.tests.isEmpty())
            found.append(u"%1 has a test and need not say \"%2\""_s.arg(row.id, row.untested));
    }
    return found;
}

QStringList scenarioGaps(const Tree &tree)
{
    QSet<int> played;
    for (const auto &test : testsOf(tree))
        played += QSet<int>(test.function.scenarios.begin(), test.function.scenarios.end());
    QStringList found;
    for (const auto &scenario : scenariosIn(tree.scenarios)) {
        const bool isPlayed = played.remove(scenario.number);
        if (!isPlayed && scenario.waits.isEmpty())
            found.append(u"S-%1 has no test"_s.arg(scenario.number));
        if (isPlayed && !scenario.waits.isEmpty())
            found.append(u"S-%1 has a test and need not wait"_s.arg(scenario.number));
    }
    for (const int number : played)
        found.append(u"S-%1 is no scenario"_s.arg(number));
    return found;
}

QString toCsv(const Coverage &coverage, const StatementTable &table)
{
    QString text = u"id,where,tests\n"_s;
    for (const auto &row : table.rows()) {
        const auto &covered = coverage[row.id];
        text +=
            u"%1,%2,%3\n"_s.arg(row.id, csvField(covered.where.join("; "_L1)), csvField(covered.tests.join("; "_L1)));
    }
    return text;
}

QStringList differences(const StatementTable &table, const Coverage &coverage)
{
    QStringList lines;
    for (const auto &row : table.rows()) {
        const auto &covered = coverage[row.id];
        compare(lines, row.id, row.where, covered.where);
        compare(lines, row.id, row.tests, covered.tests);
    }
    return lines;
}

} // namespace sessionscope::statements
