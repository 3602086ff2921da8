// Values of the core as words for people: times, sizes, expiry intervals, states. The one place where a state gets its
// name. Terms that the standard prints (PUBACK, Clean Start) stay as they are in every language.
#pragma once

#include "core/base/instant.h"
#include "core/mqtt/packet.h"
#include "core/session/client_session.h"

#include <QString>

#include <optional>

namespace sessionscope::words {

QString connection(ClientConnection state);
/// "MQTT 5.0"
QString version(Version version);
/// "QoS 1"
QString qos(Qos qos);
/// "PUBACK"
QString packet(PacketType type);
/// "0x8E Session taken over"; in is the packet that carries the code.
QString reason(ReasonCode code, PacketType in);
/// The CONNACK's answer in the words of its version.
QString connackReason(quint8 reason, Version version);
QString sessionEnd(SessionEnd why);

/// Time since the lab's start, "00:14:12.300".
QString clock(Instant at);
/// A span as a person reads it: "0.4 s", "12.3 s", "02:14", "1:02:14", "3 d 02:14:00". Negative spans read as zero.
QString span(Duration length);
/// Whole seconds in the largest unit that fits without a rest: "3600 s" is "1 h", "90 s" stays "90 s".
QString seconds(quint32 count);
/// A Session Expiry Interval: "absent", "0", "1 h (3600 s)", "never expires".
QString expiry(std::optional<quint32> interval);

/// "41 B", "1.2 KiB"
QString bytes(qint64 count);
/// Bytes that should be UTF-8, on one line, with what cannot be shown replaced.
QString text(const QByteArray &utf8);
/// The start of a payload on one line: as text when it is text, else as hexadecimal.
QString payloadPreview(const QByteArray &payload, qsizetype limit = 96);
/// All of it, with its lines as they are: as text when it is text, else as hexadecimal.
QString payloadInFull(const QByteArray &payload);
/// "NL RAP RH1": the options of a subscription that are not the default; "shared" for a shared one.
QString subscriptionOptions(const QByteArray &filter, const SubscriptionOptions &options);

} // namespace sessionscope::words
