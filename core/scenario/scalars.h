// The single values of the scenario language: their shapes, and the readers that turn a node of that shape into a
// value. A reader of a node that does not have the shape gives a default: the problem has been told by then.
#pragma once

#include "core/scenario/shape.h"

#include "core/base/instant.h"
#include "core/mqtt/packet.h"

namespace sessionscope {

const Shape &textShape();
const Shape &flagShape();
/// A whole number of at least 0.
const Shape &countShape();
/// A whole number within a range of the protocol.
Shape numberShape(qint64 least, qint64 most, const QString &what);
/// With its unit; "never" is Duration::max().
const Shape &durationShape();
/// Whole seconds of a protocol field, or "never".
const Shape &secondsShape();
/// Whole seconds that a Keep Alive can hold.
const Shape &keepAliveShape();
const Shape &qosShape();
const Shape &versionShape();
/// A reason code by the standard's name in snake_case, or by its number.
const Shape &reasonShape();
const Shape &statementShape();
const Shape &hexShape();
const Shape &base64Shape();

bool readFlag(const Node &node);
qint64 readCount(const Node &node);
Duration readDuration(const Node &node);
quint32 readSeconds(const Node &node);
Qos readQos(const Node &node);
Version readVersion(const Node &node);
QByteArray readText(const Node &node);
ReasonCode readReason(const Node &node);
/// By the standard's name; Reserved for any other text.
PacketType packetTypeOf(const QString &name);
/// Bytes of hex digits; spaces and line breaks between them do not count.
std::optional<QByteArray> readHex(const QString &text);

/// "1h30min", "250ms", "never" for Duration::max().
QString spanText(Duration duration);

} // namespace sessionscope
