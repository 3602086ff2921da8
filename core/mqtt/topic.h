// Topic Names and Topic Filters: what is well formed, what matches what (v5 §4.7, wire-format §6).
#pragma once

#include <QByteArray>
#include <QByteArrayView>

#include <optional>

namespace sessionscope {

/// Well-formed UTF-8 of any length (RFC 3629): no surrogates, no over-long forms; U+0000 is let through.
bool isUtf8(QByteArrayView text);

/// UTF-8 as MQTT wants it: well formed, no surrogates, no U+0000 (MQTT-1.5.4-1, MQTT-1.5.4-2). At most 65 535 bytes.
bool isMqttString(QByteArrayView text);

/// 1 to 65 535 bytes without wildcard (MQTT-4.7.3-1, MQTT-3.3.2-2). Does not look at the encoding.
bool isTopicName(QByteArrayView name);

/// A quick yes for nearly all names: ASCII without U+0000, + and #. A no says nothing.
bool isPlainTopic(QByteArrayView name);

/// 1 to 65 535 bytes, wildcards where they may stand (MQTT-4.7.1-1, -2). For a shared one: its inner filter too.
bool isTopicFilter(QByteArrayView filter);

bool hasWildcard(QByteArrayView filter);

/// A # that is not alone on the last level (MQTT-4.7.1-1).
bool hasMisplacedHash(QByteArrayView filter);

/// A + that does not fill its level (MQTT-4.7.1-2).
bool hasMisplacedPlus(QByteArrayView filter);

/// Whether a filter without $share part matches name (MQTT-4.7.2-1 for $-topics).
bool filterMatches(QByteArrayView filter, QByteArrayView name);

/// $share/NAME/FILTER taken apart; nothing when the filter is not of this form (v5 §4.8.2).
struct SharedFilter
{
    QByteArrayView shareName;
    QByteArrayView filter;
};
std::optional<SharedFilter> parseSharedFilter(QByteArrayView filter);

/// True for any filter that begins with "$share/", well formed or not.
bool isSharedFilter(QByteArrayView filter);

} // namespace sessionscope
