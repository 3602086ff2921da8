#include "core/scenario/html_report.h"

#include "core/scenario/html_page.h"

namespace sessionscope {

namespace {

QString runAnchor(std::size_t index)
{
    return QStringLiteral("run-%1").arg(index + 1);
}

/// The first thing that was not as expected.
QString whatFailed(const RunResult &run)
{
    if (!run.failures.empty()) {
        const Failure &first = run.failures.front();
        return first.closest.isEmpty() ? first.waitedFor
                                       : QStringLiteral("%1; found %2").arg(first.waitedFor, first.closest);
    }
    return run.breaches.empty() ? QString() : breachText(run.breaches.front());
}

/// In front of a long table, where they would not be seen.
QString troubleList(const Report &report)
{
    QString items;
    for (std::size_t i = 0; i < report.runs.size(); ++i) {
        const RunResult &run = report.runs[i];
        if (run.verdict == Verdict::Passed)
            continue;
        items += QStringLiteral("<li>%1 <a href=\"#%2\">%3</a><br><span class=\"soft\">%4</span></li>\n")
                     .arg(verdictPill(run.verdict), runAnchor(i), html(run.name), html(whatFailed(run)));
    }
    if (items.isEmpty() || report.runs.size() == 1)
        return {};
    return QStringLiteral("<h2>What did not pass</h2>\n<ul>\n%1</ul>\n").arg(items);
}

QString runsTable(const Report &report)
{
    QString text = QStringLiteral(
        "<div class=\"wide\"><table>\n<caption class=\"soft\">All runs, in their order</caption>\n<thead><tr>"
        "<th scope=\"col\">Verdict</th><th scope=\"col\">Scenario</th>"
        "<th scope=\"col\">File</th></tr></thead>\n<tbody>\n");
    for (std::size_t i = 0; i < report.runs.size(); ++i) {
        const RunResult &run = report.runs[i];
        text += QStringLiteral(
                    "<tr><td>%1</td><th scope=\"row\"><a href=\"#%2\">%3</a></th><td><code>%4</code></td></tr>\n")
                    .arg(verdictPill(run.verdict), runAnchor(i), html(run.name), html(run.place.file));
    }
    return text + QStringLiteral("</tbody>\n</table></div>\n");
}

} // namespace

QString totalsHtml(const Totals &totals)
{
    QString text = totals.all == 1 ? QStringLiteral("<p>1 run: ") : QStringLiteral("<p>%1 runs: ").arg(totals.all);
    for (std::size_t i = 0; i < totals.byVerdict.size(); ++i) {
        if (totals.byVerdict[i] > 0)
            text += QStringLiteral("%1 %2 ").arg(totals.byVerdict[i]).arg(verdictPill(Verdict(i)));
    }
    return text + QStringLiteral("</p>\n");
}

QByteArray htmlReport(const Report &report)
{
    QString body = QStringLiteral("<h1>Scenario runs</h1>\n<p class=\"soft\">%1, broker: %2, seed %3</p>\n")
                       .arg(html(report.program), html(report.broker), QString::number(report.seed)) +
                   totalsHtml(totalsOf(report.runs));
    if (!report.problems.empty())
        body += QStringLiteral("<h2>Files that could not be played</h2>\n<ul>\n");
    for (const Problem &problem : report.problems)
        body += QStringLiteral("<li><code>%1</code></li>\n").arg(html(problemText(problem)));
    if (!report.problems.empty())
        body += QStringLiteral("</ul>\n");
    body += troubleList(report) + runsTable(report);
    for (std::size_t i = 0; i < report.runs.size(); ++i) {
        const RunResult &run = report.runs[i];
        body += QStringLiteral(
                    "<section id=\"%1\" aria-labelledby=\"%1-name\">\n<h2 id=\"%1-name\">%2 %3</h2>\n%4%5</section>\n")
                    .arg(runAnchor(i), html(run.name), verdictPill(run.verdict), runFactsHtml(run, runAnchor(i)),
                         ladderHtml(run, runAnchor(i), QStringLiteral("Ladder"), run.verdict != Verdict::Passed));
    }
    return htmlPage(QStringLiteral("Scenario runs: %1").arg(totalsText(totalsOf(report.runs))), body);
}

} // namespace sessionscope
