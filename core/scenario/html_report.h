// The report of a run as one HTML page: totals, a table of all runs, and a section a run with its ladder.
#pragma once

#include "core/scenario/report.h"

namespace sessionscope {

/// Runs without a ladder (RunOptions::ladders) are told without one.
QByteArray htmlReport(const Report &report);

/// Each verdict that there is, with how often.
QString totalsHtml(const Totals &totals);

} // namespace sessionscope
