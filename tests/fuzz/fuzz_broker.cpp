// libFuzzer target: every input is a play of tests/fuzz/plays.
#include "tests/fuzz/plays.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const auto broken = sessionscope::fuzz::playBroker({reinterpret_cast<const char *>(data), qsizetype(size)});
    if (!broken.isEmpty()) {
        std::fprintf(stderr, "%s\n", broken.constData());
        std::abort();
    }
    return 0;
}
