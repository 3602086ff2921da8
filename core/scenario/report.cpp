#include "core/scenario/report.h"

#include "core/scenario/html_report.h"
#include "core/scenario/scalars.h"

#include <QJsonArray>
#include <QJsonDocument>

namespace sessionscope {

namespace {

/// Lines of the trace that a report shows before it says how many it left out.
constexpr qsizetype traceLinesLimit = 400;

QString xml(const QString &text)
{
    QString escaped;
    for (const QChar c : text.toHtmlEscaped()) {
        // XML 1.0 has no way to write the other control characters.
        const bool isAllowed = c.unicode() >= 0x20 || c == u'\n' || c == u'\t';
        escaped += isAllowed ? c : QChar(0xFFFD);
    }
    return escaped;
}

QStringList shortened(const QStringList &trace)
{
    if (trace.size() <= traceLinesLimit)
        return trace;
    QStringList lines{QStringLiteral("… %1 records left out").arg(trace.size() - traceLinesLimit)};
    return lines + trace.mid(trace.size() - traceLinesLimit);
}

QString duration(const RunResult &result)
{
    return QString::number(std::chrono::duration<double>(result.span).count(), 'f', 3);
}

bool isBad(Verdict verdict)
{
    return verdict == Verdict::Failed || verdict == Verdict::Error;
}

QByteArray textOf(const Report &report)
{
    QString text = QStringLiteral("%1, broker: %2, seed %3\n\n").arg(report.program, report.broker).arg(report.seed);
    for (const Problem &problem : report.problems)
        text += problemText(problem) + u'\n';
    for (const RunResult &run : report.runs) {
        text += resultLine(run) + u'\n' + failureText(run);
        if (!run.clientIds.isEmpty())
            text += QStringLiteral("    client ids %1\n").arg(run.clientIds.join(QStringLiteral(", ")));
        if (!run.trace.isEmpty())
            text += QStringLiteral("    ") + shortened(run.trace).join(QStringLiteral("\n    ")) + u'\n';
    }
    return (text + u'\n' + totalsText(totalsOf(report.runs)) + u'\n').toUtf8();
}

/// Why it is neither good nor bad, in a line.
QString skippedText(const RunResult &run)
{
    const QString why = failureText(run).simplified();
    return QLatin1String(verdictText(run.verdict)) + (why.isEmpty() ? why : QStringLiteral(": ") + why);
}

QByteArray junitOf(const Report &report)
{
    const Totals totals = totalsOf(report.runs);
    const auto count = [&totals](Verdict verdict) { return totals.byVerdict[std::size_t(verdict)]; };
    QString text = QStringLiteral("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                                  "<testsuite name=\"%1\" tests=\"%2\" failures=\"%3\" errors=\"%4\" skipped=\"%5\">\n")
                       .arg(xml(report.program))
                       .arg(totals.all + int(report.problems.size()))
                       .arg(count(Verdict::Failed))
                       .arg(count(Verdict::Error) + int(report.problems.size()))
                       .arg(count(Verdict::Inconclusive) + count(Verdict::Unsupported));
    for (const Problem &problem : report.problems)
        text += QStringLiteral("  <testcase classname=\"%1\" name=\"%2\"><error message=\"%3\"/></testcase>\n")
                    .arg(xml(problem.place.file), xml(placeText(problem.place)), xml(problem.what));
    for (const RunResult &run : report.runs) {
        text += QStringLiteral("  <testcase classname=\"%1\" name=\"%2\" time=\"%3\">")
                    .arg(xml(run.place.file), xml(run.name), duration(run));
        const QString what = xml(failureText(run).trimmed());
        if (isBad(run.verdict)) {
            const QString element =
                run.verdict == Verdict::Failed ? QStringLiteral("failure") : QStringLiteral("error");
            text += QStringLiteral("\n    <%1 message=\"%2\"/>\n    <system-out>%3</system-out>\n  ")
                        .arg(element, what, xml(shortened(run.trace).join(u'\n')));
        } else if (run.verdict != Verdict::Passed) {
            text += QStringLiteral("<skipped message=\"%1\"/>").arg(xml(skippedText(run)));
        }
        text += QStringLiteral("</testcase>\n");
    }
    return (text + QStringLiteral("</testsuite>\n")).toUtf8();
}

QByteArray tapOf(const Report &report)
{
    QString text = QStringLiteral("TAP version 13\n1..%1\n").arg(report.runs.size() + report.problems.size());
    int number = 0;
    const auto line = [&](bool ok, const QString &name, const QString &more) {
        QString plain = name;
        plain.replace(u'#', QStringLiteral("\\#")).replace(u'\n', u' ');
        text += QStringLiteral("%1 %2 - %3%4\n")
                    .arg(ok ? QStringLiteral("ok") : QStringLiteral("not ok"))
                    .arg(++number)
                    .arg(plain, more);
    };
    for (const Problem &problem : report.problems)
        line(false, problemText(problem), {});
    for (const RunResult &run : report.runs) {
        const bool isSkipped = run.verdict == Verdict::Inconclusive || run.verdict == Verdict::Unsupported;
        line(!isBad(run.verdict), run.name, isSkipped ? QStringLiteral(" # SKIP ") + skippedText(run) : QString());
        if (isBad(run.verdict))
            text += QStringLiteral("  ---\n  message: |\n    %1\n  ...\n")
                        .arg(failureText(run).trimmed().replace(u'\n', QStringLiteral("\n    ")));
    }
    return text.toUtf8();
}

QJsonObject jsonOf(const RunResult &run)
{
    QJsonArray failures;
    for (const Failure &failure : run.failures)
        failures.append(QJsonObject{{QStringLiteral("at"), placeText(failure.place)},
                                    {QStringLiteral("step"), failure.step},
                                    {QStringLiteral("waited_for"), failure.waitedFor},
                                    {QStringLiteral("closest"), failure.closest},
                                    {QStringLiteral("record"), qint64(failure.at.value)}});
    QJsonArray breaches;
    for (const Breach &breach : run.breaches)
        breaches.append(breachText(breach));
    return {{QStringLiteral("name"), run.name},
            {QStringLiteral("file"), run.place.file},
            {QStringLiteral("verdict"), QLatin1String(verdictText(run.verdict))},
            {QStringLiteral("statements"), QJsonArray::fromStringList(run.statements)},
            {QStringLiteral("seconds"), std::chrono::duration<double>(run.span).count()},
            {QStringLiteral("packets"), qint64(run.packets)},
            {QStringLiteral("invariants_checked"), run.invariantsChecked},
            {QStringLiteral("client_ids"), QJsonArray::fromStringList(run.clientIds)},
            {QStringLiteral("failures"), failures},
            {QStringLiteral("breaches"), breaches},
            {QStringLiteral("trace"), QJsonArray::fromStringList(shortened(run.trace))}};
}

QByteArray jsonOf(const Report &report)
{
    QJsonArray runs;
    for (const RunResult &run : report.runs)
        runs.append(jsonOf(run));
    QJsonArray problems;
    for (const Problem &problem : report.problems)
        problems.append(problemText(problem));
    return QJsonDocument(QJsonObject{{QStringLiteral("program"), report.program},
                                     {QStringLiteral("broker"), report.broker},
                                     {QStringLiteral("seed"), qint64(report.seed)},
                                     {QStringLiteral("problems"), problems},
                                     {QStringLiteral("runs"), runs}})
        .toJson();
}

QByteArray markdownOf(const Report &report)
{
    QString text = QStringLiteral("%1, broker: %2, seed %3. %4.\n")
                       .arg(report.program, report.broker)
                       .arg(report.seed)
                       .arg(totalsText(totalsOf(report.runs)));
    for (const Problem &problem : report.problems)
        text += QStringLiteral("\n- %1\n").arg(problemText(problem));
    for (const RunResult &run : report.runs) {
        if (run.verdict == Verdict::Passed)
            continue;
        text += QStringLiteral("\n## %1: %2\n\n").arg(QLatin1String(verdictText(run.verdict)), run.name);
        if (!run.statements.isEmpty())
            text += QStringLiteral("Statements: %1\n\n").arg(run.statements.join(QStringLiteral(", ")));
        text += QStringLiteral("```\n%1%2\n```\n").arg(failureText(run), shortened(run.trace).join(u'\n'));
    }
    return text.toUtf8();
}

constexpr struct
{
    const char *name;
    ReportFormat format;
} formats[] = {{"text", ReportFormat::Text}, {"junit", ReportFormat::Junit},       {"tap", ReportFormat::Tap},
               {"json", ReportFormat::Json}, {"markdown", ReportFormat::Markdown}, {"html", ReportFormat::Html}};

} // namespace

std::optional<ReportFormat> reportFormatOf(const QString &name)
{
    for (const auto &one : formats) {
        if (name == QLatin1String(one.name))
            return one.format;
    }
    return std::nullopt;
}

QString reportFormatNames()
{
    QStringList names;
    for (const auto &one : formats)
        names << QLatin1String(one.name);
    return names.join(QStringLiteral(", "));
}

QByteArray writeReport(const Report &report, ReportFormat format)
{
    switch (format) {
    case ReportFormat::Text:
        break;
    case ReportFormat::Junit:
        return junitOf(report);
    case ReportFormat::Tap:
        return tapOf(report);
    case ReportFormat::Json:
        return jsonOf(report);
    case ReportFormat::Markdown:
        return markdownOf(report);
    case ReportFormat::Html:
        return htmlReport(report);
    }
    return textOf(report);
}

QString brokerNameOf(const Scenario &scenario)
{
    return scenario.broker ? toUrl(*scenario.broker) : QStringLiteral("bundled");
}

QString resultLine(const RunResult &result)
{
    return QStringLiteral("%1  %2 (%3 of its time)")
        .arg(QLatin1String(verdictText(result.verdict)), -12)
        .arg(result.name, spanText(result.span));
}

QString failureText(const RunResult &result)
{
    QString text;
    for (const Failure &failure : result.failures) {
        text += QStringLiteral("  %1: %2\n    expected %3\n")
                    .arg(placeText(failure.place), failure.step, failure.waitedFor);
        if (!failure.closest.isEmpty())
            text += QStringLiteral("    found    %1%2\n")
                        .arg(failure.closest,
                             failure.at.value ? QStringLiteral(" (record %1)").arg(failure.at.value) : QString());
    }
    for (const Breach &breach : result.breaches)
        text += QStringLiteral("  %1: broken: %2\n").arg(result.place.file, breachText(breach));
    return text;
}

Totals totalsOf(const std::vector<RunResult> &runs)
{
    Totals totals;
    for (const RunResult &run : runs) {
        ++totals.byVerdict[std::size_t(run.verdict)];
        ++totals.all;
    }
    return totals;
}

QString totalsText(const Totals &totals)
{
    QStringList parts;
    for (const Verdict verdict :
         {Verdict::Passed, Verdict::Failed, Verdict::Inconclusive, Verdict::Unsupported, Verdict::Error}) {
        const int count = totals.byVerdict[std::size_t(verdict)];
        if (count > 0 || verdict == Verdict::Passed)
            parts << QStringLiteral("%1 %2").arg(count).arg(QLatin1String(verdictText(verdict)));
    }
    return parts.join(QStringLiteral(", "));
}

} // namespace sessionscope
