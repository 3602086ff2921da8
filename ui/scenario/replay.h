// Whether a recorded scenario does again what was recorded, tried at once.
#pragma once

#include "core/scenario/recorder.h"
#include "ui/common/pill.h"

namespace sessionscope {

struct Replay
{
    QString text;
    Tone tone = Tone::Neutral; ///< Good: it passed. Bad: it did not. Neutral: it was not tried, and text says why.
};

/// Steps of a recording that is tried at once; a longer one would hold the window up.
inline constexpr std::size_t replayStepLimit = 500;

/// Plays the recording's file on the virtual clock where every client of it connects to the bundled broker.
Replay replayOf(const Recorder &recording);

} // namespace sessionscope
