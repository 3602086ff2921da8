// What holds for the codec whatever bytes arrive: the one judge of the fuzzer and of the seeded mutations.
#pragma once

#include "core/mqtt/types.h"

#include <QByteArray>

namespace sessionscope::vectors {

/// Treats bytes as a stream of packets and as one frame. Returns what does not hold, empty when all does:
/// - the framer gives the same frames whole and in pieces drawn from seed,
/// - a frame that decodes is encoded to bytes that decode to the same packet and are as long as foretold,
/// - dissect accounts for every byte and calls malformed exactly what decode refuses,
/// - nothing crashes, the rules for either sender included.
QByteArray brokenInvariant(const QByteArray &bytes, Version version, quint32 seed);

} // namespace sessionscope::vectors
