// The classic hexadecimal dump as text, and the way between a byte and its place in that text.
#pragma once

#include <QByteArrayView>
#include <QStringList>

namespace sessionscope::hex {

inline constexpr int bytesPerLine = 16;

/// Lines of "0000  50 02 00 0c …  P..." for the first limit bytes.
QString dump(QByteArrayView bytes, qsizetype limit);

/// Column of a byte's first digit in its line, and of its character at the right.
int digitColumn(qsizetype byte);
int characterColumn(qsizetype byte);

/// The byte at a line and column; -1 where none is.
qsizetype byteAt(int line, int column, qsizetype size);

} // namespace sessionscope::hex
