#include "ui/common/shortcuts.h"

namespace sessionscope {

QList<QKeySequence> keysFor(QKeySequence::StandardKey key, const QKeySequence &fallback)
{
    const auto keys = QKeySequence::keyBindings(key);
    return keys.isEmpty() ? QList{fallback} : keys;
}

} // namespace sessionscope
