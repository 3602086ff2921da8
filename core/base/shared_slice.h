// A QByteArray that is a window into another one's storage: both share the bytes and their lifetime.
// This is how a payload goes from socket to screen without a copy.
#pragma once

#include <QByteArray>

namespace sessionscope {

/// Bytes [offset, offset + size) of whole, sharing its storage. The result is not zero-terminated.
/// The range must lie inside whole.
inline QByteArray sharedSlice(const QByteArray &whole, qsizetype offset, qsizetype size)
{
    Q_ASSERT(offset >= 0 && size >= 0 && offset + size <= whole.size());
    QByteArray slice = whole;
    auto &data = slice.data_ptr();
    data.ptr += offset;
    data.size = size;
    return slice;
}

} // namespace sessionscope
