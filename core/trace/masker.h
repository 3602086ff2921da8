// Bytes of a trace without the secrets in them, for files. Private to core/trace.
#pragma once

#include "core/trace/trace_record.h"

#include <set>
#include <unordered_map>

namespace sessionscope {

/// Looks at the records of a trace in their order. Masks secrets in packets, and in the bytes that a fault has made of
/// one.
class Masker
{
public:
    /// bytes: of a packet, or of what went on instead of one. The result has the same size.
    QByteArray masked(const TraceRecord &record, const QByteArray &bytes);

private:
    QByteArray maskedFrames(LinkId link, const QByteArray &bytes);

    std::set<LinkId> m_isWithinSecret;               ///< links on which a packet that may hold one was sent in parts
    std::unordered_map<quint32, Version> m_versions; ///< by link
    std::unordered_map<quint64, std::pair<QByteArray, QByteArray>> m_secrets; ///< by record: as it was, and masked
};

} // namespace sessionscope
