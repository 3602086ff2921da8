// How the program's allocator treats the memory of packets that have gone: a matter of the whole process, so the
// programs say it, once, before they begin.
#pragma once

namespace sessionscope {

/// Has the process keep up to freedMemoryKept bytes of freed memory rather than give it back to the system at once. A
/// payload of 64 KiB takes sixteen page faults when its memory was given back between two messages, which cost twice
/// as much as sending it. Does nothing where the C library has no such setting.
void keepFreedMemory();

inline constexpr int freedMemoryKept = 32 * 1024 * 1024;
/// Blocks from this size on are the system's own, and go back to it when they are freed.
inline constexpr int ownBlockFrom = 4 * 1024 * 1024;

} // namespace sessionscope
