// The table of statements on the terminal: totals and list, one entry with all that is known of it, or a search.
#include "app/cli/commands.h"
#include "app/cli/options.h"

#include "core/rules/statement_text.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMap>

namespace sessionscope::cli {

namespace {

constexpr Binds everyBinds[] = {Binds::Client, Binds::Server, Binds::Both, Binds::Packet};
constexpr int idWidth = 20;
constexpr int labelWidth = 13;

QString name()
{
    return QStringLiteral("statements");
}

QString readResource(const QString &fileName)
{
    QFile file(QStringLiteral(":/statements/") + fileName);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

// ---- totals ----

struct Count
{
    int v5 = 0;
    int v3 = 0;
    int tested = 0;
    QMap<Binds, int> binding{};

    void add(const Statement &row)
    {
        ++(row.isOfV5() ? v5 : v3);
        tested += !row.tests.isEmpty();
        ++binding[row.binds];
    }
};

QMap<QString, Count> countByArea(const StatementTable &table)
{
    QMap<QString, Count> counts;
    for (const Statement &row : table.rows())
        counts[row.area].add(row);
    return counts;
}

Count countAll(const StatementTable &table)
{
    Count all;
    for (const Statement &row : table.rows())
        all.add(row);
    return all;
}

QString cells(const QString &first, const QStringList &others)
{
    QString line = first.leftJustified(labelWidth);
    for (const QString &cell : others)
        line += cell.rightJustified(8);
    return line;
}

QString countLine(const QString &label, const Count &count)
{
    QStringList numbers{QString::number(count.v5), QString::number(count.v3)};
    for (const Binds binds : everyBinds)
        numbers.append(QString::number(count.binding.value(binds)));
    numbers.append(QString::number(count.tested));
    return cells(label, numbers);
}

QString totalsText(const StatementTable &table)
{
    QStringList heads{QStringLiteral("5.0"), QStringLiteral("3.1.1")};
    for (const Binds binds : everyBinds)
        heads.append(bindsText(binds));
    heads.append(QStringLiteral("tested"));
    QStringList lines{cells(QStringLiteral("area"), heads)};
    const auto counts = countByArea(table);
    for (auto count = counts.begin(); count != counts.end(); ++count)
        lines.append(countLine(count.key(), count.value()));
    lines.append(countLine(QStringLiteral("all"), countAll(table)));
    return lines.join(u'\n');
}

QJsonObject totalsJson(const StatementTable &table)
{
    const auto toJson = [](const Count &count) {
        QJsonObject object{{QStringLiteral("v5"), count.v5},
                           {QStringLiteral("v3"), count.v3},
                           {QStringLiteral("tested"), count.tested}};
        for (const Binds binds : everyBinds)
            object.insert(bindsText(binds), count.binding.value(binds));
        return object;
    };
    QJsonObject areas;
    const auto counts = countByArea(table);
    for (auto count = counts.begin(); count != counts.end(); ++count)
        areas.insert(count.key(), toJson(count.value()));
    return {{QStringLiteral("kind"), QStringLiteral("totals")},
            {QStringLiteral("all"), toJson(countAll(table))},
            {QStringLiteral("areas"), areas}};
}

// ---- one statement ----

QString lineText(const Statement &row)
{
    return row.id.leftJustified(idWidth) + bindsText(row.binds).leftJustified(8) + row.text;
}

QJsonObject toJson(const Statement &row)
{
    const auto array = [](const QStringList &list) { return QJsonArray::fromStringList(list); };
    return {{QStringLiteral("kind"), QStringLiteral("statement")},
            {QStringLiteral("id"), row.id},
            {QStringLiteral("version"), row.isOfV5() ? QStringLiteral("5.0") : QStringLiteral("3.1.1")},
            {QStringLiteral("binds"), bindsText(row.binds)},
            {QStringLiteral("area"), row.area},
            {QStringLiteral("statement"), row.text},
            {QStringLiteral("violation"), row.violation},
            {QStringLiteral("example"), row.example},
            {QStringLiteral("mqtt31"), row.mqtt31},
            {QStringLiteral("untested"), row.untested},
            {QStringLiteral("alike"), array(row.alike)},
            {QStringLiteral("rules"), array(ruleTexts(row))},
            {QStringLiteral("where"), array(row.where)},
            {QStringLiteral("tests"), array(row.tests)}};
}

void printJson(const QJsonObject &object)
{
    printResult(QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact)));
}

// The entries that were asked for, and those of the other version that demand the same, each once.
QList<const Statement *> withAlike(const StatementTable &table, QList<const Statement *> rows)
{
    for (const Statement *row : QList(rows)) {
        for (const QString &id : row->alike) {
            const Statement *other = table.find(id);
            if (other && !rows.contains(other))
                rows.append(other);
        }
    }
    return rows;
}

// ---- what can be asked ----

enum class Output : quint8
{
    Text,
    Json
};

void printList(const QList<const Statement *> &rows, Output output)
{
    for (const Statement *row : rows) {
        if (output == Output::Json)
            printJson(toJson(*row));
        else
            printResult(lineText(*row));
    }
}

ExitCode showAll(const StatementTable &table, Output output)
{
    if (output == Output::Json)
        printJson(totalsJson(table));
    else
        printResult(totalsText(table) + u'\n');
    printList(table.containing({}), output);
    return ExitCode::Ok;
}

ExitCode showOne(const StatementTable &table, const QString &id, Output output)
{
    const auto rows = withAlike(table, table.named(id));
    if (rows.isEmpty()) {
        QStringList known;
        for (const Statement &row : table.rows())
            known.append(row.id.contains(u':') && !id.contains(u':') ? row.id.section(u':', 1) : row.id);
        QString full = id.toUpper().replace(QStringLiteral("V3:"), QStringLiteral("v3:"));
        if (!full.contains(QStringLiteral("MQTT-")))
            full.insert(full.startsWith(u'v') ? 3 : 0, QStringLiteral("MQTT-"));
        return usageError(name(), QStringLiteral("there is no statement \"%1\".%2").arg(id, didYouMean(full, known)));
    }
    QStringList entries;
    for (const Statement *row : rows) {
        if (output == Output::Json)
            printJson(toJson(*row));
        else
            entries.append(entryText(*row));
    }
    if (output == Output::Text)
        printResult(entries.join(QStringLiteral("\n\n")));
    return ExitCode::Ok;
}

ExitCode showMatches(const StatementTable &table, const QString &word, Output output)
{
    const auto rows = table.containing(word);
    if (rows.isEmpty()) {
        printNote(QStringLiteral("sessionscope-cli statements: no statement contains \"%1\"").arg(word));
        return ExitCode::Failed;
    }
    printList(rows, output);
    return ExitCode::Ok;
}

Options declareOptions()
{
    Options options(
        QStringLiteral("statements [ID|WORD] [options]"),
        QStringLiteral("Shows the numbered statements of MQTT 5.0 and 3.1.1: what each demands and of whom, what the\n"
                       "other end has to do when it is broken, where Sessionscope checks it and which tests hold it.\n"
                       "Without an argument: how many there are in each area, and all of them, a line each."));
    options.addPositional(QStringLiteral("[ID|WORD]"),
                          QStringLiteral("An id shows the whole entry and those of the other version that demand the "
                                         "same. Any other word shows the statements that contain it."));
    options.addFlag(QStringLiteral("json"), QStringLiteral("Print one JSON object a line."));
    options.setEpilogue(QStringLiteral(
        "Examples:\n"
        "  sessionscope-cli statements MQTT-3.1.2-4      one statement of 5.0\n"
        "  sessionscope-cli statements v3:MQTT-3.1.2-4   one of 3.1.1\n"
        "  sessionscope-cli statements 3.1.2-4           what has this number in either\n"
        "  sessionscope-cli statements \"topic alias\"     a search\n\n"
        "\"packet\" in the column of whom it binds: the form of a packet, so its writer and its reader.\n"
        "Exit codes: 0 shown; 1 no statement contains the word; 2 wrong usage or no such id."));
    return options;
}

} // namespace

ExitCode runStatements(const QStringList &arguments)
{
    Options options = declareOptions();
    if (const auto code = readArguments(options, name(), arguments))
        return *code;
    const auto table = readStatementTable(readResource(QStringLiteral("statements.csv")),
                                          readResource(QStringLiteral("coverage.csv")));
    if (!table) {
        printNote(QStringLiteral("sessionscope-cli statements: %1:%2: %3")
                      .arg(table.error().file)
                      .arg(table.error().line)
                      .arg(table.error().what));
        return ExitCode::Failed;
    }
    const Output output = options.isSet(QStringLiteral("json")) ? Output::Json : Output::Text;
    const QString asked = options.positional().value(0).trimmed();
    if (asked.isEmpty())
        return showAll(*table, output);
    return isStatementId(asked) ? showOne(*table, asked, output) : showMatches(*table, asked, output);
}

} // namespace sessionscope::cli
