// Holds the table of statements (resources/statements) against the sources: every statement has a place in core/ and a
// test, every scenario is played, nothing cites what no standard says, and coverage.csv is what a scan finds.
// With SESSIONSCOPE_UPDATE_STATEMENTS set, coverage.csv is written first (target update-statements).
#include "tests/statements/coverage.h"

#include <QDir>
#include <QDirIterator>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace sessionscope;
using namespace sessionscope::statements;

namespace {

const QString statementsPath = u"resources/statements/statements.csv"_s;
const QString coveragePath = u"resources/statements/coverage.csv"_s;

QString absolute(const QString &path)
{
    return QDir(QStringLiteral(SESSIONSCOPE_SOURCE_DIR)).filePath(path);
}

QString readText(const QString &path)
{
    QFile file(absolute(path));
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

QList<TextFile> readFiles(const QString &folder, const QStringList &patterns)
{
    QStringList paths;
    QDirIterator files(absolute(folder), patterns, QDir::Files, QDirIterator::Subdirectories);
    while (files.hasNext())
        paths.append(QDir(absolute({})).relativeFilePath(files.next()));
    paths.sort();
    QList<TextFile> read;
    for (const auto &path : paths)
        read.append({path, readText(path)});
    return read;
}

Tree readTree()
{
    const QStringList sources{u"*.h"_s, u"*.cpp"_s};
    return {readFiles(u"core"_s, sources) + readFiles(u"tests"_s, sources), readFiles(u"tests/vectors"_s, {u"*.txt"_s}),
            readText(u"tests/scenarios/README.md"_s)};
}

// A coverage that names every statement and nothing else, to read the statements by.
QString emptyCoverage()
{
    QString csv = u"id,where,tests\n"_s;
    const QStringList lines = readText(statementsPath).split(u'\n', Qt::SkipEmptyParts);
    for (const auto &line : lines.mid(1))
        csv += line.section(u',', 0, 0) + u",,\n"_s;
    return csv;
}

Result<StatementTable, StatementTableError> readTable(const QString &coverage)
{
    return readStatementTable(readText(statementsPath), coverage);
}

// A failure's message is cut where it gets long; a line each is not.
bool isNothing(const QStringList &lines)
{
    for (const auto &line : lines)
        qWarning("%s", qPrintable(line));
    return lines.isEmpty();
}

} // namespace

class StatementsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        const auto table = readTable(emptyCoverage());
        QVERIFY2(
            table.ok(),
            table.ok()
                ? ""
                : qPrintable(u"%1:%2: %3"_s.arg(table.error().file).arg(table.error().line).arg(table.error().what)));
        m_table = *table;
        m_tree = readTree();
        m_coverage = coverageOf(m_tree, m_table);
        if (qEnvironmentVariableIsSet("SESSIONSCOPE_UPDATE_STATEMENTS")) {
            QFile file(absolute(coveragePath));
            QVERIFY2(file.open(QIODevice::WriteOnly), qPrintable(file.errorString()));
            file.write(toCsv(m_coverage, m_table).toUtf8());
        }
    }

    void has_every_statement_of_both_standards()
    {
        const auto isV5 = [](const Statement &row) { return row.isOfV5(); };
        QCOMPARE(std::ranges::count_if(m_table.rows(), isV5), 251);
        QCOMPARE(m_table.rows().size(), 251 + 141);
    }

    void cites_only_statements_that_exist()
    {
        const auto unknown = unknownIds(m_tree, m_table);
        QVERIFY2(isNothing(unknown), "these ids are in no standard");
    }

    void gives_every_statement_a_place_and_a_test()
    {
        const auto missing = gaps(m_coverage, m_table);
        QVERIFY2(isNothing(missing), "see the lines above and resources/statements/README.md");
    }

    void plays_every_scenario()
    {
        const auto missing = scenarioGaps(m_tree);
        QVERIFY2(isNothing(missing), "see the lines above and resources/statements/README.md");
    }

    void keeps_the_committed_coverage_true()
    {
        const auto committed = readTable(readText(coveragePath));
        const QStringList changed = committed.ok()
                                        ? differences(*committed, m_coverage)
                                        : QStringList{committed.error().file + u": "_s + committed.error().what};
        QVERIFY2(isNothing(changed), "to take this over: cmake --build build/dev --target update-statements");
    }

    void tells_the_totals()
    {
        int places = 0;
        int tests = 0;
        int exempt = 0;
        for (const auto &row : m_table.rows()) {
            places += !m_coverage[row.id].where.isEmpty();
            tests += !m_coverage[row.id].tests.isEmpty();
            exempt += !row.untested.isEmpty();
        }
        qInfo("%d statements: %d with a place in core/, %d with a test, %d exempt", int(m_table.rows().size()), places,
              tests, exempt);
        QCOMPARE(tests + exempt, m_table.rows().size());
    }

private:
    StatementTable m_table;
    Tree m_tree;
    Coverage m_coverage;
};

QTEST_APPLESS_MAIN(StatementsTest)
#include "tst_statements.moc"
