// CSV in, rows out; every error says file and line.
#include "core/rules/statement_table.h"

#include <algorithm>
#include <optional>

using namespace Qt::StringLiterals;

namespace sessionscope {

namespace {

const QStringList statementColumns{u"id"_s,      u"binds"_s, u"area"_s,   u"statement"_s, u"violation"_s,
                                   u"example"_s, u"alike"_s, u"mqtt31"_s, u"untested"_s};
const QStringList coverageColumns{u"id"_s, u"where"_s, u"tests"_s};
constexpr QStringView statementsFile = u"statements.csv";
constexpr QStringView coverageFile = u"coverage.csv";

std::optional<Binds> bindsFrom(const QString &text)
{
    for (const Binds binds : {Binds::Client, Binds::Server, Binds::Both, Binds::Packet}) {
        if (text == bindsText(binds))
            return binds;
    }
    return std::nullopt;
}

// One row of a CSV file (RFC 4180), with the line it begins in.
struct CsvRow
{
    int line = 0;
    QStringList fields;
};

QList<CsvRow> readCsv(const QString &text)
{
    QList<CsvRow> rows;
    CsvRow row{1, {}};
    QString field;
    bool isQuoted = false;
    int line = 1;
    const auto endField = [&] { row.fields.append(std::exchange(field, {})); };
    for (qsizetype at = 0; at < text.size(); ++at) {
        const QChar c = text[at];
        line += c == u'\n';
        if (isQuoted && c == u'"' && at + 1 < text.size() && text[at + 1] == u'"') {
            field += c;
            ++at;
        } else if (c == u'"') {
            isQuoted = !isQuoted;
        } else if (!isQuoted && c == u',') {
            endField();
        } else if (!isQuoted && c == u'\n') {
            endField();
            rows.append(std::exchange(row, {line, {}}));
        } else {
            field += c;
        }
    }
    if (!field.isEmpty() || !row.fields.isEmpty()) {
        endField();
        rows.append(row);
    }
    return rows;
}

// "[mqtt-3.3.1-2]" and "3.3.1-2" as "3.3.1-2"; with "v3:" before it when it says so.
QString plainId(QString text)
{
    text = text.trimmed().toLower();
    if (text.startsWith(u'[') && text.endsWith(u']'))
        text = text.mid(1, text.size() - 2);
    const bool isV3 = text.startsWith(u"v3:");
    if (isV3)
        text.remove(0, 3);
    if (text.startsWith(u"mqtt-"))
        text.remove(0, 5);
    return isV3 ? u"v3:"_s + text : text;
}

bool contains(const Statement &row, const QString &word)
{
    const auto has = [&word](const QString &text) { return text.contains(word, Qt::CaseInsensitive); };
    return has(row.id) || has(row.area) || has(row.text) || has(row.violation) || has(row.example) || has(row.mqtt31) ||
           has(row.untested) || std::ranges::any_of(row.where, has) || std::ranges::any_of(row.tests, has);
}

} // namespace

QString bindsText(Binds binds)
{
    switch (binds) {
    case Binds::Client:
        return u"client"_s;
    case Binds::Server:
        return u"server"_s;
    case Binds::Both:
        return u"both"_s;
    case Binds::Packet:
        return u"packet"_s;
    }
    return {};
}

const Statement *StatementTable::find(const QString &id) const
{
    const auto found = std::ranges::find(m_rows, id, &Statement::id);
    return found == m_rows.end() ? nullptr : &*found;
}

QList<const Statement *> StatementTable::named(const QString &id) const
{
    QList<const Statement *> found;
    for (const Statement &row : m_rows) {
        if (meansStatement(id, row.id))
            found.append(&row);
    }
    return found;
}

QList<const Statement *> StatementTable::containing(const QString &word) const
{
    QList<const Statement *> found;
    for (const Statement &row : m_rows) {
        if (contains(row, word))
            found.append(&row);
    }
    return found;
}

bool meansStatement(const QString &asked, const QString &id)
{
    // Only the bare number means both versions.
    const bool saysVersion =
        asked.contains(u"mqtt", Qt::CaseInsensitive) || asked.contains(u"v3:", Qt::CaseInsensitive);
    const QString wanted = plainId(asked);
    const QString plain = plainId(id);
    return plain == wanted || (!saysVersion && plain == u"v3:"_s + wanted);
}

bool isStatementId(const QString &text)
{
    QString plain = plainId(text);
    if (plain.startsWith(u"v3:"))
        plain.remove(0, 3);
    const bool hasOnlyNumbers =
        std::ranges::all_of(plain, [](QChar c) { return c.isDigit() || c == u'.' || c == u'-'; });
    return hasOnlyNumbers && plain.contains(u'.') && plain.contains(u'-') && plain.front().isDigit() &&
           plain.back().isDigit();
}

/// Builds a table; stops at the first row that is wrong.
class StatementReader
{
public:
    Result<StatementTable, StatementTableError> read(const QString &statements, const QString &coverage)
    {
        readRows(statements, statementsFile, statementColumns, &StatementReader::addStatement);
        readRows(coverage, coverageFile, coverageColumns, &StatementReader::addCoverage);
        if (!m_error && m_covered < m_table.m_rows.size())
            m_error = {coverageFile.toString(), 1, m_table.m_rows[m_covered].id + u" is missing"_s};
        if (!m_error)
            linkBothWays();
        if (m_error)
            return *m_error;
        return m_table;
    }

private:
    using Add = QString (StatementReader::*)(const QStringList &fields);

    void readRows(const QString &text, QStringView file, const QStringList &columns, Add add)
    {
        const auto fail = [&](int line, const QString &what) { m_error = {file.toString(), line, what}; };
        const QList<CsvRow> rows = m_error ? QList<CsvRow>() : readCsv(text);
        if (!m_error && (rows.isEmpty() || rows.first().fields != columns))
            fail(1, u"expected the columns "_s + columns.join(u", "_s));
        for (qsizetype at = 1; at < rows.size() && !m_error; ++at) {
            const CsvRow &row = rows[at];
            if (row.fields.size() != columns.size())
                fail(row.line, u"expected %1 fields and found %2"_s.arg(columns.size()).arg(row.fields.size()));
            else if (const QString wrong = (this->*add)(row.fields); !wrong.isEmpty())
                fail(row.line, wrong);
        }
    }

    QString addStatement(const QStringList &fields)
    {
        const auto binds = bindsFrom(fields[1]);
        if (!isStatementId(fields[0]))
            return u"\"%1\" is not a statement's id"_s.arg(fields[0]);
        if (m_table.find(fields[0]))
            return fields[0] + u" stands twice"_s;
        if (!binds)
            return u"\"%1\" is not one of client, server, both, packet"_s.arg(fields[1]);
        m_table.m_rows.append({.id = fields[0],
                               .binds = *binds,
                               .area = fields[2],
                               .text = fields[3],
                               .violation = fields[4],
                               .example = fields[5],
                               .mqtt31 = fields[7],
                               .untested = fields[8],
                               .alike = fields[6].split(u' ', Qt::SkipEmptyParts)});
        return {};
    }

    QString addCoverage(const QStringList &fields)
    {
        if (m_covered >= m_table.m_rows.size() || m_table.m_rows[m_covered].id != fields[0])
            return fields[0] + u" is not the next statement of statements.csv"_s;
        Statement &row = m_table.m_rows[m_covered++];
        row.where = fields[1].split(u"; "_s, Qt::SkipEmptyParts);
        row.tests = fields[2].split(u"; "_s, Qt::SkipEmptyParts);
        return {};
    }

    // The file says it once, at the statement of 3.1.1.
    void linkBothWays()
    {
        const QList<Statement> written = m_table.m_rows;
        for (qsizetype at = 0; at < written.size() && !m_error; ++at) {
            for (const QString &id : written[at].alike) {
                const auto other = std::ranges::find(m_table.m_rows, id, &Statement::id);
                if (other == m_table.m_rows.end())
                    m_error = {statementsFile.toString(), int(at) + 2,
                               written[at].id + u" is said to be like "_s + id + u", which is not there"_s};
                else
                    other->alike.append(written[at].id);
            }
        }
    }

    StatementTable m_table;
    qsizetype m_covered = 0;
    std::optional<StatementTableError> m_error;
};

Result<StatementTable, StatementTableError> readStatementTable(const QString &statementsCsv, const QString &coverageCsv)
{
    return StatementReader().read(statementsCsv, coverageCsv);
}

} // namespace sessionscope
