#include "core/scenario/html_page.h"

#include "core/scenario/ladder_svg.h"
#include "core/scenario/scalars.h"

namespace sessionscope {

namespace {

constexpr const char *style = R"(
:root { color-scheme: light dark; --page: #fff; --text: #1d2430; --soft: #5b6675; --rule: #d5dae1; --panel: #f4f6f8;
  --out: #2563c9; --in: #17803d; --bad: #b42318; --badback: #fdeceb; --warn: #8a5a00; --warnback: #fff4dc;
  --calm: #3b5b8c; --calmback: #eaf1fb; --good: #17663a; --goodback: #e0f3e7; }
@media (prefers-color-scheme: dark) { :root { --page: #14181e; --text: #e4e8ee; --soft: #9aa5b4; --rule: #343c48;
  --panel: #1c222a; --out: #7fb0ff; --in: #6fd08c; --bad: #ff9489; --badback: #43201d; --warn: #f0c069;
  --warnback: #3b2f14; --calm: #a9c6f5; --calmback: #1e2a3d; --good: #7fdba1; --goodback: #17351f; } }
body { margin: 0 auto; padding: 1.5rem; max-width: 90rem; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .4rem; } h3 { font-size: 1rem; }
section { border-top: 1px solid var(--rule); }
a { color: var(--out); } code, pre, .mono { font-family: ui-monospace, monospace; font-size: .9em; }
table { border-collapse: collapse; margin: .6rem 0; }
th, td { text-align: left; vertical-align: top; padding: .25rem .7rem; border-bottom: 1px solid var(--rule); }
thead th { color: var(--soft); font-weight: 600; } tbody th { font-weight: 500; } caption { text-align: left; }
.wide { overflow-x: auto; } li { margin: .3rem 0; } :target { outline: 2px solid var(--out); outline-offset: 2px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: .4rem 0; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
.pill { display: inline-block; padding: 0 .6em; border-radius: 1em; font-size: .85em; font-weight: 600; }
.passed { background: var(--goodback); color: var(--good); } .failed, .error { background: var(--badback); color: var(--bad); }
.inconclusive, .unsupported { background: var(--warnback); color: var(--warn); }
.box { overflow-x: auto; background: var(--panel); border: 1px solid var(--rule); border-radius: 6px; padding: .4rem; }
summary { cursor: pointer; padding: .2rem 0; } .soft { color: var(--soft); }
tr.differs > * { background: var(--badback); } tr.differs .pill { outline: 1px solid; } td.gone { color: var(--soft); }
.sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(32rem, 100%), 1fr)); gap: 1rem; }
.ladder { font: 11px ui-monospace, monospace; } .ladder text { fill: var(--text); }
.ladder .lane { stroke: var(--rule); stroke-width: 2; } .ladder .name { font-weight: 700; font-size: 12px; }
.ladder .time, .ladder .gap { fill: var(--soft); } .ladder .gap { font-style: italic; }
.ladder .packet > text:not(.time) { paint-order: stroke; stroke: var(--panel); stroke-width: 4px; }
.ladder .out line, .ladder .out .head { stroke: var(--out); fill: var(--out); }
.ladder .in line, .ladder .in .head { stroke: var(--in); fill: var(--in); }
.ladder .packet line { stroke-width: 1.5; } .ladder .lost line { stroke-dasharray: 5 4; }
.ladder .stop { stroke: var(--bad); stroke-width: 2; fill: none; }
.ladder rect { fill: var(--panel); stroke: var(--rule); } .ladder .cut rect, .ladder .finding rect { fill: var(--badback); stroke: var(--bad); }
.ladder .cut text, .ladder .finding text { fill: var(--bad); } .ladder .fault rect, .ladder .restart rect { fill: var(--warnback); stroke: var(--warn); }
.ladder .standing rect { fill: var(--calmback); stroke: none; } .ladder .standing text { fill: var(--calm); }
.ladder .marked > text:not(.time) { font-weight: 700; fill: var(--bad); } .ladder .marked .time { fill: var(--bad); }
@media print { body { padding: 0; font-size: 11px; } .box, .wide { overflow: visible; border: 0; padding: 0; }
  .ladder { width: 100%; height: auto; } section { break-inside: auto; } h2, h3, summary { break-after: avoid; } }
)";

/// On paper everything is open.
// Not named js: clang-format would lay it out as C++.
constexpr const char *script = R"script(
addEventListener("beforeprint", () => {
  for (const one of document.querySelectorAll("details:not([open])")) { one.open = true; one.dataset.closed = ""; }
});
addEventListener("afterprint", () => {
  for (const one of document.querySelectorAll("details[data-closed]")) { one.open = false; delete one.dataset.closed; }
});
)script";

QString fact(const QString &name, const QString &value)
{
    return QStringLiteral("<dt>%1</dt><dd>%2</dd>\n").arg(name, value);
}

/// The row of the ladder that shows a record, or the last one before it; 0: there is none.
TraceSeq shownAt(const Ladder &ladder, TraceSeq record)
{
    TraceSeq shown;
    for (const LadderRow &row : ladder.rows) {
        if (row.kind != LadderRow::Kind::Standing && row.seq <= record && shown <= row.seq)
            shown = row.seq;
    }
    return shown;
}

/// "record 17", which leads to the ladder where that has it.
QString recordHtml(const RunResult &run, const QString &anchor, TraceSeq record)
{
    const TraceSeq shown = shownAt(run.ladder, record);
    const QString text = QStringLiteral("record %1").arg(record.value);
    return shown.value ? QStringLiteral("<a href=\"#%1-%2\">%3</a>").arg(anchor).arg(shown.value).arg(text) : text;
}

QString failureHtml(const Failure &failure, const RunResult &run, const QString &anchor)
{
    QString closest = html(failure.closest);
    if (failure.at.value)
        closest += QStringLiteral(" (%1)").arg(recordHtml(run, anchor, failure.at));
    QString text = fact(QStringLiteral("Stopped at"),
                        QStringLiteral("<code>%1</code> %2").arg(html(placeText(failure.place)), html(failure.step))) +
                   fact(QStringLiteral("Expected"), html(failure.waitedFor));
    return failure.closest.isEmpty() ? text : text + fact(QStringLiteral("Closest"), closest);
}

QString breachHtml(const Breach &breach, const RunResult &run, const QString &anchor)
{
    return fact(QStringLiteral("Broken"), QStringLiteral("%1 (%2): %3")
                                              .arg(QLatin1StringView(invariantText(breach.invariant)),
                                                   recordHtml(run, anchor, breach.at), html(breach.what)));
}

} // namespace

QString html(const QString &text)
{
    QString escaped = text.toHtmlEscaped();
    for (QChar &c : escaped) {
        if (c.unicode() < 0x20 && c != u'\n' && c != u'\t')
            c = QChar(QChar::ReplacementCharacter);
    }
    return escaped;
}

QByteArray htmlPage(const QString &title, const QString &body)
{
    return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
           "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
           html(title).toUtf8() + "</title>\n<style>" + style + "</style>\n</head>\n<body>\n<main>\n" + body.toUtf8() +
           "</main>\n<script>" + script + "</script>\n</body>\n</html>\n";
}

QString verdictPill(Verdict verdict)
{
    return QStringLiteral("<span class=\"pill %1\">%1</span>").arg(QLatin1String(verdictText(verdict)));
}

QString runFactsHtml(const RunResult &run, const QString &anchor)
{
    QString text = QStringLiteral("<dl>\n") +
                   fact(QStringLiteral("File"), QStringLiteral("<code>%1</code>").arg(html(placeText(run.place))));
    if (!run.statements.isEmpty())
        text += fact(QStringLiteral("Statements"), html(run.statements.join(QStringLiteral(", "))));
    text += fact(QStringLiteral("Took"), QStringLiteral("%1 of its time, %2 packets, %3 steps")
                                             .arg(spanText(run.span))
                                             .arg(run.packets)
                                             .arg(run.stepsDone));
    if (!run.clientIds.isEmpty())
        text += fact(QStringLiteral("Client ids"), html(run.clientIds.join(QStringLiteral(", "))));
    for (const Failure &failure : run.failures)
        text += failureHtml(failure, run, anchor);
    for (const Breach &breach : run.breaches)
        text += breachHtml(breach, run, anchor);
    for (const LadderRow &row : run.ladder.rows) {
        if (row.kind == LadderRow::Kind::Finding)
            text +=
                fact(QStringLiteral("Finding"), QStringLiteral("%1 at %2 s").arg(html(row.text), ladderTime(row.at)));
    }
    return text + QStringLiteral("</dl>\n");
}

QString ladderHtml(const RunResult &run, const QString &anchor, const QString &heading, bool isOpen)
{
    if (run.ladder.rows.empty())
        return QStringLiteral("<p class=\"soft\">No packet was sent.</p>\n");
    TraceSeq marked = run.breaches.empty() ? TraceSeq{} : run.breaches.front().at;
    if (!run.failures.empty())
        marked = run.failures.front().at;
    return QStringLiteral("<details%1><summary>%2</summary>\n<div class=\"box\" tabindex=\"0\" role=\"region\" "
                          "aria-label=\"%2\">\n%3</div></details>\n")
        .arg(isOpen ? QStringLiteral(" open") : QString(), html(heading),
             ladderSvg(run.ladder, QStringLiteral("%1: %2").arg(heading, run.name), anchor,
                       shownAt(run.ladder, marked)));
}

} // namespace sessionscope
