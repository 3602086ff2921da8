#include "core/scenario/html_report.h"

#include "core/scenario/html_page.h"

namespace sessionscope {

namespace {

QString runAnchor(std::size_t index)
{
    return QStringLiteral("run-%1").arg(index + 1);
}

QString runsTable(const Report &report)
{
    QString text = QStringLiteral("<table>\n<caption class=\"soft\">All runs, in their order</caption>\n<thead><tr>"
                                  "<th scope=\"col\">Verdict</th><th scope=\"col\">Scenario</th>"
                                  "<th scope=\"col\">File</th></tr></thead>\n<tbody>\n");
    for (std::size_t i = 0; i < report.runs.size(); ++i) {
        const RunResult &run = report.runs[i];
        text += QStringLiteral(
                    "<tr><td>%1</td><th scope=\"row\"><a href=\"#%2\">%3</a></th><td><code>%4</code></td></tr>\n")
                    .arg(verdictPill(run.verdict), runAnchor(i), html(run.name), html(run.place.file));
    }
    return text + QStringLiteral("</tbody>\n</table>\n");
}

} // namespace

QString totalsHtml(const Totals &totals)
{
    QString text = QStringLiteral("<p>%1 runs: ").arg(totals.all);
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
    body += runsTable(report);
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
