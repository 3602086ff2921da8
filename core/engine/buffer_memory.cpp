#include "core/engine/buffer_memory.h"

#include <cstdlib> // says whether this is glibc
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace sessionscope {

void keepFreedMemory()
{
#ifdef __GLIBC__
    mallopt(M_TRIM_THRESHOLD, freedMemoryKept);
    // The first setting ends glibc's own adaptation of this one, which would stay at 128 KiB.
    mallopt(M_MMAP_THRESHOLD, ownBlockFrom);
#endif
}

} // namespace sessionscope
