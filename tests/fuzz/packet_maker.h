// Whole packets from choices: mostly what a peer would send, now and then a field, a property, a flag or a byte of it
// that it must not.
#pragma once

#include "core/mqtt/codec.h"
#include "tests/fuzz/choices.h"

namespace sessionscope::fuzz {

/// A topic filter, seldom an ill-formed one.
QByteArray drawFilter(Choices &choices);
/// One of a few topics, so that they meet.
QByteArray drawTopic(Choices &choices);

/// An acceptable CONNECT of one of few clients.
ConnectPacket drawConnect(Choices &choices, Version version);
/// Any packet that this sender may send, and now and then one that it may not.
Packet drawPacket(Choices &choices, Version version, Sender sender);
/// The packet's bytes, seldom damaged.
QByteArray drawBytes(Choices &choices, const Packet &packet, Version version);

} // namespace sessionscope::fuzz
