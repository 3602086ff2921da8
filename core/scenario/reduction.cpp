#include "core/scenario/reduction.h"

#include "core/scenario/scalars.h"

namespace sessionscope {

std::optional<RunParts> without(RunParts parts, const Omission &omission)
{
    quint32 &nth = parts.points.front().match.nth;
    if (omission.counting == Counting::OneFewer && nth <= 1)
        return std::nullopt;
    if (omission.counting == Counting::OneFewer)
        --nth;
    parts.script.steps.erase(parts.script.steps.begin() + std::ptrdiff_t(omission.step));
    return parts;
}

Duration waitsOf(const std::vector<Node> &steps)
{
    Duration all{};
    for (const Node &step : steps) {
        if (const Node *wait = step.find(u"wait"))
            all += readDuration(*wait);
    }
    return all;
}

} // namespace sessionscope
