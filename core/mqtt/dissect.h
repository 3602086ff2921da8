// Which bytes of a frame mean what: the field spans behind the detail and hex views.
// The spans of depth 0 follow each other without gap or overlap from the first byte to the last.
// Passwords and authentication data are told by their size only.
#pragma once

#include "core/mqtt/packet.h"

#include <QByteArray>
#include <QList>

namespace sessionscope {

struct FieldSpan
{
    qsizetype offset = 0; ///< from the first byte of the frame
    qsizetype length = 0;
    int depth = 0;      ///< 0 for a field of the packet, 1 inside a list or flag byte, 2 inside a User Property
    QByteArray name{};  ///< the standard's name
    QByteArray value{}; ///< readable, English, numbers in decimal with hexadecimal where the standard prints it
    bool operator==(const FieldSpan &) const = default;
};

/// How many bytes of a payload or of binary data a value shows, unless more are asked for.
inline constexpr qsizetype longestPreview = 256;

/// Every field in wire order. A frame that stops being readable gets a last span "Malformed" over the rest; there is
/// one exactly when decode refuses the frame.
/// Of payloads and binary data, values show this many bytes at most.
QList<FieldSpan> dissect(const QByteArray &frame, Version version, qsizetype longest = longestPreview);

/// What stands in a frame instead of each byte of a secret.
inline constexpr char secretMask = '*';

/// The frame with every byte of a password or of Authentication Data masked, and of the same size. Where a CONNECT,
/// CONNACK or AUTH stops being readable, all that follows is masked, because nobody can say what it is.
QByteArray withoutSecrets(QByteArray frame, Version version);

/// The frames that bytes begin with, one after the other; the last one may be cut short or be no frame at all.
QList<QByteArray> framesIn(const QByteArray &bytes);
/// Whether a frame is as long as its fixed header says.
bool isWholeFrame(const QByteArray &frame);

} // namespace sessionscope
