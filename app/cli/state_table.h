// Both ends of a session side by side, as text.
#pragma once

#include "core/trace/session_view.h"

#include <QString>

namespace sessionscope::cli {

/// What the right column says about a session that cannot be seen, or is not there.
enum class OtherEnd : quint8
{
    Visible,   ///< the bundled broker's; no session means that there is none
    Invisible, ///< another broker's
};

/// Several lines; server is nullptr when the broker has no session for the client.
QString stateTable(const ClientView &client, const ServerSessionView *server, OtherEnd otherEnd, Instant now);

/// The session that the broker keeps for this client; nullptr when there is none.
const ServerSessionView *sessionOf(const ClientView &client, const BrokerView &broker);

} // namespace sessionscope::cli
