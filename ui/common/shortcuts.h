// Keys by meaning. Some platforms have no key for Quit or Save As: then the fallback is used, so every action has one.
#pragma once

#include <QKeySequence>
#include <QList>

namespace sessionscope {

/// The platform's keys for a standard action, or fallback where it has none.
QList<QKeySequence> keysFor(QKeySequence::StandardKey key, const QKeySequence &fallback);

} // namespace sessionscope
