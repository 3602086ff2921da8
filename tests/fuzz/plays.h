// One input played to its end: a stream of packets against codec and rules, strangers against the broker, a strange
// server against our client. libFuzzer runs them on what it makes up, and a test on a fixed number of seeds, so that
// they run everywhere.
#pragma once

#include <QByteArray>

namespace sessionscope::fuzz {

/// What was broken, or empty. The bytes are choices, never packets: every input is worth playing.
QByteArray playPackets(QByteArrayView input);
QByteArray playBroker(QByteArrayView input);
QByteArray playClient(QByteArrayView input);

} // namespace sessionscope::fuzz
