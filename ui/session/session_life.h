// How long a session has lived and will live, as words and as the filled share of a bar.
// A pure function: the header's countdown and the session list's both come from here.
#pragma once

#include "core/trace/session_view.h"
#include "ui/common/pill.h"

#include <QString>

namespace sessionscope {

struct SessionLife
{
    QString caption; ///< "Session alive", "Session kept", "No session", "Offline for"
    QString age;     ///< empty without a session
    QString end;     ///< "would expire 1 h after the connection closes"
    QString brief;   ///< "expires in 20:14": for narrow places
    qreal share = 0; ///< of the bar that is filled
    Tone tone = Tone::Neutral;
};

/// What the broker says about its end of a session. Its age is that of the current connection or absence.
SessionLife lifeOf(const ServerSessionView &session, Instant now);

/// What the client expects, where the broker cannot be seen.
SessionLife lifeOf(const ClientView &client, Instant now);

} // namespace sessionscope
