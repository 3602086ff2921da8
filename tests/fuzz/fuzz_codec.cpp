// libFuzzer target: the first byte draws the version, the second the cutting, the rest is a stream of packets.
#include "tests/vectors/invariants.h"

#include <cstdio>
#include <cstdlib>

using namespace sessionscope;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    constexpr std::size_t header = 2;
    if (size < header)
        return 0;
    constexpr Version versions[] = {Version::V5, Version::V311, Version::V31};
    const QByteArray stream(reinterpret_cast<const char *>(data) + header, qsizetype(size - header));
    const auto broken = vectors::brokenInvariant(stream, versions[data[0] % std::size(versions)], data[1]);
    if (!broken.isEmpty()) {
        std::fprintf(stderr, "%s\n", broken.constData());
        std::abort();
    }
    return 0;
}
