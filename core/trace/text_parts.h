// The small parts that the lines of the trace are made of. Private to core/trace.
#pragma once

#include "core/trace/text.h"

namespace sessionscope {

inline QString latin1(const char *text)
{
    return QString::fromLatin1(text);
}

/// A topic, filter or name in quotation marks, cut where it gets long.
inline QString quoted(const QByteArray &text)
{
    return payloadText(text, 256);
}

inline QString sizeText(qsizetype bytes)
{
    return bytes == 1 ? QStringLiteral("1 byte") : QStringLiteral("%1 bytes").arg(bytes);
}

} // namespace sessionscope
