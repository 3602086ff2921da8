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

/// Whether size bytes are worth keeping storage bytes alive for them.
constexpr bool isFairShare(qsizetype size, qsizetype storage)
{
    constexpr qsizetype smallest = 1024; // below, a copy costs less than what it would share
    constexpr qsizetype share = 4;       // a quarter
    return size >= smallest && storage > 0 && size >= storage / share;
}

/// The same bytes for keeping: copied when they are a small part of the storage that they would keep alive.
inline QByteArray keptBytes(const QByteArray &slice)
{
    if (slice.isEmpty())
        return {};
    return isFairShare(slice.size(), slice.capacity()) ? slice : QByteArray(slice.constData(), slice.size());
}

} // namespace sessionscope
