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

/// Bytes that limits of memory count of every level beside its text: the node that it may need for itself alone.
inline constexpr qsizetype levelOverhead = 192;

/// What they count of a filter or of a retained message's topic for its place in a tree: nodes are counted as if no
/// other filter or topic began in the same way.
inline qsizetype levelBytes(QByteArrayView topicOrFilter)
{
    return (topicOrFilter.count('/') + 1) * levelOverhead;
}

} // namespace sessionscope
