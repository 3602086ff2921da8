// What a finding says to people: what was wrong, whose doing it was, how grave, and what the receiver had to do.
#pragma once

#include "core/trace/trace_record.h"

#include <QString>

namespace sessionscope {

struct ShownFinding
{
    rules::Finding finding;
    PacketType packet = PacketType::Reserved; ///< that it is about; Reserved: not known
    Version version = Version::V5;            ///< of the connection, where packet is known
    std::optional<Handling> handling = {};    ///< what the bundled broker did about it, where the record tells

    /// The statement's id; empty where the standard gives no number, or no statement is broken.
    QString statementId() const;
};

/// Nothing in a record of something else.
std::optional<ShownFinding> findingIn(const TraceRecord &record);

/// "QoS of 3 [MQTT-x.y.z-n]"; without brackets where no statement is broken.
QString findingText(const rules::Finding &finding);

/// A line each: title and words.
QList<std::pair<QString, QString>> findingLines(const ShownFinding &seen);

} // namespace sessionscope
