// What `connect` prints: text for people, or JSON lines for programs.
#pragma once

#include "core/trace/masker.h"
#include "core/trace/session_view.h"

#include <QJsonObject>

namespace sessionscope::cli {

enum class Format : quint8
{
    Text,
    Json
};

class Reporter
{
public:
    Reporter(Format format, bool showPackets) : m_format(format), m_showPackets(showPackets) {}

    /// Prints what of this record was asked for. Wants every record of the trace, in order.
    void record(const TraceRecord &record, const QString &who);
    /// The client's end, and the broker's when it can be seen.
    void state(const LabView &view, bool isBrokerVisible) const;
    /// A line for people, on standard error.
    void note(const QString &text) const;

private:
    void connack(const ConnackPacket &connack, Version version, Instant at) const;
    void message(const PublishPacket &publish, Instant at) const;
    void print(const QString &text) const;
    void print(const QJsonObject &object) const;

    Format m_format;
    bool m_showPackets;
    Masker m_masker;
};

} // namespace sessionscope::cli
