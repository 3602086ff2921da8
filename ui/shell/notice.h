// What a user has to know about a client though it stands in no list: refusals, failed connections, broken rules;
// and the outcome of the last publish and the last request. Words only; the page decides where they are shown.
#pragma once

#include "core/trace/trace_record.h"

#include <QString>

#include <optional>

namespace sessionscope {

/// Something went wrong: one sentence, until the next connection or until it is put away. version: that the client
/// speaks, which has words of its own for a refusal.
std::optional<QString> problemIn(const TraceRecord &record, Version version);

/// True for the record after which earlier problems are of no interest.
bool endsProblems(const TraceRecord &record);

/// What became of a publish.
std::optional<QString> publishOutcomeIn(const TraceRecord &record);

/// The answer to SUBSCRIBE or UNSUBSCRIBE.
std::optional<QString> requestOutcomeIn(const TraceRecord &record);

} // namespace sessionscope
