// The frame that every HTML report shares: one file, no other, no network; light and dark as the reader's system is,
// readable on paper, and by those who hear it.
#pragma once

#include "core/scenario/runner.h"

namespace sessionscope {

/// Text between tags or in an attribute. Control characters, which HTML has no way to write, become U+FFFD.
QString html(const QString &text);

/// The whole page around body, which begins with its own h1.
QByteArray htmlPage(const QString &title, const QString &body);

/// The verdict as a coloured word.
QString verdictPill(Verdict verdict);

/// What a run came to without its ladder: place, statements, ids, failures, breaches. anchor is that of its ladder.
QString runFactsHtml(const RunResult &run, const QString &anchor);

/// The ladder under a heading that opens and closes it.
QString ladderHtml(const RunResult &run, const QString &anchor, const QString &heading, bool isOpen);

} // namespace sessionscope
