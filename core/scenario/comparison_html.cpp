// A comparison as one HTML page: the grid, then a section a scenario with the packets aligned and the ladders side by
// side.
#include "core/scenario/comparison.h"

#include "core/scenario/html_page.h"
#include "core/scenario/html_report.h"
#include "core/scenario/ladder_svg.h"

namespace sessionscope {

namespace {

QString scenarioAnchor(std::size_t scenario)
{
    return QStringLiteral("scenario-%1").arg(scenario + 1);
}

QString gridHtml(const Comparison &comparison)
{
    QString text = QStringLiteral(
        "<div class=\"wide\"><table>\n<caption class=\"soft\">Verdicts by scenario and broker; each leads to its "
        "ladders</caption>\n<thead><tr><th scope=\"col\">Scenario</th>"
        "<th scope=\"col\">Statements</th>");
    for (const BrokerColumn &column : comparison.columns)
        text += QStringLiteral("<th scope=\"col\">%1</th>").arg(html(column.broker));
    text += QStringLiteral("</tr></thead>\n<tbody>\n");
    const auto &first = comparison.columns.front().runs;
    for (std::size_t i = 0; i < first.size(); ++i) {
        text += QStringLiteral("<tr%1><th scope=\"row\">%2</th><td>%3</td>")
                    .arg(verdictsDiffer(comparison, i) ? QStringLiteral(" class=\"differs\"") : QString(),
                         html(first[i].name), html(first[i].statements.join(QStringLiteral(", "))));
        for (const BrokerColumn &column : comparison.columns) {
            const std::size_t packets = differingPackets(first[i].ladder, column.runs[i].ladder);
            text += QStringLiteral("<td><a href=\"#%1\">%2</a>%3</td>")
                        .arg(scenarioAnchor(i), verdictPill(column.runs[i].verdict),
                             packets ? QStringLiteral(" <span class=\"soft\">%1 packets differ</span>").arg(packets)
                                     : QString());
        }
        text += QStringLiteral("</tr>\n");
    }
    return text + QStringLiteral("</tbody>\n</table></div>\n");
}

QString cellHtml(const Ladder &ladder, std::optional<std::size_t> row)
{
    if (!row)
        return QStringLiteral("<td class=\"gone\">no such packet</td>");
    const LadderRow &one = ladder.rows[*row];
    return QStringLiteral("<td class=\"mono\">%1 %2 %3</td>")
        .arg(ladderTime(one.at), one.direction == Direction::Sent ? QStringLiteral("→") : QStringLiteral("←"),
             html(one.text));
}

QString alignedHtml(const BrokerColumn &left, const BrokerColumn &right, std::size_t scenario)
{
    const Ladder &a = left.runs[scenario].ladder;
    const Ladder &b = right.runs[scenario].ladder;
    QString text =
        QStringLiteral(
            "<div class=\"wide\"><table>\n<caption class=\"soft\">Packets of %1 and %2, aligned</caption>\n<thead><tr>"
            "<th scope=\"col\">Client</th><th scope=\"col\">%1</th><th scope=\"col\">%2</th></tr></thead>\n"
            "<tbody>\n")
            .arg(html(left.broker), html(right.broker));
    for (qsizetype lane = 0; lane < a.lanes.size(); ++lane) {
        for (const AlignedRows &rows : alignPackets(a, b, lane))
            text += QStringLiteral("<tr%1><th scope=\"row\">%2</th>%3%4</tr>\n")
                        .arg(rows.left && rows.right ? QString() : QStringLiteral(" class=\"differs\""),
                             html(a.lanes[lane]), cellHtml(a, rows.left), cellHtml(b, rows.right));
    }
    return text + QStringLiteral("</tbody>\n</table></div>\n");
}

QString sectionHtml(const Comparison &comparison, std::size_t scenario)
{
    const bool differs = verdictsDiffer(comparison, scenario);
    const RunResult &reference = comparison.columns.front().runs[scenario];
    QString text = QStringLiteral("<section id=\"%1\" aria-labelledby=\"%1-name\">\n<h2 id=\"%1-name\">%2</h2>\n"
                                  "<div class=\"sides\">\n")
                       .arg(scenarioAnchor(scenario), html(reference.name));
    for (std::size_t i = 0; i < comparison.columns.size(); ++i) {
        const BrokerColumn &column = comparison.columns[i];
        const RunResult &run = column.runs[scenario];
        const QString anchor = QStringLiteral("%1-%2").arg(scenarioAnchor(scenario)).arg(i + 1);
        text += QStringLiteral("<div>\n<h3>%1 %2</h3>\n%3%4</div>\n")
                    .arg(html(column.broker), verdictPill(run.verdict), runFactsHtml(run, anchor),
                         ladderHtml(run, anchor, QStringLiteral("Ladder with %1").arg(column.broker), differs));
    }
    text += QStringLiteral("</div>\n");
    for (std::size_t i = 1; i < comparison.columns.size(); ++i)
        text += QStringLiteral("<details%1><summary>Packets of %2 and %3 side by side</summary>\n%4</details>\n")
                    .arg(differs ? QStringLiteral(" open") : QString(), html(comparison.columns.front().broker),
                         html(comparison.columns[i].broker),
                         alignedHtml(comparison.columns.front(), comparison.columns[i], scenario));
    return text + QStringLiteral("</section>\n");
}

} // namespace

QByteArray comparisonHtml(const Comparison &comparison)
{
    QString body = QStringLiteral("<h1>Brokers compared</h1>\n<p class=\"soft\">%1, seed %2</p>\n")
                       .arg(html(comparison.program), QString::number(comparison.seed));
    for (const BrokerColumn &column : comparison.columns)
        body += QStringLiteral("<h2>%1</h2>\n%2").arg(html(column.broker), totalsHtml(totalsOf(column.runs)));
    body +=
        QStringLiteral("<h2>All scenarios</h2>\n<p>Packets are the same when they say the same, whatever their time, "
                       "packet identifier and client id, and whatever a broker tells of itself in CONNACK.</p>\n") +
        gridHtml(comparison);
    for (std::size_t i = 0; i < comparison.columns.front().runs.size(); ++i)
        body += sectionHtml(comparison, i);
    return htmlPage(QStringLiteral("Brokers compared"), body);
}

} // namespace sessionscope
