// What a set of connect values will do, in words: at CONNECT, when the connection closes, when it breaks; and advice.
// A pure function of its arguments, so that every combination can be put into a table and tested.
#pragma once

#include "ui/connect/connect_values.h"

#include <QStringList>

namespace sessionscope {

/// What is known beside the values themselves.
struct ForecastContext
{
    bool hasOwnSession = false;    ///< this client remembers a session that has not ended
    bool hasSubscriptions = false; ///< it has subscribed to something
    QStringList othersWithSameId;  ///< names of other profiles with this Client ID at the same broker
    bool operator==(const ForecastContext &) const = default;
};

struct Forecast
{
    QString atConnect;
    QString atClose;
    QString atBreak; ///< about the will; empty without one
    QStringList advice;

    /// The first three as one paragraph.
    QString sentence() const;
};

/// Below this many seconds an ordinary reconnect may come too late.
inline constexpr quint32 shortExpirySeconds = 30;
/// Above this many seconds sessions of clients that never return pile up at a broker.
inline constexpr quint32 longExpirySeconds = 7 * 24 * 3600;

Forecast forecast(const ConnectValues &values, const ForecastContext &context = {});

} // namespace sessionscope
