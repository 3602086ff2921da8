#include "core/trace/masker.h"

#include "core/mqtt/dissect.h"

namespace sessionscope {

namespace {

bool mayHoldSecrets(const QByteArray &frame)
{
    const auto type = PacketType(quint8(frame.front()) >> 4);
    return type == PacketType::Connect || type == PacketType::Auth;
}

} // namespace

QByteArray Masker::masked(const TraceRecord &record, const QByteArray &bytes)
{
    if (const auto *trace = std::get_if<PacketTrace>(&record.what)) {
        m_versions[record.link.value] = trace->version;
        QByteArray safe = withoutSecrets(bytes, trace->version);
        if (safe != bytes)
            m_secrets[record.seq.value] = {bytes, safe};
        return safe;
    }
    QByteArray safe = maskedFrames(record.link, bytes);
    const auto cause = m_secrets.find(record.cause.value);
    if (cause == m_secrets.end())
        return safe;
    // A byte that was changed may have made another packet of it, or a password that is nearly the one.
    const auto &[plain, hidden] = cause->second;
    for (qsizetype i = 0; i < qMin(hidden.size(), safe.size()); ++i) {
        if (plain.at(i) != hidden.at(i))
            safe[i] = secretMask;
    }
    return safe;
}

/// What a user sends may be several packets, or a part of one.
QByteArray Masker::maskedFrames(LinkId link, const QByteArray &bytes)
{
    if (m_isWithinSecret.contains(link))
        return QByteArray(bytes.size(), secretMask);
    const auto version = m_versions.find(link.value);
    QByteArray safe;
    for (const QByteArray &frame : framesIn(bytes)) {
        safe += withoutSecrets(frame, version == m_versions.end() ? Version::V5 : version->second);
        if (!isWholeFrame(frame) && mayHoldSecrets(frame))
            m_isWithinSecret.insert(link);
    }
    return safe;
}

} // namespace sessionscope
