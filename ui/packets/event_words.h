// Everything of the trace that is no packet, in words: connections that open and break, sessions that end, findings.
#pragma once

#include "core/trace/trace_record.h"
#include "ui/common/pill.h"

#include <QString>

namespace sessionscope {

struct EventWords
{
    QString kind; ///< short, stands in the packet column: "TCP", "session"
    QString text; ///< empty: not worth a row
    Tone tone = Tone::Neutral;
};

EventWords eventWords(const TraceRecord &record);

/// Whether there are any, without putting them together.
bool hasEventWords(const TraceRecord &record);

} // namespace sessionscope
