// Views and records as JSON, for `--json` and reports. Names are snake_case as in scenarios; times are seconds.
// What is secret is left out, as in text.h.
#pragma once

#include "core/trace/session_view.h"

#include <QJsonObject>

#include <functional>

namespace sessionscope {

/// A deadline is given as the seconds left at now.
QJsonObject toJson(const ClientView &view, Instant now);
QJsonObject toJson(const ServerSessionView &view, Instant now);
/// Without its sessions' lists cut further than the view did; totals count everything.
QJsonObject toJson(const BrokerView &view, Instant now);
QJsonObject toJson(const LabView &view);

QJsonObject toJson(const Packet &packet, Version version);

/// One record: seq, cause, at, who, kind, text, and the packet's fields when it is one.
QJsonObject toJson(const TraceRecord &record, const QString &who);

/// The value with every text in it changed; keys stay.
QJsonValue withTexts(const QJsonValue &value, const std::function<QString(const QString &)> &change);

} // namespace sessionscope
