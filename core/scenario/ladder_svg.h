// A ladder drawn: an SVG element that stands in an HTML page and takes its colours from the page's style (html_page.h).
// Every row is also a list item with its words, for those who hear the page.
#pragma once

#include "core/scenario/ladder.h"

namespace sessionscope {

/// name: what the picture shows. anchor: begins the ids of its rows, "ANCHOR-SEQ"; unlike any other of the page.
/// marked: the record that a failure points at; 0: none.
QString ladderSvg(const Ladder &ladder, const QString &name, const QString &anchor, TraceSeq marked = {});

/// "12.345", seconds of the run's own clock.
QString ladderTime(Instant at);
/// "door → broker", "broker → door", "door" or "broker".
QString ladderWay(const Ladder &ladder, const LadderRow &row);

} // namespace sessionscope
