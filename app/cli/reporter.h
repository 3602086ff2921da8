// What `connect` prints: text for people, or JSON lines for programs.
#pragma once

#include "core/trace/session_view.h"

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

    /// Prints what of this record was asked for.
    void record(const TraceRecord &record, const QString &who) const;
    /// The client's end, and the broker's when it can be seen.
    void state(const LabView &view, bool isBrokerVisible) const;
    /// A line for people, on standard error.
    void note(const QString &text) const;

private:
    void connack(const ConnackPacket &connack, Version version, Instant at) const;
    void message(const PublishPacket &publish, Instant at) const;

    Format m_format;
    bool m_showPackets;
};

} // namespace sessionscope::cli
