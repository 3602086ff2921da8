// The Variable Byte Integer: seven bits a byte, the lowest first, at most four bytes (MQTT-1.5.5-1).
#pragma once

#include <QtGlobal>

namespace sessionscope {

/// The largest value a Variable Byte Integer holds.
inline constexpr quint32 maxVarInt = 268'435'455;

/// Bytes that the shortest form of value takes, 1 to 4.
constexpr int varIntSize(quint32 value)
{
    return value < 128 ? 1 : value < 16'384 ? 2 : value < 2'097'152 ? 3 : 4;
}

} // namespace sessionscope
