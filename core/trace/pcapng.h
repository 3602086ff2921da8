// A recording as a capture file, for Wireshark, tshark and whatever else reads pcapng. Every connection becomes a TCP
// conversation with port 1883 between addresses of 10.0.0.0/8 that carry the clients' names; the bytes in it are those
// that passed, faults included, and what was done on purpose or broken stands beside them as comments. Secrets are
// masked as in the recording.
#pragma once

#include "core/trace/recording.h"

namespace sessionscope {

/// The end of each connection that is a client's of the recording, and connections of the broker with others.
QByteArray writePcapng(const Recording &recording);

} // namespace sessionscope
