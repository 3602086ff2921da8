// One line of text for a record, for command lines, logs and reports: English, stable, without secrets.
// Passwords and authentication data are never in it; a payload is shown as text when it is printable UTF-8.
#pragma once

#include "core/trace/trace_record.h"

#include <QString>

namespace sessionscope {

/// Characters, or bytes of a binary payload, that a line shows before it says "… n bytes".
inline constexpr qsizetype payloadTextLimit = 48;

/// Seconds since the lab's start with microseconds, "12.000345".
QString instantText(Instant at);

/// "1h", "90s", "1h 30min", "never" for sessionNeverExpires.
QString secondsText(quint32 seconds);

/// Quoted text, or hex for anything that is not printable UTF-8; cut at limit with the full size behind.
QString payloadText(const QByteArray &payload, qsizetype limit = payloadTextLimit);

/// The packet without time and direction: 'PUBLISH #5 QoS 1 DUP "a/b": "text"'.
QString packetText(const Packet &packet, Version version);

/// ', Reason String "text"' for each of them.
QString propertiesText(const Properties &properties);

/// The standard's words for the reason, with its number: "Not authorized (0x87)".
QString reasonText(ReasonCode reason, PacketType in);
/// The same for CONNACK, whose codes differ between the versions.
QString connackReasonText(quint8 reason, Version version);

/// Several of them, one a filter.
QString reasonsText(const QList<ReasonCode> &reasons, PacketType in);

QString sessionEndText(SessionEnd why);
QString dropCauseText(DropCause cause);
QString linkChangeText(LinkChange change);
QString faultActText(FaultAct act);

/// What happened without time and owner: arrow and packet, or a phrase.
QString eventText(const TraceRecord &record);

/// The whole line: time, owner, event. who names the client; records of the broker say "broker" and the link.
QString recordText(const TraceRecord &record, const QString &who);

} // namespace sessionscope
