// Payloads that do not stand in the file as they are sent: what another file holds, and values written as JSON.
#pragma once

#include "core/scenario/read_scenario.h"
#include "core/scenario/shape.h"

namespace sessionscope {

/// The largest payload that a file may hold.
inline constexpr qsizetype payloadFileLimit = documentBytesLimit;

/// Anything that JSON can say.
const Shape &jsonShape();
/// Compact JSON; keys keep their order. What is quoted is a string, and so is what JSON has no other word for.
QByteArray readJson(const Node &node);

/// Replaces { file: … } under what a client sends by the bytes of the file, as { base64: … }.
void takeInPayloads(Node &root, const LoadFile &load, Problems &problems);

} // namespace sessionscope
