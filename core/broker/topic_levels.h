// The levels of a topic one after the other, as views: walking a topic allocates nothing.
#pragma once

#include <QByteArrayView>

namespace sessionscope {

/// The level that begins at offset; moves offset behind its separator, or past the end of the topic when it was the
/// last. Every topic has at least one level, and an empty one is a level (v5 §4.7.1.1).
inline QByteArrayView takeLevel(QByteArrayView topic, qsizetype &offset)
{
    const qsizetype slash = topic.indexOf('/', offset);
    const qsizetype end = slash < 0 ? topic.size() : slash;
    const QByteArrayView level = topic.sliced(offset, end - offset);
    offset = end + 1;
    return level;
}

} // namespace sessionscope
