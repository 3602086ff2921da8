// What people write, on a command line or in a file, turned into values. Every error says what was given and what was
// expected.
#pragma once

#include "core/base/instant.h"
#include "core/base/result.h"
#include "core/session/client_session.h"

#include <QString>
#include <QStringList>

#include <optional>

namespace sessionscope {

/// Why a text is not a value.
struct UsageError
{
    QString text;
};

/// "text" is not expected.
UsageError wrongValue(const QString &text, const QString &expected);

template<class T> using Parsed = Result<T, UsageError>;

/// "250ms", "2s", "5min", "1h", "1h30min"; a plain number only when it is 0.
Parsed<Duration> parseDuration(const QString &text);

/// Whole seconds for a field of the protocol: a plain number, a duration, or "never" for 0xFFFFFFFF where allowed.
enum class Never : quint8
{
    NotAllowed,
    Allowed
};
Parsed<quint32> parseSeconds(const QString &text, quint32 maximum, Never never = Never::NotAllowed);

Parsed<qint64> parseNumber(const QString &text, qint64 minimum, qint64 maximum);

/// "0" or "1".
Parsed<bool> parseFlag(const QString &text);

/// "true" or "yes", "false" or "no".
Parsed<bool> parseSwitch(const QString &text);

/// "1000", "64KiB", "64MiB", "1GiB".
Parsed<qint64> parseBytes(const QString &text, qint64 minimum, qint64 maximum);
/// What parseBytes() takes, in the largest unit that fits without rest.
QString bytesText(qint64 bytes);
/// What parseSeconds() takes: "1h30min", "0", "never".
QString durationText(quint32 seconds);

/// "5", "3.1.1", "3.1".
Parsed<Version> parseVersion(const QString &text);

/// FILTER[:QOS], QoS 0 when it is not given.
Parsed<SubscribePacket::Entry> parseSubscription(const QString &text);

/// TOPIC[:QOS[r]]=PAYLOAD; r sets RETAIN.
Parsed<Message> parsePublish(const QString &text);

/// PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK, UNSUBACK, joined by +; or none.
Parsed<std::vector<PacketType>> parseAcknowledgements(const QString &text);

/// NAME=VALUE.
Parsed<StringPair> parseUserProperty(const QString &text);

/// "normal", "with-will", or a number such as 0x04 or 4.
Parsed<ReasonCode> parseReason(const QString &text);

/// The known word that differs least from word, when it is close enough to have been meant; else empty.
QString nearest(const QString &word, const QStringList &known);
/// " Did you mean X?", or nothing.
QString didYouMean(const QString &word, const QStringList &known);

} // namespace sessionscope
