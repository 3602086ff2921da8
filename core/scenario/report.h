// What runs came to, written for people and for programs: text, JUnit XML, TAP, JSON, Markdown for a bug report, and
// HTML with the ladder of every run. One result looks the same in each: verdict, place, what was waited for, what came
// instead, and the trace.
#pragma once

#include "core/scenario/runner.h"

namespace sessionscope {

enum class ReportFormat : quint8
{
    Text,
    Junit,
    Tap,
    Json,
    Markdown,
    Html
};
/// By its name: text, junit, tap, json, markdown, html.
std::optional<ReportFormat> reportFormatOf(const QString &name);
QString reportFormatNames();

/// All runs of one call, in their order.
/// As a report names the broker that the scenario meets: its URL, or "bundled".
QString brokerNameOf(const Scenario &scenario);

struct Report
{
    QString program; ///< name and version
    QString broker;  ///< "bundled", or its URL
    quint64 seed = 1;
    std::vector<RunResult> runs;
    Problems problems; ///< of files that could not be played
};

QByteArray writeReport(const Report &report, ReportFormat format);

/// One run in a line: "passed  Door opens exactly once (20min of its time)".
QString resultLine(const RunResult &result);
/// What failed, and where, a line each; empty when nothing did.
QString failureText(const RunResult &result);

struct Totals
{
    std::array<int, 5> byVerdict{}; ///< by Verdict
    int all = 0;
};
Totals totalsOf(const std::vector<RunResult> &runs);
/// "12 passed, 1 failed"
QString totalsText(const Totals &totals);

} // namespace sessionscope
