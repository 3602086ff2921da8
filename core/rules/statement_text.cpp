#include "core/rules/statement_text.h"

#include "core/rules/rules.h"

namespace sessionscope {

namespace {

constexpr int labelWidth = 13;

QString label(StatementPart part)
{
    switch (part) {
    case StatementPart::Demands:
        return QStringLiteral("demands");
    case StatementPart::Binds:
        return QStringLiteral("binds");
    case StatementPart::IfBroken:
        return QStringLiteral("if broken");
    case StatementPart::Example:
        return QStringLiteral("example");
    case StatementPart::InMqtt31:
        return QStringLiteral("in 3.1");
    case StatementPart::Rules:
        return QStringLiteral("rules");
    case StatementPart::CheckedIn:
        return QStringLiteral("checked in");
    case StatementPart::Tests:
        return QStringLiteral("tests");
    case StatementPart::NoTest:
        return QStringLiteral("no test");
    case StatementPart::Alike:
        break;
    }
    return QStringLiteral("alike");
}

} // namespace

QStringList ruleTexts(const Statement &row)
{
    QStringList texts;
    for (const rules::RuleInfo &rule : rules::ruleTable()) {
        const char *statement = row.isOfV5() ? rule.v5 : rule.v3;
        if (!statement || row.id != QLatin1String(statement))
            continue;
        QString text = QString::fromUtf8(rule.what);
        if (row.isOfV5())
            text += QStringLiteral(": 0x%1").arg(quint8(rule.reason), 2, 16, QLatin1Char('0'));
        texts.append(text);
    }
    texts.removeDuplicates();
    return texts;
}

QList<StatementEntryLine> entryLines(const Statement &row)
{
    using enum StatementPart;
    QList<StatementEntryLine> lines{{Demands, {row.text}},       {StatementPart::Binds, {bindsText(row.binds)}},
                                    {IfBroken, {row.violation}}, {Example, {row.example}},
                                    {InMqtt31, {row.mqtt31}},    {Rules, ruleTexts(row)},
                                    {CheckedIn, row.where},      {Tests, row.tests},
                                    {NoTest, {row.untested}},    {Alike, row.alike}};
    for (StatementEntryLine &line : lines)
        line.values.removeAll(QString());
    lines.removeIf([](const StatementEntryLine &line) { return line.values.isEmpty(); });
    return lines;
}

QString entryTitle(const Statement &row)
{
    return QStringLiteral("%1  (MQTT %2, %3)")
        .arg(row.id, row.isOfV5() ? QStringLiteral("5.0") : QStringLiteral("3.1.1"), row.area);
}

QString entryText(const Statement &row)
{
    QStringList lines{entryTitle(row)};
    for (const StatementEntryLine &line : entryLines(row)) {
        const bool onOneLine = line.part == StatementPart::Alike;
        const QStringList values = onOneLine ? QStringList(line.values.join(QStringLiteral(", "))) : line.values;
        for (qsizetype i = 0; i < values.size(); ++i)
            lines.append(QStringLiteral("  ") + (i == 0 ? label(line.part) : QString()).leftJustified(labelWidth) +
                         values[i]);
    }
    return lines.join(u'\n');
}

} // namespace sessionscope
